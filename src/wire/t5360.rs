//! 5360 人员审批定点信息 (interface reference, 3.14): Jiangsu's query of approvals, read in one source.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{Approval, Disease, InsuranceType, Payer, Private, VisitType};

use crate::context::{Context, Extension};
use crate::envelope::Output;
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
    psn_no: &'a str,   // 人员编号
    insutype: &'a str, // 险种类型
    begntime: String,  // 开始时间
    psn_name: &'a str, // 人员姓名
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(context: &Context<'a>, payer: &'a Payer, began: Timestamp) -> Input<'a> {
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            insutype: payer.insurance.as_str(),
            begntime: wall_clock(began),
            psn_name: payer.name.reveal(),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "data";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    psn_no: Text,    // 人员编号
    insutype: Text,  // 险种类型
    med_type: Text,  // 医疗类别
    dise_codg: Text, // 病种编码
    dise_name: Text, // 病种名称
    begndate: Text,  // 开始日期
    enddate: Text,   // 结束日期
    #[serde(alias = "expContent")]
    exp_content: Text, // 字段扩展
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    data: Rows<Row>,
}

/// May be empty.
pub(crate) fn read(output: &Output, payer: &Payer) -> Result<Vec<Approval>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes.data.0.iter().map(|row| approval(row, payer)).collect()
}

fn approval(row: &Row, payer: &Payer) -> Result<Approval, Unreadable> {
    same_person(&row.psn_no, NODE, payer)?;
    let code = row.dise_codg.owned(at(NODE, "dise_codg"))?;
    let name = row.dise_name.owned(at(NODE, "dise_name"))?;
    Ok(Approval {
        insurance: row.insutype.id(at(NODE, "insutype"), InsuranceType::new)?,
        kind: row.med_type.id(at(NODE, "med_type"), VisitType::new)?,
        disease: code.map(|code| Disease {
            code,
            name: name.unwrap_or_default(),
        }),
        from: row.begndate.stated_date(at(NODE, "begndate"))?,
        until: row.enddate.stated_date(at(NODE, "enddate"))?,
        extension: row.exp_content.get(at(NODE, "exp_content"))?.map(Private::new),
    })
}
