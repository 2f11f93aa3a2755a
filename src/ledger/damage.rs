//! What is wrong with a ledger, named so that a person can go and look.

use thiserror::Error;

/// The first thing found that cannot be in a ledger nobody touched.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Damage {
    #[error("record {seq} is missing")]
    RecordMissing { seq: u64 },
    #[error("record {seq} does not continue the record before it")]
    ChainBroken { seq: u64 },
    #[error("record {seq} does not match its digest")]
    RecordDiffers { seq: u64 },
    #[error("record {seq} lists its attachments in an unknown form")]
    AttachmentsUnreadable { seq: u64 },
    #[error("record {seq} speaks of row {key} of {table}, which is missing")]
    RowMissing {
        seq: u64,
        table: &'static str,
        key: String,
    },
    #[error("row {key} of {table} is not what record {seq} says")]
    RowDiffers {
        seq: u64,
        table: &'static str,
        key: String,
    },
    #[error("row {key} of {table} belongs to no record")]
    RowExtra { table: &'static str, key: String },
    #[error("observation {key} was erased and no record says so, or not as its record says")]
    ErasedUnsaid { key: String },
    #[error("row {key} of {table} holds a value out of range")]
    OutOfRange { table: &'static str, key: String },
    #[error("message {message_id} was sent but the counter stands before it")]
    CounterBehind { message_id: String },
    #[error("the counter row is missing")]
    CounterMissing,
    #[error("meta entry {key} is missing or unreadable")]
    MetaUnreadable { key: &'static str },
}

impl Damage {
    /// The record that is bad or names what is bad; `None` where no record does.
    #[must_use]
    pub const fn seq(&self) -> Option<u64> {
        match self {
            Self::RecordMissing { seq }
            | Self::ChainBroken { seq }
            | Self::RecordDiffers { seq }
            | Self::AttachmentsUnreadable { seq }
            | Self::RowMissing { seq, .. }
            | Self::RowDiffers { seq, .. } => Some(*seq),
            Self::RowExtra { .. }
            | Self::ErasedUnsaid { .. }
            | Self::OutOfRange { .. }
            | Self::CounterBehind { .. }
            | Self::CounterMissing
            | Self::MetaUnreadable { .. } => None,
        }
    }
}
