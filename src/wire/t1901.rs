//! 1901 字典表查询 (interface reference, 3.15). Its members are spelled like nowhere else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, DictionaryEntry, beijing};

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
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(rename = "type")]
    table: &'a str, // 字典类型
    parent_value: &'a str,   // 父字典键值
    admdvs: String,          // 行政区划
    date: String,            // 查询日期
    vali_flag: &'static str, // 有效标志: 1 有效
    #[serde(flatten)]
    extension: Extension<'a>,
}

/// Entries that are valid on the day.
pub(crate) fn input<'a>(
    context: &Context<'a>,
    table: &'a str,
    (area, parent): (Area, Option<&'a str>),
    on: Timestamp,
) -> Input<'a> {
    Input {
        data: Data {
            table,
            parent_value: parent.unwrap_or_default(),
            admdvs: area.to_string(),
            date: beijing(on).strftime("%Y-%m-%d").to_string(),
            vali_flag: "1",
            extension: context.extension(),
        },
    }
}

const NODE: &str = "list";

#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    label: Text,        // 字典标签
    value: Text,        // 字典键值
    parent_value: Text, // 父字典键值
    vali_flag: Text,    // 有效标志
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    list: Rows<Row>,
}

/// May be empty. What is not marked invalid is valid.
pub(crate) fn read(output: &Output) -> Result<Vec<DictionaryEntry>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes.list.0.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<DictionaryEntry, Unreadable> {
    Ok(DictionaryEntry {
        code: row.value.need(at(NODE, "value"))?.to_owned(),
        name: row.label.owned(at(NODE, "label"))?.unwrap_or_default(),
        parent: row.parent_value.owned(at(NODE, "parentValue"))?,
        valid: row.vali_flag.get(at(NODE, "valiFlag"))? != Some("0"),
    })
}
