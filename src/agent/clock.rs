//! The one place that asks what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Where the agent's time comes from. Everything else takes `now` as a value.
pub trait Clock: core::fmt::Debug + Send + Sync + 'static {
    /// The instant now, UTC. May jump either way: a clock is set, a PC wakes up.
    fn now(&self) -> Timestamp;
}

/// The PC's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the agent's Clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let milliseconds = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }
}
