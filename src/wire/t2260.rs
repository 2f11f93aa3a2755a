//! 2260 单据式门诊结算 and 2261 单据式门诊结算撤销, a pair of one province: visit, diagnoses, lines and settlement in one call.
//! The table of 2260 was read in one hospital system; of 2261 only the number, its members are those of 2208.

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use zhijie_model::{
    Bill, ChargeLine, Diagnosis, DiagnosisKind, Fen, LineCut, Payer, Quantity, UnitPrice, Visit,
};

use crate::context::{Context, Extension, Identity};
use crate::envelope::Output;
use crate::message::{EncodeError, filled, given, wall_clock};
use crate::profile::Profile;
use crate::rows::{Exact, Rows};
use crate::slip_rules::{SlipNames, SlipRules};
use crate::t2204::{self, Cut};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    mdtrtinfo: VisitNode<'a>,
    diseinfo: Node<DiagnosisNode<'a>>,
    feedetail: Node<LineNode<'a>>,
}

/// An array, or an array under a member of its own.
struct Node<T> {
    rows: Vec<T>,
    wrapped: bool,
}

/// Members that an outpatient desk does not fill are left out: hcard_basinfo, hcard_chkinfo, mdtrt_mode, endtime,
/// oprn_oprt_*, op_dise_info, birctrl_*, and the node agnterinfo. There is none for the use of the account.
#[derive(Serialize)]
struct VisitNode<'a> {
    psn_no: &'a str,             // 人员编号
    mdtrt_cert_type: &'a str,    // 就诊凭证类型
    mdtrt_cert_no: &'a str,      // 就诊凭证编号
    setl_flag: &'static str,     // 结算标志: 0 试算, 1 结算
    insutype: &'a str,           // 险种类型
    med_type: &'a str,           // 医疗类别
    begntime: String,            // 开始时间
    adm_dept_name: &'a str,      // 科室名称
    order_no: &'a str,           // 医疗机构订单号
    dscg_maindiag_code: &'a str, // 主诊断编码
    dscg_maindiag_name: &'a str, // 主诊断名称
    clnc_flag: &'static str,     // 临床试验标志: 0 否
    #[serde(skip_serializing_if = "Option::is_none")]
    dise_name: Option<&'a str>, // 病种名称
    #[serde(skip_serializing_if = "Option::is_none")]
    invono: Option<&'a str>, // 发票号
    #[serde(flatten)]
    spelled: VisitSpelling<'a>,
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum VisitSpelling<'a> {
    Early {
        ipt_op_no: &'a str,     // 住院/门诊号
        adm_dept_code: &'a str, // 科室编码
        #[serde(skip_serializing_if = "Option::is_none")]
        main_cond_desc: Option<&'a str>, // 主要病情描述
        #[serde(skip_serializing_if = "Option::is_none")]
        dise_no: Option<&'a str>, // 病种编码
    },
    National {
        ipt_otp_no: &'a str,
        adm_dept_codg: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        main_cond_dscr: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        dise_codg: Option<&'a str>,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum DiagnosisNode<'a> {
    Early {
        dise_type: &'static str, // 诊断类别
        dise_srt_no: u8,         // 诊断排序号
        dise_code: &'a str,      // 诊断代码
        dise_name: &'a str,      // 诊断名称
        dise_dept: &'a str,      // 诊断科室
        dise_dor_no: &'a str,    // 诊断医生编码
        dise_dor_name: &'a str,  // 诊断医生姓名
        dise_time: String,       // 诊断时间
    },
    National {
        diag_type: &'static str,
        diag_srt_no: u8,
        diag_code: &'a str,
        diag_name: &'a str,
        diag_dept: &'a str,
        dise_dor_no: &'a str,
        dise_dor_name: &'a str,
        diag_time: String,
        vali_flag: &'static str, // 有效标志
    },
}

/// Left out as in 2204; `unchk_flag` too, by which a line is kept from the checks.
#[derive(Serialize)]
struct LineNode<'a> {
    feedetl_sn: &'a str,             // 记账流水号
    cnt: Exact<Quantity>,            // 数量
    pric: Exact<UnitPrice>,          // 单价
    det_item_fee_sumamt: Exact<Fen>, // 明细项目费用总额
    med_list_codg: &'a str,          // 医疗目录编码
    medins_list_name: &'a str,       // 医疗机构目录名称
    bilg_dept_codg: &'a str,         // 开单科室编码
    bilg_dept_name: &'a str,         // 开单科室名称
    bilg_dr_codg: &'a str,           // 开单医生编码
    bilg_dr_name: &'a str,           // 开单医生姓名
    hosp_appr_flag: &'static str,    // 医院审批标志: 0 无须审批
    #[serde(flatten)]
    spelled: LineSpelling<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LineSpelling<'a> {
    Early {
        #[serde(skip_serializing_if = "Option::is_none")]
        dise_no: Option<&'a str>, // 病种编号
        #[serde(skip_serializing_if = "Option::is_none")]
        rx_drord_no: Option<&'a str>, // 处方/医嘱号
        fee_ocur_date: String,       // 费用发生日期
        medins_milist_codg: &'a str, // 医疗机构目录编码
    },
    National {
        #[serde(skip_serializing_if = "Option::is_none")]
        dise_codg: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rxno: Option<&'a str>,
        fee_ocur_time: String,
        medins_list_codg: &'a str,
    },
}

