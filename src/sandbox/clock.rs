//! Where the sandbox's time comes from.

use core::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{SignedDuration, Timestamp};

/// A source of the present moment.
pub trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

/// A clock that stands where it was put.
#[derive(Debug)]
pub struct HandClock(Mutex<Timestamp>);

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the kit's one reading of the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(elapsed.as_secs()).unwrap_or_default();
        let nanos = i32::try_from(elapsed.subsec_nanos()).unwrap_or_default();
        Timestamp::new(seconds, nanos).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The machine's clock and so many seconds more.
#[derive(Debug, Clone, Copy)]
pub struct AheadClock(pub i64);

impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now();
        now.checked_add(SignedDuration::from_secs(self.0)).unwrap_or(now)
    }
}

impl HandClock {
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the hands; stays at the end of time when the sum leaves it.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
