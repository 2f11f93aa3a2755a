//! Version 1 of the body of a stay's record: the event with the moment it was decided at. Frozen like that of a bill.

use serde::{Deserialize, Serialize};
use zhijie_ledger::{NewRecord, Record};
use zhijie_settlement::{Moment, StayEvent};

use crate::core::record::RecordError;

const VERSION: u16 = 1;
const PREFIX: &str = "stay.";

#[derive(Serialize, Deserialize)]
struct BodyV1 {
    moment: Moment,
    event: StayEvent,
}

/// The kind under which an event is journaled.
#[must_use]
pub const fn kind(event: &StayEvent) -> &'static str {
    match event {
        StayEvent::AdmitAsked { .. } => "stay.admit_asked",
        StayEvent::Asked { .. } => "stay.asked",
        StayEvent::Answered { .. } => "stay.answered",
        StayEvent::NotSent { .. } => "stay.not_sent",
        StayEvent::Lost { .. } => "stay.lost",
        StayEvent::Resolved { .. } => "stay.resolved",
        StayEvent::Woken => "stay.woken",
        StayEvent::Restarted => "stay.restarted",
    }
}

/// Whether records of this kind belong to a stay.
#[must_use]
pub fn is_stay_kind(kind: &str) -> bool {
    kind.starts_with(PREFIX)
}

/// # Errors
/// [`RecordError::Unwritable`], which only a bug can cause.
pub(super) fn write(event: &StayEvent, moment: &Moment) -> Result<NewRecord, RecordError> {
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

/// The event and moment of a record; `None` for records that are no event of a stay.
///
/// # Errors
/// When the record is newer than this program or damaged; the text never repeats the body.
pub fn read(record: &Record) -> Result<Option<(StayEvent, Moment)>, RecordError> {
    if !is_stay_kind(&record.kind) {
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
