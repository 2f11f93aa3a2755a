//! Whether a request of the desk was answered before.

use zhijie_model::RequestId;

use crate::digest::Digest;
use crate::error::ReadError;
use crate::reader::Reader;
use crate::rows_desk::RequestRow;
use crate::stored::StoredAnswer;

/// What the ledger knows of a request id. Read only: nothing is reserved by asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Never answered. It may still be under way in this process.
    Fresh,
    /// The same request was answered; this is the latest answer.
    Answered(StoredAnswer),
    /// The id was used with another body or for another method: nothing may run.
    OtherBody { method: String },
}

impl Reader {
    /// # Errors
    /// When the file cannot be read.
    pub fn claim(
        &self,
        request_id: &RequestId,
        method: &str,
        body_digest: &Digest,
    ) -> Result<Claim, ReadError> {
        match RequestRow::latest(&self.db, request_id.as_str())? {
            None => Ok(Claim::Fresh),
            Some(row) if row.method != method || row.body_digest != *body_digest => {
                Ok(Claim::OtherBody { method: row.method })
            }
            Some(row) => Ok(Claim::Answered(self.answer_from(row)?)),
        }
    }

    /// The latest answer to a request, whatever its method and body; for `visit.status`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn answer(&self, request_id: &RequestId) -> Result<Option<StoredAnswer>, ReadError> {
        RequestRow::latest(&self.db, request_id.as_str())?
            .map(|row| self.answer_from(row))
            .transpose()
    }
}
