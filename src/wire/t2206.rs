//! Inputs of 2206, 2206A 门诊预结算 and 2207, 2207A 门诊结算 (interface reference, 3.5).

use serde::Serialize;
use zhijie_model::{AccountUse, ChargeBatch, Fen, Payer, TrialAmounts, VisitId, VisitType};

use crate::context::{Context, Extension, Identity};
use crate::message::{EncodeError, given};
use crate::rows::Exact;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

/// Local extras (mdtrt_mode, hcard_*, acct_payamt, trace code counts) belong to provinces without a
/// profile and are left out.
#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,               // 人员编号
    mdtrt_cert_type: &'static str, // 就诊凭证类型
    mdtrt_cert_no: &'a str,        // 就诊凭证编号
    med_type: &'a str,             // 医疗类别
    medfee_sumamt: Exact<Fen>,     // 医疗费总额
    psn_setlway: &'static str,     // 个人结算方式: 01 按项目
    mdtrt_id: &'a str,             // 就诊ID
    chrg_bchno: &'a str,           // 收费批次号
    acct_used_flag: &'static str,  // 个人账户使用标志
    insutype: &'a str,             // 险种类型
    #[serde(flatten)]
    settlement: Option<SettlementOnly<'a>>,
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
struct SettlementOnly<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    invono: Option<&'a str>, // 发票号
    fulamt_ownpay_amt: Exact<Fen>, // 全自费金额
    overlmt_selfpay: Exact<Fen>,   // 超限价金额
    preselfpay_amt: Exact<Fen>,    // 先行自付金额
    inscp_scp_amt: Exact<Fen>,     // 符合政策范围金额
    #[serde(skip_serializing_if = "Option::is_none")]
    card_token: Option<&'a str>, // 校验介质
}

/// What trial and settlement have in common.
pub(crate) struct Common<'a> {
    pub(crate) payer: &'a Payer,
    pub(crate) visit_id: &'a VisitId,
    pub(crate) kind: &'a VisitType,
    pub(crate) batch: &'a ChargeBatch,
    pub(crate) total: Fen,
    pub(crate) account: AccountUse,
}

pub(crate) fn trial<'a>(context: &Context<'a>, common: &Common<'a>) -> Result<Input<'a>, EncodeError> {
    data(context, common, None)
}

pub(crate) fn settle<'a>(
    context: &Context<'a>,
    common: &Common<'a>,
    amounts: &TrialAmounts,
    invoice: Option<&'a str>,
) -> Result<Input<'a>, EncodeError> {
    let settlement = SettlementOnly {
        invono: invoice.and_then(given),
        fulamt_ownpay_amt: Exact::new(&amounts.own_expense),
        overlmt_selfpay: Exact::new(&amounts.over_ceiling),
        preselfpay_amt: Exact::new(&amounts.first_own),
        inscp_scp_amt: Exact::new(&amounts.in_scope),
        card_token: match context.credential {
            Some(credential) => context.medium_token(credential.kind)?,
            None => None,
        },
    };
    data(context, common, Some(settlement))
}

fn data<'a>(
    context: &Context<'a>,
    common: &Common<'a>,
    settlement: Option<SettlementOnly<'a>>,
) -> Result<Input<'a>, EncodeError> {
    let proof = context.proof()?;
    Ok(Input {
        data: Data {
            psn_no: common.payer.number.as_str(),
            mdtrt_cert_type: proof.kind,
            mdtrt_cert_no: proof.number,
            med_type: context.visit_kind(common.payer, common.kind),
            medfee_sumamt: Exact::new(&common.total),
            psn_setlway: "01",
            mdtrt_id: common.visit_id.as_str(),
            chrg_bchno: common.batch.as_str(),
            acct_used_flag: account_flag(common.account),
            insutype: common.payer.insurance.as_str(),
            settlement,
            identity: context.identity(common.payer, &proof)?,
            extension: context.extension(),
        },
    })
}

/// 个人账户使用标志
pub(crate) const fn account_flag(account: AccountUse) -> &'static str {
    match account {
        AccountUse::Use => "1",
        AccountUse::Keep => "0",
    }
}
