//! Who pays what, as the desk sees it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Fen, Fund, Split, SplitError};

use super::common::Notice;

/// The platform's split, shown and never computed here. Collected amounts are positive, amounts of a refund negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SplitView {
    pub total_fen: i64,
    /// Basic medical insurance pool.
    pub pool_fen: i64,
    /// All funds besides the pool.
    pub other_funds_fen: i64,
    /// Funds with an amount other than zero.
    pub funds: Vec<FundView>,
    /// All funds; the personal account is not among them.
    pub fund_total_fen: i64,
    pub account_fen: i64,
    /// Paid from a family member's account.
    pub mutual_aid_fen: i64,
    /// Whether that is counted inside `account_fen`, and not beside it; absent where a family member paid nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutual_aid_in_account: Option<bool>,
    /// What the cashier collects.
    pub cash_fen: i64,
    /// What the hospital bears.
    pub hospital_fen: i64,
    pub own_expense_fen: i64,
    pub over_ceiling_fen: i64,
    pub first_own_fen: i64,
    pub in_scope_fen: i64,
    pub deductible_fen: i64,
    /// Decimal text between 0 and 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_ratio: Option<String>,
    /// Account balance afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_fen: Option<i64>,
    pub warnings: Vec<Notice>,
}

/// What one fund pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FundView {
    /// `pool`, `civil_servant`, `enterprise_supplement`, `catastrophic_illness`, `large_expense`, `disabled`,
    /// `medical_aid`, `other`.
    pub fund: String,
    pub name_zh: String,
    pub amount_fen: i64,
}

impl From<&Split> for SplitView {
    fn from(split: &Split) -> Self {
        let parts = split.parts();
        Self {
            total_fen: parts.total.get(),
            pool_fen: split.fund(Fund::Pool).get(),
            other_funds_fen: split.other_funds().get(),
            funds: parts
                .funds
                .iter()
                .map(|part| FundView {
                    fund: String::from(fund_code(part.fund)),
                    name_zh: String::from(fund_name_zh(part.fund)),
                    amount_fen: part.amount.get(),
                })
                .collect(),
            fund_total_fen: parts.fund_total.get(),
            account_fen: parts.account.get(),
            mutual_aid_fen: parts.mutual_aid.get(),
            mutual_aid_in_account: (!parts.mutual_aid.is_zero()).then(|| split.mutual_aid_is_inside()),
            cash_fen: parts.cash.get(),
            hospital_fen: parts.hospital.get(),
            own_expense_fen: parts.own_expense.get(),
            over_ceiling_fen: parts.over_ceiling.get(),
            first_own_fen: parts.first_own.get(),
            in_scope_fen: parts.in_scope.get(),
            deductible_fen: parts.deductible.get(),
            pool_ratio: parts.pool_ratio.map(|ratio| ratio.to_string()),
            balance_fen: parts.balance.map(Fen::get),
            warnings: split.warnings().iter().map(|warning| notice(*warning)).collect(),
        }
    }
}

const fn fund_code(fund: Fund) -> &'static str {
    match fund {
        Fund::Pool => "pool",
        Fund::CivilServant => "civil_servant",
        Fund::EnterpriseSupplement => "enterprise_supplement",
        Fund::CatastrophicIllness => "catastrophic_illness",
        Fund::LargeExpense => "large_expense",
        Fund::Disabled => "disabled",
        Fund::MedicalAid => "medical_aid",
        Fund::Other => "other",
    }
}

/// The fund's name as a receipt prints it.
#[must_use]
pub const fn fund_name_zh(fund: Fund) -> &'static str {
    match fund {
        Fund::Pool => "基本医疗保险统筹基金",
        Fund::CivilServant => "公务员医疗补助",
        Fund::EnterpriseSupplement => "企业补充医疗保险",
        Fund::CatastrophicIllness => "居民大病保险",
        Fund::LargeExpense => "职工大额医疗费用补助",
        Fund::Disabled => "伤残人员医疗保障",
        Fund::MedicalAid => "医疗救助",
        Fund::Other => "其他基金",
    }
}

fn notice(warning: SplitError) -> Notice {
    let (code, text_zh) = match warning {
        SplitError::I1 => ("SPLIT-I1", "自费、超限价、先行自付与符合范围金额之和与总额不一致"),
        SplitError::I2 => ("SPLIT-I2", "基金、个人与医院负担之和与总额不一致"),
        SplitError::I3 => ("SPLIT-I3", "个人账户与现金之和与个人负担不一致"),
        SplitError::I4 => ("SPLIT-I4", "各项基金之和与基金支付总额不一致"),
        SplitError::I5 => ("SPLIT-I5", "基金分项合计少于基金支付总额"),
        SplitError::Sign => ("SPLIT-SIGN", "金额正负号不一致"),
        SplitError::OtherTotal => ("SPLIT-TOTAL", "总额与账单不一致"),
        SplitError::OutOfRange => ("SPLIT-RANGE", "金额超出范围"),
    };
    Notice {
        code: String::from(code),
        text_zh: String::from(text_zh),
        text_en: warning.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhijie_model::{FundPart, SplitParts};

    #[test]
    fn the_codes_are_those_of_the_model() {
        for fund in [
            Fund::Pool,
            Fund::CivilServant,
            Fund::EnterpriseSupplement,
            Fund::CatastrophicIllness,
            Fund::LargeExpense,
            Fund::Disabled,
            Fund::MedicalAid,
            Fund::Other,
        ] {
            assert_eq!(serde_json::to_value(fund).unwrap(), fund_code(fund));
        }
    }

    #[test]
    fn the_view_repeats_the_split() {
        let fen = |value| Fen::new(value).unwrap();
        let split = Split::new(SplitParts {
            total: fen(1000),
            own_expense: fen(0),
            over_ceiling: fen(0),
            first_own: fen(100),
            in_scope: fen(800),
            deductible: fen(50),
            pool_ratio: None,
            funds: vec![
                FundPart {
                    fund: Fund::Pool,
                    amount: fen(500),
                },
                FundPart {
                    fund: Fund::MedicalAid,
                    amount: fen(100),
                },
            ],
            fund_total: fen(600),
            person: fen(400),
            account: fen(150),
            mutual_aid: fen(0),
            cash: fen(250),
            hospital: fen(0),
            balance: Some(fen(7)),
            listed: None,
        })
        .unwrap();
        let view = SplitView::from(&split);
        assert_eq!(
            (view.pool_fen, view.other_funds_fen, view.fund_total_fen),
            (500, 100, 600)
        );
        assert_eq!(
            (view.account_fen, view.cash_fen, view.balance_fen),
            (150, 250, Some(7))
        );
        assert_eq!(view.funds.len(), 2);
        assert_eq!(view.warnings[0].code, "SPLIT-I1");
    }
}
