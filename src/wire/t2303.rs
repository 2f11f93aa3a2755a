//! Inputs of 2303, 2303A 住院预结算 and 2304, 2304A 住院结算 (interface reference, 3.8).

use serde::Serialize;
use zhijie_model::{AccountUse, Fen, Payer, StayPart, TrialAmounts, VisitId};

use crate::context::{Context, Extension, Identity};
use crate::message::{EncodeError, given};
use crate::rows::Exact;
use crate::stay_nodes::{day, flag};
use crate::t2206::account_flag;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,              // 人员编号
    mdtrt_cert_type: &'a str,     // 就诊凭证类型
    mdtrt_cert_no: &'a str,       // 就诊凭证编号
    medfee_sumamt: Exact<Fen>,    // 医疗费总额
    psn_setlway: &'static str,    // 个人结算方式: 01 按项目
    mdtrt_id: &'a str,            // 就诊ID
    acct_used_flag: &'static str, // 个人账户使用标志
    insutype: &'a str,            // 险种类型
    #[serde(skip_serializing_if = "Option::is_none")]
    invono: Option<&'a str>, // 发票号
    mid_setl_flag: &'static str,  // 中途结算标志
    #[serde(flatten)]
    amounts: Option<Amounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dscg_time: Option<String>, // 出院时间
    #[serde(skip_serializing_if = "Option::is_none")]
    med_type: Option<&'a str>, // 医疗类别
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
struct Amounts {
    fulamt_ownpay_amt: Exact<Fen>, // 全自费金额
    overlmt_selfpay: Exact<Fen>,   // 超限价金额
    preselfpay_amt: Exact<Fen>,    // 先行自付金额
    inscp_scp_amt: Exact<Fen>,     // 符合政策范围金额
}

/// What trial and settlement have in common.
pub(crate) struct Common<'a> {
    pub(crate) payer: &'a Payer,
    pub(crate) visit_id: &'a VisitId,
    pub(crate) part: &'a StayPart,
    pub(crate) account: AccountUse,
}

/// The trial repeats how the centre split the lines.
pub(crate) fn trial<'a>(context: &Context<'a>, common: &Common<'a>) -> Result<Input<'a>, EncodeError> {
    data(context, common, Some(&common.part.cuts), None)
}

/// The settlement repeats the trial, where the province wants that.
pub(crate) fn settle<'a>(
    context: &Context<'a>,
    common: &Common<'a>,
    trial: &TrialAmounts,
    invoice: Option<&'a str>,
) -> Result<Input<'a>, EncodeError> {
    let repeated = context.profile.stays.settlement_repeats_trial.then_some(trial);
    data(context, common, repeated, invoice.and_then(given))
}

fn data<'a>(
    context: &Context<'a>,
    common: &Common<'a>,
    amounts: Option<&TrialAmounts>,
    invoice: Option<&'a str>,
) -> Result<Input<'a>, EncodeError> {
    let proof = context.proof()?;
    let rules = &context.profile.stays;
    let part = common.part;
    let discharged_on = part
        .discharged_on
        .filter(|_| rules.discharge_day && !part.interim);
    Ok(Input {
        data: Data {
            psn_no: common.payer.number.as_str(),
            mdtrt_cert_type: proof.kind,
            mdtrt_cert_no: proof.number,
            medfee_sumamt: Exact::new(&part.total),
            psn_setlway: "01",
            mdtrt_id: common.visit_id.as_str(),
            acct_used_flag: account_flag(common.account),
            insutype: common.payer.insurance.as_str(),
            invono: invoice,
            mid_setl_flag: flag(part.interim),
            amounts: amounts.map(|amounts| Amounts {
                fulamt_ownpay_amt: Exact::new(&amounts.own_expense),
                overlmt_selfpay: Exact::new(&amounts.over_ceiling),
                preselfpay_amt: Exact::new(&amounts.first_own),
                inscp_scp_amt: Exact::new(&amounts.in_scope),
            }),
            dscg_time: discharged_on.map(day),
            med_type: rules
                .kind_with_settlement
                .then(|| context.visit_kind(common.payer, &part.kind)),
            identity: context.stay_identity(common.payer)?,
            extension: context.extension(),
        },
    })
}
