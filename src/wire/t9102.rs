//! 9102 文件下载 (interface reference, 3.16). The answer is the file itself, or an envelope that says why not.

use serde::Serialize;
use zhijie_model::{Refusal, Transaction};

use crate::draft::Draft;
use crate::envelope::{Answer, open};
use crate::message::{EncodeError, Head, filled, seal};
use crate::profile::Profile;
use crate::t9101::FileTicket;
use crate::unreadable::Unreadable;

/// The answer to a fetch.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched {
    /// As it came; its reader believes nothing in it.
    File(Vec<u8>),
    Refused(Refusal),
}

impl core::fmt::Debug for Fetched {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::File(bytes) => write!(out, "File({} bytes)", bytes.len()),
            Self::Refused(refusal) => write!(out, "Refused({})", refusal.code),
        }
    }
}

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

/// Makes the message that fetches a file, its signature not made yet. May be sent as often as one likes.
///
/// # Errors
/// When the ticket says nothing; nothing was sent.
pub fn draft_fetch(ticket: &FileTicket, head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
    let name = profile.files.fetch_name.as_deref().unwrap_or(&ticket.name);
    let input = Input {
        fsDownloadIn: Node {
            file_qury_no: filled("file_qury_no", &ticket.number)?,
            filename: filled("filename", name)?,
            fixmedins_code: head.institution.as_str(),
        },
    };
    let transaction = Transaction::FetchFile;
    seal(transaction, head.insured_area, &input, head, profile)
}

/// What came: told by the content type, and by the first bytes where a gateway took that away.
///
/// # Errors
/// [`Unreadable`]; fetching again does no harm while the file lies there.
pub fn read_fetch(
    status: u16,
    content_type: Option<&str>,
    body: Vec<u8>,
    profile: &Profile,
) -> Result<Fetched, Unreadable> {
    let kind = content_type.map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    let announced = kind.is_some_and(|kind| FILE_KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind)));
    let zip = kind.is_none() && body.starts_with(b"PK");
    if (announced || zip) && (200..300).contains(&status) {
        return if body.is_empty() {
            Err(Unreadable::Empty)
        } else {
            Ok(Fetched::File(body))
        };
    }
    match open(&body)? {
        Answer::Done(_) => Err(Unreadable::NodeMissing { node: "file" }),
        Answer::Failed(failure) => failure
            .weigh(Transaction::FetchFile, &profile.words)
            .map(Fetched::Refused),
    }
}

const FILE_KINDS: [&str; 4] = [
    "application/octet-stream",
    "application/zip",
    "application/x-zip-compressed",
    "application/force-download",
];
