//! Whether a profile makes sense, before anything is started with it.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::profile::Profile;
use crate::route;

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProfileError {
    #[error("{key} is empty")]
    Empty { key: &'static str },
    #[error("{key} is longer than {max} characters")]
    TooLong { key: &'static str, max: usize },
    #[error("{key} must be between {min} and {max}")]
    OutOfRange { key: &'static str, min: u64, max: u64 },
    #[error("{key} must begin with a slash and not end with one")]
    NotAPath { key: &'static str },
    #[error("{key} must be one of {allowed}")]
    NotOneOf {
        key: &'static str,
        allowed: &'static str,
    },
    #[error("envelope.extras.{member} is said by the envelope itself")]
    TwiceSaid { member: String },
    #[error("words.{list} holds an empty pattern")]
    EmptyPattern { list: &'static str },
    #[error("fields.extension_texts.{infno} is not a JSON object")]
    NotJson { infno: String },
    #[error("pharmacy needs a path for {infno} under url.paths")]
    NoPath { infno: &'static str },
    #[error("slips.visit_kinds needs a path for {infno} under url.paths")]
    NoPathForSlips { infno: &'static str },
}

impl ProfileError {
    /// The dotted key it is about.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Empty { key }
            | Self::TooLong { key, .. }
            | Self::OutOfRange { key, .. }
            | Self::NotAPath { key }
            | Self::NotOneOf { key, .. } => String::from(*key),
            Self::TwiceSaid { member } => format!("envelope.extras.{member}"),
            Self::EmptyPattern { list } => format!("words.{list}"),
            Self::NotJson { infno } => format!("fields.extension_texts.{infno}"),
            Self::NoPath { infno } | Self::NoPathForSlips { infno } => format!("url.paths.{infno}"),
        }
    }
}

impl Profile {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first key found wrong.
    pub fn check(&self) -> Result<(), ProfileError> {
        text("name", &self.name, 40)?;
        text("envelope.receiver", &self.envelope.receiver, 10)?;
        text("envelope.version", &self.envelope.version, 6)?;
        if !["1", "2", "3"].contains(&self.envelope.operator_kind.as_str()) {
            return Err(ProfileError::NotOneOf {
                key: "envelope.operator_kind",
                allowed: "1, 2, 3",
            });
        }
        self.check_dress()?;
        for infno in PHARMACY.into_iter().filter(|_| self.pharmacy) {
            if route::path(infno, &self.url).is_err() {
                return Err(ProfileError::NoPath { infno });
            }
        }
        for infno in SLIPS.into_iter().filter(|_| !self.slips.visit_kinds.is_empty()) {
            if route::path(infno, &self.url).is_err() {
                return Err(ProfileError::NoPathForSlips { infno });
            }
        }
        range("timeouts.connect_ms", self.timeouts.connect_ms, 100, 60_000)?;
        range("timeouts.reads_ms", self.timeouts.reads_ms, 100, 600_000)?;
        range("timeouts.prepares_ms", self.timeouts.prepares_ms, 100, 600_000)?;
        range(
            "timeouts.moves_money_ms",
            self.timeouts.moves_money_ms,
            100,
            600_000,
        )?;
        let lines = u64::try_from(self.upload_lines_max).unwrap_or(u64::MAX);
        range("upload_lines_max", lines, 1, 1000)?;
        range(
            "doubt.late_execution_max_s",
            u64::from(self.doubt.late_execution_max_s),
            1,
            604_800,
        )?;
        range(
            "doubt.query_lag_max_s",
            u64::from(self.doubt.query_lag_max_s),
            0,
            86_400,
        )?;
        for (infno, extension) in &self.fields.extension_texts {
            let parsed: Result<BTreeMap<String, serde_json::Value>, _> = serde_json::from_str(extension);
            if parsed.is_err() {
                return Err(ProfileError::NotJson { infno: infno.clone() });
            }
        }
        self.checks.check()?;
        self.chronic.check()?;
        self.slips.check()?;
        self.files.check()?;
        self.filing.check()?;
        self.catalogue.check()?;
        if let Some(rules) = &self.reconciliation {
            rules.check()?;
        }
        self.words.check()
    }
}

/// What a purchase needs, from its trial to the end of a doubt.
const PHARMACY: [&str; 4] = ["2101", "2102", "2103", "5201"];

/// What a bill of one call needs.
const SLIPS: [&str; 3] = ["2260", "2261", "5201"];

pub(crate) fn text(key: &'static str, value: &str, max: usize) -> Result<(), ProfileError> {
    if value.trim().is_empty() {
        return Err(ProfileError::Empty { key });
    }
    if value.chars().count() > max {
        return Err(ProfileError::TooLong { key, max });
    }
    Ok(())
}

pub(crate) fn path(key: &'static str, value: &str) -> Result<(), ProfileError> {
    let plain = value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
    if value.len() < 2 || !value.starts_with('/') || value.ends_with('/') || !plain {
        return Err(ProfileError::NotAPath { key });
    }
    Ok(())
}

pub(crate) const fn range(key: &'static str, value: u64, min: u64, max: u64) -> Result<(), ProfileError> {
    if value < min || value > max {
        return Err(ProfileError::OutOfRange { key, min, max });
    }
    Ok(())
}
