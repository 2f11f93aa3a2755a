//! How the messages of a province are dressed: addresses, headers, envelope, signatures. Data only; no secret.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrlRule {
    pub family: UrlFamily,
    /// Begins with a slash and does not end with one.
    pub base_path: String,
    /// Transaction number to `service/method` (`fsi_table`), to what stands behind the dash (`suffix`) or to the name
    /// of the API (`bus`); replaces or adds to what the family says by itself.
    #[serde(default)]
    pub paths: BTreeMap<String, String>,
    /// `bus` only: the API every transaction goes to that `paths` does not name.
    #[serde(default)]
    pub api: Option<String>,
}

/// Shape of the URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrlFamily {
    /// Every call goes to the base path; the transaction number stands in the body only.
    Single,
    /// Base path, then service and method from a table.
    FsiTable,
    /// Base path, a dash, the transaction number.
    Suffix,
    /// Every call goes to the base path; a header names the API.
    Bus,
}

/// How the gateway knows us.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderRule {
    pub family: HeaderFamily,
    /// Whether a signature in hexadecimal is sent in capitals.
    #[serde(default)]
    pub upper_hex: bool,
    /// `csb` only.
    #[serde(default)]
    pub api_version: Option<String>,
    /// `oauth` only.
    #[serde(default)]
    pub token: Option<TokenRule>,
}

/// Header signature of the gateway. The secrets are given to the uplink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderFamily {
    None,
    /// `x-tif-*`: SHA-256 over time, secret and nonce.
    Tif,
    /// The same under the prefix `x-rio-`.
    Rio,
    /// `x-ca-key`, `x-ca-signature`: HMAC-SM3 over time and body.
    Ca,
    /// `_api_*`: HMAC-SHA1 over the four names, version, time and key.
    Csb,
    /// A token fetched beforehand.
    Oauth,
}

/// Where a token is fetched and how long it is good.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRule {
    pub path: String,
    pub grant: String,
    pub scope: String,
    /// Seconds a token is used at most, whatever its own answer says.
    pub life_s: u32,
}

/// Province constants of the request envelope, and how envelopes travel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeRule {
    /// Code of the receiving system, at most 10 characters.
    pub receiver: String,
    /// Interface version, at most 6 characters.
    pub version: String,
    /// `1` clerk, `2` kiosk, `3` mobile.
    pub operator_kind: String,
    #[serde(default)]
    pub content_type: ContentType,
    /// Constant members of this province, member name to text; sent after the common ones.
    #[serde(default)]
    pub extras: BTreeMap<String, String>,
    /// Whether the gateway puts every answer into the `data` of an envelope of its own. Answers are read either way.
    #[serde(default)]
    pub answers_wrapped: bool,
    /// How the reply code is written. Answers are read either way.
    #[serde(default)]
    pub reply_code: ReplyCode,
}

/// What the body of a request is announced as. It is JSON all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentType {
    #[default]
    Json,
    Text,
}

/// A JSON number or a JSON text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyCode {
    #[default]
    Number,
    Text,
}

/// Signature and encryption of the message itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityRule {
    pub family: SecurityFamily,
    /// Sent as kind of signature where `family` is `none`; some platforms want a word there.
    pub signature_kind: String,
    /// Sent as signature where `family` is `none`.
    pub signature: String,
    /// `digest` only: whether it is sent in capitals.
    pub upper_hex: bool,
    /// `sealed` only: the user id inside the SM2 signature.
    pub user_id: UserId,
    /// Whether answers carry an SM2 signature of the platform over their output.
    pub answers_signed: bool,
}

/// What is done to the input of every message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityFamily {
    #[default]
    None,
    /// SM3 over the input.
    Digest,
    /// SM2 over the clear input, the input encrypted with SM4; answers come encrypted with the same key.
    Sealed,
}

/// The user id that SM2 mixes into a signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserId {
    /// The sixteen digits of the standard.
    #[default]
    Standard,
    /// Our id at the gateway.
    Application,
    /// The secret of the channel.
    Secret,
}

/// Where the control of a security medium is asked before a card is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediumRule {
    /// Transaction numbers whose input carries the medium's token, with their variant letter.
    pub transactions: Vec<String>,
}

/// How an e-voucher is decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoucherRule {
    pub road: VoucherRoad,
    /// `service` only: path below the base URL.
    pub path: String,
    /// `service` only: version of the channel's own envelope.
    pub version: String,
    /// `service` and `library`: which kind of call decoding is.
    pub kind: String,
    /// `service` only: the user id inside the SM2 signature.
    pub user_id: UserId,
}

/// Three ways to the decode service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherRoad {
    /// A transaction like the others.
    #[default]
    Core,
    /// The service itself, whose envelope is signed and encrypted by a key of its own.
    Service,
    /// A library of the province, which scans by itself.
    Library,
}
