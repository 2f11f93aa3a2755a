//! What the platform answered, in our words.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::call::TrialAmounts;
use crate::fen::Fen;
use crate::ids::{LineSerial, MessageId, PlatformMessageId, SettlementId, VisitId, VisitNumber};
use crate::split::Split;
use crate::stay::FoundStay;

/// A well-formed answer of the verified platform to one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    Registered {
        visit_id: VisitId,
    },
    Described,
    Uploaded {
        cuts: Vec<LineCut>,
    },
    LinesWithdrawn,
    VisitWithdrawn,
    Tried {
        trial: Trial,
    },
    Settled {
        settlement: Settlement,
    },
    Cancelled {
        refund: Refund,
    },
    Reversed,
    /// Rows found; an empty list is an answer, not a proof of absence.
    Queried {
        rows: Vec<QueryRow>,
    },
    Admitted {
        visit_id: VisitId,
    },
    StayChanged,
    Discharged,
    DischargeWithdrawn,
    AdmissionWithdrawn,
    /// Stays found; an empty list proves as little.
    InHospital {
        stays: Vec<FoundStay>,
    },
    /// Visits of the person in a span of time; an empty list proves as little.
    VisitsFound {
        visits: Vec<FoundVisit>,
    },
    Refused {
        refusal: Refusal,
    },
}

/// A trial settlement; binding nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub split: Split,
    pub amounts: TrialAmounts,
    /// How the centre would split the lines, where the trial carries them itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<LineCut>,
}

/// A settlement that stands at the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    pub id: SettlementId,
    pub visit_id: VisitId,
    /// The message that made it, echoed by the centre.
    pub message_id: Option<MessageId>,
    /// Centre's time, Beijing wall clock; the accounting day of reconciliation.
    pub settled_at: DateTime,
    pub split: Split,
    pub clearing: Clearing,
    pub platform: PlatformWords,
}

/// A refund: a row of its own with the amounts negated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: SettlementId,
    pub visit_id: VisitId,
    pub refunded_at: DateTime,
    /// The refunded total, negative.
    pub total: Fen,
    /// The refunded cash, negative; `None` where the platform leaves it out.
    pub cash: Option<Fen>,
    /// What the platform tells of the funds, negative; the personal account may be among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funds: Option<Fen>,
    /// What goes back to the personal account, negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Fen>,
    pub clearing: Clearing,
    pub platform: PlatformWords,
}

impl Refund {
    /// Whether every amount told is that of the settlement with the other sign, within a fen (identity I7). The funds may be
    /// told with the personal account among them or without.
    #[must_use]
    pub fn mirrors(&self, settled: &Split) -> bool {
        let opposite = |told: Fen, was: Fen| told.abs_diff(was.negated()) <= 1;
        let told_so = |told: Option<Fen>, was: Fen| told.is_none_or(|told| opposite(told, was));
        let parts = settled.parts();
        let own = parts.person.checked_sub(parts.cash);
        let with_account = own.and_then(|own| parts.fund_total.checked_add(own));
        opposite(self.total, parts.total)
            && told_so(self.cash, parts.cash)
            && told_so(self.account, parts.account)
            && (told_so(self.funds, parts.fund_total)
                || with_account.is_some_and(|funds| told_so(self.funds, funds)))
    }
}

/// How a settlement is cleared between hospital and funds; kept as the platform sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearing {
    pub office: Option<String>,
    pub way: Option<String>,
    pub kind: Option<String>,
}

/// One row of a visit query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundVisit {
    pub visit_id: VisitId,
    /// The hospital's own number of the visit or stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<VisitNumber>,
    /// Beijing wall clock, as the centre shows it.
    pub began: Option<DateTime>,
    /// Of a stay: whether the patient still lies there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_hospital: Option<bool>,
}

/// One row of a settlement query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryRow {
    pub settlement: Settlement,
    /// Whether the centre marks it as refunded.
    pub refunded: bool,
}

