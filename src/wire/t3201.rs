//! 3201 医药机构费用结算对总账 (interface reference, 3.11): the totals of some days, one group of settlements at a time.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::{Fen, InsuranceType, Refusal, Transaction};

use crate::draft::Draft;
use crate::envelope::{Answer, Output, open};
use crate::message::{EncodeError, Head, filled, seal};
use crate::profile::Profile;
use crate::scalar::{Text, at};
use crate::totals_rules::{AccountMember, OfficeMember, RefundsInTotals, TotalsRules};
use crate::unreadable::Unreadable;

/// Totals of one group: one insurance, one kind of clearing, one office that clears, some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    pub insurance: InsuranceType,
    /// Kind of clearing, as the settlements' answers gave it.
    pub kind: String,
    /// Office that clears, as the settlements' answers gave it.
    pub office: String,
    /// First and last day, by the centre's time of the settlements.
    pub days: (Date, Date),
    pub total: Fen,
    /// The account not included.
    pub funds: Fen,
    pub account: Fen,
    /// By the province's rule for refunds; those of earlier days alone can make it less than nothing.
    pub count: i64,
}

/// What the centre makes of totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    Balanced,
    Unequal(Unequal),
    Refused(Refusal),
}

/// Totals the centre has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unequal {
    /// As it came: what a code says of who has more differs between provinces.
    pub code: String,
    /// The centre's words.
    pub words: Option<String>,
}

#[derive(Serialize)]
struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    insutype: &'a str, // 险种类型
    clr_type: &'a str, // 清算类别
    #[serde(skip_serializing_if = "Option::is_none")]
    setl_optins: Option<&'a str>, // 结算经办机构
    #[serde(skip_serializing_if = "Option::is_none")]
    clr_optins: Option<&'a str>, // 清算经办机构, in its place in one city
    stmt_begndate: String, // 对账开始日期
    stmt_enddate: String, // 对账结束日期
    medfee_sumamt: String, // 医疗费总额
    fund_pay_sumamt: String, // 基金支付总额
    #[serde(skip_serializing_if = "Option::is_none")]
    acct_pay: Option<String>, // 个人账户支出
    #[serde(skip_serializing_if = "Option::is_none")]
    cash_payamt: Option<String>, // 现金支付金额, in its place in one city
    fixmedins_setl_cnt: String, // 定点医药机构结算笔数
    refd_setl_flag: &'a str, // 退费结算标志
}

/// Makes the message that compares totals, its signature not made yet. Moves nothing; may be asked again.
///
/// # Errors
/// When the group is not named; nothing was sent.
pub fn draft_totals(totals: &Totals, head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
    let mut funds = totals.funds;
    if profile.fund_includes_account {
        funds = funds
            .checked_add(totals.account)
            .ok_or(EncodeError::MemberEmpty("fund_pay_sumamt"))?;
    }
    let rules = rules(profile);
    let office = filled("setl_optins", &totals.office)?;
    let settling = rules.office_member == OfficeMember::Settling;
    let account = totals.account.to_string();
    let (acct_pay, cash_payamt) = match rules.account_member {
        AccountMember::Account => (Some(account), None),
        AccountMember::Cash => (None, Some(account)),
    };
    let input = Input {
        data: Data {
            insutype: totals.insurance.as_str(),
            clr_type: filled("clr_type", &totals.kind)?,
            setl_optins: settling.then_some(office),
            clr_optins: (!settling).then_some(office),
            stmt_begndate: totals.days.0.to_string(),
            stmt_enddate: totals.days.1.to_string(),
            medfee_sumamt: totals.total.to_string(),
            fund_pay_sumamt: funds.to_string(),
            acct_pay,
            cash_payamt,
            fixmedins_setl_cnt: totals.count.to_string(),
            refd_setl_flag: match rules.refunds {
                RefundsInTotals::Rows | RefundsInTotals::Net => "1",
                RefundsInTotals::LeftOut => "0",
            },
        },
    };
    let transaction = Transaction::CompareTotals;
    seal(transaction, head.insured_area, &input, head, profile)
}

fn rules(profile: &Profile) -> TotalsRules {
    let rules = profile.reconciliation.as_ref().map(|rules| rules.totals);
    rules.unwrap_or_default()
}

const NODE: &str = "stmtinfo";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Nodes {
    stmtinfo: Option<Told>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Told {
    stmt_rslt: Text,      // 对账结果
    stmt_rslt_dscr: Text, // 对账结果说明
}

/// Reads the answer. Two code lists are in use; in both of them nothing but zeros means that all is equal.
///
/// # Errors
/// [`Unreadable`]; asking again does no harm.
pub fn read_totals(body: &[u8], profile: &Profile) -> Result<Compared, Unreadable> {
    match open(body)? {
        Answer::Done(output) => compared(&output),
        Answer::Failed(failure) => failure
            .weigh(Transaction::CompareTotals, &profile.words)
            .map(Compared::Refused),
    }
}

fn compared(output: &Output) -> Result<Compared, Unreadable> {
    let told = output.read::<Nodes>(NODE)?.stmtinfo;
    let told = told.ok_or(Unreadable::NodeMissing { node: NODE })?;
    let code = told.stmt_rslt.owned(at(NODE, "stmt_rslt"))?;
    let code = code.ok_or_else(|| at(NODE, "stmt_rslt").missing())?;
    if code.bytes().all(|digit| digit == b'0') {
        return Ok(Compared::Balanced);
    }
    let words = told.stmt_rslt_dscr.owned(at(NODE, "stmt_rslt_dscr"))?;
    Ok(Compared::Unequal(Unequal { code, words }))
}
