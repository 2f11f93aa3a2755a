//! `setlinfo`, the settlement answer of 2206, 2207, 2208 and 5203 (interface reference, 3.6).

use serde::{Deserialize, Serialize};
use zhijie_model::{Clearing, Fen, Fund, FundPart, MessageId, Ratio, SplitParts};

use crate::envelope::Output;
use crate::profile::Profile;
use crate::rows::Rows;
use crate::scalar::{Amount, At, Text, at};
use crate::shares;
use crate::unreadable::Unreadable;

pub(crate) const NODE: &str = "setlinfo";

/// One row. Where two spellings of a member are met, both stand here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SetlInfo {
    pub(crate) mdtrt_id: Text,          // 就诊ID
    pub(crate) setl_id: Text,           // 结算ID
    pub(crate) psn_no: Text,            // 人员编号
    psn_name: Text,                     // 人员姓名
    psn_cert_type: Text,                // 人员证件类型
    certno: Text,                       // 证件号码
    gend: Text,                         // 性别
    naty: Text,                         // 民族
    brdy: Text,                         // 出生日期
    age: Amount,                        // 年龄
    insutype: Text,                     // 险种类型
    psn_type: Text,                     // 人员类别
    cvlserv_flag: Text,                 // 公务员标志
    pub(crate) setl_time: Text,         // 结算时间
    mdtrt_cert_type: Text,              // 就诊凭证类型
    med_type: Text,                     // 医疗类别
    pub(crate) medfee_sumamt: Amount,   // 医疗费总额
    fulamt_ownpay_amt: Amount,          // 全自费金额
    overlmt_selfpay: Amount,            // 超限价自费费用
    preselfpay_amt: Amount,             // 先行自付金额
    inscp_scp_amt: Amount,              // 符合政策范围金额
    inscp_amt: Amount,                  // the same, platform spelling
    act_pay_dedc: Amount,               // 实际支付起付线
    hifp_pay: Amount,                   // 统筹基金支出
    pool_prop_selfpay: Amount,          // 统筹基金支付比例
    cvlserv_pay: Amount,                // 公务员医疗补助
    hifes_pay: Amount,                  // 企业补充
    hifmi_pay: Amount,                  // 居民大病
    hifob_pay: Amount,                  // 职工大额
    hifdm_pay: Amount,                  // 伤残人员
    maf_pay: Amount,                    // 医疗救助
    oth_pay: Amount,                    // 其他支出
    othfund_pay: Amount,                // the same, platform spelling
    pub(crate) fund_pay_sumamt: Amount, // 基金支付总额
    psn_part_amt: Amount,               // 个人负担总金额
    psn_pay: Amount,                    // the same in 5203
    pub(crate) acct_pay: Amount,        // 个人账户支出
    psn_cash_pay: Amount,               // 个人现金支出
    pdn_cash_pay: Amount,               // the same, misspelled in 2208
    cash_payamt: Amount,                // the same in 5203
    hosp_part_amt: Amount,              // 医院负担金额
    ownpay_hosp_part: Amount,           // the same, platform spelling
    balc: Amount,                       // 余额
    acct_mulaid_pay: Amount,            // 个人账户共济支付金额
    pub(crate) medins_setl_id: Text,    // 医药机构结算ID
    clr_optins: Text,                   // 清算经办机构
    clr_way: Text,                      // 清算方式
    clr_type: Text,                     // 清算类别
    pub(crate) refd_setl_flag: Text,    // 退费结算标志, 5203
    pay_loc: Text,                      // 支付地点类别, 5203
    invono: Text,                       // 发票号, 5203
    year: Text,                         // 年度, 5203
    /// Not of the row itself: what the rows by fund beside it come to.
    #[serde(skip)]
    pub(crate) listed: Option<Fen>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
pub(crate) struct Nodes {
    pub(crate) setlinfo: Rows<SetlInfo>,
}

