//! 5265, 5269, 5270 and 5260 结算单下载: the centre's own settlement sheet. The inputs stand in one program; no source shows the
//! answer, so a file is looked for in every member.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use zhijie_model::{CentreSheet, Payer, SettlementId, SheetKind, VisitId};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Home(Home<'a>),
    Elsewhere(Elsewhere<'a>),
}

#[derive(Serialize)]
struct Home<'a> {
    setl_id: &'a str,  // 结算ID
    psn_no: &'a str,   // 人员编号
    mdtrt_id: &'a str, // 就诊ID
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
#[expect(non_snake_case, reason = "member names of the interface")]
struct Elsewhere<'a> {
    mdtrtRegno: &'a str, // 结算ID
    mdtrtId: &'a str,    // 就诊ID
    medinsNo: &'a str,   // 定点医药机构编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    (kind, visit, settlement): (SheetKind, &'a VisitId, &'a SettlementId),
) -> Input<'a> {
    let extension = context.extension();
    let data = match kind {
        SheetKind::Home | SheetKind::Any => Data::Home(Home {
            setl_id: settlement.as_str(),
            psn_no: payer.number.as_str(),
            mdtrt_id: visit.as_str(),
            extension,
        }),
        SheetKind::VisitElsewhere | SheetKind::StayElsewhere => Data::Elsewhere(Elsewhere {
            mdtrtRegno: settlement.as_str(),
            mdtrtId: visit.as_str(),
            medinsNo: context.head.institution.as_str(),
            extension,
        }),
    };
    Input { data }
}

const NODE: &str = "data";

/// Shortest text that is taken for a file in Base64; names and numbers are shorter.
const FILE_CHARS_MIN: usize = 64;

/// # Errors
/// When no member holds a file or an address.
pub(crate) fn read(output: &Output) -> Result<CentreSheet, Unreadable> {
    let json = output.json().ok_or(Unreadable::NodeMissing { node: NODE })?;
    let tree: Value = serde_json::from_str(json).map_err(|_| Unreadable::Malformed { node: NODE })?;
    found(&tree).ok_or(Unreadable::NodeMissing { node: NODE })
}

/// Depth is bounded by the envelope.
fn found(value: &Value) -> Option<CentreSheet> {
    match value {
        Value::String(text) => of_text(text.trim()),
        Value::Array(items) => items.iter().find_map(found),
        Value::Object(members) => members.values().find_map(found),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn of_text(text: &str) -> Option<CentreSheet> {
    if text.starts_with("https://") || text.starts_with("http://") {
        return Some(CentreSheet::Address(String::from(text)));
    }
    if text.len() < FILE_CHARS_MIN {
        return None;
    }
    let plain: String = text.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).ok().map(CentreSheet::File)
}
