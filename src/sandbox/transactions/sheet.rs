//! `setlinfo` and `setldetail`: one settlement in the four shapes the interface knows.

use zhijie_model::{Area, Distance, Fen};

use crate::engine::Split;
use crate::json::{Json, Object};
use crate::options::MutualAid;
use crate::people::{Insurance, Person};
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Settlement};
use crate::transactions::Context;
use crate::transactions::person::{describe, flag};

/// Which transaction answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// 2206: no settlement yet, the members that come with one are null.
    Trial,
    /// 2207.
    Settled,
    /// 2208: amounts only, cash under its misspelt name, some members null.
    Refund,
    /// 2101: no visit yet either, and no share of the hospital.
    PurchaseTrial,
    /// 2102: no share of the hospital.
    Purchase,
    /// 2103: amounts under the names of 5203.
    PurchaseRefund,
    /// 5203: other names for person and cash, and where and when.
    Query,
}

pub(super) fn sheet(
    context: &Context<'_>,
    person: &Person,
    row: &Settlement,
    form: Form,
) -> Result<Object, Fail> {
    Ok(Object::new()
        .with("setlinfo", info_of(context, person, row, form)?)
        .with("setldetail", details_of(person, row)?))
}

/// `setlinfo`.
pub(super) fn info_of(
    context: &Context<'_>,
    person: &Person,
    row: &Settlement,
    form: Form,
) -> Result<Object, Fail> {
    let insurance = insurance_of(person, row)?;
    Ok(match form {
        Form::Refund => refund_info(context, row, insurance),
        Form::PurchaseRefund => purchase_refund_info(context, row, insurance),
        Form::Trial | Form::Settled | Form::PurchaseTrial | Form::Purchase | Form::Query => {
            full_info(context, person, insurance, row, form)
        }
    })
}

/// `setldetail`.
pub(super) fn details_of(person: &Person, row: &Settlement) -> Result<Vec<Object>, Fail> {
    Ok(details(&row.split, insurance_of(person, row)?, person))
}

fn insurance_of<'p>(person: &'p Person, row: &Settlement) -> Result<&'p Insurance, Refusal> {
    person
        .insured(&row.insurance)
        .ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))
}

fn full_info(
    context: &Context<'_>,
    person: &Person,
    insurance: &Insurance,
    row: &Settlement,
    form: Form,
) -> Object {
    let settled = !matches!(form, Form::Trial | Form::PurchaseTrial);
    let split = &row.split;
    let head = Object::new()
        .with(
            "mdtrt_id",
            (form != Form::PurchaseTrial).then_some(row.visit.as_str()),
        )
        .with("setl_id", settled.then_some(row.id.as_str()));
    let mut info = describe(person, context).after(head);
    info = info
        .with("insutype", row.insurance.as_str())
        .with("psn_type", insurance.category.as_str())
        .with("cvlserv_flag", flag(insurance.civil_servant))
        .with("setl_time", settled.then_some(row.at.as_str()))
        .with("mdtrt_cert_type", row.facts.credential.as_str())
        .with("med_type", row.facts.kind.as_str());
    info = amounts(context, info, row, insurance);
    info = match form {
        Form::Query => where_and_when(context, info, insurance, row),
        Form::PurchaseTrial | Form::Purchase => info
            .with("psn_part_amt", split.person)
            .with("psn_cash_pay", split.cash),
        Form::Trial | Form::Settled | Form::Refund | Form::PurchaseRefund => info
            .with("psn_part_amt", split.person)
            .with("psn_cash_pay", split.cash)
            .with("hosp_part_amt", split.hospital),
    };
    info.with("hifdm_pay", Json::Null)
        .with("acct_mulaid_pay", row.split.mutual)
        .with("medins_setl_id", row.msgid.as_str())
        .with("clr_optins", settled.then(|| insurance.area.to_string()))
        .with("clr_way", settled.then_some("1"))
        .with("clr_type", settled.then(|| clearing_kind(&row.facts.kind)))
}

/// 清算类别: outpatient, inpatient or pharmacy.
pub(super) fn clearing_kind(kind: &str) -> &'static str {
    match kind.get(..1) {
        Some("2") => "21",
        Some("4") => "41",
        _ if kind.starts_with("52") => "21",
        _ => "11",
    }
}

fn refund_info(context: &Context<'_>, row: &Settlement, insurance: &Insurance) -> Object {
    let info = Object::new()
        .with("mdtrt_id", row.visit.as_str())
        .with("setl_id", row.id.as_str())
        .with("setl_time", row.at.as_str());
    amounts(context, info, row, insurance)
        .with("psn_part_amt", Json::Null)
        .with("pdn_cash_pay", row.split.cash)
        .with("hosp_part_amt", Json::Null)
        .with("hifdm_pay", Json::Null)
        .with("acct_mulaid_pay", Json::Null)
        .with("medins_setl_id", row.msgid.as_str())
        .with("clr_optins", insurance.area.to_string())
}

fn purchase_refund_info(context: &Context<'_>, row: &Settlement, insurance: &Insurance) -> Object {
    let info = Object::new()
        .with("mdtrt_id", row.visit.as_str())
        .with("setl_id", row.id.as_str())
        .with("setl_time", row.at.as_str());
    amounts(context, info, row, insurance)
        .with("psn_pay", row.split.person)
        .with("cash_payamt", row.split.cash)
        .with("hifdm_pay", Json::Null)
        .with("acct_mulaid_pay", row.split.mutual)
        .with("medins_setl_id", row.msgid.as_str())
        .with("clr_optins", insurance.area.to_string())
}

