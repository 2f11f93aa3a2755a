//! 2206, 2207, and the pricing of 2101 and 2102: the trial and the settlement share everything but the commit.

use jiff::civil::Date;
use zhijie_model::{Distance, Fen};

use crate::catalogue::LineCut;
use crate::engine::{self, Account, Rules, Split};
use crate::fields::Fields;
use crate::json::Object;
use crate::people::{Insurance, Person};
use crate::policy::Setting;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Facts, Settlement, Visit};
use crate::transactions::benefit::{Admission, admission, not_admitted};
use crate::transactions::person::{balance, check_credential, family_balance};
use crate::transactions::registers::is_registered;
use crate::transactions::sheet::{Form, sheet};
use crate::transactions::{Context, Done, traces};

const NEEDED: [&str; 10] = [
    "psn_no",
    "mdtrt_cert_type",
    "mdtrt_cert_no",
    "med_type",
    "medfee_sumamt",
    "psn_setlway",
    "mdtrt_id",
    "chrg_bchno",
    "acct_used_flag",
    "insutype",
];

pub(super) fn trial(context: &Context<'_>) -> Done {
    let node = context.data_node(&NEEDED)?;
    let person = context.person(&node)?;
    let (row, _) = calculate(context, &node, person, String::new())?;
    sheet(context, person, &row, Form::Trial).map(Some)
}

pub(super) fn settle(context: &Context<'_>) -> Done {
    let node = context.data_node(&NEEDED)?;
    let person = context.person(&node)?;
    let id = context.new_id()?;
    let (row, visit) = calculate(context, &node, person, id)?;
    check_copied(&node, &row.split)?;
    let lines = store::line_codes(context.db, &visit.id, &row.batch)?;
    let packages = traces::beside(context)?;
    traces::check(context, &node, &lines, &packages)?;
    traces::keep(context, &row.id, &packages)?;
    store::add_settlement(context.db, &row)?;
    store::settle_lines(context.db, &visit.id, &row.batch, &row.id)?;
    let out: Object = sheet(context, person, &row, Form::Settled)?;
    Ok(Some(out))
}

/// Everything but the commit.
fn calculate(
    context: &Context<'_>,
    node: &Fields,
    person: &Person,
    id: String,
) -> Result<(Settlement, Visit), Fail> {
    let insurance = context.insurance(person, &node.text("insutype")?)?;
    check_credential(context, node, person)?;
    let visit = context.visit(node, person)?;
    let kind = node.text("med_type")?;
    if visit.kind.as_deref() != Some(kind.as_str()) {
        return Err(Refusal::business("医疗类别与就诊信息不一致").into());
    }
    if visit.insurance != insurance.kind {
        return Err(Refusal::business("险种类型与就诊登记不一致").into());
    }
    let batch = node.text("chrg_bchno")?;
    if store::standing_of_batch(context.db, &visit.id, &batch)?.is_some() {
        return Err(Refusal::business(format!("收费批次号[{batch}]已结算,不能重复结算")).into());
    }
    let cuts = store::line_cuts(context.db, &visit.id, &batch)?;
    let total = node.fen("medfee_sumamt")?;
    let sum = Fen::sum(cuts.iter().map(|cut| cut.amount));
    if cuts.is_empty() || sum != Some(total) {
        return Err(Refusal::business("医疗费总额与已上传的费用明细合计不一致").into());
    }
    let disease = store::batch_disease(context.db, &visit.id, &batch)?.flatten();
    let bill = Bill {
        id,
        visit: visit.id.clone(),
        batch,
        disease,
        cuts,
    };
    Ok((price(context, node, person, insurance, bill)?, visit))
}

/// What is settled, once it is known to be whole.
pub(super) struct Bill {
    pub(super) id: String,
    pub(super) visit: String,
    pub(super) batch: String,
    pub(super) disease: Option<String>,
    pub(super) cuts: Vec<LineCut>,
}

