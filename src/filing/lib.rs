//! What was seen of a person's filing for treatment elsewhere (异地就医备案), and what follows from it.
//!
//! This floor owns the weighing: which observation counts, how sure an answer is, when something that was there is
//! gone. It never fetches, stores or forgets anything, reads no clock and computes no share. Start reading at
//! [`Observation`], then [`check()`], then [`vanished`].
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod act;
mod check;
mod filing;
mod known;
mod lists;
mod observation;
mod receipt;
mod rules;
mod taken_back;
mod target;
mod vanish;
mod voice;
mod words;

#[cfg(test)]
mod act_tests;
#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod taken_back_tests;
#[cfg(test)]
mod vanish_tests;

pub use act::{Act, ActEvent, ActLimits, ActVerdict, NewAct, Stage};
pub use check::{Answer, Check, Evidence, NextStep, Share, Sureness, check};
pub use filing::{Filing, FilingKind};
pub use known::known_person;
pub use observation::{
    Declared, Entry, InsuredPerson, InsuredRow, LastSeen, Observation, RefusalClass, Said, Source, Tried,
};
pub use receipt::CheckReceipt;
pub use rules::{AgeLimits, Question, Rules};
pub use target::{Sight, Target, Wanted};
pub use vanish::{Tombstone, vanished};
pub use words::Words;
