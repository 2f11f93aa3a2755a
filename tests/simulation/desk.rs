//! One desk: the agent's real loop over its real ledger, and the hospital's software in front of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::oneshot;
use zhijie_agent::clock::Clock;
use zhijie_agent::core::{Begin, Core, Figures, Found, Input, Key};
use zhijie_agent::events::Events;
use zhijie_ledger::{Ledger, Machine, OpenError, Opening};
use zhijie_model::{BillId, InstitutionCode, MessageId, RequestId};
use zhijie_tests::disk::{Disk, Outage};
use zhijie_wire::Profile;

use crate::clock::SimClock;
use crate::outside::{Shared, SimOutside, lock};
use crate::people;
use crate::request::Request;

pub(crate) struct Desk {
    pub(crate) slot: usize,
    path: PathBuf,
    pub(crate) disk: Arc<Disk>,
    pub(crate) profile: Arc<Profile>,
    pub(crate) clock: Arc<SimClock>,
    /// How far this PC's clock is off.
    pub(crate) offset_ms: i64,
    pub(crate) link: Shared,
    core: Option<Core<SimOutside>>,
    /// Which run of the agent this is; what was meant for an earlier one is lost.
    pub(crate) run: u32,
    pub(crate) asleep_until: i64,
    /// When the loop is looked at for its timers next.
    pub(crate) timer_at: i64,
    waiting: Vec<(Request, oneshot::Receiver<Arc<str>>)>,
    pub(crate) asking: Option<Request>,
}

/// The files of a ledger.
#[derive(Debug, Clone)]
pub(crate) struct Copy {
    ledger: Option<Vec<u8>>,
    log: Option<Vec<u8>>,
}

/// How an agent ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// By itself, its ledger closed.
    Stopped,
    Killed,
    PowerCut,
}

/// What a question to the loop led to.
pub(crate) enum Reached {
    Told(Arc<str>),
    Waits,
    /// The loop waits for the event of this request.
    Claimed,
    OtherBody,
    Down,
}

impl Desk {
    pub(crate) fn new(slot: usize, dir: &Path, profile: Arc<Profile>) -> Self {
        let folder = dir.join(format!("desk-{slot}"));
        fs::create_dir(&folder).unwrap();
        let folder = folder.canonicalize().unwrap();
        Self {
            slot,
            path: folder.join("desk.db"),
            disk: Arc::new(Disk::under(&folder)),
            profile,
            clock: Arc::new(SimClock::new()),
            offset_ms: 0,
            link: Shared::default(),
            core: None,
            run: 0,
            asleep_until: 0,
            timer_at: i64::MAX,
            waiting: Vec::new(),
            asking: None,
        }
    }

    /// A copy of the ledger, made while the agent is down.
    pub(crate) fn copy(&self) -> Copy {
        let read = |suffix: &str| fs::read(self.file(suffix)).ok();
        Copy {
            ledger: read(""),
            log: read("-wal"),
        }
    }

    /// Puts a copy in the place of the ledger.
    pub(crate) fn put_back(&self, copy: Copy) {
        self.disk.put(&self.file(""), copy.ledger);
        self.disk.put(&self.file("-wal"), copy.log);
        let _ = fs::remove_file(self.file("-shm"));
    }

    fn file(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.as_os_str().to_owned();
        path.push(suffix);
        PathBuf::from(path)
    }

    /// A person takes the copy for the desk's ledger.
    pub(crate) fn accept(&self) -> Result<(), OpenError> {
        Ledger::accept(&self.path, &self.opening()).map(drop)
    }

    fn opening(&self) -> Opening {
        Opening {
            institution: InstitutionCode::new(people::INSTITUTION).unwrap(),
            desk_slot: u8::try_from(self.slot).unwrap(),
            now: self.clock.now(),
            machine: Machine::default(),
        }
    }

    /// Starts the agent, unless its disk does not let it.
    pub(crate) fn start(&mut self) -> Result<(), OpenError> {
        let ledger = Ledger::open(&self.path, &self.opening())?;
        let outside = SimOutside {
            link: Arc::clone(&self.link),
            ledger: Ledger::open_read_only(&self.path)?,
            disk: Arc::clone(&self.disk),
            profile: Arc::clone(&self.profile),
        };
        self.run += 1;
        self.clock.start();
        let mut core = Core::new(
            ledger,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            outside,
            Events::default(),
        );
        core.take_up_open_bills();
        self.core = Some(core);
        Ok(())
    }

