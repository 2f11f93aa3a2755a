//! 5202, 5204, 5205 and the centre's own settlement sheet (5260, 5265, 5269, 5270).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::catalogue::Class;
use crate::fields::Fields;
use crate::json::{Json, Object};
use crate::people::Person;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Line, Visit};
use crate::transactions::sheet::{find, is_visitor};
use crate::transactions::{Context, Done};

pub(super) fn diagnoses(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "mdtrt_id"])?;
    let person = context.person(&node)?;
    let Some(visit) = visit(context, &node.text("mdtrt_id")?, person)? else {
        return Ok(Some(Object::new()));
    };
    let mut rows = Vec::new();
    for record in store::diagnoses_of(context.db, &visit.id)? {
        let told = Fields::parse("diseinfo", &record)?;
        let rank = told.optional("diag_srt_no")?;
        rows.push(
            Object::new()
                .with("mdtrt_id", visit.id.as_str())
                .with("psn_no", person.number.as_str())
                .with("inout_diag_type", "1")
                .with("diag_type", told.optional("diag_type")?)
                .with(
                    "maindiag_flag",
                    if rank.as_deref() == Some("1") { "1" } else { "0" },
                )
                .with("diag_srt_no", rank)
                .with("diag_code", told.optional("diag_code")?)
                .with("diag_name", told.optional("diag_name")?)
                .with("diag_dept", told.optional("diag_dept")?)
                .with("dise_dor_no", told.optional("dise_dor_no")?)
                .with("dise_dor_name", told.optional("dise_dor_name")?)
                .with("diag_time", told.optional("diag_time")?),
        );
    }
    Ok(Some(Object::new().with("diseinfo", rows)))
}

/// As with 5203, nothing is found for patients of other provinces where the switch says so.
pub(super) fn lines(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "mdtrt_id"])?;
    let person = context.person(&node)?;
    let Some(visit) = visit(context, &node.text("mdtrt_id")?, person)? else {
        return Ok(Some(Object::new()));
    };
    if context.options.empty_5203_for_visitors && is_visitor(context, &visit.area) {
        return Ok(Some(Object::new()));
    }
    let wanted = node.optional("setl_id")?;
    let mut rows = Vec::new();
    for (line, settlement) in store::lines_of(context.db, &visit.id, wanted.as_deref())? {
        let row = row(context, &line)?.with("setl_id", settlement);
        rows.push(
            row.with("mdtrt_id", visit.id.as_str())
                .with("med_type", visit.kind.clone()),
        );
    }
    Ok(Some(Object::new().with("feedetail", rows)))
}

pub(super) fn dispensed(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "begntime"])?;
    let person = context.person(&node)?;
    let text = |name: &str| -> Result<String, Refusal> {
        Ok(node.time(name)?.strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let until = match node.optional("endtime")? {
        Some(_) => text("endtime")?,
        None => context.time(),
    };
    let mut rows = Vec::new();
    for (line, institution) in store::dispensed(context.db, &person.number, (&text("begntime")?, &until))? {
        let code = Fields::parse("feedetail", &line.record)?.text("med_list_codg")?;
        if !matches!(code.as_bytes().first(), Some(b'X' | b'Z' | b'T')) {
            continue;
        }
        let known = context
            .data
            .institutions
            .iter()
            .find(|known| known.code == institution);
        let name = known.map(|known| known.name.clone());
        let row = row(context, &line)?.with("fixmedins_code", institution);
        rows.push(row.with("fixmedins_name", name));
    }
    Ok(Some(Object::new().with("feedetail", rows)))
}

fn row(context: &Context<'_>, line: &Line) -> Result<Object, Fail> {
    let told = Fields::parse("feedetail", &line.record)?;
    let code = told.text("med_list_codg")?;
    let item = context.data.catalogue.get(&code);
    let number =
        |name: &str| -> Result<Json, Refusal> { Ok(told.optional(name)?.map_or(Json::Null, Json::Number)) };
    Ok(Object::new()
        .with("feedetl_sn", line.serial.as_str())
        .with("rx_drord_no", told.optional("rxno")?)
        .with("fee_ocur_time", told.optional("fee_ocur_time")?)
        .with("cnt", number("cnt")?)
        .with("pric", number("pric")?)
        .with("det_item_fee_sumamt", line.cut.amount)
        .with("fulamt_ownpay_amt", line.cut.own_expense)
        .with("overlmt_amt", line.cut.over_ceiling)
        .with("preselfpay_amt", line.cut.first_own)
        .with("inscp_scp_amt", line.cut.in_scope)
        .with("chrgitm_lv", item.map_or(Class::C, |item| item.class).code())
        .with("med_list_codg", code)
        .with("medins_list_codg", told.optional("medins_list_codg")?)
        .with("medins_list_name", item.map(|item| item.name.clone())))
}

/// The sheet of the own province or city: 5265, and 5260 where one is for everybody.
pub(super) fn sheet_home(context: &Context<'_>) -> Done {
    let node = context.data_node(&["setl_id", "psn_no", "mdtrt_id"])?;
    let person = context.person(&node)?;
    file(context, person, (&node.text("mdtrt_id")?, &node.text("setl_id")?))
}

/// The sheet of a visitor: 5269 of a visit, 5270 of a stay.
pub(super) fn sheet_elsewhere(context: &Context<'_>) -> Done {
    let node = context.data_node(&["mdtrtRegno", "mdtrtId", "medinsNo"])?;
    let id = node.text("mdtrtId")?;
    let visit = store::visit_by_id(context.db, &id)?;
    let visit = visit.ok_or_else(|| Refusal::business(format!("未查询到就诊信息[{id}]")))?;
    let stay = store::find_stay(context.db, &visit.id)?.is_some();
    if stay != (context.request.infno == "5270") {
        return Err(Refusal::business("就诊类别与结算单不符").into());
    }
    let person = context.data.person(&visit.person);
    let person = person.ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
    file(context, person, (&id, &node.text("mdtrtRegno")?))
}

/// A text with the amounts of the settlement; what a real platform prints is its own affair.
fn file(context: &Context<'_>, person: &Person, (visit_id, settlement): (&str, &str)) -> Done {
    let found = match visit(context, visit_id, person)? {
        Some(visit) => find(context, &visit.id, Some(settlement))?,
        None => None,
    };
    let Some(row) = found else {
        return Err(Refusal::business(format!("未查询到结算信息[{settlement}]")).into());
    };
    let split = &row.split;
    let text = format!(
        "医疗保险结算单（沙箱省）\n结算编号 {}\n姓名 {}\n医疗费总额 {}\n基金支付 {}\n现金支付 {}\n结算时间 {}\n",
        row.id, person.name, split.total, split.funds, split.cash, row.at
    );
    let sheet = Object::new()
        .with("fileName", format!("{}.txt", row.id))
        .with("fileContent", STANDARD.encode(text));
    Ok(Some(Object::new().with("data", sheet)))
}

fn visit(context: &Context<'_>, id: &str, person: &Person) -> Result<Option<Visit>, Fail> {
    let found = store::visit_by_id(context.db, id)?;
    Ok(found
        .filter(|visit| visit.person == person.number && visit.institution == context.request.institution))
}
