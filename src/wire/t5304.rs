//! 5304 转院信息查询 (interface reference, 3.14). It is asked with the members of 5303.

use serde::{Deserialize, Serialize};
use zhijie_model::{
    Area, Disease, FilingNumber, FilingSource, InstitutionCode, InsuranceType, NamedInstitution, Payer,
    Private, Referral,
};

use crate::envelope::Output;
use crate::rows::Rows;
use crate::same::same_person;
use crate::scalar::{At, Text, at};
use crate::unreadable::Unreadable;

const NODE: &str = "refmedin";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    insutype: Text,            // 险种类型
    dcla_souc: Text,           // 申报来源
    psn_no: Text,              // 人员编号
    psn_cert_type: Text,       // 人员证件类型
    certno: Text,              // 证件号码
    psn_name: Text,            // 人员姓名
    gend: Text,                // 性别
    brdy: Text,                // 出生日期
    tel: Text,                 // 联系电话
    addr: Text,                // 联系地址
    insu_optins: Text,         // 参保机构医保区划
    emp_name: Text,            // 单位名称
    diag_code: Text,           // 诊断代码
    diag_name: Text,           // 诊断名称
    dise_cond_dscr: Text,      // 疾病病情描述
    reflin_medins_no: Text,    // 转往定点医药机构编号
    reflin_medins_name: Text,  // 转往医院名称
    out_flag: Text,            // 异地标志
    refl_date: Text,           // 转院日期
    refl_rea: Text,            // 转院原因
    begndate: Text,            // 开始日期
    enddate: Text,             // 结束日期
    hosp_agre_refl_flag: Text, // 医院同意转院标志
    opter_id: Text,            // 经办人ID
    opter_name: Text,          // 经办人姓名
    opt_time: Text,            // 经办时间
    // Members of the record behind a row; no table of this query names them.
    trt_dcla_detl_sn: Text, // 待遇申报明细流水号
    mdtrtarea_admdvs: Text, // 就医地行政区划
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    refmedin: Rows<Row>,
}

/// May be empty.
pub(crate) fn read(output: &Output, payer: &Payer) -> Result<Vec<Referral>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes.refmedin.0.iter().map(|row| referral(row, payer)).collect()
}

fn referral(row: &Row, payer: &Payer) -> Result<Referral, Unreadable> {
    same_person(&row.psn_no, NODE, payer)?;
    Ok(Referral {
        number: row
            .trt_dcla_detl_sn
            .id(at(NODE, "trt_dcla_detl_sn"), FilingNumber::new)?,
        insurance: row.insutype.id(at(NODE, "insutype"), InsuranceType::new)?,
        source: source(row.dcla_souc.get(at(NODE, "dcla_souc"))?),
        insured_area: area(&row.insu_optins, at(NODE, "insu_optins"))?,
        diagnosis: diagnosis(row)?,
        to: target(row)?,
        area: area(&row.mdtrtarea_admdvs, at(NODE, "mdtrtarea_admdvs"))?,
        leaves_region: row.out_flag.flag(at(NODE, "out_flag"))?,
        agreed: row.hosp_agre_refl_flag.flag(at(NODE, "hosp_agre_refl_flag"))?,
        referred_on: row.refl_date.stated_date(at(NODE, "refl_date"))?,
        reason: row.refl_rea.get(at(NODE, "refl_rea"))?.map(Private::new),
        from: row.begndate.stated_date(at(NODE, "begndate"))?,
        until: row.enddate.stated_date(at(NODE, "enddate"))?,
        recorded_at: row.opt_time.clock(at(NODE, "opt_time"))?,
    })
}

fn diagnosis(row: &Row) -> Result<Option<Disease>, Unreadable> {
    let Some(code) = row.diag_code.owned(at(NODE, "diag_code"))? else {
        return Ok(None);
    };
    let name = row.diag_name.owned(at(NODE, "diag_name"))?.unwrap_or_default();
    Ok(Some(Disease { code, name }))
}

fn target(row: &Row) -> Result<Option<NamedInstitution>, Unreadable> {
    let code = row
        .reflin_medins_no
        .id(at(NODE, "reflin_medins_no"), InstitutionCode::new)?;
    let name = row.reflin_medins_name.owned(at(NODE, "reflin_medins_name"))?;
    Ok(code.map(|code| NamedInstitution {
        code,
        name: name.unwrap_or_default(),
    }))
}

fn area(text: &Text, at: At) -> Result<Option<Area>, Unreadable> {
    Ok(text.get(at)?.and_then(|text| Area::new(text).ok()))
}

/// 申报来源
fn source(code: Option<&str>) -> FilingSource {
    match code {
        None => FilingSource::NotStated,
        Some("01") => FilingSource::Institution,
        Some("02") => FilingSource::Office,
        Some("03") => FilingSource::Website,
        Some("04") => FilingSource::App,
        Some("05") => FilingSource::Kiosk,
        Some("99") => FilingSource::Other,
        Some(code) => FilingSource::Unknown(code.to_owned()),
    }
}
