//! Faults on demand: which call they wait for and what they do to it.

use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The call waits before anything is done.
    Delay,
    /// Done at once, answered late.
    DelayAfterCommit,
    /// Nothing done, connection closed without a byte.
    DropBeforeCommit,
    /// Done, connection closed without a byte.
    DropAfterCommit,
    /// Done; the head announces the whole body, half of it comes, the connection closes.
    HalfAnswer,
    /// Nothing done, a gateway's 502 page.
    Html,
    /// Done, a gateway's 502 page.
    HtmlAfterCommit,
    /// Nothing done, -1 with a text.
    Refuse,
    /// Done; the body comes 64 bytes at a time with a pause between.
    SlowBytes,
    /// Done, 200 with an empty body.
    Empty,
    /// Done, a body that breaks off inside its JSON although it is whole as HTTP.
    BadJsonAfterCommit,
    /// Done; the answer names another person.
    OtherPerson,
    /// Done; the answer's amounts do not add up.
    WrongAmounts,
    /// Nothing heard; the call is executed when the caller has long given up.
    LateExecution,
    /// The gateway passes the call on twice; the second answer comes.
    Duplicate,
    /// Every sign-in ends just before the call.
    SignInExpired,
    /// Answered from books that do not have the settlement yet.
    StaleQuery,
    /// Done; the answer's signature is another one, where this province signs its answers.
    WrongSignature,
}

/// A fault that waits for its calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Transaction it waits for. Four digits match the lettered variants too; `*` matches every call.
    pub infno: String,
    pub kind: FaultKind,
    /// How many matching calls pass before the first it strikes.
    #[serde(default)]
    pub after: u32,
    /// How many calls it strikes.
    #[serde(default = "once")]
    pub times: u32,
    /// Milliseconds, for the kinds that wait.
    #[serde(default)]
    pub ms: u64,
    /// Text of a refusal, as it is to come, prefix included.
    #[serde(default)]
    pub text: Option<String>,
    /// Only this message.
    #[serde(default)]
    pub msgid: Option<String>,
    /// Only this visit number of the hospital.
    #[serde(default)]
    pub visit: Option<String>,
}

/// The faults that wait, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

/// Transactions whose answers name a person.
const NAME_A_PERSON: [&str; 13] = [
    "1101", "2001", "2101", "2102", "2201", "2206", "2207", "2208", "5201", "5203", "5302", "5304", "5360",
];
/// Transactions whose answers carry amounts.
const CARRY_AMOUNTS: [&str; 8] = ["2101", "2102", "2103", "2204", "2206", "2207", "2208", "5203"];

/// A fault that could never do anything.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum FaultError {
    #[error("an answer to {0} names no person; other-person works with {list}", list = NAME_A_PERSON.join(", "))]
    NoPerson(String),
    #[error("an answer to {0} carries no amounts; wrong-amounts works with {list}", list = CARRY_AMOUNTS.join(", "))]
    NoAmounts(String),
    #[error("{0} does not ask for settlements; stale-query works with 5203")]
    AsksNothing(String),
}

impl FaultKind {
    /// The transactions to which it can do something; `None` for all.
    fn transactions(self) -> Option<&'static [&'static str]> {
        match self {
            Self::OtherPerson => Some(&NAME_A_PERSON),
            Self::WrongAmounts => Some(&CARRY_AMOUNTS),
            Self::StaleQuery => Some(&["5203"]),
            Self::Delay
            | Self::DelayAfterCommit
            | Self::DropBeforeCommit
            | Self::DropAfterCommit
            | Self::HalfAnswer
            | Self::Html
            | Self::HtmlAfterCommit
            | Self::Refuse
            | Self::SlowBytes
            | Self::Empty
            | Self::BadJsonAfterCommit
            | Self::LateExecution
            | Self::Duplicate
            | Self::SignInExpired
            | Self::WrongSignature => None,
        }
    }

    fn can_strike(self, infno: &str) -> bool {
        self.transactions()
            .is_none_or(|known| known.iter().any(|number| matches(number, infno)))
    }
}

impl Fault {
    /// # Errors
    /// When the answers it waits for have nothing that it could change.
    pub(crate) fn check(&self) -> Result<(), FaultError> {
        if self.infno == "*" || self.kind.can_strike(&self.infno) {
            return Ok(());
        }
        let infno = self.infno.clone();
        Err(match self.kind {
            FaultKind::WrongAmounts => FaultError::NoAmounts(infno),
            FaultKind::StaleQuery => FaultError::AsksNothing(infno),
            _ => FaultError::NoPerson(infno),
        })
    }

