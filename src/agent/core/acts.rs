//! Filings made at the desk: decided, committed, sent once, and in doubt until a register or a person tells.

use jiff::{SignedDuration, Timestamp};
use zhijie_desk::api::Outcome;
use zhijie_filing::{Act, ActEvent, NewAct, Stage};
use zhijie_ledger::{Commit, Ending, NewAnswer, NewIntent, StateCache};
use zhijie_model::{BillId, Fault, MessageId, RequestId};
use zhijie_settlement::{Cause, Moment, NotSent, Operator};

use super::act_record::{self, fold, write};
use super::input::{ActHeard, More};
use super::{Core, Outside};
use crate::faults::{self, AGENT_003, DESK_020, DESK_050, of_cause};
use crate::filing::carried;
use crate::{render, render_act};

/// How long a look waits that could not be begun.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

impl<O: Outside> Core<O> {
    /// Decides an act of the desk: one of a kind for a person at a time. Its bytes and the answer "not known" are on
    /// disk before anything is sent.
    pub(super) fn file(&mut self, request: &RequestId, new: NewAct) {
        if self.acts.values().any(|act| act.blocks(&new)) {
            self.act_not_done(request, faults::fault(&DESK_050, "", None, request.as_str()));
            return;
        }
        let now = self.clock.now();
        let message_id = match self.ledger.next_message_id(now) {
            Ok(message_id) if !self.ledger_down => message_id,
            Ok(_) => return self.refuse(Some(request)),
            Err(error) => {
                self.ledger_failed(&error);
                return self.refuse(Some(request));
            }
        };
        let moment = Moment {
            now,
            uptime_s: self.clock.uptime_s(),
            message_id: message_id.clone(),
        };
        let operator = Operator {
            code: new.operator.clone(),
            name: new.operator_name.clone(),
        };
        let message = match self.outside.encode_filing(&new.call, &operator, &moment) {
            Ok(message) => message,
            Err(reason) => return self.act_not_done(request, not_sent(&new, reason, request.as_str())),
        };
        let event = ActEvent::Asked {
            act: Box::new(new.clone()),
        };
        let act = Act::begun(new, message_id.clone(), now);
        let ids = (act_record::id(&message_id), write(&event, now, &message_id));
        let (Some(id), Some(record)) = ids else {
            return self.refuse(Some(request));
        };
        let mut commit = self.act_commit(&id, &act, now);
        commit.record = Some(record);
        commit.intent = Some(NewIntent {
            message_id,
            transaction: message.number.clone(),
            class: format!("{:?}", act.new.call.transaction().class()),
            bytes: message.body.clone(),
            stale_after: None,
        });
        let unknown = render_act::fault(&act, None, None);
        commit
            .answers
            .extend(self.act_answer(request, &id, &act, unknown));
        match self.ledger.commit(&commit) {
            Ok(_) => {
                self.unfolded = self.unfolded.saturating_add(1);
                let call = act.new.call.clone();
                self.acts.insert(id.clone(), act);
                tracing::info!(act = %id, number = message.number, "Sending a filing");
                self.outside.post_filing(id, call, operator.code, message, now);
            }
            Err(error) => {
                self.ledger_failed(&error);
                self.refuse(Some(request));
            }
        }
    }

