//! Trace codes that come with 2207 and 2102: one for each package of the lines that are settled, no package twice.

use zhijie_model::Traced;

use crate::fields::Fields;
use crate::options::TraceWish;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Package};
use crate::transactions::Context;

const NEEDED: [&str; 3] = ["drug_trac_codg", "trdn_flag", "min_prcunt_type"];

/// Reads the packages beside a settlement.
pub(super) fn beside(context: &Context<'_>) -> Result<Vec<Package>, Fail> {
    let Ok(rows) = context.request.input.list("drug_trac_info") else {
        return Ok(Vec::new());
    };
    let mut packages = Vec::with_capacity(rows.len());
    for row in &rows {
        row.need(&NEEDED)?;
        packages.push(package(row, row.text("feedetl_sn")?)?);
    }
    Ok(packages)
}

/// Reads the packages within one line of a purchase.
pub(super) fn within(row: &Fields, serial: &str) -> Result<Vec<Package>, Fail> {
    let Ok(rows) = row.list("drug_trac_info") else {
        return Ok(Vec::new());
    };
    let mut packages = Vec::with_capacity(rows.len());
    for row in &rows {
        row.need(&NEEDED)?;
        packages.push(package(row, String::from(serial))?);
    }
    Ok(packages)
}

fn package(row: &Fields, serial: String) -> Result<Package, Fail> {
    let opened = match row.text("trdn_flag")?.as_str() {
        "0" => false,
        "1" => true,
        _ => return Err(row.wrong("trdn_flag").into()),
    };
    let code = row.text("drug_trac_codg")?;
    Ok(Package { serial, code, opened })
}

/// Whether the packages are those of the lines; `lines` are serials with national codes.
pub(super) fn check(
    context: &Context<'_>,
    node: &Fields,
    lines: &[(String, String)],
    packages: &[Package],
) -> Result<(), Fail> {
    if context.options.traces == TraceWish::Ignored {
        return Ok(());
    }
    let mut whole: Vec<&str> = Vec::new();
    for package in packages {
        let (serial, code) = (&package.serial, package.code.as_str());
        if !lines.iter().any(|(line, _)| line == serial) {
            return Err(Refusal::business(format!("追溯码对应的费用明细[{serial}]不存在")).into());
        }
        if package.opened {
            continue;
        }
        if whole.contains(&code) || store::used_elsewhere(context.db, code)? {
            return Err(Refusal::business(format!("追溯码[{code}]已被使用")).into());
        }
        whole.push(code);
    }
    let of = |serial: &str| packages.iter().filter(|package| package.serial == serial).count();
    if context.options.traces == TraceWish::Required {
        let drugs = lines.iter().filter(|(_, code)| Traced::of(code) == Traced::Drug);
        for (serial, _) in drugs {
            if of(serial) == 0 {
                return Err(Refusal::business(format!("药品明细[{serial}]缺少追溯码")).into());
            }
        }
    }
    for (name, kind) in [
        ("minpacunt_drug_trac_cnt", Traced::Drug),
        ("mcs_trac_cnt", Traced::Consumable),
    ] {
        let Some(due) = node.optional(name)? else {
            continue;
        };
        let lines = lines.iter().filter(|(_, code)| Traced::of(code) == kind);
        let sent: usize = lines.map(|(serial, _)| of(serial)).sum();
        if due.parse::<usize>().ok() != Some(sent) {
            return Err(Refusal::business(format!("追溯码应传{due}个,实传{sent}个")).into());
        }
    }
    Ok(())
}

/// Keeps the packages with the settlement that handed them out.
pub(super) fn keep(context: &Context<'_>, settlement: &str, packages: &[Package]) -> Result<(), Fail> {
    if context.options.traces == TraceWish::Ignored {
        return Ok(());
    }
    for package in packages {
        store::add_package(context.db, settlement, package)?;
    }
    Ok(())
}
