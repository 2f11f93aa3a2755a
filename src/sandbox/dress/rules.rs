//! The keys of a province profile that the platform's side goes by. Others are the agent's own business.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::InfcodeMode;
use crate::options::PapersShown;

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Rules {
    pub(super) sign_in_needed: bool,
    pub(super) fund_includes_account: bool,
    pub(super) url: Url,
    pub(super) header: Header,
    pub(super) envelope: Envelope,
    #[serde(default)]
    pub(super) security: Security,
    #[serde(default)]
    pub(super) voucher: Voucher,
    #[serde(default)]
    pub(super) medium: Option<Medium>,
    #[serde(default)]
    pub(super) settlement: Settlement,
    #[serde(default)]
    pub(super) papers: Papers,
    #[serde(default)]
    pub(super) reconciliation: Option<Reconciliation>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Reconciliation {
    #[serde(default)]
    pub(super) columns: Columns,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Columns {
    #[default]
    VerdictFirst,
    RefundFirst,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Papers {
    pub(super) shown_as: PapersShown,
}

impl Default for Papers {
    fn default() -> Self {
        Self {
            shown_as: PapersShown::Other,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Settlement {
    pub(super) traces: TraceRule,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TraceRule {
    #[default]
    None,
    Optional,
    Required,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Medium {
    pub(super) transactions: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Url {
    pub(super) family: UrlFamily,
    pub(super) base_path: String,
    #[serde(default)]
    pub(super) paths: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) api: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UrlFamily {
    Single,
    FsiTable,
    Suffix,
    Bus,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Header {
    pub(super) family: HeaderFamily,
    #[serde(default)]
    pub(super) api_version: Option<String>,
    #[serde(default)]
    pub(super) token: Option<Token>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HeaderFamily {
    None,
    Tif,
    Rio,
    Ca,
    Csb,
    Oauth,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Token {
    pub(super) path: String,
    pub(super) grant: String,
    pub(super) scope: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    pub(super) content_type: ContentType,
    #[serde(default)]
    pub(super) extras: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) answers_wrapped: bool,
    #[serde(default)]
    pub(super) reply_code: ReplyCode,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ContentType {
    #[default]
    Json,
    Text,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReplyCode {
    #[default]
    Number,
    Text,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Security {
    pub(super) family: SecurityFamily,
    pub(super) user_id: UserId,
    pub(super) answers_signed: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SecurityFamily {
    #[default]
    None,
    Digest,
    Sealed,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UserId {
    #[default]
    Standard,
    Application,
    Secret,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Voucher {
    pub(super) road: VoucherRoad,
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) user_id: UserId,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum VoucherRoad {
    #[default]
    Core,
    Service,
    Library,
}

impl From<ReplyCode> for InfcodeMode {
    fn from(code: ReplyCode) -> Self {
        match code {
            ReplyCode::Number => Self::Number,
            ReplyCode::Text => Self::String,
        }
    }
}
