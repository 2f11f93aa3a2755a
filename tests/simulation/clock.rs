//! A clock that stands still until the world moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use zhijie_agent::clock::Clock;

/// 2026-11-22 09:00 in Beijing.
pub(crate) const START_MS: i64 = 1_795_309_200_000;

/// The wall clock of one desk, in milliseconds.
#[derive(Debug)]
pub(crate) struct SimClock(AtomicI64);

impl SimClock {
    pub(crate) const fn new() -> Self {
        Self(AtomicI64::new(START_MS))
    }

    pub(crate) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}
