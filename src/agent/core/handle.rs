//! How the rest of the agent talks to the core.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use zhijie_filing::{Act, ActEvent, NewAct, known_person};
use zhijie_model::{BillId, MessageId, PersonNumber, RequestId, Settlement, Visit, VisitType};
use zhijie_settlement::{Event, Registered, State, StayState};

use super::input::{ActHeard, Asked, Begin, Figures, Forget, Found, Input, Key, More, Trace, Unreadable};
use super::stays::{FoundStay, StayAsked};
use crate::filing::{Past, Person, Sighting};

/// The core takes no input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CoreGone {
    #[error("the agent has more work than it can queue")]
    Busy,
    #[error("the agent is stopping")]
    Stopped,
    #[error("the ledger cannot be written")]
    LedgerDown,
    #[error("the ledger cannot be read")]
    LedgerUnreadable,
}

/// The core's door. Dropping it does not stop the core; [`CoreHandle::stop`] does.
#[derive(Debug)]
pub struct CoreHandle {
    inputs: mpsc::Sender<Input>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl CoreHandle {
    pub(super) const fn new(inputs: mpsc::Sender<Input>, thread: JoinHandle<()>) -> Self {
        Self {
            inputs,
            thread: Mutex::new(Some(thread)),
        }
    }

    fn try_send(&self, input: Input) -> Result<(), CoreGone> {
        self.inputs.try_send(input).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CoreGone::Busy,
            mpsc::error::TrySendError::Closed(_) => CoreGone::Stopped,
        })
    }

    async fn ask<T>(&self, make: impl FnOnce(oneshot::Sender<T>) -> Input) -> Result<T, CoreGone> {
        let (sender, receiver) = oneshot::channel();
        self.try_send(make(sender))?;
        receiver.await.map_err(|_| CoreGone::Stopped)
    }

    /// Where a request stands; claims it when it is new.
    ///
    /// # Errors
    /// [`CoreGone`]; nothing runs.
    pub async fn begin(&self, asked: Asked) -> Result<Begin, CoreGone> {
        self.ask(|reply| Input::Begin { asked, reply }).await
    }

    /// Hands over a claimed request as an event of `bill`. Waits for room: a claimed request is never dropped.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn happen(&self, request: RequestId, bill: BillId, event: Event) -> Result<(), CoreGone> {
        let input = Input::Ask { request, bill, event };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// Hands over a claimed request as an event of `stay`. Waits for room.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn ask_stay(&self, request: RequestId, stay: BillId, asked: StayAsked) -> Result<(), CoreGone> {
        let input = Input::AskStay { request, stay, asked };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// The stay a key leads to, with its settlements.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn find_stay(&self, key: Key) -> Result<Option<FoundStay>, CoreGone> {
        let found = self.ask(|reply| Input::FindStay { key, reply }).await?;
        found.map_err(|Unreadable| CoreGone::LedgerUnreadable)
    }

    /// Stays to which the agent, the desk or a person still owes something.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn open_stays(&self) -> Result<Vec<(BillId, Arc<StayState>)>, CoreGone> {
        self.ask(|reply| Input::OpenStays { reply }).await
    }

    /// Answers a claimed request that touched no bill.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn finish(
        &self,
        request: RequestId,
        bill: Option<BillId>,
        outcome: &'static str,
        answer: String,
        more: More,
    ) -> Result<(), CoreGone> {
        let input = Input::Finish {
            request,
            bill,
            outcome,
            answer,
            more,
        };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// Records what a lookup showed of a filing. Waits for room, not for the disk.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn observe(&self, sighting: Sighting) -> Result<(), CoreGone> {
        let sighting = Box::new(sighting);
        let input = Input::Observe { sighting };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// Everything seen of a person, what was observed before this call included; and whether there is more.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn past(&self, person: Person) -> Result<(Vec<Past>, bool), CoreGone> {
        let past = self.ask(|reply| Input::Past { person, reply }).await?;
        past.map_err(|Unreadable| CoreGone::LedgerUnreadable)
    }

    /// Who it is by the newest lookup on disk whose details were not erased, and when it was made.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn known_person(
        &self,
        person: Person,
    ) -> Result<Option<(zhijie_model::Person, Timestamp)>, CoreGone> {
        let (past, _) = self.past(person).await?;
        let seen = past.into_iter().filter_map(|past| past.seen.observation);
        Ok(known_person(&seen.collect::<Vec<_>>()))
    }

    /// Hands over a claimed request that makes or takes back a filing.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn file(&self, request: RequestId, act: NewAct) -> Result<(), CoreGone> {
        let act = Box::new(act);
        let input = Input::File { request, act };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// Tells a bill that something happened to it which nobody at the desk asked for. What it comes to shows in
    /// [`CoreHandle::find`], which is answered after it.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn tell(&self, bill: BillId, event: Event) -> Result<(), CoreGone> {
        let input = Input::Outcome {
            bill,
            event,
            raw: None,
        };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// A person's verdict about a filing made at the desk.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn resolve_act(
        &self,
        request: RequestId,
        act: BillId,
        event: ActEvent,
    ) -> Result<(), CoreGone> {
        let input = Input::Act {
            act,
            heard: Box::new(ActHeard::of(event)),
            raw: None,
            request: Some(request),
        };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// Filings made at the desk that have not come to their end.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn open_acts(&self) -> Result<Vec<(BillId, Act)>, CoreGone> {
        self.ask(|reply| Input::Acts { reply }).await
    }

    /// Erases personal details and answers the claimed request.
    ///
    /// # Errors
    /// [`CoreGone::Stopped`].
    pub async fn forget(&self, request: RequestId, what: Forget, note: String) -> Result<(), CoreGone> {
        let input = Input::Forget { request, what, note };
        self.inputs.send(input).await.map_err(|_| CoreGone::Stopped)
    }

    /// A message id that was never given before and never will be again.
    ///
    /// # Errors
    /// [`CoreGone`], also when the ledger takes nothing.
    pub async fn new_message_id(&self) -> Result<MessageId, CoreGone> {
        self.ask(|reply| Input::NewMessageId { reply })
            .await?
            .ok_or(CoreGone::LedgerDown)
    }

    /// # Errors
    /// [`CoreGone`].
    pub async fn find(&self, key: Key) -> Result<Option<Found>, CoreGone> {
        let found = self.ask(|reply| Input::Find { key, reply }).await?;
        found.map_err(|Unreadable| CoreGone::LedgerUnreadable)
    }

    /// What is known of a request for which [`CoreHandle::find`] found no bill.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn trace(&self, request: RequestId) -> Result<Trace, CoreGone> {
        self.ask(|reply| Input::Trace { request, reply }).await
    }

    /// Bills to which the agent, the desk or a person still owes something.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn open(&self) -> Result<Vec<(BillId, Arc<State>)>, CoreGone> {
        self.ask(|reply| Input::Open { reply }).await
    }

    /// The latest settlement of a person among the desk's latest bills, and when it was known.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn last_settled(
        &self,
        person: PersonNumber,
    ) -> Result<Option<(Settlement, Timestamp)>, CoreGone> {
        self.ask(|reply| Input::LastSettled { person, reply }).await
    }

    /// The visit a settled bill of the same visit and person opened, unless one of its bills is locked.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn opened(
        &self,
        bill: BillId,
        visit: Box<Visit>,
        person: PersonNumber,
        fees: Vec<VisitType>,
    ) -> Result<Option<Registered>, CoreGone> {
        self.ask(|reply| Input::Opened {
            bill,
            visit,
            person,
            fees,
            reply,
        })
        .await
    }

    /// Makes queued bills due now: one, or all. How many.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn run_queue(&self, bill: Option<BillId>) -> Result<u64, CoreGone> {
        self.ask(|reply| Input::RunQueue { bill, reply }).await
    }

    /// # Errors
    /// [`CoreGone`].
    pub async fn figures(&self) -> Result<Figures, CoreGone> {
        self.ask(|reply| Input::Figures { reply }).await
    }

    /// Ends the loop after the input it is at and waits for its thread. Blocks; call it off the runtime's workers.
    pub fn stop(&self) {
        let _ = self.inputs.blocking_send(Input::Stop);
        let thread = self.thread.lock().ok().and_then(|mut guard| guard.take());
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}
