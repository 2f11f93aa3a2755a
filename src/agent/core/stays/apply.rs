//! One event of a stay: decide, commit once, then act.

use std::sync::Arc;

use zhijie_ledger::{Commit, Ending, NewAnswer, NewIntent, StateCache};
use zhijie_model::{BillId, MessageId, RequestId};
use zhijie_settlement::{
    Bills, Cause, Event, Moment, Silence, StayAnswer, StayCause, StayEffect, StayEvent, StayState, StayStep,
    stay_advance,
};

use super::bills::stands;
use super::record;
use super::restart::is_open;
use crate::core::send::Letter;
use crate::core::{Core, Outside};
use crate::{render, render_stay};

impl<O: Outside> Core<O> {
    /// What became of a call of a stay, told in the words of a bill.
    pub(in crate::core) fn stay_outcome(&mut self, stay: &BillId, event: Event, raw: Option<Vec<u8>>) {
        let event = match event {
            Event::Answered { message_id, reply } => StayEvent::Answered { message_id, reply },
            Event::NotSent { message_id, reason } => StayEvent::NotSent { message_id, reason },
            Event::Lost { message_id, silence } => StayEvent::Lost { message_id, silence },
            Event::QuoteAsked { .. }
            | Event::SettleAsked { .. }
            | Event::DeferAsked { .. }
            | Event::ReplayDue
            | Event::CancelAsked { .. }
            | Event::Confirmed { .. }
            | Event::Resolved { .. }
            | Event::StatementAsked { .. }
            | Event::StatementTold { .. }
            | Event::Woken
            | Event::Restarted => {
                tracing::error!(%stay, "An event of a bill came for a stay");
                return;
            }
        };
        self.apply_stay(stay, &event, None, raw);
    }

    /// Feeds one event to the saga of `stay`. `request` is the desk's, when it asked; `raw` is what came back.
    pub(in crate::core) fn apply_stay(
        &mut self,
        stay: &BillId,
        event: &StayEvent,
        request: Option<&RequestId>,
        raw: Option<Vec<u8>>,
    ) {
        let (state, moment) = match (self.stay_state(stay), self.moment()) {
            (Some(state), Some(moment)) => (state, moment),
            (state, _) => {
                self.stay_not_recorded(stay, event, request, state.as_deref());
                self.wake_stay_again(stay, event);
                return;
            }
        };
        let (step, impossible) = stay_advance(&state, event, &moment);
        if let Some(impossible) = impossible {
            tracing::error!(%stay, state = state.name(), event = record::kind(event), %impossible, "Stay stopped at a person");
        }
        if step.next == *state && raw.is_none() && !step.effects.iter().any(is_durable) {
            self.act_stay(stay, &moment, &state, step.effects, None);
            return;
        }
        let Ok(record) = record::write(event, &moment) else {
            self.refuse(request);
            return;
        };
        let letter = call_of(&step).map(|call| {
            let bearer = step.next.order().map(zhijie_settlement::StayOrder::bearer);
            self.write_letter(stay, call, bearer, &moment)
        });
        let mut commit = self.commit_of_stay(stay, &step, letter.as_ref(), &moment, request);
        commit.record = Some(record);
        commit.ending = ending(event, raw);
        let sent = letter.is_some();
        let gone = self.put_beside_stay(&mut commit, (&state, &step.next), event, sent);
        match self.ledger.commit(&commit) {
            Ok(_) => {
                self.unfolded = self.unfolded.saturating_add(1);
                self.unrecorded = 0;
                self.announce_stay(stay, &state, &step.next);
                self.alarm(&gone, Some(stay));
                let next = Arc::new(step.next);
                self.keep_stay(stay, next);
                self.act_stay(stay, &moment, &state, step.effects, letter);
            }
            Err(error) => {
                self.ledger_failed(&error);
                self.stay_not_recorded(stay, event, request, Some(&state));
                self.record_stay_later(stay, event, commit.ending.and_then(|ending| ending.reply));
                self.wake_stay_again(stay, event);
            }
        }
    }

