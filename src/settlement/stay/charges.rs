//! Fee lines of a stay: what a request still needs, and what an answer leaves at the centre.

use std::collections::{BTreeMap, BTreeSet};

use zhijie_model::{Fen, LineCut, LineSerial, Shared, StayLine, TrialAmounts, business_day};

use super::cause::StayCause;
use super::state::{Charged, Stay, Task};

/// What waits to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsettled {
    pub lines: usize,
    pub total: Fen,
    /// Sums of how the centre split these lines.
    pub amounts: TrialAmounts,
}

impl Stay {
    /// The lines no standing settlement covers; `None` when their sum is out of range.
    #[must_use]
    pub fn unsettled(&self, settled_through: Option<u32>) -> Option<Unsettled> {
        let open = |charged: &&Charged| !is_settled(charged, settled_through);
        let lines: Vec<&Charged> = self.lines.values().map(|line| &**line).filter(open).collect();
        let sum = |of: fn(&LineCut) -> Fen| Fen::sum(lines.iter().map(|charged| of(&charged.cut)));
        Some(Unsettled {
            lines: lines.len(),
            total: Fen::sum(lines.iter().map(|charged| charged.line.charge.amount))?,
            amounts: TrialAmounts {
                own_expense: sum(|cut| cut.own_expense)?,
                over_ceiling: sum(|cut| cut.over_ceiling)?,
                first_own: sum(|cut| cut.first_own)?,
                in_scope: sum(|cut| cut.in_scope)?,
            },
        })
    }

    /// How the centre split these lines, as far as they lie there.
    pub(crate) fn cuts_of(&self, lines: &[Shared<StayLine>]) -> Vec<LineCut> {
        let cut = |line: &Shared<StayLine>| {
            self.lines
                .get(&line.charge.serial)
                .map(|charged| charged.cut.clone())
        };
        lines.iter().filter_map(cut).collect()
    }

    /// Why these lines cannot be charged; every line is looked at as if those before it lay there.
    pub(crate) fn refuse_lines(
        &self,
        lines: &[Shared<StayLine>],
        settled_through: Option<u32>,
    ) -> Option<StayCause> {
        let mut there: BTreeMap<&LineSerial, &StayLine> = BTreeMap::new();
        for charged in self.lines.values() {
            there.insert(&charged.line.charge.serial, &charged.line);
        }
        for line in lines {
            let serial = || line.charge.serial.clone();
            if there
                .get(&line.charge.serial)
                .is_some_and(|known| !is_same(known, line))
            {
                return Some(StayCause::LineChanged { serial: serial() });
            }
            there.insert(&line.charge.serial, line);
            let Some(original) = &line.refunds else { continue };
            let known = there.get(original).filter(|known| known.refunds.is_none());
            let Some(known) = known else {
                let serial = original.clone();
                return Some(StayCause::UnknownLine { serial });
            };
            if self.covers(original, settled_through) && !self.covers(&line.charge.serial, settled_through) {
                let serial = original.clone();
                return Some(StayCause::LineSettled { serial });
            }
            let back = there
                .values()
                .filter(|other| other.refunds.as_ref() == Some(original));
            let left = Fen::sum(back.map(|other| other.charge.amount).chain([known.charge.amount]));
            if left.is_none_or(Fen::is_negative) {
                let serial = original.clone();
                return Some(StayCause::RefundedTooMuch { serial });
            }
        }
        None
    }

    /// The year to settle first, where the province wants years kept apart. A line that gives another back counts in the
    /// year of that one.
    pub(crate) fn refuse_year(
        &self,
        lines: &[Shared<StayLine>],
        settled_through: Option<u32>,
    ) -> Option<StayCause> {
        if !self.order.rules.settles_at_year_end {
            return None;
        }
        let open = self
            .lines
            .values()
            .filter(|charged| !is_settled(charged, settled_through));
        let new = lines
            .iter()
            .filter(|line| !self.lines.contains_key(&line.charge.serial));
        let mut years = open
            .map(|charged| &*charged.line)
            .chain(new.map(|line| &**line))
            .filter(|line| line.refunds.is_none())
            .map(|line| business_day(line.charge.at).year());
        let first = years.next()?;
        let other = years.find(|year| *year != first)?;
        Some(StayCause::YearToSettle {
            year: first.min(other),
        })
    }

    /// Why these lines cannot be taken back.
    pub(crate) fn refuse_withdrawal(
        &self,
        serials: Option<&[LineSerial]>,
        settled_through: Option<u32>,
    ) -> Option<StayCause> {
        for serial in serials.unwrap_or_default() {
            let serial = serial.clone();
            if self.covers(&serial, settled_through) {
                return Some(StayCause::LineSettled { serial });
            }
            if !self.lines.contains_key(&serial) && !self.uncertain.contains(&serial) {
                return Some(StayCause::UnknownLine { serial });
            }
        }
        None
    }

