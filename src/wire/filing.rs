//! Filings made at the desk: messages that change what the insured region holds about a person.

use zhijie_model::{FilingCall, FilingReply};

use crate::context::Context;
use crate::draft::Draft;
use crate::envelope::{Answer, open};
use crate::message::{EncodeError, Head, Message, seal};
use crate::profile::Profile;
use crate::unreadable::Unreadable;
use crate::{t2501, t2502, t2503, t2505};

/// As [`draft_filing`], for provinces that sign nothing.
///
/// # Errors
/// As [`draft_filing`], and when the province signs or encrypts.
pub fn encode_filing(call: &FilingCall, head: &Head, profile: &Profile) -> Result<Message, EncodeError> {
    draft_filing(call, head, profile)?.plain()
}

/// Makes the message of a filing, its signature not made yet. Pure: same inputs, same bytes. Routed by the payer's region.
///
/// # Errors
/// When something mandatory is empty or the profile names no path; nothing was sent.
pub fn draft_filing(call: &FilingCall, head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
    let transaction = call.transaction();
    let area = call.payer().area;
    let context = &Context {
        transaction,
        head,
        profile,
        credential: None,
    };
    match call {
        FilingCall::Refer { payer, referral } => seal(
            transaction,
            area,
            &t2501::input(context, payer, referral)?,
            head,
            profile,
        ),
        FilingCall::RegisterChronic { payer, entry } => seal(
            transaction,
            area,
            &t2503::input(context, payer, entry)?,
            head,
            profile,
        ),
        FilingCall::FixPlace { payer, place } => seal(
            transaction,
            area,
            &t2505::input(context, payer, place)?,
            head,
            profile,
        ),
        FilingCall::Withdraw {
            payer,
            number,
            reason,
            what: _,
            register: _,
        } => seal(
            transaction,
            area,
            &t2502::input(context, payer, number, reason)?,
            head,
            profile,
        ),
    }
}

/// Reads the answer to a filing. Never panics, whatever `body` holds.
///
/// # Errors
/// [`Unreadable`]: the answer proves nothing, and whether the record was made must be looked up.
pub fn read_filing(call: &FilingCall, body: &[u8], profile: &Profile) -> Result<FilingReply, Unreadable> {
    let output = match open(body)? {
        Answer::Done(output) => output,
        Answer::Failed(failure) => {
            let refusal = failure.weigh(call.transaction(), &profile.words)?;
            return Ok(FilingReply::Refused { refusal });
        }
    };
    Ok(match call {
        FilingCall::Refer { .. } | FilingCall::RegisterChronic { .. } | FilingCall::FixPlace { .. } => {
            FilingReply::Filed {
                number: t2501::read(&output)?,
                platform: output.words,
            }
        }
        FilingCall::Withdraw { .. } => FilingReply::Withdrawn {
            platform: output.words,
        },
    })
}
