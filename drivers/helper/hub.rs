//! Decides what to do with what the daemon asks and the devices tell. No thread, no device, no clock in here.

#[cfg(test)]
mod hostile;
mod lending;
mod reading;
mod scanned;
mod waiting;

use std::collections::BTreeMap;

use zhijie_pcsc::CardNotice;
use zhijie_ports::{
    DeviceEvent, DeviceFault, FromHelper, HelperNetwork, HelperStatus, KeyAnswer, KeyAsk, Outcome,
    PIPE_VERSION, ReadRequest, ReaderState, ScannerState, ToHelper,
};
use zhijie_scanner::ScannerNotice;

use crate::hub::lending::Lending;
use crate::hub::reading::Pending;
use crate::hub::scanned::Ignored;
use crate::workers::Job;

/// How long a missing device may take to appear before a request is told that there is none.
pub(crate) const GRACE_MS: u64 = 1_500;
/// How long one card may take to be read.
pub(crate) const CARD_LIMIT_MS: u64 = 6_000;
/// Pause before a vendor library that saw no card is asked again: it cannot tell when one comes.
pub(crate) const VENDOR_PAUSE_MS: u64 = 400;

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Input {
    Daemon(ToHelper),
    /// The daemon closed the pipe or speaks another language.
    DaemonGone,
    Card(CardNotice),
    CardRead {
        ticket: u64,
        result: Result<Outcome, DeviceFault>,
    },
    /// A card waits for the proof of a key service.
    KeyAsked {
        ticket: u64,
        ask: Box<KeyAsk>,
    },
    Scanner(ScannerNotice),
    /// A deadline may have passed.
    Tick,
}

/// Something to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Say(FromHelper),
    ReadCard {
        reader: String,
        job: Job,
    },
    /// For the card that waits.
    Key {
        reader: String,
        ticket: u64,
        answer: KeyAnswer,
    },
    /// The reader's thread hangs: leave it alone and tell request `id` why.
    GiveUp {
        reader: String,
        id: u64,
    },
    Arm {
        round: u64,
    },
    /// Close the scanner's port.
    Lend,
    /// Open it again.
    Resume,
    Exit,
    /// End without running anything more: foreign code wrote where it must not, or has the scanner and does not give it back.
    Die,
}

#[derive(Debug)]
pub(crate) struct Hub {
    greeted: bool,
    cards: bool,
    service_up: bool,
    surveyed: bool,
    readers: BTreeMap<String, Seat>,
    vendor: Option<Vendor>,
    scanner: ScannerState,
    network: HelperNetwork,
    lending: Lending,
    ignored: Ignored,
    counter: u64,
    pending: Option<Pending>,
    effects: Vec<Effect>,
}

/// A library that stands in for all card readers.
#[derive(Debug)]
struct Vendor {
    name: String,
    limit_ms: u64,
    /// Calls under way; more than one only while a call nobody waits for any more still runs.
    calls: u32,
}

#[derive(Debug, Default)]
struct Seat {
    present: bool,
    mute: bool,
    insertion: u32,
}

impl Hub {
    /// `cards` and `scanner` tell which devices are configured.
    pub(crate) fn new(cards: bool, scanner: bool) -> Self {
        Self {
            greeted: false,
            cards,
            service_up: false,
            surveyed: false,
            readers: BTreeMap::new(),
            vendor: None,
            scanner: if scanner {
                ScannerState::Lost(DeviceFault::ScannerUnplugged)
            } else {
                ScannerState::NotConfigured
            },
            network: HelperNetwork::NotTold,
            lending: Lending::default(),
            ignored: Ignored::default(),
            counter: 0,
            pending: None,
            effects: Vec::new(),
        }
    }

    /// Cards are read by this library alone; one call may take `limit_ms`.
    pub(crate) fn with_vendor(mut self, name: String, limit_ms: u64) -> Self {
        self.vendor = Some(Vendor {
            name,
            limit_ms,
            calls: 0,
        });
        self
    }

    pub(crate) const fn with_network(mut self, network: HelperNetwork) -> Self {
        self.network = network;
        self
    }

    /// When [`Input::Tick`] is due at the latest.
    pub(crate) fn next_deadline_ms(&self) -> Option<u64> {
        let of_read = self.pending.as_ref().map(|pending| match &pending.reading {
            Some(reading) => reading.limit_ms,
            None => {
                let sooner = [pending.grace_ms, pending.again_ms].into_iter().flatten();
                sooner.fold(pending.deadline_ms, u64::min)
            }
        });
        let both = [of_read, self.lending.until_ms].into_iter().flatten();
        both.min()
    }