/// The members with amounts that every form has.
fn amounts(context: &Context<'_>, info: Object, row: &Settlement, insurance: &Insurance) -> Object {
    let split = &row.split;
    let resident = insurance.kind == "390";
    let funds = if context.options.fund_includes_account {
        Fen::sum([split.funds, split.account, split.mutual]).unwrap_or(split.funds)
    } else {
        split.funds
    };
    let when = |wanted: bool, amount: Fen| if wanted { amount } else { Fen::ZERO };
    info.with("medfee_sumamt", split.total)
        .with("fulamt_ownpay_amt", split.own_expense)
        .with("overlmt_selfpay", split.over_ceiling)
        .with("preselfpay_amt", split.first_own)
        .with("inscp_scp_amt", split.in_scope)
        .with("act_pay_dedc", split.deductible)
        .with("hifp_pay", split.pool)
        .with("pool_prop_selfpay", Json::Number(pool_share(split)))
        .with("cvlserv_pay", split.civil_servant)
        .with("hifes_pay", Fen::ZERO)
        .with("hifmi_pay", when(resident, split.supplement))
        .with("hifob_pay", when(!resident, split.supplement))
        .with("maf_pay", split.aid)
        .with("oth_pay", Fen::ZERO)
        .with("fund_pay_sumamt", funds)
        .with("acct_pay", account_told(context, split))
        .with("balc", row.facts.balance)
}

/// What the personal account is said to pay: a family member's share is counted inside it, or beside it.
pub(super) fn account_told(context: &Context<'_>, split: &Split) -> Fen {
    match context.options.mutual_aid {
        MutualAid::Beside => split.account,
        MutualAid::Inside => split.account.checked_add(split.mutual).unwrap_or(split.account),
    }
}

fn where_and_when(context: &Context<'_>, info: Object, insurance: &Insurance, row: &Settlement) -> Object {
    let place = match context.distance(insurance.area) {
        Distance::SameCity => "2",
        Distance::SameProvince => "3",
        Distance::OtherProvince => "4",
    };
    let day = row.at.get(..10).unwrap_or_default();
    info.with("insu_optins", insurance.area.to_string())
        .with("emp_name", insurance.employer.as_str())
        .with("pay_loc", place)
        .with("fixmedins_code", row.facts.institution.as_str())
        .with("fixmedins_name", row.facts.institution_name.as_str())
        .with("fixmedins_poolarea", context.options.area.to_string())
        .with("begndate", day)
        .with("enddate", day)
        .with("psn_pay", row.split.person)
        .with("cash_payamt", row.split.cash)
        .with("refd_setl_flag", flag(row.refunded || row.refund_of.is_some()))
        .with("year", row.year.to_string())
        .with("dise_codg", row.facts.disease.clone())
        .with("invono", row.facts.invoice.clone())
        .with("opter_id", row.facts.operator.as_str())
        .with("opter_name", row.facts.operator_name.as_str())
        .with("opt_time", row.at.as_str())
}

/// One row per fund that had a part in it, and one for the personal account (identity I5).
fn details(split: &Split, insurance: &Insurance, person: &Person) -> Vec<Object> {
    let resident = insurance.kind == "390";
    let row = |code: &str, name: &str, limit: Fen, amount: Fen| {
        Object::new()
            .with("fund_pay_type", code)
            .with("fund_pay_type_name", name)
            .with("inscp_scp_amt", split.in_scope)
            .with("crt_payb_lmt_amt", limit)
            .with("fund_payamt", amount)
            .with("setl_proc_info", Json::Null)
    };
    let (pool, supplement) = if resident {
        (
            ("390100", "城乡居民基本医疗保险基金"),
            ("390200", "城乡居民大病保险资金"),
        )
    } else {
        (
            ("310100", "职工基本医疗保险统筹基金"),
            ("330100", "职工大额医疗费用补助基金"),
        )
    };
    let mut rows = vec![row(pool.0, pool.1, split.pool_limit, split.pool)];
    if !split.supplement.is_zero() {
        rows.push(row(
            supplement.0,
            supplement.1,
            split.supplement_limit,
            split.supplement,
        ));
    }
    if insurance.civil_servant {
        rows.push(row(
            "320100",
            "公务员医疗补助资金",
            split.in_scope,
            split.civil_servant,
        ));
    }
    if person.aided {
        rows.push(row("610100", "医疗救助基金", split.aid_limit, split.aid));
    }
    for (code, name, paid) in [
        ("310200", "个人账户", split.account),
        ("310201", "个人账户家庭共济", split.mutual),
    ] {
        if !paid.is_zero() {
            rows.push(row(code, name, paid, paid));
        }
    }
    rows
}

/// The share the pool paid of what is above the deductible, four places.
fn pool_share(split: &Split) -> String {
    let (pool, base) = (split.pool.get().unsigned_abs(), split.base.get().unsigned_abs());
    if base == 0 {
        return String::from("0.0000");
    }
    let scaled = (u128::from(pool) * 10_000 + u128::from(base) / 2) / u128::from(base);
    format!("{}.{:04}", scaled / 10_000, scaled % 10_000)
}

/// What 5203 answers when it finds nothing.
pub(crate) fn nothing() -> Object {
    Object::new()
        .with("setlinfo", Json::Null)
        .with("setldetail", Json::List(Vec::new()))
}

/// Whether the visit is of a person insured in another province.
pub(super) fn is_visitor(context: &Context<'_>, area: &str) -> bool {
    Area::new(area).is_ok_and(|area| context.distance(area) == Distance::OtherProvince)
}

/// The row a query asks for.
pub(super) fn find(
    context: &Context<'_>,
    visit: &str,
    settlement: Option<&str>,
) -> Result<Option<Settlement>, Fail> {
    Ok(match settlement {
        Some(id) => store::find_settlement(context.db, id)?.filter(|row| row.visit == visit),
        None => store::newest(context.db, visit)?,
    })
}
