//! 2260, 2261: an outpatient bill in one call, tried or settled by a flag. Both spellings and both shapes of its nodes are
//! met; the answer takes the shape of the request.

use zhijie_model::Fen;

use crate::fields::Fields;
use crate::json::Object;
use crate::people::Person;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Settlement, Visit};
use crate::transactions::lines::{Weighed, weigh};
use crate::transactions::person::check_credential;
use crate::transactions::settle::{Bill, price};
use crate::transactions::sheet::{Form, sheet};
use crate::transactions::visit::is_visit_kind;
use crate::transactions::{Context, Done, refund};

const NEEDED: [&str; 12] = [
    "psn_no",
    "mdtrt_cert_type",
    "mdtrt_cert_no",
    "setl_flag",
    "insutype",
    "med_type",
    "begntime",
    "adm_dept_name",
    "order_no",
    "dscg_maindiag_code",
    "dscg_maindiag_name",
    "clnc_flag",
];

const LINE_NEEDED: [&str; 11] = [
    "feedetl_sn",
    "cnt",
    "pric",
    "det_item_fee_sumamt",
    "med_list_codg",
    "medins_list_name",
    "bilg_dept_codg",
    "bilg_dept_name",
    "bilg_dr_codg",
    "bilg_dr_name",
    "hosp_appr_flag",
];

/// Members of either spelling: the early one, the one of the other transactions.
const VISIT_SPELLED: [(&str, &str); 4] = [
    ("ipt_op_no", "ipt_otp_no"),
    ("adm_dept_code", "adm_dept_codg"),
    ("main_cond_desc", "main_cond_dscr"),
    ("dise_no", "dise_codg"),
];
const LINE_SPELLED: [(&str, &str); 4] = [
    ("dise_no", "dise_codg"),
    ("rx_drord_no", "rxno"),
    ("fee_ocur_date", "fee_ocur_time"),
    ("medins_milist_codg", "medins_list_codg"),
];
const DIAGNOSIS_SPELLED: [(&str, &str); 6] = [
    ("dise_type", "diag_type"),
    ("dise_srt_no", "diag_srt_no"),
    ("dise_code", "diag_code"),
    ("dise_name", "diag_name"),
    ("dise_dept", "diag_dept"),
    ("dise_time", "diag_time"),
];

/// A bill that came in one call.
struct Slip<'a> {
    node: Fields,
    lines: Vec<Weighed<'a>>,
    diagnoses: Vec<String>,
    wrapped: bool,
}

pub(super) fn try_or_settle(context: &Context<'_>) -> Done {
    let slip = read(context)?;
    let person = context.person(&slip.node)?;
    match slip.node.text("setl_flag")?.as_str() {
        "0" => {
            let row = calculate(context, &slip, person, (String::new(), String::new()))?;
            told(context, person, &row, &slip, Form::PurchaseTrial)
        }
        "1" => {
            let ids = (context.new_id()?, context.new_id()?);
            let row = calculate(context, &slip, person, ids)?;
            store_visit(context, &slip, person, &row)?;
            store::add_settlement(context.db, &row)?;
            store::settle_lines(context.db, &row.visit, &row.batch, &row.id)?;
            told(context, person, &row, &slip, Form::Settled)
        }
        _ => Err(slip.node.wrong("setl_flag").into()),
    }
}

pub(super) fn cancel(context: &Context<'_>) -> Done {
    let node = context.data_node(&["setl_id", "mdtrt_id", "psn_no"])?;
    refund::refund_as(context, &node, Form::Refund)
}

