//! The settlement sheet (结算单) the patient takes home: text for an 80 mm printer, a page of HTML, and JSON.
//!
//! All three show what the platform returned; nothing is computed. Amounts of a settlement are part of
//! [`Standing`], so a sheet for a bill that is not settled has none to show.

mod amounts;
mod html;
mod json;
mod layout;
mod sheet;
mod text;

use jiff::Timestamp;
use jiff::civil::DateTime;
use zhijie_model::{
    Area, ChargeBatch, Fen, InstitutionCode, MessageId, PlatformMessageId, Private, Quantity, SettlementId,
    Split, Ticket, UnitPrice, VisitNumber,
};

pub use html::html;
pub use json::json;
pub use text::{COLUMNS, text};

/// Everything a sheet says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub institution: InstitutionCode,
    pub institution_name: String,
    /// Which desk settled, as the hospital names it.
    pub desk: String,
    /// Printed in clear: the sheet is the patient's.
    pub patient: Private,
    /// Printed masked.
    pub certificate: Private,
    pub insured_area: Area,
    pub insured_area_name: String,
    pub visit: VisitNumber,
    pub batch: ChargeBatch,
    pub department: String,
    pub doctor: String,
    pub lines: Vec<ReceiptLine>,
    pub standing: Standing,
    /// What was known about the filing for treatment elsewhere when it was settled.
    pub filing: Option<FilingLines>,
    /// First digits of the ledger's head when the sheet was made; ties the paper to the journal.
    pub ledger_head: Option<String>,
}

/// The check of the filing, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingLines {
    /// One sentence.
    pub answer: String,
    /// When what it rests on was seen, Beijing wall clock, and how long that was before the check.
    pub seen: Option<String>,
    /// First digits of the digest of what it rests on.
    pub digest: Option<String>,
}

/// One fee line on the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    pub name: String,
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
    pub amount: Fen,
    /// Class of the item as the centre answered: `01` A, `02` B, `03` own expense, other codes as they came.
    pub class: Option<String>,
    /// Part of the amount that lies outside the funds' scope, as the centre answered.
    pub own_part: Option<Fen>,
}

/// What became of the bill. Only the first two carry amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The settlement stands.
    Settled(SettledPart),
    /// The settlement stood and was refunded.
    Refunded {
        settled: SettledPart,
        refund: RefundPart,
    },
    /// A refund was asked for and its answer is not known: no cash is handed back yet.
    RefundNotKnown {
        settlement: SettlementId,
        ticket: Option<Ticket>,
    },
    /// The answer to the settlement is not known: no cash is taken yet.
    NotKnown { ticket: Option<Ticket> },
    /// Taken to be settled later: a deposit was left.
    Deferred(DeferredPart),
    /// Nothing was settled.
    NotSettled,
}

/// The terms a bill was taken on. Nothing is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferredPart {
    pub deposit: Fen,
    pub estimate: Option<EstimatePart>,
    /// Whether the hospital bears what the settlement leaves open; else the patient.
    pub hospital_bears: bool,
    pub since: Timestamp,
    pub words_zh: String,
    pub words_en: String,
}

/// A guess of the own share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EstimatePart {
    pub cash: Fen,
    /// Read off the policy of the insured region; else off a settlement of the same person.
    pub by_policy: bool,
    /// Of when the settlement or the policy is.
    pub seen_at: Timestamp,
}

/// A settlement as the platform confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledPart {
    pub split: Split,
    pub settlement: SettlementId,
    pub message: MessageId,
    pub platform_message: Option<PlatformMessageId>,
    /// Beijing wall clock of the centre.
    pub settled_at: DateTime,
    /// What the patient had left at the desk, where the bill was settled later.
    pub deposit: Option<Fen>,
}

/// A refund as the platform confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundPart {
    pub settlement: SettlementId,
    pub message: MessageId,
    pub platform_message: Option<PlatformMessageId>,
    /// Beijing wall clock of the centre.
    pub refunded_at: DateTime,
    /// The refunded total, negative.
    pub total: Fen,
    /// The refunded cash, negative; `None` where the platform leaves it out.
    pub cash: Option<Fen>,
}

impl Standing {
    /// The word for machines, as in the JSON sheet.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Settled(_) => "settled",
            Self::Refunded { .. } => "refunded",
            Self::RefundNotKnown { .. } => "refund_not_known",
            Self::NotKnown { .. } => "not_known",
            Self::Deferred(_) => "deferred",
            Self::NotSettled => "not_settled",
        }
    }
}

#[cfg(test)]
mod deferred_tests;
#[cfg(test)]
mod tests;
