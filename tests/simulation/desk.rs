//! One desk: the agent's real loop over its real ledger, and the hospital's software in front of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::oneshot;
use zhijie_agent::clock::Clock;
use zhijie_agent::core::{Begin, Core, Figures, Found, Input, Key};
use zhijie_agent::events::Events;
use zhijie_ledger::{Ledger, Opening};
use zhijie_model::{InstitutionCode, MessageId, RequestId};
use zhijie_wire::Profile;

use crate::clock::SimClock;
use crate::outside::{Shared, SimOutside, lock};
use crate::people;
use crate::request::Request;

pub(crate) struct Desk {
    pub(crate) slot: usize,
    path: PathBuf,
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
        Self {
            slot,
            path: dir.join(format!("desk-{slot}.db")),
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

    pub(crate) fn start(&mut self) {
        let opening = Opening {
            institution: InstitutionCode::new(people::INSTITUTION).unwrap(),
            desk_slot: u8::try_from(self.slot).unwrap(),
            now: self.clock.now(),
        };
        let ledger = Ledger::open(&self.path, &opening).unwrap();
        let outside = SimOutside {
            link: Arc::clone(&self.link),
            ledger: Ledger::open_read_only(&self.path).unwrap(),
            profile: Arc::clone(&self.profile),
        };
        self.run += 1;
        let mut core = Core::new(
            ledger,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            outside,
            Events::default(),
        );
        core.take_up_open_bills();
        self.core = Some(core);
    }

    /// The agent is gone from one instruction to the next, with everything it held in memory.
    pub(crate) fn kill(&mut self) {
        self.core = None;
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

    /// What the ledger holds for a request, read through a connection of its own.
    pub(crate) fn stored(&mut self, request: &RequestId) -> Option<String> {
        let stored = self.core().outside().ledger.answer(request).unwrap();
        stored.map(|stored| stored.answer)
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
