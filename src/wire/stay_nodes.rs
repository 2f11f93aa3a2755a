//! Nodes that the transactions of a stay share: diagnoses, maternity, and what only visitors are asked.

use jiff::civil::Date;
use serde::Serialize;
use zhijie_model::{Admission, Diagnosis, DiagnosisKind, Distance, Maternity, Payer, Private};

use crate::context::{Context, Identity};
use crate::message::{EncodeError, filled, given, wall_clock};

/// One diagnosis of 2401, 2402 or 2403 (interface reference, 3.4 and 3.8).
#[derive(Serialize)]
pub(crate) struct DiagnosisNode<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mdtrt_id: Option<&'a str>, // 就诊ID, once there is one
    psn_no: &'a str,             // 人员编号
    diag_type: &'static str,     // 诊断类别
    maindiag_flag: &'static str, // 主诊断标志
    diag_srt_no: u8,             // 诊断排序号
    diag_code: &'a str,          // 诊断代码
    diag_name: &'a str,          // 诊断名称
    #[serde(skip_serializing_if = "Option::is_none")]
    adm_cond: Option<&'a str>, // 入院病情
    diag_dept: &'a str,          // 诊断科室
    dise_dor_no: &'a str,        // 诊断医生编码
    dise_dor_name: &'a str,      // 诊断医生姓名
    diag_time: String,           // 诊断时间
}

pub(crate) fn diagnoses<'a>(
    payer: &'a Payer,
    visit_id: Option<&'a str>,
    diagnoses: &'a [Diagnosis],
) -> Result<Vec<DiagnosisNode<'a>>, EncodeError> {
    let main = main_of(diagnoses)?.rank;
    let node = |diagnosis: &'a Diagnosis| {
        Ok(DiagnosisNode {
            mdtrt_id: visit_id,
            psn_no: payer.number.as_str(),
            diag_type: match diagnosis.kind {
                DiagnosisKind::Western => "1",
                DiagnosisKind::ChineseDisease => "2",
                DiagnosisKind::ChineseSyndrome => "3",
            },
            maindiag_flag: flag(diagnosis.rank == main),
            diag_srt_no: diagnosis.rank,
            diag_code: filled("diag_code", &diagnosis.code)?,
            diag_name: filled("diag_name", &diagnosis.name)?,
            adm_cond: diagnosis.admission_condition.as_deref().and_then(given),
            diag_dept: filled("diag_dept", &diagnosis.department)?,
            dise_dor_no: filled("dise_dor_no", &diagnosis.doctor.code)?,
            dise_dor_name: filled("dise_dor_name", &diagnosis.doctor.name)?,
            diag_time: wall_clock(diagnosis.at),
        })
    };
    diagnoses.iter().map(node).collect()
}

/// The first diagnosis in rank; a stay has one.
pub(crate) fn main_of(diagnoses: &[Diagnosis]) -> Result<&Diagnosis, EncodeError> {
    let main = diagnoses.iter().min_by_key(|diagnosis| diagnosis.rank);
    main.ok_or(EncodeError::MemberEmpty("diseinfo"))
}

pub(crate) const fn flag(yes: bool) -> &'static str {
    if yes { "1" } else { "0" }
}

pub(crate) fn day(date: Date) -> String {
    date.strftime("%Y-%m-%d").to_string()
}

/// Disease and operation of the directory a stay is settled under.
#[derive(Serialize)]
pub(crate) struct DirectoryNode<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_codg: Option<&'a str>, // 病种编码
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_name: Option<&'a str>, // 病种名称
    #[serde(skip_serializing_if = "Option::is_none")]
    oprn_oprt_code: Option<&'a str>, // 手术操作代码
    #[serde(skip_serializing_if = "Option::is_none")]
    oprn_oprt_name: Option<&'a str>, // 手术操作名称
}

