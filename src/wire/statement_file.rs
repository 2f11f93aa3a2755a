//! The result file of 3202 (interface reference, 5.7): the rows in which centre and hospital differ.

use thiserror::Error;
use zhijie_model::{Fen, MessageId, RowVerdict, SettlementId, StatedTotals, StatementRow, VisitId};

use crate::profile::Profile;
use crate::statement_rules::StatementColumns;
use crate::unzip::{ZipFault, ZipLimits, ZipText};

/// Largest file that is read, unpacked, and most rows of it.
const LIMITS: ZipLimits = ZipLimits {
    bytes_max: 64 * 1024 * 1024,
    ratio_max: 250,
};
const ROWS_MAX: usize = 200_000;
/// Person, visit, settlement, message, verdict, mark of refund. A memo follows, then amounts where the layout has them.
const COLUMNS_MIN: usize = 6;

/// Why a statement is not believed. Nothing in it may be used, not even the rows that were read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StatementFault {
    #[error("{0}")]
    Zip(#[from] ZipFault),
    #[error("line {line} has {found} columns, {COLUMNS_MIN} are needed")]
    TooFewColumns { line: usize, found: usize },
    #[error("line {line} has no verdict that is known")]
    Verdict { line: usize },
    #[error("line {line} has no mark of refund that is known")]
    RefundMark { line: usize },
    #[error("line {line} has an amount that cannot be read")]
    Amount { line: usize },
    /// What a file of the other column order looks like.
    #[error(
        "line {line} says that a refunded row is balanced; the columns may stand in another order than the profile's"
    )]
    ColumnOrder { line: usize },
    #[error("more than {ROWS_MAX} rows")]
    TooManyRows,
    #[error("the profile has no [reconciliation]")]
    NoRules,
}

/// Reads the whole file.
///
/// # Errors
/// [`StatementFault`]; fetching it again, or asking for another, does no harm.
pub fn read_statement(file: &[u8], profile: &Profile) -> Result<Vec<StatementRow>, StatementFault> {
    let rules = profile.reconciliation.as_ref().ok_or(StatementFault::NoRules)?;
    let mut text = ZipText::open(file, LIMITS)?;
    let mut rows = Vec::new();
    let mut line = 0_usize;
    while let Some(told) = text.next_line()? {
        line = line.saturating_add(1);
        if told.trim().is_empty() {
            continue;
        }
        if rows.len() >= ROWS_MAX {
            return Err(StatementFault::TooManyRows);
        }
        rows.push(row(told, line, rules.columns, profile.fund_includes_account)?);
    }
    Ok(rows)
}

fn row(
    told: &str,
    line: usize,
    columns: StatementColumns,
    funds_with_account: bool,
) -> Result<StatementRow, StatementFault> {
    let cells: Vec<&str> = told.split('\t').collect();
    if cells.len() < COLUMNS_MIN {
        let found = cells.len();
        return Err(StatementFault::TooFewColumns { line, found });
    }
    let cell = |at: usize| {
        let text = cells.get(at).map(|text| text.trim());
        text.filter(|text| !text.is_empty() && *text != "null")
    };
    let (verdict_at, mark_at) = match columns {
        StatementColumns::VerdictFirst => (4, 5),
        StatementColumns::RefundFirst => (5, 4),
    };
    let verdict = cell(verdict_at)
        .and_then(verdict)
        .ok_or(StatementFault::Verdict { line })?;
    let refunded = cell(mark_at)
        .and_then(mark)
        .ok_or(StatementFault::RefundMark { line })?;
    if refunded && verdict == RowVerdict::Balanced {
        return Err(StatementFault::ColumnOrder { line });
    }
    Ok(StatementRow {
        verdict,
        message: cell(3).and_then(|id| MessageId::new(id).ok()),
        settlement: cell(2).and_then(|id| SettlementId::new(id).ok()),
        visit: cell(1).and_then(|id| VisitId::new(id).ok()),
        refunded,
        totals: totals([cell(7), cell(8), cell(9)], funds_with_account)
            .map_err(|()| StatementFault::Amount { line })?,
    })
}

/// Two code lists are in use: one digit, and six with the same meaning.
fn verdict(code: &str) -> Option<RowVerdict> {
    match code {
        "0" | "000000" => Some(RowVerdict::Balanced),
        "1" | "000101" => Some(RowVerdict::CentreMore),
        "2" | "000102" => Some(RowVerdict::HospitalMore),
        "3" | "000103" => Some(RowVerdict::Differs),
        _ => None,
    }
}

/// 0 未退费, 1 已退费; also written with three digits.
fn mark(code: &str) -> Option<bool> {
    match code {
        "0" | "000" => Some(false),
        "1" | "001" => Some(true),
        _ => None,
    }
}

/// All three amounts or none.
fn totals(cells: [Option<&str>; 3], funds_with_account: bool) -> Result<Option<StatedTotals>, ()> {
    let [Some(total), Some(funds), Some(account)] = cells else {
        return Ok(None);
    };
    let yuan = |text: &str| Fen::from_yuan(text).map_err(|_| ());
    let (total, mut funds, account) = (yuan(total)?, yuan(funds)?, yuan(account)?);
    if funds_with_account {
        funds = funds.checked_sub(account).ok_or(())?;
    }
    Ok(Some(StatedTotals {
        total,
        funds,
        account,
    }))
}
