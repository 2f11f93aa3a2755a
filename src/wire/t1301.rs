//! Lists of the catalogue that come as a file: 1301 to 1303, 1305 to 1311, 1313 to 1315, 1320, 1321 (interface reference,
//! 3.17). The answer names a file; `columns` reads the lines in it.

use serde::{Deserialize, Serialize};
use zhijie_model::CatalogueFile;

use crate::context::Context;
use crate::envelope::Output;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    ver: &'a str, // 版本号
}

pub(crate) fn input<'a>(context: &Context<'a>, version: Option<&'a str>) -> Input<'a> {
    let rules = &context.profile.catalogue;
    Input {
        data: Data {
            ver: version.unwrap_or(&rules.from_the_start),
        },
    }
}

const NODE: &str = "output";

/// Directly under the output, without a node.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Answer {
    file_qury_no: Text, // 文件查询号
    filename: Text,     // 文件名
    dld_end_time: Text, // 下载截止时间
    /// The same, as some provinces spell it.
    dld_endtime: Text,
    data_cnt: Text, // 数据量
}

/// `None` when there is nothing newer than the version asked with.
pub(crate) fn read(output: &Output) -> Result<Option<CatalogueFile>, Unreadable> {
    let answer: Answer = output.read_or_empty(NODE)?;
    let rows = answer.data_cnt.get(at(NODE, "data_cnt"))?;
    let rows = rows.and_then(|count| count.split('.').next()?.parse().ok());
    let number = answer.file_qury_no.owned(at(NODE, "file_qury_no"))?;
    let Some(number) = number.filter(|_| rows != Some(0)) else {
        return if rows == Some(0) || output.json().is_none() {
            Ok(None)
        } else {
            Err(at(NODE, "file_qury_no").missing())
        };
    };
    let until = answer.dld_end_time.clock(at(NODE, "dld_end_time"))?;
    Ok(Some(CatalogueFile {
        number,
        name: answer.filename.owned(at(NODE, "filename"))?.unwrap_or_default(),
        until: until.or(answer.dld_endtime.clock(at(NODE, "dld_endtime"))?),
        rows,
    }))
}
