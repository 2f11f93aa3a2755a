//! 2101, 2102, 2103: a purchase at a pharmacy. One call carries visit, lines and settlement; the visit is made by the
//! settlement, and a purchase is told from another by nothing but its message.

use zhijie_model::Fen;

use crate::fields::Fields;
use crate::json::Object;
use crate::people::Person;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Line, Package, Settlement, Visit};
use crate::transactions::lines::{Weighed, weigh};
use crate::transactions::person::check_credential;
use crate::transactions::settle::{Bill, price};
use crate::transactions::sheet::{Form, sheet};
use crate::transactions::{Context, Done, refund, traces};

const NEEDED: [&str; 8] = [
    "psn_no",
    "mdtrt_cert_type",
    "mdtrt_cert_no",
    "begntime",
    "medfee_sumamt",
    "insutype",
    "acct_used_flag",
    "med_type",
];

const LINE_NEEDED: [&str; 8] = [
    "feedetl_sn",
    "rx_circ_flag",
    "fee_ocur_time",
    "med_list_codg",
    "medins_list_codg",
    "det_item_fee_sumamt",
    "cnt",
    "pric",
];

/// Every purchase is one batch of its own visit.
const BATCH: &str = "1";

pub(super) fn trial(context: &Context<'_>) -> Done {
    let node = node(context)?;
    let person = context.person(&node)?;
    let lines = lines(context)?;
    let row = calculate(context, &node, person, &lines, (String::new(), String::new()))?;
    told(context, person, &row, &lines, Form::PurchaseTrial)
}

pub(super) fn settle(context: &Context<'_>) -> Done {
    let node = node(context)?;
    let person = context.person(&node)?;
    let lines = lines(context)?;
    let visit = context.new_id()?;
    let row = calculate(context, &node, person, &lines, (context.new_id()?, visit))?;
    let packages = packages(context, &node)?;
    traces::keep(context, &row.id, &packages)?;
    store_visit(context, &node, person, &row, &lines)?;
    store::add_settlement(context.db, &row)?;
    store::settle_lines(context.db, &row.visit, BATCH, &row.id)?;
    told(context, person, &row, &lines, Form::Purchase)
}

pub(super) fn cancel(context: &Context<'_>) -> Done {
    let node = context.data_node(&["setl_id", "mdtrt_id", "psn_no"])?;
    refund::refund_as(context, &node, Form::PurchaseRefund)
}

fn node(context: &Context<'_>) -> Result<Fields, Refusal> {
    let node = context.request.input.node("druginfo")?;
    node.need(&NEEDED)?;
    Ok(node)
}

fn lines<'a>(context: &Context<'a>) -> Result<Vec<Weighed<'a>>, Fail> {
    let rows = context.request.input.list("drugdetail")?;
    let mut lines: Vec<Weighed<'_>> = Vec::with_capacity(rows.len());
    for row in &rows {
        row.need(&LINE_NEEDED)?;
        let line = weigh(context, row, (BATCH, None, true))?;
        if lines.iter().any(|other| other.line.serial == line.line.serial) {
            return Err(Refusal::business(format!("费用明细流水号[{}]重复", line.line.serial)).into());
        }
        lines.push(line);
    }
    Ok(lines)
}

/// The packages handed out, beside the lines or within them; both forms are met.
fn packages(context: &Context<'_>, node: &Fields) -> Result<Vec<Package>, Fail> {
    let mut packages = traces::beside(context)?;
    let mut lines = Vec::new();
    for row in context.request.input.list("drugdetail")? {
        let serial = row.text("feedetl_sn")?;
        packages.extend(traces::within(&row, &serial)?);
        lines.push((serial, row.text("med_list_codg")?));
    }
    traces::check(context, node, &lines, &packages)?;
    Ok(packages)
}

fn calculate(
    context: &Context<'_>,
    node: &Fields,
    person: &Person,
    lines: &[Weighed<'_>],
    (id, visit): (String, String),
) -> Result<Settlement, Fail> {
    let insurance = context.insurance(person, &node.text("insutype")?)?;
    check_credential(context, node, person)?;
    node.time("begntime")?;
    let kind = node.text("med_type")?;
    if !kind.starts_with("41") {
        return Err(Refusal::business(format!("医疗类别[{kind}]不能用于药店购药")).into());
    }
    let cuts: Vec<_> = lines.iter().map(|weighed| weighed.line.cut).collect();
    if Fen::sum(cuts.iter().map(|cut| cut.amount)) != Some(node.fen("medfee_sumamt")?) {
        return Err(Refusal::business("医疗费总额与费用明细合计不一致").into());
    }
    let bill = Bill {
        id,
        visit,
        batch: String::from(BATCH),
        disease: node.optional("dise_codg")?,
        cuts,
    };
    price(context, node, person, insurance, bill)
}

fn store_visit(
    context: &Context<'_>,
    node: &Fields,
    person: &Person,
    row: &Settlement,
    lines: &[Weighed<'_>],
) -> Result<(), Fail> {
    let insurance = context.insurance(person, &row.insurance)?;
    let visit = Visit {
        id: row.visit.clone(),
        person: person.number.clone(),
        insurance: insurance.kind.clone(),
        area: insurance.area.to_string(),
        number: lines
            .first()
            .map(|weighed| weighed.line.serial.clone())
            .unwrap_or_default(),
        institution: context.request.institution.clone(),
        began: node.time("begntime")?.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        credential: node.text("mdtrt_cert_type")?,
        registration: node.source(),
        kind: None,
        description: None,
    };
    store::add_visit(context.db, &visit)?;
    store::describe_visit(context.db, &visit.id, &row.facts.kind, &node.source(), &[])?;
    for weighed in lines {
        let line: &Line = &weighed.line;
        store::add_line(context.db, &visit.id, line)?;
    }
    Ok(())
}

fn told(context: &Context<'_>, person: &Person, row: &Settlement, lines: &[Weighed<'_>], form: Form) -> Done {
    let cuts: Vec<Object> = lines.iter().map(Weighed::without_limit).collect();
    Ok(Some(sheet(context, person, row, form)?.with("detlcutinfo", cuts)))
}
