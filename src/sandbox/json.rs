//! A JSON tree for answers in which a number is its decimal text, so that an amount leaves as it was computed.

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use zhijie_model::Fen;

/// One JSON value. Members keep the order in which they were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Text(String),
    /// Decimal text of a number.
    Number(String),
    Object(Object),
    List(Vec<Self>),
}

/// The members of an object, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Object(Vec<(String, Json)>);

impl Object {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.0.push((String::from(name), value.into()));
        self
    }

    /// The members of `head` and then these.
    #[must_use]
    pub(crate) fn after(self, mut head: Self) -> Self {
        head.0.extend(self.0);
        head
    }

    /// Sets every member of that name, at any depth.
    pub(crate) fn replace(&mut self, name: &str, value: &Json) {
        for (member, held) in &mut self.0 {
            if member == name {
                *held = value.clone();
            } else {
                held.replace(name, value);
            }
        }
    }

    /// Changes every text of that name, at any depth.
    pub(crate) fn rewrite(&mut self, name: &str, change: &dyn Fn(&str) -> String) {
        for (member, held) in &mut self.0 {
            match held {
                Json::Text(text) if member == name => *text = change(text),
                Json::Object(object) => object.rewrite(name, change),
                Json::List(items) => {
                    for item in items {
                        if let Json::Object(object) = item {
                            object.rewrite(name, change);
                        }
                    }
                }
                Json::Null | Json::Text(_) | Json::Number(_) => {}
            }
        }
    }

    /// Decimal text of the first number of that name, at any depth.
    pub(crate) fn number(&self, name: &str) -> Option<&str> {
        self.find(name, |value| match value {
            Json::Number(text) => Some(text.as_str()),
            Json::Null | Json::Text(_) | Json::Object(_) | Json::List(_) => None,
        })
    }

    /// The first text of that name, at any depth.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.find(name, |value| match value {
            Json::Text(text) => Some(text.as_str()),
            Json::Null | Json::Number(_) | Json::Object(_) | Json::List(_) => None,
        })
    }

    fn find<'a>(&'a self, name: &str, read: impl Fn(&'a Json) -> Option<&'a str> + Copy) -> Option<&'a str> {
        self.0.iter().find_map(|(member, value)| match value {
            Json::Object(inner) => inner.find(name, read),
            Json::List(items) => items.iter().find_map(|item| match item {
                Json::Object(inner) => inner.find(name, read),
                Json::Null | Json::Text(_) | Json::Number(_) | Json::List(_) => None,
            }),
            Json::Null | Json::Text(_) | Json::Number(_) => read(value).filter(|_| member == name),
        })
    }
}

impl Json {
    fn replace(&mut self, name: &str, value: &Self) {
        match self {
            Self::Object(object) => object.replace(name, value),
            Self::List(items) => items.iter_mut().for_each(|item| item.replace(name, value)),
            Self::Null | Self::Text(_) | Self::Number(_) => {}
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(String::from(text))
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Fen> for Json {
    fn from(amount: Fen) -> Self {
        Self::Number(amount.to_string())
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<Vec<Object>> for Json {
    fn from(objects: Vec<Object>) -> Self {
        Self::List(objects.into_iter().map(Self::Object).collect())
    }
}

impl<T: Into<Self>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(text) => RawValue::from_string(text.clone())
                .map_err(S::Error::custom)?
                .serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_leave_as_exact_numbers() {
        let object = Object::new()
            .with("medfee_sumamt", Fen::new(61_344_915).unwrap())
            .with("setl_id", Json::Null)
            .with(
                "rows",
                vec![Object::new().with("fund_payamt", Fen::new(-1).unwrap())],
            );
        assert_eq!(
            serde_json::to_string(&object).unwrap(),
            r#"{"medfee_sumamt":613449.15,"setl_id":null,"rows":[{"fund_payamt":-0.01}]}"#
        );
    }

    #[test]
    fn replace_reaches_into_lists() {
        let mut object = Object::new().with("rows", vec![Object::new().with("psn_no", "a")]);
        object.replace("psn_no", &Json::from("b"));
        assert_eq!(
            serde_json::to_string(&object).unwrap(),
            r#"{"rows":[{"psn_no":"b"}]}"#
        );
    }
}
