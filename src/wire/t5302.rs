//! 5302 人员定点信息查询 (interface reference, 3.14 and 4.1).

use serde::{Deserialize, Serialize};
use zhijie_model::{
    Area, FilingNumber, FixedPoint, FixedPointKind, InstitutionCode, InsuranceType, NamedInstitution, Payer,
    Private,
};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::filing_rules::FilingRules;
use crate::message::EncodeError;
use crate::rows::Rows;
use crate::same::same_person;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    psn_no: &'a str,        // 人员编号
    biz_appy_type: &'a str, // 业务申请类型
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    register: FixedPointKind,
) -> Result<Input<'a>, EncodeError> {
    Ok(Input {
        data: Data {
            psn_no: payer.number.as_str(),
            biz_appy_type: application(context, register)?,
            extension: context.extension(),
        },
    })
}

/// 业务申请类型, as this province codes it.
pub(crate) fn application<'a>(
    context: &Context<'a>,
    register: FixedPointKind,
) -> Result<&'a str, EncodeError> {
    let codes = &context.profile.filing.application_kinds;
    let code = codes.get(&register).map(String::as_str);
    code.ok_or(EncodeError::MemberEmpty("biz_appy_type"))
}

const NODE: &str = "psnfixmedin";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    psn_no: Text,         // 人员编号
    insutype: Text,       // 险种类型
    fix_srt_no: Text,     // 定点排序号
    fixmedins_code: Text, // 定点医药机构编号
    fixmedins_name: Text, // 定点医药机构名称
    begndate: Text,       // 开始日期
    enddate: Text,        // 结束日期
    memo: Text,           // 备注
    // Members of the record behind a row; no table of this query names them.
    trt_dcla_detl_sn: Text, // 待遇申报明细流水号
    rloc_admdvs: Text,      // 安置地行政区
    out_fil_type: Text,     // 异地备案类型
    rloc_rea: Text,         // 异地安置原因
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    psnfixmedin: Rows<Row>,
}

/// May be empty; the register is the one that was asked.
pub(crate) fn read(
    output: &Output,
    payer: &Payer,
    register: FixedPointKind,
    rules: &FilingRules,
) -> Result<Vec<FixedPoint>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    let rows = nodes.psnfixmedin.0.iter();
    rows.map(|row| point(row, payer, register, rules)).collect()
}

fn point(
    row: &Row,
    payer: &Payer,
    register: FixedPointKind,
    rules: &FilingRules,
) -> Result<FixedPoint, Unreadable> {
    same_person(&row.psn_no, NODE, payer)?;
    let code = row.fixmedins_code.get(at(NODE, "fixmedins_code"))?;
    let named = code.filter(|_| rules.area_as_institution).and_then(area);
    let named_apart = row.rloc_admdvs.get(at(NODE, "rloc_admdvs"))?.and_then(area);
    let institution = if named.is_some() {
        None
    } else {
        row.fixmedins_code
            .id(at(NODE, "fixmedins_code"), InstitutionCode::new)?
    };
    let name = row.fixmedins_name.owned(at(NODE, "fixmedins_name"))?;
    let kind = row.out_fil_type.get(at(NODE, "out_fil_type"))?;
    let reason = row.rloc_rea.get(at(NODE, "rloc_rea"))?;
    Ok(FixedPoint {
        register,
        number: row
            .trt_dcla_detl_sn
            .id(at(NODE, "trt_dcla_detl_sn"), FilingNumber::new)?,
        kind: rules.kind(kind.or(reason)),
        insurance: row.insutype.id(at(NODE, "insutype"), InsuranceType::new)?,
        institution: institution.map(|code| NamedInstitution {
            code,
            name: name.unwrap_or_default(),
        }),
        area: named_apart.or(named),
        from: row.begndate.stated_date(at(NODE, "begndate"))?,
        until: row.enddate.stated_date(at(NODE, "enddate"))?,
        memo: row.memo.get(at(NODE, "memo"))?.map(Private::new),
    })
}

/// An area code, when that is what stands there.
fn area(text: &str) -> Option<Area> {
    Area::new(text).ok()
}
