//! Faults of a bill's saga.

use zhijie_model::{BillProblem, Fault, PlatformWords, Refusal, Transaction};
use zhijie_settlement::{Cause, ClerkReason, NotSent, Silence};

use super::{
    AGENT_004, AGENT_005, AGENT_006, AGENT_008, AGENT_009, DESK_005, DESK_006, DESK_008, DESK_009, DESK_010,
    DESK_011, DESK_012, DESK_013, DESK_014, DESK_015, DESK_016, DESK_020, DESK_024, DESK_073, DESK_074,
    Entry, GATE_001, GATE_002, GATE_003, GATE_006, PLAT_001, PLAT_002, PLAT_003, PLAT_004, PLAT_005,
    PLAT_006, PLAT_007, PLAT_008, PLAT_009, PLAT_013, PLAT_041, REGN_001, fault, gate,
};
use crate::routes::Closed;

/// The fault of a "not done" or "not known".
#[must_use]
pub fn of_cause(cause: &Cause, marker: &str) -> Fault {
    match cause {
        Cause::NotSent { transaction, reason } => not_sent(*transaction, reason, marker),
        Cause::Refused { transaction, refusal } => refused(*transaction, refusal, marker),
        Cause::StepLost { transaction, silence } => {
            let evidence = format!("{transaction:?}, {}", evidence(silence));
            let entry = gate::harmless(self::evidence(silence)).unwrap_or(&PLAT_002);
            fault(entry, &evidence, words(silence), marker)
        }
        Cause::AnswerLost { transaction, silence } => {
            let evidence = format!("{transaction:?}, {}", evidence(silence));
            let entry = gate::in_doubt(self::evidence(silence)).unwrap_or_else(|| lost(silence));
            fault(entry, &evidence, words(silence), marker)
        }
        Cause::Interrupted => fault(&AGENT_005, "", None, marker),
        Cause::NoQuote => fault(&DESK_008, "", None, marker),
        Cause::OtherQuote => fault(&DESK_009, "", None, marker),
        Cause::QuoteStale => fault(&DESK_010, "", None, marker),
        Cause::AmountsDiffer { total, cash } => {
            let mut made = fault(
                &DESK_011,
                &format!("quoted total {total}, cash {cash}"),
                None,
                marker,
            );
            made.cashier =
                format!("确认的金额与试算不一致，没有结算。试算总额{total}元，个人现金{cash}元，请核对");
            made
        }
        Cause::Forbidden { violations } => fault(&DESK_073, &rules(violations), None, marker),
        Cause::NotOverruled { violations } => fault(&DESK_074, &rules(violations), None, marker),
        Cause::Locked => fault(&DESK_012, "", None, marker),
        Cause::AlreadySettled => fault(&DESK_013, "", None, marker),
        Cause::Deferred => fault(&DESK_024, "", None, marker),
        Cause::AlreadyCancelled => fault(&DESK_014, "", None, marker),
        Cause::NotSettled => fault(&DESK_015, "", None, marker),
        Cause::OtherSettlement => fault(&DESK_016, "", None, marker),
        Cause::Reversed => fault(&PLAT_007, "", None, marker),
        Cause::NeverExecuted => fault(&PLAT_008, "", None, marker),
        Cause::RefundNeverExecuted => fault(&PLAT_009, "", None, marker),
        Cause::ResolvedNotStanding => fault(&PLAT_013, "", None, marker),
        Cause::NothingToResolve => fault(&DESK_020, "", None, marker),
        Cause::NeedsClerk {
            reason: ClerkReason::ListedOtherwise { settlement },
        } => {
            let id = settlement.as_ref().map_or("unknown", |id| id.as_str());
            fault(&PLAT_041, &format!("settlement {id}"), None, marker)
        }
        Cause::NeedsClerk { reason } => fault(&AGENT_006, clerk(reason), None, marker),
    }
}

/// The fault of a bill whose lines do not add up, naming the lines.
#[must_use]
pub fn of_problems(problems: &[BillProblem], marker: &str) -> Fault {
    let named: Vec<String> = problems.iter().map(problem_zh).collect();
    let english: Vec<String> = problems.iter().map(problem_en).collect();
    let mut made = fault(&DESK_005, &english.join("; "), None, marker);
    made.cashier = format!("单据金额对不上，没有发送：{}", named.join("；"));
    made
}

fn problem_zh(problem: &BillProblem) -> String {
    match problem {
        BillProblem::NoLines => String::from("没有明细"),
        BillProblem::TooManyLines { lines, lines_max } => format!("明细{lines}行，最多{lines_max}行"),
        BillProblem::DuplicateSerial { serial } => format!("明细{serial}重复"),
        BillProblem::LineAmount {
            serial,
            expected_fen,
            given_fen,
        } => {
            format!("明细{serial}应为{expected_fen}元，单据为{given_fen}元")
        }
        BillProblem::LineNotPositive { serial } => format!("明细{serial}的数量、单价或金额不是正数"),
        BillProblem::LineOutOfRange { serial } => format!("明细{serial}金额超出范围"),
        BillProblem::Total {
            expected_fen,
            given_fen,
        } => {
            format!("明细合计{expected_fen}元，单据总额{given_fen}元")
        }
        BillProblem::TotalOutOfRange => String::from("总额超出范围"),
    }
}

