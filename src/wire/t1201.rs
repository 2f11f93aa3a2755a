//! 1201 医药机构信息获取 (interface reference, 3.15).

use serde::{Deserialize, Serialize};
use zhijie_model::{InstitutionKind, KnownInstitution};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::lookup_rules::InstitutionNode;
use crate::rows::Rows;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    medinsinfo: Option<Asked<'a>>,
    #[serde(rename = "medinsInfo", skip_serializing_if = "Option::is_none")]
    camel: Option<Asked<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    fixmedins_type: &'static str, // 定点医疗服务机构类型
    fixmedins_name: &'a str,      // 定点医药机构名称; a part of it is enough
    fixmedins_code: &'a str,      // 定点医药机构编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    kind: InstitutionKind,
    (name, code): (Option<&'a str>, Option<&'a str>),
) -> Input<'a> {
    let asked = Asked {
        fixmedins_type: kind_code(kind),
        fixmedins_name: name.unwrap_or_default(),
        fixmedins_code: code.unwrap_or_default(),
        extension: context.extension(),
    };
    match context.profile.lookups.institution_node {
        InstitutionNode::Lower => Input {
            medinsinfo: Some(asked),
            camel: None,
        },
        InstitutionNode::Camel => Input {
            medinsinfo: None,
            camel: Some(asked),
        },
    }
}

const fn kind_code(kind: InstitutionKind) -> &'static str {
    match kind {
        InstitutionKind::Hospital => "1",
        InstitutionKind::Pharmacy => "2",
        InstitutionKind::Rehabilitation => "3",
        InstitutionKind::Aids => "4",
        InstitutionKind::FamilyPlanning => "5",
    }
}

const NODE: &str = "medinsinfo";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    fixmedins_code: Text, // 定点医药机构编号
    fixmedins_name: Text, // 定点医药机构名称
    uscc: Text,           // 统一社会信用代码
    fixmedins_type: Text, // 定点医疗服务机构类型
    hosp_lv: Text,        // 医院等级
}

/// Both spellings of the node are read, whichever was sent.
#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    #[serde(alias = "medinsInfo")]
    medinsinfo: Rows<Row>,
}

/// May be empty.
pub(crate) fn read(output: &Output) -> Result<Vec<KnownInstitution>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes.medinsinfo.0.iter().map(institution).collect()
}

fn institution(row: &Row) -> Result<KnownInstitution, Unreadable> {
    let kind = row.fixmedins_type.owned(at(NODE, "fixmedins_type"))?;
    Ok(KnownInstitution {
        code: row.fixmedins_code.need(at(NODE, "fixmedins_code"))?.to_owned(),
        name: row.fixmedins_name.need(at(NODE, "fixmedins_name"))?.to_owned(),
        credit_code: row.uscc.owned(at(NODE, "uscc"))?,
        kind: match kind.as_deref() {
            Some("1") => Ok(InstitutionKind::Hospital),
            Some("2") => Ok(InstitutionKind::Pharmacy),
            Some("3") => Ok(InstitutionKind::Rehabilitation),
            Some("4") => Ok(InstitutionKind::Aids),
            Some("5") => Ok(InstitutionKind::FamilyPlanning),
            Some(_) | None => Err(kind),
        },
        level: row.hosp_lv.owned(at(NODE, "hosp_lv"))?,
    })
}
