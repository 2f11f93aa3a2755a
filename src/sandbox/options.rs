//! What can be switched.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use zhijie_model::{Area, AreaError, Private, Ratio};

use crate::clock::{Clock, SystemClock};
use crate::dress::Dress;
use crate::roads::Road;
use crate::scenario::Scenario;

/// How a sandbox province is set up. [`Options::new`] gives the defaults; set what differs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Platform address; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Admin address; must be a loopback address.
    pub admin: SocketAddr,
    /// Folder of the store; `None` keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// Folder with `ca.pem`, `server.pem` and `server.key`.
    pub certs_dir: PathBuf,
    /// Treatment place.
    pub area: Area,
    pub infcode: InfcodeMode,
    pub duplicate_msgid: DuplicateMsgid,
    /// Requires the `x-tif-*` headers of this caller.
    pub tif: Option<TifSecret>,
    /// Speaks a province's dress instead of the sandbox's own.
    pub dress: Option<Dress>,
    /// What is so from the first minute; its switches go over the others.
    pub scenario: Option<Scenario>,
    /// Whether calls need a sign-in number.
    pub sign_in: bool,
    /// Whether `fund_pay_sumamt` counts the personal account in.
    pub fund_includes_account: bool,
    /// Whether 5203 finds nothing for patients from other provinces.
    pub empty_5203_for_visitors: bool,
    /// Whether patients from other provinces are refused by ID number.
    pub visitors_need_card: bool,
    /// Whether 2001 looks at the filings; elsewhere it only knows the insurance.
    pub filing_hint: bool,
    /// Whether a stay is settled (2304) before the patient is discharged (2402), and not after.
    pub settles_before_discharge: bool,
    /// Whether fees of a year are settled before fees of another year lie beside them.
    pub settles_at_year_end: bool,
    /// The hospital's share of what lies above a ceiling, in stays.
    pub hospital_bears: Option<Ratio>,
    /// As what papers are shown.
    pub papers: PapersShown,
    /// What is made of trace codes.
    pub traces: TraceWish,
    /// How a family member's share is told.
    pub mutual_aid: MutualAid,
    /// Whether personal accounts are never drawn on across provinces, whatever is asked.
    pub account_stays_home: bool,
    /// Roads to insured regions that are not as usual from the start.
    pub roads: BTreeMap<Area, Road>,
    /// Longest `input` in characters, where the published limit of 40,000 is to be enforced.
    pub input_chars_max: Option<usize>,
    /// Columns of the drug list: 92 as first published, or 97.
    pub drug_columns: usize,
    /// Made-up drugs besides the built-in items, to make the list long.
    pub filler_drugs: u32,
    /// How long a file that was handed out can be fetched.
    pub file_life: Duration,
    /// Whether the result file of 3202 has the mark of refund in front of the verdict.
    pub statement_refund_first: bool,
    /// Whether it tells the centre's amounts.
    pub statement_amounts: bool,
    /// In which of the code lists it tells its verdicts, and 3201 what it makes of totals.
    pub statement_codes: StatementCodes,
    /// How 3201 counts refunds, where they are part of the totals.
    pub totals_count: TotalsCount,
    /// What a fee line of an item without a mapping meets.
    pub unmapped: Unmapped,
    /// Whether an own code must be withdrawn before it is mapped to another national code.
    pub remap_needs_withdrawal: bool,
    pub voucher_life: Duration,
    pub token_life: Duration,
    pub clock: Arc<dyn Clock>,
}

/// How `infcode` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum InfcodeMode {
    Number,
    String,
}

/// Verdicts of a statement: one digit, or six.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum StatementCodes {
    Short,
    Long,
}

/// Refunds in the count of totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TotalsCount {
    /// Each is one more.
    Rows,
    /// Each is one less.
    Net,
}

/// What a fee line of an item that was not mapped (3301) meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Unmapped {
    /// It counts by its national code alone.
    Accept,
    /// It is own expense as a whole.
    OwnExpense,
    /// The upload is refused.
    Refuse,
}

/// What is made of the trace codes of a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum TraceWish {
    /// Nothing; the node is unknown.
    Ignored,
    /// Those that come must fit.
    Checked,
    /// No drug is settled without one.
    Required,
}

/// What people without an ID number are shown as (`mdtrt_cert_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum PapersShown {
    /// Something else: 99.
    Other,
    /// As an ID number: 02.
    IdNumber,
    /// By the kind of their papers.
    OwnKind,
}

/// Where the share of a family member's account is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum MutualAid {
    /// Beside the personal account's.
    Beside,
    /// Within the personal account's, and told once more.
    Inside,
}

/// What a message id that was seen before leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateMsgid {
    /// The call is executed once more.
    Execute,
    /// -1, nothing done.
    Refuse,
    /// The first answer, byte for byte.
    Repeat,
}

/// Caller id and secret of the `x-tif-*` family.
#[derive(Debug, Clone)]
pub struct TifSecret {
    pub paasid: String,
    pub secret: Private,
}

impl Options {
    /// Loopback, ports chosen by the system, store in memory, treatment place Shanghai.
    ///
    /// # Errors
    /// Never in practice: only when the built-in area code were malformed.
    pub fn new(certs_dir: impl Into<PathBuf>) -> Result<Self, AreaError> {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(Self {
            listen: loopback,
            admin: loopback,
            data_dir: None,
            certs_dir: certs_dir.into(),
            area: Area::new("310000")?,
            infcode: InfcodeMode::Number,
            duplicate_msgid: DuplicateMsgid::Refuse,
            tif: None,
            dress: None,
            scenario: None,
            sign_in: true,
            fund_includes_account: false,
            empty_5203_for_visitors: false,
            visitors_need_card: false,
            filing_hint: true,
            settles_before_discharge: false,
            settles_at_year_end: false,
            hospital_bears: Ratio::from_scaled(5_000).ok(),
            papers: PapersShown::Other,
            traces: TraceWish::Checked,
            mutual_aid: MutualAid::Beside,
            account_stays_home: false,
            roads: BTreeMap::new(),
            input_chars_max: None,
            drug_columns: 97,
            filler_drugs: 0,
            file_life: Duration::from_secs(86_400),
            statement_refund_first: false,
            statement_amounts: true,
            statement_codes: StatementCodes::Short,
            totals_count: TotalsCount::Rows,
            unmapped: Unmapped::Accept,
            remap_needs_withdrawal: false,
            voucher_life: Duration::from_secs(300),
            token_life: Duration::from_secs(600),
            clock: Arc::new(SystemClock),
        })
    }
}
