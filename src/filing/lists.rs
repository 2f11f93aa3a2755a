//! What the lists of one query say together: a list is read beside the ones before it.

use crate::observation::{Observation, Said};
use crate::rules::Question;

/// Whether the query behind `list` showed, at an earlier time, a filing that would answer the question today. Then it
/// would show it again, and a list without one says that there is none, whatever else the query leaves out.
pub(crate) fn shown_before(seen: &[Observation], list: &Observation, question: &Question) -> bool {
    if !matches!(list.said, Some(Said::Filings { .. })) {
        return false;
    }
    seen.iter()
        .filter(|earlier| earlier.source == list.source && earlier.at < list.at)
        .any(|earlier| match &earlier.said {
            Some(Said::Filings { insured, filings, .. }) => {
                insured.city() == question.insured.city()
                    && filings.iter().any(|filing| question.is_met_by(filing))
            }
            Some(
                Said::Insured { .. }
                | Said::Benefit { .. }
                | Said::Entries { .. }
                | Said::Made { .. }
                | Said::Registered { .. }
                | Said::Withdrawn { .. }
                | Said::Accepted { .. }
                | Said::Refused { .. }
                | Said::Paper { .. }
                | Said::Vanished { .. },
            )
            | None => false,
        })
}
