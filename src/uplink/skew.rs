//! How far the clock of this PC is off, measured by the dates of the answers.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};

/// Dates are written to the second.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// The latest measurement.
#[derive(Debug, Default)]
pub(crate) struct Skew(Mutex<Option<SignedDuration>>);

impl Skew {
    /// Takes the date of an answer to what was sent at `sent` by this PC's clock and took `taken`. The answer was
    /// dated somewhere in between; only what no delay explains counts.
    pub(crate) fn measure(&self, headers: &HeaderMap, sent: Timestamp, taken: Duration) {
        let Some(dated) = headers.get(DATE).and_then(|date| date.to_str().ok()) else {
            return;
        };
        let Ok(there) = jiff::fmt::rfc2822::parse(dated) else {
            return;
        };
        let there = there.timestamp();
        let taken = SignedDuration::try_from(taken).unwrap_or(SignedDuration::MAX);
        let arrived = sent.saturating_add(taken).unwrap_or(sent);
        let off = if there > arrived {
            there.duration_since(arrived)
        } else if there.duration_since(sent) < -SECOND {
            there.duration_since(sent)
        } else {
            SignedDuration::ZERO
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(off);
    }

    pub(crate) fn latest(&self) -> Option<SignedDuration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn only_what_no_delay_explains_counts() {
        let sent: Timestamp = "2026-11-22T02:00:00Z".parse().unwrap();
        let table = [
            ("Sun, 22 Nov 2026 02:00:00 GMT", 0, Some(0)),
            ("Sun, 22 Nov 2026 02:00:20 GMT", 30, Some(0)),
            ("Sun, 22 Nov 2026 02:02:00 GMT", 30, Some(90)),
            ("Sun, 22 Nov 2026 01:59:59 GMT", 0, Some(0)),
            ("Sun, 22 Nov 2026 01:50:00 GMT", 5, Some(-600)),
            ("yesterday", 0, None),
        ];
        for (date, taken, off) in table {
            let skew = Skew::default();
            let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))]);
            skew.measure(&headers, sent, Duration::from_secs(taken));
            assert_eq!(skew.latest(), off.map(SignedDuration::from_secs), "{date}");
        }
        let skew = Skew::default();
        skew.measure(&HeaderMap::new(), sent, Duration::ZERO);
        assert_eq!(skew.latest(), None);
    }
}
