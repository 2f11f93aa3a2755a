//! Answers that must not be believed.

use core::fmt;

use thiserror::Error;
use zhijie_model::{PlatformWords, SplitError};

use crate::seal::SealError;

/// Why an answer is no reply. After a call that moves money every one of these means: the outcome is unknown.
///
/// `Debug` and `Display` name members and shapes only, never anything the answer said.
#[derive(Clone, PartialEq, Eq, Error)]
pub enum Unreadable {
    #[error("answer is empty")]
    Empty,
    #[error("answer is larger than {max} bytes")]
    TooBig { max: usize },
    #[error("answer is nested deeper than {max} levels")]
    TooDeep { max: usize },
    #[error("answer is not UTF-8 text")]
    NotText,
    #[error("answer is a web page")]
    Html,
    #[error("answer is not JSON")]
    NotJson,
    /// JSON, but not the platform's envelope: an intermediate program answered.
    #[error("answer has no envelope")]
    NoEnvelope,
    /// Not signed or encrypted as this province does it.
    #[error("answer is not sealed as agreed: {what}")]
    SealBroken { what: &'static str },
    #[error("answer cannot be opened: {0}")]
    Seal(SealError),
    #[error("output node {node} is missing")]
    NodeMissing { node: &'static str },
    #[error("output node {node} has the wrong shape")]
    Malformed { node: &'static str },
    #[error("member {node}.{field} is missing")]
    MissingMember { node: &'static str, field: &'static str },
    #[error("member {node}.{field} cannot be read")]
    BadMember { node: &'static str, field: &'static str },
    /// The answer speaks of somebody or something else than was asked.
    #[error("member {node}.{field} belongs to another call")]
    OtherPersons { node: &'static str, field: &'static str },
    #[error("amounts do not add up")]
    DoesNotAddUp(#[source] SplitError),
    /// A failure text that no pattern of the profile knows to mean "not executed".
    #[error("failure with code {code} that is not known to mean that nothing was done")]
    UnclassifiedRefusal { code: String, words: PlatformWords },
}

impl Unreadable {
    /// What the platform said, when it said something; for cashier and engineer, not for logs.
    #[must_use]
    pub const fn words(&self) -> Option<&PlatformWords> {
        match self {
            Self::UnclassifiedRefusal { words, .. } => Some(words),
            Self::Empty
            | Self::TooBig { .. }
            | Self::TooDeep { .. }
            | Self::NotText
            | Self::Html
            | Self::NotJson
            | Self::NoEnvelope
            | Self::SealBroken { .. }
            | Self::Seal(_)
            | Self::NodeMissing { .. }
            | Self::Malformed { .. }
            | Self::MissingMember { .. }
            | Self::BadMember { .. }
            | Self::OtherPersons { .. }
            | Self::DoesNotAddUp(_) => None,
        }
    }

    /// Whether the answer was not signed or encrypted as it should have been.
    #[must_use]
    pub const fn is_about_the_seal(&self) -> bool {
        matches!(self, Self::SealBroken { .. } | Self::Seal(_))
    }

    /// Whether the platform itself answered, as against something in front of it.
    #[must_use]
    pub const fn is_from_platform(&self) -> bool {
        !matches!(
            self,
            Self::Empty
                | Self::TooBig { .. }
                | Self::TooDeep { .. }
                | Self::NotText
                | Self::Html
                | Self::NotJson
                | Self::NoEnvelope
                | Self::SealBroken { .. }
                | Self::Seal(_)
        )
    }
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}
