//! 2204, 2205: fee lines come and go; the treatment place's catalogue cuts each.

use zhijie_model::{Quantity, UnitPrice, line_amount};

use crate::catalogue::{Class, Item, LineCut, cut_line};
use crate::fields::Fields;
use crate::json::{Json, Object};
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Line};
use crate::transactions::person::flag;
use crate::transactions::{Context, Done, mapping};

const NEEDED: [&str; 16] = [
    "feedetl_sn",
    "mdtrt_id",
    "psn_no",
    "chrg_bchno",
    "rx_circ_flag",
    "fee_ocur_time",
    "med_list_codg",
    "medins_list_codg",
    "det_item_fee_sumamt",
    "cnt",
    "pric",
    "bilg_dept_codg",
    "bilg_dept_name",
    "bilg_dr_codg",
    "bilg_dr_name",
    "hosp_appr_flag",
];

/// Batch number that means every unsettled line.
const ALL_BATCHES: &str = "0000";

/// How the interface says that an item has no ceiling.
const NO_CEILING: &str = "99999999.000000";

pub(super) fn upload(context: &Context<'_>) -> Done {
    let rows = context.request.input.list("feedetail")?;
    let mut results = Vec::with_capacity(rows.len());
    for row in &rows {
        row.need(&NEEDED)?;
        results.push(upload_line(context, row)?);
    }
    Ok(Some(Object::new().with("result", results)))
}

fn upload_line(context: &Context<'_>, row: &Fields) -> Result<Object, Fail> {
    let person = context.person(row)?;
    let visit = context.visit(row, person)?;
    if visit.kind.is_none() {
        return Err(Refusal::business("请先上传就诊信息(2203)").into());
    }
    let serial = row.text("feedetl_sn")?;
    let batch = row.text("chrg_bchno")?;
    if batch == ALL_BATCHES {
        return Err(row.wrong("chrg_bchno").into());
    }
    if store::serial_exists(context.db, &visit.id, &serial)? {
        return Err(Refusal::business(format!("费用明细流水号[{serial}]重复")).into());
    }
    if store::standing_of_batch(context.db, &visit.id, &batch)?.is_some() {
        return Err(Refusal::business(format!("收费批次号[{batch}]已结算")).into());
    }
    let disease = row.optional("dise_codg")?;
    let others = store::batch_disease(context.db, &visit.id, &batch)?;
    if others.is_some_and(|others| others != disease) {
        return Err(Refusal::business(format!("收费批次号[{batch}]内病种编码不一致")).into());
    }
    let approved = row.text("hosp_appr_flag")? != "2";
    let weighed = weigh(context, row, (&batch, disease, approved))?;
    store::add_line(context.db, &visit.id, &weighed.line)?;
    Ok(weighed.result().with("lmt_used_flag", "0"))
}

/// A fee line with what the catalogue makes of it.
pub(super) struct Weighed<'a> {
    pub(super) line: Line,
    item: Option<&'a Item>,
    approved: bool,
    quantity: Quantity,
    price: UnitPrice,
}

/// Reads and cuts one line.
pub(super) fn weigh<'a>(
    context: &Context<'a>,
    row: &Fields,
    (batch, disease, approved): (&str, Option<String>, bool),
) -> Result<Weighed<'a>, Fail> {
    let serial = row.text("feedetl_sn")?;
    row.time("fee_ocur_time")?;
    let amount = row.fen("det_item_fee_sumamt")?;
    let quantity = row.quantity("cnt")?;
    let price = row.price("pric")?;
    if quantity.scaled() <= 0 || price.scaled() < 0 || amount.is_negative() {
        return Err(Refusal::business(format!("费用明细[{serial}]数量、单价或金额不是正数")).into());
    }
    let expected = line_amount(quantity, price).map_err(|_| row.wrong("pric"))?;
    if expected.abs_diff(amount) > 1 {
        return Err(Refusal::business(format!("费用明细[{serial}]金额不等于数量乘以单价")).into());
    }
    let code = row.text("med_list_codg")?;
    let known = mapping::counts(context, &row.text("medins_list_codg")?, &code)?
        && !store::is_withdrawn(context.db, &code)?;
    let item = context.data.catalogue.get(&code).filter(|_| known);
    let cut = cut_line(amount, quantity, item.filter(|_| approved))
        .map_err(|_| row.wrong("det_item_fee_sumamt"))?;
    let line = Line {
        serial,
        batch: String::from(batch),
        disease,
        cut,
        record: row.source(),
    };
    Ok(Weighed {
        line,
        item,
        approved,
        quantity,
        price,
    })
}

impl Weighed<'_> {
    /// As 2101 and 2102 tell it: without the mark of limited use.
    pub(super) fn without_limit(&self) -> Object {
        self.result()
    }

    fn result(&self) -> Object {
        result(&self.line, self.item, self.approved, (self.quantity, self.price))
    }
}

pub(super) fn result(
    line: &Line,
    item: Option<&Item>,
    approved: bool,
    (quantity, price): (Quantity, UnitPrice),
) -> Object {
    let LineCut {
        amount,
        own_expense,
        over_ceiling,
        first_own,
        in_scope,
    } = line.cut;
    let own = item.is_none() || !approved;
    let ratio = item
        .filter(|_| !own)
        .map_or_else(|| String::from("1"), Item::first_own_text);
    let ceiling = item.and_then(|item| item.ceiling);
    let class = item.filter(|_| !own).map_or(Class::C, |item| item.class);
    let memo = match (item, approved) {
        (None, _) => Json::from("未匹配到医保目录,按全自费处理"),
        (Some(_), false) => Json::from("医院审批不通过,按全自费处理"),
        (Some(_), true) => Json::Null,
    };
    Object::new()
        .with("feedetl_sn", line.serial.as_str())
        .with("det_item_fee_sumamt", amount)
        .with("cnt", Json::Number(quantity.to_string()))
        .with("pric", Json::Number(price.to_string()))
        .with(
            "pric_uplmt_amt",
            Json::Number(ceiling.map_or_else(|| String::from(NO_CEILING), |price| price.to_string())),
        )
        .with("selfpay_prop", Json::Number(ratio))
        .with("fulamt_ownpay_amt", own_expense)
        .with("overlmt_amt", over_ceiling)
        .with("preselfpay_amt", first_own)
        .with("inscp_scp_amt", in_scope)
        .with("chrgitm_lv", class.code())
        .with("med_chrgitm_type", item.map_or("14", |item| item.kind.as_str()))
        .with("bas_medn_flag", "0")
        .with(
            "hi_nego_drug_flag",
            flag(item.is_some_and(|item| item.negotiated)),
        )
        .with("chld_medc_flag", "0")
        .with("list_sp_item_flag", "0")
        .with("drt_reim_flag", "0")
        .with("memo", memo)
}

pub(super) fn withdraw(context: &Context<'_>) -> Done {
    let node = context.data_node(&["mdtrt_id", "chrg_bchno", "psn_no"])?;
    let person = context.person(&node)?;
    let visit = context.visit(&node, person)?;
    let batch = node.text("chrg_bchno")?;
    if batch == ALL_BATCHES {
        store::remove_lines(context.db, &visit.id, None)?;
        return Ok(None);
    }
    if store::standing_of_batch(context.db, &visit.id, &batch)?.is_some() {
        return Err(Refusal::business(format!("收费批次号[{batch}]已结算,不能撤销费用明细")).into());
    }
    if store::remove_lines(context.db, &visit.id, Some(&batch))? == 0 {
        return Err(Refusal::business(format!("收费批次号[{batch}]无可撤销的费用明细")).into());
    }
    Ok(None)
}
