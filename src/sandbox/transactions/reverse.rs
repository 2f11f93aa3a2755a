//! 2601: undoes the effect of one message, for callers who do not know how it ended.

use crate::refusal::{Fail, Refusal};
use crate::store::{self, Settlement};
use crate::transactions::{Context, Done, stay};

pub(super) fn reverse(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "omsgid", "oinfno"])?;
    let person = context.person(&node)?;
    let target = node.text("omsgid")?;
    let message = store::find_message(context.db, &target)?
        .filter(|message| message.done)
        .ok_or_else(|| Refusal::reversal("未查询到原交易信息"))?;
    if family(&message.infno) != family(&node.text("oinfno")?) {
        return Err(Refusal::reversal("原交易编号与原交易报文不一致").into());
    }
    if message.person.as_deref() != Some(person.number.as_str()) {
        return Err(Refusal::reversal("人员编号与原交易不一致").into());
    }
    let row = || -> Result<Settlement, Fail> {
        Ok(store::settlement_of_message(context.db, &target)?
            .ok_or_else(|| Refusal::reversal("原交易已冲正"))?)
    };
    match family(&message.infno) {
        "2102" | "2260" => reverse_purchase(context, &row()?),
        "2401" => stay::reverse_admission(context, &target),
        "2304" => reverse_part(context, &row()?),
        "2305" => reverse_part_refund(context, &row()?),
        "2207" => reverse_settlement(context, &row()?),
        "2103" | "2208" | "2261" => reverse_refund(context, &row()?),
        other => Err(Refusal::reversal(format!("交易[{other}]不支持冲正")).into()),
    }
}

/// A settlement reversed was never made.
fn reverse_settlement(context: &Context<'_>, row: &Settlement) -> Done {
    if row.refunded {
        return Err(Refusal::reversal("结算信息退费结算标志不为未退费").into());
    }
    store::mark_reversed(context.db, &row.id)?;
    store::release_lines(context.db, &row.id)?;
    Ok(None)
}

/// A purchase reversed takes its visit along.
fn reverse_purchase(context: &Context<'_>, row: &Settlement) -> Done {
    let done = reverse_settlement(context, row)?;
    store::remove_lines(context.db, &row.visit, None)?;
    store::cancel_visit(context.db, &row.visit)?;
    Ok(done)
}

/// A part of a stay is taken back only while it is the latest that stands.
fn reverse_part(context: &Context<'_>, row: &Settlement) -> Done {
    let standing = store::standing(context.db, &row.visit)?;
    if !row.refunded && standing.last().is_some_and(|last| last.id != row.id) {
        return Err(Refusal::reversal("该住院存在后续结算").into());
    }
    reverse_settlement(context, row)
}

/// A refund of a part is taken back only where the stay is still as the part left it.
fn reverse_part_refund(context: &Context<'_>, row: &Settlement) -> Done {
    let later = store::standing(context.db, &row.visit)?
        .iter()
        .any(|other| other.id.as_str() > row.refund_of.as_deref().unwrap_or_default());
    let stay = store::find_stay(context.db, &row.visit)?;
    let discharged = stay.is_some_and(|stay| stay.ended.is_some());
    if later {
        return Err(Refusal::reversal("该住院已重新结算").into());
    }
    if !context.options.settles_before_discharge && discharged == row.facts.interim {
        return Err(Refusal::reversal("住院状态已变更,不支持冲正").into());
    }
    reverse_refund(context, row)
}

/// A refund reversed lets the settlement stand again.
fn reverse_refund(context: &Context<'_>, row: &Settlement) -> Done {
    let original = row.refund_of.as_deref().unwrap_or_default();
    if store::standing_of_batch(context.db, &row.visit, &row.batch)?.is_some() {
        return Err(Refusal::reversal("该收费批次已重新结算").into());
    }
    let total = store::settle_lines(context.db, &row.visit, &row.batch, original)?;
    if total.negated() != row.split.total {
        return Err(Refusal::reversal("原结算的费用明细已撤销").into());
    }
    store::mark_reversed(context.db, &row.id)?;
    store::mark_refunded(context.db, original, false)?;
    Ok(None)
}

/// The transaction without the letter of its variant.
fn family(infno: &str) -> &str {
    infno.get(..4).unwrap_or(infno)
}
