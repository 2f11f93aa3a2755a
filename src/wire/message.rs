//! A message as it goes out: envelope, canonical bytes, path.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;
use zhijie_model::{Area, InstitutionCode, MessageId, OperatorCode, Private, SignIn, Transaction, beijing};

use crate::draft::Draft;
use crate::profile::Profile;
use crate::route;
use crate::seal::SealError;
use crate::t9101::UPLOAD_BYTES_MAX;

/// Most characters the `input` of one message may have.
pub const INPUT_CHARS_MAX: usize = 40_000;

/// Who sends, where from, and when; the same for every transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Made from a durable counter before; never made here.
    pub message_id: MessageId,
    pub institution: InstitutionCode,
    pub institution_name: String,
    /// Region of the place of treatment.
    pub care_area: Area,
    /// Region an inquiry without a payer is routed to: the insured region when known, else the own one. Calls and
    /// inquiries that carry a payer go by the payer's region.
    pub insured_area: Area,
    pub operator_code: OperatorCode,
    pub operator_name: String,
    pub sign_in: Option<SignIn>,
    /// What the control of a security medium gave for this one transaction, where the province wants that.
    pub medium_token: Option<Private>,
    /// Written as Beijing wall clock.
    pub at: Timestamp,
}

/// One message, ready to be stored and sent byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub transaction: Transaction,
    /// Transaction number with its variant letter, e.g. `2207A`.
    pub number: String,
    pub message_id: MessageId,
    /// Path below the base URL, beginning with a slash.
    pub path: String,
    /// What a bus knows this call by, where the province has one.
    pub api: Option<String>,
    /// The line between the parts, where the body is a form.
    pub boundary: Option<String>,
    /// UTF-8 JSON, or a form around it. Holds personal data and maybe a live credential: never log it.
    pub body: Vec<u8>,
}

/// Why no message could be made. Nothing was sent; the link to blame is the agent or the desk.
#[derive(Debug, Error)]
pub enum EncodeError {
    #[error("the patient's credential is no longer in memory")]
    CredentialMissing,
    #[error("member {0} is empty")]
    MemberEmpty(&'static str),
    #[error("input has {chars} characters, {INPUT_CHARS_MAX} are allowed")]
    TooLong { chars: usize },
    #[error("a file of {bytes} bytes cannot be sent; 1 to {UPLOAD_BYTES_MAX} can")]
    FileSize { bytes: usize },
    #[error("the name of the file is no plain file name")]
    FileName,
    #[error("no fee line from index {first} on")]
    NothingToUpload { first: usize },
    #[error("the profile does not offer transaction {0}")]
    NotOffered(&'static str),
    #[error("the profile names no path for transaction {0}")]
    NoPath(&'static str),
    #[error("message cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    #[error("message cannot be signed: {0}")]
    Seal(#[from] SealError),
}

/// Request envelope in pieces: what stands in front of the signature, what behind it, and the input, of which a signature
/// is made. Each piece is written once; sealing only puts them together.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Members with a comma in front of each.
    before: Vec<u8>,
    after: Vec<u8>,
    pub(crate) input: String, // 交易输入
}

/// What a seal adds.
#[derive(Debug, Default)]
pub(crate) struct Sealed<'a> {
    pub(crate) cainfo: Cow<'a, str>,           // 数字签名信息
    pub(crate) signtype: &'a str,              // 签名类型
    pub(crate) enc_type: Option<&'static str>, // 加密方式
    /// In place of the clear input.
    pub(crate) cipher: Option<String>,
}

/// Members in the order of the interface table, up to the signature.
#[derive(Serialize)]
struct Before<'a> {
    infno: &'static str,         // 交易编号
    msgid: &'a str,              // 发送方报文ID
    mdtrtarea_admvs: Area,       // 就医地医保区划
    insuplc_admdvs: Area,        // 参保地医保区划
    recer_sys_code: &'a str,     // 接收方系统代码
    dev_no: &'static str,        // 设备编号
    dev_safe_info: &'static str, // 设备安全信息
}

#[derive(Serialize)]
struct Signature<'a> {
    cainfo: &'a str,
    signtype: &'a str,
}

/// Those behind it.
#[derive(Serialize)]
struct After<'a> {
    infver: &'a str,         // 接口版本号
    opter_type: &'a str,     // 经办人类别
    opter: &'a str,          // 经办人
    opter_name: &'a str,     // 经办人姓名
    inf_time: String,        // 交易时间
    fixmedins_code: &'a str, // 定点医药机构编号
    fixmedins_name: &'a str, // 定点医药机构名称
    sign_no: &'a str,        // 交易签到流水号
}

impl Envelope {
    /// The whole message.
    pub(crate) fn close(&self, sealed: &Sealed<'_>) -> Result<Vec<u8>, EncodeError> {
        let input = sealed.cipher.as_ref().unwrap_or(&self.input);
        let room = self.before.len() + self.after.len() + input.len() + sealed.cainfo.len() + SIGNATURE_ROOM;
        let mut body = Vec::with_capacity(room);
        body.push(b'{');
        body.extend_from_slice(self.before.get(1..).unwrap_or_default());
        members(
            &mut body,
            &Signature {
                cainfo: &sealed.cainfo,
                signtype: sealed.signtype,
            },
        )?;
        body.extend_from_slice(&self.after);
        if let Some(kind) = sealed.enc_type {
            members(&mut body, &BTreeMap::from([("enc_type", kind)]))?;
        }
        body.extend_from_slice(b",\"input\":");
        if sealed.cipher.is_some() {
            serde_json::to_writer(&mut body, input).map_err(EncodeError::Json)?;
        } else {
            body.extend_from_slice(input.as_bytes());
        }
        body.push(b'}');
        Ok(body)
    }
}