fn read<'a>(context: &Context<'a>) -> Result<Slip<'a>, Fail> {
    let input = &context.request.input;
    let mut node = input.node("mdtrtinfo")?;
    node.respell(&VISIT_SPELLED);
    node.need(&NEEDED)?;
    node.need(&["ipt_otp_no", "adm_dept_codg"])?;
    let (rows, wrapped) = rows(input, "feedetail")?;
    let batch = node.text("order_no")?;
    let mut lines: Vec<Weighed<'_>> = Vec::with_capacity(rows.len());
    for mut row in rows {
        row.respell(&LINE_SPELLED);
        row.need(&LINE_NEEDED)?;
        let approved = row.text("hosp_appr_flag")? != "2";
        let line = weigh(context, &row, (&batch, row.optional("dise_codg")?, approved))?;
        if lines.iter().any(|other| other.line.serial == line.line.serial) {
            return Err(Refusal::business(format!("费用明细流水号[{}]重复", line.line.serial)).into());
        }
        lines.push(line);
    }
    let mut diagnoses = Vec::new();
    for mut row in self::rows(input, "diseinfo")?.0 {
        row.respell(&DIAGNOSIS_SPELLED);
        row.need(&DIAGNOSIS_SPELLED.map(|(_, national)| national))?;
        row.need(&["dise_dor_no", "dise_dor_name"])?;
        row.time("diag_time")?;
        diagnoses.push(row.source());
    }
    Ok(Slip {
        node,
        lines,
        diagnoses,
        wrapped,
    })
}

/// The rows of a node, and whether they lay under a member of their own.
fn rows(input: &Fields, name: &str) -> Result<(Vec<Fields>, bool), Fail> {
    if let Ok(node) = input.node(name)
        && let Ok(rows) = node.list("rows")
    {
        return Ok((rows, true));
    }
    Ok((input.list(name)?, false))
}

fn calculate(
    context: &Context<'_>,
    slip: &Slip<'_>,
    person: &Person,
    (id, visit): (String, String),
) -> Result<Settlement, Fail> {
    let node = &slip.node;
    let insurance = context.insurance(person, &node.text("insutype")?)?;
    check_credential(context, node, person)?;
    node.time("begntime")?;
    let kind = node.text("med_type")?;
    if !is_visit_kind(&kind) {
        return Err(Refusal::business(format!("医疗类别[{kind}]不能用于门诊就诊")).into());
    }
    let bill = Bill {
        id,
        visit,
        batch: node.text("order_no")?,
        disease: node.optional("dise_codg")?,
        cuts: slip.lines.iter().map(|weighed| weighed.line.cut).collect(),
    };
    if Fen::sum(bill.cuts.iter().map(|cut| cut.amount)).is_none() {
        return Err(Refusal::business("金额超出范围").into());
    }
    price(context, node, person, insurance, bill)
}

fn store_visit(
    context: &Context<'_>,
    slip: &Slip<'_>,
    person: &Person,
    row: &Settlement,
) -> Result<(), Fail> {
    let insurance = context.insurance(person, &row.insurance)?;
    let node = &slip.node;
    let visit = Visit {
        id: row.visit.clone(),
        person: person.number.clone(),
        insurance: insurance.kind.clone(),
        area: insurance.area.to_string(),
        number: node.text("ipt_otp_no")?,
        institution: context.request.institution.clone(),
        began: node.time("begntime")?.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        credential: node.text("mdtrt_cert_type")?,
        registration: node.source(),
        kind: None,
        description: None,
    };
    store::add_visit(context.db, &visit)?;
    store::describe_visit(
        context.db,
        &visit.id,
        &row.facts.kind,
        &node.source(),
        &slip.diagnoses,
    )?;
    for weighed in &slip.lines {
        store::add_line(context.db, &visit.id, &weighed.line)?;
    }
    Ok(())
}

fn told(context: &Context<'_>, person: &Person, row: &Settlement, slip: &Slip<'_>, form: Form) -> Done {
    let cuts: Vec<Object> = slip.lines.iter().map(Weighed::without_limit).collect();
    let out = sheet(context, person, row, form)?;
    Ok(Some(if slip.wrapped {
        out.with("detlcutinfo", Object::new().with("rows", cuts))
    } else {
        out.with("detlcutinfo", cuts)
    }))
}
