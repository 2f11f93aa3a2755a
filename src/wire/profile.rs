//! What differs from province to province, as data.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use zhijie_model::{Area, CallClass, Distance, VisitType};

use crate::patterns::Patterns;

/// One province's dialect of the interface. Holds no secret; unknown keys are refused.
///
/// The keys speak plain English; the files under `config/provinces` name the interface member each one governs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name of the profile, e.g. `hebei`.
    pub name: String,
    pub url: UrlRule,
    pub header: HeaderRule,
    pub envelope: EnvelopeRule,
    pub variants: Variants,
    /// Whether calls are refused without a sign-in of the operator (9001).
    pub sign_in_needed: bool,
    pub fields: FieldSwitches,
    /// Whether the fund total of an answer includes the personal account. Only an expectation: what the amounts
    /// of an answer prove goes first.
    pub fund_includes_account: bool,
    /// Visit kinds that are sent instead for a patient insured in another province; empty where none.
    #[serde(default)]
    pub visitor_visit_kinds: BTreeMap<String, VisitType>,
    /// Item class codes of this province in the national spelling; codes not listed pass unchanged.
    #[serde(default)]
    pub item_classes: BTreeMap<String, String>,
    pub words: Patterns,
    pub timeouts: Timeouts,
    /// Fee lines in one upload call; 1 to 1000.
    pub upload_lines_max: usize,
    pub doubt: DoubtRules,
}

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrlRule {
    pub family: UrlFamily,
    /// Begins with a slash and does not end with one.
    pub base_path: String,
    /// Transaction number to `service/method`; replaces or adds to the built-in table. `fsi_table` only.
    #[serde(default)]
    pub paths: BTreeMap<String, String>,
}

/// Shape of the URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrlFamily {
    /// Every call goes to the base path; the transaction number stands in the body only.
    Single,
    /// Base path, then service and method from a table.
    FsiTable,
}

/// How the gateway knows us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderRule {
    pub family: HeaderFamily,
}

/// Header signature of the gateway. The secrets are given to the uplink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderFamily {
    None,
    Tif,
}

/// Province constants of the request envelope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeRule {
    /// Code of the receiving system, at most 10 characters.
    pub receiver: String,
    /// Interface version, at most 6 characters.
    pub version: String,
    /// `1` clerk, `2` kiosk, `3` mobile.
    pub operator_kind: String,
}

/// Which variant of a transaction the province takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variants {
    pub describe: Variant,
    pub trial: Variant,
    pub settle: Variant,
}

/// The plain transaction or the one with the suffix A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Variant {
    #[serde(rename = "plain")]
    Plain,
    #[serde(rename = "A")]
    A,
}

/// Members that some provinces want and others do not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSwitches {
    /// Send the card's identification code with registration, trial and settlement too, not only with the lookup.
    pub card_identification_everywhere: bool,
    /// Send certificate kind, certificate number and name wherever a credential goes.
    pub identity_everywhere: bool,
    /// Spelling of the extension member.
    pub extension: ExtensionName,
    /// Transaction number to the constant JSON text sent as its extension; empty where none is wanted.
    #[serde(default)]
    pub extension_texts: BTreeMap<String, String>,
    /// Whether a settlement answer repeats our message id; where it does, another id is another's answer.
    pub settlement_echoes_message_id: bool,
}

/// Spelling of the extension member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionName {
    Snake,
    Camel,
}

/// How long to wait, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    pub connect_ms: u64,
    pub reads_ms: u64,
    pub prepares_ms: u64,
    pub moves_money_ms: u64,
}