/// The row of a settlement that is not stored yet.
pub(super) fn price(
    context: &Context<'_>,
    node: &Fields,
    person: &Person,
    insurance: &Insurance,
    bill: Bill,
) -> Result<Settlement, Fail> {
    let kind = node.text("med_type")?;
    if kind.starts_with("14") {
        is_registered(context, person, insurance, bill.disease.as_deref())?;
    }
    let setting = Setting::of(&kind);
    let year = context.civil().year();
    let before = balance(context, person, insurance)?;
    let terms = Terms {
        kind: kind.clone(),
        day: context.civil().date(),
        deductible_so_far: None,
    };
    let split = split(context, node, (person, insurance), &bill.cuts, &terms)?;
    let after = before
        .checked_sub(split.account)
        .ok_or_else(|| Refusal::business("个人账户余额超出范围"))?;
    Ok(Settlement {
        id: bill.id,
        msgid: context.request.msgid.clone(),
        visit: bill.visit,
        batch: bill.batch,
        person: person.number.clone(),
        insurance: insurance.kind.clone(),
        setting: String::from(setting.name()),
        year,
        refund_of: None,
        refunded: false,
        at: context.time(),
        split,
        facts: Facts {
            kind,
            credential: node.text("mdtrt_cert_type")?,
            balance: after,
            disease: bill.disease,
            invoice: node.optional("invono")?,
            operator: context.request.operator.clone(),
            operator_name: context.request.operator_name.clone(),
            institution: context.request.institution.clone(),
            institution_name: context.request.institution_name.clone(),
            interim: false,
        },
    })
}

/// What decides a split beside the lines.
pub(super) struct Terms {
    pub(super) kind: String,
    /// The day a filing must cover.
    pub(super) day: Date,
    /// Of a stay: the deductible its earlier parts paid. A stay has a deductible of its own; other bills share the
    /// year's.
    pub(super) deductible_so_far: Option<Fen>,
}

/// Applies the insured region's policy.
pub(super) fn split(
    context: &Context<'_>,
    node: &Fields,
    (person, insurance): (&Person, &Insurance),
    cuts: &[LineCut],
    terms: &Terms,
) -> Result<Split, Fail> {
    let region = context.region(insurance.area)?;
    let policy = region
        .policy(&insurance.kind)
        .ok_or_else(|| Refusal::business("险种类型不支持直接结算"))?;
    let kind = terms.kind.as_str();
    let verdict = admission(context, person, insurance, kind, terms.day)?;
    if let Admission::Missing(reason) = &verdict {
        return Err(not_admitted(region, reason).into());
    }
    let abroad = context.distance(insurance.area) == Distance::OtherProvince;
    let crosses = policy.account.across_provinces && !context.options.account_stays_home;
    // A bill in one call (2260) has no such member: the account pays what it may.
    let wanted = node.optional("acct_used_flag")?.is_none_or(|flag| flag == "1");
    let usable = wanted && (!abroad || crosses);
    let account = if usable {
        Some(Account {
            balance: balance(context, person, insurance)?.max(Fen::ZERO),
            own_expense: policy.account.own_expense,
            family: family_balance(context, person)?.max(Fen::ZERO),
            at_most: match node.optional("acct_payamt")? {
                Some(_) => Some(node.fen("acct_payamt")?.max(Fen::ZERO)),
                None => None,
            },
        })
    } else {
        None
    };
    let setting = Setting::of(kind);
    let rules = Rules {
        pool: policy.pool(setting),
        supplement: &policy.supplement,
        civil_servant: insurance.civil_servant.then_some(policy.civil_servant),
        aid: person.aided.then_some(&region.aid),
        less: verdict.less(policy),
        // Only a stay says what its earlier parts paid.
        hospital: terms.deductible_so_far.and(context.options.hospital_bears),
        account,
    };
    let year = context.civil().year();
    let mut so_far = store::year_totals(context.db, &person.number, &insurance.kind, setting, year)?;
    let brought = person.brought_forward.totals(setting);
    let out_of_range = || Refusal::business("金额超出范围");
    for (sum, add) in [
        (&mut so_far.deductible, brought.deductible),
        (&mut so_far.base, brought.base),
        (&mut so_far.pool, brought.pool),
        (&mut so_far.burden, brought.burden),
        (&mut so_far.supplement, brought.supplement),
        (&mut so_far.aid, brought.aid),
    ] {
        *sum = sum.checked_add(add).ok_or_else(out_of_range)?;
    }
    if let Some(paid) = terms.deductible_so_far {
        so_far.deductible = paid;
    }
    Ok(engine::settle(cuts, &rules, &so_far).map_err(|_| out_of_range())?)
}

/// The four amounts copied from the trial may be left out or zero, as some clients send them, but not be others.
pub(super) fn check_copied(node: &Fields, split: &Split) -> Result<(), Fail> {
    for (name, amount) in [
        ("fulamt_ownpay_amt", split.own_expense),
        ("overlmt_selfpay", split.over_ceiling),
        ("preselfpay_amt", split.first_own),
        ("inscp_scp_amt", split.in_scope),
    ] {
        if node.optional(name)?.is_none() {
            continue;
        }
        let given = node.fen(name)?;
        if !given.is_zero() && given != amount {
            return Err(Refusal::business(format!("[{name}]与预结算结果不一致")).into());
        }
    }
    Ok(())
}
