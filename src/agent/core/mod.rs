//! The one loop. A thread of its own owns ledger and sagas; it decides, commits, then acts, and nothing else does.
//!
//! INVARIANT: no effect of a decision is executed before the commit that records the decision returned.

mod act_record;
#[cfg(test)]
mod act_record_tests;
mod acts;
mod apply;
mod figures;
mod filing;
#[cfg(test)]
mod filing_tests;
mod handle;
mod input;
mod opened;
mod outside;
mod queue;
mod record;
#[cfg(test)]
mod record_tests;
mod restart;
mod send;
mod stays;
#[cfg(test)]
pub(crate) mod stories;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use zhijie_filing::Act;
use zhijie_ledger::{Claim, Ledger};
use zhijie_model::{BillId, RequestId};
use zhijie_settlement::{Deferral, Event, State, StayEvent, StayState};

use crate::clock::Clock;
use crate::events::Events;
use crate::filing::Policy;
use crate::memory;
use crate::platform::Platform;

pub use act_record::is_act;
pub use handle::{CoreGone, CoreHandle};
pub use input::{ActHeard, Asked, Begin, Figures, Forget, Found, Input, Key, More, Trace, Unreadable};
pub use outside::Outside;
pub use queue::deferred_in;
pub use record::{RecordError, kind, read as read_record};
pub use stays::{
    FoundStay, StayAsked, StayBill, is_stay_kind, kind as stay_kind, read as read_stay_record, stands,
};

use outside::Network;

/// Inputs that may wait; beyond that the desk is told that the agent is busy.
const INPUTS_MAX: usize = 256;
/// Bills kept folded in memory; others are folded from the ledger when asked for.
const STATES_MAX: usize = 256;
/// Silence after which the desk counts as idle.
const IDLE: Duration = Duration::from_secs(20);
/// A clock this much behind what was seen before was set back.
const SET_BACK_S: i64 = 60;

/// The loop's belongings. Whoever owns one feeds it inputs one after the other, wakes it when a timer is due, and has
/// therewith the whole behaviour of the agent towards its bills.
pub struct Core<O> {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    outside: O,
    events: Events,
    states: BTreeMap<BillId, Arc<State>>,
    stays: BTreeMap<BillId, Arc<StayState>>,
    timers: BTreeSet<(Timestamp, BillId)>,
    /// Deferred bills a sign-in is being fetched for.
    queue_signing: BTreeSet<BillId>,
    /// Deferred bills somebody wants tried before their time.
    queue_forced: BTreeSet<BillId>,
    /// Bills found open at the start of which that could not be recorded yet.
    restarts: BTreeSet<BillId>,
    /// Filings made at the desk that have not come to their end.
    acts: BTreeMap<BillId, Act>,
    /// Requests not finally answered yet.
    asked: BTreeMap<RequestId, Asked>,
    waiting: BTreeMap<RequestId, Vec<oneshot::Sender<Arc<str>>>>,
    ledger_down: bool,
    /// Commits since the ledger's log was folded last.
    unfolded: u32,
    /// Outcomes that could not be recorded, in a row.
    unrecorded: u32,
    /// The latest instant seen; a clock that falls behind it was set back.
    latest: Timestamp,
    /// Without one nothing is observed and nothing is checked.
    filing: Option<Policy>,
    /// The business day on which old details were last looked for.
    erased_on: Option<Date>,
}

impl<O> core::fmt::Debug for Core<O> {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.debug_struct("Core")
            .field("timers", &self.timers.len())
            .finish_non_exhaustive()
    }
}

/// Starts the loop on its own thread. Bills left open are taken up at once.
///
/// # Errors
/// When the thread cannot be had.
pub fn start(
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    platform: Arc<Platform>,
    events: Events,
    filing: Policy,
) -> std::io::Result<CoreHandle> {
    let (sender, receiver) = mpsc::channel(INPUTS_MAX);
    let runtime = Handle::current();
    let network = Network {
        platform,
        runtime: runtime.clone(),
        inputs: sender.downgrade(),
    };
    let core = Core::new(ledger, clock, network, events).with_filing(filing);
    let thread = std::thread::Builder::new()
        .name(String::from("core"))
        .spawn(move || run(core, receiver, &runtime))?;
    Ok(CoreHandle::new(sender, thread))
}

