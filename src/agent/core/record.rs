//! Version 1 of a journal record's body: the event with the moment it was decided at.
//!
//! The layout is frozen by the fixtures under `fixtures/`: they must fold to the same state for ever. The day a type
//! inside changes, this version keeps a copy of the old one.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zhijie_ledger::{NewRecord, Record};
use zhijie_settlement::{Event, Moment};

const VERSION: u16 = 1;

#[derive(Serialize, Deserialize)]
struct BodyV1 {
    moment: Moment,
    event: Event,
}

/// A record this program cannot read.
#[derive(Debug, Error)]
pub enum RecordError {
    #[error("record {seq} has version {version}, this program knows up to {VERSION}")]
    Newer { seq: u64, version: u16 },
    #[error("record {seq} is not readable")]
    Unreadable { seq: u64 },
    #[error("record could not be written as text")]
    Unwritable,
}

/// The kind under which an event is journaled.
#[must_use]
pub const fn kind(event: &Event) -> &'static str {
    match event {
        Event::QuoteAsked { .. } => "bill.quote_asked",
        Event::SettleAsked { .. } => "bill.settle_asked",
        Event::CancelAsked { .. } => "bill.cancel_asked",
        Event::Confirmed { .. } => "bill.confirmed",
        Event::Answered { .. } => "bill.answered",
        Event::NotSent { .. } => "bill.not_sent",
        Event::Lost { .. } => "bill.lost",
        Event::Resolved { .. } => "bill.resolved",
        Event::DeferAsked { .. } => "bill.defer_asked",
        Event::ReplayDue => "bill.replay_due",
        Event::StatementAsked { .. } => "bill.statement_asked",
        Event::StatementTold { .. } => "bill.statement_told",
        Event::Woken => "bill.woken",
        Event::Restarted => "bill.restarted",
    }
}

/// # Errors
/// [`RecordError::Unwritable`], which only a bug can cause.
pub(super) fn write(event: &Event, moment: &Moment) -> Result<NewRecord, RecordError> {
    let body = BodyV1 {
        moment: moment.clone(),
        event: event.clone(),
    };
    let body = serde_json::to_vec(&body).map_err(|_| RecordError::Unwritable)?;
    Ok(NewRecord {
        kind: String::from(kind(event)),
        version: VERSION,
        body,
    })
}

/// The event and moment of a record; `None` for records that are no event of a bill.
///
/// # Errors
/// When the record is newer than this program or damaged; the text never repeats the body.
pub fn read(record: &Record) -> Result<Option<(Event, Moment)>, RecordError> {
    if !record.kind.starts_with("bill.") {
        return Ok(None);
    }
    if record.version != VERSION {
        return Err(RecordError::Newer {
            seq: record.seq,
            version: record.version,
        });
    }
    let body: BodyV1 =
        serde_json::from_slice(&record.body).map_err(|_| RecordError::Unreadable { seq: record.seq })?;
    Ok(Some((body.event, body.moment)))
}
