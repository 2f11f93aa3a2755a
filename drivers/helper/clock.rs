//! The only clock of this process: milliseconds since it started, a night's sleep of the PC included where the system
//! counts it.

#[cfg(not(target_os = "linux"))]
use std::time::Instant;

/// Counts on while the PC sleeps: who asked in the evening waits no more in the morning.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started_ms: u64,
}

#[cfg(target_os = "linux")]
impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            started_ms: since_boot_ms(),
        }
    }

    pub(crate) fn now_ms(self) -> u64 {
        since_boot_ms().saturating_sub(self.started_ms)
    }
}

#[cfg(target_os = "linux")]
fn since_boot_ms() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(now.tv_nsec).unwrap_or_default();
    seconds
        .saturating_mul(1_000)
        .saturating_add(nanoseconds / 1_000_000)
}

#[cfg(not(target_os = "linux"))]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

#[cfg(not(target_os = "linux"))]
impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "waiting for devices needs a monotonic clock; the hub gets it passed in"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now_ms(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
