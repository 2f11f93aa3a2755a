//! 3202 医药机构费用结算对明细账 (interface reference, 3.11, 5.7): the rows of some days, one kind of clearing at one office at
//! a time. Ours lie in a file stored before; the answer names a file with the rows that differ.

use core::fmt::Write as _;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use zhijie_model::{Fen, OwnRow, Refusal, Transaction};

use crate::draft::Draft;
use crate::envelope::{Answer, open, responded_at};
use crate::message::{EncodeError, Head, filled, seal};
use crate::profile::Profile;
use crate::t9101::{FileTicket, Ticket};
use crate::unreadable::Unreadable;
use crate::zip;

/// Which rows are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsAsked<'a> {
    /// Kind of clearing, and office that clears, as the settlements' answers gave them.
    pub kind: &'a str,
    pub office: &'a str,
    /// First and last day, by the centre's time of the settlements.
    pub days: (Date, Date),
    pub rows: &'a [OwnRow],
    /// Where they lie.
    pub file: &'a FileTicket,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowsCompared {
    /// The file with the rows that differ, and when the centre answered: Beijing wall clock.
    File(FileTicket, Option<DateTime>),
    Refused(Refusal),
}

#[derive(Serialize)]
struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    setl_optins: &'a str,       // 结算经办机构
    file_qury_no: &'a str,      // 文件查询号
    stmt_begndate: String,      // 对账开始日期
    stmt_enddate: String,       // 对账结束日期
    medfee_sumamt: String,      // 医疗费总额
    fund_pay_sumamt: String,    // 基金支付总额
    cash_payamt: String,        // 现金支付金额
    fixmedins_setl_cnt: String, // 定点医药机构结算笔数
    clr_type: &'a str,          // 清算类别
    refd_setl_flag: &'a str,    // 退费结算标志
}

/// Our rows as the file that is stored before: one text in a zip, TAB between columns, LF behind each row, refunds as rows of
/// their own.
///
/// # Errors
/// When the amounts leave the range, or the file is larger than a zip can be.
pub fn rows_file(rows: &[OwnRow], profile: &Profile) -> Result<Vec<u8>, EncodeError> {
    let mut text = String::new();
    for row in rows {
        let funds = funds(row, profile)?;
        let flag = if row.refund { "1" } else { "0" };
        let written = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{funds}\t{}\t{flag}",
            row.settlement.as_str(),
            row.visit.as_str(),
            row.person.as_str(),
            row.totals.total,
            row.totals.account,
        );
        written.map_err(|_| EncodeError::FileName)?;
    }
    zip::pack("detail.txt", text.as_bytes()).ok_or(EncodeError::FileSize { bytes: text.len() })
}

fn funds(row: &OwnRow, profile: &Profile) -> Result<Fen, EncodeError> {
    let account = if profile.fund_includes_account {
        row.totals.account
    } else {
        Fen::ZERO
    };
    let funds = row.totals.funds.checked_add(account);
    funds.ok_or(EncodeError::MemberEmpty("fund_pay_sumamt"))
}

/// Makes the message that compares rows, its signature not made yet. Moves nothing; may be asked again.
///
/// # Errors
/// When the group is not named or the sums leave the range; nothing was sent.
pub fn draft_rows(asked: &RowsAsked<'_>, head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
    let sum = |of: fn(&OwnRow) -> Option<Fen>, field: &'static str| {
        let parts: Option<Vec<Fen>> = asked.rows.iter().map(of).collect();
        parts.and_then(Fen::sum).ok_or(EncodeError::MemberEmpty(field))
    };
    let all: Result<Vec<Fen>, EncodeError> = asked.rows.iter().map(|row| funds(row, profile)).collect();
    let all = Fen::sum(all?).ok_or(EncodeError::MemberEmpty("fund_pay_sumamt"))?;
    let cash = |row: &OwnRow| {
        let left = row.totals.total.checked_sub(row.totals.funds)?;
        left.checked_sub(row.totals.account)
    };
    let input = Input {
        data: Data {
            setl_optins: filled("setl_optins", asked.office)?,
            file_qury_no: filled("file_qury_no", &asked.file.number)?,
            stmt_begndate: asked.days.0.to_string(),
            stmt_enddate: asked.days.1.to_string(),
            medfee_sumamt: sum(|row| Some(row.totals.total), "medfee_sumamt")?.to_string(),
            fund_pay_sumamt: all.to_string(),
            cash_payamt: sum(cash, "cash_payamt")?.to_string(),
            fixmedins_setl_cnt: asked.rows.len().to_string(),
            clr_type: filled("clr_type", asked.kind)?,
            refd_setl_flag: "1",
        },
    };
    let transaction = Transaction::CompareRows;
    seal(transaction, head.insured_area, &input, head, profile)
}

const NODE: &str = "fileinfo";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Nodes {
    fileinfo: Option<Ticket>,
}

/// Reads the answer.
///
/// # Errors
/// [`Unreadable`]; asking again does no harm.
pub fn read_rows(body: &[u8], profile: &Profile) -> Result<RowsCompared, Unreadable> {
    match open(body)? {
        Answer::Done(output) => {
            let told = output.read::<Nodes>(NODE)?.fileinfo;
            let ticket = told.ok_or(Unreadable::NodeMissing { node: NODE })?.read(NODE)?;
            Ok(RowsCompared::File(ticket, responded_at(body)))
        }
        Answer::Failed(failure) => failure
            .weigh(Transaction::CompareRows, &profile.words)
            .map(RowsCompared::Refused),
    }
}
