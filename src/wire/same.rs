//! Whether an answer speaks of whom and what was asked.

use zhijie_model::{MessageId, Payer, VisitId};

use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

pub(crate) fn same_person(answered: &Text, node: &'static str, payer: &Payer) -> Result<(), Unreadable> {
    same(answered, node, "psn_no", payer.number.as_str())
}

pub(crate) fn same_visit(answered: &Text, node: &'static str, visit_id: &VisitId) -> Result<(), Unreadable> {
    same(answered, node, "mdtrt_id", visit_id.as_str())
}

pub(crate) fn same_message(
    answered: &Text,
    node: &'static str,
    message_id: &MessageId,
) -> Result<(), Unreadable> {
    same(answered, node, "medins_setl_id", message_id.as_str())
}

/// Nothing answered contradicts nothing.
pub(crate) fn same(
    answered: &Text,
    node: &'static str,
    field: &'static str,
    asked: &str,
) -> Result<(), Unreadable> {
    match answered.get(at(node, field))? {
        Some(text) if text != asked => Err(Unreadable::OtherPersons { node, field }),
        Some(_) | None => Ok(()),
    }
}