    /// Feeds one event to an act. `request` is the desk's, when a person decided.
    pub(super) fn act_happens(
        &mut self,
        id: &BillId,
        heard: ActHeard,
        raw: Option<Vec<u8>>,
        request: Option<&RequestId>,
    ) {
        let now = self.clock.now();
        let before = self.acts.get(id).cloned();
        let Some((before, stage)) = before.and_then(|act| {
            let stage = act.after(&heard.event, now)?;
            Some((act, stage))
        }) else {
            tracing::info!(act = %id, event = ?core::mem::discriminant(&heard.event), "Nothing of this act waits for that");
            if let Some(request) = request {
                self.act_not_done(request, faults::fault(&DESK_020, "", None, request.as_str()));
            }
            return;
        };
        let mut act = before.clone();
        act.stage = stage;
        // A look that decided nothing is no record.
        if matches!(heard.event, ActEvent::Looked { .. }) && act.look_at().is_some() {
            self.keep_act(id, act);
            return;
        }
        let Some(record) = write(&heard.event, now, &act.message_id) else {
            return;
        };
        let mut commit = self.act_commit(id, &act, now);
        commit.record = Some(record);
        commit.ending = ending(&heard.event, &act.message_id, raw.clone());
        let fault = render_act::fault(&act, heard.not_sent.as_ref(), heard.words.as_ref());
        let asked = act.new.request.clone();
        commit
            .answers
            .extend(self.act_answer(&asked, id, &act, fault.clone()));
        if let Some(request) = request {
            commit.answers.extend(self.act_answer(request, id, &act, None));
        }
        let own = raw.as_deref().map(|raw| hex::encode(zhijie_ledger::digest(raw)));
        let seen = carried(&act, now, own.or_else(|| heard.answer_digest.clone()));
        let gone = self.put(&mut commit, seen.as_slice());
        if let Err(error) = self.ledger.commit(&commit) {
            self.ledger_failed(&error);
            self.act_not_recorded(id, &act, heard, raw, request);
            return;
        }
        self.unfolded = self.unfolded.saturating_add(1);
        self.unrecorded = 0;
        self.alarm(&gone, None);
        let text = self.act_text(&asked, id, &act, fault);
        self.tell(&asked, &text);
        if !act.is_open() {
            self.asked.remove(&asked);
        }
        if let Some(request) = request {
            let text = self.act_text(request, id, &act, None);
            self.asked.remove(request);
            self.tell(request, &text);
        }
        self.announce_act(id, &before, &act, now);
        self.keep_act(id, act);
    }

    /// An outcome that could not be recorded comes again; the desk must not act on it meanwhile.
    fn act_not_recorded(
        &mut self,
        id: &BillId,
        act: &Act,
        heard: ActHeard,
        raw: Option<Vec<u8>>,
        request: Option<&RequestId>,
    ) {
        if let Some(request) = request {
            return self.refuse(Some(request));
        }
        if self.waiting.contains_key(&act.new.request) {
            let asked = act.new.request.clone();
            let fault = faults::fault(&AGENT_003, "", None, act.message_id.as_str());
            let text = render_act::answer(Outcome::NotKnown, Some(id), None, Some(fault));
            self.tell(&asked, &text);
        }
        self.unrecorded = self.unrecorded.saturating_add(1);
        if self.unrecorded > super::apply::UNRECORDED_MAX {
            tracing::error!(act = %id, "The end of a filing cannot be recorded");
            self.ledger_down = true;
        } else if !self.ledger_down {
            self.outside.act_later(id.clone(), heard, raw);
        }
    }

    fn keep_act(&mut self, id: &BillId, act: Act) {
        if let Some(at) = act.look_at() {
            self.timers.insert((at, id.clone()));
        }
        if act.is_open() {
            self.acts.insert(id.clone(), act);
        } else {
            self.acts.remove(id);
        }
    }

    /// The time has come to ask the register about an act in doubt.
    pub(super) fn look_for_act(&mut self, id: &BillId, now: Timestamp) {
        let Some(act) = self.acts.get(id).cloned() else {
            return;
        };
        let (Some(_), Some(target)) = (act.look_at(), act.new.target.clone()) else {
            return;
        };
        match (self.ledger.next_lookup_id(now), self.ledger.next_lookup_id(now)) {
            (Ok(one), Ok(other)) if !self.ledger_down => {
                self.outside.look_for(id.clone(), act, target, [one, other]);
            }
            (one, other) => {
                if let Some(error) = one.err().or_else(|| other.err()) {
                    self.ledger_failed(&error);
                }
                let again = now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
                self.timers.insert((again, id.clone()));
            }
        }
    }

    /// An act the last run left open: what was sent then may have arrived.
    pub(super) fn take_up_act(&mut self, id: &BillId) {
        let act = match self.ledger.records(id) {
            Ok(records) => fold(&records),
            Err(error) => {
                tracing::error!(act = %id, %error, "A filing under way cannot be read");
                return;
            }
        };
        let Some(act) = act else {
            tracing::error!(act = %id, "The records of a filing under way make no sense to this program");
            return;
        };
        self.remember_requests(id);
        let sent = act.stage == Stage::Sent;
        self.keep_act(id, act);
        if sent {
            tracing::warn!(act = %id, "A filing was under way when the agent stopped");
            let event = ActEvent::Lost {
                evidence: String::from("the agent stopped"),
            };
            self.act_happens(id, ActHeard::of(event), None, None);
        }
    }

