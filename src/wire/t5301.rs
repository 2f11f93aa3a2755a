//! 5301 人员慢特病备案查询 (interface reference, 3.14), and 1160 获取人员详细信息, by which one city asks for the same.

use serde::{Deserialize, Serialize};
use zhijie_model::{ChronicEntry, Disease, Payer};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::message::wall_clock;
use crate::profile::ChronicQuery;
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
    detail: Option<Detail<'a>>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

/// 1160 only. hcard_basinfo and hcard_chkinfo, which a card of the city gives, are left out.
#[derive(Serialize)]
struct Detail<'a> {
    begntime: String,  // 开始时间
    med_type: &'a str, // 医疗类别
}

pub(crate) fn input<'a>(context: &Context<'a>, payer: &'a Payer) -> Input<'a> {
    let profile = context.profile;
    let kind = profile.chronic.visit_kinds.first().map_or("", String::as_str);
    let detail = match profile.variants.chronic {
        ChronicQuery::Register => None,
        ChronicQuery::Detail => Some(Detail {
            begntime: wall_clock(context.head.at),
            med_type: kind,
        }),
    };
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            detail,
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

/// Of 1160. psn_trt_no, psn_trt_type and its name tell the benefit; a row without a disease is of another one.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct DetailRow {
    dise_no: Text,   // 病种编码
    dise_name: Text, // 病种名称
    begntime: Text,  // 开始时间
    endtime: Text,   // 结束时间
}

const DETAIL: &str = "spinfo";

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    feedetail: Rows<Row>,
    spinfo: Rows<DetailRow>,
}

/// May be empty. A row does not repeat the person it belongs to.
pub(crate) fn read(output: &Output, query: ChronicQuery) -> Result<Vec<ChronicEntry>, Unreadable> {
    match query {
        ChronicQuery::Register => {
            let nodes: Nodes = output.read_or_empty(NODE)?;
            nodes.feedetail.0.iter().map(entry).collect()
        }
        ChronicQuery::Detail => {
            let nodes: Nodes = output.read_or_empty(DETAIL)?;
            let entries = nodes.spinfo.0.iter().map(detail);
            Ok(entries
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect())
        }
    }
}

fn detail(row: &DetailRow) -> Result<Option<ChronicEntry>, Unreadable> {
    let Some(code) = row.dise_no.owned(at(DETAIL, "dise_no"))? else {
        return Ok(None);
    };
    Ok(Some(ChronicEntry {
        disease: Disease {
            code,
            name: row.dise_name.owned(at(DETAIL, "dise_name"))?.unwrap_or_default(),
        },
        from: row.begntime.stated_date(at(DETAIL, "begntime"))?,
        until: row.endtime.stated_date(at(DETAIL, "endtime"))?,
    }))
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
