//! From an answer to its meaning.

use zhijie_model::{
    Call, Fen, MessageId, Payer, PlatformWords, Reply, Settlement, SettlementId, Split, Trial, TrialAmounts,
    VisitId,
};

use crate::envelope::{Answer, Output, open};
use crate::profile::Profile;
use crate::same::{same_message, same_person, same_visit};
use crate::scalar::at;
use crate::setlinfo::{NODE, Nodes, SetlInfo, listed};
use crate::unreadable::Unreadable;
use crate::{t2101, t2201, t2204, t2208, t2260, t2401, t5201, t5203, t5303};

/// Reads the answer to `call`, which was sent as `message_id`. Never panics, whatever `body` holds.
///
/// # Errors
/// [`Unreadable`]: the answer proves nothing. After a call that moves money that is doubt, never failure.
pub fn read_reply(
    call: &Call,
    message_id: &MessageId,
    body: &[u8],
    profile: &Profile,
) -> Result<Reply, Unreadable> {
    let output = match open(body)? {
        Answer::Done(output) => output,
        Answer::Failed(failure) => {
            let refusal = failure.weigh(call.transaction(), &profile.words)?;
            return Ok(Reply::Refused { refusal });
        }
    };
    Ok(match call {
        Call::Register { payer, visit } => Reply::Registered {
            visit_id: t2201::read(&output, payer, visit)?,
        },
        Call::Describe { .. } => Reply::Described,
        Call::Upload { bill, first, .. } => Reply::Uploaded {
            cuts: t2204::read(&output, bill, *first, profile)?,
        },
        Call::WithdrawLines { .. } => Reply::LinesWithdrawn,
        Call::WithdrawVisit { .. } => Reply::VisitWithdrawn,
        Call::Trial {
            payer,
            visit_id,
            total,
            ..
        } => Reply::Tried {
            trial: trial(
                &settled_row(&output, payer, Some(visit_id), message_id, profile)?,
                *total,
                profile,
            )?,
        },
        Call::Settle {
            payer,
            visit_id,
            total,
            ..
        } => {
            let row = settled_row(&output, payer, Some(visit_id), message_id, profile)?;
            Reply::Settled {
                settlement: settlement(&row, visit_id, *total, &output.words, profile)?,
            }
        }
        Call::TryPurchase { payer, bill, .. } => {
            let row = settled_row(&output, payer, None, message_id, profile)?;
            let mut trial = trial(&row, bill.total(), profile)?;
            trial.cuts = t2101::cuts(&output, bill, profile)?;
            Reply::Tried { trial }
        }
        Call::Purchase { payer, bill, .. } => {
            let row = settled_row(&output, payer, None, message_id, profile)?;
            let visit_id = row.mdtrt_id.need_id(at(NODE, "mdtrt_id"), VisitId::new)?;
            Reply::Settled {
                settlement: settlement(&row, &visit_id, bill.total(), &output.words, profile)?,
            }
        }
        Call::TrySlip { payer, bill, .. } => {
            let row = settled_row(&output, payer, None, message_id, profile)?;
            let mut trial = trial(&row, bill.total(), profile)?;
            trial.cuts = t2260::cuts(&output, bill, profile)?;
            Reply::Tried { trial }
        }
        Call::SettleSlip { payer, bill, .. } => {
            let row = settled_row(&output, payer, None, message_id, profile)?;
            let visit_id = row.mdtrt_id.need_id(at(NODE, "mdtrt_id"), VisitId::new)?;
            Reply::Settled {
                settlement: settlement(&row, &visit_id, bill.total(), &output.words, profile)?,
            }
        }
        Call::Cancel { payer, visit_id, .. }
        | Call::CancelSlip { payer, visit_id, .. }
        | Call::CancelPurchase { payer, visit_id, .. }
        | Call::CancelStay { payer, visit_id, .. } => {
            let mut refund = t2208::read(&output, payer, visit_id)?;
            refund.platform = output.words;
            Reply::Cancelled { refund }
        }
        Call::Reverse { .. } => Reply::Reversed,
        Call::Admit { .. } => Reply::Admitted {
            visit_id: t2401::read(&output)?,
        },
        Call::ChangeStay { .. } => Reply::StayChanged,
        Call::ChargeStay { lines, .. } => Reply::Uploaded {
            cuts: t2204::read_lines(&output, lines.iter().map(|line| &line.charge), profile)?,
        },
        Call::WithdrawCharges { .. } => Reply::LinesWithdrawn,
        Call::Discharge { .. } => Reply::Discharged,
        Call::WithdrawDischarge { .. } => Reply::DischargeWithdrawn,
        Call::WithdrawAdmission { .. } => Reply::AdmissionWithdrawn,
        Call::TryStay {
            payer,
            visit_id,
            part,
            ..
        } => {
            let row = settled_row(&output, payer, Some(visit_id), message_id, profile)?;
            Reply::Tried {
                trial: trial(&row, part.total, profile)?,
            }
        }
        Call::SettleStay {
            payer,
            visit_id,
            part,
            ..
        } => {
            let row = settled_row(&output, payer, Some(visit_id), message_id, profile)?;
            Reply::Settled {
                settlement: settlement(&row, visit_id, part.total, &output.words, profile)?,
            }
        }
        Call::QueryInHospital { payer, .. } => Reply::InHospital {
            stays: t5303::read(&output, payer)?,
        },
        Call::QueryVisits { payer, .. } => Reply::VisitsFound {
            visits: t5201::found(&output, payer)?,
        },
        Call::QuerySettlement { payer, visit_id, .. } => Reply::Queried {
            rows: t5203::read(&output, payer, visit_id, &output.words, profile)?,
        },
    })
}

