//! Reading the ledger: the writer does it through [`crate::Ledger`], others through a read-only connection.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use zhijie_model::{BillId, InstitutionCode, MessageId};

use crate::counter::Counter;
use crate::damage::Damage;
use crate::digest::{Canon, Digest};
use crate::error::{OpenError, ReadError};
use crate::ledger::Head;
use crate::migrations::WITH_OBSERVATIONS;
use crate::open::{meta, open_error};
use crate::rows::{JournalRow, OutboxRow, ReplyRow};
use crate::seal::Sealer;
use crate::stored::{Intent, Record, StoredReply};

/// A ledger that can be read. Every call blocks on the disk.
#[derive(Debug)]
pub struct Reader {
    pub(crate) db: Connection,
    pub(crate) sealer: Sealer,
    institution: String,
    desk_slot: u8,
    genesis: Digest,
    has_observations: bool,
}

impl Reader {
    pub(crate) fn new(db: Connection) -> Result<Self, OpenError> {
        let institution = meta(&db, "institution").map_err(open_error)?;
        let slot: u8 = meta_number(&db, "desk_slot")?;
        let created_ms: i64 = meta_number(&db, "created_ms")?;
        let genesis = Canon::new("zhijie/genesis/1")
            .text(&institution)
            .int(i64::from(slot))
            .int(created_ms);
        let format: i32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok(Self {
            db,
            sealer: Sealer,
            institution,
            desk_slot: slot,
            genesis: genesis.finish(),
            has_observations: format >= WITH_OBSERVATIONS,
        })
    }

    /// Whose ledger it is.
    #[must_use]
    pub fn institution(&self) -> &str {
        &self.institution
    }

    #[must_use]
    pub const fn desk_slot(&self) -> u8 {
        self.desk_slot
    }

    /// Whether the file's format has them; a reader may look at a ledger no newer program has opened yet.
    pub(crate) const fn has_observations(&self) -> bool {
        self.has_observations
    }

    pub(crate) const fn genesis(&self) -> Digest {
        self.genesis
    }

    /// The end of the journal; the last record's digest is recomputed.
    ///
    /// # Errors
    /// When the file cannot be read or its last record is not what its digest says.
    pub fn head(&self) -> Result<Head, ReadError> {
        let sql = format!(
            "SELECT {} FROM journal ORDER BY seq DESC LIMIT 1",
            JournalRow::COLUMNS
        );
        match self
            .db
            .prepare_cached(&sql)?
            .query_row([], JournalRow::read)
            .optional()?
        {
            None => Ok(Head {
                seq: 0,
                digest: self.genesis,
            }),
            Some(row) => {
                let record = self.record(row)?;
                Ok(Head {
                    seq: record.seq,
                    digest: record.digest,
                })
            }
        }
    }

    /// The digest of record `seq` as stored: what an anchor printed elsewhere is compared with.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digest_at(&self, seq: u64) -> Result<Option<Digest>, ReadError> {
        let Ok(seq) = i64::try_from(seq) else {
            return Ok(None);
        };
        let sql = "SELECT digest FROM journal WHERE seq = ?1";
        Ok(self
            .db
            .prepare_cached(sql)?
            .query_row([seq], |row| row.get(0))
            .optional()?)
    }

    /// The bill's records in order, without those the ledger wrote itself; each digest is recomputed.
    ///
    /// # Errors
    /// When the file cannot be read or a record is not what its digest says.
    pub fn records(&self, bill: &BillId) -> Result<Vec<Record>, ReadError> {
        let records = self
            .journal_of(bill)?
            .into_iter()
            .filter(|row| !row.kind.starts_with("ledger."));
        records.map(|row| self.record(row)).collect()
    }

    pub(crate) fn journal_of(&self, bill: &BillId) -> Result<Vec<JournalRow>, ReadError> {
        let sql = format!(
            "SELECT {} FROM journal WHERE bill = ?1 ORDER BY seq",
            JournalRow::COLUMNS
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([bill.as_str()], JournalRow::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn record(&self, row: JournalRow) -> Result<Record, ReadError> {
        let seq = seq_of(row.seq)?;
        if row.compute() != row.digest {
            return Err(Damage::RecordDiffers { seq }.into());
        }
        let differs = || Damage::RecordDiffers { seq };
        Ok(Record {
            seq,
            at: Timestamp::from_millisecond(row.at_ms).map_err(|_| differs())?,
            bill: row.bill.map(BillId::new).transpose().map_err(|_| differs())?,
            kind: row.kind,
            version: u16::try_from(row.version).map_err(|_| differs())?,
            body: self.sealer.unseal("journal.body", row.scheme, row.body)?,
            digest: row.digest,
        })
    }

    /// One message; its bytes are checked against their digest.
    ///
    /// # Errors
    /// When the file cannot be read or the bytes are not what their digest says.
    pub fn intent(&self, message_id: &MessageId) -> Result<Option<Intent>, ReadError> {
        OutboxRow::load(&self.db, message_id.as_str())?
            .map(|row| self.intent_from(row))
            .transpose()
    }

    /// Whether `message_id` is numbered as this ledger numbers its messages, and yet is no intent of it: another PC uses the
    /// same desk slot, or this one had another ledger before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_strangers(&self, message_id: &MessageId) -> Result<bool, ReadError> {
        let numbers = InstitutionCode::new(self.institution())
            .ok()
            .and_then(|institution| Counter::new(&institution, self.desk_slot(), 0).ok());
        let like_ours = numbers.is_some_and(|numbers| numbers.could_be_ours(message_id));
        Ok(like_ours && OutboxRow::load(&self.db, message_id.as_str())?.is_none())
    }

    /// Messages of which no attempt has ended, in the order of their decision.
    ///
    /// # Errors
    /// As [`Reader::intent`].
    pub fn open_intents(&self) -> Result<Vec<Intent>, ReadError> {
        let sql = format!(
            "SELECT {} FROM outbox WHERE ending IS NULL ORDER BY seq",
            OutboxRow::COLUMNS
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([], OutboxRow::read)?;
        rows.map(|row| self.intent_from(row?)).collect()
    }

    /// The latest thing that came back for a message; its body is checked against its digest.
    ///
    /// # Errors
    /// As [`Reader::intent`].
    pub fn reply(&self, message_id: &MessageId) -> Result<Option<StoredReply>, ReadError> {
        let sql = "SELECT max(n) FROM replies WHERE message_id = ?1";
        let n: Option<i64> = self
            .db
            .prepare_cached(sql)?
            .query_row([message_id.as_str()], |row| row.get(0))?;
        let row = n
            .map(|n| ReplyRow::load(&self.db, message_id.as_str(), n))
            .transpose()?
            .flatten();
        row.map(|row| self.reply_from(row)).transpose()
    }
}

pub(crate) fn seq_of(seq: i64) -> Result<u64, Damage> {
    u64::try_from(seq).map_err(|_| Damage::OutOfRange {
        table: "journal",
        key: seq.to_string(),
    })
}

fn meta_number<T: core::str::FromStr>(db: &Connection, key: &'static str) -> Result<T, OpenError> {
    let value = meta(db, key).map_err(open_error)?;
    value
        .parse()
        .map_err(|_| OpenError::Damaged(Damage::MetaUnreadable { key }))
}
