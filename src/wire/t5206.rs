//! 5206 人员累计信息查询 (interface reference, 3.13).

use serde::{Deserialize, Serialize};
use zhijie_model::{InsuranceType, Payer, YearTotal};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::rows::Rows;
use crate::scalar::{Amount, Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

/// The month is left out: all totals of the running year.
#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str, // 人员编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(context: &Context<'a>, payer: &'a Payer) -> Input<'a> {
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "cuminfo";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    insutype: Text,      // 险种类型
    year: Text,          // 年度
    cum_ym: Text,        // 累计年月
    cum_type_code: Text, // 累计类别代码
    cum: Amount,         // 累计值
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    cuminfo: Rows<Row>,
}

/// May be empty. A row does not repeat the person it belongs to; the codes of the totals differ between provinces.
pub(crate) fn read(output: &Output) -> Result<Vec<YearTotal>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes.cuminfo.0.iter().map(total).collect()
}

fn total(row: &Row) -> Result<YearTotal, Unreadable> {
    let (kind, cum) = (at(NODE, "insutype"), at(NODE, "cum"));
    // Some totals are counts and no amounts: the text is kept once it is a decimal.
    row.cum.need_fen(cum)?;
    let insurance = row.insutype.owned(kind)?;
    Ok(YearTotal {
        insurance: insurance
            .map(InsuranceType::new)
            .transpose()
            .map_err(|_| kind.bad())?,
        year: row.year.owned(at(NODE, "year"))?.unwrap_or_default(),
        month: row.cum_ym.owned(at(NODE, "cum_ym"))?,
        code: row.cum_type_code.need(at(NODE, "cum_type_code"))?.to_owned(),
        value: row.cum.need(cum)?.to_owned(),
    })
}
