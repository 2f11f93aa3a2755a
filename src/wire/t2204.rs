//! 2204 门诊费用明细上传 and 2205 门诊费用明细撤销 (interface reference, 3.4).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use zhijie_model::{
    Bill, ChargeBatch, ChargeLine, Fen, LineCut, LineSerial, Payer, Quantity, SplitError, UnitPrice, Visit,
    VisitId,
};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::message::{EncodeError, filled, given, wall_clock};
use crate::profile::Profile;
use crate::rows::{Exact, Rows};
use crate::scalar::{Amount, Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct UploadInput<'a> {
    feedetail: Vec<Line<'a>>,
}

/// Members that outpatient desks do not fill are left out: sin_dos_dscr, used_frqu_dscr, prd_days, medc_way_dscr,
/// acord_dept_*, orders_dr_*, tcmdrug_used_way, etip_*, dscg_tkdrug_flag, matn_fee_flag.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    feedetl_sn: &'a str, // 费用明细流水号
    mdtrt_id: &'a str,   // 就诊ID
    psn_no: &'a str,     // 人员编号
    chrg_bchno: &'a str, // 收费批次号
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_codg: Option<&'a str>, // 病种编码
    #[serde(skip_serializing_if = "Option::is_none")]
    rxno: Option<&'a str>, // 处方号
    rx_circ_flag: &'static str, // 外购处方标志
    fee_ocur_time: String, // 费用发生时间
    med_list_codg: &'a str, // 医疗目录编码
    medins_list_codg: &'a str, // 医药机构目录编码
    det_item_fee_sumamt: Exact<Fen>, // 明细项目费用总额
    cnt: Exact<Quantity>, // 数量
    pric: Exact<UnitPrice>, // 单价
    bilg_dept_codg: &'a str, // 开单科室编码
    bilg_dept_name: &'a str, // 开单科室名称
    bilg_dr_codg: &'a str, // 开单医生编码
    bilg_dr_name: &'a str, // 开单医师姓名
    hosp_appr_flag: &'static str, // 医院审批标志: 0 无须审批
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
pub(crate) struct WithdrawInput<'a> {
    data: Withdraw<'a>,
}

#[derive(Serialize)]
struct Withdraw<'a> {
    mdtrt_id: &'a str,   // 就诊ID
    chrg_bchno: &'a str, // 收费批次号
    psn_no: &'a str,     // 人员编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

/// What all rows of an upload share.
pub(crate) struct Shared<'a> {
    pub(crate) person: &'a str,
    pub(crate) visit_id: &'a str,
    pub(crate) batch: &'a str,
    pub(crate) disease: Option<&'a str>,
}

pub(crate) fn upload<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    visit: &'a Visit,
    lines: &'a [ChargeLine],
    batch: &'a ChargeBatch,
) -> Result<UploadInput<'a>, EncodeError> {
    let shared = Shared {
        person: payer.number.as_str(),
        visit_id: visit_id.as_str(),
        batch: batch.as_str(),
        disease: visit.disease.as_ref().map(|disease| disease.code.as_str()),
    };
    let rows = lines.iter().map(|line| row(line, &shared, context.extension()));
    Ok(UploadInput {
        feedetail: rows.collect::<Result<_, _>>()?,
    })
}

pub(crate) fn row<'a>(
    line: &'a ChargeLine,
    shared: &Shared<'a>,
    extension: Extension<'a>,
) -> Result<Line<'a>, EncodeError> {
    Ok(Line {
        feedetl_sn: line.serial.as_str(),
        mdtrt_id: shared.visit_id,
        psn_no: shared.person,
        chrg_bchno: shared.batch,
        dise_codg: shared.disease,
        rxno: line.prescription.as_deref().and_then(given),
        rx_circ_flag: if line.outside_prescription { "1" } else { "0" },
        fee_ocur_time: wall_clock(line.at),
        med_list_codg: filled("med_list_codg", &line.national_code)?,
        medins_list_codg: filled("medins_list_codg", &line.own_code)?,
        det_item_fee_sumamt: Exact::new(&line.amount),
        cnt: Exact::new(&line.quantity),
        pric: Exact::new(&line.unit_price),
        bilg_dept_codg: filled("bilg_dept_codg", &line.department.code)?,
        bilg_dept_name: filled("bilg_dept_name", &line.department.name)?,
        bilg_dr_codg: filled("bilg_dr_codg", &line.doctor.code)?,
        bilg_dr_name: filled("bilg_dr_name", &line.doctor.name)?,
        hosp_appr_flag: "0",
        extension,
    })
}

