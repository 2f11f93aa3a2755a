//! 5201 就诊信息查询 (interface reference, 3.13).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{FoundVisit, Payer, VisitId, VisitNumber, VisitType};

use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::inquiry::VisitRow;
use crate::message::wall_clock;
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
    psn_no: &'a str,   // 人员编号
    begntime: String,  // 开始时间
    endtime: String,   // 结束时间
    med_type: &'a str, // 医疗类别
    #[serde(skip_serializing_if = "Option::is_none")]
    mdtrt_id: Option<&'a str>, // 就诊ID
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    (began, ended): (Timestamp, Timestamp),
    kind: &'a VisitType,
    visit_id: Option<&'a VisitId>,
) -> Input<'a> {
    Input {
        data: Data {
            psn_no: payer.number.as_str(),
            begntime: wall_clock(began),
            endtime: wall_clock(ended),
            med_type: context.visit_kind(payer, kind),
            mdtrt_id: visit_id.map(VisitId::as_str),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "mdtrtinfo";

/// Visits and stays alike.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    mdtrt_id: Text,           // 就诊ID
    psn_no: Text,             // 人员编号
    psn_cert_type: Text,      // 人员证件类型
    certno: Text,             // 证件号码
    psn_name: Text,           // 人员姓名
    gend: Text,               // 性别
    naty: Text,               // 民族
    brdy: Text,               // 出生日期
    age: Text,                // 年龄
    coner_name: Text,         // 联系人姓名
    tel: Text,                // 联系电话
    insutype: Text,           // 险种类型
    psn_type: Text,           // 人员类别
    maf_psn_flag: Text,       // 医疗救助对象标志
    cvlserv_flag: Text,       // 公务员标志
    flxempe_flag: Text,       // 灵活就业标志
    nwb_flag: Text,           // 新生儿标志
    insu_optins: Text,        // 参保机构医保区划
    emp_name: Text,           // 单位名称
    begntime: Text,           // 开始时间
    endtime: Text,            // 结束时间
    mdtrt_cert_type: Text,    // 就诊凭证类型
    med_type: Text,           // 医疗类别
    ars_year_ipt_flag: Text,  // 跨年度住院标志
    pre_pay_flag: Text,       // 先行支付标志
    ipt_otp_no: Text,         // 住院/门诊号
    medrcdno: Text,           // 病历号
    atddr_no: Text,           // 医师编码
    chfpdr_name: Text,        // 主诊医师姓名
    adm_dept_codg: Text,      // 入院科室编码
    adm_dept_name: Text,      // 入院科室名称
    adm_bed: Text,            // 入院床位
    dscg_maindiag_code: Text, // 住院主诊断代码
    dscg_maindiag_name: Text, // 住院主诊断名称
    dscg_dept_codg: Text,     // 出院科室编码
    dscg_dept_name: Text,     // 出院科室名称
    dscg_bed: Text,           // 出院床位
    dscg_way: Text,           // 离院方式
    main_cond_dscr: Text,     // 主要病情描述
    dise_codg: Text,          // 病种编码
    dise_name: Text,          // 病种名称
    oprn_oprt_code: Text,     // 手术操作代码
    oprn_oprt_name: Text,     // 手术操作名称
    otp_diag_info: Text,      // 门诊诊断信息
    inhosp_stas: Text,        // 在院状态
    die_date: Text,           // 死亡日期
    ipt_days: Text,           // 住院天数
    fpsc_no: Text,            // 计划生育服务证号
    matn_type: Text,          // 生育类别
    birctrl_type: Text,       // 计划生育手术类别
    latechb_flag: Text,       // 晚育标志
    geso_val: Text,           // 孕周数
    fetts: Text,              // 胎次
    fetus_cnt: Text,          // 胎儿数
    pret_flag: Text,          // 早产标志
    birctrl_matn_date: Text,  // 计划生育手术或生育日期
    cop_flag: Text,           // 伴有并发症标志
    opter_id: Text,           // 经办人ID
    opter_name: Text,         // 经办人姓名
    opt_time: Text,           // 经办时间
    memo: Text,               // 备注
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    mdtrtinfo: Rows<Row>,
}

pub(crate) fn read(output: &Output, payer: &Payer) -> Result<Vec<VisitRow>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes.mdtrtinfo.0.iter().map(|row| visit(row, payer)).collect()
}

/// The same for the search of a settlement whose visit is not known.
pub(crate) fn found(output: &Output, payer: &Payer) -> Result<Vec<FoundVisit>, Unreadable> {
    let of_row = |row: VisitRow| FoundVisit {
        visit_id: row.visit_id,
        number: row.number,
        began: row.began,
        in_hospital: row.in_hospital,
    };
    Ok(read(output, payer)?.into_iter().map(of_row).collect())
}

fn visit(row: &Row, payer: &Payer) -> Result<VisitRow, Unreadable> {
    same_person(&row.psn_no, NODE, payer)?;
    Ok(VisitRow {
        visit_id: row.mdtrt_id.need_id(at(NODE, "mdtrt_id"), VisitId::new)?,
        number: row.ipt_otp_no.id(at(NODE, "ipt_otp_no"), VisitNumber::new)?,
        kind: row.med_type.id(at(NODE, "med_type"), VisitType::new)?,
        began: row.begntime.clock(at(NODE, "begntime"))?,
        ended: row.endtime.clock(at(NODE, "endtime"))?,
        in_hospital: row.inhosp_stas.flag(at(NODE, "inhosp_stas"))?,
        crosses_year: row.ars_year_ipt_flag.flag(at(NODE, "ars_year_ipt_flag"))?,
    })
}