/// The loop itself.
fn run<O: Outside>(mut core: Core<O>, mut inputs: mpsc::Receiver<Input>, runtime: &Handle) {
    core.take_up_open_bills();
    let mut warm = true; // pages of the ledger are in memory
    loop {
        core.wake_what_is_due();
        let mut patience = core.until_next_timer();
        if warm {
            patience = patience.min(IDLE);
        }
        let input = runtime.block_on(async { tokio::time::timeout(patience, inputs.recv()).await });
        match input {
            Err(_) => {
                core.rest();
                // A bill's timer is no silence.
                if patience >= IDLE {
                    core.ledger.drop_pages();
                    memory::worked();
                    warm = false;
                }
            }
            Ok(None | Some(Input::Stop)) => break,
            Ok(Some(input)) => {
                core.handle(input);
                memory::worked();
                warm = true;
            }
        }
    }
    tracing::info!("Core stopped; open messages are in the ledger");
}

impl<O: Outside> Core<O> {
    /// A loop over this ledger; [`Core::take_up_open_bills`] comes first.
    pub fn new(ledger: Ledger, clock: Arc<dyn Clock>, outside: O, events: Events) -> Self {
        let latest = clock.now();
        Self {
            ledger,
            clock,
            outside,
            events,
            states: BTreeMap::new(),
            stays: BTreeMap::new(),
            timers: BTreeSet::new(),
            queue_signing: BTreeSet::new(),
            queue_forced: BTreeSet::new(),
            restarts: BTreeSet::new(),
            acts: BTreeMap::new(),
            asked: BTreeMap::new(),
            waiting: BTreeMap::new(),
            ledger_down: false,
            unfolded: 0,
            unrecorded: 0,
            latest,
            filing: None,
            erased_on: None,
        }
    }

    /// The world around the loop.
    pub const fn outside(&mut self) -> &mut O {
        &mut self.outside
    }

