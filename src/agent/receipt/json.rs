//! The sheet for programs: amounts in fen, times with the offset of Beijing, ids as text.

use jiff::civil::DateTime;
use serde_json::{Value, json};
use zhijie_model::{Split, from_beijing, rfc3339_beijing};

use super::amounts::fund_name;
use super::sheet::{clean, masked};
use super::{DeferredPart, Receipt, ReceiptLine, RefundPart, SettledPart, Standing};

/// The sheet as the text of one object. `standing` says what became of the bill; `settlement` is `null` unless it was settled,
/// `refund` unless it was refunded. Holds the patient's name: never write it to a log.
#[must_use]
pub fn json(receipt: &Receipt) -> String {
    value(receipt).to_string()
}

fn value(receipt: &Receipt) -> Value {
    let (settlement, refund) = match &receipt.standing {
        Standing::Settled(settled) => (settlement(settled), Value::Null),
        Standing::Refunded { settled, refund } => (settlement(settled), self::refund(refund)),
        Standing::RefundNotKnown { .. }
        | Standing::NotKnown { .. }
        | Standing::Deferred(_)
        | Standing::NotSettled => (Value::Null, Value::Null),
    };
    let ticket = match &receipt.standing {
        Standing::RefundNotKnown { ticket, .. } | Standing::NotKnown { ticket } => ticket.as_ref(),
        Standing::Settled(_) | Standing::Refunded { .. } | Standing::Deferred(_) | Standing::NotSettled => {
            None
        }
    };
    let later = match &receipt.standing {
        Standing::Deferred(part) => deferred(part),
        Standing::Settled(_)
        | Standing::Refunded { .. }
        | Standing::RefundNotKnown { .. }
        | Standing::NotKnown { .. }
        | Standing::NotSettled => Value::Null,
    };
    json!({
        "standing": receipt.standing.word(),
        "institution": { "code": receipt.institution, "name": clean(&receipt.institution_name) },
        "desk": clean(&receipt.desk),
        "patient": { "name": clean(receipt.patient.reveal()), "certificate_masked": masked(receipt.certificate.reveal()) },
        "insured_region": { "code": receipt.insured_area, "name": clean(&receipt.insured_area_name) },
        "visit": receipt.visit,
        "batch": receipt.batch,
        "department": clean(&receipt.department),
        "doctor": clean(&receipt.doctor),
        "filing": receipt.filing.as_ref().map(|filing| clean(&filing.answer)),
        "filing_seen": receipt.filing.as_ref().and_then(|filing| filing.seen.as_deref().map(clean)),
        "filing_digest": receipt.filing.as_ref().and_then(|filing| filing.digest.as_deref().map(clean)),
        "lines": receipt.lines.iter().map(line).collect::<Vec<_>>(),
        "settlement": settlement,
        "refund": refund,
        "deferred": later,
        "ticket": ticket,
        "ledger_head": receipt.ledger_head,
    })
}

fn line(line: &ReceiptLine) -> Value {
    json!({
        "name": clean(&line.name),
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "amount_fen": line.amount,
        "class": line.class,
        "own_part_fen": line.own_part,
    })
}

fn settlement(settled: &SettledPart) -> Value {
    json!({
        "id": settled.settlement,
        "message_id": settled.message,
        "platform_message_id": settled.platform_message,
        "settled_at": instant(settled.settled_at),
        "deposit_fen": settled.deposit,
        "split": split(&settled.split),
    })
}

fn refund(refund: &RefundPart) -> Value {
    json!({
        "id": refund.settlement,
        "message_id": refund.message,
        "platform_message_id": refund.platform_message,
        "refunded_at": instant(refund.refunded_at),
        "total_fen": refund.total,
        "cash_fen": refund.cash,
    })
}

fn deferred(part: &DeferredPart) -> Value {
    let estimate = part.estimate.map(|estimate| {
        let source = if estimate.by_policy {
            "policy"
        } else {
            "settlement"
        };
        let seen_at = rfc3339_beijing(estimate.seen_at);
        json!({ "cash_fen": estimate.cash, "source": source, "seen_at": seen_at })
    });
    json!({
        "since": rfc3339_beijing(part.since),
        "deposit_fen": part.deposit,
        "estimate": estimate,
        "bears_loss": if part.hospital_bears { "hospital" } else { "patient" },
        "words_zh": clean(&part.words_zh),
        "words_en": clean(&part.words_en),
    })
}

fn split(split: &Split) -> Value {
    let parts = split.parts();
    let funds = parts.funds.iter();
    json!({
        "total_fen": parts.total,
        "own_expense_fen": parts.own_expense,
        "over_ceiling_fen": parts.over_ceiling,
        "first_own_fen": parts.first_own,
        "in_scope_fen": parts.in_scope,
        "deductible_fen": parts.deductible,
        "pool_ratio": parts.pool_ratio,
        "funds": funds
            .map(|part| json!({ "fund": part.fund, "name": fund_name(part.fund).chinese, "amount_fen": part.amount }))
            .collect::<Vec<_>>(),
        "fund_total_fen": parts.fund_total,
        "person_fen": parts.person,
        "account_fen": parts.account,
        "mutual_aid_fen": parts.mutual_aid,
        "cash_fen": parts.cash,
        "hospital_fen": parts.hospital,
        "balance_fen": parts.balance,
    })
}

/// RFC 3339; the wall clock without offset where the year is beyond what an instant can hold.
fn instant(at: DateTime) -> String {
    from_beijing(at).map_or_else(|| at.to_string(), rfc3339_beijing)
}
