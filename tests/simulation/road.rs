//! From a desk to the centre and back.

use std::time::Duration;

use zhijie_agent::core::Key;
use zhijie_model::{Call, CallClass, Reply};
use zhijie_settlement::State;

use crate::answers::certain;
use crate::centre;
use crate::line::{self, Death, Fate};
use crate::model::Check;
use crate::outside::{Posted, lock};
use crate::policy::Plant;
use crate::world::{Happening, World};

impl World {
    /// What the loop does by itself after an input: due timers, messages, sign-ins, answers. Then its next timer.
    pub(crate) fn follow_up(&mut self, desk: usize) -> Check {
        while self.desks[desk].is_up() {
            self.take_posted(desk)?;
            if self.desks[desk].is_up() && self.desks[desk].disk.is_off() {
                self.kill(desk);
            }
            if !self.desks[desk].is_up() {
                break;
            }
            self.desks[desk].asking = None;
            for (request, text) in self.desks[desk].answers() {
                self.heard(desk, &request, &text)?;
            }
            self.desks[desk].core().wake_what_is_due();
            if lock(&self.desks[desk].link).is_quiet() {
                break;
            }
        }
        if self.desks[desk].is_up() {
            let mut wait = self.desks[desk].core().until_next_timer();
            if wait >= Duration::from_secs(20) && self.rng.percent(10) {
                self.desks[desk].core().rest();
            }
            wait = wait.max(Duration::from_millis(1));
            let at = self.now + i64::try_from(wait.as_millis()).unwrap();
            if at < self.desks[desk].timer_at {
                self.desks[desk].timer_at = at;
                self.plan(at - self.now, Happening::Timer { desk });
            }
        }
        Ok(())
    }

    fn take_posted(&mut self, desk: usize) -> Check {
        let (posted, signing, unrecorded) = {
            let mut link = lock(&self.desks[desk].link);
            (
                std::mem::take(&mut link.posted),
                std::mem::take(&mut link.signing),
                std::mem::take(&mut link.unrecorded),
            )
        };
        let run = self.desks[desk].run;
        for (bill, event, raw) in unrecorded {
            self.plan(
                500,
                Happening::Outcome {
                    desk,
                    run,
                    bill,
                    event: Box::new(event),
                    raw,
                },
            );
        }
        let mut dies = false;
        for (bill, id) in signing {
            self.model.inquired(&id)?;
            dies |= !self.calm && self.rng.percent(self.rules.faults.kill);
            let done = self.calm || (!self.is_cut_off() && self.rng.percent(80));
            let wait = if done { 300 } else { 10_000 };
            self.plan(
                wait,
                Happening::SignedIn {
                    desk,
                    run,
                    bill,
                    done,
                },
            );
        }
        for posted in posted {
            dies |= self.leaves(desk, posted)?;
        }
        if dies {
            self.note(|_| format!("desk {desk} dies"));
            self.kill(desk);
        }
        Ok(())
    }

    /// A message leaves a desk. Whether the desk dies at this moment.
    fn leaves(&mut self, desk: usize, mut posted: Posted) -> Result<bool, crate::model::Broken> {
        let before = self.last_id.replace(posted.message_id.clone());
        match (self.rules.plant, before) {
            (Plant::IdUsedAgain, Some(before)) if self.rng.percent(3) => posted.message_id = before,
            (Plant::OtherBytes, _) if self.rng.percent(3) => posted.body.push(b' '),
            _ => {}
        }
        // Most of the trouble is kept for the calls that matter.
        let spared = posted.call.transaction().class() == CallClass::Prepares && self.rng.percent(65);
        let fate = if self.is_cut_off() {
            Fate::not_sent(&mut self.rng)
        } else if self.calm || spared {
            Fate::calm(&mut self.rng)
        } else {
            Fate::draw(&mut self.rng, &self.rules)
        };
        if let Call::Reverse { target, .. } = &posted.call
            && let Some(bill) = self.desks[desk].settles(target)
        {
            self.model.recorded(desk, &bill, target);
        }
        let asking = self.desks[desk].asking.clone();
        if let Call::Settle { .. } | Call::Purchase { .. } | Call::SettleSlip { .. } = &posted.call {
            self.in_order(desk, &posted.bill)?;
        }
        self.model.decided(desk, &posted, asking.as_ref(), self.now)?;
        if fate.dies == Some(Death::BeforeItLeaves) {
            return Ok(true);
        }
        let number = posted.call.transaction();
        self.note(|_| {
            format!(
                "desk {desk} sends {number:?} {} for {}: {fate:?}",
                posted.message_id, posted.bill
            )
        });
        self.figures.messages += 1;
        let run = self.desks[desk].run;
        for (n, at) in fate.arrives.iter().enumerate() {
            let arrival = Happening::Arrives {
                desk,
                run,
                posted: Box::new(posted.clone()),
                fate: Box::new(fate.clone()),
                answers: n == 0,
            };
            self.plan(*at, arrival);
        }
        if let Some((at, end)) = fate.otherwise {
            let (event, raw) = end.outcome(&posted, self.rules.plant, &self.desks[desk].profile);
            self.plan(
                at,
                Happening::Outcome {
                    desk,
                    run,
                    bill: posted.bill,
                    event: Box::new(event),
                    raw,
                },
            );
        }
        if let Some(Death::Later(ms)) = fate.dies {
            self.plan(ms, Happening::Kill { desk, run });
        }
        Ok(fate.dies == Some(Death::RightAfter))
    }

