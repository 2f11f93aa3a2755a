//! The rows with money: who paid what, and what goes back in a refund.

use zhijie_model::{Fen, Fund, Ratio, Split, rfc3339_beijing};

use super::sheet::{Row, Words, part, row, strong, words};
use super::{DeferredPart, RefundPart, SettledPart, Standing};

/// Rows of what stands; a bill that is not settled has none.
pub(super) fn amounts(standing: &Standing) -> Vec<Row> {
    match standing {
        Standing::Settled(settled) => {
            let due = settled.deposit.is_none();
            let mut rows = split_rows(&settled.split, due);
            rows.extend(difference_rows(settled));
            rows.extend(balance_row(&settled.split));
            rows
        }
        Standing::Refunded { settled, refund } => {
            let mut rows = refund_rows(settled, refund);
            rows.push(row(
                words("原结算（已退费）", "Original, refunded"),
                settled.settlement.as_str(),
            ));
            rows.extend(split_rows(&settled.split, false));
            rows
        }
        Standing::Deferred(deferred) => deferred_rows(deferred),
        Standing::RefundNotKnown { .. } | Standing::NotKnown { .. } | Standing::NotSettled => Vec::new(),
    }
}

fn deferred_rows(deferred: &DeferredPart) -> Vec<Row> {
    let mut rows = vec![strong(
        words("已收押金", "Deposit taken"),
        deferred.deposit.to_string(),
    )];
    if let Some(estimate) = &deferred.estimate {
        let source = if estimate.by_policy {
            "参保地政策"
        } else {
            "结算"
        };
        let at = rfc3339_beijing(estimate.seen_at);
        let value = format!("{}（依据 {at} 的{source}，仅供参考）", estimate.cash);
        rows.push(row(words("个人负担估算", "Estimate only"), value));
    }
    rows
}

/// What a bill from the queue leaves between deposit and own share.
fn difference_rows(settled: &SettledPart) -> Vec<Row> {
    let Some(deposit) = settled.deposit else {
        return Vec::new();
    };
    let cash = settled.split.cash();
    let mut rows = vec![row(words("已收押金", "Deposit"), deposit.to_string())];
    if let Some(back) = deposit.checked_sub(cash).filter(|back| *back > Fen::ZERO) {
        rows.push(strong(words("应退患者", "To hand back"), back.to_string()));
    } else if let Some(owed) = cash.checked_sub(deposit).filter(|owed| *owed > Fen::ZERO) {
        rows.push(strong(words("应补收", "To collect"), owed.to_string()));
    }
    rows
}

fn refund_rows(settled: &SettledPart, refund: &RefundPart) -> Vec<Row> {
    let cash = words("应退现金", "Cash to hand back");
    vec![
        row(words("退费总额", "Refunded total"), refund.total.to_string()),
        match refund.cash {
            Some(back) => strong(cash, back.negated().to_string()),
            None => strong(cash, format!("平台未单列，原收现金 {}", settled.split.cash())),
        },
    ]
}

/// The rows of a split; `due` marks what the cashier collects. Where a deposit was left, only the difference is due.
fn split_rows(split: &Split, due: bool) -> Vec<Row> {
    let parts = split.parts();
    let mut rows = vec![row(words("总费用", "Total"), parts.total.to_string())];
    for (label, amount) in [
        (words("全自费", "Own expense"), parts.own_expense),
        (words("超限价自费", "Over ceiling"), parts.over_ceiling),
        (words("先行自付", "First own share"), parts.first_own),
        (words("政策范围内", "In scope"), parts.in_scope),
        (words("其中起付线", "Deductible"), parts.deductible),
    ] {
        if !amount.is_zero() {
            rows.push(part(label, amount.to_string()));
        }
    }
    rows.push(row(
        words("基金支付", "Paid by funds"),
        parts.fund_total.to_string(),
    ));
    for fund in &parts.funds {
        rows.push(part(fund_name(fund.fund), fund.amount.to_string()));
    }
    if let Some(ratio) = parts.pool_ratio {
        rows.push(part(words("统筹支付比例", "Pool share"), percent(ratio)));
    }
    if !parts.hospital.is_zero() {
        rows.push(row(
            words("医院负担", "Borne by hospital"),
            parts.hospital.to_string(),
        ));
    }
    rows.push(row(
        words("个人负担", "Borne by patient"),
        parts.person.to_string(),
    ));
    rows.push(part(
        words("个人账户", "Personal account"),
        parts.account.to_string(),
    ));
    if !parts.mutual_aid.is_zero() {
        let inside = split.mutual_aid_is_inside();
        let label = if inside {
            words("其中家庭共济", "of it family account")
        } else {
            words("家庭共济", "Family account")
        };
        rows.push(part(label, parts.mutual_aid.to_string()));
    }
    if due {
        rows.push(strong(words("现金支付", "Cash due"), parts.cash.to_string()));
    } else {
        rows.push(part(words("现金支付", "Cash"), parts.cash.to_string()));
    }
    rows
}

fn balance_row(split: &Split) -> Option<Row> {
    let balance = split.parts().balance?;
    Some(row(words("账户余额", "Account balance"), balance.to_string()))
}

fn percent(ratio: Ratio) -> String {
    let (whole, fraction) = (ratio.scaled() / 100, ratio.scaled() % 100);
    if fraction == 0 {
        format!("{whole}%")
    } else {
        format!("{whole}.{fraction:02}%")
    }
}

pub(super) const fn fund_name(fund: Fund) -> Words {
    match fund {
        Fund::Pool => words("统筹基金", "Pool fund"),
        Fund::CivilServant => words("公务员补助", "Civil servant aid"),
        Fund::EnterpriseSupplement => words("企业补充", "Enterprise supplement"),
        Fund::CatastrophicIllness => words("大病保险", "Catastrophic illness"),
        Fund::LargeExpense => words("大额补助", "Large expense aid"),
        Fund::Disabled => words("伤残保障", "Disabled persons"),
        Fund::MedicalAid => words("医疗救助", "Medical aid"),
        Fund::Other => words("其他", "Other funds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        for (text, shown) in [
            ("0.65", "65%"),
            ("0.6543", "65.43%"),
            ("1", "100%"),
            ("0", "0%"),
            ("0.0001", "0.01%"),
        ] {
            assert_eq!(percent(Ratio::parse(text).unwrap()), shown);
        }
    }

    #[test]
    fn amounts_belong_to_what_stands() {
        let ticket = None;
        for standing in [Standing::NotSettled, Standing::NotKnown { ticket }] {
            assert!(amounts(&standing).is_empty());
        }
    }
}
