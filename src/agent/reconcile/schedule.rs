//! When the reconciliation runs by itself: once a day while doubts are left, after a failure again, and at once at a start that
//! missed its time.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use zhijie_model::{beijing, from_beijing};

use super::{NoRun, Reconciler};

/// It looks whether it is time at least that often: the clock may have been set, and the PC may have slept.
const TICK_MAX: Duration = Duration::from_secs(300);
/// Before the first look, and at least between two.
const TICK_MIN: Duration = Duration::from_secs(20);

/// Beijing keeps one time all year.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The time of day, and the wait after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Beijing.
    pub at: Time,
    pub retry_s: u32,
}

/// What was done so far, in this run of the program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Past {
    /// When the latest run that asked for everything began.
    pub done: Option<Timestamp>,
    pub tried: Option<Timestamp>,
}

/// The time of day that has come and was not used, if any: doubts from before it are asked about now. A clock that was set back
/// makes it late, never twice at once.
#[must_use]
pub fn due(now: Timestamp, past: Past, times: Times) -> Option<Timestamp> {
    let retry = SignedDuration::from_secs(i64::from(times.retry_s));
    let waits = past
        .tried
        .is_some_and(|tried| tried <= now && now.duration_since(tried) < retry);
    let slot = latest_slot(now, times.at).filter(|_| !waits)?;
    past.done.is_none_or(|done| done < slot).then_some(slot)
}

/// How long nothing can come due.
fn pause(now: Timestamp, past: Past, times: Times) -> Duration {
    let retry = SignedDuration::from_secs(i64::from(times.retry_s));
    let next_slot = latest_slot(now, times.at).and_then(|slot| slot.checked_add(DAY).ok());
    let again = past.tried.and_then(|tried| tried.checked_add(retry).ok());
    [next_slot, again]
        .into_iter()
        .flatten()
        .filter_map(|at| Duration::try_from(at.duration_since(now)).ok())
        .fold(TICK_MAX, Duration::min)
        .max(TICK_MIN)
}

/// The latest time of day of that kind.
fn latest_slot(now: Timestamp, at: Time) -> Option<Timestamp> {
    let today = beijing(now).date();
    let slot = from_beijing(today.to_datetime(at))?;
    if slot <= now {
        Some(slot)
    } else {
        from_beijing(today.yesterday().ok()?.to_datetime(at))
    }
}

impl Reconciler {
    /// Runs for as long as the program does. Sends nothing while no doubt is left.
    pub async fn keep(self: Arc<Self>) {
        if self.platform.profile().reconciliation.is_none() {
            return;
        }
        let mut past = Past::default();
        let mut wait = TICK_MIN;
        loop {
            tokio::time::sleep(wait).await;
            let now = self.clock.now();
            wait = pause(now, past, self.times);
            let Some(slot) = due(now, past, self.times) else {
                continue;
            };
            let doubts = self.doubts().await.unwrap_or_default();
            if doubts.iter().all(|doubt| doubt.since >= slot) {
                continue;
            }
            past.tried = Some(now);
            wait = pause(now, past, self.times);
            match self.run(None, &self.operator).await {
                Ok(report) if report.groups.iter().all(|group| group.failed.is_none()) => {
                    past.done = Some(now);
                }
                Ok(_) => {}
                Err(NoRun::UnderWay) => {}
                Err(none) => tracing::warn!(%none, "No reconciliation; tried again later"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sleeps_until_something_can_be_due() {
        let times = Times {
            at: jiff::civil::time(1, 30, 0, 0),
            retry_s: 120,
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // (now, when it tried, seconds)
        let table = [
            ("2026-11-22T10:00:00Z", None, 300),
            ("2026-11-22T17:28:00Z", None, 120),
            ("2026-11-22T17:29:59Z", None, 20),
            ("2026-11-22T17:30:00Z", None, 300),
            ("2026-11-22T17:30:05Z", Some("2026-11-22T17:30:00Z"), 115),
            ("2026-11-22T17:33:00Z", Some("2026-11-22T17:30:00Z"), 300),
        ];
        for (now, tried, seconds) in table {
            let past = Past {
                done: None,
                tried: tried.map(at),
            };
            assert_eq!(pause(at(now), past, times), Duration::from_secs(seconds), "{now}");
        }
    }

    #[test]
    fn once_a_day_again_after_a_failure_and_at_a_late_start() {
        let times = Times {
            at: jiff::civil::time(1, 30, 0, 0),
            retry_s: 1800,
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let done = |text: &str| Past {
            done: Some(at(text)),
            tried: Some(at(text)),
        };
        let tried = |text: &str| Past {
            done: None,
            tried: Some(at(text)),
        };
        // 01:30 in Beijing is 17:30 UTC of the day before.
        let table = [
            ("2026-11-22T10:00:00Z", Past::default(), true),
            ("2026-11-22T10:00:00Z", done("2026-11-21T17:31:00Z"), false),
            ("2026-11-22T17:29:59Z", done("2026-11-21T17:31:00Z"), false),
            ("2026-11-22T17:30:00Z", done("2026-11-21T17:31:00Z"), true),
            ("2026-11-22T17:30:00Z", tried("2026-11-22T17:10:00Z"), false),
            ("2026-11-22T17:40:00Z", tried("2026-11-22T17:10:00Z"), true),
            ("2026-11-22T17:40:00Z", tried("2026-11-23T17:10:00Z"), true),
        ];
        for (now, past, due) in table {
            assert_eq!(super::due(at(now), past, times).is_some(), due, "{now} {past:?}");
        }
    }
}
