//! Reading of the nodes of a request: raw member text first, so that an amount is never a binary fraction.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use serde_json::value::RawValue;
use zhijie_model::{Area, Fen, Quantity, UnitPrice};

use crate::refusal::Refusal;

/// The members of one object of a request. An absent, `null` or empty text member counts as not there.
#[derive(Debug)]
pub(crate) struct Fields {
    node: String,
    members: BTreeMap<String, Box<RawValue>>,
}

impl Fields {
    /// # Errors
    /// When `raw` is no JSON object.
    pub(crate) fn parse(node: &str, raw: &str) -> Result<Self, Refusal> {
        let members = serde_json::from_str(raw)
            .map_err(|_| Refusal::front(format!("报文格式错误:节点[{node}]不是JSON对象")))?;
        Ok(Self {
            node: String::from(node),
            members,
        })
    }

    /// # Errors
    /// Names every one of `names` that is not there.
    pub(crate) fn need(&self, names: &[&str]) -> Result<(), Refusal> {
        let mut missing = Vec::new();
        for name in names {
            if self.raw(name).is_none_or(|raw| raw == "\"\"") {
                missing.push(*name);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(Refusal::front(format!(
            "参数校验失败:节点[{}]缺少必填项[{}]",
            self.node,
            missing.join(",")
        )))
    }

    /// Gives members of one spelling the name of the other.
    pub(crate) fn respell(&mut self, names: &[(&str, &str)]) {
        for (from, to) in names {
            if let Some(raw) = self.members.remove(*from) {
                self.members.insert(String::from(*to), raw);
            }
        }
    }

    /// # Errors
    /// When the member is neither text nor number.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<String>, Refusal> {
        let Some(raw) = self.raw(name) else {
            return Ok(None);
        };
        let text = match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(raw).map_err(|_| self.wrong(name))?,
            Some(b'-' | b'0'..=b'9') => String::from(raw),
            _ => return Err(self.wrong(name)),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// # Errors
    /// When the member is not there, or neither text nor number.
    pub(crate) fn text(&self, name: &str) -> Result<String, Refusal> {
        self.need(&[name])?;
        self.optional(name)?.ok_or_else(|| self.wrong(name))
    }

    pub(crate) fn fen(&self, name: &str) -> Result<Fen, Refusal> {
        Fen::from_yuan(&self.text(name)?).map_err(|_| self.wrong(name))
    }

    pub(crate) fn quantity(&self, name: &str) -> Result<Quantity, Refusal> {
        Quantity::parse(&self.text(name)?).map_err(|_| self.wrong(name))
    }

    pub(crate) fn price(&self, name: &str) -> Result<UnitPrice, Refusal> {
        UnitPrice::parse(&self.text(name)?).map_err(|_| self.wrong(name))
    }

    pub(crate) fn area(&self, name: &str) -> Result<Area, Refusal> {
        Area::new(&self.text(name)?).map_err(|_| self.wrong(name))
    }

    /// Beijing wall clock, `yyyy-MM-dd HH:mm:ss`.
    pub(crate) fn time(&self, name: &str) -> Result<DateTime, Refusal> {
        let text = self.text(name)?;
        if text.len() != 19 {
            return Err(self.wrong(name));
        }
        DateTime::strptime("%Y-%m-%d %H:%M:%S", &text).map_err(|_| self.wrong(name))
    }

    /// `yyyy-MM-dd`.
    pub(crate) fn date(&self, name: &str) -> Result<Date, Refusal> {
        let text = self.text(name)?;
        if text.len() != 10 {
            return Err(self.wrong(name));
        }
        Date::strptime("%Y-%m-%d", &text).map_err(|_| self.wrong(name))
    }

    pub(crate) fn optional_date(&self, name: &str) -> Result<Option<Date>, Refusal> {
        match self.optional(name)? {
            None => Ok(None),
            Some(_) => self.date(name).map(Some),
        }
    }

    pub(crate) fn node(&self, name: &str) -> Result<Self, Refusal> {
        self.need(&[name])?;
        let raw = self.raw(name).ok_or_else(|| self.wrong(name))?;
        Self::parse(name, raw)
    }

    /// An array of objects; a single object counts as an array of one, as some clients send it.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        self.need(&[name])?;
        let raw = self.raw(name).ok_or_else(|| self.wrong(name))?;
        if raw.starts_with('{') {
            return Ok(vec![Self::parse(name, raw)?]);
        }
        let items: Vec<Box<RawValue>> = serde_json::from_str(raw).map_err(|_| self.wrong(name))?;
        if items.is_empty() {
            return Err(Refusal::front(format!("参数校验失败:节点[{name}]为空")));
        }
        items.iter().map(|item| Self::parse(name, item.get())).collect()
    }

    /// The bytes of an array of numbers; `None` when the member is no array.
    pub(crate) fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        match self.raw(name).filter(|raw| raw.starts_with('[')) {
            Some(raw) => serde_json::from_str(raw).map(Some).map_err(|_| self.wrong(name)),
            None => Ok(None),
        }
    }

    pub(crate) fn wrong(&self, name: &str) -> Refusal {
        Refusal::front(format!("参数校验失败:节点[{}]的[{name}]格式不正确", self.node))
    }

    /// The object as compact JSON text, as it came.
    pub(crate) fn source(&self) -> String {
        serde_json::to_string(&self.members).unwrap_or_default()
    }

    fn raw(&self, name: &str) -> Option<&str> {
        self.members
            .get(name)
            .map(|raw| raw.get())
            .filter(|raw| *raw != "null")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(raw: &str) -> Fields {
        Fields::parse("data", raw).unwrap()
    }

    #[test]
    fn amounts_come_as_numbers_or_texts() {
        let node = fields(r#"{"a":613449.15,"b":"613449.15","c":0.1,"d":1e2,"e":0.005}"#);
        assert_eq!(node.fen("a").unwrap(), node.fen("b").unwrap());
        assert_eq!(node.fen("c").unwrap().get(), 10);
        assert_eq!(node.fen("d").unwrap().get(), 10_000);
        assert!(node.fen("e").is_err());
    }

    #[test]
    fn every_missing_member_is_named() {
        let refusal = fields(r#"{"a":"","b":null,"d":"x"}"#)
            .need(&["a", "b", "c", "d"])
            .unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "FSI-参数校验失败:节点[data]缺少必填项[a,b,c]"
        );
    }

    #[test]
    fn one_object_is_a_list_of_one() {
        assert_eq!(fields(r#"{"l":{"x":"1"}}"#).list("l").unwrap().len(), 1);
        assert_eq!(fields(r#"{"l":[{"x":"1"},{}]}"#).list("l").unwrap().len(), 2);
        assert!(fields(r#"{"l":[]}"#).list("l").is_err());
        assert!(fields(r#"{"l":[1]}"#).list("l").is_err());
        assert!(fields(r#"{"l":true}"#).text("l").is_err());
    }
}
