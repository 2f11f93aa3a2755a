//! 3301 目录对照上传 and 3302 目录对照撤销 (interface reference, 3.12): own items told to the centre, and taken back.

use serde::Serialize;
use zhijie_model::{CatalogueList, MappingCall, MappingReply, OwnMapping};

use crate::catalogue_rules::MappingNode;
use crate::context::Context;
use crate::draft::Draft;
use crate::envelope::{Answer, open};
use crate::message::{EncodeError, Head, Message, filled, seal};
use crate::profile::Profile;
use crate::route;
use crate::unreadable::Unreadable;

/// The rows under the name and in the shape this province takes.
#[derive(Serialize)]
struct Input<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Shape<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    catalogcompin: Option<Shape<T>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shape<T> {
    One(T),
    Array([T; 1]),
}

#[derive(Serialize)]
struct Mapped<'a> {
    fixmedins_hilist_id: &'a str,   // 定点医药机构目录编号
    fixmedins_hilist_name: &'a str, // 定点医药机构目录名称
    list_type: &'a str,             // 目录类别
    med_list_codg: &'a str,         // 医疗目录编码
    begndate: String,               // 开始日期
    #[serde(skip_serializing_if = "Option::is_none")]
    enddate: Option<String>, // 结束日期
    #[serde(skip_serializing_if = "Option::is_none")]
    prcunt: Option<&'a str>, // 计价单位
    #[serde(skip_serializing_if = "Option::is_none")]
    spec: Option<&'a str>, // 规格
}

#[derive(Serialize)]
struct Withdrawn<'a> {
    fixmedins_code: &'a str,      // 定点医药机构编号
    fixmedins_hilist_id: &'a str, // 定点医药机构目录编号
    list_type: &'a str,           // 目录类别
    med_list_codg: &'a str,       // 医疗目录编码
}

/// As [`draft_mapping`], for provinces that sign nothing.
///
/// # Errors
/// As [`draft_mapping`], and when the province signs or encrypts.
pub fn encode_mapping(call: &MappingCall, head: &Head, profile: &Profile) -> Result<Message, EncodeError> {
    draft_mapping(call, head, profile)?.plain()
}

/// Makes the message. Same inputs, same bytes.
///
/// # Errors
/// When something mandatory is empty, or the profile names no kind for the list or no path; nothing was sent.
pub fn draft_mapping(call: &MappingCall, head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
    let transaction = call.transaction();
    let context = Context {
        transaction,
        head,
        profile,
        credential: None,
    };
    let area = head.insured_area;
    let rules = &profile.catalogue;
    match call {
        MappingCall::Map { mapping } => {
            let row = mapped(&context, mapping)?;
            seal(
                transaction,
                area,
                &input(row, rules.mapping_as_array, profile),
                head,
                profile,
            )
        }
        MappingCall::Withdraw {
            own_code,
            list,
            national_code,
        } => {
            let row = Withdrawn {
                fixmedins_code: head.institution.as_str(),
                fixmedins_hilist_id: filled("fixmedins_hilist_id", own_code)?,
                list_type: list_type(&context, *list)?,
                med_list_codg: filled("med_list_codg", national_code)?,
            };
            seal(
                transaction,
                area,
                &input(row, rules.withdrawal_as_array, profile),
                head,
                profile,
            )
        }
    }
}

fn mapped<'a>(context: &Context<'a>, mapping: &'a OwnMapping) -> Result<Mapped<'a>, EncodeError> {
    let open_until = &context.profile.catalogue.mapping_open_until;
    let until = mapping.until.map(|day| day.to_string());
    Ok(Mapped {
        fixmedins_hilist_id: filled("fixmedins_hilist_id", &mapping.own_code)?,
        fixmedins_hilist_name: filled("fixmedins_hilist_name", &mapping.own_name)?,
        list_type: list_type(context, mapping.list)?,
        med_list_codg: filled("med_list_codg", &mapping.national_code)?,
        begndate: mapping.from.to_string(),
        enddate: until.or_else(|| Some(open_until.clone()).filter(|day| !day.is_empty())),
        prcunt: mapping.unit.as_deref(),
        spec: mapping.spec.as_deref(),
    })
}

fn list_type<'a>(context: &Context<'a>, list: CatalogueList) -> Result<&'a str, EncodeError> {
    let code = context.profile.catalogue.list_kinds.get(&list);
    code.map(String::as_str)
        .ok_or_else(|| EncodeError::NotOffered(route::infno(context.transaction, context.profile.variants)))
}

fn input<T>(row: T, as_array: bool, profile: &Profile) -> Input<T> {
    let shape = if as_array {
        Shape::Array([row])
    } else {
        Shape::One(row)
    };
    match profile.catalogue.mapping_node {
        MappingNode::Data => Input {
            data: Some(shape),
            catalogcompin: None,
        },
        MappingNode::Catalogcompin => Input {
            data: None,
            catalogcompin: Some(shape),
        },
    }
}

/// Reads the answer; it has no output.
///
/// # Errors
/// [`Unreadable`]: whether the mapping was changed must be looked up (1317).
pub fn read_mapping(call: &MappingCall, body: &[u8], profile: &Profile) -> Result<MappingReply, Unreadable> {
    Ok(match open(body)? {
        Answer::Done(output) => MappingReply::Done {
            platform: output.words,
        },
        Answer::Failed(failure) => MappingReply::Refused {
            refusal: failure.weigh(call.transaction(), &profile.words)?,
        },
    })
}
