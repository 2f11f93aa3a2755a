//! Lookups of a person, as far as provinces differ in them.

use std::collections::BTreeSet;

use serde::Deserialize;

/// How a person is asked about. A profile without these keys asks in the area the card or the e-voucher names, and for no
/// totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PersonRules {
    /// Which insured area the first lookup names, before anybody has told it.
    pub lookup_area: LookupArea,
    /// Whether certificate and name go with a card that another province issued (1101), whatever `fields` says.
    pub visitor_identity: bool,
    /// Whether what a reader's library said of a card goes along, with its signature where there is one (1101).
    pub card_reading: bool,
    /// Whether the totals of a person's year can be asked for (5206).
    pub totals: bool,
}

/// The area the first lookup of a person names; sources contradict each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupArea {
    /// That of card or e-voucher where one is told, else our own.
    #[default]
    Credential,
    /// Always our own.
    Own,
}

/// Papers of people without a citizen identity number. A profile without this section takes none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PapersRules {
    /// Kinds that are taken, as the interface counts them (`psn_cert_type`).
    pub kinds: BTreeSet<String>,
    /// As what they are shown; sources contradict each other.
    pub shown_as: PapersShown,
}

/// What the platform is told papers are (`mdtrt_cert_type`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PapersShown {
    /// Something else than card, voucher or number: 99.
    #[default]
    Other,
    /// As an identity number: 02.
    IdNumber,
    /// By their own kind.
    OwnKind,
}
