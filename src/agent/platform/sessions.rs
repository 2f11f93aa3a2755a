//! Signing operators in and out.

use std::sync::Arc;

use zhijie_model::{MessageId, business_day};
use zhijie_settlement::Operator;
use zhijie_wire::{Inquiry, InquiryReply};

use super::{Platform, Session, Trouble, lock};

impl Platform {
    /// Signs `operator` in for the day unless that is done. May wait for the platform; may run twice.
    ///
    /// # Errors
    /// [`Trouble`]; the operator is not signed in.
    pub async fn sign_in(&self, operator: &Operator, message_id: MessageId) -> Result<(), Trouble> {
        let gate = Arc::clone(lock(&self.gates).entry(operator.code.clone()).or_default());
        let _gate = gate.lock().await;
        if self.signed_in(&operator.code, self.clock.now()) {
            return Ok(());
        }
        let inquiry = Inquiry::SignIn {
            operator: operator.code.clone(),
            mac: String::new(),
            ip: self.sender.address.clone(),
        };
        match self
            .inquire(&inquiry, self.sender.care_area, operator, message_id)
            .await?
        {
            InquiryReply::SignedIn(signed) => {
                let session = Session {
                    number: signed.number,
                    day: business_day(self.clock.now()),
                };
                lock(&self.sessions).insert(operator.code.clone(), session);
                tracing::info!(operator = %operator.code, "Signed in for the day");
                Ok(())
            }
            InquiryReply::Refused(refusal) => Err(Trouble::Refused(refusal)),
            InquiryReply::SignedOut
            | InquiryReply::Person(_)
            | InquiryReply::Benefits(_)
            | InquiryReply::Voucher(_)
            | InquiryReply::Visits(_)
            | InquiryReply::Totals(_)
            | InquiryReply::ChronicEntries(_)
            | InquiryReply::FixedPoints(_)
            | InquiryReply::Referrals(_)
            | InquiryReply::Approvals(_)
            | InquiryReply::Institutions(_)
            | InquiryReply::Dictionary(_)
            | InquiryReply::Diagnoses(_)
            | InquiryReply::Lines(_)
            | InquiryReply::Dispensed(_)
            | InquiryReply::Sheet(_)
            | InquiryReply::Violations(_)
            | InquiryReply::CheckAnswered
            | InquiryReply::CatalogueFile(_)
            | InquiryReply::CataloguePage(_) => Err(Trouble::OtherAnswer),
        }
    }

    /// Signs everybody out, best effort; used when the agent stops.
    pub async fn sign_out(&self, message_ids: Vec<MessageId>) {
        let sessions = std::mem::take(&mut *lock(&self.sessions));
        for ((operator, session), message_id) in sessions.into_iter().zip(message_ids) {
            let operator = Operator {
                name: String::from(operator.as_str()),
                code: operator,
            };
            let inquiry = Inquiry::SignOut {
                operator: operator.code.clone(),
                number: session.number,
            };
            let _ = self
                .inquire(&inquiry, self.sender.care_area, &operator, message_id)
                .await;
        }
    }

    /// Operators signed in now.
    #[must_use]
    pub fn sessions_open(&self) -> usize {
        lock(&self.sessions).len()
    }
}
