//! How long to wait before the centre is asked again.

use jiff::{SignedDuration, Timestamp};

/// Delay before query number `asked` (0 = the first): 5 s, 20 s, 1 min, 5 min, then every 15 min.
#[must_use]
pub const fn query_delay(asked: u32) -> SignedDuration {
    match asked {
        0 => SignedDuration::from_secs(5),
        1 => SignedDuration::from_secs(20),
        2 => SignedDuration::from_secs(60),
        3 => SignedDuration::from_secs(300),
        _ => SignedDuration::from_secs(900),
    }
}

/// `now` plus the delay; saturates at the end of time.
pub(crate) fn next_query(now: Timestamp, asked: u32) -> Timestamp {
    now.saturating_add(query_delay(asked)).unwrap_or(Timestamp::MAX)
}
