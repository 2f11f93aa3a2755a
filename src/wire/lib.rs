//! Platform messages: interface field names, canonical bytes, reading of replies.
//!
//! This floor alone knows the interface's field names, numbers and spellings. It turns a [`zhijie_model::Call`], a
//! [`zhijie_model::FilingCall`] or an [`Inquiry`] into the exact bytes to send, and bytes that came back into a typed reply or a typed reason not
//! to believe them. What differs between provinces stands in a [`Profile`]. It never opens a socket, reads a clock,
//! makes a message id or decides what to do next, and it computes no share of the patient.
//! Start reading at [`encode`] and [`read_reply`]; one file per transaction (`t2206` and its like) holds the tables.
#![deny(clippy::float_arithmetic)]

mod ask;
mod catalogue_rules;
mod channel;
mod check_rules;
#[cfg(test)]
mod checks;
mod chronic_rules;
mod chunk;
mod columns;
mod context;
mod draft;
mod encode;
mod envelope;
mod filing;
mod filing_rules;
mod form;
mod inquiry;
mod lookup_rules;
mod mask;
mod message;
mod patterns;
mod person_rules;
mod profile;
mod profile_check;
mod profile_dress;
mod profile_dress_check;
mod profile_files;
mod read;
mod route;
mod rows;
mod same;
mod scalar;
mod seal;
mod setlinfo;
mod settlement_rules;
mod shares;
mod slip_rules;
mod statement_file;
mod statement_rules;
mod stay_nodes;
mod stay_rules;
mod t1101;
mod t1162;
mod t1201;
mod t1301;
mod t1312;
mod t1901;
mod t2001;
mod t2101;
mod t2201;
mod t2203;
mod t2204;
mod t2206;
mod t2208;
mod t2260;
mod t2301;
mod t2303;
mod t2401;
mod t2402;
mod t2501;
mod t2502;
mod t2503;
mod t2505;
mod t2601;
mod t3101;
mod t3201;
mod t3202;
mod t3301;
mod t5201;
mod t5203;
mod t5204;
mod t5206;
mod t5265;
mod t5301;
mod t5302;
mod t5303;
mod t5304;
mod t5360;
mod t9001;
mod t9101;
mod t9102;
mod totals_rules;
mod trac;
mod unreadable;
mod unzip;
mod zip;

pub use ask::{draft_inquiry, encode_inquiry, read_inquiry, read_voucher, voucher_request};
pub use catalogue_rules::{CatalogueRules, MappingNode};
pub use check_rules::{CheckRules, ElsewhereCodes};
pub use chronic_rules::ChronicRules;
pub use chunk::chunk_end;
pub use columns::{Columns, RowFault, catalogue_columns};
pub use draft::Draft;
pub use encode::{draft, encode};
pub use envelope::{ANSWER_BYTES_MAX, responded_at};
pub use filing::{draft_filing, encode_filing, read_filing};
pub use filing_rules::{FilingNeed, FilingQuery, FilingRules};
pub use inquiry::{
    BenefitCase, BillToCheck, CardReading, CheckAnswer, Counter, Inquiry, InquiryReply, SignedIn, VisitRow,
    Voucher, VoucherUse,
};
pub use lookup_rules::{InstitutionNode, LookupRules, SheetRule};
pub use mask::masked;
pub use message::{EncodeError, Head, INPUT_CHARS_MAX, Message};
pub use patterns::{Patterns, Verdict};
pub use person_rules::{LookupArea, PapersRules, PapersShown, PersonRules};
pub use profile::{
    ChronicQuery, DoubtRules, ExtensionName, FieldSwitches, Profile, Timeouts, Variant, Variants,
};
pub use profile_check::ProfileError;
pub use profile_dress::{
    ContentType, EnvelopeRule, HeaderFamily, HeaderRule, MediumRule, ReplyCode, SecurityFamily, SecurityRule,
    TokenRule, UrlFamily, UrlRule, UserId, VoucherRoad, VoucherRule,
};
pub use profile_files::{FileRules, UploadForm};
pub use read::read_reply;
pub use seal::{Channel, NoSeal, Seal, SealError, clear_answer};
pub use settlement_rules::{AccountAmount, PurchaseTraces, SettlementRules, TraceRule};
pub use slip_rules::{SlipNames, SlipRules};
pub use statement_file::{StatementFault, read_statement};
pub use statement_rules::{ClearingKinds, OfficeRule, StatementColumns, StatementRules};
pub use stay_rules::StayDialect;
pub use t1312::own_page;
pub use t2301::stay_chunk;
pub use t3201::{Compared, Totals, Unequal, draft_totals, read_totals};
pub use t3202::{RowsAsked, RowsCompared, draft_rows, read_rows, rows_file};
pub use t3301::{draft_mapping, encode_mapping, read_mapping};
pub use t9101::{FileTicket, Stored, UPLOAD_BYTES_MAX, draft_upload, read_upload};
pub use t9102::{Fetched, draft_fetch, read_fetch};
pub use totals_rules::{AccountMember, OfficeMember, RefundsInTotals, TotalsRules};
pub use unreadable::Unreadable;
pub use unzip::{ZipFault, ZipLimits, ZipText};
