//! `filing.check` and `filing.history`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Area, BillId, IdentityId, Private, VisitType};

use super::check::{ParamError, Params, text, typed};
use super::common::CodeName;
use super::status::NextStep;

/// Whose filing: exactly one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WhoParams {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_id: Option<String>,
    /// The patient of this bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_id: Option<String>,
    /// Number of the certificate. Enough to look on disk, never to settle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub certificate: Option<Private>,
}

/// The one way in which the person is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Identity(IdentityId),
    Bill(BillId),
    Certificate(Private),
}

impl WhoParams {
    /// # Errors
    /// When not exactly one member is there, or it is no id.
    pub fn to_who(&self) -> Result<Who, ParamError> {
        match (&self.identity_id, &self.bill_id, &self.certificate) {
            (Some(id), None, None) => Ok(Who::Identity(typed("who.identity_id", id)?)),
            (None, Some(id), None) => Ok(Who::Bill(typed("who.bill_id", id)?)),
            (None, None, Some(number)) => {
                text("who.certificate", number.reveal(), 50)?;
                Ok(Who::Certificate(number.clone()))
            }
            _ => Err(ParamError::new(
                "who",
                "exactly one of identity_id, bill_id, certificate",
            )),
        }
    }
}

/// An area code from the text at `path`.
pub(super) fn area(path: &str, text: &str) -> Result<Area, ParamError> {
    Area::new(text).map_err(|error| ParamError::new(path, error.to_string()))
}

/// Parameters of `filing.check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingCheckParams {
    pub who: WhoParams,
    /// Visit kind the question is about; `11` ordinary outpatient, `13` emergency.
    #[serde(default = "visit_kind_default")]
    pub visit_kind: String,
    /// Where the person is insured, six digits; left out: as last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_area: Option<String>,
}

fn visit_kind_default() -> String {
    String::from("11")
}

impl FilingCheckParams {
    /// # Errors
    /// When the text is no area code.
    pub fn insured(&self) -> Result<Option<Area>, ParamError> {
        let given = self.insured_area.as_deref();
        given.map(|text| area("insured_area", text)).transpose()
    }
}

impl Params for FilingCheckParams {
    fn check(&self) -> Result<(), ParamError> {
        self.who.to_who()?;
        typed::<VisitType>("visit_kind", &self.visit_kind)?;
        self.insured().map(|_| ())
    }
}

/// Whether the person may settle here today, as far as the filing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingAnswer {
    Valid,
    /// Same pool, a distance for which the province asks for none, or an emergency.
    NotNeeded,
    Missing,
    Expired,
    NotKnown,
}

/// What the answer rests on, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingSureness {
    /// The rules of the province alone.
    Rule,
    /// The insured region's decision about a visit.
    Verdict,
    /// A query; the insured region decides.
    Hint,
    /// A paper or screen somebody saw.
    Paper,
    /// Nothing is known, or what is known contradicts itself.
    Nothing,
}

/// Kind of a filing for treatment elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingKindWord {
    /// 异地安置退休人员.
    ResettledRetiree,
    /// 异地长期居住人员.
    LongTermResident,
    /// 常驻异地工作人员.
    PostedWorker,
    /// 异地转诊就医.
    Referral,
    /// 异地急诊抢救.
    Emergency,
    /// 其他临时外出就医.
    OtherTemporary,
    /// The source does not say.
    NotStated,
}

/// Answer of `filing.check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingCheckResult {
    pub answer: FilingAnswer,
    pub sureness: FilingSureness,
    /// One sentence for the cashier.
    pub text_zh: String,
    pub checked_at: String,
    /// Age of the evidence in seconds; 0 without evidence.
    pub age_s: u64,
    /// The evidence is older than its limit, or its age cannot be told.
    pub stale: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<FilingEvidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<FilingView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<FilingShare>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished: Option<FilingVanished>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_area: Option<CodeName>,
    pub care_area: CodeName,
    /// What the patient or the cashier does next.
    pub next_step: NextStep,
}

/// Which observation an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingEvidence {
    /// `trial`, `settlement`, `admission`, `benefits`, `fixed_institutions`, `referrals`, `paper`, ...
    pub source: String,
    /// Number of the platform's transaction; absent for paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    pub at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_message_id: Option<String>,
    /// SM3 under which the ledger's journal lists it, hex.
    pub digest: String,
}

/// A filing as it was seen or told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingView {
    pub kind: FilingKindWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub number: Option<Private>,
    /// First day, `YYYY-MM-DD`.
    pub from: String,
    /// Last day; absent: open-ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where treatment was filed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<CodeName>,
}

/// The pool's share as the insured region told it in a verdict; never computed, never promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingShare {
    /// Decimal text, e.g. `0.55`.
    pub ratio: String,
    pub source: String,
    pub at: String,
    pub age_s: u64,
    pub stale: bool,
}

/// A filing that was there and is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingVanished {
    /// When it was found to be gone.
    pub noticed_at: String,
    pub last_seen: FilingEvidence,
    /// Empty when only verdicts told of it.
    pub filings: Vec<FilingView>,
}

/// Parameters of `filing.history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingHistoryParams {
    pub who: WhoParams,
}

impl Params for FilingHistoryParams {
    fn check(&self) -> Result<(), ParamError> {
        self.who.to_who().map(|_| ())
    }
}

/// Answer of `filing.history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingHistoryResult {
    /// In the order of recording.
    pub entries: Vec<FilingEntry>,
    /// Whether there is more than the latest entries given.
    pub cut: bool,
}

/// One thing that was seen, told, refused or found to be gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingEntry {
    pub evidence: FilingEvidence,
    pub age_s: u64,
    /// Age in seconds after which it counts as old; absent for a check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_max_s: Option<u64>,
    /// SM3 of the platform's answer as it came, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_id: Option<String>,
    /// `insured`, `benefit`, `filings`, `entries`, `made`, `registered`, `withdrawn`, `accepted`, `refused`, `paper`,
    /// `vanished`, `checked` or `erased`.
    pub said: String,
    /// What it said, one sentence.
    pub text_zh: String,
    pub filings: Vec<FilingView>,
    /// When the personal details were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<String>,
}

/// The check that went with a settlement or an admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilingReceipt {
    pub answer: FilingAnswer,
    pub sureness: FilingSureness,
    pub text_zh: String,
    pub checked_at: String,
    pub age_s: u64,
    pub stale: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Digest of the evidence, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}
