//! Types of every method, as they stand on the line.
//!
//! Texts are strings, amounts are whole fen, times are RFC 3339 with offset. Members that are not known are ignored.
//! What needs more than a type (ranges, "exactly one of") is said by [`Params::check`], and what becomes a noun of
//! `zhijie-model` has a conversion that names the path of the member at fault and never repeats its value.

mod agent;
mod bill;
mod card_pin;
mod catalog;
mod check;
mod common;
mod compare;
mod deferred;
mod details;
mod events;
mod filing;
mod filing_acts;
mod filing_made;
mod identity;
mod lookup;
mod lookups;
mod pharmacy;
mod quote;
mod receipt;
mod reconcile;
mod rules;
mod schema;
mod settle;
mod split;
mod status;
mod stay;
mod stay_charges;
mod stay_settle;
mod stay_status;
mod totals;
mod visit;
mod work;

#[cfg(test)]
mod doc_tests;

pub use agent::{
    AgentHealthResult, AgentInfoResult, DevicesView, HealthState, Hello, LedgerInfo, PlatformView, RouteKind,
    RouteStanding, RouteView,
};
pub use bill::{BillLineParams, BillParams, BillParamsError, LineDefaults, TraceCodeParams};
pub use card_pin::{CardPinParams, CardPinResult, PinStanding};
pub use catalog::{
    CatalogCheckLine, CatalogCheckParams, CatalogCheckResult, CatalogCheckedLine, CatalogItem,
    CatalogListView, CatalogLookupParams, CatalogLookupResult, CatalogMapParams, CatalogMapResult,
    CatalogProblem, CatalogProblemKind, CatalogProgressView, CatalogSource, CatalogStatusResult,
    CatalogSyncParams, CatalogSyncResult,
};
pub use check::{ParamError, Params, amount, instant, typed};
pub use common::{
    CodeName, DepartmentParams, EmptyParams, Notice, OperatorParams, Outcome, StaffParams, mask_number,
};
pub use compare::{CompareStanding, IdentityCompareParams, IdentityCompareResult};
pub use deferred::{
    DeferredParams, DeferredView, DepositRuleView, EstimateView, QueueItem, QueueListResult, QueuePlace,
    QueueRunParams, QueueRunResult, RiskView,
};
pub use details::{
    DetailDiagnoses, DetailDiagnosis, DetailLine, DetailLines, MedicineView, PersonMedicinesParams,
    PersonMedicinesResult, ReceiptSheetParams, ReceiptSheetResult, VisitDetailsParams, VisitDetailsResult,
};
pub use events::{Event, EventKind, SubscribeResult};
pub use filing::{
    FilingAnswer, FilingCheckParams, FilingCheckResult, FilingEntry, FilingEvidence, FilingHistoryParams,
    FilingHistoryResult, FilingKindWord, FilingReceipt, FilingShare, FilingSureness, FilingVanished,
    FilingView, Who, WhoParams,
};
pub use filing_acts::{
    FilingDisputeParams, FilingDisputeResult, FilingForgetParams, FilingForgetResult, FilingRecordParams,
    FilingRecordResult,
};
pub use filing_made::{
    FilingActParams, FilingActResult, FilingFixPlaceParams, FilingRecordWord, FilingReferParams,
    FilingRegisterChronicParams, FilingWithdrawParams, FixedPlaceKind, InstitutionParams, civil_day, term,
};
pub use identity::{
    Business, CardFieldsView, CardView, IdentityCancelResult, IdentityGrade, IdentityKind,
    IdentityReadParams, IdentityReadResult, IdentitySource, PapersParams,
};
pub use lookup::{
    BenefitCaseParams, BenefitView, ChosenInsurance, ChronicEntryView, ChronicList, InsuranceView,
    LookupSource, PersonLookupParams, PersonLookupResult, TotalView, TotalsList,
};
pub use lookups::{
    DictionaryEntryView, DictionaryListParams, DictionaryListResult, InstitutionFindParams,
    InstitutionFindResult, InstitutionKindWord, InstitutionView,
};
pub use pharmacy::{PharmacyQuoteParams, PurchaseParams};
pub use quote::{
    AccountParam, InsuranceParams, QuoteLine, QuoteView, VisitQuoteParams, VisitQuoteResult, account_use,
};
pub use receipt::{ReceiptFormat, ReceiptGetParams, ReceiptGetResult};
pub use reconcile::{
    DoubtEnded, DoubtLeft, ReconcileDayParams, ReconcileDayResult, StatedWord, StatementGroup,
};
pub use rules::{CheckStageWord, RuleCheckView, RuleStanding, SeverityWord, ViolationView, VisitCheckParams};
pub use schema::schema;
pub use settle::{
    ClearingView, RefundView, SettleMode, SettlementView, VisitCancelParams, VisitCancelResult,
    VisitConfirmParams, VisitConfirmResult, VisitSettleParams, VisitSettleResult,
};
pub use split::{FundView, SplitView, fund_name_zh};
pub use status::{BillState, NextStep, StatusKey, VisitStatusParams, VisitStatusResult};
pub use stay::{
    ContactParams, StayAdmitParams, StayChangeParams, StayDischargeParams, StayParams, StayResult,
    StayUndoParams,
};
pub use stay_charges::{STAY_LINES_MAX, StayChargeParams, StayLineParams, StayWithdrawParams};
pub use stay_settle::{StayCancelParams, StayQuoteParams, StaySettleParams};
pub use stay_status::{ChargesView, StayBillView, StayPhase, StayStatusParams, StayStatusResult};
pub use totals::{ReconcileTotalsParams, ReconcileTotalsResult, Sum, SumParams, TotalsDiffer, TotalsGroup};
pub use visit::{DiagnosisKindParam, DiagnosisParams, DiseaseParams, VisitParams};
pub use work::{WorkItem, WorkKind, WorkListResult, WorkResolveParams, WorkResolveResult, WorkVerdict};

/// Version of the desk interface; changes only when an older desk software would stop working.
pub const INTERFACE_VERSION: &str = "1";
