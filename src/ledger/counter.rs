//! Message ids that are never made twice, whatever clock, crash or restore.
//!
//! An id is institution (12) + logical second as yyyyMMddHHmmss in Beijing (14) + desk slot (2) + sequence (2). Second
//! and sequence are one growing position; the clock can push it forward, nothing moves it back.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use zhijie_model::{InstitutionCode, MessageId, beijing};

use crate::damage::Damage;
use crate::error::{OpenError, ReadError, WriteError};

/// Ids in one logical second of one desk; the next id takes the next second.
pub const IDS_PER_SECOND: i64 = 100;

/// How many logical seconds are reserved at once. After a crash the ids' time may stand this far before the clock.
pub const RESERVED_SECONDS: i64 = 30;

const RESERVED_IDS: i64 = RESERVED_SECONDS * IDS_PER_SECOND;
const INSTITUTION_CHARS: usize = 12;

/// `second * 100 + sequence`.
type Position = i64;

#[derive(Debug)]
pub(crate) struct Counter {
    institution: String,
    slot: u8,
    /// Everything up to here was spent before this opening.
    floor: Position,
    /// The last one handed out.
    last: Position,
    /// On disk: everything up to here may have been handed out.
    reserved: Position,
}

impl Counter {
    pub(crate) fn new(
        institution: &InstitutionCode,
        slot: u8,
        reserved: Position,
    ) -> Result<Self, OpenError> {
        let institution = institution_part(institution)?;
        Ok(Self {
            institution,
            slot,
            floor: reserved,
            last: reserved,
            reserved,
        })
    }

    /// The next id, spent in memory only.
    pub(crate) fn next(&mut self, now: Timestamp) -> Result<MessageId, WriteError> {
        let clock = now.as_second().max(0).saturating_mul(IDS_PER_SECOND);
        let position = clock.max(self.last.saturating_add(1));
        let id = self.print(position)?;
        self.last = position;
        Ok(id)
    }

    /// Whether the last id handed out would be handed out again after a crash now.
    pub(crate) const fn uncovered(&self) -> bool {
        self.last > self.reserved
    }

    /// Up to here ids were handed out, or may be before the next reservation is on disk.
    pub(crate) fn spent(&self) -> Position {
        self.last.max(self.reserved)
    }

    /// What to write beside a commit: nothing while more than half of the reserve is left.
    pub(crate) fn due(&self) -> Option<Position> {
        let used = self.last > self.floor;
        let half_left = self.last.saturating_add(RESERVED_IDS / 2) <= self.reserved;
        (used && !half_left).then(|| self.last.saturating_add(RESERVED_IDS))
    }

    pub(crate) const fn reserved_is(&mut self, position: Position) {
        self.reserved = position;
    }

    pub(crate) fn handed_out(&self, id: &MessageId) -> bool {
        let position =
            position_of(id.as_str()).filter(|position| (self.floor..=self.last).contains(position));
        position.is_some_and(|position| position != self.floor) && self.could_be_ours(id)
    }

    /// Whether this desk numbers its messages so, in this opening or ever.
    pub(crate) fn could_be_ours(&self, id: &MessageId) -> bool {
        let position = position_of(id.as_str());
        position.is_some_and(|position| self.print(position).is_ok_and(|printed| printed == *id))
    }

    fn print(&self, position: Position) -> Result<MessageId, WriteError> {
        let second = Timestamp::from_second(position.div_euclid(IDS_PER_SECOND))
            .map_err(|_| WriteError::TimeOutOfRange)?;
        let text = format!(
            "{}{}{:02}{:02}",
            self.institution,
            beijing(second).strftime("%Y%m%d%H%M%S"),
            self.slot,
            position.rem_euclid(IDS_PER_SECOND)
        );
        MessageId::new(text).map_err(|_| WriteError::TimeOutOfRange)
    }
}

/// The first twelve characters of the code, filled with zeros on the right.
fn institution_part(institution: &InstitutionCode) -> Result<String, OpenError> {
    let code = institution.as_str();
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(OpenError::InstitutionCode(code.to_owned()));
    }
    let cut: String = code.chars().take(INSTITUTION_CHARS).collect();
    Ok(format!("{cut:0<INSTITUTION_CHARS$}"))
}

/// The position inside a message id; `None` when it has not the form of ours.
pub(crate) fn position_of(id: &str) -> Option<Position> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", id.get(12..26)?).ok()?;
    let sequence: Position = id.get(28..30)?.parse().ok()?;
    let second = zhijie_model::from_beijing(civil)?.as_second();
    (id.len() == 30).then(|| second.saturating_mul(IDS_PER_SECOND).saturating_add(sequence))
}

pub(crate) fn load(db: &Connection) -> Result<Position, ReadError> {
    let sql = "SELECT second, sequence FROM counter WHERE id = 1";
    let row: Option<(i64, i64)> = db
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (second, sequence) = row.ok_or(Damage::CounterMissing)?;
    Ok(second.saturating_mul(IDS_PER_SECOND).saturating_add(sequence))
}

pub(crate) fn store(db: &Connection, position: Position) -> rusqlite::Result<usize> {
    let sql = "UPDATE counter SET second = ?1, sequence = ?2 WHERE id = 1";
    db.prepare_cached(sql)?.execute(params![
        position.div_euclid(IDS_PER_SECOND),
        position.rem_euclid(IDS_PER_SECOND)
    ])
}
