//! 2501 to 2506: filings made at the desk, and taken back.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use zhijie_model::Area;

use crate::fields::Fields;
use crate::filing::{Entry, Filing, FilingKind, Referred, Register};
use crate::json::Object;
use crate::people::Person;
use crate::refusal::{Fail, Refusal};
use crate::store;
use crate::transactions::{Context, Done};

/// Days a referral lasts that names no end.
const REFERRAL_DAYS: i64 = 180;
/// What stands for no end.
const NO_END: Date = date(2099, 12, 31);
/// `dcla_souc`.
const INSTITUTION: &str = "01";

/// 2501, 2501A.
pub(super) fn refer(context: &Context<'_>) -> Done {
    let node = context.request.input.node("refmedin")?;
    node.need(&[
        "psn_no",
        "diag_code",
        "diag_name",
        "reflin_medins_no",
        "reflin_medins_name",
        "mdtrtarea_admdvs",
        "refl_type",
        "refl_date",
        "refl_rea",
        "refl_opnn",
    ])?;
    let day = node.date("refl_date")?;
    let from = node.optional_date("begndate")?.unwrap_or(day);
    let until = match node.optional_date("enddate")? {
        Some(until) => until,
        None => from.checked_add(REFERRAL_DAYS.days()).unwrap_or(NO_END),
    };
    let referral = Referred {
        diagnosis_code: node.text("diag_code")?,
        diagnosis_name: node.text("diag_name")?,
        institution_code: node.text("reflin_medins_no")?,
        institution_name: node.text("reflin_medins_name")?,
        date: day,
        reason: node.text("refl_rea")?,
    };
    let target = node.area("mdtrtarea_admdvs")?;
    file(
        context,
        &node,
        FilingKind::Referral,
        target,
        (from, until),
        Some(referral),
    )
}

/// 2503.
pub(super) fn register_disease(context: &Context<'_>) -> Done {
    let node = context.data_node(&[
        "psn_no",
        "insutype",
        "opsp_dise_code",
        "opsp_dise_name",
        "insu_optins",
        "ide_fixmedins_no",
        "ide_fixmedins_name",
        "hosp_ide_date",
        "diag_dr_codg",
        "diag_dr_name",
        "begndate",
    ])?;
    node.date("hosp_ide_date")?;
    let names = ("opsp_dise_code", "opsp_dise_name");
    enter(context, &node, Register::Disease, names)
}

/// 2505. 08 files for an area, by its code or by that of an institution in it; 01 and 03 fix an institution.
pub(super) fn fix_place(context: &Context<'_>) -> Done {
    let node = context.data_node(&[
        "psn_no",
        "biz_appy_type",
        "begndate",
        "fix_srt_no",
        "fixmedins_code",
        "fixmedins_name",
    ])?;
    let names = ("fixmedins_code", "fixmedins_name");
    match node.text("biz_appy_type")?.as_str() {
        "01" => enter(context, &node, Register::DiseasePlace, names),
        "03" => enter(context, &node, Register::Institution, names),
        "08" => {
            let code = node.text("fixmedins_code")?;
            let digits = code.strip_prefix(['H', 'P']).and_then(|code| code.get(..6));
            let target = Area::new(digits.unwrap_or(&code)).map_err(|_| node.wrong("fixmedins_code"))?;
            let from = node.date("begndate")?;
            let until = node.optional_date("enddate")?.unwrap_or(NO_END);
            let kind = kind_of(&node.optional("memo")?.unwrap_or_default());
            file(context, &node, kind, target, (from, until), None)
        }
        _ => Err(node.wrong("biz_appy_type").into()),
    }
}

/// The input has no member for the kind: the note decides, as the office would.
fn kind_of(memo: &str) -> FilingKind {
    if memo.contains("安置退休") {
        FilingKind::ResettledRetiree
    } else if memo.contains("常驻") {
        FilingKind::PostedWorker
    } else if memo.contains("临时") {
        FilingKind::OtherTemporary
    } else {
        FilingKind::LongTermResident
    }
}

