//! The rows of one commit, inside its transaction.

use rusqlite::Connection;

use crate::attachment::{self, Attachment, Kind};
use crate::commit::{ANSWERED, Commit, Ending, NOT_KNOWN, NewAnswer, NewIntent, OWN_KIND, UNKNOWN};
use crate::digest::{Digest, digest};
use crate::error::WriteError;
use crate::ledger::Head;
use crate::observations::{NewObservation, ObservationKey};
use crate::rows::{AttemptRow, JournalRow, OutboxRow, ReplyRow};
use crate::rows_desk::{BillsRow, RequestRow};
use crate::rows_observation::ObservationRow;
use crate::seal::Sealer;

/// One commit on its way to disk.
pub(crate) struct Writing<'a> {
    db: &'a Connection,
    sealer: Sealer,
    commit: &'a Commit,
    prev: Digest,
    seq: i64,
    at_ms: i64,
    bill: Option<String>,
    attachments: Vec<Attachment>,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(
        db: &'a Connection,
        sealer: Sealer,
        commit: &'a Commit,
        head: &Head,
    ) -> Result<Self, WriteError> {
        let seq = i64::try_from(head.seq).ok().and_then(|seq| seq.checked_add(1));
        Ok(Self {
            db,
            sealer,
            commit,
            prev: head.digest,
            seq: seq.ok_or(WriteError::Invalid("the journal is full"))?,
            at_ms: commit.at.as_millisecond(),
            bill: commit.bill.as_ref().map(|bill| bill.as_str().to_owned()),
            attachments: Vec::new(),
        })
    }

    /// Puts every row of the commit into the open transaction; `Head` is what the journal ends with afterwards.
    pub(crate) fn run(mut self) -> Result<Head, WriteError> {
        let commit = self.commit;
        if let Some(intent) = &commit.intent {
            self.intent(intent)?;
        }
        if let Some(ending) = &commit.ending {
            self.ending(ending)?;
        }
        for answer in &commit.answers {
            self.answer(answer)?;
        }
        for (observation, n) in commit.observations.iter().zip(1_i64..) {
            self.observation(observation, n)?;
        }
        for key in &commit.erasures {
            self.erasure(*key)?;
        }
        self.bill()?;
        let digest = self.record()?;
        let seq = u64::try_from(self.seq).map_err(|_| WriteError::Invalid("the journal is full"))?;
        Ok(Head { seq, digest })
    }

    fn attach(&mut self, kind: Kind, key: &str, n: i64, digest: Digest) {
        self.attachments.push(Attachment {
            kind,
            key: key.to_owned(),
            n,
            digest,
        });
    }

    fn intent(&mut self, intent: &NewIntent) -> Result<(), WriteError> {
        let key = intent.message_id.as_str();
        if OutboxRow::load(self.db, key)
            .map_err(WriteError::Sqlite)?
            .is_some()
        {
            let message_id = intent.message_id.clone();
            return Err(WriteError::Message {
                message_id,
                problem: "it is an intent already",
            });
        }
        let sealed = self.sealer.seal(&intent.bytes);
        let row = OutboxRow {
            message_id: key.to_owned(),
            seq: self.seq,
            bill: self.bill.clone(),
            transaction: intent.transaction.clone(),
            class: intent.class.clone(),
            scheme: sealed.scheme.code(),
            bytes_digest: digest(&sealed.stored),
            bytes: sealed.stored.into_owned(),
            stale_after_ms: intent.stale_after.map(|at| at.as_millisecond()),
            opened_ms: self.at_ms,
            closed_ms: None,
            ending: None,
        };
        let digest = row
            .digest()
            .ok_or(WriteError::Invalid("bytes without a digest"))?;
        row.insert(self.db).map_err(WriteError::Sqlite)?;
        self.attach(Kind::Intent, key, 0, digest);
        Ok(())
    }

    fn ending(&mut self, ending: &Ending) -> Result<(), WriteError> {
        let key = ending.message_id.as_str();
        let refuse = |problem| WriteError::Message {
            message_id: ending.message_id.clone(),
            problem,
        };
        let intent = OutboxRow::load(self.db, key).map_err(WriteError::Sqlite)?;
        let intent = intent.ok_or_else(|| refuse("it is no intent"))?;
        match intent.ending.as_deref() {
            Some(ANSWERED) => return Err(refuse("it was answered already")),
            Some(UNKNOWN) if ending.how != ANSWERED => {
                return Err(refuse("its ending is unknown, and only an answer may follow"));
            }
            _ => {}
        }
        let row = AttemptRow {
            message_id: key.to_owned(),
            n: self.attempts(key)?.saturating_add(1),
            seq: self.seq,
            at_ms: self.at_ms,
            ending: ending.how.clone(),
        };
        row.insert(self.db).map_err(WriteError::Sqlite)?;
        self.attach(Kind::Ending, key, row.n, row.digest());
        ending
            .reply
            .as_deref()
            .map_or(Ok(()), |reply| self.reply(key, row.n, reply))
    }

    fn attempts(&self, message_id: &str) -> Result<i64, WriteError> {
        let sql = "SELECT count(*) FROM attempts WHERE message_id = ?1";
        self.db
            .prepare_cached(sql)
            .and_then(|mut count| count.query_row([message_id], |row| row.get(0)))
            .map_err(WriteError::Sqlite)
    }

    fn reply(&mut self, message_id: &str, n: i64, body: &[u8]) -> Result<(), WriteError> {
        let sealed = self.sealer.seal(body);
        let row = ReplyRow {
            message_id: message_id.to_owned(),
            n,
            seq: self.seq,
            at_ms: self.at_ms,
            scheme: sealed.scheme.code(),
            body_digest: digest(&sealed.stored),
            body: sealed.stored.into_owned(),
        };
        let digest = row
            .digest()
            .ok_or(WriteError::Invalid("a reply without a digest"))?;
        row.insert(self.db).map_err(WriteError::Sqlite)?;
        self.attach(Kind::Reply, message_id, n, digest);
        Ok(())
    }

    fn answer(&mut self, answer: &NewAnswer) -> Result<(), WriteError> {
        let key = answer.request_id.as_str();
        let request_id = answer.request_id.clone();
        let before = RequestRow::latest(self.db, key).map_err(WriteError::Sqlite)?;
        let n = match before {
            None => 1,
            Some(row) if row.method != answer.method || row.body_digest != answer.body_digest => {
                return Err(WriteError::OtherBody { request_id });
            }
            Some(row) if row.outcome != NOT_KNOWN => return Err(WriteError::AnsweredAlready { request_id }),
            Some(row) => row.n.saturating_add(1),
        };
        let sealed = self.sealer.seal(answer.answer.as_bytes());
        let row = RequestRow {
            request_id: key.to_owned(),
            n,
            seq: self.seq,
            method: answer.method.clone(),
            body_digest: answer.body_digest,
            bill: self.bill.clone(),
            outcome: answer.outcome.clone(),
            scheme: sealed.scheme.code(),
            answer: sealed.stored.into_owned(),
            at_ms: self.at_ms,
        };
        row.insert(self.db).map_err(WriteError::Sqlite)?;
        self.attach(Kind::Answer, key, n, row.digest());
        Ok(())
    }

    fn observation(&mut self, observation: &NewObservation, n: i64) -> Result<(), WriteError> {
        let sealed = self.sealer.seal(&observation.body);
        let row = ObservationRow {
            seq: self.seq,
            n,
            person: observation.person,
            certificate: observation.certificate,
            bill: self.bill.clone(),
            at_ms: observation.at.as_millisecond(),
            source: observation.source.clone(),
            message_id: observation.message_id.as_ref().map(|id| id.as_str().to_owned()),
            platform_message_id: observation
                .platform_message_id
                .as_ref()
                .map(|id| id.as_str().to_owned()),
            answer_digest: observation.answer_digest,
            version: i64::from(observation.version),
            keep: i64::from(observation.keep),
            scheme: sealed.scheme.code(),
            body_digest: digest(&sealed.stored),
            body: sealed.stored.into_owned(),
            erased_ms: None,
        };
        let digest = row
            .digest()
            .ok_or(WriteError::Invalid("an observation without a digest"))?;
        row.insert(self.db).map_err(WriteError::Sqlite)?;
        self.attach(Kind::Observation, &self.seq.to_string(), n, digest);
        Ok(())
    }

    /// Erasing twice, or what holds nothing personal, is refused before anything is written.
    fn erasure(&mut self, key: ObservationKey) -> Result<(), WriteError> {
        let unknown =
            || WriteError::Invalid("an erasure of an observation that is not there or has nothing to erase");
        let seq = i64::try_from(key.seq).map_err(|_| unknown())?;
        let n = i64::from(key.n);
        let row = ObservationRow::load(self.db, seq, n).map_err(WriteError::Sqlite)?;
        let mut row = row
            .filter(|row| row.erased_ms.is_none() && row.keep == 0)
            .ok_or_else(unknown)?;
        row.erase(self.db, self.at_ms).map_err(WriteError::Sqlite)?;
        let digest = row.erasure_digest().ok_or_else(unknown)?;
        self.attach(Kind::Erasure, &seq.to_string(), n, digest);
        Ok(())
    }

    /// A bill that has no state yet counts as open. An answer alone says nothing about a bill.
    fn bill(&mut self) -> Result<(), WriteError> {
        let Some(bill) = self.bill.clone().filter(|_| !self.commit.only_answers()) else {
            return Ok(());
        };
        let state = self.commit.state.as_ref();
        let row = BillsRow {
            bill,
            state: state.map(|cache| {
                let sealed = self.sealer.seal(&cache.state);
                (sealed.scheme.code(), sealed.stored.into_owned())
            }),
            open: i64::from(state.is_none_or(|cache| cache.open)),
            last_seq: self.seq,
        };
        row.upsert(self.db).map_err(WriteError::Sqlite)?;
        if let Some(digest) = row.digest() {
            self.attach(Kind::State, &row.bill, 0, digest);
        }
        Ok(())
    }

    /// Comes last because it lists the rest; the foreign keys to it are deferred.
    fn record(&self) -> Result<Digest, WriteError> {
        let (kind, version, body) = match &self.commit.record {
            Some(record) => (
                record.kind.as_str(),
                i64::from(record.version),
                record.body.as_slice(),
            ),
            None => (OWN_KIND, 1, [].as_slice()),
        };
        let sealed = self.sealer.seal(body);
        let mut row = JournalRow {
            seq: self.seq,
            at_ms: self.at_ms,
            bill: self.bill.clone(),
            kind: kind.to_owned(),
            version,
            scheme: sealed.scheme.code(),
            body: sealed.stored.into_owned(),
            attachments: attachment::print(&self.attachments),
            prev: self.prev,
            digest: [0; 32],
        };
        row.digest = row.compute();
        if attachment::parse(&row.attachments).as_ref() != Some(&self.attachments) {
            return Err(WriteError::Invalid("attachments that do not read back"));
        }
        row.insert(self.db).map_err(WriteError::Sqlite)?;
        Ok(row.digest)
    }
}
