//! The person who looks into the centre's books when nobody else can know.

use zhijie_settlement::{ClerkReason, NeedsClerk, StayNeedsClerk, StayState, StayVerdict, Verdict};

use super::centre::{Centre, Entry};
use crate::model::{Check, broken};

/// A person is called where a list says nothing certain or the centre was silent too long, never for what cannot be.
pub(super) fn may_be_needed(reason: &ClerkReason) -> Check {
    if *reason == ClerkReason::Impossible {
        return broken("a-person-only-where-nobody-else-can-know", format!("{reason:?}"));
    }
    Ok(())
}

pub(super) fn of_stay(clerk: &StayNeedsClerk, centre: &Centre, looks: bool) -> StayVerdict {
    if !looks {
        return StayVerdict::AskAgain;
    }
    let Some(doubt) = clerk.before.doubt() else {
        return StayVerdict::AskAgain;
    };
    if let StayState::StepInDoubt(step) = &*clerk.before {
        return if centre.done.contains(&doubt.subject) {
            StayVerdict::Stands {
                visit: Some(step.stay.visit_id.clone()),
            }
        } else {
            StayVerdict::DoesNotStand
        };
    }
    let made = |visit: &&super::centre::Visit| visit.message == doubt.subject && visit.stands();
    match centre.visits.iter().find(made) {
        Some(visit) => StayVerdict::Stands {
            visit: Some(visit.id.clone()),
        },
        None => StayVerdict::DoesNotStand,
    }
}

pub(super) fn of_bill(clerk: &NeedsClerk, centre: &Centre, looks: bool) -> Verdict {
    if !looks {
        return Verdict::AskAgain;
    }
    let subject = clerk.before.doubt().map(|doubt| &doubt.subject);
    let told = clerk.before.settled().map(|settled| &settled.settlement.id);
    let asked = |entry: &&Entry| {
        entry.stands() && (Some(&entry.message) == subject || Some(&entry.settlement.id) == told)
    };
    match centre.books.iter().find(asked) {
        Some(entry) => Verdict::Stands {
            settlement: entry.settlement.id.clone(),
            visit: Some(entry.settlement.visit_id.clone()),
        },
        None => Verdict::DoesNotStand,
    }
}
