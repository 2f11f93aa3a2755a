//! 3101, 3102 and 3103: a bill against the rules, and what the desk does about it.

use crate::fields::Fields;
use crate::json::Object;
use crate::refusal::{Fail, Refusal};
use crate::rules::{Broken, Checked, broken};
use crate::store::{self, Warning};
use crate::transactions::{Context, Done};

const PATIENT: [&str; 7] = [
    "patn_id",
    "patn_name",
    "gend",
    "brdy",
    "poolarea",
    "curr_mdtrt_id",
    "fsi_encounter_dtos",
];

const ENCOUNTER: [&str; 16] = [
    "mdtrt_id",
    "medins_id",
    "medins_name",
    "medins_admdvs",
    "medins_type",
    "medins_lv",
    "adm_date",
    "dscg_date",
    "med_mdtrt_type",
    "med_type",
    "matn_stas",
    "medfee_sumamt",
    "setl_totlnum",
    "insutype",
    "reim_flag",
    "out_setl_flag",
];

const ORDER: [&str; 12] = [
    "rx_id",
    "rxno",
    "long_drord_flag",
    "hilist_type",
    "chrg_type",
    "hilist_code",
    "hosplist_code",
    "hosplist_name",
    "cnt",
    "pric",
    "sumamt",
    "curr_drord_flag",
];

/// What is wanted of a visit to a doctor and not of a purchase.
const DOCTOR: [&str; 5] = [
    "dscg_main_dise_codg",
    "dscg_main_dise_name",
    "fsi_diagnose_dtos",
    "dr_codg",
    "adm_dept_codg",
];

pub(super) fn check(context: &Context<'_>) -> Done {
    let node = context.data_node(&["patient_dtos"])?;
    let patients = node.list("patient_dtos")?;
    let mut rows = Vec::new();
    for patient in &patients {
        patient.need(&PATIENT)?;
        let number = patient.text("patn_id")?;
        let known = context.data.person(&number);
        known.ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
        patient.date("brdy")?;
        for encounter in patient.list("fsi_encounter_dtos")? {
            let (lines, diagnoses) = read(context, &encounter, &number)?;
            for found in broken(&context.data.rules, &lines, &diagnoses) {
                let id = context.new_id()?;
                let warning = Warning {
                    id: id.clone(),
                    person: number.clone(),
                    visit: encounter.text("mdtrt_id")?,
                    rule: found.rule.id.clone(),
                };
                store::add_warning(context.db, &warning, &context.time())?;
                rows.push(row(&found, &warning)?);
            }
        }
    }
    Ok(Some(Object::new().with("result", rows)))
}

fn read(
    context: &Context<'_>,
    encounter: &Fields,
    person: &str,
) -> Result<(Vec<Checked>, Vec<String>), Fail> {
    encounter.need(&ENCOUNTER)?;
    encounter.time("adm_date")?;
    let total = encounter.fen("medfee_sumamt")?;
    let mut diagnoses = Vec::new();
    if encounter.text("med_mdtrt_type")? != "3" {
        encounter.need(&DOCTOR)?;
        for diagnosis in encounter.list("fsi_diagnose_dtos")? {
            diagnoses.push(diagnosis.text("dise_codg")?);
        }
    }
    let mut lines = Vec::new();
    for order in encounter.list("fsi_order_dtos")? {
        order.need(&ORDER)?;
        lines.push(line(context, &order, person)?);
    }
    let sum = zhijie_model::Fen::sum(lines.iter().map(|line| line.amount));
    if sum != Some(total) {
        return Err(Refusal::business("总费用与处方明细合计不一致").into());
    }
    Ok((lines, diagnoses))
}

fn line(context: &Context<'_>, order: &Fields, person: &str) -> Result<Checked, Fail> {
    let code = order.text("hilist_code")?;
    let day = order.time("drord_begn_date")?.date();
    let newest = store::settled_on(context.db, person, &code)?;
    let newest = newest.and_then(|at| at.get(..10)?.parse::<jiff::civil::Date>().ok());
    let drug = matches!(order.text("hilist_type")?.as_str(), "101" | "102");
    let ago = newest.filter(|_| drug).map(|newest| {
        let span = day.since(newest);
        span.map_or(i64::MAX, |span| i64::from(span.get_days()))
    });
    Ok(Checked {
        serial: order.text("rx_id")?,
        name: order.text("hosplist_name")?,
        quantity: order.quantity("cnt")?,
        amount: order.fen("sumamt")?,
        known: context.data.catalogue.contains_key(&code),
        settled_ago: ago,
        code,
    })
}

fn row(found: &Broken<'_>, warning: &Warning) -> Result<Object, Fail> {
    let amounts = found.lines.iter().map(|line| line.amount);
    let amount = zhijie_model::Fen::sum(amounts).ok_or_else(|| Refusal::business("违规金额超出范围"))?;
    let details: Vec<Object> = found
        .lines
        .iter()
        .map(|line| {
            Object::new()
                .with("jrd_id", format!("{}-{}", warning.id, line.serial))
                .with("patn_id", warning.person.as_str())
                .with("mdtrt_id", warning.visit.as_str())
                .with("rx_id", line.serial.as_str())
                .with("vola_item_type", "1")
                .with("vola_amt", line.amount)
        })
        .collect();
    Ok(Object::new()
        .with("jr_id", warning.id.as_str())
        .with("rule_id", found.rule.id.as_str())
        .with("rule_name", found.rule.name.as_str())
        .with("vola_cont", found.text.as_str())
        .with("patn_id", warning.person.as_str())
        .with("mdtrt_id", warning.visit.as_str())
        .with("judge_result_detail_dtos", details)
        .with("vola_amt", amount)
        .with("vola_amt_stas", "1")
        .with("sev_deg", found.rule.severity.as_str())
        .with("vola_evid", found.rule.basis.clone())
        .with("vola_bhvr_type", "1"))
}

pub(super) fn answer(context: &Context<'_>) -> Done {
    let node = context.data_node(&["warn_type", "warns"])?;
    for warn in node.list("warns")? {
        let (id, way) = (warn.text("warn_rslt_id")?, warn.text("dspo_way")?);
        let reason = warn.optional("dspo_way_rea")?;
        if way == "1" && reason.is_none() {
            return Err(Refusal::business(format!("违规标识[{id}]继续执行时处理原因不能为空")).into());
        }
        if !store::answer_warning(context.db, &id, &way, reason.as_deref())? {
            return Err(Refusal::business(format!("未查询到违规标识[{id}]")).into());
        }
    }
    Ok(None)
}
