//! Nodes that are arrays or not, and decimals going out.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The rows of a node: an array, or one object where a single row was expected, or nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Rows<T>(pub(crate) Vec<T>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get().trim();
        let rows = match json.as_bytes().first() {
            Some(b'[') => serde_json::from_str::<Vec<Option<T>>>(json)
                .map_err(|_| D::Error::custom("misshapen rows"))?
                .into_iter()
                .flatten()
                .collect(),
            Some(b'{') => vec![serde_json::from_str(json).map_err(|_| D::Error::custom("misshapen row"))?],
            Some(b'n') | None => Vec::new(),
            Some(b'"') if json == "\"\"" => Vec::new(),
            Some(_) => return Err(D::Error::custom("not rows")),
        };
        Ok(Self(rows))
    }
}

/// A decimal going out: its exact text becomes a JSON number.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Exact<T>(String, PhantomData<T>);

impl<T: fmt::Display> Exact<T> {
    pub(crate) fn new(value: &T) -> Self {
        Self(value.to_string(), PhantomData)
    }
}

impl<T> Serialize for Exact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhijie_model::Fen;

    #[test]
    fn rows_come_as_array_object_or_nothing() {
        for (json, count) in [("[1,null,2]", 2), ("null", 0), ("\"\"", 0), ("[]", 0)] {
            assert_eq!(
                serde_json::from_str::<Rows<u8>>(json).unwrap().0.len(),
                count,
                "{json}"
            );
        }
        assert!(serde_json::from_str::<Rows<u8>>("3").is_err());
        let one: Rows<std::collections::BTreeMap<String, u8>> = serde_json::from_str("{\"a\":1}").unwrap();
        assert_eq!(one.0.len(), 1);
    }

    #[test]
    fn decimals_go_out_exactly() {
        let amount = Fen::new(9_999_999_999_999_999).unwrap();
        assert_eq!(
            serde_json::to_string(&Exact::new(&amount)).unwrap(),
            "99999999999999.99"
        );
    }
}
