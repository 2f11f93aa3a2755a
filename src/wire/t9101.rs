//! 9101 文件上传 (interface reference, 3.16).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use zhijie_model::{Refusal, Transaction};

use crate::draft::Draft;
use crate::envelope::{Answer, Output, open};
use crate::form::Attachment;
use crate::message::{EncodeError, Head, seal_within};
use crate::profile::Profile;
use crate::profile_files::UploadForm;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

/// Largest file that is sent, in bytes. As numbers in JSON it is up to four times as long.
pub const UPLOAD_BYTES_MAX: usize = 1024 * 1024;
/// Room for the largest file in its longest spelling, and for what stands around it.
const CHARS_MAX: usize = 4 * UPLOAD_BYTES_MAX + 2_000;
const NAME_CHARS_MAX: usize = 200;
const NODE: &str = "output";

/// What a file is fetched with, or named by in another call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTicket {
    /// Of any length: some platforms give a path of their storage.
    pub number: String,
    pub name: String,
    /// Beijing wall clock; afterwards the file is gone.
    pub until: Option<DateTime>,
}

/// The answer to a file that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Ticket(FileTicket),
    Refused(Refusal),
}

#[derive(Serialize)]
#[expect(non_snake_case, reason = "node name of the interface")]
struct Input<'a> {
    fsUploadIn: Node<'a>,
}

#[derive(Serialize)]
struct Node<'a> {
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    content: Option<Content<'a>>, // 文件数据
    filename: &'a str,       // 文件名
    fixmedins_code: &'a str, // 医药机构编号
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Numbers(&'a [u8]),
    Text(String),
}

/// Makes the message that stores a file, its signature not made yet. Sending it twice stores it twice and harms nothing.
///
/// # Errors
/// When the file is empty or too big, or its name is no plain file name; nothing was sent.
pub fn draft_upload(name: &str, file: &[u8], head: &Head, profile: &Profile) -> Result<Draft, EncodeError> {
    let plain = |letter: char| !letter.is_control() && !"\"/\\".contains(letter);
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(plain) {
        return Err(EncodeError::FileName);
    }
    if file.is_empty() || file.len() > UPLOAD_BYTES_MAX {
        return Err(EncodeError::FileSize { bytes: file.len() });
    }
    let content = match profile.files.upload {
        UploadForm::Numbers => Some(Content::Numbers(file)),
        UploadForm::Base64 => Some(Content::Text(STANDARD.encode(file))),
        UploadForm::Form => None,
    };
    let beside = content.is_none();
    let input = Input {
        fsUploadIn: Node {
            content,
            filename: name,
            fixmedins_code: head.institution.as_str(),
        },
    };
    let (transaction, area) = (Transaction::UploadFile, head.insured_area);
    let draft = seal_within(CHARS_MAX, transaction, area, &input, head, profile)?;
    Ok(if beside {
        draft.with(Attachment {
            name: String::from(name),
            bytes: file.to_vec(),
        })
    } else {
        draft
    })
}

/// Directly under the output, without a node.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ticket {
    file_qury_no: Text, // 文件查询号
    filename: Text,     // 文件名
    dld_endtime: Text,  // 下载截止时间
    /// The same, as some provinces spell it.
    dld_end_time: Text,
}

impl Ticket {
    pub(crate) fn read(&self, node: &'static str) -> Result<FileTicket, Unreadable> {
        let number = self.file_qury_no.owned(at(node, "file_qury_no"))?;
        let until = self.dld_endtime.clock(at(node, "dld_endtime"))?;
        Ok(FileTicket {
            number: number.ok_or_else(|| at(node, "file_qury_no").missing())?,
            name: self.filename.owned(at(node, "filename"))?.unwrap_or_default(),
            until: until.or(self.dld_end_time.clock(at(node, "dld_end_time"))?),
        })
    }
}

/// Reads the answer to an upload.
///
/// # Errors
/// [`Unreadable`]; whether the file lies there is not known, and sending it again does no harm.
pub fn read_upload(body: &[u8], profile: &Profile) -> Result<Stored, Unreadable> {
    match open(body)? {
        Answer::Done(output) => ticket(&output).map(Stored::Ticket),
        Answer::Failed(failure) => failure
            .weigh(Transaction::UploadFile, &profile.words)
            .map(Stored::Refused),
    }
}

fn ticket(output: &Output) -> Result<FileTicket, Unreadable> {
    output.read::<Ticket>(NODE)?.read(NODE)
}
