//! Routes: which stretch of the way to a patient's insurance works, and what is not sent because one does not.
//!
//! Two things close a route: its breaker, after failures of real calls, and the signed calendar of announced outages. A
//! call on a closed route ends as "not sent" before a byte leaves. Nothing here decides about a bill: a doubt whose
//! question cannot be sent is asked again later and never ends because of it. A *closed breaker* lets calls pass, as an
//! electrical one does; a *closed route* lets none. Start reading at `breaker.rs`, then `board.rs`, then `switch.rs`,
//! the only file with a lock.

mod board;
mod breaker;
#[cfg(test)]
mod breaker_tests;
mod calendar;
#[cfg(test)]
mod calendar_tests;
mod closed;
pub mod config;
mod heard;
mod keeper;
mod standing;
mod switch;
mod watch;
mod words;
mod work;

pub use board::{Board, Heard, Pass};
pub use breaker::{Breaker, Look, Rules, SPREAD_MAX};
pub use calendar::{Allowed, Calendar, Outage, Refused};
pub use closed::{Blame, Closed, PatientText, Route, Why};
pub use keeper::Keeper;
pub use standing::{RouteState, Standing};
pub use switch::{Leave, Routes};
pub use watch::{Source, Watch, signature_file};
pub use words::{Words, minute, route_name};
pub use work::{Passage, Reach, Work};
