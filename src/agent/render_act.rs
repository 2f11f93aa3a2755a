//! Filings made at the desk, as the desk is told of them.

use zhijie_desk::api::{BillState, FilingActResult, Outcome, WorkResolveResult};
use zhijie_filing::{Act, Stage};
use zhijie_model::{BillId, Fault, FilingNumber, PlatformWords, Private};
use zhijie_settlement::{Cause, NotSent};

use crate::faults::{self, PLAT_030, PLAT_031, PLAT_032, PLAT_033, of_cause};
use crate::render::json;

/// The outcome of the request that asked for the act.
pub(crate) const fn outcome(act: &Act) -> Outcome {
    match act.stage {
        Stage::Sent | Stage::InDoubt { .. } | Stage::NeedsClerk { .. } => Outcome::NotKnown,
        Stage::Carried { .. } => Outcome::Done,
        Stage::Refused { .. } | Stage::NotSent { .. } | Stage::NeverDone => Outcome::NotDone,
    }
}

/// Why it is not done, or not known.
pub(crate) fn fault(act: &Act, not_sent: Option<&NotSent>, words: Option<&PlatformWords>) -> Option<Fault> {
    let marker = act.message_id.as_str();
    let say = |entry, evidence: &str, words| Some(faults::fault(entry, evidence, words, marker));
    match &act.stage {
        Stage::Sent | Stage::InDoubt { .. } => say(&PLAT_030, "", words),
        Stage::NeedsClerk { .. } => say(&PLAT_033, "", words),
        Stage::Carried { .. } => None,
        Stage::Refused { refusal } => {
            let evidence = format!("refused with code {}", refusal.code);
            say(&PLAT_032, &evidence, Some(&refusal.platform))
        }
        Stage::NotSent { evidence } => {
            let evidence = evidence.clone();
            let reason = not_sent.cloned().unwrap_or(NotSent::Unreachable { evidence });
            let transaction = act.new.call.transaction();
            Some(of_cause(&Cause::NotSent { transaction, reason }, marker))
        }
        Stage::NeverDone => say(&PLAT_031, "", words),
    }
}

/// The answer to the request that asked for the act.
pub(crate) fn answer(
    outcome: Outcome,
    id: Option<&BillId>,
    number: Option<&FilingNumber>,
    fault: Option<Fault>,
) -> String {
    json(&FilingActResult {
        outcome,
        act_id: id.map(|id| String::from(id.as_str())),
        number: number.map(|number| Private::new(number.as_str())),
        fault,
    })
}

/// The answer to the person who decided about it.
pub(crate) fn resolved(id: &BillId, act: &Act) -> String {
    json(&WorkResolveResult {
        outcome: Outcome::Done,
        bill_id: String::from(id.as_str()),
        state: state(act),
        fault: None,
    })
}

/// The state in the words that bills have.
pub(crate) const fn state(act: &Act) -> BillState {
    match act.stage {
        Stage::Sent => BillState::Submitted,
        Stage::InDoubt { .. } => BillState::InDoubt,
        Stage::NeedsClerk { .. } => BillState::NeedsClerk,
        Stage::Carried { .. } => BillState::Settled,
        Stage::Refused { .. } => BillState::Declined,
        Stage::NotSent { .. } | Stage::NeverDone => BillState::Abandoned,
    }
}
