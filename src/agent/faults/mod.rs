//! The fault table: every way to fail, with its link, whether money moved, and what the cashier does now.
//!
//! A code never changes meaning; each has a page under `docs/faults`. Mapping is exhaustive: a new cause does not
//! compile until it has a place here.

mod bill;
mod device;
mod gate;
mod route;
mod stay;
mod table;

use zhijie_model::{Fault, Link, LinkState, MoneyMoved, PlatformWords, TraceEntry};

pub(crate) use bill::heard_of;
pub use bill::{of_cause, of_problems};
pub use device::{of_device, of_medium, of_voucher_library};
pub(crate) use gate::{
    NO_TOKEN, NOT_SEALED, TLS_ALERT, TURNED_AWAY, UNTRUSTED, clock_words, harmless, says_wrong_address,
};
pub use route::{entry_of_closed, of_closed};
pub use stay::of_stay_cause;
pub use table::{ALL, Entry};

pub(crate) use table::*;

/// Every link, in the order from the patient's card to her insurance.
const CHAIN: [Link; 9] = [
    Link::Card,
    Link::Scanner,
    Link::Desk,
    Link::Agent,
    Link::HospitalNetwork,
    Link::Gateway,
    Link::Province,
    Link::Nation,
    Link::InsuredRegion,
];

/// A fault of this entry. `evidence` is for the engineer and never holds anything about a patient; `marker` finds
/// the place in log and ledger.
#[must_use]
pub fn fault(entry: &Entry, evidence: &str, words: Option<&PlatformWords>, marker: &str) -> Fault {
    let engineer = if evidence.is_empty() {
        String::from(entry.engineer)
    } else if evidence.starts_with(entry.engineer) {
        String::from(evidence)
    } else {
        format!("{}: {evidence}", entry.engineer)
    };
    Fault {
        code: String::from(entry.code),
        link: entry.link,
        money_moved: entry.money,
        cashier: String::from(entry.cashier),
        engineer,
        platform_text: words.and_then(|words| words.text.clone()),
        trace: trace(entry, evidence, words),
        marker: String::from(marker),
    }
}

/// What the failure proves about each link: links before the blamed one worked where the message went through them,
/// links behind it are unknown.
fn trace(entry: &Entry, evidence: &str, words: Option<&PlatformWords>) -> Vec<TraceEntry> {
    let through_platform = matches!(
        entry.link,
        Link::HospitalNetwork | Link::Gateway | Link::Province | Link::Nation | Link::InsuredRegion
    );
    let failed_for_sure = entry.money != MoneyMoved::Unknown;
    let mut lines = Vec::new();
    for link in CHAIN {
        let passed = through_platform && link < entry.link && link >= Link::Desk;
        let (state, why) = if link == entry.link {
            let state = if failed_for_sure {
                LinkState::Failed
            } else {
                LinkState::Unknown
            };
            (
                state,
                if evidence.is_empty() {
                    entry.engineer
                } else {
                    evidence
                },
            )
        } else if passed {
            (LinkState::Ok, "the message passed")
        } else {
            (LinkState::Unknown, "not reached or not seen")
        };
        let mut text = String::from(why);
        if link == entry.link
            && let Some(id) = words.and_then(|words| words.message_id.as_ref())
        {
            text = format!("{text}; platform message {id}");
        }
        lines.push(TraceEntry {
            link,
            state,
            evidence: text,
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_every_text_speaks() {
        let mut seen = BTreeSet::new();
        for entry in ALL {
            assert!(seen.insert(entry.code), "{} twice", entry.code);
            assert!(
                !entry.cashier.is_ascii(),
                "{}: the cashier reads Chinese",
                entry.code
            );
            assert!(
                entry.engineer.is_ascii() && !entry.engineer.is_empty(),
                "{}",
                entry.code
            );
        }
    }

    #[test]
    fn money_unknown_always_says_take_no_second_settlement() {
        for entry in ALL.iter().filter(|entry| entry.money == MoneyMoved::Unknown) {
            assert!(entry.cashier.contains("请勿"), "{}", entry.code);
        }
    }

    #[test]
    fn the_trace_names_every_link_and_blames_one() {
        let made = fault(&GATE_001, "connection refused", None, "m");
        assert_eq!(made.trace.len(), CHAIN.len());
        let failed: Vec<Link> = made
            .trace
            .iter()
            .filter(|line| line.state == LinkState::Failed)
            .map(|line| line.link)
            .collect();
        assert_eq!(failed, [Link::HospitalNetwork]);
    }
}
