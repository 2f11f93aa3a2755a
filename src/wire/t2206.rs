//! Inputs of 2206, 2206A 门诊预结算 and 2207, 2207A 门诊结算 (interface reference, 3.5).

use serde::Serialize;
use zhijie_model::{AccountUse, ChargeBatch, Fen, Payer, Traces, TrialAmounts, VisitId, VisitType};

use crate::context::{Context, Extension, Identity};
use crate::message::{EncodeError, given};
use crate::rows::Exact;
use crate::settlement_rules::{AccountAmount, SettlementRules};
use crate::trac::{self, Counts, Package};

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drug_trac_info: Vec<Package<'a>>,
}

/// Local extras (mdtrt_mode, hcard_*) belong to provinces without a profile and are left out.
#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,              // 人员编号
    mdtrt_cert_type: &'a str,     // 就诊凭证类型
    mdtrt_cert_no: &'a str,       // 就诊凭证编号
    med_type: &'a str,            // 医疗类别
    medfee_sumamt: Exact<Fen>,    // 医疗费总额
    psn_setlway: &'static str,    // 个人结算方式: 01 按项目
    mdtrt_id: &'a str,            // 就诊ID
    chrg_bchno: &'a str,          // 收费批次号
    acct_used_flag: &'static str, // 个人账户使用标志
    insutype: &'a str,            // 险种类型
    #[serde(flatten)]
    account: AtMost,
    #[serde(flatten)]
    settlement: Option<SettlementOnly<'a>>,
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

/// What the personal account is to pay at most.
#[derive(Serialize)]
pub(crate) struct AtMost {
    #[serde(skip_serializing_if = "Option::is_none")]
    acct_payamt: Option<Exact<Fen>>, // 个人账户支付金额
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
    #[serde(flatten)]
    counts: Option<Counts>,
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
    let account = at_most(common.account, false, &context.profile.settlement);
    data(context, common, (account, None), Vec::new())
}

pub(crate) fn settle<'a>(
    context: &Context<'a>,
    common: &Common<'a>,
    amounts: &TrialAmounts,
    (invoice, traces): (Option<&'a str>, &'a Traces),
) -> Result<Input<'a>, EncodeError> {
    let rules = &context.profile.settlement;
    let copied = |amount: &Fen| Exact::new(if rules.repeats_trial { amount } else { &Fen::ZERO });
    let settlement = SettlementOnly {
        invono: invoice.and_then(given),
        fulamt_ownpay_amt: copied(&amounts.own_expense),
        overlmt_selfpay: copied(&amounts.over_ceiling),
        preselfpay_amt: copied(&amounts.first_own),
        inscp_scp_amt: copied(&amounts.in_scope),
        card_token: match context.credential {
            Some(credential) => context.medium_token(credential.kind)?,
            None => None,
        },
        counts: trac::counts(traces, rules),
    };
    let account = at_most(common.account, true, rules);
    data(
        context,
        common,
        (account, Some(settlement)),
        trac::rows(traces, rules)?,
    )
}

fn data<'a>(
    context: &Context<'a>,
    common: &Common<'a>,
    (account, settlement): (AtMost, Option<SettlementOnly<'a>>),
    drug_trac_info: Vec<Package<'a>>,
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
            account,
            settlement,
            identity: context.identity(common.payer, &proof)?,
            extension: context.extension(),
        },
        drug_trac_info,
    })
}

/// The amount, where the desk named one and the call carries it.
pub(crate) fn at_most(account: AccountUse, settles: bool, rules: &SettlementRules) -> AtMost {
    let carried = match rules.account_amount {
        AccountAmount::None => false,
        AccountAmount::Settlement => settles,
        AccountAmount::TrialToo => true,
    };
    let amount = match account {
        AccountUse::UpTo(amount) if carried => Some(Exact::new(&amount)),
        AccountUse::UpTo(_) | AccountUse::Use | AccountUse::Keep => None,
    };
    AtMost { acct_payamt: amount }
}

/// 个人账户使用标志
pub(crate) const fn account_flag(account: AccountUse) -> &'static str {
    match account {
        AccountUse::Use | AccountUse::UpTo(_) => "1",
        AccountUse::Keep => "0",
    }
}