    /// Whether a standing settlement covers the line.
    fn covers(&self, serial: &LineSerial, settled_through: Option<u32>) -> bool {
        let known = self.lines.get(serial);
        known.is_some_and(|charged| is_settled(charged, settled_through))
    }

    /// The next call on the way to having these lines at the centre: what is in the way is cleared first.
    pub(crate) fn next_upload(&self, lines: &[Shared<StayLine>]) -> Option<Task> {
        if !self.uncertain.is_empty() {
            return Some(self.heal());
        }
        let missing = |line: &&Shared<StayLine>| !self.lines.contains_key(&line.charge.serial);
        let lines: Vec<Shared<StayLine>> = lines
            .iter()
            .filter(missing)
            .take(self.lines_per_call())
            .cloned()
            .collect();
        (!lines.is_empty()).then_some(Task::Upload { lines })
    }

    /// The next call on the way to having these lines gone.
    pub(crate) fn next_withdrawal(
        &self,
        serials: Option<&[LineSerial]>,
        settled_through: Option<u32>,
    ) -> Option<Task> {
        if !self.uncertain.is_empty() {
            return Some(self.heal());
        }
        let Some(named) = serials else {
            let open = |(_, charged): &(&LineSerial, &Shared<Charged>)| !is_settled(charged, settled_through);
            let serials: BTreeSet<LineSerial> = self
                .lines
                .iter()
                .filter(open)
                .map(|(serial, _)| serial.clone())
                .collect();
            return (!serials.is_empty()).then_some(Task::Withdraw {
                serials,
                all: true,
                heals: false,
            });
        };
        let there = |serial: &&LineSerial| self.lines.contains_key(*serial);
        let serials: BTreeSet<LineSerial> = named
            .iter()
            .filter(there)
            .take(self.lines_per_call())
            .cloned()
            .collect();
        (!serials.is_empty()).then_some(Task::Withdraw {
            serials,
            all: false,
            heals: false,
        })
    }

    fn lines_per_call(&self) -> usize {
        usize::from(self.order.rules.lines_per_call).max(1)
    }

    fn heal(&self) -> Task {
        Task::Withdraw {
            serials: self
                .uncertain
                .iter()
                .take(self.lines_per_call())
                .cloned()
                .collect(),
            all: false,
            heals: true,
        }
    }

    /// The centre took these lines, as far as it answered for them; `None` when it answered for others.
    pub(crate) fn with_lines(&self, sent: &[Shared<StayLine>], cuts: &[LineCut]) -> Option<Self> {
        let mut next = self.clone();
        next.revision = self.revision.saturating_add(1);
        if cuts.is_empty() {
            return None;
        }
        for cut in cuts {
            let line = sent.iter().find(|line| line.charge.serial == cut.serial)?;
            let charged = Shared::new(Charged {
                line: line.clone(),
                cut: cut.clone(),
                revision: next.revision,
            });
            next.lines.insert(line.charge.serial.clone(), charged);
        }
        Some(next)
    }

    /// These lines are gone.
    pub(crate) fn without(&self, serials: &BTreeSet<LineSerial>) -> Self {
        let mut next = self.clone();
        next.revision = self.revision.saturating_add(1);
        next.lines.retain(|serial, _| !serials.contains(serial));
        next.uncertain.retain(|serial| !serials.contains(serial));
        next
    }

    /// Nobody knows whether these lines lie there: they are taken back before anything else is done with lines.
    pub(crate) fn in_question(&self, serials: impl IntoIterator<Item = LineSerial>) -> Self {
        let mut next = self.clone();
        next.revision = self.revision.saturating_add(1);
        next.uncertain.extend(serials);
        next.lines.retain(|serial, _| !next.uncertain.contains(serial));
        next
    }
}

/// Whether both are the same line: what department or doctor it is told for may have changed with the stay.
fn is_same(one: &StayLine, other: &StayLine) -> bool {
    let content = |line: &StayLine| {
        let charge = &line.charge;
        let amounts = (charge.quantity, charge.unit_price, charge.amount);
        (
            charge.national_code.clone(),
            amounts,
            charge.at,
            line.refunds.clone(),
        )
    };
    content(one) == content(other)
}

fn is_settled(charged: &Charged, settled_through: Option<u32>) -> bool {
    settled_through.is_some_and(|through| charged.revision <= through)
}
