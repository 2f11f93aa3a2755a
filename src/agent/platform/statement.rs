//! The centre's statement of some days, as the platform hands it out. Nothing here moves anything.

use jiff::civil::DateTime;
use zhijie_model::MessageId;
use zhijie_settlement::Operator;
use zhijie_uplink::{Delivery, Silence};
use zhijie_wire::{
    Compared, Draft, EncodeError, Fetched, FileTicket, Message, RowsAsked, RowsCompared, Stored, Totals,
    Unequal, Unreadable, draft_fetch, draft_rows, draft_totals, draft_upload, read_fetch, read_rows,
    read_totals, read_upload, responded_at,
};

use super::{Platform, Trouble};
use crate::faults::TURNED_AWAY;
use crate::reading::{is_turned_away, not_sent};
use crate::routes::{Heard, Leave, Passage};

/// Largest file that is fetched.
const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// An answer as it came.
struct Came {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl Platform {
    /// Stores a file, and tells when the centre took it: Beijing wall clock.
    ///
    /// # Errors
    /// [`Trouble`]; sending it again does no harm.
    pub async fn store_file(
        &self,
        (name, file): (&str, &[u8]),
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<(FileTicket, Option<DateTime>), Trouble> {
        let head = self.head(message_id, self.sender.care_area, operator, self.clock.now());
        let draft = draft_upload(name, file, &head, &self.profile);
        let (message, came, leave) = self.read_only(draft).await?;
        let clear = self.clear(&message, &came.body);
        let read = clear.and_then(|clear| Ok((read_upload(&clear, &self.profile)?, responded_at(&clear))));
        match self.understood(read, came.status, leave)? {
            (Stored::Ticket(ticket), at) => Ok((ticket, at)),
            (Stored::Refused(refusal), _) => {
                self.lost_sign_in(&refusal, operator);
                Err(Trouble::Refused(refusal))
            }
        }
    }

    /// Has the centre compare rows; the file that differs can be fetched then.
    ///
    /// # Errors
    /// [`Trouble`]; asking again does no harm.
    pub async fn compare_rows(
        &self,
        asked: &RowsAsked<'_>,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<(FileTicket, Option<DateTime>), Trouble> {
        let head = self.head(message_id, self.sender.care_area, operator, self.clock.now());
        let draft = draft_rows(asked, &head, &self.profile);
        let (message, came, leave) = self.read_only(draft).await?;
        let clear = self.clear(&message, &came.body);
        let read = clear.and_then(|clear| read_rows(&clear, &self.profile));
        match self.understood(read, came.status, leave)? {
            RowsCompared::File(ticket, at) => Ok((ticket, at)),
            RowsCompared::Refused(refusal) => {
                self.lost_sign_in(&refusal, operator);
                Err(Trouble::Refused(refusal))
            }
        }
    }

    /// Has the centre compare totals; what it has otherwise, if anything.
    ///
    /// # Errors
    /// [`Trouble`]; asking again does no harm.
    pub async fn compare_totals(
        &self,
        totals: &Totals,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<Option<Unequal>, Trouble> {
        let head = self.head(message_id, self.sender.care_area, operator, self.clock.now());
        let draft = draft_totals(totals, &head, &self.profile);
        let (message, came, leave) = self.read_only(draft).await?;
        let clear = self.clear(&message, &came.body);
        let read = clear.and_then(|clear| read_totals(&clear, &self.profile));
        match self.understood(read, came.status, leave)? {
            Compared::Balanced => Ok(None),
            Compared::Unequal(unequal) => Ok(Some(unequal)),
            Compared::Refused(refusal) => {
                self.lost_sign_in(&refusal, operator);
                Err(Trouble::Refused(refusal))
            }
        }
    }

    /// Fetches a file.
    ///
    /// # Errors
    /// [`Trouble`]; fetching again does no harm while the file lies there.
    pub async fn fetch_statement(
        &self,
        ticket: &FileTicket,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<Vec<u8>, Trouble> {
        let head = self.head(message_id, self.sender.care_area, operator, self.clock.now());
        let draft = draft_fetch(ticket, &head, &self.profile);
        let (_, came, leave) = self.read_only(draft).await?;
        let read = read_fetch(
            came.status,
            came.content_type.as_deref(),
            came.body,
            &self.profile,
        );
        match self.understood(read, came.status, leave)? {
            Fetched::File(file) => Ok(file),
            Fetched::Refused(refusal) => Err(Trouble::Refused(refusal)),
        }
    }

    /// Sends a call that changes nothing, unless a route of it is closed.
    async fn read_only(&self, draft: Result<Draft, EncodeError>) -> Result<(Message, Came, Leave), Trouble> {
        let message = self.sealed(draft)?;
        let now = self.clock.now();
        let leave = self.routes.admit(&Passage::STATEMENT, now);
        let leave = leave.map_err(|closed| Trouble::NotSent(closed.not_sent()))?;
        let timeout = self.profile.timeouts.of(message.transaction.class());
        let delivery = self.uplink.fetch(&message, timeout, FILE_BYTES_MAX, now).await;
        let trouble = match delivery {
            Delivery::NotSent(reason) => Trouble::NotSent(not_sent(reason)),
            Delivery::Unknown(Silence::TlsAlert) => Trouble::TlsAlert,
            Delivery::Unknown(silence) => Trouble::Lost(format!("{silence:?}")),
            Delivery::Answered {
                status,
                content_type,
                body,
            } => {
                let came = Came {
                    status,
                    content_type,
                    body,
                };
                return Ok((message, came, leave));
            }
        };
        let heard = Heard::of_read(Err(&trouble), &self.profile.words);
        leave.heard(heard, self.clock.now());
        Err(trouble)
    }

    fn understood<T>(&self, read: Result<T, Unreadable>, status: u16, leave: Leave) -> Result<T, Trouble> {
        let read = read.map_err(|unreadable| {
            if is_turned_away(status) {
                Trouble::TurnedAway(self.with_clock(format!("{TURNED_AWAY}, status {status}")))
            } else {
                Trouble::Unreadable(unreadable)
            }
        });
        let heard = Heard::of_read(read.as_ref().map(|_| ()), &self.profile.words);
        leave.heard(heard, self.clock.now());
        read
    }

    fn lost_sign_in(&self, refusal: &zhijie_model::Refusal, operator: &Operator) {
        if refusal.sign_in_lost {
            self.forget_sign_in(&operator.code);
        }
    }
}
