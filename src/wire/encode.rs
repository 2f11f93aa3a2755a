//! From a call to its message.

use zhijie_model::{AccountUse, Call, Credential, Payer, StayPart, VisitId};

use crate::chunk::chunk_end;
use crate::context::Context;
use crate::draft::Draft;
use crate::message::{EncodeError, Head, Message, seal};
use crate::profile::Profile;
use crate::{
    t2101, t2201, t2203, t2204, t2206, t2208, t2260, t2301, t2303, t2401, t2402, t2601, t5201, t5203, t5303,
};

/// As [`draft`], for provinces that sign nothing.
///
/// # Errors
/// As [`draft`], and when the province signs or encrypts.
pub fn encode(
    call: &Call,
    credential: Option<&Credential>,
    head: &Head,
    profile: &Profile,
) -> Result<Message, EncodeError> {
    draft(call, credential, head, profile)?.plain()
}

/// Makes the message of a call, its signature not made yet. Pure: same inputs, same bytes. Routed by the payer's region.
///
/// # Errors
/// [`EncodeError::CredentialMissing`] when the call needs the credential and it is gone; otherwise what in the
/// call cannot be said to the platform. Nothing was sent.
pub fn draft(
    call: &Call,
    credential: Option<&Credential>,
    head: &Head,
    profile: &Profile,
) -> Result<Draft, EncodeError> {
    let transaction = call.transaction();
    let area = call.payer().area;
    let context = &Context {
        transaction,
        head,
        profile,
        credential,
    };
    match call {
        Call::Register { payer, visit } => seal(
            transaction,
            area,
            &t2201::register(context, payer, visit)?,
            head,
            profile,
        ),
        Call::Describe {
            payer,
            visit_id,
            visit,
        } => seal(
            transaction,
            area,
            &t2203::input(context, payer, visit_id, visit)?,
            head,
            profile,
        ),
        Call::Upload {
            payer,
            visit_id,
            visit,
            bill,
            first,
        } => {
            let end = chunk_end(bill, *first, profile);
            let lines = bill.lines().get(*first..end).filter(|lines| !lines.is_empty());
            let lines = lines.ok_or(EncodeError::NothingToUpload { first: *first })?;
            let input = t2204::upload(context, payer, visit_id, visit, lines, bill.batch())?;
            seal(transaction, area, &input, head, profile)
        }
        Call::WithdrawLines {
            payer,
            visit_id,
            batch,
        } => seal(
            transaction,
            area,
            &t2204::withdraw(context, payer, visit_id, batch),
            head,
            profile,
        ),
        Call::WithdrawVisit {
            payer,
            visit_id,
            number,
        } => seal(
            transaction,
            area,
            &t2201::withdraw(context, payer, visit_id, number),
            head,
            profile,
        ),
        Call::Trial {
            payer,
            visit_id,
            kind,
            batch,
            total,
            account,
        } => {
            let common = t2206::Common {
                payer,
                visit_id,
                kind,
                batch,
                total: *total,
                account: *account,
            };
            seal(transaction, area, &t2206::trial(context, &common)?, head, profile)
        }
        Call::Settle {
            payer,
            visit_id,
            kind,
            batch,
            total,
            account,
            amounts,
            invoice,
            traces,
        } => {
            let common = t2206::Common {
                payer,
                visit_id,
                kind,
                batch,
                total: *total,
                account: *account,
            };
            let input = t2206::settle(context, &common, amounts, (invoice.as_deref(), traces))?;
            seal(transaction, area, &input, head, profile)
        }
        Call::Cancel {
            payer,
            visit_id,
            settlement,
        } => seal(
            transaction,
            area,
            &t2208::input(context, payer, visit_id, settlement),
            head,
            profile,
        ),
        Call::TryPurchase {
            payer,
            visit,
            bill,
            account,
        } => {
            let input = t2101::purchase(context, payer, visit, bill, (*account, None))?;
            seal(transaction, area, &input, head, profile)
        }
        Call::Purchase {
            payer,
            visit,
            bill,
            account,
            invoice,
        } => {
            let traces = bill.traces();
            let settles = t2101::Settles {
                invoice: invoice.as_deref(),
                traces: &traces,
            };
            let input = t2101::purchase(context, payer, visit, bill, (*account, Some(settles)))?;
            seal(transaction, area, &input, head, profile)
        }
        Call::TrySlip { payer, visit, bill } => {
            let input = t2260::slip(context, payer, visit, bill, t2260::Slip::Trial)?;
            seal(transaction, area, &input, head, profile)
        }
        Call::SettleSlip {
            payer,
            visit,
            bill,
            invoice,
        } => {
            let invoice = invoice.as_deref();
            let slip = t2260::Slip::Settlement { invoice };
            let input = t2260::slip(context, payer, visit, bill, slip)?;
            seal(transaction, area, &input, head, profile)
        }
        Call::CancelPurchase {
            payer,
            visit_id,
            settlement,
        } => {
            let input = t2101::cancel(context, payer, visit_id, settlement);
            seal(transaction, area, &input, head, profile)
        }
        Call::Reverse {
            payer,
            target,
            transaction: reversed,
        } => seal(
            transaction,
            area,
            &t2601::input(context, payer, target, *reversed),
            head,
            profile,
        ),
        Call::Admit { payer, admission } => seal(
            transaction,
            area,
            &t2401::admit(context, payer, admission)?,
            head,
            profile,
        ),
        Call::ChangeStay {
            payer,
            visit_id,
            admission,
        } => seal(
            transaction,
            area,
            &t2401::change(context, payer, visit_id, admission)?,
            head,
            profile,
        ),
        Call::ChargeStay {
            payer,
            visit_id,
            kind,
            lines,
        } => seal(
            transaction,
            area,
            &t2301::upload(context, payer, visit_id, kind, lines)?,
            head,
            profile,
        ),
        Call::WithdrawCharges {
            payer,
            visit_id,
            serials,
        } => seal(
            transaction,
            area,
            &t2301::withdraw(context, payer, visit_id, serials.as_deref())?,
            head,
            profile,
        ),
        Call::Discharge {
            payer,
            visit_id,
            admission,
            discharge,
        } => seal(
            transaction,
            area,
            &t2402::input(context, payer, visit_id, admission, discharge)?,
            head,
            profile,
        ),
        Call::WithdrawDischarge { payer, visit_id } | Call::WithdrawAdmission { payer, visit_id } => seal(
            transaction,
            area,
            &t2401::undo(context, payer, visit_id),
            head,
            profile,
        ),
        Call::TryStay {
            payer,
            visit_id,
            part,
            account,
        } => {
            let common = stay_part(payer, visit_id, part, *account);
            seal(transaction, area, &t2303::trial(context, &common)?, head, profile)
        }
        Call::SettleStay {
            payer,
            visit_id,
            part,
            account,
            amounts,
            invoice,
        } => {
            let common = stay_part(payer, visit_id, part, *account);
            let input = t2303::settle(context, &common, amounts, invoice.as_deref())?;
            seal(transaction, area, &input, head, profile)
        }
        Call::CancelSlip {
            payer,
            visit_id,
            settlement,
        }
        | Call::CancelStay {
            payer,
            visit_id,
            settlement,
        } => seal(
            transaction,
            area,
            &t2208::input(context, payer, visit_id, settlement),
            head,
            profile,
        ),
        Call::QueryInHospital { payer, from, until } => seal(
            transaction,
            area,
            &t5303::input(context, payer, (*from, *until)),
            head,
            profile,
        ),
        Call::QueryVisits {
            payer,
            kind,
            from,
            until,
        } => {
            let input = t5201::input(context, payer, (*from, *until), kind, None);
            seal(transaction, area, &input, head, profile)
        }
        Call::QuerySettlement {
            payer,
            visit_id,
            settlement,
        } => {
            let input = t5203::input(context, payer, visit_id, settlement.as_ref());
            seal(transaction, area, &input, head, profile)
        }
    }
}

const fn stay_part<'a>(
    payer: &'a Payer,
    visit_id: &'a VisitId,
    part: &'a StayPart,
    account: AccountUse,
) -> t2303::Common<'a> {
    t2303::Common {
        payer,
        visit_id,
        part,
        account,
    }
}
