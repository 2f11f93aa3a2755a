//! The centre's statement, asked for by a desk while something is in doubt: late, behind the books, with rows left out where
//! the province does so, and with the rows of all other desks.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::oneshot;
use zhijie_agent::core::Input;
use zhijie_agent::reconcile::{Doubtful, Group, Placed, Reach, Sure, judge};
use zhijie_model::{BillId, MessageId, RowVerdict, SettlementId, StatedTotals, StatementRow, beijing};
use zhijie_settlement::{Event, State};
use zhijie_wire::{StatementRules, responded_at};

use crate::centre::{Centre, Entry};
use crate::model::Check;
use crate::policy::Plant;
use crate::rng::Rng;
use crate::world::{Happening, World};

/// How a province states its days.
#[derive(Debug, Clone)]
pub(crate) struct Statements {
    /// Chance in percent, at each move of a cashier, that her desk asks for one.
    pub(crate) often: u64,
    /// Rows are never left out, and the agent is told so.
    pub(crate) complete: bool,
    /// The current day is as complete as the days before.
    pub(crate) same_day: bool,
    pub(crate) lag_s: u32,
    /// Rows have the centre's amounts.
    pub(crate) amounts: bool,
    /// A settlement that was refunded is marked itself, not only its refund.
    pub(crate) marks_refunded: bool,
}

impl Statements {
    pub(crate) fn draw(rng: &mut Rng) -> Option<Self> {
        rng.percent(60).then(|| Self {
            often: [5, 30][rng.index(2)],
            complete: rng.percent(65),
            same_day: rng.percent(75),
            lag_s: if rng.percent(40) {
                u32::try_from(rng.between(60, 900)).unwrap()
            } else {
                0
            },
            amounts: rng.percent(85),
            marks_refunded: rng.percent(50),
        })
    }

    /// One after the other while something is in doubt, and believed where they may be.
    pub(crate) fn all_the_time(rng: &mut Rng) -> Self {
        Self {
            often: 100,
            complete: true,
            same_day: rng.percent(50),
            lag_s: 0,
            amounts: true,
            marks_refunded: rng.percent(50),
        }
    }

    /// What the agent is told of it: the truth.
    fn rules(&self) -> StatementRules {
        StatementRules {
            absence_is_evidence: self.complete,
            same_day: self.same_day,
            lag_max_s: self.lag_s,
            ..StatementRules::default()
        }
    }
}

/// A statement a desk waits for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    statement: MessageId,
    placed: Vec<Placed>,
    days: (Date, Date),
    /// What the desk's ledger holds, as it told the centre.
    own: BTreeSet<SettlementId>,
    own_refunds: BTreeSet<MessageId>,
}

impl Asked {
    /// For people: without what a wall clock tells.
    pub(crate) fn line(&self) -> String {
        let about: Vec<&str> = self
            .placed
            .iter()
            .map(|placed| placed.doubtful.subject.as_str())
            .collect();
        format!("statement {} about {}", self.statement, about.join(", "))
    }
}

impl World {
    pub(crate) fn asks_statement(&mut self, desk: usize) -> Check {
        if self.rules.statements.is_none() || !self.desks[desk].is_up() || self.is_cut_off() {
            return Ok(());
        }
        let doubts: Vec<Doubtful> = open(self, desk)
            .iter()
            .filter_map(|(bill, state)| Doubtful::of(bill, state))
            .collect();
        if doubts.is_empty() {
            return Ok(());
        }
        let Some(statement) = self.desks[desk].new_message_id() else {
            return Ok(());
        };
        self.model.inquired(&statement)?;
        let today = beijing_day(self.now);
        let placed: Vec<Placed> = doubts
            .into_iter()
            .map(|doubtful| self.placed(desk, doubtful))
            .collect();
        let first = placed.iter().filter_map(|placed| placed.from).min();
        let mut asked = Asked {
            statement: statement.clone(),
            days: (first.unwrap_or(today), today),
            own: BTreeSet::new(),
            own_refunds: BTreeSet::new(),
            placed,
        };
        for (_, state) in self.states(desk) {
            asked
                .own
                .extend(state.settled().map(|settled| settled.settlement.id.clone()));
            if let State::Cancelled { refunded_by, .. } = &*state {
                asked.own_refunds.insert(refunded_by.clone());
            }
        }
        self.note(|_| format!("desk {desk} asks for statement {statement}"));
        for placed in &asked.placed {
            let event = Event::StatementAsked {
                statement: statement.clone(),
            };
            tell(self, desk, &placed.doubtful.bill, event);
        }
        let run = self.desks[desk].run;
        let asked = Box::new(asked);
        let wait = self.talks.between(10, 20_000);
        self.plan(wait, Happening::MakesStatement { desk, run, asked });
        if self.rules.plant == Plant::StatementsAllTheTime && !self.calm {
            let wait = self.talks.between(1000, 40_000);
            self.plan(wait, Happening::AsksStatement { desk });
        }
        Ok(())
    }

    /// The day of the trial's answer, by the centre's clock, as the ledger has it.
    fn placed(&mut self, desk: usize, doubtful: Doubtful) -> Placed {
        let reply = self.desks[desk].core().outside().ledger.reply(&doubtful.trial);
        let from = reply.unwrap().and_then(|reply| responded_at(&reply.body));
        Placed {
            group: Group {
                office: String::from("310000"),
                kind: String::from("11"),
            },
            sure: Sure::Yes,
            from: from.map(|at| at.date()),
            doubtful,
        }
    }