/// The row of a trial or settlement, known to be about this person and message, and about the visit where there was one
/// before.
fn settled_row(
    output: &Output,
    payer: &Payer,
    visit_id: Option<&VisitId>,
    message_id: &MessageId,
    profile: &Profile,
) -> Result<SetlInfo, Unreadable> {
    let mut row = output.read::<Nodes>(NODE)?.one()?;
    row.listed = listed(output);
    row.psn_no.need(at(NODE, "psn_no"))?;
    same_person(&row.psn_no, NODE, payer)?;
    if let Some(visit_id) = visit_id {
        row.mdtrt_id.need(at(NODE, "mdtrt_id"))?;
        same_visit(&row.mdtrt_id, NODE, visit_id)?;
    }
    if profile.fields.settlement_echoes_message_id {
        same_message(&row.medins_setl_id, NODE, message_id)?;
    }
    Ok(row)
}

fn split(row: &SetlInfo, total: Fen, profile: &Profile) -> Result<Split, Unreadable> {
    let split = Split::new(row.parts(profile)?).and_then(|split| split.for_total(total));
    split.map_err(Unreadable::DoesNotAddUp)
}

fn trial(row: &SetlInfo, total: Fen, profile: &Profile) -> Result<Trial, Unreadable> {
    let split = split(row, total, profile)?;
    let parts = split.parts();
    let amounts = TrialAmounts {
        own_expense: parts.own_expense,
        over_ceiling: parts.over_ceiling,
        first_own: parts.first_own,
        in_scope: parts.in_scope,
    };
    Ok(Trial {
        split,
        amounts,
        cuts: Vec::new(),
    })
}

fn settlement(
    row: &SetlInfo,
    visit_id: &VisitId,
    total: Fen,
    words: &PlatformWords,
    profile: &Profile,
) -> Result<Settlement, Unreadable> {
    Ok(Settlement {
        id: row.setl_id.need_id(at(NODE, "setl_id"), SettlementId::new)?,
        visit_id: visit_id.clone(),
        message_id: row.message_id()?,
        settled_at: row.setl_time.need_clock(at(NODE, "setl_time"))?,
        split: split(row, total, profile)?,
        clearing: row.clearing()?,
        platform: words.clone(),
    })
}
