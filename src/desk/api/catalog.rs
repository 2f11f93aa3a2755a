//! `catalog.*`: the local copy of the treatment place's catalogue.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{CatalogueList, Fault, Quantity, RequestId, UnitPrice};

use super::check::{ParamError, Params, amount, text, typed};
use super::common::{FaultShape, OperatorParams, Outcome};

/// Lines of one check.
const LINES_MAX: usize = 1000;
const LIMIT_MAX: u32 = 100;

/// Parameters of `catalog.sync`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogSyncParams {
    /// Lists to bring up to date; all the province has when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<String>,
    /// From the start, instead of what changed since.
    #[serde(default)]
    pub whole: bool,
}

impl Params for CatalogSyncParams {
    fn check(&self) -> Result<(), ParamError> {
        self.to_lists().map(|_| ())
    }
}

impl CatalogSyncParams {
    /// # Errors
    /// The list that is none.
    pub fn to_lists(&self) -> Result<Vec<CatalogueList>, ParamError> {
        let lists = self.lists.iter().enumerate();
        lists
            .map(|(at, name)| list(&format!("lists[{at}]"), name))
            .collect()
    }
}

fn list(path: &str, name: &str) -> Result<CatalogueList, ParamError> {
    CatalogueList::parse(name).ok_or_else(|| ParamError::new(path, "is no list of the catalogue"))
}

/// Answer of `catalog.sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogSyncResult {
    /// Whether this call began it; otherwise one is under way.
    pub started: bool,
    /// Lists that are fetched, in order.
    pub lists: Vec<String>,
}

/// Answer of `catalog.status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogStatusResult {
    /// Every list the province has.
    pub lists: Vec<CatalogListView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<CatalogProgressView>,
}

/// One list of the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogListView {
    pub list: String,
    /// As the platform counts versions; missing while the list was never here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default)]
    pub rows: u64,
    /// When it was last found to be the newest; missing while the list was never here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_s: Option<u64>,
    /// Why it could not be brought up to date last; what is here stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub trouble: Option<Fault>,
}

/// A sync that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogProgressView {
    /// The list that is fetched now.
    pub list: String,
    pub rows: u64,
    /// Rows there will be, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Lists that come after it.
    pub waiting: Vec<String>,
}

/// Where an answer comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogSource {
    pub list: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub synced_at: String,
    pub age_s: u64,
}

/// Parameters of `catalog.lookup`; exactly one of `text`, `code` and `own_code`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogLookupParams {
    /// A code, any part of a name, or initials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The institution's own code, through its mappings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_code: Option<String>,
    /// Only of this list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// In force on this day; today when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// 1 to 100; 20 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
}

impl Params for CatalogLookupParams {
    fn check(&self) -> Result<(), ParamError> {
        let given = [
            ("text", &self.text),
            ("code", &self.code),
            ("own_code", &self.own_code),
        ];
        let mut given = given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let only_one = "give exactly one of text, code and own_code";
        let (name, value) = given.next().ok_or_else(|| ParamError::new("text", only_one))?;
        text(name, value, 150)?;
        if given.next().is_some() {
            return Err(ParamError::new(name, only_one));
        }
        if self.limit.is_some_and(|limit| !(1..=LIMIT_MAX).contains(&limit)) {
            return Err(ParamError::new("limit", "must be between 1 and 100"));
        }
        self.to_list()?;
        day("on", self.on.as_deref()).map(|_| ())
    }
}

impl CatalogLookupParams {
    /// # Errors
    /// When it is no list.
    pub fn to_list(&self) -> Result<Option<CatalogueList>, ParamError> {
        self.list.as_deref().map(|name| list("list", name)).transpose()
    }

    /// # Errors
    /// When it is no day.
    pub fn to_day(&self) -> Result<Option<Date>, ParamError> {
        day("on", self.on.as_deref())
    }
}

fn day(path: &str, text: Option<&str>) -> Result<Option<Date>, ParamError> {
    text.map(|text| {
        text.parse()
            .map_err(|_| ParamError::new(path, "is no day, write 2026-11-22"))
    })
    .transpose()
}

/// Answer of `catalog.lookup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogLookupResult {
    /// The best first; those that are not in force last.
    pub items: Vec<CatalogItem>,
    pub sources: Vec<CatalogSource>,
}

/// An entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogItem {
    pub list: String,
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinyin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub in_force: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// 01 A, 02 B, 03 own expense, as the insurance of the treatment place has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its code in the insurance catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance_code: Option<String>,
    /// Highest price of one unit that counts, in yuan; of several the highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<String>,
    /// Share the person pays first by the list; what applies to a patient is told by the quote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_own: Option<String>,
    /// The institution's own codes that are mapped to it.
    pub own_codes: Vec<String>,
}

