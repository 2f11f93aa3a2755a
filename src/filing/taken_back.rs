//! What was taken back at this desk counts no more, wherever else it was seen, and nobody is alarmed that it is gone.

use jiff::Timestamp;
use zhijie_model::Private;

use crate::filing::Filing;
use crate::observation::{Declared, Observation, Said};
use crate::rules::Question;

/// The filings taken back here, among everything seen.
#[derive(Debug)]
pub(crate) struct TakenBack<'a> {
    withdrawals: Vec<Withdrawal<'a>>,
    /// Filings with where they were seen, whether they still stand or not.
    filings: Vec<(&'a Observation, &'a Filing)>,
}

#[derive(Debug)]
struct Withdrawal<'a> {
    at: Timestamp,
    number: &'a Private,
}

impl<'a> TakenBack<'a> {
    pub(crate) fn among(seen: impl IntoIterator<Item = &'a Observation>) -> Self {
        let (mut withdrawals, mut filings) = (Vec::new(), Vec::new());
        for one in seen {
            match &one.said {
                Some(Said::Withdrawn { number, record }) if record.is_none_or(Declared::is_filing) => {
                    withdrawals.push(Withdrawal { at: one.at, number });
                }
                said => filings.extend(filings_of(said.as_ref()).iter().map(|filing| (one, filing))),
            }
        }
        Self { withdrawals, filings }
    }

    /// Whether `filing` was taken back: under its number, or, where it is shown without one, as the filing that was
    /// seen under the number taken back. What was made here anew since then stands.
    pub(crate) fn has(&self, filing: &Filing) -> bool {
        self.withdrawals.iter().any(|taken| {
            let is_it = match &filing.number {
                Some(number) => number == taken.number,
                None => self.under(taken.number).any(|known| known.is(filing)),
            };
            is_it && !self.made_anew(filing, taken)
        })
    }

    /// A filing is only ever made under a number of its own, so only one without a number can be a new one.
    fn made_anew(&self, filing: &Filing, taken: &Withdrawal<'_>) -> bool {
        filing.number.is_none()
            && self.filings.iter().any(|(seen, made)| {
                matches!(seen.said, Some(Said::Made { .. }))
                    && seen.at > taken.at
                    && made.number.as_ref() != Some(taken.number)
                    && made.is(filing)
            })
    }

    fn under(&self, number: &Private) -> impl Iterator<Item = &'a Filing> {
        let named = self
            .filings
            .iter()
            .filter(move |(_, filing)| filing.number.as_ref() == Some(number));
        named.map(|(_, filing)| *filing)
    }

    /// Whether a filing that would answer the question today was taken back under `number`, and no other one is known
    /// to stand: then there is none.
    pub(crate) fn leaves_nothing(&self, number: &Private, question: &Question) -> bool {
        self.under(number).any(|filing| question.is_met_by(filing)) && !self.one_stands(question)
    }

    /// Whether what was decided `at` may have rested on a filing that was taken back since, and no other one is known
    /// to stand. A filing nobody saw here may have been for any place.
    pub(crate) fn undermines(&self, at: Timestamp, question: &Question) -> bool {
        let may_have_carried = |taken: &&Withdrawal<'_>| {
            let mut known = self.under(taken.number).peekable();
            known.peek().is_none() || known.any(|filing| filing.reaches(question.care))
        };
        let since = self.withdrawals.iter().filter(|taken| taken.at >= at);
        since.filter(may_have_carried).count() > 0 && !self.one_stands(question)
    }

    fn one_stands(&self, question: &Question) -> bool {
        let standing =
            |(_, filing): &(&Observation, &Filing)| question.is_met_by(filing) && !self.has(filing);
        self.filings.iter().any(standing)
    }
}

/// The filings with dates an observation speaks of as being there.
pub(crate) fn filings_of(said: Option<&Said>) -> &[Filing] {
    match said {
        Some(Said::Filings { filings, .. }) => filings,
        Some(Said::Made { filing, .. } | Said::Paper { filing, .. }) => core::slice::from_ref(filing),
        Some(
            Said::Insured { .. }
            | Said::Benefit { .. }
            | Said::Entries { .. }
            | Said::Registered { .. }
            | Said::Withdrawn { .. }
            | Said::Accepted { .. }
            | Said::Refused { .. }
            | Said::Vanished { .. },
        )
        | None => &[],
    }
}
