//! 5202 诊断信息查询, 5204 费用明细查询 and 5205 人员慢特病用药记录查询 (interface reference, 3.13).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{
    CentreDiagnosis, CentreLine, Dispensed, LineCut, LineSerial, Payer, Private, SettlementId, VisitId,
};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::message::wall_clock;
use crate::profile::Profile;
use crate::rows::Rows;
use crate::scalar::{Amount, Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str, // 人员编号
    #[serde(skip_serializing_if = "Option::is_none")]
    setl_id: Option<&'a str>, // 结算ID
    #[serde(skip_serializing_if = "Option::is_none")]
    mdtrt_id: Option<&'a str>, // 就诊ID
    #[serde(skip_serializing_if = "Option::is_none")]
    begntime: Option<String>, // 开始时间
    #[serde(skip_serializing_if = "Option::is_none")]
    endtime: Option<String>, // 结束时间
    #[serde(flatten)]
    extension: Extension<'a>,
}

fn of<'a>(context: &Context<'a>, payer: &'a Payer) -> Data<'a> {
    Data {
        psn_no: payer.number.as_str(),
        setl_id: None,
        mdtrt_id: None,
        begntime: None,
        endtime: None,
        extension: context.extension(),
    }
}

pub(crate) fn diagnoses<'a>(context: &Context<'a>, payer: &'a Payer, visit: &'a VisitId) -> Input<'a> {
    Input {
        data: Data {
            mdtrt_id: Some(visit.as_str()),
            ..of(context, payer)
        },
    }
}

pub(crate) fn lines<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit: &'a VisitId,
    settlement: &'a SettlementId,
) -> Input<'a> {
    Input {
        data: Data {
            setl_id: Some(settlement.as_str()),
            mdtrt_id: Some(visit.as_str()),
            ..of(context, payer)
        },
    }
}