/// Parameters of `catalog.check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogCheckParams {
    /// 1 to 1000; the lines of a bill as `visit.quote` takes them, further members ignored.
    pub lines: Vec<CatalogCheckLine>,
    /// Day the fees occurred on; today when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
}

/// A fee line to check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogCheckLine {
    pub serial: String,
    pub national_code: String,
    pub own_code: String,
    pub quantity: String,
    pub unit_price: String,
    pub amount_fen: i64,
    /// Class the desk takes it for: 01, 02 or 03.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl Params for CatalogCheckParams {
    fn check(&self) -> Result<(), ParamError> {
        if self.lines.is_empty() || self.lines.len() > LINES_MAX {
            return Err(ParamError::new("lines", "must be between 1 and 1000"));
        }
        for (at, line) in self.lines.iter().enumerate() {
            let path = |member: &str| format!("lines[{at}].{member}");
            text(path("serial"), &line.serial, 30)?;
            text(path("national_code"), &line.national_code, 50)?;
            text(path("own_code"), &line.own_code, 150)?;
            Quantity::parse_plain(&line.quantity)
                .map_err(|error| ParamError::new(path("quantity"), error.to_string()))?;
            UnitPrice::parse_plain(&line.unit_price)
                .map_err(|error| ParamError::new(path("unit_price"), error.to_string()))?;
            amount(&path("amount_fen"), line.amount_fen)?;
            if line
                .class
                .as_deref()
                .is_some_and(|class| !["01", "02", "03"].contains(&class))
            {
                return Err(ParamError::new(path("class"), "must be 01, 02 or 03"));
            }
        }
        self.to_day().map(|_| ())
    }
}

impl CatalogCheckParams {
    /// # Errors
    /// When it is no day.
    pub fn to_day(&self) -> Result<Option<Date>, ParamError> {
        day("on", self.on.as_deref())
    }
}

/// Answer of `catalog.check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogCheckResult {
    /// Lines with something wrong, in the order they came in.
    pub lines: Vec<CatalogCheckedLine>,
    pub lines_checked: u32,
    /// Money that at most is not covered because of it, all lines together.
    pub at_stake_fen: i64,
    pub sources: Vec<CatalogSource>,
    /// Lists the province has and this PC does not: what they would say is not known.
    pub missing: Vec<String>,
}

/// A line with something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogCheckedLine {
    pub serial: String,
    pub problems: Vec<CatalogProblem>,
    /// The greatest of its problems': they do not add up.
    pub at_stake_fen: i64,
}

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogProblem {
    pub kind: CatalogProblemKind,
    pub at_stake_fen: i64,
    /// What to do, for the cashier.
    pub text_zh: String,
    /// For the engineer.
    pub text_en: String,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CatalogProblemKind {
    /// The own code is not mapped.
    Unmapped,
    /// The own code is mapped to another national code.
    MappedElsewhere,
    /// The national code stands in no list.
    Unknown,
    /// The national code was withdrawn.
    Withdrawn,
    /// The national code is past its last day.
    Ended,
    /// The national code is not in force yet.
    NotYet,
    /// The insurance does not cover it.
    OwnExpense,
    /// The price is above the ceiling.
    AboveCeiling,
    /// The desk takes it for another class.
    OtherClass,
}

/// Parameters of `catalog.map`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogMapParams {
    pub request_id: String,
    /// Takes the mapping back instead of making it.
    #[serde(default)]
    pub withdraw: bool,
    pub own_code: String,
    pub own_name: String,
    pub national_code: String,
    /// The list the national code stands in, e.g. `drugs`.
    pub list: String,
    /// First day; today when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
}

impl Params for CatalogMapParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<RequestId>("request_id", &self.request_id)?;
        text("own_code", &self.own_code, 30)?;
        text("own_name", &self.own_name, 200)?;
        text("national_code", &self.national_code, 50)?;
        self.to_list()?;
        let (from, until) = self.to_days()?;
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            return Err(ParamError::new("until", "is before from"));
        }
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        Ok(())
    }
}

impl CatalogMapParams {
    /// # Errors
    /// When it is no list of items.
    pub fn to_list(&self) -> Result<CatalogueList, ParamError> {
        let found = list("list", &self.list)?;
        if found.holds_items() {
            Ok(found)
        } else {
            Err(ParamError::new("list", "holds no items"))
        }
    }

    /// # Errors
    /// When one is no day.
    pub fn to_days(&self) -> Result<(Option<Date>, Option<Date>), ParamError> {
        Ok((
            day("from", self.from.as_deref())?,
            day("until", self.until.as_deref())?,
        ))
    }
}

/// Answer of `catalog.map`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogMapResult {
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<FaultShape>")]
    pub fault: Option<Fault>,
}
