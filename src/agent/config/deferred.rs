//! `[deferred]`: the offline policy.

use serde::Deserialize;
use zhijie_model::{CredentialKind, Fen};
use zhijie_settlement::Risk;

/// What may be settled later while the platform cannot be reached, and on which terms. Sums are fen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deferred {
    pub allowed: bool,
    pub limit_bill_fen: Fen,
    /// Of one patient and day.
    pub limit_patient_day_fen: Fen,
    /// Of all bills that wait at this desk.
    pub limit_desk_fen: Fen,
    /// How old the person's insurance data may be, in seconds.
    pub person_age_max_s: u32,
    pub credentials: Vec<CredentialKind>,
    /// `"full"`, `"estimate"`, or `{ percent = 30 }`.
    pub deposit: Deposit,
    pub bears_loss: Risk,
    /// After so many days a bill that still waits is left to a person.
    pub keep_days: u16,
    /// What is printed for the patient.
    pub words_zh: String,
    pub words_en: String,
}

/// How the deposit is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deposit {
    Full,
    Estimate,
    Percent(u8),
}

impl Default for Deferred {
    fn default() -> Self {
        Self {
            allowed: false,
            limit_bill_fen: fen(200_000),
            limit_patient_day_fen: fen(500_000),
            limit_desk_fen: fen(20_000_000),
            person_age_max_s: 90 * 86_400,
            credentials: vec![
                CredentialKind::Card,
                CredentialKind::IdNumber,
                CredentialKind::Voucher,
            ],
            deposit: Deposit::Full,
            bears_loss: Risk::Hospital,
            keep_days: 30,
            words_zh: String::from("尚未医保结算。线路恢复后补办结算，多退少补，请保留本单。"),
            words_en: String::from(
                "Not settled yet. It will be settled when the line is back; keep this slip.",
            ),
        }
    }
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap_or(Fen::ZERO)
}

/// Days a deferred bill may wait at most.
const KEEP_DAYS_MAX: u16 = 365;

impl Deferred {
    pub(super) fn problems(&self) -> [(bool, &'static str, &'static str); 9] {
        let sum = "must be more than 0 fen";
        let words = "must not be empty: the patient is told";
        let percent = match self.deposit {
            Deposit::Full | Deposit::Estimate => true,
            Deposit::Percent(percent) => (1..=100).contains(&percent),
        };
        [
            (self.limit_bill_fen > Fen::ZERO, "deferred.limit_bill_fen", sum),
            (
                self.limit_patient_day_fen > Fen::ZERO,
                "deferred.limit_patient_day_fen",
                sum,
            ),
            (self.limit_desk_fen > Fen::ZERO, "deferred.limit_desk_fen", sum),
            (
                self.person_age_max_s > 0,
                "deferred.person_age_max_s",
                "must not be 0",
            ),
            (
                !self.credentials.is_empty(),
                "deferred.credentials",
                "must name at least one kind",
            ),
            (percent, "deferred.deposit", "percent must be 1 to 100"),
            (
                (1..=KEEP_DAYS_MAX).contains(&self.keep_days),
                "deferred.keep_days",
                "must be 1 to 365 days",
            ),
            (!self.words_zh.trim().is_empty(), "deferred.words_zh", words),
            (!self.words_en.trim().is_empty(), "deferred.words_en", words),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(deferred: &Deferred) -> Vec<&'static str> {
        let problems = deferred.problems().into_iter();
        problems
            .filter(|(holds, _, _)| !holds)
            .map(|(_, key, _)| key)
            .collect()
    }

    #[test]
    fn a_policy_that_means_nothing_is_refused() {
        assert_eq!(broken(&Deferred::default()), Vec::<&str>::new());
        let table = [
            ("deposit = { percent = 0 }", Some("deferred.deposit")),
            ("deposit = { percent = 1 }", None),
            ("deposit = { percent = 100 }", None),
            ("deposit = { percent = 101 }", Some("deferred.deposit")),
            ("deposit = \"estimate\"", None),
            ("limit_bill_fen = 0", Some("deferred.limit_bill_fen")),
            ("limit_bill_fen = 1", None),
            (
                "limit_patient_day_fen = -5",
                Some("deferred.limit_patient_day_fen"),
            ),
            ("limit_desk_fen = 0", Some("deferred.limit_desk_fen")),
            ("person_age_max_s = 0", Some("deferred.person_age_max_s")),
            ("credentials = []", Some("deferred.credentials")),
            ("keep_days = 0", Some("deferred.keep_days")),
            ("keep_days = 365", None),
            ("keep_days = 366", Some("deferred.keep_days")),
            ("words_zh = \" \"", Some("deferred.words_zh")),
            ("words_en = \"\"", Some("deferred.words_en")),
        ];
        for (text, key) in table {
            let deferred: Deferred = toml::from_str(text).unwrap();
            assert_eq!(broken(&deferred), Vec::from_iter(key), "{text}");
        }
    }
}
