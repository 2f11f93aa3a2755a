//! What is known while a settlement is in doubt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::MessageId;

use crate::cause::Silence;
use crate::retry::next_query;

/// A lost answer and what was done to find it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The message whose outcome is unknown.
    pub subject: MessageId,
    pub sent_at: Timestamp,
    pub since: Timestamp,
    pub silence: Silence,
    /// Queries made so far.
    pub asked: u32,
    /// The earliest query that found nothing.
    pub absent_since: Option<Timestamp>,
    pub fence: Fence,
    /// When the next move is due.
    pub next_at: Timestamp,
}

/// What the centre said about the reversal of the message in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fence {
    NotTried,
    /// Sent, answer lost.
    Unknown,
    Confirmed,
    /// Refused: unknown message, or nothing left to reverse.
    Refused,
}

impl Doubt {
    pub(crate) const fn new(
        subject: MessageId,
        sent_at: Timestamp,
        silence: Silence,
        now: Timestamp,
    ) -> Self {
        Self {
            subject,
            sent_at,
            since: now,
            silence,
            asked: 0,
            absent_since: None,
            fence: Fence::NotTried,
            next_at: now,
        }
    }

    /// Whether the next move is due. A wait longer than the schedule knows comes of a clock that was set back.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let wait_s = self.next_at.as_second().saturating_sub(now.as_second());
        self.next_at <= now || wait_s > crate::retry::query_delay(u32::MAX).as_secs()
    }

    /// Sets when the centre is asked next: by the schedule, or at once when only the sign-in was missing. A centre
    /// that never takes the new sign-in is asked by the schedule all the same.
    pub(crate) fn wait(&mut self, now: Timestamp, sign_in_lost: bool) {
        self.next_at = if sign_in_lost && self.asked <= ASKED_AT_ONCE_MAX {
            now
        } else {
            next_query(now, self.asked)
        };
    }
}

/// Questions that may follow each other at once.
const ASKED_AT_ONCE_MAX: u32 = 3;
