//! One text for one body, however its members are ordered.

use core::fmt;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::rpc::DEPTH_MAX;

/// The body has no canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CanonicalError {
    #[error("body is nested too deep")]
    TooDeep,
    /// A member given twice, or a text that is no Unicode.
    #[error("body has a member twice or a text that is not well formed")]
    NotWellFormed,
}

/// The same JSON with members sorted by name, without blanks, texts escaped in one way and numbers by their own
/// text: two requests with the same canonical body are the same request.
///
/// # Errors
/// When a member is given twice, a text is no Unicode, or the body is nested deeper than [`DEPTH_MAX`].
pub fn canonical(params: &RawValue) -> Result<String, CanonicalError> {
    let mut out = String::with_capacity(params.get().len());
    write(params, &mut out, DEPTH_MAX)?;
    Ok(out)
}

struct Members<'a>(BTreeMap<String, &'a RawValue>);

fn write(value: &RawValue, out: &mut String, levels: usize) -> Result<(), CanonicalError> {
    let deeper = || levels.checked_sub(1).ok_or(CanonicalError::TooDeep);
    match value.get().bytes().next() {
        Some(b'{') => {
            let levels = deeper()?;
            let members: Members<'_> = read(value)?;
            out.push('{');
            for (at, (name, member)) in members.0.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(&name, out)?;
                out.push(':');
                write(member, out, levels)?;
            }
            out.push('}');
        }
        Some(b'[') => {
            let levels = deeper()?;
            let items: Vec<&RawValue> = read(value)?;
            out.push('[');
            for (at, item) in items.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out, levels)?;
            }
            out.push(']');
        }
        Some(b'"') => write_text(&read::<String>(value)?, out)?,
        _ => out.push_str(value.get()),
    }
    Ok(())
}

fn read<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Result<T, CanonicalError> {
    serde_json::from_str(value.get()).map_err(|_| CanonicalError::NotWellFormed)
}

fn write_text(text: &str, out: &mut String) -> Result<(), CanonicalError> {
    out.push_str(&serde_json::to_string(text).map_err(|_| CanonicalError::NotWellFormed)?);
    Ok(())
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, member)) = map.next_entry::<String, &RawValue>()? {
            if members.insert(name, member).is_some() {
                return Err(de::Error::custom("member given twice"));
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn of(text: &str) -> Result<String, CanonicalError> {
        canonical(&RawValue::from_string(String::from(text)).unwrap())
    }

    #[test]
    fn order_blanks_and_escapes_do_not_matter() {
        let one = of(r#"{"b":[1.0,{"y":null,"x":true}],"a":"药"}"#).unwrap();
        let other = of("{ \"\\u0061\" : \"\\u836f\",\t\"b\": [ 1.0 , {\"x\":true , \"y\":null}]}").unwrap();
        assert_eq!(one, other);
        assert_eq!(one, r#"{"a":"药","b":[1.0,{"x":true,"y":null}]}"#);
    }

    #[test]
    fn another_body_is_another_text() {
        for (one, other) in [
            (r#"{"a":1}"#, r#"{"a":2}"#),
            (r#"{"a":1}"#, r#"{"a":"1"}"#),
            (r#"{"a":1}"#, r#"{"a":1.0}"#),
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#),
            (r#"{"a":null}"#, r#"{}"#),
            (r#"{"a":"x\",\"b\":\"y"}"#, r#"{"a":"x","b":"y"}"#),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
    }

    #[test]
    fn big_numbers_keep_their_digits() {
        let text = r#"{"a":123456789012345678901234567890.10}"#;
        assert_eq!(of(text).unwrap(), text);
    }

    #[test]
    fn what_is_ambiguous_has_none() {
        assert_eq!(of(r#"{"a":1,"a":1}"#), Err(CanonicalError::NotWellFormed));
        assert_eq!(of(r#"{"a":"\ud800"}"#), Err(CanonicalError::NotWellFormed));
        let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
        assert_eq!(of(&deep), Err(CanonicalError::TooDeep));
    }

    proptest! {
        #[test]
        fn it_means_the_same_and_is_its_own_canonical_text(
            members in proptest::collection::btree_map("\\PC{0,6}", "\\PC{0,6}", 0..6),
        ) {
            let text = serde_json::to_string(&members).unwrap();
            let once = of(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&once).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
            prop_assert_eq!(of(&once).unwrap(), once);
        }
    }
}
