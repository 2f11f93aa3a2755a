//! One thread per reader, each with its own connection to the card service.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, SyncSender, channel};

use jiff::civil::Date;
use zhijie_model::Private;
use zhijie_pcsc::{Nudge, Reader, ReaderPhase, card_service_users};
use zhijie_ports::{CardKind, CardReader, DeviceFault, KeyAnswer, Outcome, PinTask};
use zhijie_vendor::{
    IdReader, IdReaderSettings, VendorReader, VendorSettings, VoucherLibrary, VoucherSettings,
};

use crate::hub::Input;
use crate::keys::{PipeKeys, Told};

/// Hanging threads that are left alone before the process gives way to a fresh one.
const ABANDONED_MAX: u32 = 3;

pub(crate) struct Workers {
    inputs: SyncSender<Input>,
    /// Reads all cards, when there is one.
    vendor: Option<Foreign>,
    /// The watch of readers and cards.
    watch: Nudge,
    running: BTreeMap<String, Worker>,
    abandoned: u32,
}

/// A library of somebody else's that stands in for all card readers.
#[derive(Debug, Clone)]
pub(crate) enum Foreign {
    Cards(VendorSettings),
    ResidentId(IdReaderSettings),
    /// Reads no card, but scans and decodes e-vouchers.
    Voucher(VoucherSettings),
}

impl Foreign {
    /// Its file's name.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Cards(settings) => settings.shown(),
            Self::ResidentId(settings) => settings.shown(),
            Self::Voucher(settings) => settings.shown(),
        }
    }
}

struct Worker {
    jobs: Sender<Job>,
    keys: Sender<Told>,
    phase: ReaderPhase,
}

/// One card to be read, or its PIN to be seen to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) ticket: u64,
    pub(crate) today: Date,
    pub(crate) pin: Option<PinTask>,
    /// For an e-voucher library.
    pub(crate) voucher: Option<Private>,
    /// The daemon has a key service.
    pub(crate) keys: bool,
}

impl Workers {
    /// `watch` is told whenever a reading has asked the card service.
    pub(crate) const fn new(inputs: SyncSender<Input>, vendor: Option<Foreign>, watch: Nudge) -> Self {
        Self {
            inputs,
            vendor,
            watch,
            running: BTreeMap::new(),
            abandoned: 0,
        }
    }

    /// Has the reader's thread read the card; the result comes back as [`Input::CardRead`].
    pub(crate) fn read(&mut self, reader: &str, job: Job) {
        let ticket = job.ticket;
        let worker = self.running.entry(String::from(reader)).or_insert_with(|| {
            let inputs = self.inputs.clone();
            match self.vendor.clone() {
                Some(Foreign::Cards(vendor)) => {
                    let open = || Some(card_work(VendorReader::new(vendor)));
                    Worker::over(ReaderPhase::default(), inputs, open, || {})
                }
                Some(Foreign::ResidentId(settings)) => {
                    let open = || Some(id_work(IdReader::new(settings)));
                    Worker::over(ReaderPhase::default(), inputs, open, || {})
                }
                Some(Foreign::Voucher(settings)) => {
                    let open = || Some(voucher_work(VoucherLibrary::new(settings)));
                    Worker::over(ReaderPhase::default(), inputs, open, || {})
                }
                None => Worker::start(reader, inputs, self.watch.clone()),
            }
        });
        if worker.jobs.send(job).is_err() {
            self.running.remove(reader);
            let result = Err(DeviceFault::NoReader);
            // The loop that would take it is the caller; a full queue means it is busy enough to ask again.
            let _ = self.inputs.try_send(Input::CardRead { ticket, result });
        }
    }

    /// Hands a proof, or why there is none, to the reading that waits for it.
    pub(crate) fn tell_key(&self, reader: &str, ticket: u64, answer: KeyAnswer) {
        if let Some(worker) = self.running.get(reader) {
            // A thread that has ended waits for nothing.
            let _ = worker.keys.send(Told { ticket, answer });
        }
    }

