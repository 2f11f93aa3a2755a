//! From a decision to bytes on the line.

use zhijie_model::{BillId, Call, CallClass, Transaction};
use zhijie_settlement::{Bearer, Event, Moment, NotSent, Operator};
use zhijie_wire::Message;

use super::{Core, Outside};

/// A call with its bytes, or the proof that it cannot be sent.
pub(super) struct Letter {
    pub(super) call: Call,
    pub(super) transaction: Transaction,
    pub(super) class: CallClass,
    pub(super) message: Result<Message, NotSent>,
}

impl<O: Outside> Core<O> {
    /// Builds the exact bytes of a call before the decision is committed. A failure here moves no money.
    pub(super) fn write_letter(
        &self,
        bill: &BillId,
        call: &Call,
        bearer: Option<Bearer<'_>>,
        moment: &Moment,
    ) -> Letter {
        let transaction = call.transaction();
        let message = match bearer {
            Some(bearer) => self.outside.encode(call, bearer, bill, moment),
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

    /// Sends once; what happens comes back through the same door as everything else.
    pub(super) fn post(&mut self, bill: &BillId, moment: &Moment, letter: Letter) {
        let message_id = moment.message_id.clone();
        match letter.message {
            Ok(message) => {
                tracing::info!(%bill, message_id = %message_id, number = message.number, "Sending");
                self.outside.post(bill.clone(), letter.call, message, moment.now);
            }
            Err(reason) => {
                let event = Event::NotSent { message_id, reason };
                self.outcome(bill, event, None);
            }
        }
    }

    /// Signs the operator in and wakes the bill again.
    pub(super) fn sign_in_then_wake(&mut self, bill: &BillId, operator: &Operator) {
        match self.ledger.next_lookup_id(self.clock.now()) {
            Ok(message_id) => self.outside.sign_in(bill.clone(), operator.clone(), message_id),
            Err(error) => self.ledger_failed(&error),
        }
    }
}
