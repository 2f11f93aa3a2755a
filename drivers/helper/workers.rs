//! One thread per reader, each with its own connection to the card service.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, SyncSender, channel};

use jiff::civil::Date;
use zhijie_pcsc::{Reader, ReaderPhase};
use zhijie_ports::{CardReader, DeviceFault, KeyAnswer, Outcome, PinTask};
use zhijie_vendor::{VendorReader, VendorSettings};

use crate::hub::Input;
use crate::keys::{PipeKeys, Told};

/// Hanging threads that are left alone before the process gives way to a fresh one.
const ABANDONED_MAX: u32 = 3;

pub(crate) struct Workers {
    inputs: SyncSender<Input>,
    /// Reads all cards, when there is one.
    vendor: Option<VendorSettings>,
    running: BTreeMap<String, Worker>,
    abandoned: u32,
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
    /// The daemon has a key service.
    pub(crate) keys: bool,
}

impl Workers {
    pub(crate) fn new(inputs: SyncSender<Input>, vendor: Option<VendorSettings>) -> Self {
        Self {
            inputs,
            vendor,
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
                Some(vendor) => {
                    Worker::over(ReaderPhase::default(), inputs, || Some(VendorReader::new(vendor)))
                }
                None => Worker::start(reader, inputs),
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
            .map_or(DeviceFault::ReaderSilent, |worker| worker.phase.fault())
    }

    /// Too many threads hang; only ending the process frees them. A library is not called on two threads, so there the
    /// first one is too many.
    pub(crate) const fn worn_out(&self) -> bool {
        self.abandoned > ABANDONED_MAX || (self.abandoned > 0 && self.vendor.is_some())
    }
}

impl Worker {
    fn start(reader: &str, inputs: SyncSender<Input>) -> Self {
        let phase = ReaderPhase::default();
        let opened = Reader::new(reader, phase.clone()).ok();
        Self::over(phase, inputs, || opened)
    }

    fn over<R: CardReader + 'static>(
        phase: ReaderPhase,
        inputs: SyncSender<Input>,
        open: impl FnOnce() -> Option<R> + Send + 'static,
    ) -> Self {
        let (jobs, received) = channel::<Job>();
        let (keys, told) = channel::<Told>();
        std::thread::spawn(move || {
            let Some(mut reader) = open() else { return };
            for job in received {
                let mut keys = PipeKeys {
                    ticket: job.ticket,
                    at_hand: job.keys,
                    inputs: &inputs,
                    told: &told,
                };
                // An error code the PC/SC binding does not know may panic; the thread and its reader survive.
                let result = catch_unwind(AssertUnwindSafe(|| match &job.pin {
                    None => reader
                        .read_card(job.today, &mut keys)
                        .map(|card| Outcome::Card(Box::new(card))),
                    Some(task) => reader.pin(task).map(Outcome::Pin),
                }))
                .unwrap_or(Err(DeviceFault::ReaderFailed { code: 0 }));
                if inputs
                    .send(Input::CardRead {
                        ticket: job.ticket,
                        result,
                    })
                    .is_err()
                {
                    return;
                }
            }
        });
        Self { jobs, keys, phase }
    }
}