    /// `now_ms` never goes back.
    pub(crate) fn handle(&mut self, input: Input, now_ms: u64) -> Vec<Effect> {
        // A PC that slept wakes up to what was due while it did. A card that was read meanwhile still counts.
        if !matches!(input, Input::CardRead { .. }) {
            self.deadlines(now_ms);
        }
        match input {
            Input::Daemon(message) => self.daemon(message, now_ms),
            Input::DaemonGone => self.effects.push(Effect::Exit),
            Input::Card(notice) => self.card(notice, now_ms),
            Input::CardRead { ticket, result } => self.card_read(ticket, result, now_ms),
            Input::KeyAsked { ticket, ask } => self.key_asked(ticket, *ask, now_ms),
            Input::Scanner(notice) => self.scanner(notice, now_ms),
            Input::Tick => {}
        }
        self.deadlines(now_ms);
        core::mem::take(&mut self.effects)
    }

    fn daemon(&mut self, message: ToHelper, now_ms: u64) {
        match message {
            ToHelper::Hello { version } if version == PIPE_VERSION && !self.greeted => {
                self.greeted = true;
                self.effects.push(Effect::Say(FromHelper::Hello {
                    version: PIPE_VERSION,
                    program: String::from(env!("CARGO_PKG_VERSION")),
                    pid: std::process::id(),
                }));
                self.say_status();
            }
            ToHelper::Read(request) if self.greeted => self.start(request, now_ms),
            ToHelper::Cancel { id } if self.greeted => {
                if self
                    .pending
                    .as_ref()
                    .is_some_and(|pending| pending.request.id == id)
                {
                    self.end_reading(DeviceFault::Cancelled);
                }
            }
            ToHelper::Key { id, answer } if self.greeted => self.key_told(id, answer, now_ms),
            ToHelper::Lend { id } if self.greeted => self.lend(id, now_ms),
            ToHelper::Resume if self.greeted => self.resume(),
            ToHelper::Status if self.greeted => self.say_status(),
            ToHelper::Hello { .. }
            | ToHelper::Stop
            | ToHelper::Read(_)
            | ToHelper::Cancel { .. }
            | ToHelper::Key { .. }
            | ToHelper::Lend { .. }
            | ToHelper::Resume
            | ToHelper::Status => self.effects.push(Effect::Exit),
        }
    }

    fn start(&mut self, request: ReadRequest, now_ms: u64) {
        let id = request.id;
        if self.pending.is_some() || (request.code && self.lending.until_ms.is_some()) {
            let outcome = Outcome::Fault(DeviceFault::ReadInProgress);
            return self.effects.push(Effect::Say(FromHelper::Done { id, outcome }));
        }
        let (card, code) = (request.card, request.code);
        self.counter += 1;
        self.pending = Some(Pending {
            round: self.counter,
            deadline_ms: now_ms.saturating_add(request.timeout_ms),
            grace_ms: Some(now_ms.saturating_add(GRACE_MS.min(request.timeout_ms))),
            reading: None,
            again_ms: None,
            request,
        });
        if code && self.scanner != ScannerState::NotConfigured {
            self.effects.push(Effect::Arm { round: self.counter });
        } else {
            self.say(DeviceEvent::Waiting { id });
        }
        if card && self.vendor.is_some() {
            return self.ask_vendor(now_ms);
        }
        let seated = self.readers.iter().find(|(_, seat)| seat.present);
        if card && let Some((reader, seat)) = seated {
            let (reader, mute) = (reader.clone(), seat.mute);
            self.inserted(reader, mute, now_ms);
        }
    }

    /// A card lies in the reader and a request may want it.
    fn inserted(&mut self, reader: String, mute: bool, now_ms: u64) {
        let Some(pending) = self.pending.as_mut().filter(|pending| pending.request.card) else {
            return;
        };
        if pending.reading.is_some() {
            return;
        }
        if mute {
            return self.done(Outcome::Fault(DeviceFault::CardMute));
        }
        self.counter += 1;
        let job = pending.read(self.counter, &reader, now_ms.saturating_add(CARD_LIMIT_MS));
        self.effects.push(Effect::ReadCard { reader, job });
    }

    fn card(&mut self, notice: CardNotice, now_ms: u64) {
        let event = match notice {
            CardNotice::ServiceUp => {
                self.service_up = true;
                DeviceEvent::CardServiceUp
            }
            CardNotice::ServiceDown => {
                (self.service_up, self.surveyed) = (false, false);
                self.look_again(now_ms);
                DeviceEvent::CardServiceDown
            }
            CardNotice::Surveyed => {
                self.surveyed = true;
                return;
            }
            CardNotice::ReaderConnected { reader } => {
                self.readers.insert(reader.clone(), Seat::default());
                DeviceEvent::ReaderConnected { reader }
            }
            CardNotice::ReaderDisconnected { reader } => {
                self.readers.remove(&reader);
                self.look_again(now_ms);
                DeviceEvent::ReaderDisconnected { reader }
            }
            CardNotice::Inserted { reader, insertion } => {
                self.seat(&reader, true, false, insertion);
                self.inserted(reader.clone(), false, now_ms);
                DeviceEvent::CardInserted { reader, insertion }
            }
            CardNotice::InsertedMute { reader, insertion } => {
                self.seat(&reader, true, true, insertion);
                self.inserted(reader.clone(), true, now_ms);
                DeviceEvent::CardInserted { reader, insertion }
            }
            CardNotice::Removed { reader, insertion } => {
                self.seat(&reader, false, false, insertion);
                DeviceEvent::CardRemoved { reader, insertion }
            }
        };
        self.say(event);
        self.say_status();
    }