    /// The centre makes it; it comes a while later, or never.
    pub(crate) fn makes_statement(&mut self, desk: usize, run: u32, asked: Box<Asked>) {
        let Some(rules) = self.rules.statements.clone() else {
            return;
        };
        if !self.calm && self.talks.percent(15) {
            return;
        }
        let lag_ms = self.talks.between(0, i64::from(rules.lag_s) * 1000);
        let amounts = rules.amounts || !self.rules.person_may_be_needed();
        let times = (self.now, self.now - lag_ms);
        let rows = self
            .centre
            .statement(times, &asked, (&rules, amounts), &mut self.talks);
        let at = Timestamp::from_millisecond(self.now).unwrap();
        let reach = Reach {
            days: asked.days,
            made_at: Some(beijing(at)),
        };
        let wait = self.talks.between(10, 20_000);
        self.plan(
            wait,
            Happening::TellsStatement {
                desk,
                run,
                asked,
                told: Box::new((reach, rows)),
            },
        );
    }

    pub(crate) fn tells_statement(
        &mut self,
        desk: usize,
        asked: &Asked,
        (reach, rows): &(Reach, Vec<StatementRow>),
    ) {
        let Some(rules) = self.rules.statements.as_ref().map(Statements::rules) else {
            return;
        };
        for placed in &asked.placed {
            let Some((behind_s, stated)) = judge(placed, rows, *reach, &rules) else {
                continue;
            };
            self.note(|_| format!("desk {desk}: {} is {}", placed.doubtful.subject, stated.name()));
            let event = Event::StatementTold {
                statement: asked.statement.clone(),
                behind_s,
                stated,
            };
            tell(self, desk, &placed.doubtful.bill, event);
        }
    }
}

fn open(world: &mut World, desk: usize) -> Vec<(BillId, std::sync::Arc<State>)> {
    let (reply, mut answer) = oneshot::channel();
    world.desks[desk].core().handle(Input::Open { reply });
    answer.try_recv().unwrap()
}

fn tell(world: &mut World, desk: usize, bill: &BillId, event: Event) {
    world.desks[desk].core().handle(Input::Outcome {
        bill: bill.clone(),
        event,
        raw: None,
    });
}

fn beijing_day(ms: i64) -> Date {
    beijing(Timestamp::from_millisecond(ms).unwrap()).date()
}

impl Centre {
    /// The rows in which its books and a desk's differ, as the books were at `seen_ms`.
    fn statement(
        &self,
        (now_ms, seen_ms): (i64, i64),
        asked: &Asked,
        (rules, amounts): (&Statements, bool),
        rng: &mut Rng,
    ) -> Vec<StatementRow> {
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for entry in &self.books {
            let Some((settlement, refund)) = as_seen(entry, seen_ms) else {
                continue;
            };
            let mut made = Vec::new();
            let known = asked.own.contains(&entry.settlement.id);
            let shown = is_shown(rules, settlement, now_ms, rng);
            // What the desk told is looked up; left out is what only the centre has.
            if is_in(settlement, asked.days) && (known || shown) {
                seen.insert(entry.settlement.id.clone());
                let marked = refund.is_some() && rules.marks_refunded && shown;
                let verdict = if known {
                    RowVerdict::Differs
                } else {
                    RowVerdict::CentreMore
                };
                if !known || marked {
                    made.push(row(entry, &entry.message, verdict, marked, 1));
                }
            }
            if let Some((at_ms, message)) = refund
                && !asked.own_refunds.contains(message)
                && is_in(at_ms, asked.days)
                && is_shown(rules, at_ms, now_ms, rng)
            {
                made.push(row(entry, message, RowVerdict::CentreMore, true, -1));
            }
            rows.extend(made);
        }
        for id in &asked.own {
            if !seen.contains(id) {
                rows.push(StatementRow {
                    verdict: RowVerdict::HospitalMore,
                    message: None,
                    settlement: Some(id.clone()),
                    visit: None,
                    refunded: false,
                    totals: None,
                });
            }
        }
        if !amounts {
            rows.iter_mut().for_each(|row| row.totals = None);
        }
        rows
    }
}

/// When it was made, and when and by what it was refunded, as far as the books show it; nothing of what was reversed.
fn as_seen(entry: &Entry, seen_ms: i64) -> Option<(i64, Option<(i64, &MessageId)>)> {
    let ended = entry.ended_ms() <= seen_ms;
    if entry.made_ms() > seen_ms || (entry.reversed && ended) {
        return None;
    }
    let refund = entry.refunded_by.as_ref().filter(|_| ended);
    Some((entry.made_ms(), refund.map(|message| (entry.ended_ms(), message))))
}

fn is_in(at_ms: i64, days: (Date, Date)) -> bool {
    let day = beijing_day(at_ms);
    days.0 <= day && day <= days.1
}

fn is_shown(rules: &Statements, at_ms: i64, now_ms: i64, rng: &mut Rng) -> bool {
    let today = beijing_day(at_ms) == beijing_day(now_ms);
    let may_be_left_out = !rules.complete || (today && !rules.same_day);
    !(may_be_left_out && rng.percent(50))
}

fn row(entry: &Entry, message: &MessageId, verdict: RowVerdict, refunded: bool, sign: i64) -> StatementRow {
    let parts = entry.settlement.split.parts();
    let signed = |amount: zhijie_model::Fen| {
        if sign < 0 { amount.negated() } else { amount }
    };
    let settlement = if sign < 0 {
        SettlementId::new(format!("R{}", &message.as_str()[12..])).ok()
    } else {
        Some(entry.settlement.id.clone())
    };
    StatementRow {
        verdict,
        message: Some(message.clone()),
        settlement,
        visit: Some(entry.settlement.visit_id.clone()),
        refunded,
        totals: Some(StatedTotals {
            total: signed(parts.total),
            funds: signed(parts.fund_total),
            account: signed(parts.account),
        }),
    }
}
