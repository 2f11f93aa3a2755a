//! How this province dresses its messages, read from a province profile: addresses, headers, signatures, envelopes.
//!
//! The profile is read here on its own, for the keys that concern the other side of the line; signatures are made by the
//! crates the product uses too, which are checked against another implementation.

mod address;
mod gate;
mod rules;
mod seal;
mod token;
mod voucher;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use zhijie_model::Private;
use zhijie_signer::{FileKey, PlainPublicKey};

pub(crate) use address::Address;
pub(crate) use gate::Gate;
pub(crate) use seal::spoil;
pub(crate) use token::Tokens;
pub(crate) use voucher::Letter;

use crate::options::{PapersShown, TraceWish};

use rules::{HeaderFamily, Rules, SecurityFamily, VoucherRoad};

/// What a caller at the gateway must know.
#[derive(Debug, Clone)]
pub struct Gateway {
    pub id: String,
    pub secret: Private,
    pub user: String,
    pub password: Private,
}

/// The dress of one sandbox.
#[derive(Debug, Clone)]
pub struct Dress {
    rules: Rules,
    gateway: Gateway,
    keys: Option<Arc<Keys>>,
}

/// The platform's key and the hospital's.
#[derive(Debug)]
struct Keys {
    own: FileKey,
    theirs: PlainPublicKey,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            id: String::from("sandbox-hospital-01"),
            secret: Private::new("sandbox-secret"),
            user: String::from("hospital"),
            password: Private::new("sandbox-password"),
        }
    }
}

impl Dress {
    /// Reads a province profile. Where it signs, the keys come from the folder that `certs` made.
    ///
    /// # Errors
    /// When the file is no profile, or a key it needs is missing.
    pub fn of(profile: &Path, gateway: Gateway, certs: &Path) -> anyhow::Result<Self> {
        let at = profile.display();
        let text = std::fs::read_to_string(profile).with_context(|| format!("cannot read {at}"))?;
        let rules: Rules = toml::from_str(&text).with_context(|| format!("{at} is no province profile"))?;
        let signs = rules.security.family == SecurityFamily::Sealed
            || rules.security.answers_signed
            || rules.voucher.road == VoucherRoad::Service;
        let keys = signs.then(|| Keys::read(certs)).transpose()?.map(Arc::new);
        Ok(Self { rules, gateway, keys })
    }

    pub(crate) const fn sign_in_needed(&self) -> bool {
        self.rules.sign_in_needed
    }

    pub(crate) const fn fund_includes_account(&self) -> bool {
        self.rules.fund_includes_account
    }

    /// As what papers are shown.
    pub(crate) const fn papers(&self) -> PapersShown {
        self.rules.papers.shown_as
    }

    pub(crate) const fn traces(&self) -> TraceWish {
        match self.rules.settlement.traces {
            rules::TraceRule::None => TraceWish::Ignored,
            rules::TraceRule::Optional => TraceWish::Checked,
            rules::TraceRule::Required => TraceWish::Required,
        }
    }

    /// Whether a statement has the mark of refund in front of the verdict.
    pub(crate) fn refund_first(&self) -> bool {
        let rules = self.rules.reconciliation.as_ref();
        rules.is_some_and(|rules| rules.columns == rules::Columns::RefundFirst)
    }

    pub(crate) fn infcode(&self) -> crate::InfcodeMode {
        self.rules.envelope.reply_code.into()
    }

    /// What a body must be announced as.
    pub(crate) const fn content_type(&self) -> &'static str {
        match self.rules.envelope.content_type {
            rules::ContentType::Json => "application/json",
            rules::ContentType::Text => "text/plain",
        }
    }

    /// Members this province wants in every envelope.
    pub(crate) fn extras(&self) -> impl Iterator<Item = (&str, &str)> {
        let extras = self.rules.envelope.extras.iter();
        extras.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Whether a card is good in this transaction: with the token that its medium gives for it.
    pub(crate) fn medium_fits(&self, infno: &str, card_number: &str, token: Option<&str>) -> bool {
        let rule = self.rules.medium.as_ref();
        let asked = rule.is_some_and(|rule| rule.transactions.iter().any(|named| named == infno));
        !asked || token == Some(zhijie_twin::medium_token(card_number, infno).as_str())
    }

    /// The path of the token service, where there is one.
    pub(crate) fn token_path(&self) -> Option<&str> {
        let token = self.rules.header.token.as_ref();
        let token = token.filter(|_| self.rules.header.family == HeaderFamily::Oauth);
        token.map(|token| token.path.as_str())
    }

    /// The path of the e-voucher service, where it is asked directly.
    pub(crate) fn voucher_path(&self) -> Option<&str> {
        (self.rules.voucher.road == VoucherRoad::Service).then_some(self.rules.voucher.path.as_str())
    }
}

impl Keys {
    fn read(certs: &Path) -> anyhow::Result<Self> {
        let text = |name: &str| {
            let path = certs.join(name);
            std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}, which `certs` makes", path.display()))
        };
        Ok(Self {
            own: FileKey::from_pem(&text("sm2-platform.key")?, None)?,
            theirs: PlainPublicKey::from_text(&text("sm2-client.pub")?)?,
        })
    }
}
