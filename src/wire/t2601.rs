//! 2601 冲正交易 (interface reference, 3.10). No output: proof is the next query, not this answer.

use serde::Serialize;
use zhijie_model::{MessageId, Payer, Transaction};

use crate::context::{Context, Extension};
use crate::route;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,      // 人员编号
    omsgid: &'a str,      // 原发送方报文ID
    oinfno: &'static str, // 原交易编号, with its variant letter
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    target: &'a MessageId,
    transaction: Transaction,
) -> Input<'a> {
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            omsgid: target.as_str(),
            oinfno: route::infno(transaction, context.profile.variants),
            extension: context.extension(),
        },
    }
}
