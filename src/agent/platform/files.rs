//! Files of the catalogue, and own items told to the centre: neither is a call of a bill nor a question about a person.

use std::time::Duration;

use zhijie_model::{CatalogueFile, MappingCall, MappingReply, MessageId, Refusal, Transaction};
use zhijie_settlement::{NotSent, Operator};
use zhijie_uplink::Delivery;
use zhijie_wire::{
    Draft, EncodeError, Fetched, FileTicket, Message, Unreadable, draft_fetch, draft_mapping, read_fetch,
    read_mapping,
};

use super::{Platform, Trouble};
use crate::reading::not_sent;
use crate::routes::{Heard, Passage};

/// Largest file of the catalogue, in bytes; a whole list has some tens of millions.
const FILE_BYTES_MAX: usize = 128 * 1024 * 1024;
/// How long a file may take on a slow line.
const FETCH_MAX: Duration = Duration::from_secs(600);

impl Platform {
    /// Fetches a file once. Changes nothing at the centre; may be asked again.
    ///
    /// # Errors
    /// [`Trouble`], a refusal included.
    pub async fn fetch(
        &self,
        file: &CatalogueFile,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<Vec<u8>, Trouble> {
        let head = self.head(message_id, self.sender.care_area, operator, self.clock.now());
        let ticket = FileTicket {
            number: file.number.clone(),
            name: file.name.clone(),
            until: file.until,
        };
        let message = self.sealed(draft_fetch(&ticket, &head, &self.profile))?;
        let read = |status: u16, kind: Option<String>, body: Vec<u8>| {
            read_fetch(status, kind.as_deref(), body, &self.profile)
        };
        match self
            .catalogue_call(&message, operator, read, |fetched| match fetched {
                Fetched::Refused(refusal) => Some(refusal),
                Fetched::File(_) => None,
            })
            .await?
        {
            Fetched::File(bytes) => Ok(bytes),
            Fetched::Refused(refusal) => Err(Trouble::Refused(refusal)),
        }
    }

    /// Changes what the centre knows of an own item; sent once.
    ///
    /// # Errors
    /// [`Trouble`], a refusal included. After [`Trouble::Lost`] and [`Trouble::Unreadable`] nobody knows whether it was done.
    pub async fn map(
        &self,
        call: &MappingCall,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<(), Trouble> {
        let head = self.head(message_id, self.sender.care_area, operator, self.clock.now());
        let message = self.sealed(draft_mapping(call, &head, &self.profile))?;
        let read = |_: u16, _: Option<String>, body: Vec<u8>| {
            read_mapping(call, &self.clear(&message, &body)?, &self.profile)
        };
        match self
            .catalogue_call(&message, operator, read, |reply| match reply {
                MappingReply::Refused { refusal } => Some(refusal),
                MappingReply::Done { .. } => None,
            })
            .await?
        {
            MappingReply::Done { .. } => Ok(()),
            MappingReply::Refused { refusal } => Err(Trouble::Refused(refusal)),
        }
    }

    pub(super) fn sealed(&self, draft: Result<Draft, EncodeError>) -> Result<Message, Trouble> {
        let sealed = draft.and_then(|draft| draft.seal(&*self.keys));
        sealed.map_err(|error| {
            Trouble::NotSent(NotSent::NotEncodable {
                evidence: error.to_string(),
            })
        })
    }

    /// One exchange, unless the route is closed.
    async fn catalogue_call<T>(
        &self,
        message: &Message,
        operator: &Operator,
        read: impl FnOnce(u16, Option<String>, Vec<u8>) -> Result<T, Unreadable>,
        refusal: impl Fn(&T) -> Option<&Refusal>,
    ) -> Result<T, Trouble> {
        let now = self.clock.now();
        let leave = self.routes.admit(&Passage::CATALOGUE, now);
        let leave = leave.map_err(|closed| Trouble::NotSent(closed.not_sent()))?;
        let delivery = if message.transaction == Transaction::FetchFile {
            self.uplink.fetch(message, FETCH_MAX, FILE_BYTES_MAX, now).await
        } else {
            self.deliver(message, now).await
        };
        let reply = match delivery {
            Delivery::NotSent(reason) => Err(Trouble::NotSent(not_sent(reason))),
            Delivery::Unknown(silence) => Err(Trouble::Lost(format!("{silence:?}"))),
            Delivery::Answered {
                status,
                content_type,
                body,
            } => read(status, content_type, body).map_err(Trouble::Unreadable),
        };
        let heard = match &reply {
            Ok(_) => Heard::Answered,
            Err(trouble) => Heard::of_inquiry(Err(trouble), &self.profile.words),
        };
        leave.heard(heard, self.clock.now());
        if let Ok(reply) = &reply {
            self.answered_well(now);
            if refusal(reply).is_some_and(|refusal| refusal.sign_in_lost) {
                self.forget_sign_in(&operator.code);
            }
        }
        reply
    }
}
