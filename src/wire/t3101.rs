//! 3101 明细审核事前分析, 3102 明细审核事中分析 and 3103 反馈. Two full tables and five clients agree on the names; the codes
//! of severity, occasion and institution were read in single places only and stand in the profile.

use serde::{Deserialize, Serialize};
use zhijie_model::{
    Bill, ChargeLine, CheckStage, Diagnosis, Fen, LineSerial, Private, Quantity, Sex, UnitPrice, Violation,
    Visit,
};

use crate::check_rules::CheckRules;
use crate::context::{Context, Extension};
use crate::envelope::Output;
use crate::inquiry::{BillToCheck, CheckAnswer};
use crate::message::{EncodeError, filled, wall_clock};
use crate::rows::{Exact, Rows};
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    syscode: Option<&'a str>, // 系统编码
    patient_dtos: Patients<'a>, // 参保人信息
    #[serde(skip_serializing_if = "Option::is_none")]
    trig_scen: Option<&'a str>, // 触发场景
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Patients<'a> {
    Array([Box<Patient<'a>>; 1]),
    One(Box<Patient<'a>>),
}

#[derive(Serialize)]
struct Patient<'a> {
    patn_id: &'a str,                       // 参保人标识
    patn_name: &'a str,                     // 姓名
    gend: &'a str,                          // 性别
    brdy: String,                           // 出生日期
    poolarea: String,                       // 统筹区编码
    curr_mdtrt_id: &'a str,                 // 当前就诊标识
    fsi_encounter_dtos: [Encounter<'a>; 1], // 就诊信息集合
}

/// Members nobody at a desk knows before the trial are sent as nothing paid; ward, room, bed and operations are left out.
#[derive(Serialize)]
struct Encounter<'a> {
    mdtrt_id: &'a str,                     // 就诊标识
    medins_id: &'a str,                    // 医疗服务机构标识
    medins_name: &'a str,                  // 医疗机构名称
    medins_admdvs: String,                 // 医疗机构行政区划编码
    medins_type: &'a str,                  // 医疗服务机构类型
    medins_lv: &'a str,                    // 医疗机构等级
    adm_date: String,                      // 入院日期
    dscg_date: String,                     // 出院日期
    dscg_main_dise_codg: &'a str,          // 主诊断编码
    dscg_main_dise_name: &'a str,          // 主诊断名称
    fsi_diagnose_dtos: Vec<Diagnosed<'a>>, // 诊断信息集合
    dr_codg: &'a str,                      // 医师标识
    adm_dept_codg: &'a str,                // 入院科室标识
    adm_dept_name: &'a str,                // 入院科室名称
    dscg_dept_codg: &'a str,               // 出院科室标识
    dscg_dept_name: &'a str,               // 出院科室名称
    med_mdtrt_type: &'static str,          // 就诊类型: 1 门诊, 3 购药
    med_type: &'a str,                     // 医疗类别
    fsi_order_dtos: Vec<Order<'a>>,        // 处方信息集合
    matn_stas: &'static str,               // 生育状态: 0 其他
    medfee_sumamt: Exact<Fen>,             // 总费用
    ownpay_amt: Exact<Fen>,                // 自费金额
    selfpay_amt: Exact<Fen>,               // 自付金额
    setl_totlnum: u8,                      // 结算总次数
    insutype: &'a str,                     // 险种
    reim_flag: &'static str,               // 报销标志
    out_setl_flag: &'a str,                // 异地结算标志
}

#[derive(Serialize)]
struct Diagnosed<'a> {
    dise_id: String,               // 诊断标识
    inout_dise_type: &'static str, // 出入诊断类别: 1 入院诊断
    maindise_flag: &'static str,   // 主诊断标志
    dias_srt_no: u8,               // 诊断排序号
    dise_codg: &'a str,            // 诊断编码
    dise_name: &'a str,            // 诊断名称
    dise_date: String,             // 诊断日期
}

