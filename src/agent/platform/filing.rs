//! Filings made at the desk, as the platform sees them.

use jiff::Timestamp;
use zhijie_model::{FilingCall, FilingReply, OperatorCode};
use zhijie_settlement::{Moment, NotSent, Operator};
use zhijie_wire::{Message, draft_filing};

use super::Platform;
use crate::reading::{self, FilingEnd};
use crate::routes::{Heard, Passage};

impl Platform {
    /// The exact bytes of a filing made at the desk.
    ///
    /// # Errors
    /// The proof that nothing can have been sent.
    pub fn encode_filing(
        &self,
        call: &FilingCall,
        operator: &Operator,
        moment: &Moment,
    ) -> Result<Message, NotSent> {
        if !self.signed_in(&operator.code, moment.now) {
            return Err(NotSent::NoSignIn {
                evidence: self.why_no_sign_in(moment.now),
            });
        }
        let head = self.head(moment.message_id.clone(), call.payer().area, operator, moment.now);
        let draft = draft_filing(call, &head, &self.profile);
        let sealed = draft.and_then(|draft| draft.seal(&*self.keys));
        sealed.map_err(|error| NotSent::NotEncodable {
            evidence: error.to_string(),
        })
    }

    /// Sends a filing once, unless a route of it is closed, and says what became of it.
    pub async fn send_filing(
        &self,
        call: &FilingCall,
        operator: &OperatorCode,
        message: &Message,
        now: Timestamp,
    ) -> (FilingEnd, Option<Vec<u8>>) {
        let leave = match self.routes.admit(&Passage::of_filing(call), now) {
            Ok(leave) => leave,
            Err(closed) => return (FilingEnd::NotSent(closed.not_sent()), None),
        };
        let delivery = self.deliver(message, now).await;
        let (end, raw) =
            reading::filing_outcome(call, &message.message_id, delivery, &self.profile, |body| {
                self.clear(message, body)
            });
        if let FilingEnd::Answered(reply) = &end {
            self.answered_well(self.clock.now());
            if let FilingReply::Refused { refusal } = reply
                && refusal.sign_in_lost
            {
                self.forget_sign_in(operator);
            }
        }
        leave.heard(Heard::of_filing(&end, &self.profile.words), self.clock.now());
        (end, raw)
    }
}
