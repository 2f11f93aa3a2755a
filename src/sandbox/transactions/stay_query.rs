//! 5303, and what 5201 and 5203 say of a stay.

use jiff::civil::DateTime;
use zhijie_model::{Area, Distance};

use crate::fields::Fields;
use crate::json::{Json, Object};
use crate::people::Person;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Stay, Visit};
use crate::transactions::person::{describe, flag};
use crate::transactions::sheet::{Form, details_of, info_of, nothing};
use crate::transactions::{Context, Done};

/// 5303: every stay that touches the span asked for, wherever it lies, over or not.
pub(super) fn in_hospital(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "begntime", "endtime"])?;
    let person = context.person(&node)?;
    let text = |name: &str| -> Result<String, Refusal> {
        Ok(node.time(name)?.strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let (from, until) = (text("begntime")?, text("endtime")?);
    let mut rows = Vec::new();
    for stay in store::stays(context.db, Some(&person.number))? {
        let touches = stay.began <= until && stay.ended.is_none();
        if !touches || stay.began < from {
            continue;
        }
        let abroad = Area::new(&stay.area).is_ok_and(|area| context.distance(area) != Distance::SameCity);
        let head = Object::new().with("mdtrt_id", stay.id.as_str());
        let row = describe(person, context)
            .after(head)
            .with("insutype", stay.insurance.as_str())
            .with("begndate", stay.began.get(..10))
            .with("med_type", stay.kind.clone())
            .with("ipt_otp_no", stay.number.as_str())
            .with("out_flag", flag(abroad));
        rows.push(row);
    }
    Ok(Some(Object::new().with("data", rows)))
}

/// The row of 5201.
pub(super) fn row(
    context: &Context<'_>,
    person: &Person,
    visit: &Visit,
    stay: &Stay,
) -> Result<Object, Fail> {
    let admission = Fields::parse("mdtrtinfo", visit.description.as_deref().unwrap_or("{}"))?;
    let discharge = Fields::parse("dscginfo", stay.discharge.as_deref().unwrap_or("{}"))?;
    let insurance = person.insured(&visit.insurance);
    let year = |text: &str| text.get(..4).map(String::from);
    let last_day = stay.ended.clone().unwrap_or_else(|| context.time());
    let crosses = year(&visit.began) != year(&last_day);
    let mut row = describe(person, context)
        .after(Object::new().with("mdtrt_id", visit.id.as_str()))
        .with("coner_name", admission.optional("coner_name")?)
        .with("tel", admission.optional("tel")?)
        .with("insutype", visit.insurance.as_str())
        .with("psn_type", insurance.map(|insurance| insurance.category.as_str()))
        .with("insu_optins", visit.area.as_str())
        .with("begntime", visit.began.as_str())
        .with("endtime", stay.ended.clone())
        .with("mdtrt_cert_type", visit.credential.as_str())
        .with("med_type", visit.kind.clone())
        .with("ars_year_ipt_flag", flag(crosses))
        .with("pre_pay_flag", "0")
        .with("ipt_otp_no", visit.number.as_str());
    for name in [
        "medrcdno",
        "atddr_no",
        "chfpdr_name",
        "adm_dept_codg",
        "adm_dept_name",
        "adm_bed",
    ] {
        row = row.with(name, admission.optional(name)?);
    }
    for name in [
        "dscg_maindiag_code",
        "dscg_maindiag_name",
        "main_cond_dscr",
        "dise_codg",
        "dise_name",
    ] {
        row = row.with(name, admission.optional(name)?);
    }
    for name in [
        "dscg_dept_codg",
        "dscg_dept_name",
        "dscg_bed",
        "dscg_way",
        "die_date",
    ] {
        row = row.with(name, discharge.optional(name)?);
    }
    Ok(row
        .with("inhosp_stas", flag(stay.ended.is_none()))
        .with("ipt_days", days(&visit.began, &last_day).map(Json::Number)))
}

/// Days of the stay, the day of admission counted and that of discharge not, at least one.
fn days(began: &str, ended: &str) -> Option<String> {
    let day = |text: &str| {
        DateTime::strptime("%Y-%m-%d %H:%M:%S", text)
            .ok()
            .map(DateTime::date)
    };
    let span = day(began)?.until(day(ended)?).ok()?;
    Some(span.get_days().max(1).to_string())
}

/// 5203 without a settlement: every settlement of the stay that was made, oldest first, refunded or not.
pub(super) fn settlements(context: &Context<'_>, person: &Person, visit: &str) -> Done {
    let mut infos = Vec::new();
    let mut last = None;
    for row in store::settlements_of(context.db, visit)? {
        infos.push(info_of(context, person, &row, Form::Query)?);
        last = Some(row);
    }
    let Some(last) = last else {
        return Ok(Some(nothing()));
    };
    Ok(Some(
        Object::new()
            .with("setlinfo", infos)
            .with("setldetail", details_of(person, &last)?),
    ))
}
