//! `[filing]`: how long what was seen counts, and how long its details are kept.

use std::path::PathBuf;

use serde::Deserialize;
use zhijie_filing::{AgeLimits, Rules};

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
    /// Whether people of other cities of the province need a filing here.
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
    /// The rules of the weighing. Words and emergency kinds are the general ones.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            needed_same_province: self.needed_same_province,
            age: AgeLimits {
                verdict_s: self.verdict_age_max_s,
                query_s: self.query_age_max_s,
                paper_s: self.paper_age_max_s,
            },
            ..Rules::default()
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