/// Names, quotes and what else stands around a signature.
const SIGNATURE_ROOM: usize = 96;

/// Room for either side of a signature, so that few of them grow while they are written.
const BEFORE_ROOM: usize = 192;
const AFTER_ROOM: usize = 320;

/// Writes an object without its closing brace, and with a comma in place of the opening one.
fn members<T: Serialize>(text: &mut Vec<u8>, object: &T) -> Result<(), EncodeError> {
    let begins = text.len();
    serde_json::to_writer(&mut *text, object).map_err(EncodeError::Json)?;
    text.pop();
    if let Some(brace) = text.get_mut(begins) {
        *brace = b',';
    }
    Ok(())
}

/// Puts `input` into the envelope.
pub(crate) fn seal<T: Serialize>(
    transaction: Transaction,
    insured_area: Area,
    input: &T,
    head: &Head,
    profile: &Profile,
) -> Result<Draft, EncodeError> {
    seal_within(INPUT_CHARS_MAX, transaction, insured_area, input, head, profile)
}

/// As [`seal`], for inputs that may be longer than usual.
pub(crate) fn seal_within<T: Serialize>(
    chars_max: usize,
    transaction: Transaction,
    insured_area: Area,
    input: &T,
    head: &Head,
    profile: &Profile,
) -> Result<Draft, EncodeError> {
    let infno = route::infno(transaction, profile.variants);
    let input = serde_json::to_string(input).map_err(EncodeError::Json)?;
    // No text has more characters than bytes.
    let chars = if input.len() > chars_max {
        input.chars().count()
    } else {
        0
    };
    if chars > chars_max {
        return Err(EncodeError::TooLong { chars });
    }
    let rule = &profile.envelope;
    let (mut before, mut after) = (Vec::with_capacity(BEFORE_ROOM), Vec::with_capacity(AFTER_ROOM));
    members(
        &mut before,
        &Before {
            infno,
            msgid: head.message_id.as_str(),
            mdtrtarea_admvs: head.care_area,
            insuplc_admdvs: insured_area,
            recer_sys_code: &rule.receiver,
            dev_no: "",
            dev_safe_info: "",
        },
    )?;
    members(
        &mut after,
        &After {
            infver: &rule.version,
            opter_type: &rule.operator_kind,
            opter: head.operator_code.as_str(),
            opter_name: filled("opter_name", &head.operator_name)?,
            inf_time: wall_clock(head.at),
            fixmedins_code: head.institution.as_str(),
            fixmedins_name: filled("fixmedins_name", &head.institution_name)?,
            sign_no: head.sign_in.as_ref().map_or("", SignIn::as_str),
        },
    )?;
    if !rule.extras.is_empty() {
        members(&mut after, &rule.extras)?;
    }
    let envelope = Envelope { before, after, input };
    let message = blank(transaction, head, profile)?;
    Ok(Draft::core(message, envelope, profile.security.clone()))
}

/// A message without its body.
pub(crate) fn blank(
    transaction: Transaction,
    head: &Head,
    profile: &Profile,
) -> Result<Message, EncodeError> {
    let infno = route::infno(transaction, profile.variants);
    Ok(Message {
        transaction,
        number: infno.to_owned(),
        message_id: head.message_id.clone(),
        path: route::path(infno, &profile.url)?,
        api: route::api(infno, &profile.url),
        boundary: None,
        body: Vec::new(),
    })
}

/// `yyyy-MM-dd HH:mm:ss`, Beijing.
pub(crate) fn wall_clock(at: Timestamp) -> String {
    let civil = beijing(at);
    let year = civil.year().unsigned_abs();
    let mut text = String::with_capacity(19);
    for (number, behind) in [
        (year / 100, ""),
        (year % 100, "-"),
        (u16::from(civil.month().unsigned_abs()), "-"),
        (u16::from(civil.day().unsigned_abs()), " "),
        (u16::from(civil.hour().unsigned_abs()), ":"),
        (u16::from(civil.minute().unsigned_abs()), ":"),
        (u16::from(civil.second().unsigned_abs()), ""),
    ] {
        for digit in [number / 10 % 10, number % 10] {
            let digit = char::from_digit(u32::from(digit), 10);
            text.extend(digit);
        }
        text.push_str(behind);
    }
    text
}

/// A mandatory text, refused while blank.
pub(crate) fn filled<'a>(field: &'static str, text: &'a str) -> Result<&'a str, EncodeError> {
    if text.trim().is_empty() {
        Err(EncodeError::MemberEmpty(field))
    } else {
        Ok(text)
    }
}

/// An optional text: left out while blank.
pub(crate) fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

impl core::fmt::Debug for Message {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Message")
            .field("transaction", &self.transaction)
            .field("number", &self.number)
            .field("message_id", &self.message_id)
            .field("path", &self.path)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_beijing_s() {
        for (at, text) in [
            ("2026-11-22T02:03:04Z", "2026-11-22 10:03:04"),
            ("2026-12-31T16:00:00.999Z", "2027-01-01 00:00:00"),
            ("2008-02-28T15:59:59Z", "2008-02-28 23:59:59"),
            ("0900-01-01T00:00:00Z", "0900-01-01 08:00:00"),
        ] {
            assert_eq!(wall_clock(at.parse().unwrap()), text);
        }
    }

    #[test]
    fn objects_join_into_one() {
        let mut text = Vec::new();
        for object in [("a", "1"), ("b", "\"")] {
            members(&mut text, &BTreeMap::from([object])).unwrap();
        }
        assert_eq!(String::from_utf8(text).unwrap(), ",\"a\":\"1\",\"b\":\"\\\"\"");
    }
}
