//! Answers with amounts that add up: half is the pool's, half is cash.

use jiff::Timestamp;
use zhijie_model::{
    Bill, ChargeLine, Clearing, Fen, Fund, FundPart, LineCut, MessageId, PlatformMessageId, PlatformWords,
    Refund, Reply, Settlement, SettlementId, Split, SplitParts, Trial, TrialAmounts, VisitId, beijing,
};

pub(crate) fn split(total: Fen) -> Split {
    let zero = Fen::ZERO;
    let pool = Fen::new(total.get() / 2).unwrap();
    let person = total.checked_sub(pool).unwrap();
    let pool_part = FundPart {
        fund: Fund::Pool,
        amount: pool,
    };
    Split::new(SplitParts {
        total,
        own_expense: zero,
        over_ceiling: zero,
        first_own: zero,
        in_scope: total,
        deductible: zero,
        pool_ratio: None,
        funds: vec![pool_part]
            .into_iter()
            .filter(|part| !part.amount.is_zero())
            .collect(),
        fund_total: pool,
        person,
        account: zero,
        mutual_aid: zero,
        cash: person,
        hospital: zero,
        balance: None,
        listed: None,
    })
    .unwrap()
}

pub(crate) fn trial(total: Fen) -> Reply {
    let amounts = TrialAmounts {
        own_expense: Fen::ZERO,
        over_ceiling: Fen::ZERO,
        first_own: Fen::ZERO,
        in_scope: total,
    };
    Reply::Tried {
        trial: Trial {
            split: split(total),
            amounts,
            cuts: Vec::new(),
        },
    }
}

/// A trial that tells itself how it splits the lines.
pub(crate) fn trial_with_cuts(bill: &Bill) -> Reply {
    let mut reply = trial(bill.total());
    if let Reply::Tried { trial } = &mut reply {
        trial.cuts = cuts(bill, 0);
    }
    reply
}

pub(crate) fn settlement(
    id: &str,
    visit_id: &VisitId,
    total: Fen,
    echo: Option<MessageId>,
    now_ms: i64,
) -> Settlement {
    Settlement {
        id: SettlementId::new(id).unwrap(),
        visit_id: visit_id.clone(),
        message_id: echo,
        settled_at: beijing(Timestamp::from_millisecond(now_ms).unwrap()),
        split: split(total),
        clearing: Clearing::default(),
        platform: PlatformWords {
            message_id: PlatformMessageId::new(format!("P{id}")).ok(),
            text: None,
        },
    }
}

pub(crate) fn refund(of: &Settlement, by: &MessageId, now_ms: i64) -> Refund {
    Refund {
        id: SettlementId::new(format!("R{}", &by.as_str()[12..])).unwrap(),
        visit_id: of.visit_id.clone(),
        refunded_at: beijing(Timestamp::from_millisecond(now_ms).unwrap()),
        total: of.split.total().negated(),
        cash: Some(of.split.cash().negated()),
        funds: None,
        account: None,
        clearing: Clearing::default(),
        platform: PlatformWords::default(),
    }
}

/// The lines of one upload, two at a time.
pub(crate) fn cuts(bill: &Bill, first: usize) -> Vec<LineCut> {
    bill.lines().iter().skip(first).take(2).map(cut).collect()
}

/// All of a line is in scope.
pub(crate) fn cut(line: &ChargeLine) -> LineCut {
    LineCut {
        serial: line.serial.clone(),
        amount: line.amount,
        own_expense: Fen::ZERO,
        over_ceiling: Fen::ZERO,
        first_own: Fen::ZERO,
        in_scope: line.amount,
        class: String::from("01"),
    }
}