/// The rows by fund, the personal account among them.
#[derive(Default, Deserialize)]
#[serde(default, bound = "")]
struct Details {
    setldetail: Rows<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    fund_payamt: Amount, // 基金支付金额
}

impl Nodes {
    /// The one row of a settlement answer.
    pub(crate) fn one(self) -> Result<SetlInfo, Unreadable> {
        let mut rows = self.setlinfo.0;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            (Some(_), false) => Err(Unreadable::Malformed { node: NODE }),
            (None, _) => Err(Unreadable::NodeMissing { node: NODE }),
        }
    }
}

/// What the rows by fund come to; `None` where there are none, or where one of them cannot be read: they only describe
/// a settlement, and none is doubted for them.
pub(crate) fn listed(output: &Output) -> Option<Fen> {
    const NODE: &str = "setldetail";
    let rows = output.read_or_empty::<Details>(NODE).ok()?.setldetail.0;
    let amount = |row: &Detail| row.fund_payamt.fen_or_zero(at(NODE, "fund_payamt")).ok();
    let amounts: Vec<Fen> = rows.iter().map(amount).collect::<Option<_>>()?;
    Fen::sum(amounts).filter(|_| !rows.is_empty())
}

const fn here(field: &'static str) -> At {
    at(NODE, field)
}

/// The first of several spellings that is there.
fn first<'a>(spellings: &[(&'a Amount, &'static str)]) -> Option<(&'a Amount, At)> {
    let found = spellings.iter().find(|(amount, _)| **amount != Amount::Absent);
    found.map(|(amount, field)| (*amount, here(field)))
}

