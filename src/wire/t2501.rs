//! 2501, 2501A 转院备案 (interface reference, 3.9), and the answer that 2503 and 2505 share with it.

use serde::{Deserialize, Serialize};
use zhijie_model::{FilingNumber, NewReferral, Payer, VisitId};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::message::{EncodeError, filled};
use crate::profile::Variant;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    refmedin: Data<'a>,
}

/// Contact and description of the illness are optional and not sent.
#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,             // 人员编号
    insutype: &'a str,           // 险种类型
    insu_optins: String,         // 参保机构医保区划
    diag_code: &'a str,          // 诊断代码
    diag_name: &'a str,          // 诊断名称
    reflin_medins_no: &'a str,   // 转往定点医药机构编号
    reflin_medins_name: &'a str, // 转往医院名称
    mdtrtarea_admdvs: String,    // 就医地行政区划
    #[serde(skip_serializing_if = "Option::is_none")]
    hosp_agre_refl_flag: Option<&'static str>, // 医院同意转院标志
    refl_type: &'a str,          // 转院类型
    refl_date: String,           // 转院日期
    refl_rea: &'a str,           // 转院原因
    refl_opnn: &'a str,          // 转院意见
    #[serde(skip_serializing_if = "Option::is_none")]
    begndate: Option<String>, // 开始日期
    #[serde(skip_serializing_if = "Option::is_none")]
    enddate: Option<String>, // 结束日期
    #[serde(skip_serializing_if = "Option::is_none")]
    refl_old_mdtrt_id: Option<&'a str>, // 转院前就诊ID; variant A only
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    referral: &'a NewReferral,
) -> Result<Input<'a>, EncodeError> {
    let before = match context.profile.variants.refer {
        Variant::Plain => None,
        Variant::A => referral.visit_before.as_ref(),
    };
    Ok(Input {
        refmedin: Data {
            psn_no: payer.number.as_str(),
            insutype: payer.insurance.as_str(),
            insu_optins: payer.area.to_string(),
            diag_code: filled("diag_code", &referral.diagnosis.code)?,
            diag_name: filled("diag_name", &referral.diagnosis.name)?,
            reflin_medins_no: referral.to.code.as_str(),
            reflin_medins_name: filled("reflin_medins_name", &referral.to.name)?,
            mdtrtarea_admdvs: referral.area.to_string(),
            hosp_agre_refl_flag: referral.agreed.map(|agreed| if agreed { "1" } else { "0" }),
            refl_type: filled("refl_type", &referral.kind_code)?,
            refl_date: referral.date.to_string(),
            refl_rea: filled("refl_rea", referral.reason.reveal())?,
            refl_opnn: filled("refl_opnn", referral.opinion.reveal())?,
            begndate: referral.from.map(|day| day.to_string()),
            enddate: referral.until.map(|day| day.to_string()),
            refl_old_mdtrt_id: before.map(VisitId::as_str),
            extension: context.extension(),
        },
    })
}

const NODE: &str = "result";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Filed {
    trt_dcla_detl_sn: Text, // 待遇申报明细流水号
}

#[derive(Deserialize)]
struct Nodes {
    result: Option<Filed>,
}

/// The number of the record. A success without one is half a success: the record must be looked up.
pub(crate) fn read(output: &Output) -> Result<FilingNumber, Unreadable> {
    let nodes: Nodes = output.read(NODE)?;
    let filed = nodes.result.ok_or(Unreadable::NodeMissing { node: NODE })?;
    filed
        .trt_dcla_detl_sn
        .need_id(at(NODE, "trt_dcla_detl_sn"), FilingNumber::new)
}