    pub(crate) const fn wait(&self) -> Duration {
        Duration::from_millis(self.ms)
    }

    fn strikes(&self, infno: &str, msgid: &str, visit: Option<&str>) -> bool {
        matches(&self.infno, infno)
            && self.kind.can_strike(infno)
            && self.msgid.as_deref().is_none_or(|only| only == msgid)
            && self.visit.as_deref().is_none_or(|only| Some(only) == visit)
    }
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.with(|faults| faults.push(fault));
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.with(|faults| faults.clone())
    }

    pub(crate) fn clear(&self) {
        self.with(Vec::clear);
    }

    /// The oldest fault that strikes this call, one time less of it left.
    pub(crate) fn take(&self, infno: &str, msgid: &str, visit: Option<&str>) -> Option<Fault> {
        self.with(|faults| {
            let strikes = |fault: &&mut Fault| fault.times > 0 && fault.strikes(infno, msgid, visit);
            let fault = faults.iter_mut().filter(strikes).find_map(|fault| {
                if fault.after == 0 {
                    return Some(fault);
                }
                fault.after -= 1;
                None
            })?;
            fault.times -= 1;
            let taken = fault.clone();
            faults.retain(|fault| fault.times > 0);
            Some(taken)
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a wanted transaction number covers `infno`.
pub(crate) fn matches(wanted: &str, infno: &str) -> bool {
    wanted == "*" || wanted == infno || (wanted.len() == 4 && infno.get(..4) == Some(wanted))
}

const fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(infno: &str, times: u32) -> Fault {
        Fault {
            infno: String::from(infno),
            kind: FaultKind::Html,
            after: 0,
            times,
            ms: 0,
            text: None,
            msgid: None,
            visit: None,
        }
    }

    #[test]
    fn a_fault_that_can_do_nothing_is_none() {
        use FaultKind::{Html, OtherPerson, WrongAmounts};
        let table = [
            ("1101", OtherPerson, true),
            ("2207A", OtherPerson, true),
            ("*", OtherPerson, true),
            ("2204", OtherPerson, false),
            ("2601", OtherPerson, false),
            ("2206A", WrongAmounts, true),
            ("*", WrongAmounts, true),
            ("1101", WrongAmounts, false),
            ("2201", WrongAmounts, false),
            ("2201", Html, true),
        ];
        for (infno, kind, good) in table {
            let asked = Fault {
                kind,
                ..fault(infno, 1)
            };
            let checked = asked.check();
            assert_eq!(checked.is_ok(), good, "{infno} {kind:?}");
            if let Err(error) = checked {
                assert!(error.to_string().contains(infno), "{error}");
            }
        }
        let faults = Faults::default();
        faults.add(Fault {
            kind: OtherPerson,
            ..fault("*", 1)
        });
        assert_eq!(faults.take("9001", "m", None), None);
        assert!(faults.take("1101", "m", None).is_some());
    }

    #[test]
    fn a_fault_lets_calls_pass_first() {
        let faults = Faults::default();
        faults.add(Fault {
            after: 2,
            ..fault("2207", 1)
        });
        let struck: Vec<bool> = (0..4)
            .map(|_| faults.take("2207A", "m", None).is_some())
            .collect();
        assert_eq!(struck, [false, false, true, false]);
    }

    #[test]
    fn a_fault_strikes_its_calls_and_wears_out() {
        let faults = Faults::default();
        faults.add(Fault {
            visit: Some(String::from("V1")),
            ..fault("2207", 2)
        });
        assert_eq!(faults.take("2206A", "m", Some("V1")), None);
        assert_eq!(faults.take("2207A", "m", Some("V2")), None);
        assert_eq!(faults.take("2207A", "m", None), None);
        assert!(faults.take("2207A", "m", Some("V1")).is_some());
        assert!(faults.take("2207", "m", Some("V1")).is_some());
        assert_eq!(faults.take("2207", "m", Some("V1")), None);
        assert!(faults.list().is_empty());
        assert!(matches("*", "9001") && matches("2207A", "2207A") && !matches("2207A", "2207"));
    }
}
