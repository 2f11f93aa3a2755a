//! 2001 人员待遇享受检查 (interface reference, 3.3).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{Benefit, Payer, VisitType};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::inquiry::BenefitCase;
use crate::message::wall_clock;
use crate::rows::Rows;
use crate::same::same_person;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,         // 人员编号
    insutype: &'a str,       // 险种类型
    fixmedins_code: &'a str, // 定点医药机构编号
    med_type: &'a str,       // 医疗类别
    begntime: String,        // 开始时间
    #[serde(skip_serializing_if = "Option::is_none")]
    endtime: Option<String>, // 结束时间
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_codg: Option<&'a str>, // 病种编码
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_name: Option<&'a str>, // 病种名称
    #[serde(skip_serializing_if = "Option::is_none")]
    oprn_oprt_code: Option<&'a str>, // 手术操作代码
    #[serde(skip_serializing_if = "Option::is_none")]
    oprn_oprt_name: Option<&'a str>, // 手术操作名称
    #[serde(skip_serializing_if = "Option::is_none")]
    matn_type: Option<&'a str>, // 生育类别
    #[serde(skip_serializing_if = "Option::is_none")]
    birctrl_type: Option<&'a str>, // 计划生育手术类别
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    kind: &'a VisitType,
    began: Timestamp,
    case: &'a BenefitCase,
) -> Input<'a> {
    let (disease, operation) = (case.disease.as_ref(), case.operation.as_ref());
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            insutype: payer.insurance.as_str(),
            fixmedins_code: context.head.institution.as_str(),
            med_type: context.visit_kind(payer, kind),
            begntime: wall_clock(began),
            dise_codg: disease.map(|disease| disease.code.as_str()),
            dise_name: disease.map(|disease| disease.name.as_str()),
            endtime: case.ended.map(wall_clock),
            oprn_oprt_code: operation.map(|operation| operation.code.as_str()),
            oprn_oprt_name: operation.map(|operation| operation.name.as_str()),
            matn_type: case.birth.as_deref(),
            birctrl_type: case.control.as_deref(),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "trtinfo";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    psn_no: Text,           // 人员编号
    trt_chk_type: Text,     // 待遇检查类型
    fund_pay_type: Text,    // 基金支付类型
    trt_enjymnt_flag: Text, // 基金款项待遇享受标志
    begndate: Text,         // 开始日期
    enddate: Text,          // 结束日期
    trt_chk_rslt: Text,     // 待遇检查结果
}

#[derive(Deserialize)]
struct Nodes {
    trtinfo: Option<Rows<Row>>,
}

pub(crate) fn read(output: &Output, payer: &Payer) -> Result<Vec<Benefit>, Unreadable> {
    let nodes: Nodes = output.read(NODE)?;
    let rows = nodes.trtinfo.ok_or(Unreadable::NodeMissing { node: NODE })?;
    rows.0.iter().map(|row| benefit(row, payer)).collect()
}

fn benefit(row: &Row, payer: &Payer) -> Result<Benefit, Unreadable> {
    same_person(&row.psn_no, NODE, payer)?;
    Ok(Benefit {
        fund_code: row
            .fund_pay_type
            .owned(at(NODE, "fund_pay_type"))?
            .unwrap_or_default(),
        enjoyed: row.trt_enjymnt_flag.need(at(NODE, "trt_enjymnt_flag"))? == "1",
        from: row.begndate.date(at(NODE, "begndate"))?,
        until: row.enddate.date(at(NODE, "enddate"))?,
        reason: row.trt_chk_rslt.owned(at(NODE, "trt_chk_rslt"))?,
    })
}
