//! 2505 人员定点备案 (interface reference, 3.9). The answer is read by `t2501`.

use serde::Serialize;
use zhijie_model::{NewFixedPlace, Payer, Private};

use crate::context::{Context, Extension};
use crate::message::{EncodeError, filled, given};
use crate::t5302::application;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

/// Contact and agent are optional and not sent.
#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,        // 人员编号
    biz_appy_type: &'a str, // 业务申请类型
    begndate: String,       // 开始日期
    #[serde(skip_serializing_if = "Option::is_none")]
    enddate: Option<String>, // 结束日期
    fix_srt_no: String,     // 定点排序号
    fixmedins_code: &'a str, // 定点医药机构编号
    fixmedins_name: &'a str, // 定点医药机构名称
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<&'a str>, // 备注
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    place: &'a NewFixedPlace,
) -> Result<Input<'a>, EncodeError> {
    Ok(Input {
        data: Data {
            psn_no: payer.number.as_str(),
            biz_appy_type: application(context, place.register)?,
            begndate: place.from.to_string(),
            enddate: place.until.map(|day| day.to_string()),
            fix_srt_no: place.rank.to_string(),
            fixmedins_code: place.institution.code.as_str(),
            fixmedins_name: filled("fixmedins_name", &place.institution.name)?,
            memo: place.memo.as_ref().map(Private::reveal).and_then(given),
            extension: context.extension(),
        },
    })
}
