//! Walks the whole ledger and names the first thing that cannot be.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::attachment::{self, Attachment, Kind};
use crate::commit::OWN_KIND;
use crate::counter;
use crate::damage::Damage;
use crate::digest::Digest;
use crate::error::ReadError;
use crate::history::RowDamage;
use crate::ledger::Head;
use crate::reader::{Reader, seq_of};
use crate::rows::{AttemptRow, JournalRow, OutboxRow, ReplyRow};
use crate::rows_desk::{BillsRow, RequestRow};
use crate::rows_observation::ObservationRow;

/// What a good ledger holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub records: u64,
    pub intents: u64,
    pub endings: u64,
    pub replies: u64,
    pub answers: u64,
    pub observations: u64,
    /// Of these, how many lost their details.
    pub erased: u64,
    pub bills: u64,
    /// Compare with anchors kept elsewhere: only they show that the journal's tail was not cut off.
    pub head: Head,
}

/// Why a ledger is not good.
pub type VerifyError = ReadError;

/// Checks every record, everything committed beside it, the bills' cache and the counter, as of the moment it
/// starts. Reads only; may run while the agent writes. `progress` is told records done and records in all, about
/// a hundred times.
///
/// # Errors
/// The first damage found, or a failure to read.
pub fn verify(reader: &Reader, progress: impl FnMut(u64, u64)) -> Result<Report, VerifyError> {
    // A snapshot; dropping it unfinished ends it, and there is nothing to roll back.
    let snapshot = reader.db.unchecked_transaction()?;
    let mut walk = Walk::new(&snapshot);
    let head = walk.journal(reader.genesis(), progress)?;
    walk.extra_rows()?;
    if reader.has_observations() {
        walk.observations()?;
    }
    walk.bills()?;
    let bills = walk.bills.len();
    walk.messages()?;
    let count = |kind| walk.seen.get(&kind).copied().unwrap_or(0);
    Ok(Report {
        records: head.seq,
        intents: count(Kind::Intent),
        endings: count(Kind::Ending),
        replies: count(Kind::Reply),
        answers: count(Kind::Answer),
        observations: count(Kind::Observation),
        erased: count(Kind::Erasure),
        bills: u64::try_from(bills).unwrap_or(u64::MAX),
        head,
    })
}

/// What the journal says of a bill in the end.
struct BillEnd {
    last_seq: i64,
    /// Record and digest of the last state.
    state: Option<(u64, Digest)>,
}

struct Walk<'a> {
    db: &'a Connection,
    seen: BTreeMap<Kind, u64>,
    bills: BTreeMap<String, BillEnd>,
}

impl<'a> Walk<'a> {
    const fn new(db: &'a Connection) -> Self {
        Self {
            db,
            seen: BTreeMap::new(),
            bills: BTreeMap::new(),
        }
    }

