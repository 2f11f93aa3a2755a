//! `[deferred]`: the offline policy.

use jiff::civil::Date;
use serde::Deserialize;
use zhijie_model::{Area, CredentialKind, Fen};
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
    /// How old the evidence of the person's filing may be, in seconds; 0 asks for none.
    pub filing_age_max_s: u32,
    /// How long ago the insured region may last have taken a visit of the person, in seconds; 0 asks for none.
    pub verdict_age_max_s: u32,
    pub credentials: Vec<CredentialKind>,
    /// `"full"`, `"estimate"`, or `{ percent = 30 }`.
    pub deposit: Deposit,
    pub bears_loss: Risk,
    /// After so many days a bill that still waits is left to a person.
    pub keep_days: u16,
    /// What is printed for the patient.
    pub words_zh: String,
    pub words_en: String,
    /// What is known of the policy of regions, to estimate from where no settlement of the person is known.
    pub regions: Vec<RegionPolicy>,
}

/// What people of a region bear themselves, by its policy. Only ever an estimate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionPolicy {
    /// A province, a city or a county; the narrowest that covers the insured region counts.
    pub area: Area,
    /// Of the bill, 0 to 100.
    pub own_share_percent: u8,
    /// Since when the policy is so, Beijing.
    pub since: Date,
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
            filing_age_max_s: 30 * 86_400,
            verdict_age_max_s: 0,
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
            regions: Vec::new(),
        }
    }
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap_or(Fen::ZERO)
}

/// Days a deferred bill may wait at most.
const KEEP_DAYS_MAX: u16 = 365;

impl Deferred {
    /// The policy of the region somebody is insured in, as far as it was written down.
    #[must_use]
    pub fn policy_of(&self, insured: Area) -> Option<&RegionPolicy> {
        let covering = self.regions.iter().filter(|region| region.area.covers(insured));
        // The narrowest lies in all others.
        covering.max_by_key(|region| {
            let around = self.regions.iter().filter(|other| other.area.covers(region.area));
            around.count()
        })
    }

    pub(super) fn problems(&self) -> [(bool, &'static str, &'static str); 10] {
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
            (
                self.regions.iter().all(|region| region.own_share_percent <= 100),
                "deferred.regions",
                "own_share_percent must be 0 to 100",
            ),
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
    fn the_narrowest_region_counts() {
        let text = "regions = [
            { area = \"341200\", own_share_percent = 40, since = \"2026-01-01\" },
            { area = \"340000\", own_share_percent = 50, since = \"2026-01-01\" },
            { area = \"341202\", own_share_percent = 30, since = \"2026-01-01\" },
        ]";
        let deferred: Deferred = toml::from_str(text).unwrap();
        let table = [
            ("341202", Some(30)),
            ("341203", Some(40)),
            ("341200", Some(40)),
            ("340100", Some(50)),
            ("330100", None),
        ];
        for (insured, share) in table {
            let found = deferred.policy_of(Area::new(insured).unwrap());
            assert_eq!(found.map(|region| region.own_share_percent), share, "{insured}");
        }
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
            (
                "regions = [{ area = \"341200\", own_share_percent = 101, since = \"2026-01-01\" }]",
                Some("deferred.regions"),
            ),
            (
                "regions = [{ area = \"341200\", own_share_percent = 100, since = \"2026-01-01\" }]",
                None,
            ),
        ];
        for (text, key) in table {
            let deferred: Deferred = toml::from_str(text).unwrap();
            assert_eq!(broken(&deferred), Vec::from_iter(key), "{text}");
        }
    }
}
