//! What comes back out of the ledger.

use core::fmt;

use jiff::Timestamp;
use zhijie_model::{BillId, MessageId, RequestId};

use crate::commit::debug_without_content;
use crate::digest::Digest;

/// One journal record, its digest recomputed on reading.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    pub seq: u64,
    pub at: Timestamp,
    pub bill: Option<BillId>,
    pub kind: String,
    pub version: u16,
    pub body: Vec<u8>,
    pub digest: Digest,
}

/// A record with what was committed beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub record: Record,
    pub intent: Option<Intent>,
    pub ending: Option<StoredEnding>,
    pub reply: Option<StoredReply>,
    pub answers: Vec<StoredAnswer>,
}

/// A message that was decided to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Intent {
    pub message_id: MessageId,
    pub seq: u64,
    pub bill: Option<BillId>,
    pub transaction: String,
    pub class: String,
    pub bytes: Vec<u8>,
    /// SM3 of the bytes as stored.
    pub digest: Digest,
    pub stale_after: Option<Timestamp>,
    pub opened: Timestamp,
    /// Time and kind of the latest attempt's ending; `None` while no attempt has ended.
    pub closed: Option<Timestamp>,
    pub ending: Option<String>,
}

/// How attempt number `n` (from 1) to send a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEnding {
    pub message_id: MessageId,
    pub n: u32,
    pub at: Timestamp,
    pub how: String,
}

/// What came back on attempt number `n`.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReply {
    pub message_id: MessageId,
    pub n: u32,
    pub at: Timestamp,
    pub body: Vec<u8>,
    pub digest: Digest,
}

/// Answer number `n` (from 1) to a request.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    pub request_id: RequestId,
    pub n: u32,
    pub method: String,
    pub body_digest: Digest,
    pub bill: Option<BillId>,
    pub outcome: String,
    pub answer: String,
    pub at: Timestamp,
}

/// The cached state of a bill.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredState {
    pub state: Vec<u8>,
    pub open: bool,
    /// The bill's last record.
    pub last_seq: u64,
}

debug_without_content! {
    Record { seq, at, bill, kind, version }
    Intent { message_id, seq, bill, transaction, class, stale_after, opened, closed, ending }
    StoredReply { message_id, n, at }
    StoredAnswer { request_id, n, method, bill, outcome, at }
    StoredState { open, last_seq }
}