fn problem_en(problem: &BillProblem) -> String {
    match problem {
        BillProblem::NoLines => String::from("no lines"),
        BillProblem::TooManyLines { lines, lines_max } => format!("{lines} lines, at most {lines_max}"),
        BillProblem::DuplicateSerial { serial } => format!("line {serial} twice"),
        BillProblem::LineAmount {
            serial,
            expected_fen,
            given_fen,
        } => {
            format!("line {serial}: expected {expected_fen}, given {given_fen}")
        }
        BillProblem::LineNotPositive { serial } => format!("line {serial}: not positive"),
        BillProblem::LineOutOfRange { serial } => format!("line {serial}: out of range"),
        BillProblem::Total {
            expected_fen,
            given_fen,
        } => format!("total: expected {expected_fen}, given {given_fen}"),
        BillProblem::TotalOutOfRange => String::from("total: out of range"),
    }
}

fn not_sent(transaction: Transaction, reason: &NotSent, marker: &str) -> Fault {
    if let NotSent::Unreachable { evidence } | NotSent::NoSignIn { evidence } = reason
        && let Some(closed) = Closed::of_evidence(evidence)
    {
        return told_for(transaction, super::of_closed(&closed, marker));
    }
    let (entry, evidence): (&Entry, &str) = match reason {
        NotSent::Unreachable { evidence } => (gate::harmless(evidence).unwrap_or(&GATE_001), evidence),
        NotSent::Handshake { evidence } => (gate::harmless(evidence).unwrap_or(&GATE_002), evidence),
        NotSent::CredentialGone => (&DESK_006, ""),
        NotSent::NotEncodable { evidence } => (&AGENT_004, evidence),
        NotSent::NoSignIn { evidence } => (&GATE_003, evidence),
        NotSent::Stopping => (&AGENT_008, ""),
    };
    let evidence = if evidence.is_empty() {
        format!("{transaction:?}")
    } else {
        format!("{transaction:?}, {evidence}")
    };
    told_for(transaction, fault(entry, &evidence, None, marker))
}

/// The layer that refused is named only in the words themselves: what the insured region said is passed on as its
/// answer (参保地…返回…). A text that merely speaks of the region is the platform's own.
fn refused(transaction: Transaction, refusal: &Refusal, marker: &str) -> Fault {
    let from_region = refusal
        .platform
        .text
        .as_deref()
        .and_then(|text| text.split_once("参保地"))
        .is_some_and(|(_, rest)| rest.contains("返回"));
    let text = refusal.platform.text.as_deref().unwrap_or_default();
    let entry = if from_region {
        &REGN_001
    } else if gate::says_wrong_address(text) {
        &GATE_006
    } else {
        &PLAT_001
    };
    let evidence = format!("{transaction:?}, code {}", refusal.code);
    told_for(
        transaction,
        fault(entry, &evidence, Some(&refusal.platform), marker),
    )
}

/// A refund that did not happen leaves a settlement standing, and the cashier must not hear otherwise.
fn told_for(transaction: Transaction, mut made: Fault) -> Fault {
    if matches!(
        transaction,
        Transaction::Cancel | Transaction::CancelPurchase | Transaction::CancelSlip | Transaction::CancelStay
    ) {
        let kept = made.cashier.replace("没有结算", "没有退费，原结算仍然有效");
        made.cashier = kept.replace("重新试算", "再次退费");
    }
    made
}

const fn lost(silence: &Silence) -> &'static Entry {
    match silence {
        Silence::TimedOut => &PLAT_003,
        Silence::ConnectionLost { .. } => &PLAT_004,
        Silence::Unreadable { .. } => &PLAT_005,
        Silence::UnclassifiedRefusal { .. } => &PLAT_006,
        Silence::AgentStopped => &AGENT_009,
    }
}

/// What a lost answer was, and the platform's words where there were some.
pub(crate) fn heard_of(silence: &Silence) -> (String, Option<&PlatformWords>) {
    (String::from(evidence(silence)), words(silence))
}

fn evidence(silence: &Silence) -> &str {
    match silence {
        Silence::TimedOut => "no answer in time",
        Silence::ConnectionLost { evidence } | Silence::Unreadable { evidence } => evidence,
        Silence::UnclassifiedRefusal { .. } => "the words are not known to mean that nothing was done",
        Silence::AgentStopped => "nobody saw the answer",
    }
}

const fn words(silence: &Silence) -> Option<&PlatformWords> {
    match silence {
        Silence::UnclassifiedRefusal { words } => Some(words),
        Silence::TimedOut
        | Silence::ConnectionLost { .. }
        | Silence::Unreadable { .. }
        | Silence::AgentStopped => None,
    }
}

const fn clerk(reason: &ClerkReason) -> &'static str {
    match reason {
        ClerkReason::NoFence => "neither query nor reversal decided; the reconciliation of the day does",
        ClerkReason::ForeignSettlement => "the centre shows a settlement of this visit that is not ours",
        ClerkReason::SilentTooLong => "the centre was silent for too long",
        ClerkReason::ListedOtherwise { .. } => {
            "the statement shows our settlement at the centre, with other amounts or too little about it"
        }
        ClerkReason::Impossible => "something happened that cannot happen; the journal names it",
    }
}

fn rules(violations: &[String]) -> String {
    format!("rules {}", violations.join(", "))
}
