//! Observations as the ledger keeps them, and back. Version 1 of their bodies is the JSON of [`Said`], or of
//! [`CheckReceipt`] under the source `check`.

use jiff::Timestamp;
use serde::Serialize;
use zhijie_filing::{CheckReceipt, Observation, Source};
use zhijie_ledger::{Digest, NewObservation, ObservationKey, Reader, StoredObservation};
use zhijie_model::BillId;

use super::{Past, Person, Sighting};

const VERSION: u16 = 1;
/// Source word of a check that went with a bill.
const CHECK: &str = "check";

/// An observation with its place in the ledger.
#[derive(Debug, Clone)]
pub struct Seen {
    pub key: ObservationKey,
    pub bill: Option<BillId>,
    pub erased: Option<Timestamp>,
    /// `None` for a check, and for what a newer program wrote.
    pub observation: Option<Observation>,
    pub at: Timestamp,
    pub source: String,
    pub digest: String,
}

/// The row a sighting becomes; `None` when nobody is named or the text cannot be written, which only a bug can cause.
pub(crate) fn new_row(reader: &Reader, sighting: &Sighting) -> Option<NewObservation> {
    let (person, certificate) = keys(reader, &sighting.person)?;
    let seen = &sighting.observation;
    Some(NewObservation {
        person,
        certificate,
        at: seen.at,
        source: String::from(seen.source.word()),
        message_id: seen.message_id.clone(),
        platform_message_id: seen.platform_message_id.clone(),
        answer_digest: seen.answer_digest.as_deref().and_then(digest_of),
        version: VERSION,
        keep: false,
        body: body(seen.said.as_ref()?)?,
    })
}

/// The row of a check; it holds nothing personal and is never erased.
pub(crate) fn check_row(reader: &Reader, person: &Person, check: &CheckReceipt) -> Option<NewObservation> {
    let (person, certificate) = keys(reader, person)?;
    Some(NewObservation {
        person,
        certificate,
        at: check.checked_at,
        source: String::from(CHECK),
        message_id: None,
        platform_message_id: None,
        answer_digest: None,
        version: VERSION,
        keep: true,
        body: body(check)?,
    })
}

/// Without a number in the insured region the certificate stands for the person.
fn keys(reader: &Reader, person: &Person) -> Option<(Digest, Option<Digest>)> {
    let certificate = person
        .certificate
        .as_ref()
        .map(|number| reader.certificate_key(number));
    let number = person.number.as_ref().map(|number| reader.person_key(number));
    Some((number.or(certificate)?, certificate))
}

fn body(content: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(content).ok()
}

fn digest_of(text: &str) -> Option<Digest> {
    hex::decode(text).ok()?.try_into().ok()
}

/// A stored row read back. What this program cannot read keeps its place, time and digest.
pub(crate) fn seen(stored: StoredObservation) -> Past {
    let digest = hex::encode(stored.digest);
    let readable = stored.version == VERSION;
    let is_check = stored.source == CHECK;
    let check = match &stored.body {
        Some(body) if is_check && readable => serde_json::from_slice(body).ok(),
        _ => None,
    };
    let said = match &stored.body {
        Some(body) if readable && !is_check => serde_json::from_slice(body).ok(),
        _ => None,
    };
    let observation = Source::parse(&stored.source).map(|source| Observation {
        at: stored.at,
        source,
        message_id: stored.message_id,
        platform_message_id: stored.platform_message_id,
        digest: digest.clone(),
        answer_digest: stored.answer_digest.map(hex::encode),
        said,
    });
    Past {
        seen: Seen {
            key: stored.key,
            bill: stored.bill,
            erased: stored.erased,
            observation,
            at: stored.at,
            source: stored.source,
            digest,
        },
        check,
    }
}

/// The latest check among the rows of a bill.
pub(crate) fn checked(rows: Vec<StoredObservation>) -> Option<CheckReceipt> {
    rows.into_iter().rev().find_map(|row| seen(row).check)
}