fn file(
    context: &Context<'_>,
    node: &Fields,
    kind: FilingKind,
    target: Area,
    (from, until): (Date, Date),
    referral: Option<Referred>,
) -> Done {
    let person = context.person(node)?;
    let region = region(context, person)?;
    if until < from {
        return Err(Refusal::business("结束日期早于开始日期,不能办理备案").into());
    }
    if target.city() == region.city() {
        return Err(Refusal::business("就医地与参保地相同,不能办理备案").into());
    }
    let filing = Filing {
        kind,
        target,
        from,
        until,
        region: Some(region),
        source: String::from(INSTITUTION),
        referral,
    };
    let (_, number) = store::add_filing(context.db, person, &filing)?;
    Ok(Some(numbered(&number)))
}

fn enter(context: &Context<'_>, node: &Fields, register: Register, (code, name): (&str, &str)) -> Done {
    let person = context.person(node)?;
    let entry = Entry {
        register,
        code: node.text(code)?,
        name: node.text(name)?,
        from: node.date("begndate")?,
        until: node.optional_date("enddate")?,
        region: Some(region(context, person)?),
    };
    let (_, number) = store::add_entry(context.db, person, &entry)?;
    Ok(Some(numbered(&number)))
}

/// The region the envelope names, where the person must be insured now.
fn region(context: &Context<'_>, person: &Person) -> Result<Area, Refusal> {
    let asked = context.request.insured_area;
    let insurance = asked.and_then(|area| person.insured_in(area));
    let insurance = insurance.ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
    context.insurance(person, &insurance.kind)?;
    Ok(context.region(insurance.area)?.area)
}

fn numbered(number: &str) -> Object {
    Object::new().with("result", Object::new().with("trt_dcla_detl_sn", number))
}

/// 2502.
pub(super) fn withdraw_referral(context: &Context<'_>) -> Done {
    withdraw_filing(context, |kind| kind == FilingKind::Referral)
}

/// 2504.
pub(super) fn withdraw_disease(context: &Context<'_>) -> Done {
    withdraw_entry(context, |register| register == Register::Disease)
}

/// 2506: filings to an area and fixed institutions.
pub(super) fn withdraw_place(context: &Context<'_>) -> Done {
    match withdraw_filing(context, |kind| kind != FilingKind::Referral) {
        Err(Fail::Refused(refusal)) if refusal == unknown() => {
            withdraw_entry(context, |register| register != Register::Disease)
        }
        other => other,
    }
}

fn withdraw_filing(context: &Context<'_>, is_meant: impl Fn(FilingKind) -> bool) -> Done {
    let (person, number, reason) = withdrawal(context)?;
    let filings = store::filings(context.db, Some(&person.number))?;
    let mut meant = filings.iter().filter(|stored| is_meant(stored.filing.kind));
    if meant.any(|stored| stored.number == number) {
        take_back(context, &number, &reason)
    } else {
        Err(unknown().into())
    }
}

fn withdraw_entry(context: &Context<'_>, is_meant: impl Fn(Register) -> bool) -> Done {
    let (person, number, reason) = withdrawal(context)?;
    let entries = store::entries(context.db, Some(&person.number))?;
    let mut meant = entries.iter().filter(|stored| is_meant(stored.entry.register));
    if meant.any(|stored| stored.number == number) {
        take_back(context, &number, &reason)
    } else {
        Err(unknown().into())
    }
}

fn withdrawal<'a>(context: &'a Context<'_>) -> Result<(&'a Person, String, String), Fail> {
    let node = context.data_node(&["trt_dcla_detl_sn", "psn_no", "memo"])?;
    let person = context.person(&node)?;
    Ok((person, node.text("trt_dcla_detl_sn")?, node.text("memo")?))
}

fn take_back(context: &Context<'_>, number: &str, reason: &str) -> Done {
    if store::remove(context.db, number, &context.time(), reason)? {
        Ok(None)
    } else {
        Err(Refusal::business("备案信息已撤销,不能重复撤销").into())
    }
}

fn unknown() -> Refusal {
    Refusal::business("未查询到备案信息")
}
