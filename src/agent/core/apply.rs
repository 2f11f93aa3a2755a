//! One event: decide, commit once, then act.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use zhijie_filing::CheckReceipt;
use zhijie_ledger::{Commit, Ending, NewAnswer, NewIntent, StateCache, WriteError};
use zhijie_model::{BillId, MessageId, RequestId};
use zhijie_settlement::{Answer, Cause, Effect, Event, Moment, Silence, State, Step, advance};

use super::act_record::is_act;
use super::input::More;
use super::restart::is_open;
use super::send::Letter;
use super::{Core, Outside, record};
use crate::render;

impl<O: Outside> Core<O> {
    /// Feeds one event to the saga of `bill`. `request` is the desk's, when it asked; `raw` is what came back.
    pub(super) fn apply(
        &mut self,
        bill: &BillId,
        event: &Event,
        request: Option<&RequestId>,
        raw: Option<Vec<u8>>,
    ) {
        let (state, moment) = match self.prepare(bill) {
            Ok(prepared) => prepared,
            Err(state) => {
                self.not_recorded(bill, event, request, state.as_deref());
                self.wake_again(bill, event);
                return;
            }
        };
        let (step, impossible) = advance(&state, event, &moment);
        if let Some(impossible) = impossible {
            tracing::error!(%bill, state = state.name(), event = record::kind(event), %impossible, "Bill stopped at a person");
        }
        if step.next == *state && raw.is_none() && !step.effects.iter().any(is_durable) {
            self.act(bill, &moment, &state, step.effects, None);
            return;
        }
        let Ok(record) = record::write(event, &moment) else {
            self.refuse(request);
            return;
        };
        let letter = send_effect(&step).map(|call| {
            let bearer = step.next.case().map(|case| case.order.bearer());
            self.write_letter(bill, call, bearer, &moment)
        });
        let mut commit = self.commit_of(bill, &step, letter.as_ref(), &moment, request);
        commit.record = Some(record);
        commit.ending = ending(event, raw);
        let sent = letter.is_some();
        let gone = self.put_beside(&mut commit, (&state, &step.next), event, sent);
        match self.ledger.commit(&commit) {
            Ok(_) => {
                self.unfolded = self.unfolded.saturating_add(1);
                self.unrecorded = 0;
                self.announce(bill, &state, &step.next);
                self.alarm(&gone, Some(bill));
                let next = Arc::new(step.next);
                self.keep(bill, Arc::clone(&next));
                self.call_the_queue(&state, &next);
                self.act(bill, &moment, &state, step.effects, letter);
            }
            Err(error) => {
                self.ledger_failed(&error);
                self.not_recorded(bill, event, request, Some(&state));
                self.record_later(bill, event, commit.ending.and_then(|ending| ending.reply));
                self.wake_again(bill, event);
            }
        }
    }

    /// The bill's state and the moment of the decision; the state alone when nothing can be decided now.
    fn prepare(&mut self, bill: &BillId) -> Result<(Arc<State>, Moment), Option<Arc<State>>> {
        let state = self.state(bill);
        match (state, self.moment()) {
            (Some(state), Some(moment)) => Ok((state, moment)),
            (state, _) => Err(state),
        }
    }

    /// The moment of a decision, with a message id of its own; `None` when nothing can be decided now.
    pub(super) fn moment(&mut self) -> Option<Moment> {
        let now = self.clock.now();
        let message_id = self.ledger.next_message_id(now);
        let message_id = message_id.map_err(|error| self.ledger_failed(&error)).ok()?;
        (!self.ledger_down).then(|| Moment {
            now,
            uptime_s: self.clock.uptime_s(),
            message_id,
        })
    }

    /// What became of a call, of a bill or of a stay.
    pub(super) fn outcome(&mut self, bill: &BillId, event: Event, raw: Option<Vec<u8>>) {
        if bill.is_stay() {
            self.stay_outcome(bill, event, raw);
        } else {
            self.apply(bill, &event, None, raw);
        }
    }

    /// What this decision says and sends, for one transaction with its record.
    fn commit_of(
        &self,
        bill: &BillId,
        step: &Step,
        letter: Option<&Letter>,
        moment: &Moment,
        request: Option<&RequestId>,
    ) -> Commit {
        let mut commit = Commit::new(moment.now);
        commit.bill = Some(bill.clone());
        commit.state = Some(StateCache {
            state: String::from(step.next.name()).into_bytes(),
            open: is_open(&step.next),
        });
        if let Some(Letter {
            message: Ok(message),
            transaction,
            class,
            ..
        }) = letter
        {
            commit.intent = Some(NewIntent {
                message_id: moment.message_id.clone(),
                transaction: message.number.clone(),
                class: format!("{class:?}"),
                bytes: message.body.clone(),
                stale_after: None,
            });
            // What the desk is told if this program dies before the outcome.
            let answer = Answer::NotKnown {
                cause: Cause::AnswerLost {
                    transaction: *transaction,
                    silence: Silence::AgentStopped,
                },
                subject: moment.message_id.clone(),
            };
            commit
                .answers
                .extend(request.and_then(|request| self.new_answer(bill, request, &answer, &step.next)));
        }
        for effect in &step.effects {
            if let Effect::Answer { request, answer } = effect {
                commit
                    .answers
                    .extend(self.new_answer(bill, request, answer, &step.next));
            }
        }
        commit
    }

