//! 2203 and 2203A 门诊就诊信息上传 (interface reference, 3.4). No output.

use serde::Serialize;
use zhijie_model::{Diagnosis, DiagnosisKind, Payer, Visit, VisitId};

use crate::context::{Context, Extension};
use crate::message::{EncodeError, filled, given, wall_clock};

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    mdtrtinfo: VisitNode<'a>,
    diseinfo: Vec<DiagnosisNode<'a>>,
}

/// The members for maternity (birctrl_type, birctrl_matn_date, matn_type, geso_val) are left out: no visit of
/// that kind is made here.
#[derive(Serialize)]
struct VisitNode<'a> {
    mdtrt_id: &'a str, // 就诊ID
    psn_no: &'a str,   // 人员编号
    med_type: &'a str, // 医疗类别
    begntime: String,  // 开始时间
    #[serde(skip_serializing_if = "Option::is_none")]
    main_cond_dscr: Option<&'a str>, // 主要病情描述
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_codg: Option<&'a str>, // 病种编码
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_name: Option<&'a str>, // 病种名称
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
struct DiagnosisNode<'a> {
    diag_type: &'static str, // 诊断类别
    diag_srt_no: u8,         // 诊断排序号
    diag_code: &'a str,      // 诊断代码
    diag_name: &'a str,      // 诊断名称
    diag_dept: &'a str,      // 诊断科室
    dise_dor_no: &'a str,    // 诊断医生编码
    dise_dor_name: &'a str,  // 诊断医生姓名
    diag_time: String,       // 诊断时间
    vali_flag: &'static str, // 有效标志
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    visit: &'a Visit,
) -> Result<Input<'a>, EncodeError> {
    if visit.diagnoses.is_empty() {
        return Err(EncodeError::MemberEmpty("diseinfo"));
    }
    Ok(Input {
        mdtrtinfo: VisitNode {
            mdtrt_id: visit_id.as_str(),
            psn_no: payer.number.as_str(),
            med_type: context.visit_kind(payer, &visit.kind),
            begntime: wall_clock(visit.began),
            main_cond_dscr: given(&visit.complaint),
            dise_codg: visit.disease.as_ref().map(|disease| disease.code.as_str()),
            dise_name: visit.disease.as_ref().map(|disease| disease.name.as_str()),
            extension: context.extension(),
        },
        diseinfo: visit.diagnoses.iter().map(diagnosis).collect::<Result<_, _>>()?,
    })
}

fn diagnosis(diagnosis: &Diagnosis) -> Result<DiagnosisNode<'_>, EncodeError> {
    Ok(DiagnosisNode {
        diag_type: match diagnosis.kind {
            DiagnosisKind::Western => "1",
            DiagnosisKind::ChineseDisease => "2",
            DiagnosisKind::ChineseSyndrome => "3",
        },
        diag_srt_no: diagnosis.rank,
        diag_code: filled("diag_code", &diagnosis.code)?,
        diag_name: filled("diag_name", &diagnosis.name)?,
        diag_dept: filled("diag_dept", &diagnosis.department)?,
        dise_dor_no: filled("dise_dor_no", &diagnosis.doctor.code)?,
        dise_dor_name: filled("dise_dor_name", &diagnosis.doctor.name)?,
        diag_time: wall_clock(diagnosis.at),
        vali_flag: "1",
    })
}