    fn seat(&mut self, reader: &str, present: bool, mute: bool, insertion: u32) {
        self.readers.insert(
            String::from(reader),
            Seat {
                present,
                mute,
                insertion,
            },
        );
    }

    /// Has the library look for a card.
    fn ask_vendor(&mut self, now_ms: u64) {
        let (Some(pending), Some(vendor)) = (&mut self.pending, &mut self.vendor) else {
            return;
        };
        self.counter += 1;
        vendor.calls = vendor.calls.saturating_add(1);
        let (entered, reader) = (vendor.calls == 1, vendor.name.clone());
        let job = pending.read(self.counter, &reader, now_ms.saturating_add(vendor.limit_ms));
        if entered {
            self.say(DeviceEvent::VendorLibrary { inside: true });
        }
        self.effects.push(Effect::ReadCard { reader, job });
    }

    fn card_read(&mut self, ticket: u64, result: Result<Outcome, DeviceFault>, now_ms: u64) {
        let overran = result == Err(DeviceFault::VendorOverran);
        let mut left = false;
        if let Some(vendor) = &mut self.vendor {
            vendor.calls = vendor.calls.saturating_sub(1);
            left = vendor.calls == 0 && !overran;
        }
        if left {
            self.say(DeviceEvent::VendorLibrary { inside: false });
        }
        if let Some(pending) = self.pending.as_mut()
            && pending
                .reading
                .as_ref()
                .is_some_and(|reading| reading.ticket == ticket)
        {
            if self.vendor.is_some() && result == Err(DeviceFault::NoCard) {
                pending.reading = None;
                pending.again_ms = Some(now_ms.saturating_add(VENDOR_PAUSE_MS));
            } else {
                self.done(result.unwrap_or_else(Outcome::Fault));
            }
        }
        if overran {
            self.effects.push(Effect::Die);
        }
    }

    fn scanner(&mut self, notice: ScannerNotice, now_ms: u64) {
        match notice {
            ScannerNotice::Ready => {
                self.scanner = ScannerState::Ready;
                self.say(DeviceEvent::ScannerReady);
                self.say_status();
            }
            ScannerNotice::Lost(fault) => {
                self.scanner = ScannerState::Lost(fault.clone());
                self.look_again(now_ms);
                self.say(DeviceEvent::ScannerLost { fault });
                self.say_status();
            }
            ScannerNotice::Armed { round } => {
                if let Some(pending) = self.pending.as_ref().filter(|pending| pending.round == round) {
                    let id = pending.request.id;
                    self.say(DeviceEvent::Waiting { id });
                }
            }
            ScannerNotice::Lent => self.lent(),
            ScannerNotice::Scanned { round, codes } => self.scanned(round, codes, now_ms),
        }
    }

    /// A device went away under a pending request: it gets the usual time to come back.
    fn look_again(&mut self, now_ms: u64) {
        if let Some(pending) = &mut self.pending {
            pending.grace_ms = Some(now_ms.saturating_add(GRACE_MS));
        }
    }

    fn done(&mut self, outcome: Outcome) {
        if let Some(pending) = self.pending.take() {
            let id = pending.request.id;
            if let Some(reading) = pending.reading.filter(|reading| reading.asks_key) {
                self.effects.push(Effect::Key {
                    reader: reading.reader,
                    ticket: reading.ticket,
                    answer: KeyAnswer::Fault(DeviceFault::Cancelled),
                });
            }
            self.effects.push(Effect::Say(FromHelper::Done { id, outcome }));
        }
    }

    /// Before the greeting nothing is said; the greeting brings the status.
    fn say(&mut self, event: DeviceEvent) {
        if self.greeted {
            self.effects.push(Effect::Say(FromHelper::Event { event }));
        }
    }

    fn say_status(&mut self) {
        if self.greeted {
            let status = HelperStatus {
                card_service: self.service_up,
                readers: self
                    .readers
                    .iter()
                    .map(|(reader, seat)| ReaderState {
                        reader: reader.clone(),
                        card_present: seat.present,
                        insertion: seat.insertion,
                    })
                    .collect(),
                scanner: self.scanner.clone(),
                network: self.network,
            };
            self.effects.push(Effect::Say(FromHelper::Status { status }));
        }
    }
}
