//! 1160, 5301, 5302, 5304, 5360: what the insured region's registers say of a person, from the store.

use jiff::civil::Date;
use zhijie_model::Area;

use crate::filing::{Entry, FilingKind, Register};
use crate::json::Object;
use crate::people::{Insurance, Person};
use crate::policy::region_of;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, StoredEntry, StoredFiling};
use crate::transactions::person::{describe, flag};
use crate::transactions::{Context, Done};

/// 5301. Chronic and special diseases, past ones included.
pub(super) fn chronic(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no"])?;
    let person = context.person(&node)?;
    let rows: Vec<Object> = standing_entries(context, person)?
        .iter()
        .filter(|stored| stored.entry.register == Register::Disease)
        .map(|stored| {
            Object::new()
                .with("opsp_dise_code", stored.entry.code.as_str())
                .with("opsp_dise_name", stored.entry.name.as_str())
                .with("begndate", stored.entry.from.to_string())
                .with("enddate", stored.entry.until.map(|day| day.to_string()))
        })
        .collect();
    Ok(Some(Object::new().with("feedetail", rows)))
}

/// 1160. The same among the details of a person, as one city tells them.
pub(super) fn detail(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "begntime", "med_type"])?;
    node.time("begntime")?;
    let person = context.person(&node)?;
    let rows: Vec<Object> = standing_entries(context, person)?
        .iter()
        .filter(|stored| stored.entry.register == Register::Disease)
        .map(|stored| {
            Object::new()
                .with("psn_trt_no", stored.number.as_str())
                .with("psn_trt_type", "1")
                .with("psn_trt_type_name", "门诊慢特病")
                .with("dise_no", stored.entry.code.as_str())
                .with("dise_name", stored.entry.name.as_str())
                .with("begntime", format!("{} 00:00:00", stored.entry.from))
                .with("endtime", stored.entry.until.map(|day| format!("{day} 23:59:59")))
        })
        .collect();
    Ok(Some(Object::new().with("spinfo", rows)))
}

/// 5302. One register of fixed places, by `biz_appy_type`; 08 shows the filings that are no referrals.
pub(super) fn fixed_points(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "biz_appy_type"])?;
    let person = context.person(&node)?;
    let entries = |register: Register| -> Result<Vec<Object>, Fail> {
        let found = standing_entries(context, person)?;
        let of = found.iter().filter(|stored| stored.entry.register == register);
        Ok(of
            .enumerate()
            .map(|(at, stored)| place(context, person, at, &stored.number, &stored.entry))
            .collect())
    };
    let rows = match node.text("biz_appy_type")?.as_str() {
        "01" => entries(Register::DiseasePlace)?,
        "03" => entries(Register::Institution)?,
        "08" => standing_filings(context, person)?
            .iter()
            .filter(|stored| stored.filing.kind != FilingKind::Referral)
            .enumerate()
            .map(|(at, stored)| elsewhere(context, person, at, stored))
            .collect(),
        _ => return Err(node.wrong("biz_appy_type").into()),
    };
    Ok(Some(Object::new().with("psnfixmedin", rows)))
}

fn place(context: &Context<'_>, person: &Person, at: usize, number: &str, entry: &Entry) -> Object {
    fixed(context, person, at)
        .with("fixmedins_code", entry.code.as_str())
        .with("fixmedins_name", entry.name.as_str())
        .with("begndate", entry.from.to_string())
        .with("enddate", entry.until.map(|day| day.to_string()))
        .with("memo", "")
        .with("trt_dcla_detl_sn", number)
}

/// A filing is to an area: its code stands where an institution's is due.
fn elsewhere(context: &Context<'_>, person: &Person, at: usize, stored: &StoredFiling) -> Object {
    let filing = &stored.filing;
    let target = filing.target.to_string();
    let name = region_of(&context.data.regions, filing.target).map_or(target.as_str(), |region| &region.name);
    fixed(context, person, at)
        .with("fixmedins_code", target.as_str())
        .with("fixmedins_name", name)
        .with("begndate", filing.from.to_string())
        .with("enddate", filing.until.to_string())
        .with("memo", filing.kind.name())
        .with("trt_dcla_detl_sn", stored.number.as_str())
        .with("rloc_admdvs", target.as_str())
        .with("out_fil_type", filing.kind.code())
}

fn fixed(context: &Context<'_>, person: &Person, at: usize) -> Object {
    Object::new()
        .with("psn_no", person.number.as_str())
        .with("insutype", insurance(context, person))
        .with("fix_srt_no", (at + 1).to_string())
}

