//! The registers of filings (5301, 5302, 5304, 5360), asked beside a lookup where the province has them.

use std::time::Duration;

use jiff::SignedDuration;
use zhijie_filing::Source;
use zhijie_model::{Distance, FixedPointKind, Payer};
use zhijie_settlement::Operator;
use zhijie_wire::{Inquiry, InquiryReply};

use super::Services;
use crate::filing::Person;

/// All registers together; a patient stands waiting.
const ASK_MAX: Duration = Duration::from_secs(10);
/// How far back referrals are asked for: longer than any of them runs, so that none leaves the list while it runs.
const REFERRALS_SINCE: SignedDuration = SignedDuration::from_hours(3 * 366 * 24);

impl Services {
    /// Asks what this province can be asked about the filings of a visitor, and records what is told. What cannot be had
    /// in time is not missed: no lookup fails by it.
    pub(super) async fn ask_registers(&self, payer: &Payer, operator: &Operator) {
        if payer.area.distance_to(self.care_area()) == Distance::SameCity {
            return;
        }
        let all = async {
            for inquiry in self.registers(payer) {
                if !self.ask_register(&inquiry, payer, operator).await {
                    break;
                }
            }
        };
        if tokio::time::timeout(ASK_MAX, all).await.is_err() {
            tracing::info!("The registers of filings did not all answer in time");
        }
    }

    /// As [`Services::ask_registers`], unless one of them answered within the age limit of queries and nothing was changed
    /// from this desk since.
    pub(super) async fn ask_registers_when_due(&self, payer: &Payer, operator: &Operator) {
        let person = Person {
            number: Some(payer.number.clone()),
            certificate: Some(payer.certificate.clone()),
        };
        let Ok((past, _)) = self.core.past(person).await else {
            return;
        };
        let now = self.clock.now().as_second();
        let limit = i64::from(self.filing.rules.age.query_s);
        let is_register = |source| {
            matches!(
                source,
                Source::FixedInstitutions | Source::Referrals | Source::ChronicEntries | Source::Approvals
            )
        };
        let told = || past.iter().filter_map(|past| past.seen.observation.as_ref());
        let made = told().filter(|seen| seen.source == Source::Declaration);
        let changed_at = made.map(|seen| seen.at).max();
        let fresh = told()
            .filter(|seen| is_register(seen.source) && seen.said.is_some())
            .filter(|seen| changed_at.is_none_or(|changed| seen.at > changed))
            .any(|seen| now.saturating_sub(seen.at.as_second()) <= limit);
        if !fresh {
            self.ask_registers(payer, operator).await;
        }
    }

    /// Whether the next register is worth asking: one that refuses says nothing about the others, silence does.
    async fn ask_register(&self, inquiry: &Inquiry, payer: &Payer, operator: &Operator) -> bool {
        let Ok(message_id) = self.core.new_message_id().await else {
            return false;
        };
        let told = self
            .ask_and_observe(inquiry, payer.area, operator, message_id)
            .await;
        let transaction = inquiry.transaction();
        match told {
            Ok(InquiryReply::Refused(refusal)) => {
                tracing::info!(?transaction, code = refusal.code, "A register of filings refused");
                true
            }
            Ok(_) => true,
            Err(trouble) => {
                tracing::info!(?transaction, %trouble, "A register of filings gave no answer");
                !super::person::is_silent(&trouble)
            }
        }
    }

    /// In the order of what they tell about a filing.
    fn registers(&self, payer: &Payer) -> Vec<Inquiry> {
        let now = self.clock.now();
        let payer = || payer.clone();
        let all = [
            Inquiry::FixedPoints {
                payer: payer(),
                register: FixedPointKind::Elsewhere,
            },
            Inquiry::Referrals {
                payer: payer(),
                began: now.saturating_sub(REFERRALS_SINCE).unwrap_or(now),
                ended: now,
            },
            Inquiry::ChronicEntries { payer: payer() },
            Inquiry::Approvals {
                payer: payer(),
                began: now,
            },
        ];
        let offered = |inquiry: &Inquiry| inquiry.is_offered(self.platform.profile());
        all.into_iter().filter(offered).collect()
    }
}