/// Whether it is only tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip<'a> {
    Trial,
    Settlement { invoice: Option<&'a str> },
}

pub(crate) fn slip<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit: &'a Visit,
    bill: &'a Bill,
    slip: Slip<'a>,
) -> Result<Input<'a>, EncodeError> {
    let rules = &context.profile.slips;
    let proof = context.proof()?;
    let main = visit.diagnoses.iter().min_by_key(|diagnosis| diagnosis.rank);
    let main = main.ok_or(EncodeError::MemberEmpty("diseinfo"))?;
    let disease = visit.disease.as_ref();
    let (setl_flag, invoice) = match slip {
        Slip::Trial => ("0", None),
        Slip::Settlement { invoice } => ("1", invoice),
    };
    let diagnoses = visit.diagnoses.iter();
    let lines = bill.lines().iter();
    let code = disease.map(|disease| disease.code.as_str());
    Ok(Input {
        mdtrtinfo: VisitNode {
            psn_no: payer.number.as_str(),
            mdtrt_cert_type: proof.kind,
            mdtrt_cert_no: proof.number,
            setl_flag,
            insutype: payer.insurance.as_str(),
            med_type: context.visit_kind(payer, &visit.kind),
            begntime: wall_clock(visit.began),
            adm_dept_name: filled("adm_dept_name", &visit.department.name)?,
            order_no: bill.batch().as_str(),
            dscg_maindiag_code: filled("dscg_maindiag_code", &main.code)?,
            dscg_maindiag_name: filled("dscg_maindiag_name", &main.name)?,
            clnc_flag: "0",
            dise_name: disease.map(|disease| disease.name.as_str()),
            invono: invoice.and_then(given),
            spelled: visit_spelling(visit, rules.names)?,
            identity: context.identity(payer, &proof)?,
            extension: context.extension(),
        },
        diseinfo: node(diagnoses.map(|row| diagnosis(row, rules.names)), rules)?,
        feedetail: node(lines.map(|row| line(row, code, rules.names)), rules)?,
    })
}

fn node<T>(
    rows: impl Iterator<Item = Result<T, EncodeError>>,
    rules: &SlipRules,
) -> Result<Node<T>, EncodeError> {
    Ok(Node {
        rows: rows.collect::<Result<_, _>>()?,
        wrapped: rules.rows_wrapped,
    })
}

fn visit_spelling(visit: &Visit, names: SlipNames) -> Result<VisitSpelling<'_>, EncodeError> {
    let number = visit.number.as_str();
    let department = filled("adm_dept_codg", &visit.department.code)?;
    let complaint = given(&visit.complaint);
    let disease = visit.disease.as_ref().map(|disease| disease.code.as_str());
    Ok(match names {
        SlipNames::Early => VisitSpelling::Early {
            ipt_op_no: number,
            adm_dept_code: department,
            main_cond_desc: complaint,
            dise_no: disease,
        },
        SlipNames::National => VisitSpelling::National {
            ipt_otp_no: number,
            adm_dept_codg: department,
            main_cond_dscr: complaint,
            dise_codg: disease,
        },
    })
}

