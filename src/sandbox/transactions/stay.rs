//! 2401 to 2405: a person comes into hospital, is moved, leaves, and each of these is taken back.

use zhijie_model::Distance;

use crate::fields::Fields;
use crate::json::Object;
use crate::people::Person;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Stay, Visit};
use crate::transactions::benefit::{Admission, admission, not_admitted};
use crate::transactions::person::check_credential;
use crate::transactions::{Context, Done};

const ADMISSION: [&str; 9] = [
    "begntime",
    "mdtrt_cert_type",
    "med_type",
    "atddr_no",
    "chfpdr_name",
    "adm_diag_dscr",
    "adm_dept_codg",
    "adm_dept_name",
    "adm_bed",
];
const DIAGNOSIS: [&str; 9] = [
    "psn_no",
    "diag_type",
    "maindiag_flag",
    "diag_srt_no",
    "diag_code",
    "diag_name",
    "diag_dept",
    "dise_dor_no",
    "dise_dor_name",
];

pub(super) fn admit(context: &Context<'_>) -> Done {
    let node = context.request.input.node("mdtrtinfo")?;
    node.need(&ADMISSION)?;
    node.need(&[
        "psn_no",
        "insutype",
        "mdtrt_cert_no",
        "ipt_no",
        "dscg_maindiag_code",
        "dscg_maindiag_name",
    ])?;
    let person = context.person(&node)?;
    let insurance = context.insurance(person, &node.text("insutype")?)?;
    check_credential(context, &node, person)?;
    let kind = stay_kind(&node)?;
    let began = node.time("begntime")?;
    let number = node.text("ipt_no")?;
    nowhere_in_hospital(context, person)?;
    let region = context.region(insurance.area)?;
    visitor(context, &node, insurance.area, &region.name)?;
    if let Admission::Missing(reason) = admission(context, person, insurance, &kind, began.date())? {
        return Err(not_admitted(region, &reason).into());
    }
    let diagnoses = diagnoses(context, None)?;
    let id = context.new_id()?;
    store::add_visit(
        context.db,
        &Visit {
            id: id.clone(),
            person: person.number.clone(),
            insurance: insurance.kind.clone(),
            area: insurance.area.to_string(),
            number,
            institution: context.request.institution.clone(),
            began: began.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            credential: node.text("mdtrt_cert_type")?,
            registration: node.source(),
            kind: None,
            description: None,
        },
    )?;
    store::describe_visit(context.db, &id, &kind, &node.source(), &diagnoses)?;
    store::add_stay(
        context.db,
        &Stay {
            visit: id.clone(),
            msgid: context.request.msgid.clone(),
            hospital: context.request.institution_name.clone(),
            ended: None,
            discharge: None,
        },
    )?;
    let result = Object::new().with("mdtrt_id", id);
    Ok(Some(Object::new().with("result", result)))
}

