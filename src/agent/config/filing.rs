//! `[filing]`: how long what was seen counts, and how long its details are kept.

use std::path::PathBuf;

use serde::Deserialize;
use zhijie_filing::{AgeLimits, Rules, Words};
use zhijie_wire::FilingRules;

/// What was seen of filings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filing {
    /// Age in seconds after which a verdict of the insured region counts as old.
    pub verdict_age_max_s: u32,
    /// As above, for queries and benefit checks.
    pub query_age_max_s: u32,
    /// As above, for filings shown on paper.
    pub paper_age_max_s: u32,
    /// Whether people of other cities of the province need a filing here, also where the province profile says no.
    pub needed_same_province: bool,
    /// Days after which personal details of what was seen are erased; 0: never.
    pub keep_details_days: u32,
    /// Folder for dispute packets; beside the ledger when not said.
    pub packets: Option<PathBuf>,
}

impl Default for Filing {
    fn default() -> Self {
        let age = AgeLimits::default();
        Self {
            verdict_age_max_s: age.verdict_s,
            query_age_max_s: age.query_s,
            paper_age_max_s: age.paper_s,
            needed_same_province: false,
            keep_details_days: 1095,
            packets: None,
        }
    }
}

impl Filing {
    /// The rules of the weighing: who needs a filing, which visits are exempt and which words speak of it are the
    /// province's; words it does not give are the general ones.
    #[must_use]
    pub fn rules(&self, province: &FilingRules) -> Rules {
        let general = Words::default();
        let or = |own: &Vec<String>, general| if own.is_empty() { general } else { own.clone() };
        Rules {
            needed_same_city: province.required.same_city,
            needed_same_province: province.required.same_province || self.needed_same_province,
            needed_other_province: province.required.other_province,
            emergency_kinds: province.exempt_visit_kinds.clone(),
            age: AgeLimits {
                verdict_s: self.verdict_age_max_s,
                query_s: self.query_age_max_s,
                paper_s: self.paper_age_max_s,
            },
            words: Words {
                expired: or(&province.words_expired, general.expired),
                missing: or(&province.words_missing, general.missing),
            },
        }
    }

    pub(super) fn problems(&self) -> [(bool, &'static str, &'static str); 4] {
        let positive = "must not be 0";
        [
            (self.verdict_age_max_s > 0, "filing.verdict_age_max_s", positive),
            (self.query_age_max_s > 0, "filing.query_age_max_s", positive),
            (self.paper_age_max_s > 0, "filing.paper_age_max_s", positive),
            (
                self.keep_details_days <= 36_500,
                "filing.keep_details_days",
                "must be 0 to 36500 days",
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use zhijie_filing::RefusalClass;

    use super::*;

    #[test]
    fn the_province_decides_and_the_configuration_adds() {
        let mut province = FilingRules {
            exempt_visit_kinds: vec![String::from("15")],
            words_missing: vec![String::from("无…登记")],
            ..FilingRules::default()
        };
        province.required.same_city = true;
        province.required.other_province = false;
        let rules = Filing::default().rules(&province);
        let needed = |rules: &Rules| {
            let Rules {
                needed_same_city: city,
                needed_same_province: region,
                needed_other_province: other,
                ..
            } = rules;
            (*city, *region, *other)
        };
        assert_eq!(needed(&rules), (true, false, false));
        assert_eq!(rules.emergency_kinds, ["15"]);
        let class = |text| rules.words.classify(text);
        assert_eq!(class("无异地登记"), RefusalClass::FilingMissing);
        assert_eq!(class("未备案"), RefusalClass::Other);
        assert_eq!(class("备案已过期"), RefusalClass::FilingExpired);
        let wider = Filing {
            needed_same_province: true,
            ..Filing::default()
        };
        assert_eq!(needed(&wider.rules(&province)), (true, true, false));
    }
}
