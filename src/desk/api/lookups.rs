//! `institution.find` and `dictionary.list`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::Area;

use super::check::{ParamError, Params, optional_text, text};
use super::lookup::LookupSource;

/// Parameters of `institution.find`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstitutionFindParams {
    #[serde(default)]
    pub kind: InstitutionKindWord,
    /// A part of the name. Name or code is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What an institution is designated for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionKindWord {
    #[default]
    Hospital,
    Pharmacy,
    /// Rehabilitation after accidents at work.
    Rehabilitation,
    /// Prostheses and other aids.
    Aids,
    FamilyPlanning,
}

impl Params for InstitutionFindParams {
    fn check(&self) -> Result<(), ParamError> {
        let (name, code) = (self.name.as_deref(), self.code.as_deref());
        optional_text("name", name.unwrap_or_default(), 200)?;
        optional_text("code", code.unwrap_or_default(), 12)?;
        let blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
        if blank(name) && blank(code) {
            return Err(ParamError::new("name", "name or code is required"));
        }
        Ok(())
    }
}

/// Answer of `institution.find`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstitutionFindResult {
    /// At most 200.
    pub institutions: Vec<InstitutionView>,
    /// Whether there were more; ask more narrowly.
    pub cut: bool,
    pub source: LookupSource,
    pub asked_at: String,
    pub age_s: u64,
}

/// An institution as the platform lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstitutionView {
    /// Twelve characters.
    pub code: String,
    pub name: String,
    /// A word of the params, `not_stated` or `unknown:CODE`.
    pub kind: String,
    /// Level, as the province codes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Unified social credit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<String>,
}

/// Parameters of `dictionary.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DictionaryListParams {
    /// Name of the code table, as the province names it.
    pub table: String,
    /// Six digits; the institution's own area when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Only entries below this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Ask the platform even when a table of today is kept.
    #[serde(default)]
    pub refresh: bool,
}

impl Params for DictionaryListParams {
    fn check(&self) -> Result<(), ParamError> {
        text("table", &self.table, 30)?;
        optional_text("parent", self.parent.as_deref().unwrap_or_default(), 10)?;
        self.area().map(|_| ())
    }
}

impl DictionaryListParams {
    /// # Errors
    /// When `area` is no area code.
    pub fn area(&self) -> Result<Option<Area>, ParamError> {
        let area = self.area.as_deref().map(Area::new);
        let area = area.transpose();
        area.map_err(|error| ParamError::new("area", error.to_string()))
    }
}

/// Answer of `dictionary.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DictionaryListResult {
    pub entries: Vec<DictionaryEntryView>,
    /// `from_disk`: kept from an earlier answer.
    pub source: LookupSource,
    pub asked_at: String,
    pub age_s: u64,
}

/// One entry of a code table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DictionaryEntryView {
    pub code: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    pub valid: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_needs_something_to_go_by() {
        let table = [
            (r#"{}"#, Some("name")),
            (r#"{"name":" ","code":""}"#, Some("name")),
            (r#"{"name":"医院"}"#, None),
            (r#"{"code":"H31010100001","kind":"pharmacy"}"#, None),
            (r#"{"code":"H310101000012"}"#, Some("code")),
        ];
        for (text, wrong) in table {
            let params: InstitutionFindParams = serde_json::from_str(text).unwrap();
            let problem = params.check().err();
            assert_eq!(problem.map(|error| error.path).as_deref(), wrong, "{text}");
        }
        let table = [
            (r#"{"table":"med_type"}"#, None),
            (r#"{"table":" "}"#, Some("table")),
            (r#"{"table":"med_type","area":"shanghai"}"#, Some("area")),
            (r#"{"table":"med_type","parent":"12345678901"}"#, Some("parent")),
        ];
        for (text, wrong) in table {
            let params: DictionaryListParams = serde_json::from_str(text).unwrap();
            let problem = params.check().err();
            assert_eq!(problem.map(|error| error.path).as_deref(), wrong, "{text}");
        }
    }
}
