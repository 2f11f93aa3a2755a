//! From an inquiry to its message, and from the answer to its meaning.

use zhijie_model::{Private, Transaction};

use crate::channel::Letter;
use crate::context::Context;
use crate::draft::Draft;
use crate::envelope::{Answer, Failure, open};
use crate::inquiry::{Counter, Inquiry, InquiryReply, VoucherUse};
use crate::message::{EncodeError, Head, Message, blank, seal};
use crate::profile::Profile;
use crate::profile_dress::VoucherRoad;
use crate::unreadable::Unreadable;
use crate::{
    route, t1101, t1162, t1201, t1301, t1312, t1901, t2001, t3101, t5201, t5204, t5206, t5265, t5301, t5302,
    t5303, t5304, t5360, t9001,
};

/// As [`draft_inquiry`], for provinces that sign nothing.
///
/// # Errors
/// As [`draft_inquiry`], and when the province signs or encrypts.
pub fn encode_inquiry(inquiry: &Inquiry, head: &Head, profile: &Profile) -> Result<Message, EncodeError> {
    draft_inquiry(inquiry, head, profile)?.plain()
}

/// What a library that scans and decodes e-vouchers by itself is handed; it is no message of the platform's.
///
/// # Errors
/// When something mandatory is empty.
pub fn voucher_request(
    usage: VoucherUse,
    counter: &Counter,
    head: &Head,
    profile: &Profile,
) -> Result<Private, EncodeError> {
    let context = Context {
        transaction: Transaction::VoucherDecode,
        head,
        profile,
        credential: None,
    };
    t1162::library_request(&context, usage, counter)
}

/// Reads what such a library wrote.
///
/// # Errors
/// [`Unreadable`]; nobody is known then.
pub fn read_voucher(text: &Private, profile: &Profile) -> Result<InquiryReply, Unreadable> {
    match t1162::read(text.reveal().as_bytes())? {
        t1162::Decoded::Voucher(voucher) => Ok(InquiryReply::Voucher(voucher)),
        t1162::Decoded::Failed(failure) => failure
            .weigh(Transaction::VoucherDecode, &profile.words)
            .map(InquiryReply::Refused),
    }
}

/// Makes the message of an inquiry, its signature not made yet. Same inputs, same bytes.
///
/// # Errors
/// When something mandatory is empty, or the profile does not offer the query or names no path for it; nothing was
/// sent.
pub fn draft_inquiry(inquiry: &Inquiry, head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
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
        Inquiry::Person { credential, reading } => seal(
            transaction,
            head.insured_area,
            &t1101::input(&context, credential, reading.as_deref())?,
            head,
            profile,
        ),
        Inquiry::Benefits {
            payer,
            kind,
            began,
            case,
        } => {
            let input = t2001::input(&context, payer, kind, *began, case);
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::DecodeVoucher { code, usage, counter } => {
            let input = t1162::input(&context, code, *usage, counter)?;
            if profile.voucher.road == VoucherRoad::Service {
                let letter = Letter::new(&profile.voucher, head.at, input.data())?;
                let mut message = blank(transaction, head, profile)?;
                message.path.clone_from(&profile.voucher.path);
                return Ok(Draft::voucher(message, letter));
            }
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
        Inquiry::Totals { payer } => {
            let input = t5206::input(&context, payer);
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
            let input = t5303::input(&context, payer, (*began, *ended));
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::Approvals { payer, began } => {
            let input = t5360::input(&context, payer, *began);
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::Institutions { kind, name, code } => {
            let input = t1201::input(&context, *kind, (name.as_deref(), code.as_deref()));
            seal(transaction, head.insured_area, &input, head, profile)
        }
        Inquiry::Dictionary {
            table,
            area,
            parent,
            on,
        } => {
            let input = t1901::input(&context, table, (*area, parent.as_deref()), *on);
            seal(transaction, head.insured_area, &input, head, profile)
        }
        Inquiry::Diagnoses { payer, visit_id } => {
            let input = t5204::diagnoses(&context, payer, visit_id);
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::Lines {
            payer,
            visit_id,
            settlement,
        } => {
            let input = t5204::lines(&context, payer, visit_id, settlement);
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::Dispensed { payer, began, ended } => {
            let input = t5204::dispensed(&context, payer, (*began, *ended));
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::Sheet {
            kind,
            payer,
            visit_id,
            settlement,
        } => {
            let input = t5265::input(&context, payer, (*kind, visit_id, settlement));
            seal(transaction, payer.area, &input, head, profile)
        }
        Inquiry::CheckBill { stage, asked } => {
            let input = t3101::input(&context, asked, *stage)?;
            seal(transaction, asked.payer.area, &input, head, profile)
        }
        Inquiry::AnswerCheck { area, answer } => seal(
            transaction,
            *area,
            &t3101::answer_input(&context, answer)?,
            head,
            profile,
        ),
        Inquiry::CatalogueFile { list: _, version } => {
            let input = t1301::input(&context, version.as_deref());
            seal(transaction, head.insured_area, &input, head, profile)
        }
        Inquiry::CataloguePage {
            list,
            changed_since,
            page,
        } => {
            let input = t1312::input(&context, *list, *changed_since, *page);
            seal(transaction, head.insured_area, &input, head, profile)
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
        Inquiry::Person { credential, .. } => InquiryReply::Person(t1101::read(&output, credential)?),
        Inquiry::Benefits { payer, .. } => InquiryReply::Benefits(t2001::read(&output, payer)?),
        Inquiry::Visits { payer, .. } => InquiryReply::Visits(t5201::read(&output, payer)?),
        Inquiry::Totals { .. } => InquiryReply::Totals(t5206::read(&output)?),
        Inquiry::ChronicEntries { .. } => {
            InquiryReply::ChronicEntries(t5301::read(&output, profile.variants.chronic)?)
        }
        Inquiry::FixedPoints { payer, register } => {
            InquiryReply::FixedPoints(t5302::read(&output, payer, *register, &profile.filing)?)
        }
        Inquiry::Referrals { payer, .. } => InquiryReply::Referrals(t5304::read(&output, payer)?),
        Inquiry::Approvals { payer, .. } => InquiryReply::Approvals(t5360::read(&output, payer)?),
        Inquiry::Institutions { .. } => InquiryReply::Institutions(t1201::read(&output)?),
        Inquiry::Dictionary { .. } => InquiryReply::Dictionary(t1901::read(&output)?),
        Inquiry::Diagnoses { .. } => InquiryReply::Diagnoses(t5204::read_diagnoses(&output)?),
        Inquiry::Lines { .. } => InquiryReply::Lines(t5204::read_lines(&output, profile)?),
        Inquiry::Dispensed { .. } => InquiryReply::Dispensed(t5204::read_dispensed(&output)?),
        Inquiry::Sheet { .. } => InquiryReply::Sheet(t5265::read(&output)?),
        Inquiry::CheckBill { asked, .. } => {
            InquiryReply::Violations(t3101::read(&output, &asked.bill, &profile.checks)?)
        }
        Inquiry::AnswerCheck { .. } => InquiryReply::CheckAnswered,
        Inquiry::CatalogueFile { .. } => InquiryReply::CatalogueFile(t1301::read(&output)?),
        Inquiry::CataloguePage { list, page, .. } => {
            InquiryReply::CataloguePage(t1312::read(&output, *list, *page, profile)?)
        }
        Inquiry::DecodeVoucher { .. } => return Err(Unreadable::NoEnvelope),
    })
}