pub(crate) fn directory(admission: &Admission) -> DirectoryNode<'_> {
    let disease = admission.disease.as_ref();
    let operation = admission.extras.operation.as_ref();
    DirectoryNode {
        dise_codg: disease.map(|disease| disease.code.as_str()),
        dise_name: disease.map(|disease| disease.name.as_str()),
        oprn_oprt_code: operation.map(|operation| operation.code.as_str()),
        oprn_oprt_name: operation.map(|operation| operation.name.as_str()),
    }
}

/// Birth and birth control; every member left out where the stay has nothing to do with them.
#[derive(Default, Serialize)]
pub(crate) struct MaternityNode<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    fpsc_no: Option<&'a str>, // 计划生育服务证号
    #[serde(skip_serializing_if = "Option::is_none")]
    matn_type: Option<&'a str>, // 生育类别
    #[serde(skip_serializing_if = "Option::is_none")]
    birctrl_type: Option<&'a str>, // 计划生育手术类别
    #[serde(skip_serializing_if = "Option::is_none")]
    latechb_flag: Option<&'static str>, // 晚育标志
    #[serde(skip_serializing_if = "Option::is_none")]
    geso_val: Option<u8>, // 孕周数
    #[serde(skip_serializing_if = "Option::is_none")]
    fetts: Option<u8>, // 胎次
    #[serde(skip_serializing_if = "Option::is_none")]
    fetus_cnt: Option<u8>, // 胎儿数
    #[serde(skip_serializing_if = "Option::is_none")]
    pret_flag: Option<&'static str>, // 早产标志
    #[serde(skip_serializing_if = "Option::is_none")]
    birctrl_matn_date: Option<String>, // 计划生育手术或生育日期
}

pub(crate) fn maternity(told: Option<&Maternity>) -> MaternityNode<'_> {
    let Some(told) = told else {
        return MaternityNode::default();
    };
    MaternityNode {
        fpsc_no: told.certificate.as_ref().map(Private::reveal),
        matn_type: told.kind.as_deref(),
        birctrl_type: told.control.as_deref(),
        latechb_flag: told.late.map(flag),
        geso_val: told.weeks,
        fetts: told.pregnancies,
        fetus_cnt: told.children,
        pret_flag: told.premature.map(flag),
        birctrl_matn_date: told.on.map(day),
    }
}

/// What is told of patients insured in another city or province, and of nobody else.
#[derive(Default, Serialize)]
pub(crate) struct VisitorNode<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    trum_flag: Option<&'static str>, // 外伤标志
    #[serde(skip_serializing_if = "Option::is_none")]
    rel_ttp_flag: Option<&'static str>, // 涉及第三方标志
    #[serde(skip_serializing_if = "Option::is_none")]
    mdtrt_grp_type: Option<&'a str>, // 就诊人群类型
}

pub(crate) fn visitor<'a>(context: &Context<'a>, payer: &Payer, admission: &'a Admission) -> VisitorNode<'a> {
    match payer.area.distance_to(context.head.care_area) {
        Distance::SameCity => VisitorNode::default(),
        Distance::SameProvince | Distance::OtherProvince => VisitorNode {
            trum_flag: admission.injury.map(flag),
            rel_ttp_flag: admission.third_party.map(flag),
            mdtrt_grp_type: admission.extras.crowd.as_deref(),
        },
    }
}

impl<'a> Context<'a> {
    /// The extra identity members of a stay's call. Across provinces the certificate always goes along, and with a card
    /// its identification code, whatever the province's switches say.
    pub(crate) fn stay_identity(&self, payer: &'a Payer) -> Result<Identity<'a>, EncodeError> {
        let proof = self.proof()?;
        let mut identity = self.identity(payer, &proof)?;
        if payer.area.distance_to(self.head.care_area) == Distance::OtherProvince {
            if self.is_card() {
                let code = proof
                    .card_identification
                    .ok_or(EncodeError::MemberEmpty("card_sn"))?;
                identity.card_sn = Some(code);
            }
            identity.psn_cert_type = Some(&payer.certificate_kind);
            identity.certno = Some(payer.certificate.reveal());
        }
        Ok(identity)
    }
}