#[derive(Serialize)]
struct Order<'a> {
    rx_id: &'a str,                 // 处方(医嘱)标识
    rxno: &'a str,                  // 处方号
    long_drord_flag: &'static str,  // 是否为长期医嘱
    hilist_type: &'static str,      // 目录类别
    chrg_type: &'static str,        // 收费类别
    drord_bhvr: &'static str,       // 医嘱行为: 0 其他
    hilist_code: &'a str,           // 医保目录代码
    hilist_name: &'a str,           // 医保目录名称
    hilist_lv: &'static str,        // 医保目录等级
    hilist_pric: Exact<UnitPrice>,  // 医保目录价格
    hosplist_code: &'a str,         // 医院目录代码
    hosplist_name: &'a str,         // 医院目录名称
    cnt: Exact<Quantity>,           // 数量
    pric: Exact<UnitPrice>,         // 单价
    sumamt: Exact<Fen>,             // 总费用
    ownpay_amt: Exact<Fen>,         // 自费金额
    selfpay_amt: Exact<Fen>,        // 自付金额
    spec: &'static str,             // 规格
    spec_unt: &'static str,         // 数量单位
    drord_begn_date: String,        // 医嘱开始日期
    drord_dept_codg: &'a str,       // 下达医嘱的科室标识
    drord_dept_name: &'a str,       // 下达医嘱科室名称
    drord_dr_codg: &'a str,         // 开处方(医嘱)医生标识
    drord_dr_name: &'a str,         // 开处方(医嘱)医生姓名
    drord_dr_profttl: &'static str, // 开处方(医嘱)医职称: 9 其他
    curr_drord_flag: &'static str,  // 是否当前处方(医嘱)
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    asked: &'a BillToCheck,
    stage: CheckStage,
) -> Result<Input<'a>, EncodeError> {
    let rules = &context.profile.checks;
    let payer = &asked.payer;
    let born = asked.born.ok_or(EncodeError::MemberEmpty("brdy"))?;
    let patient = Box::new(Patient {
        patn_id: payer.number.as_str(),
        patn_name: filled("patn_name", payer.name.reveal())?,
        gend: gender(&asked.sex),
        brdy: born.to_string(),
        poolarea: payer.area.to_string(),
        curr_mdtrt_id: asked.visit.number.as_str(),
        fsi_encounter_dtos: [encounter(context, asked)?],
    });
    Ok(Input {
        data: Data {
            syscode: rules.system.as_deref(),
            patient_dtos: if rules.patient_as_array {
                Patients::Array([patient])
            } else {
                Patients::One(patient)
            },
            trig_scen: rules.occasions.get(&stage).map(String::as_str),
            extension: context.extension(),
        },
    })
}

/// The centre does not know the visit yet: it goes by the hospital's own number.
fn encounter<'a>(context: &Context<'a>, asked: &'a BillToCheck) -> Result<Encounter<'a>, EncodeError> {
    let (visit, rules, head) = (&asked.visit, &context.profile.checks, context.head);
    let main = visit.diagnoses.iter().min_by_key(|diagnosis| diagnosis.rank);
    let main = main.map(|main| (main.code.as_str(), main.name.as_str()));
    let (code, name) = match main {
        None if !asked.purchase => return Err(EncodeError::MemberEmpty("dscg_main_dise_codg")),
        main => main.unwrap_or_default(),
    };
    let (began, department) = (wall_clock(visit.began), &visit.department);
    let lines = asked.bill.lines().iter();
    Ok(Encounter {
        mdtrt_id: visit.number.as_str(),
        medins_id: head.institution.as_str(),
        medins_name: &head.institution_name,
        medins_admdvs: head.care_area.to_string(),
        medins_type: &rules.institution_kind,
        medins_lv: &rules.institution_level,
        adm_date: began.clone(),
        dscg_date: began,
        dscg_main_dise_codg: code,
        dscg_main_dise_name: name,
        fsi_diagnose_dtos: visit.diagnoses.iter().map(|one| diagnosed(one, visit)).collect(),
        dr_codg: &visit.doctor.code,
        adm_dept_codg: &department.code,
        adm_dept_name: &department.name,
        dscg_dept_codg: &department.code,
        dscg_dept_name: &department.name,
        med_mdtrt_type: if asked.purchase { "3" } else { "1" },
        med_type: context.visit_kind(&asked.payer, &visit.kind),
        fsi_order_dtos: lines.map(|line| order(line, &asked.bill)).collect(),
        matn_stas: "0",
        medfee_sumamt: Exact::new(&asked.bill.total()),
        ownpay_amt: Exact::new(&Fen::ZERO),
        selfpay_amt: Exact::new(&Fen::ZERO),
        setl_totlnum: 1,
        insutype: asked.payer.insurance.as_str(),
        reim_flag: "1",
        out_setl_flag: rules.elsewhere(asked.payer.area, head.care_area),
    })
}

fn diagnosed<'a>(one: &'a Diagnosis, visit: &Visit) -> Diagnosed<'a> {
    let first = visit.diagnoses.iter().map(|diagnosis| diagnosis.rank).min();
    Diagnosed {
        dise_id: one.rank.to_string(),
        inout_dise_type: "1",
        maindise_flag: if first == Some(one.rank) { "1" } else { "0" },
        dias_srt_no: one.rank,
        dise_codg: &one.code,
        dise_name: &one.name,
        dise_date: wall_clock(one.at),
    }
}