    /// The ledger, for its limits.
    pub const fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Takes one input, whole. Blocks on the disk.
    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Begin { asked, reply } => {
                let begin = self.begin(asked);
                let _ = reply.send(begin);
            }
            Input::Ask { request, bill, event } => {
                if !self.stay_forbids(&request, &bill, &event) {
                    self.apply(&bill, &event, Some(&request), None);
                }
            }
            Input::AskStay { request, stay, asked } => self.ask_stay(&request, &stay, asked),
            Input::Finish {
                request,
                bill,
                outcome,
                answer,
                more,
            } => self.finish(&request, bill, outcome, answer, more),
            Input::Observe { sighting } => self.observe(&sighting),
            Input::Past { person, reply } => {
                let _ = reply.send(self.past(&person));
            }
            Input::Forget { request, what, note } => self.forget(&request, &what, &note),
            Input::File { request, act } => self.file(&request, *act),
            Input::Act {
                act,
                heard,
                raw,
                request,
            } => self.act_happens(&act, *heard, raw, request.as_ref()),
            Input::Acts { reply } => {
                let _ = reply.send(self.open_acts());
            }
            Input::Outcome { bill, event, raw } => self.outcome(&bill, event, raw),
            Input::RunQueue { bill, reply } => {
                let _ = reply.send(self.run_queue(bill.as_ref()));
            }
            Input::LastSettled { person, reply } => {
                let _ = reply.send(self.last_settled(&person));
            }
            Input::Opened {
                bill,
                visit,
                person,
                fees,
                reply,
            } => {
                let _ = reply.send(self.opened(&bill, &visit, &person, &fees));
            }
            Input::Wake { bill } => {
                self.queue_signing.remove(&bill);
                self.timers.insert((self.clock.now(), bill));
            }
            Input::Unsigned { bill } if self.queue_signing.remove(&bill) => self.not_now(&bill),
            Input::Unsigned { bill } if bill.is_stay() => {
                self.apply_stay(&bill, &StayEvent::Woken, None, None);
            }
            Input::Unsigned { bill } => self.apply(&bill, &Event::Woken, None, None),
            Input::NewMessageId { reply } => {
                let id = self.ledger.next_lookup_id(self.clock.now());
                if let Err(error) = &id {
                    self.ledger_failed(error);
                }
                let _ = reply.send(id.ok());
            }
            Input::Find { key, reply } => {
                let _ = reply.send(self.find(&key));
            }
            Input::FindStay { key, reply } => {
                let _ = reply.send(self.find_stay_by(&key));
            }
            Input::OpenStays { reply } => {
                let open = |(_, state): &(&BillId, &Arc<StayState>)| stays::is_open(state);
                let open = self.stays.iter().filter(open);
                let _ = reply.send(
                    open.map(|(stay, state)| (stay.clone(), Arc::clone(state)))
                        .collect(),
                );
            }
            Input::Trace { request, reply } => {
                let _ = reply.send(self.trace(&request));
            }
            Input::Open { reply } => {
                let open = |(_, state): &(&BillId, &Arc<State>)| restart::is_open(state);
                let open = self.states.iter().filter(open);
                let _ = reply.send(
                    open.map(|(bill, state)| (bill.clone(), Arc::clone(state)))
                        .collect(),
                );
            }
            Input::Figures { reply } => {
                let _ = reply.send(self.figures());
            }
            Input::Stop => {}
        }
    }

    /// Same id and body: the first answer, or the running one. Same id, other body: nothing runs. What was answered
    /// before is told even when nothing can be written any more.
    fn begin(&mut self, asked: Asked) -> Begin {
        if let Some(before) = self.asked.get(&asked.request)
            && (before.body != asked.body || before.method != asked.method)
        {
            return Begin::OtherBody;
        }
        let (sender, receiver) = oneshot::channel();
        if let Some(waiting) = self.waiting.get_mut(&asked.request) {
            waiting.push(sender);
            return Begin::Wait(receiver);
        }
        match self
            .ledger
            .claim(&asked.request, asked.method.name(), &asked.body)
        {
            Err(error) => {
                tracing::error!(%error, "Ledger cannot be read");
                return Begin::LedgerDown;
            }
            Ok(Claim::OtherBody { .. }) => return Begin::OtherBody,
            Ok(Claim::Answered(stored)) if stored.outcome != zhijie_ledger::NOT_KNOWN || self.ledger_down => {
                return Begin::Answered(Arc::from(stored.answer));
            }
            // What is not known of a mapping stays so for this request: it is looked up, never sent again.
            Ok(Claim::Answered(stored)) if asked.method == zhijie_desk::Method::CatalogMap => {
                return Begin::Answered(Arc::from(stored.answer));
            }
            // A filing in doubt is looked for by itself; planning it anew would find it made.
            Ok(Claim::Answered(stored)) if self.acts.values().any(|act| act.new.request == asked.request) => {
                return Begin::Answered(Arc::from(stored.answer));
            }
            Ok(Claim::Fresh) if self.ledger_down => return Begin::LedgerDown,
            Ok(Claim::Answered(_) | Claim::Fresh) => {}
        }
        self.waiting.insert(asked.request.clone(), vec![sender]);
        self.asked.insert(asked.request.clone(), asked);
        Begin::Go(receiver)
    }

    /// Gives everybody who waits for `request` its answer.
    fn tell(&mut self, request: &RequestId, answer: &str) {
        let answer: Arc<str> = Arc::from(answer);
        for waiter in self.waiting.remove(request).unwrap_or_default() {
            let _ = waiter.send(Arc::clone(&answer));
        }
    }

    /// Nobody asks for anything: the time to fold the ledger's log, so that no settlement pays for it.
    pub fn rest(&mut self) {
        if self.unfolded > 0 && !self.ledger_down {
            self.unfolded = 0;
            if let Err(error) = self.ledger.checkpoint() {
                self.ledger_failed(&error);
            }
        }
        self.erase_what_is_due();
    }

    /// How long nothing is due unless something comes in.
    #[must_use]
    pub fn until_next_timer(&self) -> Duration {
        let idle = if self.unfolded > 0 {
            IDLE
        } else {
            Duration::from_secs(3600)
        };
        let Some((due, _)) = self.timers.first() else {
            return idle;
        };
        let milliseconds = due
            .as_millisecond()
            .saturating_sub(self.clock.now().as_millisecond());
        idle.min(Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)))
    }

    /// Wakes every bill whose time has come. After the clock was set back everything is looked at again: the sagas
    /// know what is due.
    pub fn wake_what_is_due(&mut self) {
        let now = self.clock.now();
        if self.latest.as_second().saturating_sub(now.as_second()) > SET_BACK_S {
            tracing::warn!("The clock was set back");
            self.timers = std::mem::take(&mut self.timers)
                .into_iter()
                .map(|(_, bill)| (now, bill))
                .collect();
            self.latest = now;
        }
        self.latest = self.latest.max(now);
        while let Some((due, bill)) = self.timers.first().cloned() {
            if due > now {
                break;
            }
            self.timers.remove(&(due, bill.clone()));
            self.wake(&bill, now);
        }
    }

    /// `None` only when the ledger was read and holds nothing under `key`: what cannot be read rules nothing out.
    fn find(&mut self, key: &Key) -> Result<Option<Found>, Unreadable> {
        let (bill, answer) = self.look_for(key)?;
        let Some(bill) = bill.filter(|bill| !bill.is_stay()) else {
            return Ok(None);
        };
        let state = self.state(&bill).ok_or(Unreadable)?;
        if matches!(*state, State::Blank) {
            return Ok(None);
        }
        let filing = self.checked(&bill);
        Ok(Some(Found {
            bill,
            state,
            filing,
            answer,
        }))
    }

    /// As [`Core::find`], for a stay.
    fn find_stay_by(&mut self, key: &Key) -> Result<Option<FoundStay>, Unreadable> {
        let (stay, answer) = self.look_for(key)?;
        let Some(stay) = stay.filter(BillId::is_stay) else {
            return Ok(None);
        };
        let found = self.find_stay(&stay)?;
        Ok(found.map(|found| FoundStay { answer, ..found }))
    }

    /// The bill or stay a key leads to.
    fn look_for(
        &self,
        key: &Key,
    ) -> Result<(Option<BillId>, Option<zhijie_ledger::StoredAnswer>), Unreadable> {
        Ok(match key {
            Key::Bill(bill) => (Some(bill.clone()), None),
            Key::Request(request) => {
                let stored = self.ledger.answer(request).map_err(unreadable)?;
                let bill = match &stored {
                    Some(stored) => stored.bill.clone(),
                    None => self.bill_of_open_request(request),
                };
                (bill, stored)
            }
            Key::Ticket(ticket) => {
                let message = zhijie_model::MessageId::new(ticket.as_str()).ok();
                let intent = match message {
                    Some(message) => self.ledger.intent(&message).map_err(unreadable)?,
                    None => None,
                };
                (intent.and_then(|intent| intent.bill), None)
            }
        })
    }

    fn trace(&self, request: &RequestId) -> Trace {
        if self.waiting.contains_key(request) {
            return Trace::UnderWay;
        }
        match self.ledger.answer(request) {
            Ok(Some(stored)) => Trace::Answered(stored),
            Ok(None) => Trace::Nothing,
            // Nothing can be ruled out.
            Err(_) => Trace::UnderWay,
        }
    }

    fn bill_of_open_request(&self, request: &RequestId) -> Option<BillId> {
        let open = |state: &State| state.open_request() == Some(request);
        self.states
            .iter()
            .find(|(_, state)| open(state))
            .map(|(bill, _)| bill.clone())
            .or_else(|| self.stay_of_open_request(request))
    }
}

fn unreadable(error: zhijie_ledger::ReadError) -> Unreadable {
    tracing::error!(%error, "Ledger cannot be read");
    Unreadable
}
