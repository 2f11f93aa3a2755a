//! 5203 结算信息查询 (interface reference, 3.13 and 3.6): the query that closes a doubt.

use serde::Serialize;
use zhijie_model::{Payer, PlatformWords, QueryRow, Settlement, SettlementId, Split, VisitId};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::profile::Profile;
use crate::same::{same_person, same_visit};
use crate::scalar::{At, Scalar, at};
use crate::setlinfo::{NODE, Nodes, SetlInfo};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,   // 人员编号
    setl_id: &'a str,  // 结算ID; empty while unknown
    mdtrt_id: &'a str, // 就诊ID
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    settlement: Option<&'a SettlementId>,
) -> Input<'a> {
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            setl_id: settlement.map_or("", SettlementId::as_str),
            mdtrt_id: visit_id.as_str(),
            extension: context.extension(),
        },
    }
}

/// No row is an answer, not a proof of absence. A row without a settlement id is no row. The row of a refund may
/// have its parts left out; then it says no more than the mark on the settlement it refunds, and is passed over.
pub(crate) fn read(
    output: &Output,
    payer: &Payer,
    visit_id: &VisitId,
    words: &PlatformWords,
    profile: &Profile,
) -> Result<Vec<QueryRow>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    let there = nodes
        .setlinfo
        .0
        .iter()
        .filter(|row| row.setl_id != Scalar::Absent && !is_bare_refund(row));
    there
        .map(|row| query_row(row, payer, visit_id, words, profile))
        .collect()
}

fn is_bare_refund(row: &SetlInfo) -> bool {
    let total = row.medfee_sumamt.fen(at(NODE, "medfee_sumamt"));
    let partless = row.fund_pay_sumamt == Scalar::Absent || row.cash() == Ok(None);
    partless && matches!(total, Ok(Some(total)) if total.is_negative())
}

fn query_row(
    row: &SetlInfo,
    payer: &Payer,
    visit_id: &VisitId,
    words: &PlatformWords,
    profile: &Profile,
) -> Result<QueryRow, Unreadable> {
    same_person(&row.psn_no, NODE, payer)?;
    same_visit(&row.mdtrt_id, NODE, visit_id)?;
    let split = Split::new(row.queried_parts(profile)?).map_err(Unreadable::DoesNotAddUp)?;
    Ok(QueryRow {
        refunded: refunded(row)?,
        settlement: Settlement {
            id: row.setl_id.need_id(at(NODE, "setl_id"), SettlementId::new)?,
            visit_id: visit_id.clone(),
            message_id: row.message_id()?,
            settled_at: row.setl_time.need_clock(at(NODE, "setl_time"))?,
            split,
            clearing: row.clearing()?,
            platform: words.clone(),
        },
    })
}

/// 0 未退费, 1 已退费; also written with three digits.
fn refunded(row: &SetlInfo) -> Result<bool, Unreadable> {
    const FLAG: At = at(NODE, "refd_setl_flag");
    match row.refd_setl_flag.need(FLAG)? {
        "0" | "000" => Ok(false),
        "1" | "001" => Ok(true),
        _ => Err(FLAG.bad()),
    }
}
