//! 2301, 2302: fee lines of a stay. A refund line takes back what is left of the line it names, to the fen.

use zhijie_model::{Fen, Quantity, line_amount};

use crate::catalogue::{Item, LineCut, cut_line};
use crate::fields::Fields;
use crate::json::Object;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Line};
use crate::transactions::lines::result;
use crate::transactions::{Context, Done};

const NEEDED: [&str; 15] = [
    "feedetl_sn",
    "mdtrt_id",
    "psn_no",
    "med_type",
    "fee_ocur_time",
    "med_list_codg",
    "medins_list_codg",
    "det_item_fee_sumamt",
    "cnt",
    "pric",
    "bilg_dept_codg",
    "bilg_dept_name",
    "bilg_dr_codg",
    "bilg_dr_name",
    "hosp_appr_flag",
];

/// Serial that means every unsettled line, and the batch of lines that are in none yet.
const ALL_LINES: &str = "0000";
const UNSETTLED: &str = "";

pub(super) fn upload(context: &Context<'_>) -> Done {
    let rows = context.request.input.list("feedetail")?;
    let mut results = Vec::with_capacity(rows.len());
    for row in &rows {
        row.need(&NEEDED)?;
        results.push(upload_line(context, row)?);
    }
    Ok(Some(Object::new().with("result", results)))
}

fn upload_line(context: &Context<'_>, row: &Fields) -> Result<Object, Fail> {
    let person = context.person(row)?;
    let (visit, stay) = context.stay(row, person)?;
    let year = row.time("fee_ocur_time")?.year().to_string();
    if visit.kind.as_deref() != Some(row.text("med_type")?.as_str()) {
        return Err(Refusal::business("医疗类别与入院登记不一致").into());
    }
    if stay.ended.is_some() || context.final_settlement(&visit.id)?.is_some() {
        return Err(Refusal::business("该住院已办理出院或已结算,不能上传费用明细").into());
    }
    let serial = row.text("feedetl_sn")?;
    if serial == ALL_LINES {
        return Err(row.wrong("feedetl_sn").into());
    }
    if store::serial_exists(context.db, &visit.id, &serial)? {
        return Err(Refusal::business(format!("费用明细流水号[{serial}]重复")).into());
    }
    let (amount, quantity, price) = (
        row.fen("det_item_fee_sumamt")?,
        row.quantity("cnt")?,
        row.price("pric")?,
    );
    let expected = line_amount(quantity, price).map_err(|_| row.wrong("pric"))?;
    if expected.abs_diff(amount) > 1 {
        return Err(Refusal::business(format!("费用明细[{serial}]金额不等于数量乘以单价")).into());
    }
    let item = context.data.catalogue.get(&row.text("med_list_codg")?);
    let approved = row.text("hosp_appr_flag")? != "2";
    let counted = item.filter(|_| approved);
    let cut = match row.optional("init_feedetl_sn")? {
        Some(original) => refund_cut(context, row, (&visit.id, &original), counted)?,
        None if quantity.scaled() <= 0 || price.scaled() < 0 || amount.is_negative() => {
            return Err(Refusal::business(format!("费用明细[{serial}]数量、单价或金额不是正数")).into());
        }
        None => cut_line(amount, quantity, counted).map_err(|_| row.wrong("det_item_fee_sumamt"))?,
    };
    if context.options.settles_at_year_end
        && row.optional("init_feedetl_sn")?.is_none()
        && let Some(open) = store::open_year(context.db, &visit.id)?
        && open != year
    {
        let text = format!("该住院存在{open}年度未结算费用,请先办理年度中途结算");
        return Err(Refusal::business(text).into());
    }
    let line = Line {
        serial,
        batch: String::from(UNSETTLED),
        disease: None,
        cut,
        record: row.source(),
    };
    store::add_line(context.db, &visit.id, &line)?;
    Ok(result(&line, item, approved, (quantity, price)))
}

