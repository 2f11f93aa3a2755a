//! From a decision to bytes on the line, and from what came back to an event.

use zhijie_model::{BillId, Call, CallClass, Transaction};
use zhijie_settlement::{Event, Moment, NotSent, Operator, State};
use zhijie_wire::Message;

use super::Core;
use super::input::Input;
use crate::platform::Platform;

/// A call with its bytes, or the proof that it cannot be sent.
pub(super) struct Letter {
    pub(super) call: Call,
    pub(super) transaction: Transaction,
    pub(super) class: CallClass,
    pub(super) message: Result<Message, NotSent>,
}

/// Builds the exact bytes of a call before the decision is committed. A failure here moves no money.
pub(super) fn encode(
    platform: &Platform,
    bill: &BillId,
    call: &Call,
    state: &State,
    moment: &Moment,
) -> Letter {
    let transaction = call.transaction();
    let message = match state.case() {
        Some(case) => platform.encode(call, &case.order, bill, moment),
        None => Err(NotSent::NotEncodable {
            evidence: String::from("no order"),
        }),
    };
    Letter {
        call: call.clone(),
        transaction,
        class: transaction.class(),
        message,
    }
}

impl Core {
    /// Sends once; what happens comes back through the same door as everything else.
    pub(super) fn post(&mut self, bill: &BillId, moment: &Moment, letter: Letter) {
        let message_id = moment.message_id.clone();
        let message = match letter.message {
            Ok(message) => message,
            Err(reason) => {
                let event = Event::NotSent { message_id, reason };
                self.apply(bill, &event, None, None);
                return;
            }
        };
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        tracing::info!(%bill, message_id = %message_id, number = message.number, "Sending");
        let platform = std::sync::Arc::clone(&self.platform);
        let bill = bill.clone();
        let now = moment.now;
        self.runtime.spawn(async move {
            let (event, raw) = platform.send(&letter.call, &message, now).await;
            let _ = inputs.send(Input::Outcome { bill, event, raw }).await;
        });
    }

    /// Signs the operator in and wakes the bill again, later when signing in fails.
    pub(super) fn sign_in_then_wake(&mut self, bill: &BillId, operator: &Operator) {
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        let Ok(message_id) = self.ledger.next_lookup_id(self.clock.now()) else {
            return;
        };
        let platform = std::sync::Arc::clone(&self.platform);
        let (bill, operator) = (bill.clone(), operator.clone());
        self.runtime.spawn(async move {
            if let Err(trouble) = platform.sign_in(&operator, message_id).await {
                tracing::warn!(%bill, %trouble, "Cannot sign in to ask about a bill in doubt");
                tokio::time::sleep(SIGN_IN_PAUSE).await;
            }
            let _ = inputs.send(Input::Wake { bill }).await;
        });
    }
}

const SIGN_IN_PAUSE: std::time::Duration = std::time::Duration::from_secs(10);
