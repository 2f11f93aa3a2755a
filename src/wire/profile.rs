//! What differs from province to province, as data.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use zhijie_model::{Area, CallClass, Distance, Transaction, VisitType};

use crate::catalogue_rules::CatalogueRules;
use crate::check_rules::CheckRules;
use crate::chronic_rules::ChronicRules;
use crate::filing_rules::FilingRules;
use crate::lookup_rules::LookupRules;
use crate::patterns::Patterns;
use crate::person_rules::{PapersRules, PersonRules};
use crate::profile_dress::{EnvelopeRule, HeaderRule, MediumRule, SecurityRule, UrlRule, VoucherRule};
use crate::profile_files::FileRules;
use crate::route;
use crate::settlement_rules::SettlementRules;
use crate::slip_rules::SlipRules;
use crate::statement_rules::StatementRules;
use crate::stay_rules::StayDialect;

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
    #[serde(default)]
    pub security: SecurityRule,
    #[serde(default)]
    pub voucher: VoucherRule,
    #[serde(default)]
    pub medium: Option<MediumRule>,
    #[serde(default)]
    pub files: FileRules,
    pub variants: Variants,
    /// Whether a typed citizen identity number is taken as proof of identity.
    pub id_number_allowed: bool,
    /// Papers of people without a citizen identity number.
    #[serde(default)]
    pub papers: PapersRules,
    /// Whether calls are refused without a sign-in of the operator (9001).
    pub sign_in_needed: bool,
    /// Whether a call refused for want of a sign-in is repeated once after a new one, also where it moves money. Its refusal
    /// must be a certain one.
    #[serde(default = "yes")]
    pub repeats_after_sign_in: bool,
    /// Whether purchases at pharmacies are taken (2101 to 2103). A lost one is searched by 5201, so that is needed too.
    #[serde(default)]
    pub pharmacy: bool,
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
    #[serde(default)]
    pub person: PersonRules,
    #[serde(default)]
    pub lookups: LookupRules,
    /// Checks of a bill before it is settled.
    #[serde(default)]
    pub checks: CheckRules,
    #[serde(default)]
    pub chronic: ChronicRules,
    #[serde(default)]
    pub filing: FilingRules,
    #[serde(default)]
    pub catalogue: CatalogueRules,
    #[serde(default)]
    pub settlement: SettlementRules,
    /// Outpatient bills that one call carries whole.
    #[serde(default)]
    pub slips: SlipRules,
    #[serde(default)]
    pub stays: StayDialect,
    /// The day's reconciliation; without it none is made.
    #[serde(default)]
    pub reconciliation: Option<StatementRules>,
    pub words: Patterns,
    pub timeouts: Timeouts,
    /// Fee lines in one upload call; 1 to 1000.
    pub upload_lines_max: usize,
    pub doubt: DoubtRules,
}

const fn yes() -> bool {
    true
}

/// Which variant of a transaction the province takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variants {
    pub describe: Variant,
    pub trial: Variant,
    pub settle: Variant,
    #[serde(default)]
    pub refer: Variant,
    /// Trial and settlement of a stay.
    #[serde(default)]
    pub try_stay: Variant,
    #[serde(default)]
    pub settle_stay: Variant,
    /// By which transaction chronic and special diseases are asked for.
    #[serde(default)]
    pub chronic: ChronicQuery,
}

/// Where a province keeps chronic and special diseases for a hospital to ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ChronicQuery {
    /// In the register of them (5301).
    #[default]
    #[serde(rename = "5301")]
    Register,
    /// Among the details of the person (1160).
    #[serde(rename = "1160")]
    Detail,
}

/// The plain transaction or the one with the suffix A.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Variant {
    #[default]
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
    /// Also for filings, admissions and discharges: to the insured region and back.
    pub moves_money_ms: u64,
}

/// How this province lets a doubt be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoubtRules {
    /// Seconds after sending beyond which a call that was not executed never will be.
    pub late_execution_max_s: u32,
    /// Seconds by which the books a query is answered from may lag behind.
    #[serde(default)]
    pub query_lag_max_s: u32,
    /// Whether an accepted reversal also stops its target from being executed later.
    pub reversal_is_tombstone: bool,
    /// Whether the settlement query may come back empty for patients of other provinces although one stands.
    pub query_may_miss_visitors: bool,
}

impl Timeouts {
    /// How long to wait for the whole answer to a call of this class.
    #[must_use]
    pub const fn of(&self, class: CallClass) -> Duration {
        match class {
            CallClass::Reads => Duration::from_millis(self.reads_ms),
            CallClass::Prepares => Duration::from_millis(self.prepares_ms),
            CallClass::Files | CallClass::MovesStay | CallClass::MovesMoney => {
                Duration::from_millis(self.moves_money_ms)
            }
        }
    }
}

impl Profile {
    /// The number of a transaction whose input needs the token of a security medium; `None` for all others.
    #[must_use]
    pub fn medium_number(&self, transaction: Transaction) -> Option<&'static str> {
        let number = route::infno(transaction, self.variants);
        let rule = self.medium.as_ref()?;
        let asked = rule.transactions.iter().any(|named| named == number);
        asked.then_some(number)
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