    /// The agent is gone with everything it held in memory: from one instruction to the next, with the power where
    /// `death` says so, or after it closed its ledger.
    pub(crate) fn end(&mut self, death: Death, chance: &mut dyn FnMut() -> bool) {
        if death != Death::Stopped {
            self.disk.switch_off();
        }
        self.core = None;
        if self.disk.is_off() {
            let killed = death == Death::Killed;
            let outage = if killed { Outage::Killed } else { Outage::PowerCut };
            self.disk.switch_on(outage, chance);
        }
        self.disk.heal();
        self.waiting.clear();
        self.asking = None;
        *lock(&self.link) = crate::outside::Link::default();
    }

    pub(crate) const fn is_up(&self) -> bool {
        self.core.is_some()
    }

    pub(crate) const fn core(&mut self) -> &mut Core<SimOutside> {
        self.core.as_mut().expect("the desk is up")
    }

    pub(crate) fn begin(&mut self, asked: zhijie_agent::core::Asked, request: &Request) -> Reached {
        let (reply, mut answer) = oneshot::channel();
        self.core().handle(Input::Begin { asked, reply });
        match answer.try_recv().unwrap() {
            Begin::Go(receiver) => {
                self.waiting.push((request.clone(), receiver));
                Reached::Claimed
            }
            Begin::Wait(receiver) => {
                self.waiting.push((request.clone(), receiver));
                Reached::Waits
            }
            Begin::Answered(text) => Reached::Told(text),
            Begin::OtherBody => Reached::OtherBody,
            Begin::LedgerDown => Reached::Down,
        }
    }

    /// The event of a claimed request.
    pub(crate) fn ask(&mut self, request: &Request) {
        self.asking = Some(request.clone());
        self.core().handle(Input::Ask {
            request: request.id.clone(),
            bill: request.bill.clone(),
            event: request.event.clone(),
        });
    }

    /// Answers that have come since.
    pub(crate) fn answers(&mut self) -> Vec<(Request, Arc<str>)> {
        let mut come = Vec::new();
        self.waiting
            .retain_mut(|(request, receiver)| match receiver.try_recv() {
                Ok(text) => {
                    come.push((request.clone(), text));
                    false
                }
                Err(oneshot::error::TryRecvError::Empty) => true,
                Err(oneshot::error::TryRecvError::Closed) => false,
            });
        come
    }

    /// What the ledger holds for a request, read through a connection of its own; nothing while the disk does not
    /// have it for certain.
    pub(crate) fn stored(&mut self, request: &RequestId) -> Option<String> {
        if !self.disk.is_flushed("-wal") && !self.figures().ledger_down {
            return None;
        }
        let stored = self.core().outside().ledger.answer(request).unwrap();
        stored.map(|stored| stored.answer)
    }

    /// The bill a settlement request in the ledger is for, of a visit or a purchase.
    pub(crate) fn settles(&mut self, message: &MessageId) -> Option<BillId> {
        let intent = self.core().outside().ledger.intent(message).unwrap()?;
        let settles = ["2207", "2102", "2260"]
            .iter()
            .any(|number| intent.transaction.starts_with(number));
        intent.bill.filter(|_| settles)
    }

    pub(crate) fn new_message_id(&mut self) -> Option<MessageId> {
        let (reply, mut answer) = oneshot::channel();
        self.core().handle(Input::NewMessageId { reply });
        answer.try_recv().unwrap()
    }

    pub(crate) fn figures(&mut self) -> Figures {
        let (reply, mut answer) = oneshot::channel();
        self.core().handle(Input::Figures { reply });
        answer.try_recv().unwrap()
    }

    pub(crate) fn find(&mut self, key: Key) -> Option<Found> {
        let (reply, mut answer) = oneshot::channel();
        self.core().handle(Input::Find { key, reply });
        answer.try_recv().unwrap().unwrap()
    }

    pub(crate) fn ledger_verifies(&self) -> Result<(), String> {
        let reader = Ledger::open_read_only(&self.path).unwrap();
        zhijie_ledger::verify(&reader, |_, _| ())
            .map(drop)
            .map_err(|error| error.to_string())
    }

    pub(crate) fn set_clock(&self, now_ms: i64) {
        self.clock.set(now_ms, self.offset_ms);
    }
}
