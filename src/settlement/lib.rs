//! The saga of one bill, from the first question to the settlement or its refund.
//!
//! This floor owns every decision about money: what may be sent, when doubt begins, what ends it, who is told what.
//! It never performs anything: no clock, no socket, no disk. A decision is `transition(state, event, moment)`; the
//! live run, the restart and the audit print-out are the same [`fold`]. Start reading at [`State`], then
//! [`transition`], then `transition/in_doubt.rs`.
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod cause;
mod deferral;
mod doubt;
mod effect;
mod event;
mod finding;
mod order;
mod preparation;
mod recovery;
mod retry;
mod road;
mod state;
mod statement;
mod stay;
mod transition;
mod view;

#[cfg(test)]
mod after_tests;
#[cfg(test)]
mod deferred_tests;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod kit_story;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod renewing_tests;
#[cfg(test)]
mod road_tests;
#[cfg(test)]
mod stated_tests;
#[cfg(test)]
mod story_tests;

pub use cause::{Cause, ClerkReason, NotSent, Silence};
pub use deferral::{
    Deferral, DepositRule, Estimate, EstimateSource, Later, Place, REPLAY_WAIT_MAX_S, Risk, Terms,
};
pub use doubt::{Doubt, Fence, Search};
pub use effect::{Answer, Effect, Step};
pub use event::{Event, Moment, Verdict};
pub use order::{Bearer, Operator, Order, Policy, Unconfirmed};
pub use preparation::{Progress, Registered, UploadState};
pub use recovery::{Due, plan};
pub use retry::query_delay;
pub use state::{
    Cancelling, Case, InDoubt, NeedsClerk, Phase, Preparing, Quote, Quoted, Renewing, Reversing, Settled,
    State, Submitted, Undoing,
};
pub use statement::{Asked, Listed, Stated, Statements};
pub use stay::*;
pub use transition::{Impossible, advance, fold, transition};
