//! The nouns of a settlement: money, time, ids, person, visit, bill, split, fault.
//!
//! This floor owns what the words mean and which values can exist. It never reads a clock, a file, a socket
//! or a random source, and it knows no field name of the platform interface (those live in `zhijie-wire`).
//! Start reading at [`Fen`], then [`Bill`], then [`Split`].
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod area;
mod bill;
mod call;
mod catalogue;
mod credential;
mod decimal;
mod fault;
mod fen;
mod filing;
mod filing_call;
mod ids;
mod lookup;
mod person;
mod private;
mod quantity;
mod reply;
mod road;
mod shared;
mod split;
mod statement;
mod stay;
mod stay_id;
mod time;
mod trace;
mod transaction;
mod violation;
mod visit;

pub use area::{Area, AreaError, Distance};
pub use bill::{Bill, BillError, BillProblem, ChargeLine};
pub use call::{AccountUse, Call, Payer, TrialAmounts};
pub use catalogue::{
    CatalogueFile, CatalogueList, CataloguePage, CatalogueRow, HandedOut, MappingCall, MappingReply,
    OwnMapping,
};
pub use credential::{Credential, CredentialKind};
pub use decimal::DecimalError;
pub use fault::{Fault, Link, LinkState, MoneyMoved, TraceEntry};
pub use fen::{Fen, FenError};
pub use filing::{
    Approval, ChronicEntry, FilingKind, FilingSource, FilingTerm, FixedPoint, FixedPointKind,
    NamedInstitution, Referral,
};
pub use filing_call::{FilingCall, FilingRecord, FilingReply, NewChronicEntry, NewFixedPlace, NewReferral};
pub use ids::{
    BillId, ChargeBatch, FilingNumber, IdError, IdentityId, InstitutionCode, InsuranceType, LineSerial,
    MessageId, OperatorCode, PersonNumber, PlatformMessageId, RequestId, SettlementId, SignIn, Ticket,
    VisitId, VisitNumber, VisitType,
};
pub use lookup::{
    CentreDiagnosis, CentreLine, CentreSheet, DictionaryEntry, Dispensed, InstitutionKind, KnownInstitution,
    SheetKind,
};
pub use person::{Benefit, Insurance, InsuranceChoice, InsuranceStatus, Person, Sex, YearTotal};
pub use private::Private;
pub use quantity::{Quantity, Ratio, UnitPrice, line_amount};
pub use reply::{
    Clearing, FoundVisit, InHospital, LineCut, PlatformWords, QueryRow, Refund, Refusal, Reply, Settlement,
    Trial,
};
pub use road::{Road, StayRoad};
pub use shared::Shared;
pub use split::{Fund, FundPart, Split, SplitError, SplitParts};
pub use statement::{OwnRow, RowVerdict, StatedTotals, StatementRow};
pub use stay::{Admission, Discharge, FoundStay, Maternity, StayExtras, StayLine, StayPart};
pub use time::{BEIJING, beijing, business_day, from_beijing, rfc3339_beijing};
pub use trace::{LineTrace, TraceCode, Traced, Traces};
pub use transaction::{CallClass, Transaction};
pub use violation::{CheckStage, Checked, Severity, Violation};
pub use visit::{Department, Diagnosis, DiagnosisKind, Disease, Staff, Visit};