    fn new_answer(
        &self,
        bill: &BillId,
        request: &RequestId,
        answer: &Answer,
        state: &State,
    ) -> Option<NewAnswer> {
        let asked = self.asked.get(request)?;
        let filing = self.checked_for(bill, answer);
        let (outcome, text) = render::answer(asked.method, (bill, request), answer, state, filing.as_ref());
        Some(NewAnswer {
            request_id: request.clone(),
            method: String::from(asked.method.name()),
            body_digest: asked.body,
            outcome: String::from(outcome),
            answer: text,
        })
    }

    /// The check that is told with a settlement.
    fn checked_for(&self, bill: &BillId, answer: &Answer) -> Option<CheckReceipt> {
        matches!(answer, Answer::Settled(_))
            .then(|| self.checked(bill))
            .flatten()
    }

    /// Executes effects, in order. Only ever called with their decision on disk.
    fn act(
        &mut self,
        bill: &BillId,
        moment: &Moment,
        before: &State,
        effects: Vec<Effect>,
        mut letter: Option<Letter>,
    ) {
        for effect in effects {
            match effect {
                Effect::Send(_) => {
                    if let Some(letter) = letter.take() {
                        self.post(bill, moment, letter);
                    }
                }
                Effect::Answer { request, answer } => self.deliver(bill, &request, &answer, before),
                Effect::WakeAt(at) => {
                    self.timers.insert((at, bill.clone()));
                }
            }
        }
    }

    fn deliver(&mut self, bill: &BillId, request: &RequestId, answer: &Answer, before: &State) {
        let Some(state) = self.state(bill) else { return };
        let Some(asked) = self.asked.get(request) else {
            // A bill from the queue answers nobody: its request heard `deferred`.
            if state.case().is_none_or(|case| case.deferral.is_none()) {
                tracing::warn!(%bill, %request, "Nobody asked for this answer in this run");
            }
            return;
        };
        let filing = self.checked_for(bill, answer);
        let (outcome, text) = render::answer(asked.method, (bill, request), answer, &state, filing.as_ref());
        if answer.is_final() {
            self.asked.remove(request);
        }
        tracing::info!(%bill, %request, outcome, state = state.name(), "Desk is told");
        if answer.is_final()
            && before.open_request() == Some(request)
            && let Some(doubt) = before.doubt()
        {
            let now = self.clock.now();
            tracing::info!(%bill, %request, outcome, in_doubt_s = doubt.lasted_s(now), "Doubt has ended");
            self.events.outcome_known(now, bill, request, outcome, doubt);
        }
        self.tell(request, &text);
    }

    /// Answers a request that ended before any bill was touched.
    pub(super) fn finish(
        &mut self,
        request: &RequestId,
        bill: Option<BillId>,
        outcome: &'static str,
        answer: String,
        more: More,
    ) {
        let Some(asked) = self.asked.remove(request) else {
            return;
        };
        let mut commit = Commit::new(self.clock.now());
        commit.bill = bill;
        commit.answers.push(NewAnswer {
            request_id: request.clone(),
            method: String::from(asked.method.name()),
            body_digest: asked.body,
            outcome: String::from(outcome),
            answer: answer.clone(),
        });
        let gone = self.put_more(&mut commit, more);
        match self.ledger.commit(&commit) {
            Ok(_) => {
                self.tell(request, &answer);
                self.alarm(&gone, None);
            }
            Err(error) => {
                self.ledger_failed(&error);
                let text = render::ledger_down(asked.method, request);
                self.tell(request, &text);
            }
        }
    }