fn diagnosis(row: &Diagnosis, names: SlipNames) -> Result<DiagnosisNode<'_>, EncodeError> {
    let kind = match row.kind {
        DiagnosisKind::Western => "1",
        DiagnosisKind::ChineseDisease => "2",
        DiagnosisKind::ChineseSyndrome => "3",
    };
    let (code, name) = (filled("diag_code", &row.code)?, filled("diag_name", &row.name)?);
    let department = filled("diag_dept", &row.department)?;
    let doctor = filled("dise_dor_no", &row.doctor.code)?;
    let doctor_name = filled("dise_dor_name", &row.doctor.name)?;
    Ok(match names {
        SlipNames::Early => DiagnosisNode::Early {
            dise_type: kind,
            dise_srt_no: row.rank,
            dise_code: code,
            dise_name: name,
            dise_dept: department,
            dise_dor_no: doctor,
            dise_dor_name: doctor_name,
            dise_time: wall_clock(row.at),
        },
        SlipNames::National => DiagnosisNode::National {
            diag_type: kind,
            diag_srt_no: row.rank,
            diag_code: code,
            diag_name: name,
            diag_dept: department,
            dise_dor_no: doctor,
            dise_dor_name: doctor_name,
            diag_time: wall_clock(row.at),
            vali_flag: "1",
        },
    })
}

fn line<'a>(
    row: &'a ChargeLine,
    disease: Option<&'a str>,
    names: SlipNames,
) -> Result<LineNode<'a>, EncodeError> {
    let own_code = filled("medins_list_codg", &row.own_code)?;
    let prescription = row.prescription.as_deref().and_then(given);
    let at = wall_clock(row.at);
    Ok(LineNode {
        feedetl_sn: row.serial.as_str(),
        cnt: Exact::new(&row.quantity),
        pric: Exact::new(&row.unit_price),
        det_item_fee_sumamt: Exact::new(&row.amount),
        med_list_codg: filled("med_list_codg", &row.national_code)?,
        medins_list_name: filled("medins_list_name", &row.name)?,
        bilg_dept_codg: filled("bilg_dept_codg", &row.department.code)?,
        bilg_dept_name: filled("bilg_dept_name", &row.department.name)?,
        bilg_dr_codg: filled("bilg_dr_codg", &row.doctor.code)?,
        bilg_dr_name: filled("bilg_dr_name", &row.doctor.name)?,
        hosp_appr_flag: "0",
        spelled: match names {
            SlipNames::Early => LineSpelling::Early {
                dise_no: disease,
                rx_drord_no: prescription,
                fee_ocur_date: at,
                medins_milist_codg: own_code,
            },
            SlipNames::National => LineSpelling::National {
                dise_codg: disease,
                rxno: prescription,
                fee_ocur_time: at,
                medins_list_codg: own_code,
            },
        },
    })
}

impl<T: Serialize> Serialize for Node<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.wrapped {
            let mut node = serializer.serialize_map(Some(1))?;
            node.serialize_entry(ROWS, &self.rows)?;
            node.end()
        } else {
            self.rows.serialize(serializer)
        }
    }
}

/// The member under which rows lie where their node wraps them.
const ROWS: &str = "rows";
const NODE: &str = "detlcutinfo";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Nodes {
    detlcutinfo: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(bound = "")]
struct Wrapped {
    rows: Rows<Cut>,
}

/// How the centre split the lines; as with a purchase an answer without it is complete all the same.
pub(crate) fn cuts(output: &Output, bill: &Bill, profile: &Profile) -> Result<Vec<LineCut>, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    let malformed = |_| Unreadable::Malformed { node: NODE };
    let rows = match nodes.detlcutinfo.as_ref().map(|node| node.get()) {
        Some(node) => match serde_json::from_str::<Wrapped>(node) {
            Ok(wrapped) => wrapped.rows.0,
            Err(_) => serde_json::from_str::<Rows<Cut>>(node).map_err(malformed)?.0,
        },
        None => Vec::new(),
    };
    t2204::cuts(&rows, bill.lines().iter(), NODE, profile)
}