fn order<'a>(line: &'a ChargeLine, bill: &'a Bill) -> Order<'a> {
    let (list, charge) = sort(&line.national_code);
    Order {
        rx_id: line.serial.as_str(),
        rxno: line.prescription.as_deref().unwrap_or(bill.batch().as_str()),
        long_drord_flag: "0",
        hilist_type: list,
        chrg_type: charge,
        drord_bhvr: "0",
        hilist_code: &line.national_code,
        hilist_name: &line.name,
        hilist_lv: "",
        hilist_pric: Exact::new(&line.unit_price),
        hosplist_code: &line.own_code,
        hosplist_name: &line.name,
        cnt: Exact::new(&line.quantity),
        pric: Exact::new(&line.unit_price),
        sumamt: Exact::new(&line.amount),
        ownpay_amt: Exact::new(&Fen::ZERO),
        selfpay_amt: Exact::new(&Fen::ZERO),
        spec: "",
        spec_unt: "",
        drord_begn_date: wall_clock(line.at),
        drord_dept_codg: &line.department.code,
        drord_dept_name: &line.department.name,
        drord_dr_codg: &line.doctor.code,
        drord_dr_name: &line.doctor.name,
        drord_dr_profttl: "9",
        curr_drord_flag: "1",
    }
}

/// 目录类别 and 收费类别 by the first letter of the national code.
fn sort(national_code: &str) -> (&'static str, &'static str) {
    match national_code.as_bytes().first() {
        Some(b'X') => ("101", "09"),
        Some(b'Z') => ("101", "11"),
        Some(b'T') => ("102", "10"),
        Some(b'C') => ("301", "08"),
        Some(_) | None => ("201", "14"),
    }
}

const fn gender(sex: &Sex) -> &str {
    match sex {
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::NotStated => "9",
        Sex::Unknown(_) => "0",
    }
}

#[derive(Serialize)]
pub(crate) struct AnswerInput<'a> {
    data: Answer<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    warn_type: &'static str, // 反馈类型: 1 事前, 2 事中
    warns: Vec<Warn<'a>>,    // 处理数据集合
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
struct Warn<'a> {
    warn_rslt_id: &'a str,  // 违规标识
    dspo_way: &'static str, // 处理方式: 1 继续执行, 2 返回修改
    dspo_way_rea: &'a str,  // 处理原因
}

pub(crate) fn answer_input<'a>(
    context: &Context<'a>,
    answer: &'a CheckAnswer,
) -> Result<AnswerInput<'a>, EncodeError> {
    let warn = |id: &'a String| {
        Ok(Warn {
            warn_rslt_id: filled("warn_rslt_id", id)?,
            dspo_way: "1",
            dspo_way_rea: &answer.reason,
        })
    };
    Ok(AnswerInput {
        data: Answer {
            warn_type: match answer.stage {
                CheckStage::Before => "1",
                CheckStage::During => "2",
            },
            warns: answer
                .violations
                .iter()
                .map(warn)
                .collect::<Result<_, EncodeError>>()?,
            extension: context.extension(),
        },
    })
}

const NODE: &str = "result";
const DETAILS: &str = "judge_result_detail_dtos";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Found {
    jr_id: Text,                            // 违规标识
    rule_id: Text,                          // 规则ID
    rule_name: Text,                        // 规则名称
    vola_cont: Text,                        // 违规内容
    judge_result_detail_dtos: Rows<Detail>, // 违规明细
    vola_amt: Text,                         // 违规金额
    sev_deg: Text,                          // 严重程度
    vola_evid: Text,                        // 违规依据
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    rx_id: Text,          // 处方(医嘱)标识
    vola_item_type: Text, // 违规明细类型: 1 违规项, 2 涉及项
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Nodes {
    result: Rows<Found>,
}

/// May be empty: nothing is broken. A row without its id, rule or words is not believed.
pub(crate) fn read(output: &Output, bill: &Bill, rules: &CheckRules) -> Result<Vec<Violation>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    nodes
        .result
        .0
        .iter()
        .map(|found| violation(found, bill, rules))
        .collect()
}

fn violation(found: &Found, bill: &Bill, rules: &CheckRules) -> Result<Violation, Unreadable> {
    let code = found.sev_deg.owned(at(NODE, "sev_deg"))?;
    let mut lines: Vec<LineSerial> = Vec::new();
    for detail in &found.judge_result_detail_dtos.0 {
        let named = detail.rx_id.id(at(DETAILS, "rx_id"), LineSerial::new)?;
        // Rules look at earlier visits too: what is no line of this bill is none of ours.
        if let Some(serial) = named.filter(|serial| is_of(serial, bill) && !lines.contains(serial)) {
            lines.push(serial);
        }
    }
    Ok(Violation {
        id: found.jr_id.need(at(NODE, "jr_id"))?.to_owned(),
        rule: found.rule_id.need(at(NODE, "rule_id"))?.to_owned(),
        rule_name: found.rule_name.owned(at(NODE, "rule_name"))?,
        text: Private::new(found.vola_cont.need(at(NODE, "vola_cont"))?),
        severity: rules.severity(code.as_deref()),
        code,
        amount: found.vola_amt.fen(at(NODE, "vola_amt"))?,
        basis: found.vola_evid.get(at(NODE, "vola_evid"))?.map(Private::new),
        lines,
    })
}

fn is_of(serial: &LineSerial, bill: &Bill) -> bool {
    bill.lines().iter().any(|line| line.serial == *serial)
}
