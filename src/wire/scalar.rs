//! Members as platforms really send them: a number may be text, text may be a number, anything may be null.

use jiff::civil::{Date, DateTime};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use zhijie_model::{Fen, IdError, Private};

use crate::unreadable::Unreadable;

/// One scalar member, kept as the text it was sent in; a number is never turned into a binary fraction.
/// Null, absent and blank are one: nothing there. An object or array in its place is remembered as wrong.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) enum Scalar {
    #[default]
    Absent,
    Text(Private),
    Misshapen,
}

/// A text member.
pub(crate) type Text = Scalar;
/// A decimal member (`16,2` and the like).
pub(crate) type Amount = Scalar;

/// Where a member stands, for the error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) node: &'static str,
    pub(crate) field: &'static str,
}

pub(crate) const fn at(node: &'static str, field: &'static str) -> At {
    At { node, field }
}

impl Scalar {
    /// The text, when something is there.
    pub(crate) fn get(&self, at: At) -> Result<Option<&str>, Unreadable> {
        match self {
            Self::Absent => Ok(None),
            Self::Text(text) => Ok(Some(text.reveal())),
            Self::Misshapen => Err(at.bad()),
        }
    }

    /// The text, which must be there.
    pub(crate) fn need(&self, at: At) -> Result<&str, Unreadable> {
        self.get(at)?.ok_or_else(|| at.missing())
    }

    pub(crate) fn owned(&self, at: At) -> Result<Option<String>, Unreadable> {
        Ok(self.get(at)?.map(str::to_owned))
    }

    /// 0 no, 1 yes; a value nobody knows says nothing.
    pub(crate) fn flag(&self, at: At) -> Result<Option<bool>, Unreadable> {
        Ok(match self.get(at)? {
            Some("0") => Some(false),
            Some("1") => Some(true),
            Some(_) | None => None,
        })
    }

    /// The exact amount, when there is one.
    pub(crate) fn fen(&self, at: At) -> Result<Option<Fen>, Unreadable> {
        match self.get(at)? {
            None => Ok(None),
            Some(text) => Fen::from_yuan(text).map(Some).map_err(|_| at.bad()),
        }
    }

    pub(crate) fn need_fen(&self, at: At) -> Result<Fen, Unreadable> {
        self.fen(at)?.ok_or_else(|| at.missing())
    }

    /// The amount, nothing sent meaning nothing paid.
    pub(crate) fn fen_or_zero(&self, at: At) -> Result<Fen, Unreadable> {
        Ok(self.fen(at)?.unwrap_or(Fen::ZERO))
    }

    /// An identifier that must be there.
    pub(crate) fn need_id<T>(&self, at: At, make: fn(String) -> Result<T, IdError>) -> Result<T, Unreadable> {
        make(self.need(at)?.to_owned()).map_err(|_| at.bad())
    }

    /// An identifier that may be missing; one that is malformed counts as missing.
    pub(crate) fn id<T>(
        &self,
        at: At,
        make: fn(String) -> Result<T, IdError>,
    ) -> Result<Option<T>, Unreadable> {
        Ok(self.get(at)?.and_then(|text| make(text.to_owned()).ok()))
    }

    /// A Beijing wall clock: `yyyy-MM-dd HH:mm:ss`, and what is met instead (date only, `T`, fractions, digits only).
    pub(crate) fn need_clock(&self, at: At) -> Result<DateTime, Unreadable> {
        clock(self.need(at)?).ok_or_else(|| at.bad())
    }

    pub(crate) fn clock(&self, at: At) -> Result<Option<DateTime>, Unreadable> {
        Ok(self.get(at)?.and_then(clock))
    }

    pub(crate) fn date(&self, at: At) -> Result<Option<Date>, Unreadable> {
        Ok(self.clock(at)?.map(DateTime::date))
    }

    /// A date on which something depends: one that cannot be read is not the same as none.
    pub(crate) fn stated_date(&self, at: At) -> Result<Option<Date>, Unreadable> {
        match self.get(at)? {
            None => Ok(None),
            Some(text) => day(text).map(Some).ok_or_else(|| at.bad()),
        }
    }
}