/// 5304. Referrals whose days touch the span.
pub(super) fn referrals(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "begntime", "endtime"])?;
    let person = context.person(&node)?;
    let span = (node.time("begntime")?.date(), node.time("endtime")?.date());
    let rows: Vec<Object> = standing_filings(context, person)?
        .iter()
        .filter(|stored| stored.filing.kind == FilingKind::Referral)
        .filter(|stored| stored.filing.from <= span.1 && span.0 <= stored.filing.until)
        .map(|stored| referral(context, person, stored))
        .collect();
    Ok(Some(Object::new().with("refmedin", rows)))
}

fn referral(context: &Context<'_>, person: &Person, stored: &StoredFiling) -> Object {
    let filing = &stored.filing;
    let said = filing.referral.as_ref();
    let leaves = filing
        .region
        .is_none_or(|region| region.city() != filing.target.city());
    Object::new()
        .with("insutype", insurance(context, person))
        .with("dcla_souc", filing.source.as_str())
        .after(describe(person, context))
        .with("tel", "")
        .with("addr", "")
        .with("insu_optins", filing.region.map(|region| region.to_string()))
        .with("diag_code", said.map(|said| said.diagnosis_code.clone()))
        .with("diag_name", said.map(|said| said.diagnosis_name.clone()))
        .with("reflin_medins_no", said.map(|said| said.institution_code.clone()))
        .with(
            "reflin_medins_name",
            said.map(|said| said.institution_name.clone()),
        )
        .with("out_flag", flag(leaves))
        .with("refl_date", said.map(|said| said.date.to_string()))
        .with("refl_rea", said.map(|said| said.reason.clone()))
        .with("begndate", filing.from.to_string())
        .with("enddate", filing.until.to_string())
        .with("hosp_agre_refl_flag", "1")
        .with("trt_dcla_detl_sn", stored.number.as_str())
        .with("mdtrtarea_admdvs", filing.target.to_string())
}

/// 5360. Diseases approved on the day, as Jiangsu answers them.
pub(super) fn approvals(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "insutype", "begntime", "psn_name"])?;
    let person = context.person(&node)?;
    let day = node.time("begntime")?.date();
    let kind = node.text("insutype")?;
    let rows: Vec<Object> = standing_entries(context, person)?
        .iter()
        .filter(|stored| stored.entry.register == Register::Disease && in_force(&stored.entry, day))
        .map(|stored| {
            Object::new()
                .with("psn_no", person.number.as_str())
                .with("insutype", kind.as_str())
                .with("med_type", "14")
                .with("dise_codg", stored.entry.code.as_str())
                .with("dise_name", stored.entry.name.as_str())
                .with("begndate", stored.entry.from.to_string())
                .with("enddate", stored.entry.until.map(|day| day.to_string()))
                .with("exp_content", "")
        })
        .collect();
    Ok(Some(Object::new().with("data", rows)))
}

/// Whether the insured region has the person registered for the disease on the day.
pub(super) fn is_registered(
    context: &Context<'_>,
    person: &Person,
    insurance: &Insurance,
    disease: Option<&str>,
) -> Result<(), Fail> {
    let today = context.civil().date();
    let entries = standing_entries(context, person)?;
    let mut own = entries
        .iter()
        .filter(|stored| stored.entry.register == Register::Disease)
        .filter(|stored| Some(stored.entry.code.as_str()) == disease);
    if own.any(|stored| in_force(&stored.entry, today)) {
        return Ok(());
    }
    let region = context.region(insurance.area)?;
    let reason = "未查询到该病种有效的门诊慢特病备案,不能按门诊慢特病结算";
    Err(Refusal::insured_region(&region.name, reason).into())
}

fn in_force(entry: &Entry, day: Date) -> bool {
    entry.from <= day && entry.until.is_none_or(|until| day <= until)
}

/// Of the region the envelope names.
fn standing_filings(context: &Context<'_>, person: &Person) -> Result<Vec<StoredFiling>, Fail> {
    let mut filings = store::filings(context.db, Some(&person.number))?;
    filings.retain(|stored| stored.removed.is_none() && asked(context, stored.filing.region));
    Ok(filings)
}

fn standing_entries(context: &Context<'_>, person: &Person) -> Result<Vec<StoredEntry>, Fail> {
    let mut entries = store::entries(context.db, Some(&person.number))?;
    entries.retain(|stored| stored.removed.is_none() && asked(context, stored.entry.region));
    Ok(entries)
}

fn asked(context: &Context<'_>, region: Option<Area>) -> bool {
    match (region, context.request.insured_area) {
        (Some(region), Some(asked)) => region.city() == asked.city(),
        (None, _) | (_, None) => true,
    }
}

/// Kind of the insurance held in the region the envelope names.
fn insurance(context: &Context<'_>, person: &Person) -> String {
    let area = context.request.insured_area;
    let held = area.and_then(|area| person.insured_in(area));
    held.map(|insurance| insurance.kind.clone()).unwrap_or_default()
}
