//! The faults stop and time passes: everything must come to an end that agrees with the centre's books.

use zhijie_model::BillId;
use zhijie_settlement::{ClerkReason, Due, Event, NeedsClerk, State, Verdict, plan};

use crate::desk::Death;
use crate::model::{Check, broken};
use crate::request::Request;
use crate::world::{Happening, World};

/// Steps after which a world that does not come to rest never will.
const STEPS_MAX: u64 = 30_000;

impl World {
    pub(crate) fn close(&mut self) -> Check {
        self.calm = true;
        self.note(|_| String::from("the faults stop"));
        self.settle_down()?;
        for desk in 0..self.desks.len() {
            self.ask_all_again(desk)?;
        }
        self.settle_down()?;
        self.state_all()?;
        // First the person only says that the line works again; then she looks into the centre's books.
        for verdict in [false, true, true] {
            for desk in 0..self.desks.len() {
                self.person(desk, verdict)?;
            }
            self.settle_down()?;
        }
        for desk in 0..self.desks.len() {
            self.ask_all_again(desk)?;
            for request in &self.cashiers[desk].requests {
                let forgotten = self.model.restored || self.model.is_final(&request.id);
                if self.model.has_moved_money(&request.id) && !forgotten {
                    return broken("whoever-asked-for-money-is-told", request.id.as_str());
                }
            }
            self.end(desk, Death::PowerCut);
            self.start(desk);
            for (bill, state) in self.states(desk) {
                self.count(&state);
                self.model.at_rest(desk, &bill, &state, &self.centre)?;
            }
            self.end(desk, Death::Stopped);
            if let Err(damage) = self.desks[desk].ledger_verifies() {
                return broken("the-ledger-verifies", damage);
            }
        }
        Ok(())
    }

    /// Every desk asks for statements until nothing can be late any more.
    fn state_all(&mut self) -> Check {
        let behind_s = self
            .rules
            .statements
            .as_ref()
            .map_or(0, |statements| statements.lag_s);
        let horizon_s = self.rules.late_max_s + self.rules.query_lag_s.max(behind_s);
        for n in 0..3 {
            for desk in 0..self.desks.len() {
                let wait = n * (i64::from(horizon_s) * 1000 + 60_000);
                self.plan(wait, Happening::AsksStatement { desk });
            }
        }
        self.settle_down()
    }

    fn count(&mut self, state: &State) {
        self.figures.settled += u64::from(matches!(state, State::Settled(_)));
        self.figures.refunded += u64::from(matches!(state, State::Cancelled { .. }));
    }

    /// Until nothing is on the way and no desk owes anything to a bill.
    fn settle_down(&mut self) -> Check {
        for desk in 0..self.desks.len() {
            let asleep_ms = std::mem::take(&mut self.desks[desk].asleep_until) - self.now;
            self.desks[desk].clock.sleep(-asleep_ms.max(0));
            self.desks[desk].disk.heal();
            if self.desks[desk].is_up() {
                // A loop that gave up on its disk is started anew by whoever looks after it.
                self.desks[desk].core().ledger().require_free_space(0);
                if self.desks[desk].figures().ledger_down {
                    self.kill(desk);
                }
            } else {
                self.plan(0, Happening::Start { desk });
            }
        }
        let last = self.figures.steps + STEPS_MAX;
        loop {
            while self.is_busy() || !self.owed().is_empty() {
                if self.figures.steps > last {
                    return broken(
                        "every-saga-ends",
                        format!("no rest while these are owed: {:?}", self.owed()),
                    );
                }
                if !self.step()? {
                    break;
                }
            }
            let down: Vec<usize> = (0..self.desks.len())
                .filter(|desk| !self.desks[*desk].is_up())
                .collect();
            if down.is_empty() {
                return Ok(());
            }
            for desk in down {
                self.plan(0, Happening::Start { desk });
            }
        }
    }

    /// What desks still owe to bills by themselves.
    fn owed(&mut self) -> Vec<String> {
        let mut owed = Vec::new();
        for desk in 0..self.desks.len() {
            if self.desks[desk].is_up() {
                let open = self
                    .states(desk)
                    .into_iter()
                    .filter(|(_, state)| plan(state) != Due::Nothing);
                owed.extend(open.map(|(bill, state)| format!("{} {bill}", state.name())));
            }
        }
        owed
    }

    /// Every request once more: an open one gets its answer, a final one the same answer again.
    fn ask_all_again(&mut self, desk: usize) -> Check {
        for request in self.cashiers[desk].requests.clone() {
            let answered = self.model.is_final(&request.id) || self.model.has_moved_money(&request.id);
            if self.desks[desk].is_up() && answered {
                self.desks[desk].set_clock(self.now);
                self.ask(desk, &request)?;
            }
        }
        Ok(())
    }

    /// What waits for a person gets one. She sees the centre's books, and nothing is on the way any more.
    fn person(&mut self, desk: usize, looks: bool) -> Check {
        self.desks[desk].set_clock(self.now);
        for (bill, state) in self.states(desk) {
            let State::NeedsClerk(clerk) = &*state else {
                continue;
            };
            // Nothing fences off what no reversal is known for.
            let unfenced = clerk.reason == ClerkReason::NoFence
                && clerk
                    .before
                    .case()
                    .is_some_and(|case| case.order.policy.irreversible);
            let expected = unfenced || self.rules.person_may_be_needed();
            if clerk.reason == ClerkReason::Impossible || !expected {
                return broken(
                    "a-person-only-where-nobody-else-can-know",
                    format!("{bill}: {:?}", clerk.reason),
                );
            }
            self.figures.persons += 1;
            let verdict = if looks {
                self.look(clerk)
            } else {
                Verdict::AskAgain
            };
            self.resolve(desk, &bill, verdict)?;
        }
        Ok(())
    }

    fn look(&self, clerk: &NeedsClerk) -> Verdict {
        let subject = clerk.before.doubt().map(|doubt| &doubt.subject);
        let told = clerk.before.settled().map(|settled| &settled.settlement.id);
        let asked = |entry: &&crate::centre::Entry| {
            entry.stands() && (Some(&entry.message) == subject || Some(&entry.settlement.id) == told)
        };
        match self.centre.books.iter().find(asked) {
            Some(entry) => Verdict::Stands {
                settlement: entry.settlement.id.clone(),
                visit: Some(entry.settlement.visit_id.clone()),
            },
            None => Verdict::DoesNotStand,
        }
    }

    fn resolve(&mut self, desk: usize, bill: &BillId, verdict: Verdict) -> Check {
        self.note(|_| format!("desk {desk}: a person resolves {bill}: {verdict:?}"));
        let event = Event::Resolved {
            request: self.cashiers[desk].next_id(),
            verdict,
            person: String::from("0008"),
            reason: String::from("对账"),
        };
        self.ask(desk, &Request::new(bill, event))
    }
}
