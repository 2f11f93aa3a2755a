//! What is known while a settlement is in doubt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zhijie_model::{MessageId, VisitId};

use crate::cause::Silence;
use crate::event::Moment;
use crate::retry::next_query;
use crate::statement::Statements;

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
    /// Seconds that have passed since sending for certain: by a clock nobody can set, or, where there is none, no more
    /// between two questions than was planned to pass.
    pub age_s: u32,
    /// Age at the earliest query that found nothing.
    pub absent_age_s: Option<u32>,
    pub fence: Fence,
    /// Age when the latest reversal that stayed without an answer was given up. It may still be executed.
    pub reversal_lost_age_s: Option<u32>,
    /// Age when the latest reversal was taken by the centre. A query may not show it yet.
    #[serde(default)]
    pub reversal_taken_age_s: Option<u32>,
    /// When the next move was planned, by both clocks.
    pub planned_at: Timestamp,
    pub planned_uptime_s: Option<u64>,
    /// When the next move is due.
    pub next_at: Timestamp,
    /// What was asked of statements, once anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<Box<Statements>>,
}

/// The search for a settlement that made its visit: which of the person's visits are still to be asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The first one is being asked about.
    pub visits: Vec<VisitId>,
    /// The centre named more visits than are asked about in one round: finding nothing says nothing.
    pub cut: bool,
}

impl Search {
    /// Whether no round is under way; so it is, always, where the visit was there before.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.visits.is_empty() && !self.cut
    }
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
            age_s: 0,
            absent_age_s: None,
            fence: Fence::NotTried,
            reversal_lost_age_s: None,
            reversal_taken_age_s: None,
            planned_at: now,
            planned_uptime_s: None,
            next_at: now,
            statements: None,
        }
    }

    /// Whether the next move is due. A wait longer than the schedule knows comes of a clock that was set back.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let wait_s = self.next_at.as_second().saturating_sub(now.as_second());
        self.next_at <= now || wait_s > crate::retry::query_delay(u32::MAX).as_secs()
    }

    /// Sets when the centre is asked next: by the schedule, or at once when only the sign-in was missing. A centre
    /// that never takes the new sign-in is asked by the schedule all the same.
    pub(crate) fn wait(&mut self, moment: &Moment, sign_in_lost: bool) {
        let now = moment.now;
        self.planned_at = now;
        self.planned_uptime_s = moment.uptime_s;
        self.next_at = if sign_in_lost && self.asked <= ASKED_AT_ONCE_MAX {
            now
        } else {
            next_query(now, self.asked)
        };
    }

    /// Makes the next move due now.
    pub(crate) const fn due_now(&mut self, moment: &Moment) {
        self.planned_at = moment.now;
        self.planned_uptime_s = moment.uptime_s;
        self.next_at = moment.now;
    }

    /// Counts a question, and the time that passed since it was planned.
    pub(crate) fn ask(&mut self, moment: &Moment) {
        self.asked = self.asked.saturating_add(1);
        let counted = self.void_statement(moment);
        // What a statement has counted is not counted again.
        let since = self.planned_uptime_s.max(counted);
        let passed_s = match (since, moment.uptime_s) {
            (Some(planned), Some(now)) => now.saturating_sub(planned),
            _ => self.planned_s(moment.now),
        };
        self.age_s = self
            .age_s
            .saturating_add(u32::try_from(passed_s).unwrap_or(u32::MAX));
    }

    /// What has passed of the planned wait, by the wall clock.
    fn planned_s(&self, now: Timestamp) -> u64 {
        let seconds = |to: Timestamp| to.as_second().saturating_sub(self.planned_at.as_second());
        u64::try_from(seconds(now).clamp(0, seconds(self.next_at).max(0))).unwrap_or_default()
    }

    /// Whether the latest question was asked at least `seconds` after `age_s`. Its own age counts, not that of its
    /// answer, which may have been long on the way.
    pub(crate) const fn asked_beyond(&self, age_s: u32, seconds: u32) -> bool {
        self.age_s.saturating_sub(age_s) >= seconds
    }

    /// Seconds from the doubt until `now`, as far as the wall clock tells.
    #[must_use]
    pub fn lasted_s(&self, now: Timestamp) -> u64 {
        let seconds = now.as_second().saturating_sub(self.since.as_second());
        u64::try_from(seconds).unwrap_or_default()
    }

    /// Whether the doubt has lasted so long that a person is called, as far as the wall clock tells.
    pub(crate) fn is_too_old(&self, now: Timestamp, max_s: u32) -> bool {
        now.as_second().saturating_sub(self.since.as_second()) > i64::from(max_s)
    }
}

/// Questions that may follow each other at once.
const ASKED_AT_ONCE_MAX: u32 = 3;
