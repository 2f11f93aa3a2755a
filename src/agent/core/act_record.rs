//! Journal records of filings made at the desk, version 1. The ledger keeps an act like a bill, under a name no bill has.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_filing::{Act, ActEvent};
use zhijie_ledger::{NewRecord, Record};
use zhijie_model::{BillId, MessageId};

const VERSION: u16 = 1;
/// A bill's name begins with its institution.
const PREFIX: &str = "filing:";

#[derive(Serialize, Deserialize)]
struct BodyV1 {
    at: Timestamp,
    message_id: MessageId,
    event: ActEvent,
}

/// The name of the act that was sent as `message_id`; `None` only for what is no id.
pub(super) fn id(message_id: &MessageId) -> Option<BillId> {
    BillId::new(format!("{PREFIX}{message_id}")).ok()
}

/// Whether the ledger's `bill` is an act.
#[must_use]
pub fn is_act(bill: &BillId) -> bool {
    bill.as_str().starts_with(PREFIX)
}

const fn kind(event: &ActEvent) -> &'static str {
    match event {
        ActEvent::Asked { .. } => "filing.act_asked",
        ActEvent::Answered { .. } => "filing.act_answered",
        ActEvent::NotSent { .. } => "filing.act_not_sent",
        ActEvent::Lost { .. } => "filing.act_lost",
        ActEvent::Looked { .. } => "filing.act_looked",
        ActEvent::Resolved { .. } => "filing.act_resolved",
    }
}

/// `None` only when the event cannot be written as text, which only a bug can cause.
pub(super) fn write(event: &ActEvent, at: Timestamp, message_id: &MessageId) -> Option<NewRecord> {
    let body = BodyV1 {
        at,
        message_id: message_id.clone(),
        event: event.clone(),
    };
    Some(NewRecord {
        kind: String::from(kind(event)),
        version: VERSION,
        body: serde_json::to_vec(&body).ok()?,
    })
}

/// The act as its records tell it; `None` when they begin with no decision or cannot be read.
pub(super) fn fold(records: &[Record]) -> Option<Act> {
    let mut act: Option<Act> = None;
    for record in records {
        if !record.kind.starts_with("filing.act_") {
            continue;
        }
        if record.version != VERSION {
            return None;
        }
        let BodyV1 {
            at,
            message_id,
            event,
        } = serde_json::from_slice(&record.body).ok()?;
        act = match (act, event) {
            (None, ActEvent::Asked { act }) => Some(Act::begun(*act, message_id, at)),
            (Some(mut act), event) => {
                if let Some(stage) = act.after(&event, at) {
                    act.stage = stage;
                }
                Some(act)
            }
            (None, _) => return None,
        };
    }
    act
}
