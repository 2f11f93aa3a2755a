//! The calendar of announced outages: a TOML text with a detached Ed25519 signature. Pure: bytes and moment are given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Deserializer};
use thiserror::Error;
use zhijie_model::Area;

use super::closed::{Closed, PatientText, Route, Why};
use super::work::Work;

/// Why a calendar is not followed. The one followed before stays in force until its own expiry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    #[error("longer than {BYTES_MAX} bytes")]
    TooLong,
    #[error("there is no signature beside it (.sig)")]
    Unsigned,
    #[error("the signature is not 128 hexadecimal digits")]
    SignatureForm,
    #[error("the signature does not belong to this text and outages.public_key")]
    WrongSignature,
    /// The parser's text names line and key.
    #[error("{0}")]
    Malformed(String),
    #[error("outage {number}: {problem}")]
    Outage { number: usize, problem: &'static str },
    #[error("expired at {0}")]
    Expired(Timestamp),
    #[error("issued at {issued}, before the one in force")]
    Older { issued: Timestamp },
}

/// A calendar is short; more than this is something else.
pub(super) const BYTES_MAX: usize = 256 * 1024;

/// A calendar whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub issued: Timestamp,
    /// From then on nothing in it counts.
    pub expires: Timestamp,
    pub issuer: String,
    pub outages: Vec<Outage>,
}

/// One announced outage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    pub routes: Vec<Route>,
    pub allow: Vec<Allowed>,
    pub text: PatientText,
}

/// What an outage leaves possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowed {
    Lookup,
    File,
    Quote,
    Settle,
    Cancel,
    /// Asking about bills in doubt.
    Query,
    /// Deferred settlement at the desk; sends nothing.
    Defer,
}

impl Allowed {
    /// As the calendar spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::File => "file",
            Self::Quote => "quote",
            Self::Settle => "settle",
            Self::Cancel => "cancel",
            Self::Query => "query",
            Self::Defer => "defer",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(deserialize_with = "instant")]
    issued: Timestamp,
    #[serde(deserialize_with = "instant")]
    expires: Timestamp,
    issuer: String,
    #[serde(default)]
    outage: Vec<OutageText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutageText {
    #[serde(deserialize_with = "instant")]
    from: Timestamp,
    #[serde(deserialize_with = "instant")]
    until: Timestamp,
    routes: Vec<String>,
    #[serde(default)]
    allow: Vec<Allowed>,
    text_zh: String,
    text_en: String,
}

impl Calendar {
    /// Reads a calendar of exactly these `bytes`, signed with the key whose public half is `public_key`.
    ///
    /// # Errors
    /// [`Refused`]; the signature is looked at before a single word of the text.
    pub fn read(bytes: &[u8], signature: &[u8], public_key: &[u8], now: Timestamp) -> Result<Self, Refused> {
        let signature = core::str::from_utf8(signature).map_err(|_| Refused::SignatureForm)?;
        let signature = hex::decode(signature.trim()).map_err(|_| Refused::SignatureForm)?;
        if signature.len() != SIGNATURE_BYTES {
            return Err(Refused::SignatureForm);
        }
        UnparsedPublicKey::new(&ED25519, public_key)
            .verify(bytes, &signature)
            .map_err(|_| Refused::WrongSignature)?;
        let calendar = Self::parse(bytes)?;
        if calendar.expires <= now {
            return Err(Refused::Expired(calendar.expires));
        }
        Ok(calendar)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        let malformed =
            |problem: &dyn ToString| Refused::Malformed(problem.to_string().trim_end().to_owned());
        let text = core::str::from_utf8(bytes).map_err(|_| malformed(&"the text is not UTF-8"))?;
        let text: Text = toml::from_str(text).map_err(|error| malformed(&error))?;
        let outages = text.outage.into_iter().enumerate().map(|(index, outage)| {
            let number = index.saturating_add(1);
            outage
                .check()
                .map_err(|problem| Refused::Outage { number, problem })
        });
        Ok(Self {
            issued: text.issued,
            expires: text.expires,
            issuer: text.issuer,
            outages: outages.collect::<Result<_, _>>()?,
        })
    }

