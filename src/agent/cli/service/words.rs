//! The agent's state in a line.

use crate::core::Figures;

pub(super) fn words(figures: &Figures) -> String {
    let state = if figures.ledger_down {
        "账本不可写 the ledger cannot be written"
    } else {
        "正常 ok"
    };
    format!(
        "{state}; 待查 in doubt {}, 待人工 for a person {}, 待结算 deferred {}",
        figures.open_doubts, figures.needs_clerk, figures.queued
    )
}
