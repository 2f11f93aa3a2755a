//! Observations of persons: how they go in, are found again, and lose their personal details.

use core::fmt;

use jiff::Timestamp;
use rusqlite::params;
use zhijie_model::{BillId, MessageId, PersonNumber, PlatformMessageId, Private};

use crate::commit::debug_without_content;
use crate::digest::{Canon, Digest};
use crate::error::ReadError;
use crate::history::RowDamage;
use crate::reader::{Reader, seq_of};
use crate::rows_observation::ObservationRow;

/// Something seen or told about a person. The body is opaque here and counts as personal unless `keep` says otherwise.
#[derive(Clone)]
pub struct NewObservation {
    /// From [`Reader::person_key`].
    pub person: Digest,
    /// From [`Reader::certificate_key`].
    pub certificate: Option<Digest>,
    /// When it was seen. Kept to the millisecond.
    pub at: Timestamp,
    /// A word, e.g. `trial`.
    pub source: String,
    pub message_id: Option<MessageId>,
    pub platform_message_id: Option<PlatformMessageId>,
    /// SM3 of the answer it was read from.
    pub answer_digest: Option<Digest>,
    /// Version of the body's layout.
    pub version: u16,
    /// Holds nothing personal: never erased.
    pub keep: bool,
    pub body: Vec<u8>,
}

/// Which observation: its record, and its number within the record from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObservationKey {
    pub seq: u64,
    pub n: u32,
}

/// An observation as kept; its digest was recomputed on reading.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredObservation {
    pub key: ObservationKey,
    pub bill: Option<BillId>,
    pub at: Timestamp,
    pub source: String,
    pub message_id: Option<MessageId>,
    pub platform_message_id: Option<PlatformMessageId>,
    pub answer_digest: Option<Digest>,
    pub version: u16,
    pub keep: bool,
    /// `None` once erased.
    pub body: Option<Vec<u8>>,
    /// Of the whole row, as the journal lists it: no two observations share it, and it stays when the body is erased.
    pub digest: Digest,
    pub erased: Option<Timestamp>,
}

debug_without_content! {
    NewObservation { at, source, version, keep }
    StoredObservation { key, bill, at, source, version, keep, erased }
}

/// By whom observations are looked for. Where both are known, what was seen under either is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonKeys {
    pub person: Option<Digest>,
    pub certificate: Option<Digest>,
}

impl Reader {
    /// Stands for a person in the observations, so that looking one up needs no plain number there. A number can be
    /// guessed from it by trying all numbers: it hides nothing from whoever has the file.
    #[must_use]
    pub fn person_key(&self, number: &PersonNumber) -> Digest {
        Canon::new("zhijie/person/1")
            .text(self.institution())
            .text(number.as_str())
            .finish()
    }

    /// As [`Reader::person_key`], by the number of the certificate: all that is known of a card without a network.
    #[must_use]
    pub fn certificate_key(&self, certificate: &Private) -> Digest {
        Canon::new("zhijie/certificate/1")
            .text(self.institution())
            .text(&certificate.reveal().to_ascii_uppercase())
            .finish()
    }

    /// Everything seen of a person, in the order of its recording, at most `count_max` of the latest; nothing in a
    /// ledger of a format that had no observations.
    ///
    /// # Errors
    /// When the file cannot be read or an observation is not what its digest says.
    pub fn observations(
        &self,
        keys: &PersonKeys,
        count_max: u32,
    ) -> Result<Vec<StoredObservation>, ReadError> {
        if !self.has_observations() {
            return Ok(Vec::new());
        }
        // Each index is in the order asked for, so that no more is read than wanted, however much was seen of somebody.
        let latest = |filter: &str| {
            format!(
                "SELECT * FROM (SELECT seq, n FROM observations WHERE {filter} ORDER BY seq DESC, n DESC LIMIT ?3)"
            )
        };
        let sql = format!(
            "SELECT {} FROM ({} UNION {}) CROSS JOIN observations USING (seq, n) ORDER BY seq DESC, n DESC LIMIT ?3",
            ObservationRow::COLUMNS,
            latest("person = ?1"),
            latest("certificate = ?2")
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let person = keys.person.as_ref().map(<[u8; 32]>::as_slice);
        let certificate = keys.certificate.as_ref().map(<[u8; 32]>::as_slice);
        let rows = statement.query_map(params![person, certificate, count_max], ObservationRow::read)?;
        let mut found: Vec<StoredObservation> = rows
            .map(|row| self.observation_from(row?))
            .collect::<Result<_, _>>()?;
        found.reverse();
        Ok(found)
    }

    /// Observations committed with a bill, in the order of their recording.
    ///
    /// # Errors
    /// As [`Reader::observations`].
    pub fn observations_of_bill(&self, bill: &BillId) -> Result<Vec<StoredObservation>, ReadError> {
        if !self.has_observations() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {} FROM observations WHERE bill = ?1 ORDER BY seq, n",
            ObservationRow::COLUMNS
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([bill.as_str()], ObservationRow::read)?;
        rows.map(|row| self.observation_from(row?)).collect()
    }

    /// Observations older than `before` that still hold personal details, oldest first, at most `count_max`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn personal_before(
        &self,
        before: Timestamp,
        count_max: u32,
    ) -> Result<Vec<ObservationKey>, ReadError> {
        if !self.has_observations() {
            return Ok(Vec::new());
        }
        let sql = "SELECT seq, n FROM observations WHERE erased_ms IS NULL AND keep = 0 AND at_ms < ?1
            ORDER BY at_ms, seq, n LIMIT ?2";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![before.as_millisecond(), count_max], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
        rows.map(|row| {
            let (seq, n) = row?;
            key_of(seq, n)
        })
        .collect()
    }

    fn observation_from(&self, row: ObservationRow) -> Result<StoredObservation, ReadError> {
        let key = key_of(row.seq, row.n)?;
        let name = format!("{}/{}", key.seq, key.n);
        let damage = RowDamage {
            seq: key.seq,
            table: "observations",
            key: &name,
        };
        let digest = row.digest().ok_or_else(|| damage.differs())?;
        let time = |ms| Timestamp::from_millisecond(ms).map_err(|_| damage.differs());
        let body = match row.erased_ms {
            Some(_) => None,
            None => Some(self.sealer.unseal("observations.body", row.scheme, row.body)?),
        };
        Ok(StoredObservation {
            key,
            bill: row
                .bill
                .map(BillId::new)
                .transpose()
                .map_err(|_| damage.differs())?,
            at: time(row.at_ms)?,
            source: row.source,
            message_id: row
                .message_id
                .map(MessageId::new)
                .transpose()
                .map_err(|_| damage.differs())?,
            platform_message_id: row
                .platform_message_id
                .map(PlatformMessageId::new)
                .transpose()
                .map_err(|_| damage.differs())?,
            answer_digest: row.answer_digest,
            version: u16::try_from(row.version).map_err(|_| damage.differs())?,
            keep: row.keep == 1,
            body,
            digest,
            erased: row.erased_ms.map(time).transpose()?,
        })
    }
}

fn key_of(seq: i64, n: i64) -> Result<ObservationKey, ReadError> {
    let out_of_range = |_| crate::damage::Damage::OutOfRange {
        table: "observations",
        key: seq.to_string(),
    };
    Ok(ObservationKey {
        seq: seq_of(seq)?,
        n: u32::try_from(n).map_err(out_of_range)?,
    })
}
