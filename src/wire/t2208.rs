//! 2208 门诊结算撤销 (interface reference, 3.5 and 3.6, identity I7). Only whole settlements are refunded.

use serde::Serialize;
use zhijie_model::{Payer, PlatformWords, Refund, SettlementId, SplitError, VisitId};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::same::{same_person, same_visit};
use crate::scalar::at;
use crate::setlinfo::{NODE, Nodes, SetlInfo};
use crate::shares;
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    mdtrt_id: &'a str, // 就诊ID
    setl_id: &'a str,  // 结算ID
    psn_no: &'a str,   // 人员编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    settlement: &'a SettlementId,
) -> Input<'a> {
    Input {
        data: Data {
            mdtrt_id: visit_id.as_str(),
            setl_id: settlement.as_str(),
            psn_no: payer.number.as_str(),
            extension: context.extension(),
        },
    }
}

/// Most members may be null in a refund; the new settlement id, the time and the total may not.
pub(crate) fn read(output: &Output, payer: &Payer, visit_id: &VisitId) -> Result<Refund, Unreadable> {
    let row = output.read::<Nodes>(NODE)?.one()?;
    same_person(&row.psn_no, NODE, payer)?;
    same_visit(&row.mdtrt_id, NODE, visit_id)?;
    let total = row.medfee_sumamt.need_fen(at(NODE, "medfee_sumamt"))?;
    let cash = row.cash()?;
    if !total.is_negative() || cash.is_some_and(|cash| !cash.is_zero() && !cash.is_negative()) {
        return Err(Unreadable::DoesNotAddUp(SplitError::Sign));
    }
    adds_up(&row)?;
    let funds = row.fund_pay_sumamt.fen(at(NODE, "fund_pay_sumamt"))?;
    let account = row.acct_pay.fen(at(NODE, "acct_pay"))?;
    Ok(Refund {
        funds,
        account,
        id: row.setl_id.need_id(at(NODE, "setl_id"), SettlementId::new)?,
        visit_id: visit_id.clone(),
        refunded_at: row.setl_time.need_clock(at(NODE, "setl_time"))?,
        total,
        cash,
        clearing: row.clearing()?,
        platform: PlatformWords::default(),
    })
}

/// Checked as far as the parts are there: the fund total may or may not include the account.
fn adds_up(row: &SetlInfo) -> Result<(), Unreadable> {
    let fund = row.fund_pay_sumamt.fen(at(NODE, "fund_pay_sumamt"))?;
    let account = row.acct_pay.fen(at(NODE, "acct_pay"))?;
    let (Some(fund), Some(account), Some(cash), Some(hospital)) =
        (fund, account, row.cash()?, row.hospital()?)
    else {
        return Ok(());
    };
    let total = row.medfee_sumamt.need_fen(at(NODE, "medfee_sumamt"))?;
    let own = shares::sum(&[account, cash])?;
    let with_family = shares::sum(&[own, row.mutual_aid()?])?;
    let persons = row
        .person()?
        .map_or_else(|| vec![own, with_family], |person| vec![person]);
    let wholes = persons.into_iter().chain([cash]);
    let mut wholes = wholes.map(|person| shares::sum(&[fund, person, hospital]));
    if !wholes.any(|whole| whole.is_ok_and(|whole| total.abs_diff(whole) <= 1)) {
        return Err(Unreadable::DoesNotAddUp(SplitError::I2));
    }
    Ok(())
}
