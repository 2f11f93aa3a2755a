//! What a settlement query proves about one message.

use zhijie_model::{MessageId, PlatformWords, QueryRow, Settlement};

use crate::state::Case;

/// What a settlement query says about one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    Stands(Box<Settlement>),
    Refunded(PlatformWords),
    Foreign,
    Nothing,
}

/// Looks for the settlement that `subject` made: the message id echoed by the centre decides, and the total must be
/// the bill's. A row that names no message cannot be told from another desk's and counts as foreign.
pub(crate) fn find(rows: &[QueryRow], subject: &MessageId, case: &Case) -> Finding {
    let ours = |row: &&QueryRow| row.settlement.message_id.as_ref() == Some(subject);
    if let Some(row) = rows.iter().find(ours) {
        if row.refunded {
            return Finding::Refunded(row.settlement.platform.clone());
        }
        if row.settlement.split.total() == case.order.bill.total() {
            return Finding::Stands(Box::new(row.settlement.clone()));
        }
        return Finding::Foreign;
    }
    let total = case.order.bill.total();
    // A visit the settlement itself made holds that one settlement: with another total it is another purchase.
    let elsewhere =
        |row: &QueryRow| case.order.road.settlement_makes_visit() && row.settlement.split.total() != total;
    let unnamed = |row: &QueryRow| !row.refunded && row.settlement.message_id.is_none() && !elsewhere(row);
    if rows.iter().any(unnamed) {
        Finding::Foreign
    } else {
        Finding::Nothing
    }
}
