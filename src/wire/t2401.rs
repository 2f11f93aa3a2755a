//! 2401 入院办理, 2403 住院信息变更 and 2404 入院撤销 (interface reference, 3.8).

use serde::{Deserialize, Serialize};
use zhijie_model::{Admission, Payer, Private, VisitId};

use crate::context::{Context, Extension, Identity, credential_code};
use crate::envelope::Output;
use crate::message::{EncodeError, filled, given, wall_clock};
use crate::scalar::{Text, at};
use crate::stay_nodes::{
    DiagnosisNode, DirectoryNode, MaternityNode, VisitorNode, diagnoses, directory, main_of, maternity,
    visitor,
};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct AdmitInput<'a> {
    mdtrtinfo: Admit<'a>,
    diseinfo: Vec<DiagnosisNode<'a>>,
}

#[derive(Serialize)]
struct Admit<'a> {
    psn_no: &'a str,   // 人员编号
    insutype: &'a str, // 险种类型
    #[serde(flatten)]
    contact: Contact<'a>,
    begntime: String,         // 开始时间
    mdtrt_cert_type: &'a str, // 就诊凭证类型
    mdtrt_cert_no: &'a str,   // 就诊凭证编号
    med_type: &'a str,        // 医疗类别
    ipt_no: &'a str,          // 住院号
    #[serde(flatten)]
    place: Place<'a>,
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    visitor: VisitorNode<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
pub(crate) struct ChangeInput<'a> {
    adminfo: Change<'a>,
    diseinfo: Vec<DiagnosisNode<'a>>,
}

/// The members of an admission under the platform's id, without insurance type and credential number.
#[derive(Serialize)]
struct Change<'a> {
    mdtrt_id: &'a str, // 就诊ID
    psn_no: &'a str,   // 人员编号
    #[serde(flatten)]
    contact: Contact<'a>,
    begntime: String,         // 开始时间
    mdtrt_cert_type: &'a str, // 就诊凭证类型
    med_type: &'a str,        // 医疗类别
    ipt_otp_no: &'a str,      // 住院/门诊号
    #[serde(flatten)]
    place: Place<'a>,
    #[serde(flatten)]
    visitor: VisitorNode<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
struct Contact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    coner_name: Option<&'a str>, // 联系人姓名
    #[serde(skip_serializing_if = "Option::is_none")]
    tel: Option<&'a str>, // 联系电话
}

/// Where and why: what admission and change have in common.
#[derive(Serialize)]
struct Place<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    medrcdno: Option<&'a str>, // 病历号
    atddr_no: &'a str,           // 医师编码
    chfpdr_name: &'a str,        // 主诊医师姓名
    adm_diag_dscr: &'a str,      // 入院诊断描述
    adm_dept_codg: &'a str,      // 入院科室编码
    adm_dept_name: &'a str,      // 入院科室名称
    adm_bed: &'a str,            // 入院床位
    dscg_maindiag_code: &'a str, // 住院主诊断代码
    dscg_maindiag_name: &'a str, // 住院主诊断名称
    #[serde(skip_serializing_if = "Option::is_none")]
    main_cond_dscr: Option<&'a str>, // 主要病情描述
    #[serde(flatten)]
    directory: DirectoryNode<'a>,
    #[serde(flatten)]
    maternity: MaternityNode<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_type_code: Option<&'a str>, // 病种类型
}

#[derive(Serialize)]
pub(crate) struct UndoInput<'a> {
    data: Undo<'a>,
}

#[derive(Serialize)]
struct Undo<'a> {
    mdtrt_id: &'a str, // 就诊ID
    psn_no: &'a str,   // 人员编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn admit<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    admission: &'a Admission,
) -> Result<AdmitInput<'a>, EncodeError> {
    let proof = context.proof()?;
    Ok(AdmitInput {
        mdtrtinfo: Admit {
            psn_no: payer.number.as_str(),
            insutype: payer.insurance.as_str(),
            contact: contact(admission),
            begntime: wall_clock(admission.began),
            mdtrt_cert_type: proof.kind,
            mdtrt_cert_no: proof.number,
            med_type: context.visit_kind(payer, &admission.kind),
            ipt_no: admission.number.as_str(),
            place: place(admission)?,
            identity: context.stay_identity(payer)?,
            visitor: visitor(context, payer, admission),
            extension: context.extension(),
        },
        diseinfo: diagnoses(payer, None, &admission.diagnoses)?,
    })
}

pub(crate) fn change<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    admission: &'a Admission,
) -> Result<ChangeInput<'a>, EncodeError> {
    Ok(ChangeInput {
        adminfo: Change {
            mdtrt_id: visit_id.as_str(),
            psn_no: payer.number.as_str(),
            contact: contact(admission),
            begntime: wall_clock(admission.began),
            mdtrt_cert_type: credential_code(
                payer.credential,
                &payer.certificate_kind,
                &context.profile.papers,
            ),
            med_type: context.visit_kind(payer, &admission.kind),
            ipt_otp_no: admission.number.as_str(),
            place: place(admission)?,
            visitor: visitor(context, payer, admission),
            extension: context.extension(),
        },
        diseinfo: diagnoses(payer, Some(visit_id.as_str()), &admission.diagnoses)?,
    })
}

fn contact(admission: &Admission) -> Contact<'_> {
    Contact {
        coner_name: admission.contact.as_ref().map(Private::reveal).and_then(given),
        tel: admission.phone.as_ref().map(Private::reveal).and_then(given),
    }
}

fn place(admission: &Admission) -> Result<Place<'_>, EncodeError> {
    let main = main_of(&admission.diagnoses)?;
    let name = filled("dscg_maindiag_name", &main.name)?;
    Ok(Place {
        medrcdno: admission.extras.record.as_deref().and_then(given),
        atddr_no: filled("atddr_no", &admission.doctor.code)?,
        chfpdr_name: filled("chfpdr_name", &admission.doctor.name)?,
        adm_diag_dscr: name,
        adm_dept_codg: filled("adm_dept_codg", &admission.department.code)?,
        adm_dept_name: filled("adm_dept_name", &admission.department.name)?,
        adm_bed: filled("adm_bed", &admission.bed)?,
        dscg_maindiag_code: filled("dscg_maindiag_code", &main.code)?,
        dscg_maindiag_name: name,
        main_cond_dscr: given(&admission.complaint),
        directory: directory(admission),
        maternity: maternity(admission.extras.maternity.as_deref()),
        dise_type_code: admission.extras.disease_sort.as_deref().and_then(given),
    })
}

/// 2404, and with the same members 2405 出院撤销. No output.
pub(crate) fn undo<'a>(context: &Context<'a>, payer: &'a Payer, visit_id: &'a VisitId) -> UndoInput<'a> {
    UndoInput {
        data: Undo {
            mdtrt_id: visit_id.as_str(),
            psn_no: payer.number.as_str(),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "result";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Admitted {
    mdtrt_id: Text, // 就诊ID
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Nodes {
    result: Option<Admitted>,
}

/// The platform's id of the stay.
pub(crate) fn read(output: &Output) -> Result<VisitId, Unreadable> {
    let nodes: Nodes = output.read(NODE)?;
    let result = nodes.result.ok_or(Unreadable::NodeMissing { node: NODE })?;
    result.mdtrt_id.need_id(at(NODE, "mdtrt_id"), VisitId::new)
}
