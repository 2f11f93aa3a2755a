//! 2402 出院办理 (interface reference, 3.8). No output; taken back by 2405.

use serde::Serialize;
use zhijie_model::{Admission, Discharge, Payer, VisitId};

use crate::context::{Context, Extension};
use crate::message::{EncodeError, filled, given, wall_clock};
use crate::stay_nodes::{
    DiagnosisNode, DirectoryNode, MaternityNode, day, diagnoses, directory, flag, maternity,
};

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    dscginfo: Node<'a>,
    diseinfo: Vec<DiagnosisNode<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    mdtrt_id: &'a str, // 就诊ID
    psn_no: &'a str,   // 人员编号
    insutype: &'a str, // 险种类型
    endtime: String,   // 结束时间
    #[serde(flatten)]
    directory: DirectoryNode<'a>,
    #[serde(flatten)]
    maternity: MaternityNode<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cop_flag: Option<&'static str>, // 伴有并发症标志
    dscg_dept_codg: &'a str, // 出院科室编码
    dscg_dept_name: &'a str, // 出院科室名称
    #[serde(skip_serializing_if = "Option::is_none")]
    dscg_bed: Option<&'a str>, // 出院床位
    dscg_way: &'a str,       // 离院方式
    #[serde(skip_serializing_if = "Option::is_none")]
    die_date: Option<String>, // 死亡日期
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    admission: &'a Admission,
    discharge: &'a Discharge,
) -> Result<Input<'a>, EncodeError> {
    let told = admission.extras.maternity.as_deref();
    Ok(Input {
        dscginfo: Node {
            mdtrt_id: visit_id.as_str(),
            psn_no: payer.number.as_str(),
            insutype: payer.insurance.as_str(),
            endtime: wall_clock(discharge.ended),
            directory: directory(admission),
            maternity: maternity(told),
            cop_flag: told.and_then(|told| told.complicated).map(flag),
            dscg_dept_codg: filled("dscg_dept_codg", &discharge.department.code)?,
            dscg_dept_name: filled("dscg_dept_name", &discharge.department.name)?,
            dscg_bed: given(&discharge.bed),
            dscg_way: filled("dscg_way", &discharge.way)?,
            die_date: discharge.died.map(day),
            extension: context.extension(),
        },
        diseinfo: diagnoses(payer, Some(visit_id.as_str()), &discharge.diagnoses)?,
    })
}
