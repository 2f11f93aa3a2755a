//! 2502, 2504, 2506 备案撤销 (interface reference, 3.9): three transactions, one table.

use serde::Serialize;
use zhijie_model::{FilingNumber, Payer, Private};

use crate::context::{Context, Extension};
use crate::message::{EncodeError, filled};

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    trt_dcla_detl_sn: &'a str, // 待遇申报明细流水号
    psn_no: &'a str,           // 人员编号
    memo: &'a str,             // 备注; the reason
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    number: &'a FilingNumber,
    reason: &'a Private,
) -> Result<Input<'a>, EncodeError> {
    Ok(Input {
        data: Data {
            trt_dcla_detl_sn: number.as_str(),
            psn_no: payer.number.as_str(),
            memo: filled("memo", reason.reveal())?,
            extension: context.extension(),
        },
    })
}
