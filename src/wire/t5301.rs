//! 5301 人员慢特病备案查询 (interface reference, 3.14).

use serde::{Deserialize, Serialize};
use zhijie_model::{ChronicEntry, Disease, Payer};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::rows::Rows;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

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

/// The node is called like the fee lines of an upload.
const NODE: &str = "feedetail";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    opsp_dise_code: Text, // 门慢门特病种目录代码
    opsp_dise_name: Text, // 门慢门特病种名称
    begndate: Text,       // 开始日期
    enddate: Text,        // 结束日期
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    feedetail: Rows<Row>,
}

/// May be empty. A row does not repeat the person it belongs to.
pub(crate) fn read(output: &Output) -> Result<Vec<ChronicEntry>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes.feedetail.0.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<ChronicEntry, Unreadable> {
    Ok(ChronicEntry {
        disease: Disease {
            code: row.opsp_dise_code.need(at(NODE, "opsp_dise_code"))?.to_owned(),
            name: row
                .opsp_dise_name
                .owned(at(NODE, "opsp_dise_name"))?
                .unwrap_or_default(),
        },
        from: row.begndate.stated_date(at(NODE, "begndate"))?,
        until: row.enddate.stated_date(at(NODE, "enddate"))?,
    })
}
