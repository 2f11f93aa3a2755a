//! 1162 电子凭证解码: the e-voucher service as the platform passes it on (card and voucher reference, decoding).
//!
//! The service has an envelope of its own, `{code, message, data}`, which provinces pass on whole, without the outer
//! member, or as JSON text inside a string; some answer it in place of the platform's envelope.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zhijie_model::{Area, PlatformWords, Private};

use crate::context::{Context, Extension};
use crate::envelope::{Answer, Failure, Output, open, plain_text};
use crate::inquiry::{Counter, Voucher, VoucherUse};
use crate::message::{EncodeError, filled};
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
#[expect(non_snake_case, reason = "member names of the interface")]
struct Data<'a> {
    orgId: &'a str,             // 医疗机构编码
    businessType: &'static str, // 用码业务类型
    operatorId: &'a str,        // 收款员编号
    operatorName: &'a str,      // 收款员姓名
    officeId: &'a str,          // 科室编号
    officeName: &'a str,        // 科室名称
    deviceType: &'a str,        // 设备类型; empty at a window
    #[serde(skip_serializing_if = "Option::is_none")]
    ecQrCode: Option<&'a str>, // 二维码内容; a library scans it by itself
    #[serde(flatten)]
    extension: Extension<'a>,
}

impl Input<'_> {
    /// The node alone, for the service's own envelope.
    pub(crate) const fn data(&self) -> &impl Serialize {
        &self.data
    }
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    code: &'a Private,
    usage: VoucherUse,
    counter: &'a Counter,
) -> Result<Input<'a>, EncodeError> {
    let code = filled("ecQrCode", code.reveal())?;
    Ok(Input {
        data: data(context, Some(code), usage, counter)?,
    })
}

/// What a library of the province is handed, which scans and decodes by itself.
#[derive(Serialize)]
#[expect(non_snake_case, reason = "member names of the interface")]
struct LibraryRequest<'a> {
    orgId: &'a str,     // 医疗机构编码
    transType: &'a str, // 交易类型
    data: Data<'a>,
}

pub(crate) fn library_request(
    context: &Context<'_>,
    usage: VoucherUse,
    counter: &Counter,
) -> Result<Private, EncodeError> {
    let request = LibraryRequest {
        orgId: context.head.institution.as_str(),
        transType: filled("transType", &context.profile.voucher.kind)?,
        data: data(context, None, usage, counter)?,
    };
    let text = serde_json::to_string(&request).map_err(EncodeError::Json)?;
    Ok(Private::new(text))
}

fn data<'a>(
    context: &Context<'a>,
    code: Option<&'a str>,
    usage: VoucherUse,
    counter: &'a Counter,
) -> Result<Data<'a>, EncodeError> {
    Ok(Data {
        orgId: context.head.institution.as_str(),
        businessType: match usage {
            VoucherUse::Register => "01101",
            VoucherUse::Settle => "01301",
            VoucherUse::Pharmacy => "02121",
        },
        operatorId: context.head.operator_code.as_str(),
        operatorName: filled("operatorName", &context.head.operator_name)?,
        officeId: &counter.code,
        officeName: &counter.name,
        deviceType: if counter.self_service { "SelfService" } else { "" },
        ecQrCode: code,
        extension: context.extension(),
    })
}

const NODE: &str = "data";
/// Wrappers met around the decoded data: output, service envelope, text.
const WRAPPERS_MAX: usize = 4;

/// The decoded data or one of its wrappers.
#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(non_snake_case, reason = "member names of the interface")]
struct Level {
    idNo: Text,     // 证件号码
    userName: Text, // 姓名
    ecToken: Text,  // 电子凭证令牌
    insuOrg: Text,  // 参保地区划
    code: Text,     // 返回码
    message: Text,  // 返回信息
    data: Option<Box<RawValue>>,
}

/// A voucher, or the service's refusal.
pub(crate) enum Decoded {
    Voucher(Voucher),
    Failed(Failure),
}

pub(crate) fn read(body: &[u8]) -> Result<Decoded, Unreadable> {
    match open(body) {
        Ok(Answer::Done(output)) => decode(output.json(), &output),
        Ok(Answer::Failed(failure)) => Ok(Decoded::Failed(failure)),
        Err(Unreadable::NoEnvelope) => bare(plain_text(body)?),
        Err(other) => Err(other),
    }
}

fn decode(json: Option<&str>, output: &Output) -> Result<Decoded, Unreadable> {
    let json = json.ok_or(Unreadable::NodeMissing { node: NODE })?;
    levels(json, &output.words)
}

/// The service's own envelope in place of the platform's.
fn bare(text: &str) -> Result<Decoded, Unreadable> {
    let level: Level = serde_json::from_str(text).map_err(|_| Unreadable::NoEnvelope)?;
    if level.code == Text::Absent && level.ecToken == Text::Absent {
        return Err(Unreadable::NoEnvelope);
    }
    levels(text, &PlatformWords::default())
}

fn levels(json: &str, words: &PlatformWords) -> Result<Decoded, Unreadable> {
    let mut json = json.to_owned();
    for _ in 0..WRAPPERS_MAX {
        if let Ok(text) = serde_json::from_str::<String>(&json) {
            json = text;
            continue;
        }
        let level: Level = serde_json::from_str(&json).map_err(|_| Unreadable::Malformed { node: NODE })?;
        if level.ecToken != Text::Absent {
            return voucher(&level).map(Decoded::Voucher);
        }
        let code = level.code.get(at(NODE, "code"))?.unwrap_or("0");
        if code != "0" {
            let words = PlatformWords {
                message_id: words.message_id.clone(),
                text: level.message.owned(at(NODE, "message"))?,
            };
            return Ok(Decoded::Failed(Failure::new(code.to_owned(), words)));
        }
        match level.data {
            Some(inner) => inner.get().clone_into(&mut json),
            None => return Err(at(NODE, "ecToken").missing()),
        }
    }
    Err(Unreadable::Malformed { node: NODE })
}

fn voucher(level: &Level) -> Result<Voucher, Unreadable> {
    let private = |text: &Text, field| Ok(said(text, field)?.map(Private::new));
    Ok(Voucher {
        token: Private::new(level.ecToken.need(at(NODE, "ecToken"))?),
        certificate: private(&level.idNo, "idNo")?,
        name: private(&level.userName, "userName")?,
        area: said(&level.insuOrg, "insuOrg")?.and_then(|area| Area::new(area).ok()),
    })
}

/// The service writes the word null for nothing.
fn said<'a>(text: &'a Text, field: &'static str) -> Result<Option<&'a str>, Unreadable> {
    Ok(text.get(at(NODE, field))?.filter(|text| *text != "null"))
}
