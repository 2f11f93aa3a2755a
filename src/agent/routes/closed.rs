//! Why a call was not sent: its route is closed. Travels as the evidence of "not sent" into ledger and answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::Area;
use zhijie_settlement::NotSent;

/// A stretch of the way from this desk to the patient's insurance that can fail by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "route", content = "area", rename_all = "snake_case")]
pub enum Route {
    /// The line to the platform's entrance, TLS included.
    Gateway,
    /// The province's platform behind it.
    Province,
    /// One insured region, and the national hub on the way there. A pool; see [`Area::pool`].
    Region(Area),
}

/// What a route failed with last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// No connection.
    Unreachable,
    /// The TLS handshake failed.
    Handshake,
    /// A request was sent and no answer came.
    Silent,
    /// What came was no answer of the platform.
    Unreadable,
    /// The platform said that the region cannot be reached or is closed.
    Said,
}

/// Who closed a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Why {
    /// The breaker, after failures.
    Failures { blame: Blame },
    /// The outage calendar.
    Announced { issuer: String },
}

/// Text of an announcement, for the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientText {
    pub zh: String,
    pub en: String,
}

/// A closed route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    #[serde(flatten)]
    pub route: Route,
    pub why: Why,
    /// Of the first failure, or the announced beginning.
    pub since: Timestamp,
    /// Of the next test, or the announced end. `None` while a test is under way.
    pub until: Option<Timestamp>,
    /// What the calendar wants the patient to be told.
    pub patient_text: Option<PatientText>,
    /// Whether a deferred settlement may be offered meanwhile; an announced outage must allow it.
    pub deferral_allowed: bool,
}

/// How the evidence begins. Part of the ledger's format: never change it.
const EVIDENCE: &str = "route closed: ";

impl Closed {
    /// The proof that nothing was sent.
    #[must_use]
    pub fn not_sent(&self) -> NotSent {
        NotSent::Unreachable {
            evidence: self.evidence(),
        }
    }

    /// As text from which [`Closed::of_evidence`] makes the same again.
    #[must_use]
    pub fn evidence(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{EVIDENCE}{json}")
    }

    /// What a closed route left as evidence; `None` for any other text.
    #[must_use]
    pub fn of_evidence(text: &str) -> Option<Self> {
        serde_json::from_str(text.strip_prefix(EVIDENCE)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_read_back_and_nothing_else_is_taken_for_it() {
        let since: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
        let area = Area::new("341200").unwrap();
        for (route, why) in [
            (
                Route::Gateway,
                Why::Failures {
                    blame: Blame::Unreachable,
                },
            ),
            (
                Route::Region(area),
                Why::Announced {
                    issuer: String::from("市医保局"),
                },
            ),
        ] {
            let closed = Closed {
                route,
                why,
                since,
                until: None,
                patient_text: Some(PatientText {
                    zh: String::from("升级"),
                    en: String::from("upgrade"),
                }),
                deferral_allowed: true,
            };
            assert_eq!(Closed::of_evidence(&closed.evidence()), Some(closed));
        }
        for text in [
            "",
            "no route to the platform",
            "route closed: {}",
            "route closed: ",
        ] {
            assert_eq!(Closed::of_evidence(text), None, "{text}");
        }
    }

    /// Records of today must be told the same way for ever.
    #[test]
    fn the_evidence_of_a_record_keeps_its_form() {
        let text = r#"route closed: {"route":"region","area":"341200","why":{"by":"failures","blame":"said"},"since":"2026-11-22T04:00:00Z","until":null,"patient_text":null,"deferral_allowed":true}"#;
        let closed = Closed::of_evidence(text).unwrap();
        assert_eq!(closed.evidence(), text);
    }
}
