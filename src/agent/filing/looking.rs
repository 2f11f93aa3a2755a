//! Looking for a record in its register: before it is made, and after the answer was lost.

use jiff::{SignedDuration, Timestamp};
use zhijie_filing::{Sight, Target};
use zhijie_model::Payer;
use zhijie_wire::{Inquiry, InquiryReply};

use crate::platform::{Told, Trouble};

/// Referrals are asked for around the day: one may be made for a later day.
const AROUND: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The question that would show `target`.
pub(crate) fn question(payer: &Payer, target: &Target, now: Timestamp) -> Inquiry {
    let payer = payer.clone();
    match target {
        Target::Referral { .. } => Inquiry::Referrals {
            payer,
            began: now.saturating_sub(AROUND).unwrap_or(now),
            ended: now.saturating_add(AROUND).unwrap_or(now),
        },
        Target::Disease { .. } => Inquiry::ChronicEntries { payer },
        Target::Place { kind, .. } => Inquiry::FixedPoints {
            payer,
            register: *kind,
        },
    }
}

/// What its answer shows. A refusal shows nothing.
pub(crate) fn sight(target: &Target, told: &Result<Told, Trouble>) -> Sight {
    match told.as_ref().map(|told| &told.reply) {
        Ok(InquiryReply::Referrals(rows)) => target.among_referrals(rows),
        Ok(InquiryReply::ChronicEntries(rows)) => target.among_diseases(rows),
        Ok(InquiryReply::FixedPoints(rows)) => target.among_places(rows),
        Ok(_) | Err(_) => Sight::Nothing,
    }
}
