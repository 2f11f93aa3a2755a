//! The dispute packet for the insured region: what was seen when, by which answer, under which message. One JSON and one
//! HTML file. Both hold the patient's name and numbers, for the region has to find her: only the owner may read them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use zhijie_desk::api::{CodeName, FilingCheckResult, FilingEntry};
use zhijie_model::{MessageId, PersonNumber, Private, beijing};

use super::packet_html::html;

/// Everything a packet says.
#[derive(Debug, Serialize)]
pub(crate) struct Packet {
    /// `zhijie/filing-dispute/1`.
    pub(crate) format: &'static str,
    pub(crate) made_at: String,
    pub(crate) institution: CodeName,
    pub(crate) desk: String,
    pub(crate) reason: String,
    pub(crate) patient: Patient,
    /// What is known now.
    pub(crate) check: FilingCheckResult,
    /// Everything seen, in the order of recording.
    pub(crate) entries: Vec<FilingEntry>,
    /// Whether older entries were left out.
    pub(crate) cut: bool,
    /// The last record of the journal when the packet was made.
    pub(crate) ledger_seq: u64,
}

/// Whose filing it is.
#[derive(Debug, Serialize)]
pub(crate) struct Patient {
    pub(crate) name: Option<Private>,
    pub(crate) certificate: Option<Private>,
    pub(crate) person_number: Option<PersonNumber>,
}

impl Packet {
    pub(crate) const FORMAT: &str = "zhijie/filing-dispute/1";

    /// Writes both files into `folder`, which is made when missing; gives their paths and the SM3 of the JSON, hex.
    /// Blocks on the disk. `name` tells packets apart and holds nothing personal.
    ///
    /// # Errors
    /// When a file cannot be made or written; one that is there already is never replaced.
    pub(crate) fn write(&self, folder: &Path, name: &str) -> std::io::Result<Written> {
        make_folder(folder)?;
        let json = serde_json::to_vec_pretty(self)?;
        let json_path = folder.join(format!("{name}.json"));
        let html_path = folder.join(format!("{name}.html"));
        write_new(&json_path, &json)?;
        write_new(&html_path, html(self).as_bytes())?;
        Ok(Written {
            html_path,
            json_path,
            digest: hex::encode(zhijie_ledger::digest(&json)),
        })
    }
}

/// Where a packet lies.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) html_path: PathBuf,
    pub(crate) json_path: PathBuf,
    pub(crate) digest: String,
}

/// The name of a packet: its day and a message id, which no other packet bears.
pub(crate) fn packet_name(now: Timestamp, id: &MessageId) -> String {
    let id: String = id.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("filing-{}-{id}", beijing(now).date())
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_new(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
