//! What a statement says about one doubt. Pure: the rows, how far the statement reaches, the province's rules.

use jiff::civil::{Date, DateTime};
use zhijie_model::{RowVerdict, StatementRow};
use zhijie_settlement::{Listed, Stated};
use zhijie_wire::StatementRules;

use super::doubtful::{Placed, Sure};

/// How far a statement reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// First and last day it was asked for.
    pub days: (Date, Date),
    /// When the centre made it, by its own clock; Beijing.
    pub made_at: Option<DateTime>,
}

/// What the statement says, with the seconds it may be behind the books; `None`: it contradicts itself, and says nothing.
#[must_use]
pub fn judge(
    placed: &Placed,
    rows: &[StatementRow],
    reach: Reach,
    rules: &StatementRules,
) -> Option<(u32, Stated)> {
    let behind_s = behind_s(reach, rules);
    let subject = &placed.doubtful.subject;
    let ours: Vec<&StatementRow> = rows
        .iter()
        .filter(|row| row.message.as_ref() == Some(subject))
        .collect();
    let Some(first) = ours.first() else {
        let complete = is_complete(placed, rows, reach, rules);
        return Some((behind_s, Stated::Unlisted { complete }));
    };
    // We told the centre nothing of it, so it can only be a row the centre has more.
    let consistent = |row: &&&StatementRow| row.verdict == RowVerdict::CentreMore && row.visit == first.visit;
    if !ours.iter().all(|row| consistent(&row)) {
        return None;
    }
    let refunded = ours.iter().any(|row| row.refunded);
    if !refunded && ours.len() > 1 {
        return None;
    }
    let totals = first.totals.filter(|_| refunded || !is_taken_back(first, rows));
    let listed = Listed {
        settlement: first.settlement.clone(),
        visit: first.visit.clone(),
        refunded,
        totals,
    };
    Some((behind_s, Stated::Listed(Box::new(listed))))
}

/// Whether another row of the visit gives these amounts back: then a person has to see what stands.
fn is_taken_back(row: &StatementRow, rows: &[StatementRow]) -> bool {
    let back =
        |other: &&StatementRow| other.refunded && other.visit == row.visit && other.message != row.message;
    rows.iter()
        .filter(back)
        .any(|other| match (row.totals, other.totals) {
            (Some(totals), Some(theirs)) => theirs.total == totals.total.negated(),
            _ => true,
        })
}

/// Whether every row that could name the message would be here.
fn is_complete(placed: &Placed, rows: &[StatementRow], reach: Reach, rules: &StatementRules) -> bool {
    let covered = placed
        .from
        .is_some_and(|from| reach.days.0 <= from && from <= reach.days.1);
    let made_on_the_last_day = reach.made_at.is_some_and(|at| at.date() == reach.days.1);
    // The centre lacks something that stands: it is behind, or this is another group.
    let lacks = rows.iter().any(|row| row.verdict == RowVerdict::HospitalMore);
    let refund_shows = placed.doubtful.refunds.as_ref().is_some_and(|refunds| {
        let about = |row: &StatementRow| {
            row.settlement.as_ref() == Some(&refunds.settlement)
                || row.message.as_ref() == Some(&refunds.message)
        };
        rows.iter().any(about)
    });
    placed.sure == Sure::Yes
        && rules.absence_is_evidence
        && covered
        && made_on_the_last_day
        && !lacks
        && !refund_shows
}

/// Seconds the statement may be behind the books. Where the current day is not complete, its books end with the day before.
fn behind_s(reach: Reach, rules: &StatementRules) -> u32 {
    let Some(made_at) = reach.made_at else {
        return u32::MAX;
    };
    let today_s = if rules.same_day {
        0
    } else {
        let (hour, minute, second) = (made_at.hour(), made_at.minute(), made_at.second());
        let parts = [i64::from(hour) * 3600, i64::from(minute) * 60, i64::from(second)];
        u32::try_from(parts.iter().sum::<i64>()).unwrap_or(u32::MAX)
    };
    rules.lag_max_s.saturating_add(today_s)
}
