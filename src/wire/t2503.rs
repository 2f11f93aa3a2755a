//! 2503 人员慢特病备案 (interface reference, 3.9). The answer is read by `t2501`.

use serde::Serialize;
use zhijie_model::{NewChronicEntry, Payer};

use crate::context::{Context, Extension};
use crate::message::{EncodeError, filled};

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

/// Contact is optional and not sent.
#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,             // 人员编号
    insutype: &'a str,           // 险种类型
    opsp_dise_code: &'a str,     // 门慢门特病种目录代码
    opsp_dise_name: &'a str,     // 门慢门特病种名称
    insu_optins: String,         // 参保机构医保区划
    ide_fixmedins_no: &'a str,   // 鉴定定点医药机构编号
    ide_fixmedins_name: &'a str, // 鉴定定点医药机构名称
    hosp_ide_date: String,       // 医院鉴定日期
    diag_dr_codg: &'a str,       // 诊断医师编码
    diag_dr_name: &'a str,       // 诊断医师姓名
    begndate: String,            // 开始日期
    #[serde(skip_serializing_if = "Option::is_none")]
    enddate: Option<String>, // 结束日期
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    entry: &'a NewChronicEntry,
) -> Result<Input<'a>, EncodeError> {
    Ok(Input {
        data: Data {
            psn_no: payer.number.as_str(),
            insutype: payer.insurance.as_str(),
            opsp_dise_code: filled("opsp_dise_code", &entry.disease.code)?,
            opsp_dise_name: filled("opsp_dise_name", &entry.disease.name)?,
            insu_optins: payer.area.to_string(),
            ide_fixmedins_no: entry.attested_by.code.as_str(),
            ide_fixmedins_name: filled("ide_fixmedins_name", &entry.attested_by.name)?,
            hosp_ide_date: entry.attested_on.to_string(),
            diag_dr_codg: filled("diag_dr_codg", &entry.doctor.code)?,
            diag_dr_name: filled("diag_dr_name", &entry.doctor.name)?,
            begndate: entry.from.to_string(),
            enddate: entry.until.map(|day| day.to_string()),
            extension: context.extension(),
        },
    })
}