    /// The outage that stops this work now; of several the one that lasts longest. `region` is the patient's.
    #[must_use]
    pub fn closed(&self, work: Work, region: Option<Area>, now: Timestamp) -> Option<Closed> {
        let stops = |outage: &&Outage| {
            outage.from <= now && now < outage.until && now < self.expires && !work.is_allowed(&outage.allow)
        };
        let hit = |outage: &Outage| {
            let mut routes = outage.routes.iter();
            routes.find(|route| concerns(**route, region)).copied()
        };
        let found = self.outages.iter().filter(stops);
        let longest = found
            .filter_map(|outage| Some((outage, hit(outage)?)))
            .max_by_key(|(outage, _)| outage.until);
        longest.map(|(outage, route)| self.told(outage, route))
    }

    /// Every route that an outage concerns now, each with the one that lasts longest; whatever is still allowed.
    #[must_use]
    pub fn going_on(&self, now: Timestamp) -> Vec<Closed> {
        let mut found: BTreeMap<Route, Closed> = BTreeMap::new();
        let going_on = |outage: &&Outage| outage.from <= now && now < outage.until && now < self.expires;
        for outage in self.outages.iter().filter(going_on) {
            for route in &outage.routes {
                let told = self.told(outage, *route);
                if found.get(route).is_none_or(|known| known.until < told.until) {
                    found.insert(*route, told);
                }
            }
        }
        found.into_values().collect()
    }

    /// How an outage is told where it closes `route`.
    #[must_use]
    pub fn told(&self, outage: &Outage, route: Route) -> Closed {
        Closed {
            route,
            why: Why::Announced {
                issuer: self.issuer.clone(),
            },
            since: outage.from,
            until: Some(outage.until.min(self.expires)),
            patient_text: Some(outage.text.clone()),
            deferral_allowed: outage.allow.contains(&Allowed::Defer),
        }
    }
}

const SIGNATURE_BYTES: usize = 64;

fn concerns(route: Route, region: Option<Area>) -> bool {
    match route {
        Route::Gateway | Route::Province => true,
        Route::Region(area) => region.is_some_and(|region| area.covers(region)),
    }
}

impl OutageText {
    fn check(self) -> Result<Outage, &'static str> {
        if self.until <= self.from {
            return Err("until must come after from");
        }
        if self.routes.is_empty() {
            return Err("routes must name at least one route");
        }
        if self.text_zh.trim().is_empty() || self.text_en.trim().is_empty() {
            return Err("text_zh and text_en must not be empty");
        }
        let routes = self.routes.iter().map(|name| route(name));
        Ok(Outage {
            from: self.from,
            until: self.until,
            routes: routes.collect::<Result<_, _>>()?,
            allow: self.allow,
            text: PatientText {
                zh: self.text_zh,
                en: self.text_en,
            },
        })
    }
}

fn route(name: &str) -> Result<Route, &'static str> {
    const FORM: &str = "a route is \"gateway\", \"province\" or \"region:\" with six digits";
    match name {
        "gateway" => Ok(Route::Gateway),
        "province" => Ok(Route::Province),
        other => {
            let area = other.strip_prefix("region:").ok_or(FORM)?;
            Area::new(area).map(Route::Region).map_err(|_| FORM)
        }
    }
}

/// RFC 3339 with offset, as TOML's own date or as text.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    use serde::de::Error;
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(instant) => instant.to_string(),
        toml::Value::String(text) => text,
        _ => String::new(),
    };
    let form = |_| D::Error::custom("an instant is RFC 3339 with offset, as 2026-12-05T20:00:00+08:00");
    text.parse().map_err(form)
}
