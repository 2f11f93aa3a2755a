//! Journals written by version 1, for the tests that read them. The people in them are the sandbox's; none exists.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use zhijie_ledger::Record;

macro_rules! story {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/core/fixtures/v1-",
            $name,
            ".jsonl"
        ))
    };
}
pub(crate) use story;

#[derive(Deserialize)]
struct Line<'a> {
    kind: String,
    version: u16,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// The records of a story, as the ledger gives them.
pub(crate) fn records(story: &str) -> Vec<Record> {
    let record = |(n, line): (usize, &str)| {
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        Record {
            seq: u64::try_from(n).unwrap() + 1,
            at: Timestamp::UNIX_EPOCH,
            bill: None,
            kind: line.kind,
            version: line.version,
            body: line.body.get().as_bytes().to_vec(),
            digest: [0; 32],
        }
    };
    story.lines().enumerate().map(record).collect()
}
