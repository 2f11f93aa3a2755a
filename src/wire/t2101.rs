//! 2101 药店预结算, 2102 药店结算 and 2103 药店结算撤销 (interface reference, 3.7). One call carries visit, lines and settlement.

use serde::{Deserialize, Serialize};
use zhijie_model::{
    AccountUse, Bill, ChargeLine, Fen, LineCut, Payer, Quantity, SettlementId, Traces, UnitPrice, Visit,
    VisitId,
};

use crate::context::{Context, Extension, Identity};
use crate::envelope::Output;
use crate::message::{EncodeError, filled, given, wall_clock};
use crate::profile::Profile;
use crate::rows::{Exact, Rows};
use crate::settlement_rules::{PurchaseTraces, SettlementRules};
use crate::t2204::{self, Cut};
use crate::t2206::{AtMost, account_flag, at_most};
use crate::trac::{self, Counts, Package};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    druginfo: Purchase<'a>,
    drugdetail: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drug_trac_info: Vec<Package<'a>>,
}

#[derive(Serialize)]
struct Purchase<'a> {
    psn_no: &'a str,           // 人员编号
    mdtrt_cert_type: &'a str,  // 就诊凭证类型
    mdtrt_cert_no: &'a str,    // 就诊凭证编号
    begntime: String,          // 开始时间
    medfee_sumamt: Exact<Fen>, // 医疗费总额
    #[serde(skip_serializing_if = "Option::is_none")]
    invono: Option<&'a str>, // 发票号
    insutype: &'a str,         // 险种类型
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_codg: Option<&'a str>, // 病种编码
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_name: Option<&'a str>, // 病种名称
    acct_used_flag: &'static str, // 个人账户使用标志
    med_type: &'a str,         // 医疗类别
    #[serde(flatten)]
    account: AtMost,
    #[serde(flatten)]
    counts: Option<Counts>,
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

/// Members that a counter does not fill are left out: sin_dos_dscr, used_frqu_dscr, prd_days, medc_way_dscr,
/// tcmdrug_used_way.
#[derive(Serialize)]
struct Line<'a> {
    feedetl_sn: &'a str, // 费用明细流水号
    #[serde(skip_serializing_if = "Option::is_none")]
    rxno: Option<&'a str>, // 处方号
    rx_circ_flag: &'static str, // 外购处方标志
    fee_ocur_time: String, // 费用发生时间
    med_list_codg: &'a str, // 医疗目录编码
    medins_list_codg: &'a str, // 医药机构目录编码
    det_item_fee_sumamt: Exact<Fen>, // 明细项目费用总额
    cnt: Exact<Quantity>, // 数量
    pric: Exact<UnitPrice>, // 单价
    #[serde(skip_serializing_if = "Option::is_none")]
    bilg_dr_codg: Option<&'a str>, // 开单医生编码
    #[serde(skip_serializing_if = "Option::is_none")]
    bilg_dr_name: Option<&'a str>, // 开单医师姓名
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drug_trac_info: Vec<Package<'a>>, // 药品追溯码
}

#[derive(Serialize)]
pub(crate) struct CancelInput<'a> {
    data: Cancel<'a>,
}

#[derive(Serialize)]
struct Cancel<'a> {
    setl_id: &'a str,  // 结算ID
    mdtrt_id: &'a str, // 就诊ID
    psn_no: &'a str,   // 人员编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

/// A purchase, and its trial unless `settles`.
pub(crate) fn purchase<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit: &'a Visit,
    bill: &'a Bill,
    (account, settles): (AccountUse, Option<Settles<'a>>),
) -> Result<Input<'a>, EncodeError> {
    let proof = context.proof()?;
    let disease = visit.disease.as_ref();
    let rules = &context.profile.settlement;
    let traces = settles.map(|settles| settles.traces);
    let beside = rules.purchase_traces == PurchaseTraces::Beside;
    let within = traces.is_some() && !beside;
    let lines = bill.lines().iter();
    Ok(Input {
        druginfo: Purchase {
            psn_no: payer.number.as_str(),
            mdtrt_cert_type: proof.kind,
            mdtrt_cert_no: proof.number,
            begntime: wall_clock(visit.began),
            medfee_sumamt: Exact::new(&bill.total()),
            invono: settles.and_then(|settles| settles.invoice).and_then(given),
            insutype: payer.insurance.as_str(),
            dise_codg: disease.map(|disease| disease.code.as_str()),
            dise_name: disease.map(|disease| disease.name.as_str()),
            acct_used_flag: account_flag(account),
            med_type: context.visit_kind(payer, &visit.kind),
            account: at_most(account, settles.is_some(), rules),
            counts: traces.and_then(|traces| trac::counts(traces, rules)),
            identity: context.identity(payer, &proof)?,
            extension: context.extension(),
        },
        drugdetail: lines
            .map(|row| line(row, rules, within))
            .collect::<Result<_, _>>()?,
        drug_trac_info: match traces.filter(|_| beside) {
            Some(traces) => trac::rows(traces, rules)?,
            None => Vec::new(),
        },
    })
}

/// What only the settlement of a purchase says.
#[derive(Clone, Copy)]
pub(crate) struct Settles<'a> {
    pub(crate) invoice: Option<&'a str>,
    pub(crate) traces: &'a Traces,
}

fn line<'a>(line: &'a ChargeLine, rules: &SettlementRules, traced: bool) -> Result<Line<'a>, EncodeError> {
    let codes = if traced { line.traces.as_slice() } else { &[] };
    Ok(Line {
        feedetl_sn: line.serial.as_str(),
        rxno: line.prescription.as_deref().and_then(given),
        rx_circ_flag: if line.outside_prescription { "1" } else { "0" },
        fee_ocur_time: wall_clock(line.at),
        med_list_codg: filled("med_list_codg", &line.national_code)?,
        medins_list_codg: filled("medins_list_codg", &line.own_code)?,
        det_item_fee_sumamt: Exact::new(&line.amount),
        cnt: Exact::new(&line.quantity),
        pric: Exact::new(&line.unit_price),
        bilg_dr_codg: given(&line.doctor.code),
        bilg_dr_name: given(&line.doctor.name),
        drug_trac_info: trac::within(codes, rules)?,
    })
}

pub(crate) fn cancel<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    settlement: &'a SettlementId,
) -> CancelInput<'a> {
    CancelInput {
        data: Cancel {
            setl_id: settlement.as_str(),
            mdtrt_id: visit_id.as_str(),
            psn_no: payer.number.as_str(),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "detlcutinfo";

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    detlcutinfo: Rows<Cut>,
}

/// How the centre split the lines. It describes the split only: an answer without it is complete all the same.
pub(crate) fn cuts(output: &Output, bill: &Bill, profile: &Profile) -> Result<Vec<LineCut>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    t2204::cuts(&nodes.detlcutinfo.0, bill.lines().iter(), NODE, profile)
}
