//! What this desk's ledger holds of some days: its settlements and refunds, and how whose settlements were cleared. Reads
//! through a connection of its own and never holds the loop up.

use std::path::Path;

use jiff::civil::Date;
use zhijie_ledger::{Ledger, Reader};
use zhijie_model::{BillId, Fen, InsuranceType, MessageId, OwnRow, Refund, StatedTotals, StatementRow};
use zhijie_settlement::{Settled, State, fold};
use zhijie_wire::responded_at;

use super::doubtful::{Doubtful, Group, Whose, group_of};
use crate::core::read_record;

/// Bills that are looked at, the latest first.
const BILLS_MAX: u32 = 5_000;

/// One row with its group and its day, by the centre's clock.
#[derive(Debug, Clone)]
pub(crate) struct Dated {
    pub(crate) day: Date,
    pub(crate) group: Group,
    pub(crate) insurance: InsuranceType,
    /// What a family member's account paid beside the own one.
    pub(crate) mutual_aid: Fen,
    /// It was refunded, or is a refund.
    pub(crate) undone: bool,
    pub(crate) row: OwnRow,
}

/// What the ledger holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Own {
    pub(crate) rows: Vec<Dated>,
    /// Days of settlements of which no answer told group or refund whole: no row above is theirs, or one too few.
    pub(crate) partial: Vec<Date>,
    /// Latest first.
    pub(crate) seen: Vec<(Whose, Group)>,
    /// Of each doubt, when the centre answered its trial.
    pub(crate) tried: Vec<(MessageId, Option<Date>)>,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Reads the ledger. Blocks on the disk.
pub(crate) fn read(ledger: &Path, doubts: &[Doubtful]) -> Result<Own, Failed> {
    let reader = Ledger::open_read_only(ledger)?;
    let mut own = Own::default();
    for bill in reader.bills(BILLS_MAX)? {
        // Stays and filings have records of their own kind; their settlements are bills.
        if let Some(settled) = folded(&reader, &bill.bill)? {
            own.take(&settled);
        }
    }
    for doubt in doubts {
        let reply = reader.reply(&doubt.trial)?;
        let day = reply
            .and_then(|reply| responded_at(&reply.body))
            .map(|at| at.date());
        own.tried.push((doubt.subject.clone(), day));
    }
    Ok(own)
}

/// Messages of `rows` that are numbered as this desk's and are not in its ledger. Blocks on the disk.
pub(crate) fn strangers(ledger: &Path, rows: &[StatementRow]) -> Result<Vec<MessageId>, Failed> {
    let reader = Ledger::open_read_only(ledger)?;
    let mut found = Vec::new();
    for message in rows.iter().filter_map(|row| row.message.as_ref()) {
        if reader.is_strangers(message)? && !found.contains(message) {
            found.push(message.clone());
        }
    }
    Ok(found)
}

fn folded(reader: &Reader, bill: &BillId) -> Result<Option<State>, Failed> {
    let mut history = Vec::new();
    for record in reader.records(bill)? {
        history.extend(read_record(&record)?);
    }
    let state = fold(&history);
    Ok(state.settled().is_some().then_some(state))
}

impl Own {
    fn take(&mut self, state: &State) {
        let Some(settled) = state.settled() else { return };
        let day = settled.settlement.settled_at.date();
        let Some(group) = group_of(&settled.settlement.clearing) else {
            self.partial.push(day);
            return;
        };
        self.seen.push((Whose::of(&settled.case.order), group.clone()));
        let split = &settled.settlement.split;
        let dated = Dated {
            day,
            group,
            insurance: settled.case.order.payer.insurance.clone(),
            mutual_aid: if split.mutual_aid_is_inside() {
                Fen::ZERO
            } else {
                split.parts().mutual_aid
            },
            undone: matches!(state, State::Cancelled { .. }),
            row: row_of(settled),
        };
        if let State::Cancelled { refund, .. } = state {
            match refund.as_ref().and_then(|refund| back(&dated, refund)) {
                Some(back) => self.rows.push(back),
                None => self.partial.push(day),
            }
        }
        self.rows.push(dated);
    }

    /// The rows of a group from a day on.
    pub(crate) fn of(&self, group: &Group, from: Date) -> Vec<OwnRow> {
        let rows = self.rows.iter();
        let rows = rows.filter(|dated| dated.group == *group && dated.day >= from);
        rows.map(|dated| dated.row.clone()).collect()
    }
}

fn row_of(settled: &Settled) -> OwnRow {
    let parts = settled.settlement.split.parts();
    OwnRow {
        settlement: settled.settlement.id.clone(),
        visit: settled.settlement.visit_id.clone(),
        person: settled.case.order.payer.number.clone(),
        totals: StatedTotals {
            total: parts.total,
            funds: parts.fund_total,
            account: parts.account,
        },
        refund: false,
    }
}

/// The row of a refund of the whole.
fn back(dated: &Dated, refund: &Refund) -> Option<Dated> {
    let totals = &dated.row.totals;
    if refund.total != totals.total.negated() {
        return None;
    }
    Some(Dated {
        day: refund.refunded_at.date(),
        mutual_aid: dated.mutual_aid.negated(),
        row: OwnRow {
            settlement: refund.id.clone(),
            totals: StatedTotals {
                total: refund.total,
                funds: totals.funds.negated(),
                account: totals.account.negated(),
            },
            refund: true,
            ..dated.row.clone()
        },
        ..dated.clone()
    })
}
