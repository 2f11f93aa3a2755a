//! 2201, 2202, 2203: a visit is opened, described, withdrawn.

use crate::json::Object;
use crate::refusal::Refusal;
use crate::store::{self, Visit};
use crate::transactions::person::check_credential;
use crate::transactions::{Context, Done};

pub(super) fn register(context: &Context<'_>) -> Done {
    let node = context.data_node(&[
        "psn_no",
        "insutype",
        "begntime",
        "mdtrt_cert_type",
        "mdtrt_cert_no",
        "ipt_otp_no",
        "atddr_no",
        "dr_name",
        "dept_code",
        "dept_name",
        "caty",
    ])?;
    let person = context.person(&node)?;
    let insurance = context.insurance(person, &node.text("insutype")?)?;
    check_credential(context, &node, person)?;
    let began = node.time("begntime")?;
    let id = context.new_id()?;
    let number = node.text("ipt_otp_no")?;
    store::add_visit(
        context.db,
        &Visit {
            id: id.clone(),
            person: person.number.clone(),
            insurance: insurance.kind.clone(),
            area: insurance.area.to_string(),
            number: number.clone(),
            institution: context.request.institution.clone(),
            began: began.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            credential: node.text("mdtrt_cert_type")?,
            registration: node.source(),
            kind: None,
            description: None,
        },
    )?;
    let data = Object::new()
        .with("mdtrt_id", id)
        .with("psn_no", person.number.as_str())
        .with("ipt_otp_no", number);
    Ok(Some(Object::new().with("data", data)))
}

pub(super) fn withdraw(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "mdtrt_id", "ipt_otp_no"])?;
    let person = context.person(&node)?;
    let visit = context.visit(&node, person)?;
    if visit.number != node.text("ipt_otp_no")? {
        return Err(Refusal::business("门诊号与就诊信息不一致").into());
    }
    let (lines, _) = store::count_lines(context.db, &visit.id)?;
    if lines > 0 {
        return Err(Refusal::business("该就诊存在费用明细,请先撤销费用明细或结算").into());
    }
    store::cancel_visit(context.db, &visit.id)?;
    Ok(None)
}

pub(super) fn describe(context: &Context<'_>) -> Done {
    let node = context.request.input.node("mdtrtinfo")?;
    node.need(&["mdtrt_id", "psn_no", "med_type", "begntime"])?;
    node.time("begntime")?;
    let person = context.person(&node)?;
    let visit = context.visit(&node, person)?;
    let kind = node.text("med_type")?;
    if !is_visit_kind(&kind) {
        return Err(Refusal::business(format!("医疗类别[{kind}]不能用于门诊就诊")).into());
    }
    if kind.starts_with("14") {
        node.need(&["dise_codg", "dise_name"])?;
    }
    // A registration fee is settled before the visit itself is described.
    let fees_only = store::standing(context.db, &visit.id)?
        .iter()
        .all(|row| row.facts.kind.starts_with("12"));
    if !fees_only {
        return Err(Refusal::business("该就诊已结算,不能修改就诊信息").into());
    }
    let mut diagnoses = Vec::new();
    for diagnosis in context.request.input.list("diseinfo")? {
        diagnosis.need(&[
            "diag_type",
            "diag_srt_no",
            "diag_code",
            "diag_name",
            "diag_dept",
            "dise_dor_no",
            "dise_dor_name",
            "diag_time",
            "vali_flag",
        ])?;
        diagnosis.time("diag_time")?;
        diagnoses.push(diagnosis.source());
    }
    store::describe_visit(context.db, &visit.id, &kind, &node.source(), &diagnoses)?;
    Ok(None)
}

/// Kinds of visit that are settled as outpatient visits; longer codes are local forms of these.
pub(super) fn is_visit_kind(kind: &str) -> bool {
    matches!(
        kind.get(..2),
        Some("11" | "12" | "13" | "14" | "15" | "16" | "19" | "51" | "53" | "81")
    )
}