    /// The decision did not reach the disk: nothing was sent because of it, and memory keeps the older truth.
    fn not_recorded(
        &mut self,
        bill: &BillId,
        event: &Event,
        request: Option<&RequestId>,
        state: Option<&State>,
    ) {
        self.refuse(request);
        // An answer that could not be recorded is doubt about the call it answers.
        if matches!(
            event,
            Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. }
        ) && let Some(state) = state
            && let Some(open) = state.open_request().cloned()
            && let Some(asked) = self.asked.get(&open)
        {
            let (_, text) = render::not_recorded(asked.method, bill, &open, state);
            self.tell(&open, &text);
        }
    }

    /// An outcome must not get lost while the ledger is only busy: it comes again, and when it cannot be recorded in
    /// the end the agent takes nothing more, so that the next start finds the open message and asks the centre.
    pub(super) fn record_later(&mut self, bill: &BillId, event: &Event, raw: Option<Vec<u8>>) {
        if event_message(event).is_none() || self.ledger_down {
            return;
        }
        self.unrecorded = self.unrecorded.saturating_add(1);
        if self.unrecorded > UNRECORDED_MAX {
            tracing::error!(%bill, "An outcome cannot be recorded; restart the agent when the ledger can be written");
            self.ledger_down = true;
            return;
        }
        self.outside.record_later(bill.clone(), event.clone(), raw);
    }

    /// What was due and could not be recorded is due again soon.
    fn wake_again(&mut self, bill: &BillId, event: &Event) {
        if *event == Event::Restarted {
            self.restarts.insert(bill.clone());
        }
        if matches!(event, Event::Woken | Event::Restarted | Event::ReplayDue) {
            self.wake_soon(bill);
        }
    }

    pub(super) fn wake_soon(&mut self, bill: &BillId) {
        if !self.ledger_down {
            let soon = self.clock.now().saturating_add(WAKE_AGAIN);
            self.timers.insert((soon.unwrap_or(Timestamp::MAX), bill.clone()));
        }
    }

    /// Tells a request that the ledger takes nothing; it is not pinned and may come again.
    pub(super) fn refuse(&mut self, request: Option<&RequestId>) {
        if let Some(request) = request
            && let Some(asked) = self.asked.remove(request)
        {
            let text = render::ledger_down(asked.method, request);
            self.tell(request, &text);
        }
    }

    pub(super) fn ledger_failed(&mut self, error: &WriteError) {
        tracing::error!(%error, cause = ?std::error::Error::source(error).map(ToString::to_string), "Ledger cannot be written; nothing was sent");
        if !error.surely_not_written() || matches!(error, WriteError::Poisoned) {
            self.ledger_down = true;
            self.events.health(self.clock.now(), "down");
        }
    }

    fn announce(&self, bill: &BillId, before: &State, after: &State) {
        self.announce_queue(bill, before, after);
        let overdue = |state: &State| state.settled().is_some_and(|settled| settled.overdue);
        if overdue(after) && !overdue(before) {
            tracing::warn!(%bill, "The desk software has not confirmed this settlement in time");
            self.events.confirm_overdue(self.clock.now(), bill);
        }
        if before.name() != after.name() {
            tracing::info!(%bill, from = before.name(), to = after.name(), "Bill moved on");
            self.events.phase(self.clock.now(), bill, after);
        }
    }

    /// A timer went off. A question to the centre needs a sign-in, which is fetched first.
    pub(super) fn wake(&mut self, bill: &BillId, now: Timestamp) {
        if bill.is_stay() {
            return self.wake_stay(bill, now);
        }
        if is_act(bill) {
            return self.look_for_act(bill, now);
        }
        let Some(state) = self.state(bill) else { return };
        let Some(case) = state.case() else { return };
        if matches!(*state, State::Deferred(_)) {
            self.replay(bill, case, now);
        } else if self.restarts.remove(bill) {
            let event = self.interrupted(&state);
            self.apply(bill, &event, None, None);
        } else if self.outside.signed_in(&case.order.operator.code, now) {
            self.apply(bill, &Event::Woken, None, None);
        } else {
            self.sign_in_then_wake(bill, &case.order.operator);
        }
    }
}

fn send_effect(step: &Step) -> Option<&zhijie_model::Call> {
    step.effects.iter().find_map(|effect| match effect {
        Effect::Send(call) => Some(&**call),
        Effect::Answer { .. } | Effect::WakeAt(_) => None,
    })
}

const fn is_durable(effect: &Effect) -> bool {
    match effect {
        Effect::Send(_) | Effect::Answer { .. } => true,
        Effect::WakeAt(_) => false,
    }
}

/// How long something due waits after the ledger refused it.
const WAKE_AGAIN: SignedDuration = SignedDuration::from_secs(5);
/// Outcomes that may fail to be recorded in a row.
pub(super) const UNRECORDED_MAX: u32 = 60;

const fn event_message(event: &Event) -> Option<&MessageId> {
    match event {
        Event::Answered { message_id, .. }
        | Event::NotSent { message_id, .. }
        | Event::Lost { message_id, .. } => Some(message_id),
        Event::QuoteAsked { .. }
        | Event::SettleAsked { .. }
        | Event::CancelAsked { .. }
        | Event::Confirmed { .. }
        | Event::Resolved { .. }
        | Event::DeferAsked { .. }
        | Event::StatementAsked { .. }
        | Event::StatementTold { .. }
        | Event::ReplayDue
        | Event::Woken
        | Event::Restarted => None,
    }
}

fn ending(event: &Event, raw: Option<Vec<u8>>) -> Option<Ending> {
    let how = match event {
        // Without bytes there was no intent to end.
        Event::NotSent { reason, .. } if !reason.had_bytes() => return None,
        Event::NotSent { .. } => zhijie_ledger::NOT_SENT,
        Event::Answered { .. } => zhijie_ledger::ANSWERED,
        _ => zhijie_ledger::UNKNOWN,
    };
    let message_id = event_message(event)?.clone();
    Some(Ending {
        message_id,
        how: String::from(how),
        reply: raw,
    })
}
