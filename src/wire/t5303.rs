//! 5303 在院信息查询, and the person and span that 5304 asks with too (interface reference, 3.14).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{FoundStay, Payer, VisitId, VisitNumber};

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
    psn_no: &'a str,  // 人员编号
    begntime: String, // 开始时间
    endtime: String,  // 结束时间
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    (from, until): (Timestamp, Timestamp),
) -> Input<'a> {
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            begntime: wall_clock(from),
            endtime: wall_clock(until),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "data";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    mdtrt_id: Text,      // 就诊ID
    psn_no: Text,        // 人员编号
    psn_cert_type: Text, // 人员证件类型
    certno: Text,        // 证件号码
    psn_name: Text,      // 人员姓名
    gend: Text,          // 性别
    brdy: Text,          // 出生日期
    age: Text,           // 年龄
    insutype: Text,      // 险种类型
    begndate: Text,      // 开始日期
    med_type: Text,      // 医疗类别
    ipt_otp_no: Text,    // 住院/门诊号
    out_flag: Text,      // 异地标志
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    data: Rows<Row>,
}

/// May be empty.
pub(crate) fn read(output: &Output, payer: &Payer) -> Result<Vec<FoundStay>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    let stay = |row: &Row| {
        same_person(&row.psn_no, NODE, payer)?;
        Ok(FoundStay {
            visit_id: row.mdtrt_id.need_id(at(NODE, "mdtrt_id"), VisitId::new)?,
            number: row.ipt_otp_no.id(at(NODE, "ipt_otp_no"), VisitNumber::new)?,
            began: row.begndate.date(at(NODE, "begndate"))?,
        })
    };
    nodes.data.0.iter().map(stay).collect()
}
