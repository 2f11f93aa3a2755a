//! The one place that asks what time it is.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Where the agent's time comes from. Everything else takes `now` as a value.
pub trait Clock: core::fmt::Debug + Send + Sync + 'static {
    /// The instant now, UTC. May jump either way: a clock is set, a PC wakes up.
    fn now(&self) -> Timestamp;

    /// Seconds since some moment of this run, on a clock nobody can set. `None` where there is none.
    fn uptime_s(&self) -> Option<u64>;
}

/// The PC's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the agent's Clock")]
    fn default() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the agent's Clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let milliseconds = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }

    fn uptime_s(&self) -> Option<u64> {
        Some(self.started.elapsed().as_secs())
    }
}
