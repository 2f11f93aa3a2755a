//! What an answer with money is to be read with: nothing here keeps anything from being settled.

use zhijie_desk::api::Notice;
use zhijie_model::{AccountUse, Distance, Fen, LineCut, Refund, Split};
use zhijie_settlement::{Order, Settled, State};

/// Of a trial: what the account did, and lines whose parts do not come to their amount.
pub(crate) fn of_quote(split: &Split, state: &State) -> Vec<Notice> {
    let Some(case) = state.case() else {
        return Vec::new();
    };
    let mut notices: Vec<Notice> = account(split, &case.order).into_iter().collect();
    notices.extend(of_lines(&case.progress.cuts));
    notices
}

/// Of a settlement that stands: what the cashier collects where that is not what she accepted, and what the account did.
pub(crate) fn of_settlement(split: &Split, state: &State) -> Vec<Notice> {
    let Some(settled) = state.settled() else {
        return Vec::new();
    };
    let cash = cash(split, settled);
    cash.into_iter()
        .chain(account(split, &settled.case.order))
        .collect()
}

/// Of a refund: whether it takes back what was settled (identity I7).
pub(crate) fn of_refund(refund: &Refund, state: &State) -> Vec<Notice> {
    let settled = state.settled();
    let odd = settled.filter(|settled| !refund.mirrors(&settled.settlement.split));
    odd.into_iter()
        .map(|_| {
            notice(
                "REFUND-I7",
                String::from("退费金额与原结算不一致，请核对后再退现金"),
                "I7: the refund is not the settlement with the other sign",
            )
        })
        .collect()
}

/// Lines whose parts do not come to their amount (identity I6), in one notice.
pub(crate) fn of_lines(cuts: &[LineCut]) -> Option<Notice> {
    let odd = cuts.iter().filter(|cut| !cut.adds_up());
    let serials: Vec<&str> = odd.map(|cut| cut.serial.as_str()).take(LINES_NAMED_MAX).collect();
    (!serials.is_empty()).then(|| {
        notice(
            "LINE-I6",
            format!("明细各部分之和与金额不一致：{}", serials.join("、")),
            "I6: the parts of a line do not come to its amount",
        )
    })
}

const LINES_NAMED_MAX: usize = 20;

/// The cashier collects what the settlement says (identity I8), also where the trial said otherwise.
fn cash(split: &Split, settled: &Settled) -> Option<Notice> {
    let accepted = settled.accepted.filter(|accepted| *accepted != split.cash())?;
    Some(notice(
        "CASH-DIFFERS",
        format!("结算与试算不同：应收现金{}元，不是{accepted}元", split.cash()),
        "I8: the settlement's cash is not that of the quote; collect the settlement's",
    ))
}

/// What the account did not do as asked. The answer is shown as it came.
fn account(split: &Split, order: &Order) -> Option<Notice> {
    let parts = split.parts();
    let paid = parts.account;
    match order.account {
        AccountUse::Keep => (!paid.is_zero()).then(|| {
            notice(
                "ACCOUNT-USED",
                format!("没有要求使用个人账户，平台仍支付了{paid}元"),
                "the account paid although it was to be kept",
            )
        }),
        AccountUse::UpTo(most) if paid > most => Some(notice(
            "ACCOUNT-MORE",
            format!("个人账户支付{paid}元，多于要求的{most}元"),
            "the account pays more than was asked; some provinces take the amount with the settlement only",
        )),
        AccountUse::Use | AccountUse::UpTo(_) => {
            let away = order.policy.distance == Distance::OtherProvince;
            let empty = parts.balance.is_some_and(Fen::is_zero);
            let unused = away && paid.is_zero() && !parts.cash.is_zero() && !empty;
            unused.then(|| {
                notice(
                    "ACCOUNT-NOT-USED",
                    String::from("参保地没有使用个人账户，请按现金金额收取"),
                    "the insured region did not draw on the account across provinces",
                )
            })
        }
    }
}

fn notice(code: &str, text_zh: String, text_en: &str) -> Notice {
    Notice {
        code: String::from(code),
        text_zh,
        text_en: String::from(text_en),
    }
}
