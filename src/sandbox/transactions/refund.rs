//! 2208, 2261 and 2103: the refund of a whole settlement.

use crate::fields::Fields;
use crate::json::Object;
use crate::refusal::Refusal;
use crate::store::{self, Facts, Settlement};
use crate::transactions::person::balance;
use crate::transactions::sheet::{Form, sheet};
use crate::transactions::{Context, Done};

pub(super) fn refund(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "mdtrt_id", "setl_id"])?;
    refund_as(context, &node, Form::Refund)
}

/// The refund, told in the form of its transaction.
pub(super) fn refund_as(context: &Context<'_>, node: &Fields, form: Form) -> Done {
    let person = context.person(node)?;
    let visit = context.visit(node, person)?;
    let bought = visit.kind.as_deref().is_some_and(|kind| kind.starts_with("41"));
    if bought != (form == Form::PurchaseRefund) {
        return Err(Refusal::business("就诊的医疗类别不属于该交易").into());
    }
    let id = node.text("setl_id")?;
    let original = store::find_settlement(context.db, &id)?
        .filter(|row| row.visit == visit.id && row.refund_of.is_none())
        .ok_or_else(|| Refusal::business(format!("未查询到结算信息[{id}]")))?;
    if original.refunded {
        return Err(Refusal::business("该结算已退费,不能重复退费").into());
    }
    let insurance = person
        .insured(&original.insurance)
        .ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
    let balance = balance(context, person, insurance)?
        .checked_add(original.split.account)
        .ok_or_else(|| Refusal::business("个人账户余额超出范围"))?;
    let row = Settlement {
        id: context.new_id()?,
        msgid: context.request.msgid.clone(),
        refund_of: Some(original.id.clone()),
        at: context.time(),
        split: original.split.negated(),
        facts: Facts {
            balance,
            operator: context.request.operator.clone(),
            operator_name: context.request.operator_name.clone(),
            ..original.facts.clone()
        },
        ..original.clone()
    };
    store::add_settlement(context.db, &row)?;
    store::mark_refunded(context.db, &original.id, true)?;
    store::release_lines(context.db, &original.id)?;
    let out: Object = sheet(context, person, &row, form)?;
    Ok(Some(out))
}