    fn act_commit(&self, id: &BillId, act: &Act, now: Timestamp) -> Commit {
        let mut commit = Commit::new(now);
        commit.bill = Some(id.clone());
        commit.state = Some(StateCache {
            state: String::from(act.stage.name()).into_bytes(),
            open: act.is_open(),
        });
        commit
    }

    fn act_answer(
        &self,
        request: &RequestId,
        id: &BillId,
        act: &Act,
        fault: Option<Fault>,
    ) -> Option<NewAnswer> {
        let asked = self.asked.get(request)?;
        Some(NewAnswer {
            request_id: request.clone(),
            method: String::from(asked.method.name()),
            body_digest: asked.body,
            outcome: String::from(render::word(self.act_outcome(request, act))),
            answer: self.act_text(request, id, act, fault),
        })
    }

    /// A person's own request is done when the verdict is recorded, whatever it was.
    fn act_outcome(&self, request: &RequestId, act: &Act) -> Outcome {
        if *request == act.new.request {
            render_act::outcome(act)
        } else {
            Outcome::Done
        }
    }

    fn act_text(&self, request: &RequestId, id: &BillId, act: &Act, fault: Option<Fault>) -> String {
        if *request == act.new.request {
            let number = match &act.stage {
                Stage::Carried { number, .. } => number.as_ref(),
                _ => None,
            };
            render_act::answer(render_act::outcome(act), Some(id), number, fault)
        } else {
            render_act::resolved(id, act)
        }
    }

    fn act_not_done(&mut self, request: &RequestId, fault: Fault) {
        let Some(method) = self.asked.get(request).map(|asked| asked.method) else {
            return;
        };
        let text = render::not_done(method, None, fault);
        self.finish(request, None, "not_done", text, More::default());
    }

    fn announce_act(&self, id: &BillId, before: &Act, after: &Act, now: Timestamp) {
        tracing::info!(act = %id, from = before.stage.name(), to = after.stage.name(), "Filing moved on");
        if before.stage != Stage::Sent && !after.is_open() {
            let done = render_act::outcome(after) == Outcome::Done;
            self.events.act_known(now, id, &after.new.request, done);
        } else if matches!(after.stage, Stage::NeedsClerk { .. }) {
            self.events.act_needs_clerk(now, id);
        }
    }

    /// Acts to which somebody still owes an end.
    pub(super) fn open_acts(&self) -> Vec<(BillId, Act)> {
        self.acts
            .iter()
            .map(|(id, act)| (id.clone(), act.clone()))
            .collect()
    }
}

fn not_sent(new: &NewAct, reason: NotSent, marker: &str) -> Fault {
    let transaction = new.call.transaction();
    of_cause(&Cause::NotSent { transaction, reason }, marker)
}

fn ending(event: &ActEvent, message_id: &MessageId, raw: Option<Vec<u8>>) -> Option<Ending> {
    let how = match event {
        ActEvent::Answered { .. } => zhijie_ledger::ANSWERED,
        ActEvent::NotSent { .. } => zhijie_ledger::NOT_SENT,
        ActEvent::Lost { .. } => zhijie_ledger::UNKNOWN,
        ActEvent::Asked { .. } | ActEvent::Looked { .. } | ActEvent::Resolved { .. } => return None,
    };
    Some(Ending {
        message_id: message_id.clone(),
        how: String::from(how),
        reply: raw,
    })
}

impl ActHeard {
    /// An event with nothing more to say about it.
    #[must_use]
    pub const fn of(event: ActEvent) -> Self {
        Self {
            event,
            not_sent: None,
            words: None,
            answer_digest: None,
        }
    }

    /// As the line brought it.
    #[must_use]
    pub fn of_end(end: crate::reading::FilingEnd) -> Self {
        use crate::reading::FilingEnd;
        match end {
            FilingEnd::Answered(reply) => Self::of(ActEvent::Answered {
                reply: Box::new(reply),
            }),
            FilingEnd::NotSent(reason) => Self {
                event: ActEvent::NotSent {
                    evidence: String::from(reason.name()),
                },
                not_sent: Some(reason),
                words: None,
                answer_digest: None,
            },
            FilingEnd::Lost(silence) => {
                let (evidence, words) = faults::heard_of(&silence);
                Self {
                    event: ActEvent::Lost { evidence },
                    not_sent: None,
                    words: words.cloned(),
                    answer_digest: None,
                }
            }
        }
    }
}
