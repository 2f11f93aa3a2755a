//! Questions beside a bill's life: sign-in, person, benefits, e-voucher, visits. None of them moves money.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use zhijie_model::{
    Approval, Area, Benefit, Bill, CatalogueFile, CatalogueList, CataloguePage, CentreDiagnosis, CentreLine,
    CentreSheet, CheckStage, ChronicEntry, Credential, DictionaryEntry, Disease, Dispensed, FixedPoint,
    FixedPointKind, HandedOut, InstitutionKind, KnownInstitution, OperatorCode, Payer, Person, Private,
    Referral, Refusal, SettlementId, Sex, SheetKind, SignIn, Transaction, Violation, Visit, VisitId,
    VisitNumber, VisitType, YearTotal,
};

use crate::columns::catalogue_columns;
use crate::filing_rules::FilingQuery;
use crate::lookup_rules::SheetRule;
use crate::profile::Profile;

/// One question. Carries its credential itself, for it is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inquiry {
    /// 9001. `mac` and `ip` are of the desk.
    SignIn {
        operator: OperatorCode,
        mac: String,
        ip: String,
    },
    /// 9002.
    SignOut { operator: OperatorCode, number: SignIn },
    /// 1101. `reading`: what the library that read the card said, where it was one.
    Person {
        credential: Credential,
        reading: Option<Box<CardReading>>,
    },
    /// 2001; a hint only, the verdict is the trial's.
    Benefits {
        payer: Payer,
        kind: VisitType,
        began: Timestamp,
        case: Box<BenefitCase>,
    },
    /// 1162.
    DecodeVoucher {
        /// What the scanner read.
        code: Private,
        usage: VoucherUse,
        counter: Counter,
    },
    /// 5201. The visits of a person in a span of time.
    Visits {
        payer: Payer,
        began: Timestamp,
        ended: Timestamp,
        kind: VisitType,
        visit_id: Option<VisitId>,
    },
    /// 5206. What the person's year has used up, as the insured region counts it.
    Totals { payer: Payer },
    /// 5301. Chronic and special diseases the person is registered for.
    ChronicEntries { payer: Payer },
    /// 5302. One register of fixed places; filings for treatment elsewhere show up in one of them.
    FixedPoints { payer: Payer, register: FixedPointKind },
    /// 5304. Referrals in a span of time.
    Referrals {
        payer: Payer,
        began: Timestamp,
        ended: Timestamp,
    },
    /// 5360. Approvals, where the province has them.
    Approvals { payer: Payer, began: Timestamp },
    /// 1201. Institutions whose name holds `name`, or the one of that code.
    Institutions {
        kind: InstitutionKind,
        name: Option<String>,
        code: Option<String>,
    },
    /// 1901. One code table of an area, as it is on a day.
    Dictionary {
        table: String,
        area: Area,
        parent: Option<String>,
        on: Timestamp,
    },
    /// 5202. Diagnoses of a visit.
    Diagnoses { payer: Payer, visit_id: VisitId },
    /// 5204. Fee lines of a settlement.
    Lines {
        payer: Payer,
        visit_id: VisitId,
        settlement: SettlementId,
    },
    /// 5205. Drugs handed out to a person under chronic diseases, wherever it was.
    Dispensed {
        payer: Payer,
        began: Timestamp,
        ended: Timestamp,
    },
    /// 5260 and its like. The centre's own settlement sheet.
    Sheet {
        kind: SheetKind,
        payer: Payer,
        visit_id: VisitId,
        settlement: SettlementId,
    },
    /// 3101, 3102. What the rules of the insurance have against a bill.
    CheckBill {
        stage: CheckStage,
        asked: Box<BillToCheck>,
    },
    /// 3103. What the desk does about violations it was told.
    AnswerCheck { area: Area, answer: CheckAnswer },
    /// 1301 and its like: a file with what is newer than `version`, or with everything.
    CatalogueFile {
        list: CatalogueList,
        version: Option<String>,
    },
    /// 1312 and its like: one page, from 1, of the rows changed since.
    CataloguePage {
        list: CatalogueList,
        changed_since: Option<Timestamp>,
        page: u32,
    },
}

/// A bill with everything its check names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillToCheck {
    pub payer: Payer,
    pub sex: Sex,
    pub born: Option<Date>,
    pub visit: Visit,
    pub bill: Bill,
    /// At a pharmacy, without doctor or diagnosis.
    pub purchase: bool,
}

/// Violations of one check that the desk settles in spite of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckAnswer {
    pub stage: CheckStage,
    /// By the platform's own ids.
    pub violations: Vec<String>,
    /// Why it is settled all the same.
    pub reason: String,
}

/// What a voucher is decoded for. A token is good for that use only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoucherUse {
    Register,
    Settle,
    Pharmacy,
}

/// Where the voucher is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Department code and name.
    pub code: String,
    pub name: String,
    /// A kiosk, as against a window with a clerk.
    pub self_service: bool,
}

/// A card as a reader's library told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardReading {
    /// Its fields in one text, unchanged.
    pub line: Private,
    /// Over the text, where the library signs.
    pub signature: Option<Private>,
}

/// What the benefits of a visit depend on besides its kind. Codes are those of the province.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BenefitCase {
    pub ended: Option<Timestamp>,
    /// Disease of the directory the visit is to be settled under.
    pub disease: Option<Disease>,
    /// The operation of a day surgery.
    pub operation: Option<Disease>,
    pub birth: Option<String>,
    pub control: Option<String>,
}