/// Kinds that are settled as stays; longer codes are local forms of these.
fn stay_kind(node: &Fields) -> Result<String, Refusal> {
    let kind = node.text("med_type")?;
    let known = matches!(
        kind.get(..2),
        Some("21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "52")
    );
    if !known {
        return Err(Refusal::business(format!("医疗类别[{kind}]不能用于住院")));
    }
    if kind.starts_with("28") {
        node.need(&["dise_codg", "dise_name", "oprn_oprt_code", "oprn_oprt_name"])?;
    }
    if kind.starts_with("52") {
        node.need(&["matn_type"])?;
    }
    Ok(kind)
}

fn nowhere_in_hospital(context: &Context<'_>, person: &Person) -> Result<(), Fail> {
    let stays = store::stays(context.db, Some(&person.number))?;
    let Some(open) = stays.into_iter().find(|stay| stay.ended.is_none()) else {
        return Ok(());
    };
    Err(if open.institution == context.request.institution {
        Refusal::business(format!(
            "该人员在本院已有在院信息[{}],不能重复办理入院",
            open.number
        ))
        .into()
    } else {
        Refusal::business(format!(
            "该人员已在[{}]住院,不能办理入院HospitalRegisterBO",
            open.hospital
        ))
        .into()
    })
}

/// What the insured region wants to know of a visitor's stay, and what it makes of an injury somebody else answers for.
fn visitor(
    context: &Context<'_>,
    node: &Fields,
    insured: zhijie_model::Area,
    region: &str,
) -> Result<(), Fail> {
    match context.distance(insured) {
        Distance::SameCity => return Ok(()),
        Distance::SameProvince => {}
        Distance::OtherProvince => {
            node.need(&["certno"])?;
            if node.text("mdtrt_cert_type")? == "03" {
                node.need(&["card_sn"])?;
            }
        }
    }
    let yes = |name: &str| Ok::<bool, Refusal>(node.optional(name)?.as_deref() == Some("1"));
    if yes("trum_flag")? && yes("rel_ttp_flag")? {
        let text = "外伤涉及第三方责任,不能享受异地就医直接结算待遇";
        return Err(Refusal::insured_region(region, text).into());
    }
    Ok(())
}

/// The diagnoses of the request, exactly one of them the main one.
fn diagnoses(context: &Context<'_>, visit: Option<&str>) -> Result<Vec<String>, Fail> {
    let mut found = Vec::new();
    let mut main = 0;
    for diagnosis in context.request.input.list("diseinfo")? {
        diagnosis.need(&DIAGNOSIS)?;
        diagnosis.time("diag_time")?;
        if visit.is_some_and(|id| diagnosis.text("mdtrt_id").ok().as_deref() != Some(id)) {
            return Err(diagnosis.wrong("mdtrt_id").into());
        }
        if diagnosis.text("maindiag_flag")? == "1" {
            main += 1;
        }
        found.push(diagnosis.source());
    }
    if main == 1 {
        Ok(found)
    } else {
        Err(Refusal::front("参数校验失败:节点[diseinfo]主诊断必须有且仅有一条").into())
    }
}

pub(super) fn change(context: &Context<'_>) -> Done {
    let node = context.request.input.node("adminfo")?;
    node.need(&ADMISSION)?;
    node.need(&["psn_no", "mdtrt_id", "ipt_otp_no"])?;
    let person = context.person(&node)?;
    let (visit, stay) = context.stay(&node, person)?;
    node.time("begntime")?;
    if visit.number != node.text("ipt_otp_no")? {
        return Err(Refusal::business("住院号与入院登记不一致").into());
    }
    if stay.ended.is_some() {
        return Err(Refusal::business("该住院已办理出院,请先撤销出院").into());
    }
    let kind = stay_kind(&node)?;
    let (lines, _) = store::count_lines(context.db, &visit.id)?;
    if lines > 0 && visit.kind.as_deref() != Some(kind.as_str()) {
        return Err(Refusal::business("已有费用明细,不能变更医疗类别,请先撤销费用明细").into());
    }
    let diagnoses = diagnoses(context, Some(&visit.id))?;
    store::describe_visit(context.db, &visit.id, &kind, &node.source(), &diagnoses)?;
    Ok(None)
}

pub(super) fn discharge(context: &Context<'_>) -> Done {
    let node = context.request.input.node("dscginfo")?;
    node.need(&[
        "mdtrt_id",
        "psn_no",
        "insutype",
        "endtime",
        "dscg_dept_codg",
        "dscg_dept_name",
        "dscg_way",
    ])?;
    let person = context.person(&node)?;
    let (visit, stay) = context.stay(&node, person)?;
    let ended = node.time("endtime")?.strftime("%Y-%m-%d %H:%M:%S").to_string();
    if stay.ended.is_some() {
        return Err(Refusal::business("该住院已办理出院").into());
    }
    if visit.insurance != node.text("insutype")? {
        return Err(Refusal::business("险种类型与入院登记不一致").into());
    }
    if ended < visit.began {
        return Err(node.wrong("endtime").into());
    }
    let way = node.text("dscg_way")?;
    if !["1", "2", "3", "4", "5", "9"].contains(&way.as_str()) {
        return Err(node.wrong("dscg_way").into());
    }
    if way == "5" {
        node.need(&["die_date"])?;
        node.date("die_date")?;
    }
    if context.options.settles_before_discharge && context.final_settlement(&visit.id)?.is_none() {
        return Err(Refusal::business("该住院尚未结算,请先结算").into());
    }
    diagnoses(context, Some(&visit.id))?;
    store::discharge_stay(context.db, &visit.id, Some((&ended, &node.source())))?;
    Ok(None)
}

pub(super) fn undo_discharge(context: &Context<'_>) -> Done {
    let node = context.data_node(&["mdtrt_id", "psn_no"])?;
    let person = context.person(&node)?;
    let (visit, stay) = context.stay(&node, person)?;
    if stay.ended.is_none() {
        return Err(Refusal::business("该住院未办理出院").into());
    }
    if !context.options.settles_before_discharge && context.final_settlement(&visit.id)?.is_some() {
        return Err(Refusal::business("该住院存在出院结算,请先撤销结算").into());
    }
    let elsewhere = store::stays(context.db, Some(&person.number))?;
    if let Some(open) = elsewhere.into_iter().find(|open| open.ended.is_none()) {
        return Err(Refusal::business(format!("该人员已在[{}]住院,不能撤销出院", open.hospital)).into());
    }
    store::discharge_stay(context.db, &visit.id, None)?;
    Ok(None)
}

pub(super) fn undo_admission(context: &Context<'_>) -> Done {
    let node = context.data_node(&["mdtrt_id", "psn_no"])?;
    let person = context.person(&node)?;
    let (visit, stay) = context.stay(&node, person)?;
    if let Some(text) = why_not_undone(context, &stay)? {
        return Err(Refusal::business(text).into());
    }
    store::cancel_visit(context.db, &visit.id)?;
    Ok(None)
}

/// 2601 of 2401: the stay was never opened.
pub(super) fn reverse_admission(context: &Context<'_>, msgid: &str) -> Done {
    let stay =
        store::stay_of_message(context.db, msgid)?.ok_or_else(|| Refusal::reversal("未查询到原交易信息"))?;
    if store::find_visit(context.db, &stay.visit)?.is_none() {
        return Err(Refusal::reversal("原交易已冲正").into());
    }
    if let Some(text) = why_not_undone(context, &stay)? {
        return Err(Refusal::reversal(text).into());
    }
    store::cancel_visit(context.db, &stay.visit)?;
    Ok(None)
}

fn why_not_undone(context: &Context<'_>, stay: &Stay) -> Result<Option<&'static str>, Fail> {
    let (lines, settled) = store::count_lines(context.db, &stay.visit)?;
    Ok(if settled > 0 {
        Some("该住院存在结算信息,请先撤销结算")
    } else if stay.ended.is_some() {
        Some("该住院已办理出院,请先撤销出院")
    } else if lines > 0 {
        Some("该住院存在费用明细,请先撤销费用明细")
    } else {
        None
    })
}

impl Context<'_> {
    /// The stay the node names, which is this person's and this hospital's.
    pub(super) fn stay(&self, node: &Fields, person: &Person) -> Result<(Visit, Stay), Fail> {
        let visit = self.visit(node, person)?;
        let stay = store::find_stay(self.db, &visit.id)?
            .ok_or_else(|| Refusal::business(format!("就诊信息[{}]不是住院", visit.id)))?;
        Ok((visit, stay))
    }

    /// The standing settlement that ends the stay.
    pub(super) fn final_settlement(&self, visit: &str) -> Result<Option<store::Settlement>, Fail> {
        let standing = store::standing(self.db, visit)?;
        Ok(standing.into_iter().find(|row| !row.facts.interim))
    }
}
