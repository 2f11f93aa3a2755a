//! 9102 文件下载 (interface reference, 3.16): the answer is the file itself, or an envelope that says why not.

use serde::Serialize;
use zhijie_model::{CatalogueFile, Refusal, Transaction};

use crate::draft::Draft;
use crate::envelope::{Answer, open};
use crate::message::{EncodeError, Head, Message, filled, seal};
use crate::profile::Profile;
use crate::unreadable::Unreadable;

/// Largest file that is fetched, in bytes.
pub const FILE_BYTES_MAX: usize = 128 * 1024 * 1024;

#[derive(Serialize)]
#[expect(non_snake_case, reason = "node name of the interface")]
struct Input<'a> {
    fsDownloadIn: Node<'a>,
}

#[derive(Serialize)]
struct Node<'a> {
    file_qury_no: &'a str,   // 文件查询号
    filename: &'a str,       // 文件名
    fixmedins_code: &'a str, // 医药机构编号
}

/// What came instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    File(Vec<u8>),
    Refused(Refusal),
}

/// As [`draft_fetch`], for provinces that sign nothing.
///
/// # Errors
/// As [`draft_fetch`], and when the province signs or encrypts.
pub fn encode_fetch(file: &CatalogueFile, head: &Head, profile: &Profile) -> Result<Message, EncodeError> {
    draft_fetch(file, head, profile)?.plain()
}

/// Makes the message that fetches a file. The name goes back as it was told; where none was, the word of the document.
///
/// # Errors
/// When the file has no number or the profile names no path; nothing was sent.
pub fn draft_fetch(file: &CatalogueFile, head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
    let input = Input {
        fsDownloadIn: Node {
            file_qury_no: filled("file_qury_no", &file.number)?,
            filename: Some(file.name.as_str())
                .filter(|name| !name.is_empty())
                .unwrap_or("plc"),
            fixmedins_code: head.institution.as_str(),
        },
    };
    seal(Transaction::FetchFile, head.insured_area, &input, head, profile)
}

/// Tells a file from an envelope by how it begins: content types are not kept everywhere.
///
/// # Errors
/// [`Unreadable`]: neither a file nor an envelope; fetching again does no harm.
pub fn read_fetched(body: Vec<u8>, profile: &Profile) -> Result<Fetched, Unreadable> {
    let begin = body.iter().find(|byte| !byte.is_ascii_whitespace());
    match begin {
        None => Err(Unreadable::Empty),
        Some(b'<') => Err(Unreadable::Html),
        Some(b'{') => match open(&body)? {
            Answer::Failed(failure) => failure
                .weigh(Transaction::FetchFile, &profile.words)
                .map(Fetched::Refused),
            Answer::Done(_) => Err(Unreadable::NoEnvelope),
        },
        Some(_) => Ok(Fetched::File(body)),
    }
}
