//! What the core is told and asked. Every input is handled whole before the next one.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::oneshot;
use zhijie_desk::Method;
use zhijie_filing::{Act, ActEvent, CheckReceipt, NewAct};
use zhijie_ledger::{Digest, NewRecord, StoredAnswer};
use zhijie_model::{
    BillId, MessageId, PersonNumber, PlatformWords, RequestId, Settlement, Ticket, Visit, VisitType,
};
use zhijie_settlement::{Event, NotSent, Registered, State, StayState};

use super::stays::{FoundStay, StayAsked};
use crate::filing::{Past, Person, Sighting};

/// A request of the desk that changes something.
#[derive(Debug, Clone)]
pub struct Asked {
    pub request: RequestId,
    pub method: Method,
    /// SM3 of the canonical parameters.
    pub body: Digest,
}

/// Where a request stands.
#[derive(Debug)]
pub enum Begin {
    /// Not answered yet: go on; the answer comes here.
    Go(oneshot::Receiver<Arc<str>>),
    /// Under way already; the answer comes here too.
    Wait(oneshot::Receiver<Arc<str>>),
    /// Answered before; the answer, byte for byte.
    Answered(Arc<str>),
    /// The same id came with another body or method: nothing runs.
    OtherBody,
    /// The ledger takes nothing.
    LedgerDown,
}

/// How a bill is looked for.
#[derive(Debug, Clone)]
pub enum Key {
    Request(RequestId),
    Bill(BillId),
    Ticket(Ticket),
}

/// What goes into the ledger with an answer that touched no bill.
#[derive(Debug, Default)]
pub struct More {
    pub sightings: Vec<Sighting>,
    /// Holds nothing personal.
    pub record: Option<NewRecord>,
}

/// An event of a filing made at the desk, with what only the desk's answer needs.
#[derive(Debug, Clone)]
pub struct ActHeard {
    pub event: ActEvent,
    pub not_sent: Option<NotSent>,
    /// The platform's own words, when an answer could not be believed.
    pub words: Option<PlatformWords>,
    /// SM3 of a register's answer that told it; that of the act's own answer is taken from the answer.
    pub answer_digest: Option<String>,
}

/// Which observations lose their personal details.
#[derive(Debug)]
pub enum Forget {
    Person(Person),
    /// Everything seen before this instant.
    Before(Timestamp),
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    pub bill: BillId,
    pub state: Arc<State>,
    /// What was known of the filing at the latest decision.
    pub filing: Option<CheckReceipt>,
    /// With a request id as the key: what was answered to it.
    pub answer: Option<StoredAnswer>,
}

/// The ledger could not be read: nothing is known, and nothing is ruled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// What is known of a request that leads to no bill.
#[derive(Debug, Clone)]
pub enum Trace {
    /// Never heard of.
    Nothing,
    /// Claimed, and not answered yet.
    UnderWay,
    /// Ended before any bill was touched.
    Answered(StoredAnswer),
}

/// Figures for `agent.health`.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub open_doubts: u64,
    pub oldest_doubt: Option<Timestamp>,
    pub needs_clerk: u64,
    /// Deferred bills the queue has still to settle, and when the oldest was taken.
    pub queued: u64,
    pub oldest_queued: Option<Timestamp>,
    /// Deferred bills the queue has handed back to people.
    pub handed_back: u64,
    pub ledger_down: bool,
    pub head_seq: u64,
}

/// One thing the loop is told or asked.
#[derive(Debug)]
pub enum Input {
    Begin {
        asked: Asked,
        reply: oneshot::Sender<Begin>,
    },
    /// The desk's question became an event of this bill.
    Ask {
        request: RequestId,
        bill: BillId,
        event: Event,
    },
    /// The desk's question became an event of this stay.
    AskStay {
        request: RequestId,
        stay: BillId,
        asked: StayAsked,
    },
    /// The question was answered without touching any bill.
    Finish {
        request: RequestId,
        bill: Option<BillId>,
        outcome: &'static str,
        answer: String,
        more: More,
    },
    /// A lookup showed something of a filing.
    Observe {
        sighting: Box<Sighting>,
    },
    /// Everything seen of a person; and whether there is more than was read.
    Past {
        person: Person,
        reply: oneshot::Sender<Result<(Vec<Past>, bool), Unreadable>>,
    },
    /// The desk makes or takes back a filing.
    File {
        request: RequestId,
        act: Box<NewAct>,
    },
    /// Something happened to a filing made at the desk; with the request of the person who decided, if one did.
    Act {
        act: BillId,
        heard: Box<ActHeard>,
        raw: Option<Vec<u8>>,
        request: Option<RequestId>,
    },
    /// Filings made at the desk that have not come to their end.
    Acts {
        reply: oneshot::Sender<Vec<(BillId, Act)>>,
    },
    Forget {
        request: RequestId,
        what: Forget,
        /// Why and by whom; holds nothing personal.
        note: String,
    },
    /// What became of an open call, with the raw bytes that came back.
    Outcome {
        bill: BillId,
        event: Event,
        raw: Option<Vec<u8>>,
    },
    /// Deferred bills are to be tried now, whatever their turn: one, or all. Answers how many.
    RunQueue {
        bill: Option<BillId>,
        reply: oneshot::Sender<u64>,
    },
    /// The latest settlement of a person, to estimate from.
    LastSettled {
        person: PersonNumber,
        reply: oneshot::Sender<Option<(Settlement, Timestamp)>>,
    },
    /// The visit that another bill of it opened.
    Opened {
        bill: BillId,
        visit: Box<Visit>,
        person: PersonNumber,
        /// Visit kinds of registration fees that are a batch of the visit they open.
        fees: Vec<VisitType>,
        reply: oneshot::Sender<Option<Registered>>,
    },
    /// Signed in: what waited for it is due.
    Wake {
        bill: BillId,
    },
    /// Nobody could be signed in: the bill's timer goes off all the same, and its saga sees that nothing can be sent.
    Unsigned {
        bill: BillId,
    },
    NewMessageId {
        reply: oneshot::Sender<Option<MessageId>>,
    },
    Find {
        key: Key,
        reply: oneshot::Sender<Result<Option<Found>, Unreadable>>,
    },
    /// The stay a key leads to, with its settlements.
    FindStay {
        key: Key,
        reply: oneshot::Sender<Result<Option<FoundStay>, Unreadable>>,
    },
    /// Stays that wait for something.
    OpenStays {
        reply: oneshot::Sender<Vec<(BillId, Arc<StayState>)>>,
    },
    Trace {
        request: RequestId,
        reply: oneshot::Sender<Trace>,
    },
    /// Bills that wait for something.
    Open {
        reply: oneshot::Sender<Vec<(BillId, Arc<State>)>>,
    },
    Figures {
        reply: oneshot::Sender<Figures>,
    },
    Stop,
}