impl At {
    pub(crate) const fn missing(self) -> Unreadable {
        Unreadable::MissingMember {
            node: self.node,
            field: self.field,
        }
    }

    pub(crate) const fn bad(self) -> Unreadable {
        Unreadable::BadMember {
            node: self.node,
            field: self.field,
        }
    }
}

/// A date, with a time behind it or without, dashed or digits only.
pub(crate) fn day(text: &str) -> Option<Date> {
    if text.len() == 8 {
        return Date::strptime("%Y%m%d", text).ok();
    }
    clock(text).map(DateTime::date)
}

fn clock(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if let Ok(moment) = DateTime::strptime("%Y-%m-%d %H:%M:%S", text) {
        return Some(moment);
    }
    if text.len() == 14 {
        return DateTime::strptime("%Y%m%d%H%M%S", text).ok();
    }
    let dashed = text.replace(['/', '.'], "-");
    if dashed.len() == 10 {
        return Date::strptime("%Y-%m-%d", &dashed)
            .ok()
            .map(|day| day.at(0, 0, 0, 0));
    }
    let wall = text.get(..19)?.replace('T', " ");
    DateTime::strptime("%Y-%m-%d %H:%M:%S", wall).ok()
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get().trim();
        Ok(match json.as_bytes().first() {
            Some(b'{' | b'[') => Self::Misshapen,
            Some(b'n') | None => Self::Absent,
            Some(b'"') => match serde_json::from_str::<String>(json) {
                Ok(text) if text.trim().is_empty() => Self::Absent,
                Ok(text) => Self::Text(Private::new(text.trim())),
                Err(_) => Self::Misshapen,
            },
            Some(_) => Self::Text(Private::new(json)),
        })
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text.reveal()),
            Self::Misshapen => Err(S::Error::custom("misshapen member")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: At = at("node", "field");

    fn scalar(json: &str) -> Scalar {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn amounts_come_as_number_text_or_null() {
        let table = [
            ("4.52", Ok(Some(452))),
            ("\"1200.00\"", Ok(Some(120_000))),
            ("null", Ok(None)),
            ("\"\"", Ok(None)),
            ("\"  \"", Ok(None)),
            ("0.1e1", Ok(Some(100))),
            ("0.30000000000000004", Err(HERE.bad())),
            ("\"1,200.00\"", Err(HERE.bad())),
            ("[1]", Err(HERE.bad())),
            ("true", Err(HERE.bad())),
        ];
        for (json, expected) in table {
            assert_eq!(
                scalar(json).fen(HERE).map(|found| found.map(Fen::get)),
                expected,
                "{json}"
            );
        }
        assert_eq!(scalar("null").need(HERE), Err(HERE.missing()));
    }

    #[test]
    fn a_date_on_which_something_depends_is_read_or_refused() {
        for text in ["20261121", "2026-11-21 00:00:00", "2026/11/21", "20261121235959"] {
            let json = format!("\"{text}\"");
            let read = scalar(&json).stated_date(HERE).unwrap().unwrap();
            assert_eq!(read.to_string(), "2026-11-21", "{text}");
        }
        assert_eq!(scalar("null").stated_date(HERE), Ok(None));
        for json in ["\"长期\"", "\"2026-02-30\"", "1795276800000", "[]"] {
            assert_eq!(scalar(json).stated_date(HERE), Err(HERE.bad()), "{json}");
        }
    }

    #[test]
    fn clocks_as_they_are_met() {
        for text in [
            "2026-11-21 09:08:07",
            "2026-11-21T09:08:07",
            "2026-11-21 09:08:07.123",
            "2026-11-21T09:08:07+08:00",
            "20261121090807",
        ] {
            assert_eq!(clock(text).unwrap().to_string(), "2026-11-21T09:08:07", "{text}");
        }
        assert_eq!(clock("1990.01.01").unwrap().date().to_string(), "1990-01-01");
        for text in [
            "",
            "2026-13-01",
            "昨天",
            "2026-11-21 25:00:00",
            "一二三四五六七八九十一二三四五六七八九",
        ] {
            assert!(clock(text).is_none(), "{text}");
        }
    }
}
