//! How routes stand, for people and programs.

use super::breaker::Look;
use super::closed::{Closed, Route};

/// How a route stands, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Calls pass.
    Up,
    /// The breaker stops calls.
    Down,
    /// The breaker waits for a test call, or one is under way.
    Testing,
    /// An announced outage is going on.
    Announced,
}

impl Standing {
    /// As the desk reads it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Testing => "testing",
            Self::Announced => "announced",
        }
    }
}

/// One route and how it stands; with why, unless it is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteState {
    pub route: Route,
    pub standing: Standing,
    pub closed: Option<Closed>,
}

/// How a breaker looks to the desk.
pub(super) const fn standing(look: Look) -> Standing {
    match look {
        Look::Closed => Standing::Up,
        Look::Open { .. } => Standing::Down,
        Look::Due { .. } | Look::Testing { .. } => Standing::Testing,
    }
}