/// How this province lets a doubt be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoubtRules {
    /// Seconds after sending beyond which a call that was not executed never will be.
    pub late_execution_max_s: u32,
    /// Whether an accepted reversal also stops its target from being executed later.
    pub reversal_is_tombstone: bool,
    /// Whether the settlement query may come back empty for patients of other provinces although one stands.
    pub query_may_miss_visitors: bool,
}

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileError {
    #[error("{key} is empty")]
    Empty { key: &'static str },
    #[error("{key} is longer than {max} characters")]
    TooLong { key: &'static str, max: usize },
    #[error("{key} must be between {min} and {max}")]
    OutOfRange { key: &'static str, min: u64, max: u64 },
    #[error("{key} must begin with a slash and not end with one")]
    NotAPath { key: &'static str },
    #[error("{key} must be one of {allowed}")]
    NotOneOf {
        key: &'static str,
        allowed: &'static str,
    },
    #[error("words.{list} holds an empty pattern")]
    EmptyPattern { list: &'static str },
    #[error("fields.extension_texts.{infno} is not a JSON object")]
    NotJson { infno: String },
}

impl Timeouts {
    /// How long to wait for the whole answer to a call of this class.
    #[must_use]
    pub const fn of(&self, class: CallClass) -> Duration {
        match class {
            CallClass::Reads => Duration::from_millis(self.reads_ms),
            CallClass::Prepares => Duration::from_millis(self.prepares_ms),
            CallClass::MovesMoney => Duration::from_millis(self.moves_money_ms),
        }
    }
}

impl Profile {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first key found wrong.
    pub fn check(&self) -> Result<(), ProfileError> {
        text("name", &self.name, 40)?;
        text("envelope.receiver", &self.envelope.receiver, 10)?;
        text("envelope.version", &self.envelope.version, 6)?;
        if !["1", "2", "3"].contains(&self.envelope.operator_kind.as_str()) {
            return Err(ProfileError::NotOneOf {
                key: "envelope.operator_kind",
                allowed: "1, 2, 3",
            });
        }
        path("url.base_path", &self.url.base_path)?;
        for below in self.url.paths.values() {
            path("url.paths", &format!("/{below}"))?;
        }
        range("timeouts.connect_ms", self.timeouts.connect_ms, 100, 60_000)?;
        range("timeouts.reads_ms", self.timeouts.reads_ms, 100, 600_000)?;
        range("timeouts.prepares_ms", self.timeouts.prepares_ms, 100, 600_000)?;
        range(
            "timeouts.moves_money_ms",
            self.timeouts.moves_money_ms,
            100,
            600_000,
        )?;
        let lines = u64::try_from(self.upload_lines_max).unwrap_or(u64::MAX);
        range("upload_lines_max", lines, 1, 1000)?;
        range(
            "doubt.late_execution_max_s",
            u64::from(self.doubt.late_execution_max_s),
            1,
            604_800,
        )?;
        for (infno, extension) in &self.fields.extension_texts {
            let parsed: Result<BTreeMap<String, serde_json::Value>, _> = serde_json::from_str(extension);
            if parsed.is_err() {
                return Err(ProfileError::NotJson { infno: infno.clone() });
            }
        }
        self.words.check()
    }

    /// The visit kind code to send for a patient insured in `insured` and treated in `care`.
    pub(crate) fn visit_kind<'a>(&'a self, kind: &'a VisitType, insured: Area, care: Area) -> &'a str {
        let sent = match insured.distance_to(care) {
            Distance::OtherProvince => self.visitor_visit_kinds.get(kind.as_str()).unwrap_or(kind),
            Distance::SameCity | Distance::SameProvince => kind,
        };
        sent.as_str()
    }

    pub(crate) fn item_class(&self, code: &str) -> String {
        self.item_classes
            .get(code)
            .map_or(code, String::as_str)
            .to_owned()
    }
}

fn text(key: &'static str, value: &str, max: usize) -> Result<(), ProfileError> {
    if value.trim().is_empty() {
        return Err(ProfileError::Empty { key });
    }
    if value.chars().count() > max {
        return Err(ProfileError::TooLong { key, max });
    }
    Ok(())
}

fn path(key: &'static str, value: &str) -> Result<(), ProfileError> {
    let plain = value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
    if value.len() < 2 || !value.starts_with('/') || value.ends_with('/') || !plain {
        return Err(ProfileError::NotAPath { key });
    }
    Ok(())
}

const fn range(key: &'static str, value: u64, min: u64, max: u64) -> Result<(), ProfileError> {
    if value < min || value > max {
        return Err(ProfileError::OutOfRange { key, min, max });
    }
    Ok(())
}