    /// What this decision says and sends, for one transaction with its record.
    fn commit_of_stay(
        &mut self,
        stay: &BillId,
        step: &StayStep,
        letter: Option<&Letter>,
        moment: &Moment,
        request: Option<&RequestId>,
    ) -> Commit {
        let bills = self
            .bills_of_stay(stay)
            .map(|bills| stands(&bills))
            .unwrap_or_default();
        let mut commit = Commit::new(moment.now);
        commit.bill = Some(stay.clone());
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
            let answer = StayAnswer::NotKnown {
                cause: StayCause::from(Cause::AnswerLost {
                    transaction: *transaction,
                    silence: Silence::AgentStopped,
                }),
                subject: moment.message_id.clone(),
            };
            commit.answers.extend(
                request.and_then(|request| self.stay_answer(stay, request, &answer, &step.next, &bills)),
            );
        }
        for effect in &step.effects {
            if let StayEffect::Answer { request, answer } = effect {
                commit
                    .answers
                    .extend(self.stay_answer(stay, request, answer, &step.next, &bills));
            }
        }
        commit
    }

    fn stay_answer(
        &self,
        stay: &BillId,
        request: &RequestId,
        answer: &StayAnswer,
        state: &StayState,
        bills: &Bills,
    ) -> Option<NewAnswer> {
        let asked = self.asked.get(request)?;
        let now = self.clock.now();
        // The check that is told with an admission.
        let filing = matches!(answer, StayAnswer::Admitted { .. })
            .then(|| self.checked(stay))
            .flatten();
        let beside = (bills, now, filing.as_ref());
        let (outcome, text) = render_stay::answer(asked.method, (stay, request), answer, state, beside);
        Some(NewAnswer {
            request_id: request.clone(),
            method: String::from(asked.method.name()),
            body_digest: asked.body,
            outcome: String::from(outcome),
            answer: text,
        })
    }

    /// Executes effects, in order. Only ever called with their decision on disk.
    fn act_stay(
        &mut self,
        stay: &BillId,
        moment: &Moment,
        before: &StayState,
        effects: Vec<StayEffect>,
        mut letter: Option<Letter>,
    ) {
        for effect in effects {
            match effect {
                StayEffect::Send(_) => {
                    if let Some(letter) = letter.take() {
                        self.post(stay, moment, letter);
                    }
                }
                StayEffect::Answer { request, answer } => self.deliver_stay(stay, &request, &answer, before),
                StayEffect::WakeAt(at) => {
                    self.timers.insert((at, stay.clone()));
                }
            }
        }
    }

    fn deliver_stay(&mut self, stay: &BillId, request: &RequestId, answer: &StayAnswer, before: &StayState) {
        let Some(state) = self.stay_state(stay) else {
            return;
        };
        let bills = self
            .bills_of_stay(stay)
            .map(|bills| stands(&bills))
            .unwrap_or_default();
        let told = self.stay_answer(stay, request, answer, &state, &bills);
        let Some(told) = told else {
            tracing::warn!(%stay, %request, "Nobody asked for this answer in this run");
            return;
        };
        if answer.is_final() {
            self.asked.remove(request);
        }
        let outcome = render::known_word(&told.outcome);
        tracing::info!(%stay, %request, outcome, state = state.name(), "Desk is told");
        if answer.is_final()
            && before.open_request() == Some(request)
            && let Some(doubt) = before.doubt()
        {
            let now = self.clock.now();
            tracing::info!(%stay, %request, outcome, in_doubt_s = doubt.lasted_s(now), "Doubt has ended");
            self.events.outcome_known(now, stay, request, outcome, doubt);
        }
        self.tell(request, &told.answer);
    }

    /// The decision did not reach the disk: nothing was sent because of it, and memory keeps the older truth.
    fn stay_not_recorded(
        &mut self,
        stay: &BillId,
        event: &StayEvent,
        request: Option<&RequestId>,
        state: Option<&StayState>,
    ) {
        self.refuse(request);
        if stay_message(event).is_some()
            && let Some(state) = state
            && let Some(open) = state.open_request().cloned()
            && let Some(asked) = self.asked.get(&open)
        {
            let text = render_stay::not_recorded(asked.method, stay, &open, state);
            self.tell(&open, &text);
        }
    }

    fn record_stay_later(&mut self, stay: &BillId, event: &StayEvent, raw: Option<Vec<u8>>) {
        let event = match event.clone() {
            StayEvent::Answered { message_id, reply } => Event::Answered { message_id, reply },
            StayEvent::NotSent { message_id, reason } => Event::NotSent { message_id, reason },
            StayEvent::Lost { message_id, silence } => Event::Lost { message_id, silence },
            StayEvent::AdmitAsked { .. }
            | StayEvent::Asked { .. }
            | StayEvent::Resolved { .. }
            | StayEvent::Woken
            | StayEvent::Restarted => return,
        };
        self.record_later(stay, &event, raw);
    }

    fn wake_stay_again(&mut self, stay: &BillId, event: &StayEvent) {
        if *event == StayEvent::Restarted {
            self.restarts.insert(stay.clone());
        }
        if matches!(event, StayEvent::Woken | StayEvent::Restarted) {
            self.wake_soon(stay);
        }
    }

    fn announce_stay(&self, stay: &BillId, before: &StayState, after: &StayState) {
        if before.name() != after.name() {
            tracing::info!(%stay, from = before.name(), to = after.name(), "Stay moved on");
            let waits = matches!(after, StayState::NeedsClerk(_));
            self.events
                .stay_phase(self.clock.now(), stay, after.name(), waits);
        }
    }
}

fn call_of(step: &StayStep) -> Option<&zhijie_model::Call> {
    step.effects.iter().find_map(|effect| match effect {
        StayEffect::Send(call) => Some(&**call),
        StayEffect::Answer { .. } | StayEffect::WakeAt(_) => None,
    })
}

const fn is_durable(effect: &StayEffect) -> bool {
    match effect {
        StayEffect::Send(_) | StayEffect::Answer { .. } => true,
        StayEffect::WakeAt(_) => false,
    }
}

const fn stay_message(event: &StayEvent) -> Option<&MessageId> {
    match event {
        StayEvent::Answered { message_id, .. }
        | StayEvent::NotSent { message_id, .. }
        | StayEvent::Lost { message_id, .. } => Some(message_id),
        StayEvent::AdmitAsked { .. }
        | StayEvent::Asked { .. }
        | StayEvent::Resolved { .. }
        | StayEvent::Woken
        | StayEvent::Restarted => None,
    }
}

fn ending(event: &StayEvent, raw: Option<Vec<u8>>) -> Option<Ending> {
    let how = match event {
        // Without bytes there was no intent to end.
        StayEvent::NotSent { reason, .. } if !reason.had_bytes() => return None,
        StayEvent::NotSent { .. } => zhijie_ledger::NOT_SENT,
        StayEvent::Answered { .. } => zhijie_ledger::ANSWERED,
        _ => zhijie_ledger::UNKNOWN,
    };
    let message_id = stay_message(event)?.clone();
    Some(Ending {
        message_id,
        how: String::from(how),
        reply: raw,
    })
}
