//! A message as it goes out: envelope, canonical bytes, path.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
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

/// Request envelope, members in the order of the interface table.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope {
    infno: &'static str,         // 交易编号
    msgid: String,               // 发送方报文ID
    mdtrtarea_admvs: String,     // 就医地医保区划
    insuplc_admdvs: String,      // 参保地医保区划
    recer_sys_code: String,      // 接收方系统代码
    dev_no: &'static str,        // 设备编号
    dev_safe_info: &'static str, // 设备安全信息
    pub(crate) cainfo: String,   // 数字签名信息
    pub(crate) signtype: String, // 签名类型
    infver: String,              // 接口版本号
    opter_type: String,          // 经办人类别
    opter: String,               // 经办人
    opter_name: String,          // 经办人姓名
    inf_time: String,            // 交易时间
    fixmedins_code: String,      // 定点医药机构编号
    fixmedins_name: String,      // 定点医药机构名称
    sign_no: String,             // 交易签到流水号
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enc_type: Option<&'static str>, // 加密方式
    #[serde(flatten)]
    extras: BTreeMap<String, String>,
    pub(crate) input: Box<RawValue>, // 交易输入
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
    let input = serde_json::value::to_raw_value(input).map_err(EncodeError::Json)?;
    let chars = input.get().chars().count();
    if chars > chars_max {
        return Err(EncodeError::TooLong { chars });
    }
    let rule = &profile.envelope;
    let envelope = Envelope {
        infno,
        msgid: String::from(head.message_id.as_str()),
        mdtrtarea_admvs: head.care_area.to_string(),
        insuplc_admdvs: insured_area.to_string(),
        recer_sys_code: rule.receiver.clone(),
        dev_no: "",
        dev_safe_info: "",
        cainfo: String::new(),
        signtype: String::new(),
        infver: rule.version.clone(),
        opter_type: rule.operator_kind.clone(),
        opter: String::from(head.operator_code.as_str()),
        opter_name: String::from(filled("opter_name", &head.operator_name)?),
        inf_time: wall_clock(head.at),
        fixmedins_code: String::from(head.institution.as_str()),
        fixmedins_name: String::from(filled("fixmedins_name", &head.institution_name)?),
        sign_no: head.sign_in.as_ref().map_or("", SignIn::as_str).to_owned(),
        enc_type: None,
        extras: rule.extras.clone(),
        input,
    };
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
    beijing(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
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