    /// Leaves a hanging thread to itself and says what it hangs on. The next reading gets a new thread.
    pub(crate) fn abandon(&mut self, reader: &str) -> DeviceFault {
        self.abandoned += 1;
        if self.vendor.is_some() {
            return DeviceFault::VendorSilent;
        }
        self.running
            .remove(reader)
            .map_or(DeviceFault::ReaderSilent, |worker| {
                with_holders(worker.phase.fault())
            })
    }

    /// Too many threads hang; only ending the process frees them. A library is not called on two threads, so there the
    /// first one is too many.
    pub(crate) const fn worn_out(&self) -> bool {
        self.abandoned > ABANDONED_MAX || (self.abandoned > 0 && self.vendor.is_some())
    }
}

/// What a card reader does for one job.
fn card_work(
    mut reader: impl CardReader,
) -> impl FnMut(&Job, &mut PipeKeys<'_>) -> Result<Outcome, DeviceFault> {
    move |job, keys| match &job.pin {
        None => reader
            .read_card(job.today, keys)
            .map(|card| Outcome::Card(Box::new(card))),
        Some(task) => reader.pin(task).map(Outcome::Pin),
    }
}

/// What a resident ID reader does for one job; it knows of no PIN.
fn id_work(mut reader: IdReader) -> impl FnMut(&Job, &mut PipeKeys<'_>) -> Result<Outcome, DeviceFault> {
    move |job, _keys| match &job.pin {
        None => reader.read(job.today).map(|card| Outcome::IdCard(Box::new(card))),
        Some(_) => Err(DeviceFault::NotSocialSecurityCard {
            kind: CardKind::ResidentId,
        }),
    }
}

/// What an e-voucher library does for one job; it knows of no card.
fn voucher_work(
    mut library: VoucherLibrary,
) -> impl FnMut(&Job, &mut PipeKeys<'_>) -> Result<Outcome, DeviceFault> {
    move |job, _keys| match &job.voucher {
        Some(request) => library.ask(request).map(Outcome::Voucher),
        None => Err(DeviceFault::NoReader),
    }
}

/// Names who may hold a reader that is busy.
fn with_holders(fault: DeviceFault) -> DeviceFault {
    match fault {
        DeviceFault::ReaderBusy { .. } => DeviceFault::ReaderBusy {
            by: card_service_users(),
        },
        other => other,
    }
}

impl Worker {
    fn start(reader: &str, inputs: SyncSender<Input>, watch: Nudge) -> Self {
        let phase = ReaderPhase::default();
        let opened = Reader::new(reader, phase.clone()).ok();
        Self::over(
            phase,
            inputs,
            || opened.map(card_work),
            move || watch.look_again(),
        )
    }

    fn over<W: FnMut(&Job, &mut PipeKeys<'_>) -> Result<Outcome, DeviceFault>>(
        phase: ReaderPhase,
        inputs: SyncSender<Input>,
        open: impl FnOnce() -> Option<W> + Send + 'static,
        done: impl Fn() + Send + 'static,
    ) -> Self {
        let (jobs, received) = channel::<Job>();
        let (keys, told) = channel::<Told>();
        std::thread::spawn(move || {
            let Some(mut work) = open() else { return };
            for job in received {
                let mut keys = PipeKeys {
                    ticket: job.ticket,
                    at_hand: job.keys,
                    inputs: &inputs,
                    told: &told,
                };
                // An error code the PC/SC binding does not know may panic; the thread and its reader survive.
                let result = catch_unwind(AssertUnwindSafe(|| work(&job, &mut keys)))
                    .unwrap_or(Err(DeviceFault::ReaderFailed { code: 0 }))
                    .map_err(with_holders);
                if inputs
                    .send(Input::CardRead {
                        ticket: job.ticket,
                        result,
                    })
                    .is_err()
                {
                    return;
                }
                done();
            }
        });
        Self { jobs, keys, phase }
    }
}
