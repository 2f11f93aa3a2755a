//! 3301 and 3302: own items told to the centre, and taken back; and what a fee line of an unmapped item meets.

use crate::fields::Fields;
use crate::listing;
use crate::options::Unmapped;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Mapping};
use crate::transactions::{Context, Done};

/// Under either name of the node, as rows or as one.
fn rows(context: &Context<'_>) -> Result<Vec<Fields>, Refusal> {
    let input = &context.request.input;
    input.list("catalogcompin").or_else(|_| input.list("data"))
}

pub(super) fn map(context: &Context<'_>) -> Done {
    for row in rows(context)? {
        row.need(&[
            "fixmedins_hilist_id",
            "fixmedins_hilist_name",
            "list_type",
            "med_list_codg",
            "begndate",
        ])?;
        let (own, national) = (row.text("fixmedins_hilist_id")?, row.text("med_list_codg")?);
        let kind = row.text("list_type")?;
        let item = context
            .data
            .catalogue
            .get(&national)
            .ok_or_else(|| Refusal::business(format!("医疗目录编码[{national}]不存在")))?;
        if listing::kind_of(item) != kind {
            return Err(Refusal::business(format!("目录类别[{kind}]与医疗目录编码[{national}]不符")).into());
        }
        if store::is_withdrawn(context.db, &national)? {
            return Err(Refusal::business(format!("医疗目录编码[{national}]已停用")).into());
        }
        let other = standing(context, &own)?
            .into_iter()
            .find(|held| held.national != national);
        if let Some(other) = other.filter(|_| context.options.remap_needs_withdrawal) {
            let held = other.national;
            return Err(Refusal::business(format!("目录[{own}]已对照[{held}],请先撤销对照")).into());
        }
        let mapping = Mapping {
            name: row.text("fixmedins_hilist_name")?,
            begin: row.date("begndate")?.to_string(),
            ends: row.optional_date("enddate")?.map(|day| day.to_string()),
            stands: true,
            updated: context.time(),
            own,
            national,
            kind,
        };
        withdraw_others(context, &mapping)?;
        store::put_mapping(context.db, &context.request.institution, &mapping)?;
    }
    Ok(None)
}

/// One own code is one national code at a time.
fn withdraw_others(context: &Context<'_>, mapping: &Mapping) -> Result<(), Fail> {
    for mut other in standing(context, &mapping.own)? {
        if other.national != mapping.national {
            other.stands = false;
            other.updated = context.time();
            store::put_mapping(context.db, &context.request.institution, &other)?;
        }
    }
    Ok(())
}

pub(super) fn withdraw(context: &Context<'_>) -> Done {
    for row in rows(context)? {
        row.need(&[
            "fixmedins_code",
            "fixmedins_hilist_id",
            "list_type",
            "med_list_codg",
        ])?;
        if row.text("fixmedins_code")? != context.request.institution {
            return Err(row.wrong("fixmedins_code").into());
        }
        let (own, national) = (row.text("fixmedins_hilist_id")?, row.text("med_list_codg")?);
        let held = standing(context, &own)?
            .into_iter()
            .find(|held| held.national == national);
        let mut held = held.ok_or_else(|| Refusal::business(format!("目录[{own}]没有有效的对照")))?;
        held.stands = false;
        held.updated = context.time();
        store::put_mapping(context.db, &context.request.institution, &held)?;
    }
    Ok(None)
}

fn standing(context: &Context<'_>, own: &str) -> Result<Vec<Mapping>, Fail> {
    let mut held = store::mappings(context.db, &context.request.institution)?;
    held.retain(|mapping| mapping.stands && mapping.own == own);
    Ok(held)
}

/// Whether a fee line counts with its national code: its own code is mapped to it, or nobody asks.
pub(super) fn counts(context: &Context<'_>, own: &str, national: &str) -> Result<bool, Fail> {
    let policy = context.options.unmapped;
    if policy == Unmapped::Accept {
        return Ok(true);
    }
    let mapped = standing(context, own)?
        .iter()
        .any(|held| held.national == national);
    if !mapped && policy == Unmapped::Refuse {
        return Err(Refusal::business(format!("医药机构目录编码[{own}]未对照")).into());
    }
    Ok(mapped)
}