    /// The queue settles a patient's bills in the order in which they were taken.
    fn in_order(&mut self, desk: usize, bill: &zhijie_model::BillId) -> Check {
        let states = self.states(desk);
        let of = |state: &State| {
            let case = state.case()?;
            let deferral = case.deferral.clone()?;
            Some((case.order.payer.number.clone(), deferral))
        };
        let Some((person, mine)) = states
            .iter()
            .find(|(other, _)| other == bill)
            .and_then(|(_, state)| of(state))
        else {
            return Ok(());
        };
        let overtaken = states.iter().find(|(other, state)| {
            other != bill
                && matches!(**state, State::Deferred(_))
                && of(state).is_some_and(|(theirs, deferral)| {
                    theirs == person && deferral.is_queued() && deferral.since < mine.since
                })
        });
        match overtaken {
            Some((other, _)) if mine.is_replayed() => crate::model::broken(
                "the-queue-keeps-a-patient-s-order",
                format!("{bill} before {other}"),
            ),
            _ => Ok(()),
        }
    }

    /// A message arrives at the centre.
    pub(crate) fn arrives(&mut self, desk: usize, run: u32, posted: &Posted, fate: &Fate, answers: bool) {
        let reply = if fate.sign_in_lost {
            Reply::Refused {
                refusal: centre::refusal("签到失效", true),
            }
        } else if fate.refused {
            centre::refused(certain(posted.call.transaction()))
        } else if self.is_busy_for(&posted.call) {
            centre::refused("系统繁忙")
        } else {
            let miss = self.rules.may_miss() && (self.calm || self.rng.percent(70));
            let lag_ms = self.rng.between(0, i64::from(self.rules.query_lag_s) * 1000);
            let times = (self.now, self.now - lag_ms);
            match self.centre.execute(&posted.call, &posted.message_id, times) {
                Reply::Queried { .. } if miss => Reply::Queried { rows: Vec::new() },
                Reply::VisitsFound { .. } if miss => Reply::VisitsFound { visits: Vec::new() },
                reply => reply,
            }
        };
        let Some(at) = fate.answered.filter(|_| answers) else {
            return;
        };
        let (event, raw) = line::reply(posted, reply, self.now, &self.desks[desk].profile);
        let event = Box::new(event);
        let wait = at - fate.arrives[0];
        self.plan(
            wait,
            Happening::Outcome {
                desk,
                run,
                bill: posted.bill.clone(),
                event,
                raw,
            },
        );
    }

    fn is_busy_for(&mut self, call: &Call) -> bool {
        let is_query = matches!(call, Call::QuerySettlement { .. } | Call::QueryVisits { .. });
        is_query && !self.calm && self.rng.percent(self.rules.busy)
    }

    /// The present state of every bill of a desk.
    pub(crate) fn states(&mut self, desk: usize) -> Vec<(zhijie_model::BillId, std::sync::Arc<State>)> {
        let bills: Vec<_> = self.cashiers[desk]
            .bills
            .iter()
            .map(|paper| paper.order.bill.id().clone())
            .collect();
        let desk = &mut self.desks[desk];
        let find = |bill: zhijie_model::BillId| {
            let state = desk
                .find(Key::Bill(bill.clone()))
                .map_or_else(Default::default, |found| found.state);
            (bill, state)
        };
        bills.into_iter().map(find).collect()
    }
}
