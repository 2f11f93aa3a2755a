//! The request that waits, the card that is read for it, and what that card asks meanwhile.

use zhijie_ports::{FromHelper, KEY_LIMIT_MS, KeyAnswer, KeyAsk, PAD_LIMIT_MS, PinTask, ReadRequest};

use super::{CARD_LIMIT_MS, Effect, Hub};
use crate::workers::Job;

#[derive(Debug)]
pub(super) struct Pending {
    pub(super) request: ReadRequest,
    pub(super) round: u64,
    pub(super) deadline_ms: u64,
    /// When to look whether any device is there at all.
    pub(super) grace_ms: Option<u64>,
    pub(super) reading: Option<Reading>,
    /// When the vendor library is asked again.
    pub(super) again_ms: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Reading {
    pub(super) ticket: u64,
    pub(super) reader: String,
    pub(super) limit_ms: u64,
    /// It waits for a proof.
    pub(super) asks_key: bool,
    /// An e-voucher library is inside; it has the scanner until it comes back or its process ends.
    pub(super) scans: bool,
}

impl Pending {
    /// From now on a card is read for this request.
    pub(super) fn read(&mut self, ticket: u64, reader: &str, limit_ms: u64) -> Job {
        self.again_ms = None;
        let typing_ms = match self.request.pin {
            Some(PinTask::Pad { .. }) => PAD_LIMIT_MS,
            Some(PinTask::Ask | PinTask::Present(_)) | None => 0,
        };
        let voucher = self.request.voucher.take();
        let limit_ms = limit_ms.saturating_add(typing_ms);
        self.reading = Some(Reading {
            ticket,
            reader: String::from(reader),
            // Nobody sees whether it waits for a code: the read's own time ends it.
            limit_ms: match voucher {
                Some(_) => limit_ms.min(self.deadline_ms),
                None => limit_ms,
            },
            asks_key: false,
            scans: voucher.is_some(),
        });
        Job {
            ticket,
            today: self.request.today,
            pin: self.request.pin.take(),
            voucher,
            keys: self.request.keys,
        }
    }
}

impl Hub {
    /// The card waits, and the clock for it stands still meanwhile. A card nobody waits for any more is let go.
    pub(super) fn key_asked(&mut self, ticket: u64, ask: KeyAsk, now_ms: u64) {
        let Some(pending) = &mut self.pending else { return };
        let Some(reading) = pending
            .reading
            .as_mut()
            .filter(|reading| reading.ticket == ticket)
        else {
            return;
        };
        reading.asks_key = true;
        reading.limit_ms = now_ms.saturating_add(KEY_LIMIT_MS).saturating_add(CARD_LIMIT_MS);
        let id = pending.request.id;
        self.effects.push(Effect::Say(FromHelper::KeyAsk { id, ask }));
    }

    pub(super) fn key_told(&mut self, id: u64, answer: KeyAnswer, now_ms: u64) {
        let Some(pending) = self.pending.as_mut().filter(|pending| pending.request.id == id) else {
            return;
        };
        if let Some(reading) = &mut pending.reading
            && core::mem::take(&mut reading.asks_key)
        {
            reading.limit_ms = now_ms.saturating_add(CARD_LIMIT_MS);
            self.effects.push(Effect::Key {
                reader: reading.reader.clone(),
                ticket: reading.ticket,
                answer,
            });
        }
    }
}
