//! 2301 住院费用明细上传 and 2302 住院费用明细撤销 (interface reference, 3.8).

use serde::Serialize;
use zhijie_model::{Fen, LineSerial, Payer, Quantity, StayLine, UnitPrice, VisitId, VisitType};

use crate::context::{Context, Extension, extension};
use crate::message::{EncodeError, INPUT_CHARS_MAX, filled, given, wall_clock};
use crate::profile::Profile;
use crate::rows::Exact;

#[derive(Serialize)]
pub(crate) struct UploadInput<'a> {
    feedetail: Vec<Line<'a>>,
}

/// As a line of 2204 without batch, disease and prescription; with the order, the kind of the stay and, on a refund
/// line, the serial of the line it gives back.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    feedetl_sn: &'a str, // 费用明细流水号
    #[serde(skip_serializing_if = "Option::is_none")]
    init_feedetl_sn: Option<&'a str>, // 原费用流水号
    mdtrt_id: &'a str,   // 就诊ID
    #[serde(skip_serializing_if = "Option::is_none")]
    drord_no: Option<&'a str>, // 医嘱号
    psn_no: &'a str,     // 人员编号
    med_type: &'a str,   // 医疗类别
    fee_ocur_time: String, // 费用发生时间
    med_list_codg: &'a str, // 医疗目录编码
    medins_list_codg: &'a str, // 医药机构目录编码
    det_item_fee_sumamt: Exact<Fen>, // 明细项目费用总额
    cnt: Exact<Quantity>, // 数量
    pric: Exact<UnitPrice>, // 单价
    bilg_dept_codg: &'a str, // 开单科室编码
    bilg_dept_name: &'a str, // 开单科室名称
    bilg_dr_codg: &'a str, // 开单医生编码
    bilg_dr_name: &'a str, // 开单医师姓名
    hosp_appr_flag: &'static str, // 医院审批标志: 0 无须审批
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
pub(crate) struct WithdrawInput<'a> {
    data: Vec<Withdraw<'a>>,
}

#[derive(Serialize)]
struct Withdraw<'a> {
    feedetl_sn: &'a str, // 费用明细流水号
    mdtrt_id: &'a str,   // 就诊ID
    psn_no: &'a str,     // 人员编号
    #[serde(flatten)]
    extension: Extension<'a>,
}

/// Serial that means every line that is not settled.
const ALL: &str = "0000";
const FRAME_CHARS: usize = "{\"feedetail\":[]}".len();
/// Longest identifiers the interface allows, so that a cut does not depend on who the patient is.
const LONGEST: &str = "0000000000000000000000000000000000000000";

/// How many of `lines`, from the first on, one upload call carries. At least one is taken, so the calls come to an
/// end; a single line too long for a call is refused by the encoder. Same inputs, same cut.
#[must_use]
pub fn stay_chunk(lines: &[StayLine], profile: &Profile) -> usize {
    let mut chars = FRAME_CHARS;
    let mut taken = 0;
    for line in lines.iter().take(profile.upload_lines_max) {
        chars = chars.saturating_add(row_chars(line, profile));
        if chars > INPUT_CHARS_MAX && taken > 0 {
            break;
        }
        taken += 1;
    }
    taken
}

fn row_chars(line: &StayLine, profile: &Profile) -> usize {
    let comma = 1;
    let whose = (LONGEST, LONGEST, "000000");
    row(line, whose, extension("2301", &profile.fields))
        .ok()
        .and_then(|row| serde_json::to_string(&row).ok())
        .map_or(0, |json| json.chars().count() + comma)
}

/// The lines of one call; what does not fit is left to the next.
pub(crate) fn upload<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    kind: &'a VisitType,
    lines: &'a [StayLine],
) -> Result<UploadInput<'a>, EncodeError> {
    let taken = stay_chunk(lines, context.profile);
    let lines = lines.get(..taken).filter(|lines| !lines.is_empty());
    let lines = lines.ok_or(EncodeError::NothingToUpload { first: 0 })?;
    let whose = (
        payer.number.as_str(),
        visit_id.as_str(),
        context.visit_kind(payer, kind),
    );
    let rows = lines.iter().map(|line| row(line, whose, context.extension()));
    Ok(UploadInput {
        feedetail: rows.collect::<Result<_, _>>()?,
    })
}

fn row<'a>(
    line: &'a StayLine,
    (person, visit_id, kind): (&'a str, &'a str, &'a str),
    extension: Extension<'a>,
) -> Result<Line<'a>, EncodeError> {
    let charge = &line.charge;
    Ok(Line {
        feedetl_sn: charge.serial.as_str(),
        init_feedetl_sn: line.refunds.as_ref().map(LineSerial::as_str),
        mdtrt_id: visit_id,
        drord_no: charge.prescription.as_deref().and_then(given),
        psn_no: person,
        med_type: kind,
        fee_ocur_time: wall_clock(charge.at),
        med_list_codg: filled("med_list_codg", &charge.national_code)?,
        medins_list_codg: filled("medins_list_codg", &charge.own_code)?,
        det_item_fee_sumamt: Exact::new(&charge.amount),
        cnt: Exact::new(&charge.quantity),
        pric: Exact::new(&charge.unit_price),
        bilg_dept_codg: filled("bilg_dept_codg", &charge.department.code)?,
        bilg_dept_name: filled("bilg_dept_name", &charge.department.name)?,
        bilg_dr_codg: filled("bilg_dr_codg", &charge.doctor.code)?,
        bilg_dr_name: filled("bilg_dr_name", &charge.doctor.name)?,
        hosp_appr_flag: "0",
        extension,
    })
}

/// `serials`: the lines to take back; `None`: all that are not settled.
pub(crate) fn withdraw<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    serials: Option<&'a [LineSerial]>,
) -> Result<WithdrawInput<'a>, EncodeError> {
    let row = |serial: &'a str| Withdraw {
        feedetl_sn: serial,
        mdtrt_id: visit_id.as_str(),
        psn_no: payer.number.as_str(),
        extension: context.extension(),
    };
    let data: Vec<Withdraw<'a>> = match serials {
        None => vec![row(ALL)],
        Some(serials) => serials.iter().map(|serial| row(serial.as_str())).collect(),
    };
    if data.is_empty() {
        return Err(EncodeError::MemberEmpty("data"));
    }
    Ok(WithdrawInput { data })
}