    fn journal(&mut self, genesis: Digest, mut progress: impl FnMut(u64, u64)) -> Result<Head, ReadError> {
        let total: i64 = self
            .db
            .query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?;
        let total = seq_of(total)?;
        let step = total.div_euclid(100).max(1);
        let mut head = Head {
            seq: 0,
            digest: genesis,
        };
        let sql = format!("SELECT {} FROM journal ORDER BY seq", JournalRow::COLUMNS);
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let row = JournalRow::read(row)?;
            let expected = head.seq.saturating_add(1);
            if seq_of(row.seq)? != expected {
                return Err(Damage::RecordMissing { seq: expected }.into());
            }
            let seq = expected;
            if row.prev != head.digest {
                return Err(Damage::ChainBroken { seq }.into());
            }
            if row.compute() != row.digest {
                return Err(Damage::RecordDiffers { seq }.into());
            }
            self.attachments(seq, &row)?;
            head = Head {
                seq,
                digest: row.digest,
            };
            if seq.is_multiple_of(step) || seq == total {
                progress(seq, total);
            }
        }
        Ok(head)
    }

    fn attachments(&mut self, seq: u64, record: &JournalRow) -> Result<(), ReadError> {
        let attachments =
            attachment::parse(&record.attachments).ok_or(Damage::AttachmentsUnreadable { seq })?;
        let only_answers = record.kind == OWN_KIND
            && attachments
                .iter()
                .all(|attachment| attachment.kind == Kind::Answer);
        if let Some(bill) = record.bill.as_ref().filter(|_| !only_answers) {
            let end = self.bills.entry(bill.clone()).or_insert(BillEnd {
                last_seq: 0,
                state: None,
            });
            end.last_seq = record.seq;
        }
        for attachment in &attachments {
            if attachment.kind == Kind::State {
                let end = self
                    .bills
                    .get_mut(&attachment.key)
                    .ok_or(Damage::AttachmentsUnreadable { seq })?;
                end.state = Some((seq, attachment.digest));
            } else {
                self.row(seq, record.seq, attachment)?;
                let seen = self.seen.entry(attachment.kind).or_default();
                *seen = seen.saturating_add(1);
            }
        }
        Ok(())
    }

    /// The row is there, is what the record says, and names the record.
    fn row(&self, seq: u64, stored_seq: i64, attachment: &Attachment) -> Result<(), ReadError> {
        let Attachment { kind, key, n, digest } = attachment;
        let damage = RowDamage {
            seq,
            table: kind.table(),
            key,
        };
        let found = match kind {
            Kind::Intent => OutboxRow::load(self.db, key)?.map(|row| (row.seq, row.digest())),
            Kind::Ending => AttemptRow::load(self.db, key, *n)?.map(|row| (row.seq, Some(row.digest()))),
            Kind::Reply => ReplyRow::load(self.db, key, *n)?.map(|row| (row.seq, row.digest())),
            Kind::Answer => RequestRow::load(self.db, key, *n)?.map(|row| (row.seq, Some(row.digest()))),
            Kind::Observation => {
                let seq = attachment.observation_seq().ok_or_else(|| damage.differs())?;
                ObservationRow::load(self.db, seq, *n)?.map(|row| (row.seq, row.digest()))
            }
            Kind::Erasure => {
                let seq = attachment.observation_seq().ok_or_else(|| damage.differs())?;
                let row = ObservationRow::load(self.db, seq, *n)?.ok_or_else(|| damage.missing())?;
                let as_said = row.erasure_digest() == Some(*digest) && row.seq < stored_seq;
                let key = format!("{key}/{n}");
                return if as_said {
                    Ok(())
                } else {
                    Err(Damage::ErasedUnsaid { key }.into())
                };
            }
            Kind::State => return Ok(()),
        };
        let found = found.ok_or_else(|| damage.missing())?;
        Ok(damage.compare(found == (stored_seq, Some(*digest)))?)
    }

    /// Every row the journal speaks of was there; a larger count means rows it does not speak of.
    fn extra_rows(&self) -> Result<(), ReadError> {
        let tables = [
            (Kind::Intent, "message_id", "0"),
            (Kind::Ending, "message_id", "n"),
            (Kind::Reply, "message_id", "n"),
            (Kind::Answer, "request_id", "n"),
        ];
        for (kind, key, n) in tables {
            let table = kind.table();
            let sql = format!("SELECT count(*) FROM {table}");
            let count: i64 = self.db.query_row(&sql, [], |row| row.get(0))?;
            let seen = self.seen.get(&kind).copied().unwrap_or(0);
            if seq_of(count)? != seen {
                let key = self.find_extra(kind, &format!("SELECT {key}, {n}, seq FROM {table}"))?;
                return Err(Damage::RowExtra { table, key }.into());
            }
        }
        Ok(())
    }

    /// As [`Walk::extra_rows`], and every erased one was erased by a record.
    fn observations(&self) -> Result<(), ReadError> {
        let tables = [
            (
                Kind::Observation,
                "SELECT seq, n FROM observations",
                "SELECT count(*) FROM observations",
            ),
            (
                Kind::Erasure,
                "SELECT seq, n FROM observations WHERE erased_ms IS NOT NULL",
                "SELECT count(*) FROM observations WHERE erased_ms IS NOT NULL",
            ),
        ];
        for (kind, rows, count) in tables {
            let found: i64 = self.db.query_row(count, [], |row| row.get(0))?;
            let seen = self.seen.get(&kind).copied().unwrap_or(0);
            if seq_of(found)? == seen {
                continue;
            }
            let key = self.find_unsaid(kind, rows)?;
            return Err(match kind {
                Kind::Erasure => Damage::ErasedUnsaid { key },
                _ => Damage::RowExtra {
                    table: kind.table(),
                    key,
                },
            }
            .into());
        }
        Ok(())
    }

    /// The first row of `sql` no attachment of this kind speaks of; walks the journal, only after a wrong count.
    fn find_unsaid(&self, kind: Kind, sql: &str) -> Result<String, ReadError> {
        let mut said = BTreeSet::new();
        let mut journal = self.db.prepare("SELECT attachments FROM journal")?;
        let mut records = journal.query([])?;
        while let Some(record) = records.next()? {
            let text: String = record.get(0)?;
            let attachments = attachment::parse(&text).unwrap_or_default().into_iter();
            said.extend(
                attachments
                    .filter(|attachment| attachment.kind == kind)
                    .filter_map(|attachment| Some((attachment.observation_seq()?, attachment.n))),
            );
        }
        let mut statement = self.db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, n): (i64, i64) = (row.get(0)?, row.get(1)?);
            if !said.contains(&(seq, n)) {
                return Ok(format!("{seq}/{n}"));
            }
        }
        Ok(String::new())
    }

    fn find_extra(&self, kind: Kind, sql: &str) -> Result<String, ReadError> {
        let mut statement = self.db.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut said = self
            .db
            .prepare("SELECT attachments FROM journal WHERE seq = ?1")?;
        while let Some(row) = rows.next()? {
            let (key, n, seq): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let mut texts = said.query([seq])?;
            let text: Option<String> = texts.next()?.map(|row| row.get(0)).transpose()?;
            let attachments = text.and_then(|text| attachment::parse(&text)).unwrap_or_default();
            if !attachments
                .iter()
                .any(|said| said.kind == kind && said.key == key && said.n == n)
            {
                return Ok(key);
            }
        }
        Ok(String::new())
    }

    fn bills(&self) -> Result<(), ReadError> {
        let mut statement = self
            .db
            .prepare("SELECT bill, state_scheme, state, open, last_seq FROM bills")?;
        let mut rows = statement.query([])?;
        let mut count = 0_usize;
        while let Some(row) = rows.next()? {
            let row = BillsRow::read(row)?;
            let Some(end) = self.bills.get(&row.bill) else {
                return Err(Damage::RowExtra {
                    table: "bills",
                    key: row.bill,
                }
                .into());
            };
            let seq = end.state.map_or(seq_of(end.last_seq)?, |(seq, _)| seq);
            let damage = RowDamage {
                seq,
                table: "bills",
                key: &row.bill,
            };
            damage.compare(row.digest() == end.state.map(|(_, digest)| digest))?;
            damage.compare(row.last_seq == end.last_seq && (end.state.is_some() || row.open == 1))?;
            count = count.saturating_add(1);
        }
        if count == self.bills.len() {
            return Ok(());
        }
        for (bill, end) in &self.bills {
            if BillsRow::load(self.db, bill)?.is_none() {
                let damage = RowDamage {
                    seq: seq_of(end.last_seq)?,
                    table: "bills",
                    key: bill,
                };
                return Err(damage.missing().into());
            }
        }
        Ok(())
    }

    /// Each message is marked with its latest attempt, and the counter stands at or after all of them.
    fn messages(&self) -> Result<(), ReadError> {
        let reserved = counter::load(self.db)?;
        let sql = "SELECT o.message_id, o.seq, o.closed_ms IS a.at_ms AND o.ending IS a.ending
            FROM outbox AS o LEFT JOIN attempts AS a ON a.message_id = o.message_id
                AND a.n = (SELECT max(n) FROM attempts WHERE message_id = o.message_id)";
        let mut statement = self.db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (message_id, seq, marked): (String, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
            RowDamage {
                seq: seq_of(seq)?,
                table: "outbox",
                key: &message_id,
            }
            .compare(marked)?;
            if counter::position_of(&message_id).is_none_or(|position| position > reserved) {
                return Err(Damage::CounterBehind { message_id }.into());
            }
        }
        Ok(())
    }
}