/// How the centre split one fee line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCut {
    pub serial: LineSerial,
    pub amount: Fen,
    pub own_expense: Fen,
    pub over_ceiling: Fen,
    pub first_own: Fen,
    pub in_scope: Fen,
    /// Class of the item as normalised: `01` A, `02` B, `03` own expense; other codes as they came.
    pub class: String,
}

impl LineCut {
    /// Whether the parts come to the amount, within a fen (identity I6).
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let parts = [self.own_expense, self.over_ceiling, self.first_own, self.in_scope];
        Fen::sum(parts).is_some_and(|sum| sum.abs_diff(self.amount) <= 1)
    }
}

/// The platform's own words beside an answer, unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformWords {
    pub message_id: Option<PlatformMessageId>,
    /// Error text of a refusal, or warning text of a success.
    pub text: Option<String>,
}

/// A refusal that proves that nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Reply code as sent, e.g. `-1`.
    pub code: String,
    /// The sign-in is gone; sign in again before the next call.
    pub sign_in_lost: bool,
    /// The platform or the insured region does not work at present (an upgrade, say); later it may.
    #[serde(default)]
    pub unavailable: bool,
    /// Refused because the patient lies in hospital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_hospital: Option<InHospital>,
    pub platform: PlatformWords,
}

/// That somebody lies in hospital, as a refusal tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InHospital {
    /// Name of the institution, where the refusal names one.
    pub institution: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::SplitParts;

    fn fen(value: i64) -> Fen {
        Fen::new(value).unwrap()
    }

    fn settled() -> Split {
        Split::new(SplitParts {
            total: fen(10_000),
            own_expense: fen(0),
            over_ceiling: fen(0),
            first_own: fen(0),
            in_scope: fen(10_000),
            deductible: fen(0),
            pool_ratio: None,
            funds: Vec::new(),
            fund_total: fen(6_000),
            person: fen(4_000),
            account: fen(1_500),
            mutual_aid: fen(0),
            cash: fen(2_500),
            hospital: fen(0),
            balance: None,
            listed: None,
        })
        .unwrap()
    }

    #[test]
    fn a_refund_mirrors_its_settlement_in_either_definition() {
        // total, cash, funds, account, mirrors
        let table = [
            (-10_000, Some(-2_500), Some(-6_000), Some(-1_500), true),
            (-10_000, Some(-2_500), Some(-7_500), Some(-1_500), true),
            (-10_000, None, None, None, true),
            (-9_999, Some(-2_500), None, None, true),
            (-9_998, None, None, None, false),
            (-10_000, Some(-2_000), None, None, false),
            (-10_000, Some(-2_500), Some(-6_500), None, false),
            (-10_000, Some(-2_500), Some(-6_000), Some(0), false),
            (10_000, Some(2_500), Some(6_000), Some(1_500), false),
        ];
        for (total, cash, funds, account, mirrors) in table {
            let refund = Refund {
                id: SettlementId::new("R1").unwrap(),
                visit_id: VisitId::new("V1").unwrap(),
                refunded_at: DateTime::default(),
                total: fen(total),
                cash: cash.map(fen),
                funds: funds.map(fen),
                account: account.map(fen),
                clearing: Clearing::default(),
                platform: PlatformWords::default(),
            };
            assert_eq!(
                refund.mirrors(&settled()),
                mirrors,
                "{total} {cash:?} {funds:?} {account:?}"
            );
        }
    }

    #[test]
    fn a_line_adds_up_within_a_fen() {
        let mut cut = LineCut {
            serial: LineSerial::new("1").unwrap(),
            amount: fen(1_000),
            own_expense: fen(100),
            over_ceiling: fen(200),
            first_own: fen(300),
            in_scope: fen(401),
            class: String::from("02"),
        };
        assert!(cut.adds_up());
        cut.in_scope = fen(402);
        assert!(!cut.adds_up());
    }
}
