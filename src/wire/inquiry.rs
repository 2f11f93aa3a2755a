//! Questions beside a bill's life: sign-in, person, benefits, e-voucher, visits. None of them moves money.

use jiff::Timestamp;
use jiff::civil::DateTime;
use zhijie_model::{
    Approval, Area, Benefit, ChronicEntry, Credential, Disease, FixedPoint, FixedPointKind, OperatorCode,
    Payer, Person, Private, Referral, Refusal, SignIn, Transaction, VisitId, VisitNumber, VisitType,
};

use crate::context::Context;
use crate::envelope::{Answer, Failure, open};
use crate::filing_rules::FilingQuery;
use crate::message::{EncodeError, Head, Message, seal};
use crate::profile::Profile;
use crate::unreadable::Unreadable;
use crate::{route, t1101, t1162, t2001, t5201, t5301, t5302, t5304, t5360, t9001};

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
    /// 1101.
    Person { credential: Credential },
    /// 2001; a hint only, the verdict is the trial's.
    Benefits {
        payer: Payer,
        kind: VisitType,
        began: Timestamp,
        disease: Option<Disease>,
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
    ChronicEntries(Vec<ChronicEntry>),
    FixedPoints(Vec<FixedPoint>),
    Referrals(Vec<Referral>),
    Approvals(Vec<Approval>),
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
            Self::ChronicEntries { .. } => Transaction::QueryChronic,
            Self::FixedPoints { .. } => Transaction::QueryFixedPoints,
            Self::Referrals { .. } => Transaction::QueryReferrals,
            Self::Approvals { .. } => Transaction::QueryApprovals,
        }
    }

    /// Whether this province can be asked.
    #[must_use]
    pub fn is_offered(&self, profile: &Profile) -> bool {
        let has = |query| profile.filing.queries.contains(&query);
        match self {
            Self::ChronicEntries { .. } => has(FilingQuery::Chronic),
            Self::FixedPoints { register, .. } => {
                has(FilingQuery::FixedPoints) && profile.filing.application_kinds.contains_key(register)
            }
            Self::Referrals { .. } => has(FilingQuery::Referrals),
            Self::Approvals { .. } => has(FilingQuery::Approvals),
            Self::SignIn { .. }
            | Self::SignOut { .. }
            | Self::Person { .. }
            | Self::Benefits { .. }
            | Self::DecodeVoucher { .. }
            | Self::Visits { .. } => true,
        }
    }
}

/// Makes the message of an inquiry. Same inputs, same bytes.
///
/// # Errors
/// When something mandatory is empty, or the profile does not offer the query or names no path for it; nothing was
/// sent.
pub fn encode_inquiry(inquiry: &Inquiry, head: &Head, profile: &Profile) -> Result<Message, EncodeError> {
    let transaction = inquiry.transaction();
    let context = Context {
        transaction,
        head,
        profile,
        credential: None,
    };
    if !inquiry.is_offered(profile) {
        return Err(EncodeError::NotOffered(route::infno(
            transaction,
            profile.variants,
        )));
    }
    match inquiry {
        Inquiry::SignIn { operator, mac, ip } => seal(
            transaction,
            head.insured_area,
            &t9001::sign_in(operator, mac, ip)?,
            head,
            profile,
        ),
        Inquiry::SignOut { operator, number } => seal(
            transaction,
            head.insured_area,
            &t9001::sign_out(operator, number),
            head,
            profile,
        ),
        Inquiry::Person { credential } => seal(
            transaction,
            head.insured_area,
            &t1101::input(&context, credential)?,
            head,
            profile,
        ),
        Inquiry::Benefits {
            payer,
            kind,
            began,
            disease,
        } => {
            let input = t2001::input(&context, payer, kind, *began, disease.as_ref());
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::DecodeVoucher { code, usage, counter } => {
            let input = t1162::input(&context, code, *usage, counter)?;
            seal(transaction, head.insured_area, &input, head, profile)
        }
        Inquiry::Visits {
            payer,
            began,
            ended,
            kind,
            visit_id,
        } => {
            let input = t5201::input(&context, payer, (*began, *ended), kind, visit_id.as_ref());
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::ChronicEntries { payer } => {
            let input = t5301::input(&context, payer);
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::FixedPoints { payer, register } => {
            let input = t5302::input(&context, payer, *register)?;
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::Referrals { payer, began, ended } => {
            let input = t5304::input(&context, payer, (*began, *ended));
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::Approvals { payer, began } => {
            let input = t5360::input(&context, payer, *began);
            seal(transaction, payer.area, &input, head, profile)
        }
    }
}

/// Reads the answer to an inquiry.
///
/// # Errors
/// [`Unreadable`]; as inquiries change nothing, asking again does no harm.
pub fn read_inquiry(inquiry: &Inquiry, body: &[u8], profile: &Profile) -> Result<InquiryReply, Unreadable> {
    let refused = |failure: Failure| {
        failure
            .weigh(inquiry.transaction(), &profile.words)
            .map(InquiryReply::Refused)
    };
    if let Inquiry::DecodeVoucher { .. } = inquiry {
        return match t1162::read(body)? {
            t1162::Decoded::Voucher(voucher) => Ok(InquiryReply::Voucher(voucher)),
            t1162::Decoded::Failed(failure) => refused(failure),
        };
    }
    let output = match open(body)? {
        Answer::Done(output) => output,
        Answer::Failed(failure) => return refused(failure),
    };
    Ok(match inquiry {
        Inquiry::SignIn { .. } => InquiryReply::SignedIn(t9001::read(&output)?),
        Inquiry::SignOut { .. } => InquiryReply::SignedOut,
        Inquiry::Person { credential } => InquiryReply::Person(t1101::read(&output, credential)?),
        Inquiry::Benefits { payer, .. } => InquiryReply::Benefits(t2001::read(&output, payer)?),
        Inquiry::Visits { payer, .. } => InquiryReply::Visits(t5201::read(&output, payer)?),
        Inquiry::ChronicEntries { .. } => InquiryReply::ChronicEntries(t5301::read(&output)?),
        Inquiry::FixedPoints { payer, register } => {
            InquiryReply::FixedPoints(t5302::read(&output, payer, *register, &profile.filing)?)
        }
        Inquiry::Referrals { payer, .. } => InquiryReply::Referrals(t5304::read(&output, payer)?),
        Inquiry::Approvals { payer, .. } => InquiryReply::Approvals(t5360::read(&output, payer)?),
        Inquiry::DecodeVoucher { .. } => return Err(Unreadable::NoEnvelope),
    })
}
