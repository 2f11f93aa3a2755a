//! 5201, 5203: visits and settlements as the centre has them.

use zhijie_model::Area;

use crate::fields::Fields;
use crate::json::{Json, Object};
use crate::people::Person;
use crate::policy::Setting;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Visit};
use crate::transactions::person::{describe, flag};
use crate::transactions::sheet::{Form, find, is_visitor, nothing, sheet};
use crate::transactions::{Context, Done, stay_query};

pub(super) fn visits(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "begntime", "endtime", "med_type"])?;
    let person = context.person(&node)?;
    let kind = node.text("med_type")?;
    let wanted = node.optional("mdtrt_id")?;
    let text = |name: &str| -> Result<String, Refusal> {
        Ok(node.time(name)?.strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let mut rows = Vec::new();
    for visit in store::visits_of(context.db, &person.number, &text("begntime")?, &text("endtime")?)? {
        // A visit that was registered but not described yet has no kind and is found under any.
        let same_kind = visit.kind.as_deref().is_none_or(|held| held == kind);
        if same_kind && wanted.as_deref().is_none_or(|id| id == visit.id) {
            let stay = store::find_stay(context.db, &visit.id)?;
            rows.push(match stay {
                Some(stay) => stay_query::row(context, person, &visit, &stay)?,
                None => visit_row(context, person, &visit)?,
            });
        }
    }
    Ok(Some(Object::new().with("mdtrtinfo", rows)))
}

fn visit_row(context: &Context<'_>, person: &Person, visit: &Visit) -> Result<Object, Fail> {
    let registration = Fields::parse("data", &visit.registration)?;
    let description = match &visit.description {
        Some(text) => Fields::parse("mdtrtinfo", text)?,
        None => Fields::parse("mdtrtinfo", "{}")?,
    };
    let insurance = person.insured(&visit.insurance);
    let head = Object::new().with("mdtrt_id", visit.id.as_str());
    Ok(describe(person, context)
        .after(head)
        .with("insutype", visit.insurance.as_str())
        .with("psn_type", insurance.map(|insurance| insurance.category.as_str()))
        .with("maf_psn_flag", flag(person.aided))
        .with(
            "cvlserv_flag",
            flag(insurance.is_some_and(|insurance| insurance.civil_servant)),
        )
        .with(
            "insu_optins",
            Area::new(&visit.area).ok().map(|area| area.to_string()),
        )
        .with("emp_name", insurance.map(|insurance| insurance.employer.as_str()))
        .with("begntime", visit.began.as_str())
        .with("endtime", Json::Null)
        .with("mdtrt_cert_type", visit.credential.as_str())
        .with("med_type", visit.kind.clone())
        .with("ars_year_ipt_flag", "0")
        .with("pre_pay_flag", "0")
        .with("ipt_otp_no", visit.number.as_str())
        .with("atddr_no", registration.optional("atddr_no")?)
        .with("chfpdr_name", registration.optional("dr_name")?)
        .with("adm_dept_codg", registration.optional("dept_code")?)
        .with("adm_dept_name", registration.optional("dept_name")?)
        .with("main_cond_dscr", description.optional("main_cond_dscr")?)
        .with("dise_codg", description.optional("dise_codg")?)
        .with("dise_name", description.optional("dise_name")?)
        .with("inhosp_stas", "0"))
}

pub(super) fn settlement(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "mdtrt_id"])?;
    let person = context.person(&node)?;
    let visit = store::visit_by_id(context.db, &node.text("mdtrt_id")?)?
        .filter(|visit| visit.person == person.number);
    let Some(visit) = visit else {
        return Ok(Some(nothing()));
    };
    if context.options.empty_5203_for_visitors && is_visitor(context, &visit.area) {
        return Ok(Some(Object::new()));
    }
    let wanted = node.optional("setl_id")?;
    if wanted.is_none() && store::find_stay(context.db, &visit.id)?.is_some() {
        return stay_query::settlements(context, person, &visit.id);
    }
    match find(context, &visit.id, wanted.as_deref())? {
        Some(row) => sheet(context, person, &row, Form::Query).map(Some),
        None => Ok(Some(nothing())),
    }
}

/// Of 5206: what the year of each insurance has used up, from the settlements that stand. The codes of the totals were not
/// found: these are the sandbox's own.
pub(super) fn totals(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no"])?;
    let person = context.person(&node)?;
    let year = match node.optional("cum_ym")? {
        Some(month) => month
            .get(..4)
            .and_then(|year| year.parse().ok())
            .ok_or_else(|| node.wrong("cum_ym"))?,
        None => context.civil().year(),
    };
    let mut rows = Vec::new();
    for insurance in &person.insurance {
        for setting in [Setting::Outpatient, Setting::Inpatient] {
            let used = store::year_totals(context.db, &person.number, &insurance.kind, setting, year)?;
            let (kind, name) = (&insurance.kind, setting.name());
            let counted = [
                ("deductible", used.deductible),
                ("in_scope", used.base),
                ("pool", used.pool),
            ];
            for (what, cum) in counted {
                let code = match (name, what) {
                    ("outpatient", "deductible") => "11",
                    ("outpatient", "in_scope") => "12",
                    ("outpatient", _) => "13",
                    (_, "deductible") => "21",
                    (_, "in_scope") => "22",
                    _ => "23",
                };
                rows.push(
                    Object::new()
                        .with("insutype", kind.as_str())
                        .with("year", year.to_string())
                        .with("cum_ym", format!("{year}{:02}", context.civil().month()))
                        .with("cum_type_code", code)
                        .with("cum", cum),
                );
            }
        }
    }
    Ok(Some(Object::new().with("cuminfo", rows)))
}