fn either(spellings: &[(&Amount, &'static str)]) -> Result<Option<Fen>, Unreadable> {
    first(spellings).map_or(Ok(None), |(amount, at)| amount.fen(at))
}

impl SetlInfo {
    pub(crate) fn cash(&self) -> Result<Option<Fen>, Unreadable> {
        either(&[
            (&self.psn_cash_pay, "psn_cash_pay"),
            (&self.cash_payamt, "cash_payamt"),
            (&self.pdn_cash_pay, "pdn_cash_pay"),
        ])
    }

    pub(crate) fn person(&self) -> Result<Option<Fen>, Unreadable> {
        either(&[(&self.psn_part_amt, "psn_part_amt"), (&self.psn_pay, "psn_pay")])
    }

    pub(crate) fn mutual_aid(&self) -> Result<Fen, Unreadable> {
        self.acct_mulaid_pay.fen_or_zero(here("acct_mulaid_pay"))
    }

    pub(crate) fn hospital(&self) -> Result<Option<Fen>, Unreadable> {
        either(&[
            (&self.hosp_part_amt, "hosp_part_amt"),
            (&self.ownpay_hosp_part, "ownpay_hosp_part"),
        ])
    }

    pub(crate) fn clearing(&self) -> Result<Clearing, Unreadable> {
        Ok(Clearing {
            office: self.clr_optins.owned(here("clr_optins"))?,
            way: self.clr_way.owned(here("clr_way"))?,
            kind: self.clr_type.owned(here("clr_type"))?,
        })
    }

    pub(crate) fn message_id(&self) -> Result<Option<MessageId>, Unreadable> {
        self.medins_setl_id.id(here("medins_setl_id"), MessageId::new)
    }

    /// The amounts of a trial or a settlement, whose own total of the person must be there.
    pub(crate) fn parts(&self, profile: &Profile) -> Result<SplitParts, Unreadable> {
        let person = self.person()?.ok_or_else(|| here("psn_part_amt").missing())?;
        let hospital = self.hospital()?.unwrap_or(Fen::ZERO);
        self.with_shares(person, hospital, profile)
    }

    /// The amounts of a query row. Its table has no share of the hospital: what the total leaves is the hospital's.
    pub(crate) fn queried_parts(&self, profile: &Profile) -> Result<SplitParts, Unreadable> {
        let account = self.acct_pay.fen_or_zero(here("acct_pay"))?;
        let cash = self.cash()?.ok_or_else(|| here("cash_payamt").missing())?;
        let person = match self.person()? {
            Some(person) => person,
            None => shares::sum(&[account, cash])?,
        };
        let total = self.medfee_sumamt.need_fen(here("medfee_sumamt"))?;
        let fund = self.fund_pay_sumamt.need_fen(here("fund_pay_sumamt"))?;
        let hospital = match self.hospital()? {
            Some(hospital) => hospital,
            None => shares::left_for_hospital(total, fund, person, cash, profile.fund_includes_account)?,
        };
        self.with_shares(person, hospital, profile)
    }

    fn with_shares(&self, person: Fen, hospital: Fen, profile: &Profile) -> Result<SplitParts, Unreadable> {
        let total = self.medfee_sumamt.need_fen(here("medfee_sumamt"))?;
        let cash = self.cash()?.ok_or_else(|| here("psn_cash_pay").missing())?;
        let fund = self.fund_pay_sumamt.need_fen(here("fund_pay_sumamt"))?;
        let in_scope = [
            (&self.inscp_scp_amt, "inscp_scp_amt"),
            (&self.inscp_amt, "inscp_amt"),
        ];
        Ok(SplitParts {
            total,
            own_expense: self.fulamt_ownpay_amt.fen_or_zero(here("fulamt_ownpay_amt"))?,
            over_ceiling: self.overlmt_selfpay.fen_or_zero(here("overlmt_selfpay"))?,
            first_own: self.preselfpay_amt.fen_or_zero(here("preselfpay_amt"))?,
            in_scope: either(&in_scope)?.unwrap_or(Fen::ZERO),
            deductible: self.act_pay_dedc.fen_or_zero(here("act_pay_dedc"))?,
            pool_ratio: self.pool_ratio(),
            funds: self.funds()?,
            fund_total: shares::fund_without_account(
                &shares::Whole {
                    total,
                    fund,
                    person,
                    cash,
                    hospital,
                },
                profile.fund_includes_account,
            )?,
            person,
            account: self.acct_pay.fen_or_zero(here("acct_pay"))?,
            mutual_aid: self.mutual_aid()?,
            cash,
            hospital,
            balance: self.balc.fen(here("balc"))?,
            listed: self.listed,
        })
    }

    fn pool_ratio(&self) -> Option<Ratio> {
        let text = self.pool_prop_selfpay.get(here("pool_prop_selfpay")).ok()??;
        Ratio::parse(text).ok()
    }

    fn funds(&self) -> Result<Vec<FundPart>, Unreadable> {
        let other = first(&[(&self.oth_pay, "oth_pay"), (&self.othfund_pay, "othfund_pay")]);
        let members = [
            (Fund::Pool, Some((&self.hifp_pay, here("hifp_pay")))),
            (Fund::CivilServant, Some((&self.cvlserv_pay, here("cvlserv_pay")))),
            (
                Fund::EnterpriseSupplement,
                Some((&self.hifes_pay, here("hifes_pay"))),
            ),
            (
                Fund::CatastrophicIllness,
                Some((&self.hifmi_pay, here("hifmi_pay"))),
            ),
            (Fund::LargeExpense, Some((&self.hifob_pay, here("hifob_pay")))),
            (Fund::Disabled, Some((&self.hifdm_pay, here("hifdm_pay")))),
            (Fund::MedicalAid, Some((&self.maf_pay, here("maf_pay")))),
            (Fund::Other, other),
        ];
        let mut funds = Vec::new();
        for (fund, member) in members {
            if let Some((amount, at)) = member {
                let amount = amount.fen_or_zero(at)?;
                if !amount.is_zero() {
                    funds.push(FundPart { fund, amount });
                }
            }
        }
        Ok(funds)
    }
}
