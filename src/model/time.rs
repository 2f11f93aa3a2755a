//! Instants are UTC; people and the platform see Beijing time (UTC+8, no daylight saving).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// UTC+8.
pub const BEIJING: Offset = Offset::constant(8);

/// The wall clock in Beijing at this instant.
#[must_use]
pub fn beijing(at: Timestamp) -> DateTime {
    BEIJING.to_datetime(at)
}

/// The instant at which a Beijing wall clock shows `civil`; `None` outside the supported years.
#[must_use]
pub fn from_beijing(civil: DateTime) -> Option<Timestamp> {
    civil
        .to_zoned(TimeZone::fixed(BEIJING))
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// The business day an instant belongs to, whatever zone the PC is set to.
#[must_use]
pub fn business_day(at: Timestamp) -> Date {
    beijing(at).date()
}

/// RFC 3339 with the offset of Beijing, to the second, as the desk sees every time.
#[must_use]
pub fn rfc3339_beijing(at: Timestamp) -> String {
    let civil = beijing(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_day_turns_at_sixteen_utc() {
        let before: Timestamp = "2026-11-21T15:59:59Z".parse().unwrap();
        let after: Timestamp = "2026-11-21T16:00:00Z".parse().unwrap();
        assert_eq!(business_day(before).to_string(), "2026-11-21");
        assert_eq!(business_day(after).to_string(), "2026-11-22");
        assert_eq!(rfc3339_beijing(after), "2026-11-22T00:00:00+08:00");
        assert_eq!(from_beijing(beijing(after)), Some(after));
    }
}
