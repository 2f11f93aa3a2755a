//! How a patient proves who she is at the desk.

use serde::{Deserialize, Serialize};

use crate::private::Private;

/// Which kind of proof the platform is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// Medical-insurance e-voucher; the number is a token that lives for minutes.
    Voucher,
    /// Citizen identity number, typed or read from the resident card.
    IdNumber,
    /// Social-security card; the number is the card number.
    Card,
    /// Papers of somebody without a citizen identity number: passport, travel or residence permit.
    Papers,
}

/// A proof of identity as it goes to the platform. Kept in memory, and with a bill that is settled later; there never
/// with a token. Of other bills the saga remembers the kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    pub kind: CredentialKind,
    /// Which papers, as the interface counts them (04 Hong Kong, 08 foreign passport, ...); papers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub papers: Option<String>,
    pub number: Private,
    /// Identification code of the card, 32 hex digits; cards only.
    pub card_identification: Option<Private>,
    /// Certificate number printed in the card or answered for the code.
    pub certificate: Option<Private>,
    pub name: Option<Private>,
}