pub(crate) fn withdraw<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    batch: &'a ChargeBatch,
) -> WithdrawInput<'a> {
    WithdrawInput {
        data: Withdraw {
            mdtrt_id: visit_id.as_str(),
            chrg_bchno: batch.as_str(),
            psn_no: payer.number.as_str(),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "result";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Cut {
    feedetl_sn: Text,            // 费用明细流水号
    det_item_fee_sumamt: Amount, // 明细项目费用总额
    cnt: Amount,                 // 数量
    pric: Amount,                // 单价
    pric_uplmt_amt: Amount,      // 定价上限金额
    selfpay_prop: Amount,        // 自付比例
    fulamt_ownpay_amt: Amount,   // 全自费金额
    overlmt_amt: Amount,         // 超限价金额
    preselfpay_amt: Amount,      // 先行自付金额
    inscp_scp_amt: Amount,       // 符合政策范围金额
    chrgitm_lv: Text,            // 收费项目等级
    med_chrgitm_type: Text,      // 医疗收费项目类别
    bas_medn_flag: Text,         // 基本药物标志
    hi_nego_drug_flag: Text,     // 医保谈判药品标志
    chld_medc_flag: Text,        // 儿童用药标志
    list_sp_item_flag: Text,     // 目录特项标志
    lmt_used_flag: Text,         // 限制使用标志
    drt_reim_flag: Text,         // 直报标志
    memo: Text,                  // 备注
}

#[derive(Deserialize)]
struct Nodes {
    result: Option<Rows<Cut>>,
}

/// At least one row; every row must belong to a line of this upload of its own and repeat its amount.
pub(crate) fn read(
    output: &Output,
    bill: &Bill,
    first: usize,
    profile: &Profile,
) -> Result<Vec<LineCut>, Unreadable> {
    read_lines(output, bill.lines().iter().skip(first), profile)
}

/// The same for the lines of a stay (2301).
pub(crate) fn read_lines<'a>(
    output: &Output,
    sent: impl Iterator<Item = &'a ChargeLine>,
    profile: &Profile,
) -> Result<Vec<LineCut>, Unreadable> {
    let nodes: Nodes = output.read(NODE)?;
    let rows = nodes.result.ok_or(Unreadable::NodeMissing { node: NODE })?;
    if rows.0.is_empty() {
        return Err(Unreadable::NodeMissing { node: NODE });
    }
    cuts(&rows.0, sent, NODE, profile)
}

/// Every row must belong to a line that was sent, one of its own, and repeat its amount.
pub(crate) fn cuts<'a>(
    rows: &[Cut],
    sent: impl Iterator<Item = &'a ChargeLine>,
    node: &'static str,
    profile: &Profile,
) -> Result<Vec<LineCut>, Unreadable> {
    let sent: Sent<'_> = sent.map(|line| (&line.serial, line)).collect();
    let cuts: Vec<LineCut> = rows
        .iter()
        .map(|row| cut(row, &sent, node, profile))
        .collect::<Result<_, _>>()?;
    let serials: BTreeSet<&LineSerial> = cuts.iter().map(|cut| &cut.serial).collect();
    if serials.len() < cuts.len() {
        return Err(Unreadable::Malformed { node });
    }
    Ok(cuts)
}

type Sent<'a> = BTreeMap<&'a LineSerial, &'a ChargeLine>;

fn cut(row: &Cut, sent: &Sent<'_>, node: &'static str, profile: &Profile) -> Result<LineCut, Unreadable> {
    let serial = row.feedetl_sn.need_id(at(node, "feedetl_sn"), LineSerial::new)?;
    let line = sent.get(&serial).ok_or(Unreadable::OtherPersons {
        node,
        field: "feedetl_sn",
    })?;
    let amount = row
        .det_item_fee_sumamt
        .need_fen(at(node, "det_item_fee_sumamt"))?;
    if amount.abs_diff(line.amount) > 1 {
        return Err(Unreadable::DoesNotAddUp(SplitError::OtherTotal));
    }
    Ok(LineCut {
        serial,
        amount,
        own_expense: row.fulamt_ownpay_amt.fen_or_zero(at(node, "fulamt_ownpay_amt"))?,
        over_ceiling: row.overlmt_amt.fen_or_zero(at(node, "overlmt_amt"))?,
        first_own: row.preselfpay_amt.fen_or_zero(at(node, "preselfpay_amt"))?,
        in_scope: row.inscp_scp_amt.fen_or_zero(at(node, "inscp_scp_amt"))?,
        class: profile.item_class(row.chrgitm_lv.get(at(node, "chrgitm_lv"))?.unwrap_or_default()),
    })
}
