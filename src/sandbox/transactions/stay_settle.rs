//! 2303, 2304, 2305: a stay is tried, settled as a whole or in parts, and refunded, the latest part first.

use zhijie_model::Fen;

use crate::fields::Fields;
use crate::json::Object;
use crate::people::Person;
use crate::policy::Setting;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Facts, Settlement};
use crate::transactions::person::{balance, check_credential};
use crate::transactions::settle::{Terms, check_copied, split};
use crate::transactions::sheet::{Form, sheet};
use crate::transactions::{Context, Done, refund};

const NEEDED: [&str; 9] = [
    "psn_no",
    "mdtrt_cert_type",
    "mdtrt_cert_no",
    "medfee_sumamt",
    "psn_setlway",
    "mdtrt_id",
    "insutype",
    "acct_used_flag",
    "mid_setl_flag",
];

pub(super) fn trial(context: &Context<'_>) -> Done {
    let node = context.data_node(&NEEDED)?;
    let person = context.person(&node)?;
    let row = calculate(context, &node, person, String::new())?;
    sheet(context, person, &row, Form::Trial).map(Some)
}

pub(super) fn settle(context: &Context<'_>) -> Done {
    let node = context.data_node(&NEEDED)?;
    let person = context.person(&node)?;
    let id = context.new_id()?;
    let row = calculate(context, &node, person, id)?;
    store::add_settlement(context.db, &row)?;
    store::settle_stay_lines(context.db, &row.visit, &row.id)?;
    let out: Object = sheet(context, person, &row, Form::Settled)?;
    Ok(Some(out))
}

/// Everything but the commit.
fn calculate(context: &Context<'_>, node: &Fields, person: &Person, id: String) -> Result<Settlement, Fail> {
    let insurance = context.insurance(person, &node.text("insutype")?)?;
    check_credential(context, node, person)?;
    let (visit, stay) = context.stay(node, person)?;
    let kind = visit.kind.clone().unwrap_or_default();
    if node.optional("med_type")?.is_some_and(|given| given != kind) {
        return Err(Refusal::business("医疗类别与入院登记不一致").into());
    }
    if visit.insurance != insurance.kind {
        return Err(Refusal::business("险种类型与入院登记不一致").into());
    }
    let interim = node.text("mid_setl_flag")? == "1";
    in_order(context, node, (&visit.id, stay.ended.is_some()), interim)?;
    let cuts = store::unsettled_cuts(context.db, &visit.id)?;
    let total = node.fen("medfee_sumamt")?;
    if cuts.is_empty() || Fen::sum(cuts.iter().map(|cut| cut.amount)) != Some(total) {
        return Err(Refusal::business("医疗费总额与已上传的费用明细合计不一致").into());
    }
    if total.is_negative() {
        return Err(Refusal::business("医疗费总额为负数,不能结算").into());
    }
    let began = visit.began.get(..10).and_then(|day| day.parse().ok());
    let standing = store::standing(context.db, &visit.id)?;
    let deductible = Fen::sum(standing.iter().map(|row| row.split.deductible));
    let terms = Terms {
        kind: kind.clone(),
        day: began.unwrap_or_else(|| context.civil().date()),
        deductible_so_far: deductible,
    };
    let before = balance(context, person, insurance)?;
    let split = split(context, node, (person, insurance), &cuts, &terms)?;
    check_copied(node, &split)?;
    let after = before
        .checked_sub(split.account)
        .ok_or_else(|| Refusal::business("个人账户余额超出范围"))?;
    let description = visit.description.as_deref().unwrap_or("{}");
    Ok(Settlement {
        batch: id.clone(),
        id,
        msgid: context.request.msgid.clone(),
        visit: visit.id,
        person: person.number.clone(),
        insurance: insurance.kind.clone(),
        setting: String::from(Setting::of(&kind).name()),
        year: context.civil().year(),
        refund_of: None,
        refunded: false,
        at: context.time(),
        split,
        facts: Facts {
            kind,
            credential: node.text("mdtrt_cert_type")?,
            balance: after,
            disease: Fields::parse("mdtrtinfo", description)?.optional("dise_codg")?,
            invoice: node.optional("invono")?,
            operator: context.request.operator.clone(),
            operator_name: context.request.operator_name.clone(),
            institution: context.request.institution.clone(),
            institution_name: context.request.institution_name.clone(),
            interim,
        },
    })
}

/// Whether a settlement of that sort may come now.
fn in_order(
    context: &Context<'_>,
    node: &Fields,
    (visit, discharged): (&str, bool),
    interim: bool,
) -> Result<(), Fail> {
    if context.final_settlement(visit)?.is_some() {
        return Err(Refusal::business("该住院已结算,不能重复结算").into());
    }
    if interim && discharged {
        return Err(Refusal::business("该住院已办理出院,不能中途结算,请先撤销出院").into());
    }
    if interim {
        return Ok(());
    }
    if context.options.settles_before_discharge {
        node.date("dscg_time")?;
        return Ok(());
    }
    if discharged {
        Ok(())
    } else {
        Err(Refusal::business("该住院未办理出院,请先办理出院").into())
    }
}

pub(super) fn cancel(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "mdtrt_id", "setl_id"])?;
    let person = context.person(&node)?;
    let (visit, stay) = context.stay(&node, person)?;
    let id = node.text("setl_id")?;
    let standing = store::standing(context.db, &visit.id)?;
    if standing.iter().any(|row| row.id == id) && standing.last().is_some_and(|row| row.id != id) {
        return Err(Refusal::business("该住院存在后续结算,请先撤销后续结算").into());
    }
    if context.options.settles_before_discharge && stay.ended.is_some() {
        return Err(Refusal::business("该住院已办理出院,请先撤销出院").into());
    }
    refund::refund(context)
}
