//! The filing ledger at this desk: what counts as seen, how it is kept, shown and disputed. The weighing itself is in
//! `zhijie-filing`.

mod answers;
pub(crate) mod looking;
mod made;
mod packet;
mod packet_html;
mod registers;
mod store;
mod text;
#[cfg(test)]
mod verdict_tests;
mod verdicts;
mod view;

use jiff::{SignedDuration, Timestamp};
use zhijie_filing::{CheckReceipt, Observation, Rules};
use zhijie_model::{Area, PersonNumber, Private};

pub(crate) use answers::{Place, of_answer};
pub(crate) use made::{carried, under_way};
pub(crate) use packet::{Packet, Patient, packet_name};
pub(crate) use store::{Seen, check_row, checked, new_row, seen};
pub(crate) use verdicts::{About, Bench, is_asking, is_asking_of_stay, stay_verdict, verdict};
pub(crate) use view::{check_view, entry_view, filing_kind, receipt_lines, receipt_view, unknown_region};

/// Rules of the place, for the loop and the methods alike.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Area the institution settles in.
    pub care: Area,
    pub rules: Rules,
    /// Days after which personal details are erased; 0: never.
    pub keep_details_days: u32,
}

impl Policy {
    /// What was seen before this instant is due for erasure.
    #[must_use]
    pub fn erase_before(&self, now: Timestamp) -> Option<Timestamp> {
        let days = i64::from(self.keep_details_days);
        let age = SignedDuration::from_hours(days.saturating_mul(24));
        (days > 0).then(|| now.saturating_sub(age).unwrap_or(Timestamp::MIN))
    }
}

/// Whose observations: by the number in the insured region, by the certificate, or by both.
#[derive(Debug, Clone)]
pub struct Person {
    pub number: Option<PersonNumber>,
    pub certificate: Option<Private>,
}

/// Something seen of a person, on its way into the ledger. Its digest is made there.
#[derive(Debug, Clone)]
pub struct Sighting {
    pub person: Person,
    pub observation: Observation,
}

/// One row of a person's or a bill's past.
#[derive(Debug, Clone)]
pub struct Past {
    pub seen: Seen,
    pub check: Option<CheckReceipt>,
}
