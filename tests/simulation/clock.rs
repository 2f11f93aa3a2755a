//! A clock that stands still until the world moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use zhijie_agent::clock::Clock;

/// 2026-11-22 09:00 in Beijing.
pub(crate) const START_MS: i64 = 1_795_309_200_000;

/// The clocks of one desk, in milliseconds: the wall clock, which may be set, and the one that may not.
#[derive(Debug)]
pub(crate) struct SimClock {
    wall_ms: AtomicI64,
    true_ms: AtomicI64,
    /// When the program started, and what of the time since it slept.
    started_ms: AtomicI64,
}

impl SimClock {
    pub(crate) const fn new() -> Self {
        Self {
            wall_ms: AtomicI64::new(START_MS),
            true_ms: AtomicI64::new(START_MS),
            started_ms: AtomicI64::new(START_MS),
        }
    }

    /// The clock nobody can set begins anew.
    pub(crate) fn start(&self) {
        self.started_ms
            .store(self.true_ms.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// It stands still while the PC sleeps.
    pub(crate) fn sleep(&self, ms: i64) {
        self.started_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, true_ms: i64, offset_ms: i64) {
        self.true_ms.store(true_ms, Ordering::Relaxed);
        self.wall_ms.store(true_ms + offset_ms, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.wall_ms.load(Ordering::Relaxed)).unwrap()
    }

    fn uptime_s(&self) -> Option<u64> {
        let awake_ms = self.true_ms.load(Ordering::Relaxed) - self.started_ms.load(Ordering::Relaxed);
        u64::try_from(awake_ms.max(0) / 1000).ok()
    }
}