/// The answer to an inquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InquiryReply {
    SignedIn(SignedIn),
    SignedOut,
    Person(Person),
    /// May be empty.
    Benefits(Vec<Benefit>),
    Voucher(Voucher),
    /// May be empty; absence proves nothing for patients of other provinces.
    Visits(Vec<VisitRow>),
    /// May be empty, as the next three: records the platform shows, not proof that there are no others.
    Totals(Vec<YearTotal>),
    ChronicEntries(Vec<ChronicEntry>),
    FixedPoints(Vec<FixedPoint>),
    Referrals(Vec<Referral>),
    Approvals(Vec<Approval>),
    /// May be empty, as the next.
    Institutions(Vec<KnownInstitution>),
    Dictionary(Vec<DictionaryEntry>),
    /// May be empty, as the next two: for patients of other provinces rows may be missing.
    Diagnoses(Vec<CentreDiagnosis>),
    Lines(Vec<CentreLine>),
    Dispensed(Vec<Dispensed>),
    Sheet(CentreSheet),
    /// Empty: no rule is broken.
    Violations(Vec<Violation>),
    CheckAnswered,
    /// `None`: nothing is newer.
    CatalogueFile(Option<CatalogueFile>),
    CataloguePage(CataloguePage),
    Refused(Refusal),
}

/// A sign-in that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub number: SignIn,
    /// Beijing wall clock; some provinces tell the day only.
    pub at: Option<DateTime>,
}

/// A decoded e-voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Lives for minutes; settles one bill.
    pub token: Private,
    pub certificate: Option<Private>,
    pub name: Option<Private>,
    /// Insured region, where the service tells.
    pub area: Option<Area>,
}

/// A visit as the centre knows it. Times are Beijing wall clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRow {
    pub visit_id: VisitId,
    pub number: Option<VisitNumber>,
    pub kind: Option<VisitType>,
    pub began: Option<DateTime>,
    pub ended: Option<DateTime>,
    /// Of a stay: whether the patient still lies there, and whether it reaches into another year.
    pub in_hospital: Option<bool>,
    pub crosses_year: Option<bool>,
}

impl Inquiry {
    #[must_use]
    pub const fn transaction(&self) -> Transaction {
        match self {
            Self::SignIn { .. } => Transaction::SignIn,
            Self::SignOut { .. } => Transaction::SignOut,
            Self::Person { .. } => Transaction::PersonLookup,
            Self::Benefits { .. } => Transaction::BenefitCheck,
            Self::DecodeVoucher { .. } => Transaction::VoucherDecode,
            Self::Visits { .. } => Transaction::QueryVisit,
            Self::Totals { .. } => Transaction::QueryTotals,
            Self::ChronicEntries { .. } => Transaction::QueryChronic,
            Self::FixedPoints { .. } => Transaction::QueryFixedPoints,
            Self::Referrals { .. } => Transaction::QueryReferrals,
            Self::Approvals { .. } => Transaction::QueryApprovals,
            Self::Institutions { .. } => Transaction::FindInstitution,
            Self::Dictionary { .. } => Transaction::QueryDictionary,
            Self::Diagnoses { .. } => Transaction::QueryDiagnoses,
            Self::Lines { .. } => Transaction::QueryLines,
            Self::Dispensed { .. } => Transaction::QueryDispensed,
            Self::Sheet { kind, .. } => Transaction::FetchSheet(*kind),
            Self::CheckBill { stage, .. } => Transaction::CheckBill(*stage),
            Self::AnswerCheck { .. } => Transaction::AnswerCheck,
            Self::CatalogueFile { list, .. } | Self::CataloguePage { list, .. } => {
                Transaction::Catalogue(*list)
            }
        }
    }

    /// Whether this province can be asked.
    #[must_use]
    pub fn is_offered(&self, profile: &Profile) -> bool {
        let has = |query| profile.filing.queries.contains(&query);
        match self {
            Self::Totals { .. } => profile.person.totals,
            Self::Institutions { .. } => profile.lookups.institutions,
            Self::Dictionary { .. } => profile.lookups.dictionary,
            Self::Diagnoses { .. } => profile.lookups.diagnoses,
            Self::Lines { .. } => profile.lookups.lines,
            Self::Dispensed { .. } => profile.lookups.dispensed,
            Self::Sheet { .. } => profile.lookups.sheets != SheetRule::None,
            Self::CheckBill { stage, .. } => profile.checks.offered.contains(stage),
            Self::AnswerCheck { .. } => profile.checks.answered,
            Self::ChronicEntries { .. } => has(FilingQuery::Chronic),
            Self::FixedPoints { register, .. } => {
                has(FilingQuery::FixedPoints) && profile.filing.application_kinds.contains_key(register)
            }
            Self::Referrals { .. } => has(FilingQuery::Referrals),
            Self::Approvals { .. } => has(FilingQuery::Approvals),
            Self::CatalogueFile { list, .. } => {
                profile.catalogue.lists.contains(list)
                    && list.handed_out() == HandedOut::ByFile
                    && catalogue_columns(*list, profile).is_some()
            }
            Self::CataloguePage { list, .. } => {
                profile.catalogue.lists.contains(list) && list.handed_out() == HandedOut::ByPage
            }
            Self::SignIn { .. }
            | Self::SignOut { .. }
            | Self::Person { .. }
            | Self::Benefits { .. }
            | Self::DecodeVoucher { .. }
            | Self::Visits { .. } => true,
        }
    }
}