pub(crate) fn dispensed<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    (began, ended): (Timestamp, Timestamp),
) -> Input<'a> {
    Input {
        data: Data {
            begntime: Some(wall_clock(began)),
            endtime: Some(wall_clock(ended)),
            ..of(context, payer)
        },
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Line {
    setl_id: Text,               // 结算ID
    feedetl_sn: Text,            // 费用明细流水号
    fee_ocur_time: Text,         // 费用发生时间
    cnt: Amount,                 // 数量
    pric: Amount,                // 单价
    det_item_fee_sumamt: Amount, // 明细项目费用总额
    fulamt_ownpay_amt: Amount,   // 全自费金额
    overlmt_amt: Amount,         // 超限价金额
    preselfpay_amt: Amount,      // 先行自付金额
    inscp_scp_amt: Amount,       // 符合政策范围金额
    chrgitm_lv: Text,            // 收费项目等级
    med_list_codg: Text,         // 医疗目录编码
    medins_list_codg: Text,      // 医药机构目录编码
    medins_list_name: Text,      // 医药机构目录名称
    hilist_name: Text,           // 医保目录名称
    fixmedins_code: Text,        // 定点医药机构编号
    fixmedins_name: Text,        // 定点医药机构名称
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Lines {
    feedetail: Rows<Line>,
    data: Rows<Line>,
    result: Rows<Line>,
}

const LINES: &str = "feedetail";

/// The rows stand in the output itself, or under a node whose name no two sources share.
fn line_rows(output: &Output) -> Result<Vec<Line>, Unreadable> {
    let Some(json) = output.json() else {
        return Ok(Vec::new());
    };
    if json.starts_with('[') {
        let rows: Result<Rows<Line>, _> = serde_json::from_str(json);
        return rows
            .map(|rows| rows.0)
            .map_err(|_| Unreadable::Malformed { node: LINES });
    }
    let nodes: Lines = output.read_or_empty(LINES)?;
    let found = [nodes.feedetail, nodes.data, nodes.result];
    Ok(found.into_iter().flat_map(|rows| rows.0).collect())
}

/// May be empty, for patients of other provinces although lines lie there.
pub(crate) fn read_lines(output: &Output, profile: &Profile) -> Result<Vec<CentreLine>, Unreadable> {
    line_rows(output)?
        .iter()
        .map(|row| centre_line(row, profile))
        .collect()
}

fn centre_line(row: &Line, profile: &Profile) -> Result<CentreLine, Unreadable> {
    let serial = row.feedetl_sn.need_id(at(LINES, "feedetl_sn"), LineSerial::new)?;
    let class = row.chrgitm_lv.get(at(LINES, "chrgitm_lv"))?.unwrap_or_default();
    Ok(CentreLine {
        settlement: row.setl_id.id(at(LINES, "setl_id"), SettlementId::new)?,
        at: row.fee_ocur_time.clock(at(LINES, "fee_ocur_time"))?,
        national_code: row
            .med_list_codg
            .owned(at(LINES, "med_list_codg"))?
            .unwrap_or_default(),
        own_code: row.medins_list_codg.owned(at(LINES, "medins_list_codg"))?,
        name: name(row)?,
        quantity: row.cnt.owned(at(LINES, "cnt"))?,
        unit_price: row.pric.owned(at(LINES, "pric"))?,
        cut: LineCut {
            serial,
            amount: row
                .det_item_fee_sumamt
                .need_fen(at(LINES, "det_item_fee_sumamt"))?,
            own_expense: row
                .fulamt_ownpay_amt
                .fen_or_zero(at(LINES, "fulamt_ownpay_amt"))?,
            over_ceiling: row.overlmt_amt.fen_or_zero(at(LINES, "overlmt_amt"))?,
            first_own: row.preselfpay_amt.fen_or_zero(at(LINES, "preselfpay_amt"))?,
            in_scope: row.inscp_scp_amt.fen_or_zero(at(LINES, "inscp_scp_amt"))?,
            class: profile.item_class(class),
        },
    })
}

fn name(row: &Line) -> Result<Option<String>, Unreadable> {
    let own = row.medins_list_name.owned(at(LINES, "medins_list_name"))?;
    match own {
        Some(own) => Ok(Some(own)),
        None => row.hilist_name.owned(at(LINES, "hilist_name")),
    }
}

/// Drugs handed out under a chronic disease; may be empty.
pub(crate) fn read_dispensed(output: &Output) -> Result<Vec<Dispensed>, Unreadable> {
    let row = |row: &Line| {
        Ok(Dispensed {
            at: row.fee_ocur_time.clock(at(LINES, "fee_ocur_time"))?,
            national_code: row
                .med_list_codg
                .owned(at(LINES, "med_list_codg"))?
                .unwrap_or_default(),
            name: name(row)?.map(Private::new),
            quantity: row.cnt.owned(at(LINES, "cnt"))?,
            amount: row.det_item_fee_sumamt.fen(at(LINES, "det_item_fee_sumamt"))?,
            institution: row.fixmedins_code.owned(at(LINES, "fixmedins_code"))?,
            institution_name: row.fixmedins_name.owned(at(LINES, "fixmedins_name"))?,
        })
    };
    line_rows(output)?.iter().map(row).collect()
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Diagnosis {
    inout_diag_type: Text, // 出入院诊断类别
    maindiag_flag: Text,   // 主诊断标志
    diag_srt_no: Text,     // 诊断排序号
    diag_code: Text,       // 诊断代码
    diag_name: Text,       // 诊断名称
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Diagnoses {
    diseinfo: Rows<Diagnosis>,
}

const DIAGNOSES: &str = "diseinfo";

/// May be empty.
pub(crate) fn read_diagnoses(output: &Output) -> Result<Vec<CentreDiagnosis>, Unreadable> {
    let nodes: Diagnoses = output.read_or_empty(DIAGNOSES)?;
    let row = |row: &Diagnosis| {
        Ok(CentreDiagnosis {
            code: row.diag_code.need(at(DIAGNOSES, "diag_code"))?.to_owned(),
            name: row
                .diag_name
                .owned(at(DIAGNOSES, "diag_name"))?
                .unwrap_or_default(),
            rank: row.diag_srt_no.owned(at(DIAGNOSES, "diag_srt_no"))?,
            main: row
                .maindiag_flag
                .get(at(DIAGNOSES, "maindiag_flag"))?
                .map(|flag| flag == "1"),
            at_discharge: row
                .inout_diag_type
                .get(at(DIAGNOSES, "inout_diag_type"))?
                .map(|kind| kind == "2"),
        })
    };
    nodes.diseinfo.0.iter().map(row).collect()
}