/// The cut of a refund line: what the cut of the original loses, so that a line given back bit by bit ends at nothing.
fn refund_cut(
    context: &Context<'_>,
    row: &Fields,
    (visit, original): (&str, &str),
    item: Option<&Item>,
) -> Result<LineCut, Fail> {
    let said = |text: &str| Refusal::business(format!("冲减的原费用明细[{original}]{text}"));
    let found = store::original(context.db, visit, original)?
        .filter(|found| !found.refunds)
        .ok_or_else(|| said("不存在"))?;
    if found.settled {
        return Err(said("已结算").into());
    }
    let first = Fields::parse("feedetail", &found.record)?;
    for name in ["med_list_codg", "hosp_appr_flag"] {
        if first.text(name)? != row.text(name)? {
            return Err(said("与冲减明细项目不一致").into());
        }
    }
    if first.price("pric")? != row.price("pric")? {
        return Err(said("与冲减明细单价不一致").into());
    }
    let mut left = (first.fen("det_item_fee_sumamt")?, first.quantity("cnt")?);
    for earlier in store::refunds_of(context.db, visit, original)? {
        left = after(left, &Fields::parse("feedetail", &earlier)?)?;
    }
    let then = after(left, row)?;
    let negative = row.fen("det_item_fee_sumamt")?.is_negative() && row.quantity("cnt")?.scaled() < 0;
    let emptied = then.1.scaled() == 0 && !then.0.is_zero();
    if !negative || then.0.is_negative() || then.1.scaled() < 0 || emptied {
        return Err(said("剩余数量或金额不足").into());
    }
    let cut = |(amount, quantity): (Fen, Quantity)| {
        cut_line(amount, quantity, item).map_err(|_| row.wrong("det_item_fee_sumamt"))
    };
    let (was, is) = (cut(left)?, cut(then)?);
    let lost = |of: fn(&LineCut) -> Fen| {
        of(&is)
            .checked_sub(of(&was))
            .ok_or_else(|| row.wrong("det_item_fee_sumamt"))
    };
    Ok(LineCut {
        amount: lost(|cut| cut.amount)?,
        own_expense: lost(|cut| cut.own_expense)?,
        over_ceiling: lost(|cut| cut.over_ceiling)?,
        first_own: lost(|cut| cut.first_own)?,
        in_scope: lost(|cut| cut.in_scope)?,
    })
}

/// What a line still holds after `refund`.
fn after((amount, quantity): (Fen, Quantity), refund: &Fields) -> Result<(Fen, Quantity), Refusal> {
    let left = refund.fen("det_item_fee_sumamt")?;
    let left = amount
        .checked_add(left)
        .ok_or_else(|| refund.wrong("det_item_fee_sumamt"))?;
    let scaled = quantity.scaled().saturating_add(refund.quantity("cnt")?.scaled());
    Ok((
        left,
        Quantity::from_scaled(scaled).map_err(|_| refund.wrong("cnt"))?,
    ))
}

pub(super) fn withdraw(context: &Context<'_>) -> Done {
    let rows = context.request.input.list("data")?;
    for row in &rows {
        row.need(&["feedetl_sn", "mdtrt_id", "psn_no"])?;
        let person = context.person(row)?;
        let (visit, _) = context.stay(row, person)?;
        let serial = row.text("feedetl_sn")?;
        if serial == ALL_LINES {
            store::remove_lines(context.db, &visit.id, None)?;
        } else if !store::refunds_of(context.db, &visit.id, &serial)?.is_empty()
            && !withdrawn_too(context, &rows, (&visit.id, &serial))?
        {
            let text = format!("费用明细[{serial}]存在冲减明细,请先撤销冲减明细");
            return Err(Refusal::business(text).into());
        } else if !store::remove_line(context.db, &visit.id, &serial)? {
            return Err(Refusal::business(format!("费用明细[{serial}]不存在或已结算")).into());
        }
    }
    Ok(None)
}

/// Whether the same request takes back every line that refunds this one.
fn withdrawn_too(
    context: &Context<'_>,
    rows: &[Fields],
    (visit, serial): (&str, &str),
) -> Result<bool, Fail> {
    for refund in store::refunds_of(context.db, visit, serial)? {
        let refund = Fields::parse("feedetail", &refund)?.text("feedetl_sn")?;
        let named = |row: &Fields| row.text("feedetl_sn").is_ok_and(|named| named == refund);
        if !rows.iter().any(named) {
            return Ok(false);
        }
    }
    Ok(true)
}
