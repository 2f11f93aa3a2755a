//! `identity.read`, `identity.cancel`.

use core::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::Private;

use super::check::{ParamError, Params};
use super::common::{CodeName, Notice, OperatorParams};

/// Parameters of `identity.read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityReadParams {
    pub source: IdentitySource,
    /// How long to wait for card or code, 1 to 300 seconds.
    #[serde(default = "timeout_s_default")]
    #[schemars(range(min = 1, max = 300))]
    pub timeout_s: u32,
    #[serde(default)]
    pub business: Business,
    /// Citizen identity number; with source `id_number` only, and there always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub id_number: Option<Private>,
    /// Kind and number of papers; with source `papers` only, and there always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub papers: Option<PapersParams>,
    /// Hand out what the card holds, and ask nobody about the person; with source `card` only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub card_fields: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

const fn is_false(value: &bool) -> bool {
    !*value
}

const fn timeout_s_default() -> u32 {
    60
}

impl IdentityReadParams {
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_s))
    }
}

impl Params for IdentityReadParams {
    fn check(&self) -> Result<(), ParamError> {
        if !(1..=300).contains(&self.timeout_s) {
            return Err(ParamError::new("timeout_s", "must be 1 to 300"));
        }
        match (self.source, &self.id_number) {
            (IdentitySource::IdNumber, None) => {
                Err(ParamError::new("id_number", "required with source id_number"))
            }
            (IdentitySource::IdNumber, Some(_))
            | (
                IdentitySource::Any
                | IdentitySource::Card
                | IdentitySource::Code
                | IdentitySource::IdCard
                | IdentitySource::Papers,
                None,
            ) => Ok(()),
            (
                IdentitySource::Any
                | IdentitySource::Card
                | IdentitySource::Code
                | IdentitySource::IdCard
                | IdentitySource::Papers,
                Some(_),
            ) => Err(ParamError::new("id_number", "only allowed with source id_number")),
        }?;
        match (self.source == IdentitySource::Papers, &self.papers) {
            (true, None) => Err(ParamError::new("papers", "required with source papers")),
            (false, Some(_)) => Err(ParamError::new("papers", "only allowed with source papers")),
            (true, Some(papers)) => papers.check(),
            (false, None) => Ok(()),
        }?;
        if self.card_fields && self.source != IdentitySource::Card {
            return Err(ParamError::new("card_fields", "only allowed with source card"));
        }
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        Ok(())
    }
}

/// Papers of somebody without a citizen identity number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PapersParams {
    /// As the interface counts them: 04 and 05 permits of Hong Kong and Macao residents, 06 of Taiwan residents, 07 permanent
    /// residence of foreigners, 08 foreign passport, 17 residence permit of Hong Kong, Macao and Taiwan residents, and so on.
    pub kind: String,
    /// As printed, without spaces.
    #[schemars(with = "String")]
    pub number: Private,
    /// Where the province compares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub name: Option<Private>,
}

impl PapersParams {
    fn check(&self) -> Result<(), ParamError> {
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_word(&self.kind) || self.kind.len() > 6 {
            return Err(ParamError::new("papers.kind", "must be 1 to 6 letters or digits"));
        }
        let number = self.number.reveal();
        let printed = |byte: u8| byte.is_ascii_alphanumeric() || b"-()/".contains(&byte);
        if number.is_empty() || number.len() > 50 || !number.bytes().all(printed) {
            return Err(ParamError::new(
                "papers.number",
                "must be 1 to 50 letters, digits or signs of a number",
            ));
        }
        let name = self.name.as_ref().map(Private::reveal);
        if name.is_some_and(|name| name.trim().is_empty() || name.chars().count() > 50) {
            return Err(ParamError::new("papers.name", "must be 1 to 50 characters"));
        }
        Ok(())
    }
}

/// What the desk waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentitySource {
    /// Card or code, whichever comes first.
    Any,
    Card,
    Code,
    /// A resident ID card on its own reader.
    IdCard,
    /// The number sent along.
    IdNumber,
    /// Other papers, sent along by kind and number.
    Papers,
}

/// What the proof is for; the platform asks when a voucher is decoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Business {
    Register,
    #[default]
    Settle,
}

/// Answer of `identity.read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityReadResult {
    /// Handle for the later calls; dies with the agent and at `expires_at`.
    pub identity_id: String,
    pub kind: IdentityKind,
    /// In clear: the cashier compares it with the patient.
    #[schemars(with = "String")]
    pub name: Private,
    /// First six and last four, e.g. `341200********1234`.
    pub certificate_masked: String,
    pub grade: IdentityGrade,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_area: Option<CodeName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardView>,
    pub expires_at: String,
    /// The platform did not answer: name and insured region are as this desk saw them then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<String>,
}

/// What was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    Card,
    Voucher,
    IdNumber,
    Papers,
}

/// How strong the proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityGrade {
    /// Read from a card, a resident ID card too.
    Read,
    /// Decoded by the platform from a live code.
    Decoded,
    /// Typed by hand.
    Typed,
}

/// What the card says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardView {
    pub number_masked: String,
    /// Last day of validity, `YYYY-MM-DD`.
    pub valid_until: String,
    pub warnings: Vec<Notice>,
    /// The card proved to the province's key service that it is genuine. Other cards cannot: the platform decides.
    #[serde(default, skip_serializing_if = "is_false")]
    pub genuine: bool,
    /// Only when `card_fields` asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<CardFieldsView>,
}

/// What a reader library hands over, in its order. In clear. What is empty was not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardFieldsView {
    /// Issuing region, six digits.
    pub region: String,
    #[schemars(with = "String")]
    pub number: Private,
    #[schemars(with = "String")]
    pub card_number: Private,
    /// Identification code, 32 hex digits.
    #[schemars(with = "String")]
    pub identification: Private,
    #[schemars(with = "String")]
    pub name: Private,
    /// Historical bytes of the answer to reset, hex.
    #[schemars(with = "String")]
    pub reset_info: Private,
    pub version: String,
    /// `YYYYMMDD`.
    pub issued: String,
    /// `YYYYMMDD`.
    pub valid_until: String,
    /// Number of the security module, twelve digits; zeros without one.
    pub terminal: String,
    pub device: String,
}

/// Answer of `identity.cancel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityCancelResult {
    /// Whether an `identity.read` was waiting.
    pub cancelled: bool,
}
