//! One bill's history: records with everything that was committed beside them.

use jiff::Timestamp;
use zhijie_model::{BillId, MessageId, RequestId};

use crate::attachment::{self, Attachment, Kind};
use crate::damage::Damage;
use crate::error::ReadError;
use crate::reader::{Reader, seq_of};
use crate::rows::{AttemptRow, OutboxRow, ReplyRow};
use crate::rows_desk::RequestRow;
use crate::rows_observation::ObservationRow;
use crate::stored::{Entry, Intent, StoredAnswer, StoredEnding, StoredReply};

impl Reader {
    /// All records of the bill in order, the ledger's own included; digests of records and rows are recomputed.
    ///
    /// # Errors
    /// When the file cannot be read, or names what is damaged.
    pub fn history(&self, bill: &BillId) -> Result<Vec<Entry>, ReadError> {
        self.journal_of(bill)?
            .into_iter()
            .map(|row| {
                let attachments = attachment::parse(&row.attachments);
                let record = self.record(row)?;
                let seq = record.seq;
                let attachments = attachments.ok_or(Damage::AttachmentsUnreadable { seq })?;
                let mut entry = Entry {
                    record,
                    intent: None,
                    ending: None,
                    reply: None,
                    answers: Vec::new(),
                };
                for attachment in &attachments {
                    self.join(&mut entry, attachment)?;
                }
                Ok(entry)
            })
            .collect()
    }

    fn join(&self, entry: &mut Entry, attachment: &Attachment) -> Result<(), ReadError> {
        let seq = entry.record.seq;
        let Attachment { kind, key, n, digest } = attachment;
        let damage = RowDamage {
            seq,
            table: kind.table(),
            key,
        };
        match kind {
            Kind::Intent => {
                let row = OutboxRow::load(&self.db, key)?.ok_or_else(|| damage.missing())?;
                damage.compare(row.digest() == Some(*digest))?;
                entry.intent = Some(self.intent_from(row)?);
            }
            Kind::Ending => {
                let row = AttemptRow::load(&self.db, key, *n)?.ok_or_else(|| damage.missing())?;
                damage.compare(row.digest() == *digest)?;
                entry.ending = Some(ending_from(row)?);
            }
            Kind::Reply => {
                let row = ReplyRow::load(&self.db, key, *n)?.ok_or_else(|| damage.missing())?;
                damage.compare(row.digest() == Some(*digest))?;
                entry.reply = Some(self.reply_from(row)?);
            }
            Kind::Answer => {
                let row = RequestRow::load(&self.db, key, *n)?.ok_or_else(|| damage.missing())?;
                damage.compare(row.digest() == *digest)?;
                entry.answers.push(self.answer_from(row)?);
            }
            Kind::Observation => {
                let seq = attachment.observation_seq().ok_or_else(|| damage.differs())?;
                let row = ObservationRow::load(&self.db, seq, *n)?.ok_or_else(|| damage.missing())?;
                damage.compare(row.digest() == Some(*digest))?;
            }
            // An erasure belongs to no bill; only the latest state is kept. `verify` compares both.
            Kind::Erasure | Kind::State => {}
        }
        Ok(())
    }

    pub(crate) fn intent_from(&self, row: OutboxRow) -> Result<Intent, ReadError> {
        let seq = seq_of(row.seq)?;
        let key = row.message_id.clone();
        let damage = RowDamage {
            seq,
            table: "outbox",
            key: &key,
        };
        damage.compare(row.digest().is_some())?;
        Ok(Intent {
            message_id: MessageId::new(row.message_id).map_err(|_| damage.differs())?,
            seq,
            bill: row
                .bill
                .map(BillId::new)
                .transpose()
                .map_err(|_| damage.differs())?,
            transaction: row.transaction,
            class: row.class,
            bytes: self.sealer.unseal("outbox.bytes", row.scheme, row.bytes)?,
            digest: row.bytes_digest,
            stale_after: row.stale_after_ms.map(|ms| damage.time(ms)).transpose()?,
            opened: damage.time(row.opened_ms)?,
            closed: row.closed_ms.map(|ms| damage.time(ms)).transpose()?,
            ending: row.ending,
        })
    }

    pub(crate) fn reply_from(&self, row: ReplyRow) -> Result<StoredReply, ReadError> {
        let key = row.message_id.clone();
        let damage = RowDamage {
            seq: seq_of(row.seq)?,
            table: "replies",
            key: &key,
        };
        damage.compare(row.digest().is_some())?;
        Ok(StoredReply {
            message_id: MessageId::new(row.message_id).map_err(|_| damage.differs())?,
            n: damage.number(row.n)?,
            at: damage.time(row.at_ms)?,
            body: self.sealer.unseal("replies.body", row.scheme, row.body)?,
            digest: row.body_digest,
        })
    }

    pub(crate) fn answer_from(&self, row: RequestRow) -> Result<StoredAnswer, ReadError> {
        let key = row.request_id.clone();
        let damage = RowDamage {
            seq: seq_of(row.seq)?,
            table: "requests",
            key: &key,
        };
        let answer = self.sealer.unseal("requests.answer", row.scheme, row.answer)?;
        Ok(StoredAnswer {
            request_id: RequestId::new(row.request_id).map_err(|_| damage.differs())?,
            n: damage.number(row.n)?,
            method: row.method,
            body_digest: row.body_digest,
            bill: row
                .bill
                .map(BillId::new)
                .transpose()
                .map_err(|_| damage.differs())?,
            outcome: row.outcome,
            answer: String::from_utf8(answer).map_err(|_| damage.differs())?,
            at: damage.time(row.at_ms)?,
        })
    }
}

fn ending_from(row: AttemptRow) -> Result<StoredEnding, ReadError> {
    let key = row.message_id.clone();
    let damage = RowDamage {
        seq: seq_of(row.seq)?,
        table: "attempts",
        key: &key,
    };
    Ok(StoredEnding {
        message_id: MessageId::new(row.message_id).map_err(|_| damage.differs())?,
        n: damage.number(row.n)?,
        at: damage.time(row.at_ms)?,
        how: row.ending,
    })
}

/// Names a row in what is found wrong with it.
#[derive(Clone, Copy)]
pub(crate) struct RowDamage<'a> {
    pub(crate) seq: u64,
    pub(crate) table: &'static str,
    pub(crate) key: &'a str,
}

impl RowDamage<'_> {
    pub(crate) fn missing(self) -> Damage {
        Damage::RowMissing {
            seq: self.seq,
            table: self.table,
            key: self.key.to_owned(),
        }
    }

    pub(crate) fn differs(self) -> Damage {
        Damage::RowDiffers {
            seq: self.seq,
            table: self.table,
            key: self.key.to_owned(),
        }
    }

    pub(crate) fn compare(self, same: bool) -> Result<(), Damage> {
        if same { Ok(()) } else { Err(self.differs()) }
    }

    fn time(self, ms: i64) -> Result<Timestamp, Damage> {
        Timestamp::from_millisecond(ms).map_err(|_| self.differs())
    }

    fn number(self, n: i64) -> Result<u32, Damage> {
        u32::try_from(n).map_err(|_| self.differs())
    }
}
