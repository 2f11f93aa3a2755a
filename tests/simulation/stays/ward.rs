//! One seed = one ward: a desk with its agent, a clerk, the line and the centre, until the faults stop and all must end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::oneshot;
use zhijie_agent::core::{FoundStay, Input, Key};
use zhijie_ledger::digest;
use zhijie_model::{BillId, Reply};
use zhijie_settlement::{Due, Event, State, StayState, plan, stay_plan};
use zhijie_wire::Profile;

use super::centre::Centre;
use super::clerk::{Asked, Clerk, Wish};
use super::truth::Truth;
use crate::answers::certain;
use crate::centre::{refusal, refused};
use crate::clock::START_MS;
use crate::desk::{Death, Desk, Reached};
use crate::line::{self, Death as Fall, Fate};
use crate::logs::Lines;
use crate::model::{Check, broken};
use crate::outside::{Posted, lock};
use crate::policy::{Plant, Rules};
use crate::request::Request;
use crate::rng::Rng;

const STEPS_SHOWN: usize = 400;
const STEPS_MAX: u64 = 20_000;

#[derive(Debug)]
enum Happening {
    Arrives {
        run: u32,
        posted: Box<Posted>,
        fate: Box<Fate>,
        answers: bool,
    },
    Outcome {
        run: u32,
        bill: BillId,
        event: Box<Event>,
        raw: Option<Vec<u8>>,
    },
    SignedIn {
        run: u32,
        bill: BillId,
        done: bool,
    },
    Timer,
    Clerk,
    Kill {
        run: u32,
    },
    Start,
}

pub(super) struct Ward {
    rng: Rng,
    rules: Rules,
    centre: Centre,
    desk: Desk,
    clerk: Clerk,
    truth: Truth,
    asking: Option<Wish>,
    now: i64,
    calm: bool,
    steps: u64,
    pub(super) moves: u64,
    pub(super) shown: VecDeque<String>,
    agenda: BTreeMap<(i64, u64), Happening>,
    count: u64,
    lines: Lines,
    _dir: TempDir,
}

impl Ward {
    pub(super) fn new(seed: u64, profile: &Arc<Profile>, lines: Lines) -> Self {
        let mut rng = Rng::new(seed);
        let mut rules = Rules::draw(&mut rng, Plant::None);
        rules.confirm_within_s = 0;
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::new(0, dir.path(), Arc::clone(profile));
        Self {
            clerk: Clerk::new(&rules, &mut rng),
            centre: Centre::new(rules.clone()),
            truth: Truth::new(&rules),
            rng,
            rules,
            desk,
            asking: None,
            now: START_MS,
            calm: false,
            steps: 0,
            moves: 0,
            shown: VecDeque::new(),
            agenda: BTreeMap::new(),
            count: 0,
            lines,
            _dir: dir,
        }
    }

    /// The whole life of the ward.
    pub(super) fn run(&mut self) -> Check {
        self.note(format!("{:?}", self.rules));
        self.plan(0, Happening::Start);
        self.plan(1, Happening::Clerk);
        let moves = self.rng.between(20, 60);
        while self.moves < u64::try_from(moves).unwrap() && self.step()? {}
        self.calm = true;
        self.note(String::from("the faults stop"));
        self.settle_down()?;
        for looks in [false, true, true] {
            self.ask_all_again()?;
            self.settle_down()?;
            self.person(looks)?;
            self.settle_down()?;
        }
        self.ask_all_again()?;
        for wish in &self.clerk.wishes {
            if self.truth.has_moved(&wish.id) && !self.truth.is_final(&wish.id) {
                return broken("whoever-asked-is-told", wish.id.as_str());
            }
        }
        self.at_rest()
    }

    fn note(&mut self, line: String) {
        if self.shown.len() == STEPS_SHOWN {
            self.shown.remove(1);
        }
        self.shown
            .push_back(format!("{:>7} s  {line}", (self.now - START_MS) / 1000));
    }

    fn plan(&mut self, in_ms: i64, what: Happening) {
        self.count += 1;
        self.agenda.insert((self.now + in_ms.max(0), self.count), what);
    }

    fn step(&mut self) -> Result<bool, crate::model::Broken> {
        let Some(((at, _), what)) = self.agenda.pop_first() else {
            return Ok(false);
        };
        self.now = self.now.max(at);
        self.steps += 1;
        self.desk.set_clock(self.now);
        self.happen(what)?;
        self.follow_up()?;
        for line in self.lines.take() {
            if line.level == tracing::Level::ERROR {
                return broken("no-error-in-the-log", line.text);
            }
        }
        self.truth.compare(&self.centre)?;
        Ok(true)
    }

    fn is_run(&self, run: u32) -> bool {
        self.desk.is_up() && self.desk.run == run
    }

    fn happen(&mut self, what: Happening) -> Check {
        match what {
            Happening::Arrives {
                run,
                posted,
                fate,
                answers,
            } => self.arrives(run, &posted, &fate, answers),
            Happening::Outcome {
                run,
                bill,
                event,
                raw,
            } if self.is_run(run) => {
                let lost = matches!(&*event, Event::Answered { reply, .. }
                    if matches!(&**reply, Reply::Refused { refusal } if refusal.sign_in_lost));
                if let (Event::Answered { message_id, .. }, true) = (&*event, lost) {
                    self.truth.unsigned(message_id);
                    lock(&self.desk.link).signed_in = false;
                }
                let event = *event;
                self.desk.core().handle(Input::Outcome { bill, event, raw });
            }
            Happening::SignedIn { run, bill, done } if self.is_run(run) => {
                lock(&self.desk.link).signed_in |= done;
                let input = if done {
                    Input::Wake { bill }
                } else {
                    Input::Unsigned { bill }
                };
                self.desk.core().handle(input);
            }
            Happening::Clerk => self.clerk_moves()?,
            Happening::Kill { run } if self.is_run(run) => self.kill(),
            Happening::Start if !self.desk.is_up() => {
                self.desk.start().unwrap();
                lock(&self.desk.link).cards.insert(crate::people::card(1));
            }
            Happening::Timer => self.desk.timer_at = i64::MAX,
            Happening::Outcome { .. }
            | Happening::SignedIn { .. }
            | Happening::Kill { .. }
            | Happening::Start => {}
        }
        Ok(())
    }

    fn kill(&mut self) {
        self.note(String::from("the agent dies"));
        let rng = &mut self.rng;
        let death = if rng.percent(50) {
            Death::Killed
        } else {
            Death::PowerCut
        };
        self.desk.end(death, &mut || rng.percent(50));
        let pause = if self.calm {
            0
        } else {
            self.rng.between(0, 400_000)
        };
        self.plan(pause, Happening::Start);
    }

    fn clerk_moves(&mut self) -> Check {
        if self.calm {
            return Ok(());
        }
        self.moves += 1;
        let pause = self.rng.between(200, 90_000);
        self.plan(pause, Happening::Clerk);
        if !self.desk.is_up() {
            return Ok(());
        }
        let found = self.find_stay();
        match self.clerk.next_wish(found.as_ref(), &mut self.rng) {
            Some(wish) => self.ask(&wish),
            None => Ok(()),
        }
    }

    fn find_stay(&mut self) -> Option<FoundStay> {
        let (reply, mut answer) = oneshot::channel();
        let key = Key::Bill(self.clerk.stay.clone());
        self.desk.core().handle(Input::FindStay { key, reply });
        answer.try_recv().unwrap().unwrap()
    }

    fn ask(&mut self, wish: &Wish) -> Check {
        self.note(format!("{} asks {:?} of {}", wish.id, wish.method, wish.bill));
        let (carried, event) = match &wish.asked {
            Asked::Bill(event) => ((**event).clone(), Some((**event).clone())),
            Asked::Stay(_) => (Event::Woken, None),
        };
        let request = Request {
            id: wish.id.clone(),
            method: wish.method,
            bill: wish.bill.clone(),
            event: carried,
        };
        let asked = zhijie_agent::core::Asked {
            request: wish.id.clone(),
            method: wish.method,
            body: digest(format!("{:?}", wish.asked).as_bytes()),
        };
        match self.desk.begin(asked, &request) {
            Reached::Told(text) => return self.heard(&wish.id.clone(), &text),
            Reached::Waits => return Ok(()),
            Reached::OtherBody => return broken("same-id-same-body", wish.id.as_str()),
            Reached::Down => {
                self.kill();
                return Ok(());
            }
            Reached::Claimed => {}
        }
        let signed_in = lock(&self.desk.link).signed_in;
        if !signed_in && (self.calm || self.rng.percent(90)) {
            if let Some(id) = self.desk.new_message_id() {
                self.truth.inquired(&id)?;
            }
            lock(&self.desk.link).signed_in = true;
        }
        self.asking = Some(wish.clone());
        match (&wish.asked, event) {
            (Asked::Stay(asked), _) => self.desk.core().handle(Input::AskStay {
                request: wish.id.clone(),
                stay: wish.bill.clone(),
                asked: asked.clone(),
            }),
            (Asked::Bill(_), event) => self.desk.core().handle(Input::Ask {
                request: wish.id.clone(),
                bill: wish.bill.clone(),
                event: event.unwrap_or(Event::Woken),
            }),
        }
        self.follow_up()
    }

    fn heard(&mut self, id: &zhijie_model::RequestId, text: &str) -> Check {
        let wish = self.clerk.wishes.iter().find(|wish| wish.id == *id).cloned();
        let Some(wish) = wish else { return Ok(()) };
        let answer: serde_json::Value = serde_json::from_str(text).unwrap();
        self.note(format!(
            "{id} hears {} {}",
            answer["outcome"], answer["fault"]["code"]
        ));
        let stored = self.desk.stored(id);
        self.truth.heard(&wish, text, stored.as_deref())?;
        self.clerk.hears(&wish, &answer);
        Ok(())
    }

    fn follow_up(&mut self) -> Check {
        while self.desk.is_up() {
            self.take_posted()?;
            if !self.desk.is_up() {
                break;
            }
            self.asking = None;
            for (request, text) in self.desk.answers() {
                self.heard(&request.id, &text)?;
            }
            self.desk.core().wake_what_is_due();
            if lock(&self.desk.link).is_quiet() {
                break;
            }
        }
        if self.desk.is_up() {
            let wait = self.desk.core().until_next_timer().max(Duration::from_millis(1));
            let at = self.now + i64::try_from(wait.as_millis()).unwrap();
            if at < self.desk.timer_at {
                self.desk.timer_at = at;
                self.plan(at - self.now, Happening::Timer);
            }
        }
        Ok(())
    }

    fn take_posted(&mut self) -> Check {
        let (posted, signing, unrecorded) = {
            let mut link = lock(&self.desk.link);
            (
                std::mem::take(&mut link.posted),
                std::mem::take(&mut link.signing),
                std::mem::take(&mut link.unrecorded),
            )
        };
        let run = self.desk.run;
        for (bill, event, raw) in unrecorded {
            let event = Box::new(event);
            self.plan(
                500,
                Happening::Outcome {
                    run,
                    bill,
                    event,
                    raw,
                },
            );
        }
        for (bill, id) in signing {
            self.truth.inquired(&id)?;
            let done = self.calm || self.rng.percent(85);
            let wait = self.rng.between(20, 3_000);
            self.plan(wait, Happening::SignedIn { run, bill, done });
        }
        let mut dies = false;
        for posted in posted {
            dies |= self.leaves(posted)?;
        }
        if dies {
            self.kill();
        }
        Ok(())
    }

    /// A message leaves. Whether the agent dies with it.
    fn leaves(&mut self, posted: Posted) -> Result<bool, crate::model::Broken> {
        self.truth.decided(&posted, self.asking.as_ref())?;
        let fate = if self.calm {
            Fate::calm(&mut self.rng)
        } else {
            Fate::draw(&mut self.rng, &self.rules)
        };
        if fate.dies == Some(Fall::BeforeItLeaves) {
            return Ok(true);
        }
        self.note(format!(
            "{:?} {} for {}: {fate:?}",
            posted.call.transaction(),
            posted.message_id,
            posted.bill
        ));
        let run = self.desk.run;
        for (n, at) in fate.arrives.iter().enumerate() {
            let arrival = Happening::Arrives {
                run,
                posted: Box::new(posted.clone()),
                fate: Box::new(fate.clone()),
                answers: n == 0,
            };
            self.plan(*at, arrival);
        }
        if let Some((at, end)) = fate.otherwise {
            let (event, raw) = end.outcome(&posted, self.rules.plant, &self.desk.profile);
            let (bill, event) = (posted.bill, Box::new(event));
            self.plan(
                at,
                Happening::Outcome {
                    run,
                    bill,
                    event,
                    raw,
                },
            );
        }
        if let Some(Fall::Later(ms)) = fate.dies {
            self.plan(ms, Happening::Kill { run });
        }
        Ok(fate.dies == Some(Fall::RightAfter))
    }

    /// A message arrives at the centre.
    fn arrives(&mut self, run: u32, posted: &Posted, fate: &Fate, answers: bool) {
        let reply = if fate.sign_in_lost {
            Reply::Refused {
                refusal: refusal("签到失效", true),
            }
        } else if fate.refused {
            refused(certain(posted.call.transaction()))
        } else {
            let miss = self.rules.may_miss() && (self.calm || self.rng.percent(70));
            let lag_ms = self.rng.between(0, i64::from(self.rules.query_lag_s) * 1000);
            let times = (self.now, self.now - lag_ms);
            match self.centre.execute(&posted.call, &posted.message_id, times) {
                Reply::Queried { .. } if miss => Reply::Queried { rows: Vec::new() },
                Reply::VisitsFound { .. } if miss => Reply::VisitsFound { visits: Vec::new() },
                Reply::InHospital { .. } if miss => Reply::InHospital { stays: Vec::new() },
                reply => reply,
            }
        };
        let Some(at) = fate.answered.filter(|_| answers) else {
            return;
        };
        let (event, raw) = line::reply(posted, reply, self.now, &self.desk.profile);
        let (bill, event) = (posted.bill.clone(), Box::new(event));
        self.plan(
            at - fate.arrives[0],
            Happening::Outcome {
                run,
                bill,
                event,
                raw,
            },
        );
    }

    /// Until nothing is on the way and the desk owes nothing.
    fn settle_down(&mut self) -> Check {
        let last = self.steps + STEPS_MAX;
        loop {
            if !self.desk.is_up() {
                self.plan(0, Happening::Start);
            }
            let busy = self.agenda.values().any(|what| !matches!(what, Happening::Timer));
            if !busy && self.desk.is_up() && !self.owes() {
                return Ok(());
            }
            if self.steps > last {
                return broken("every-saga-ends", "no rest");
            }
            self.step()?;
        }
    }

    fn owes(&mut self) -> bool {
        self.find_stay().is_some_and(|found| {
            let bill_owes = |state: &State| plan(state) != Due::Nothing;
            stay_plan(&found.state) != Due::Nothing || found.bills.iter().any(|bill| bill_owes(&bill.state))
        })
    }

    fn ask_all_again(&mut self) -> Check {
        for wish in self.clerk.wishes.clone() {
            let known = self.truth.is_final(&wish.id) || self.truth.has_moved(&wish.id);
            if known && self.desk.is_up() {
                self.ask(&wish)?;
            }
        }
        Ok(())
    }

    /// What waits for a person gets one, who sees the centre's books.
    fn person(&mut self, looks: bool) -> Check {
        let Some(found) = self.find_stay() else {
            return Ok(());
        };
        if let StayState::NeedsClerk(clerk) = &*found.state {
            super::person::may_be_needed(&clerk.reason)?;
            let verdict = super::person::of_stay(clerk, &self.centre, looks);
            let wish = self.clerk.resolve_stay(verdict);
            self.ask(&wish)?;
        }
        for bill in &found.bills {
            if let State::NeedsClerk(clerk) = &*bill.state {
                super::person::may_be_needed(&clerk.reason)?;
                let verdict = super::person::of_bill(clerk, &self.centre, looks);
                let wish = self.clerk.resolve_bill(bill.bill.clone(), verdict);
                self.ask(&wish)?;
            }
        }
        Ok(())
    }

    fn at_rest(&mut self) -> Check {
        let rng = &mut self.rng;
        self.desk.end(Death::PowerCut, &mut || rng.percent(50));
        self.desk.start().unwrap();
        if let Some(found) = self.find_stay() {
            self.truth.stay_at_rest(&found.state, &self.centre, self.now)?;
            for bill in &found.bills {
                self.truth.bill_at_rest(&bill.bill, &bill.state, &self.centre)?;
            }
        }
        self.desk.end(Death::Stopped, &mut || false);
        match self.desk.ledger_verifies() {
            Ok(()) => Ok(()),
            Err(damage) => broken("the-ledger-verifies", damage),
        }
    }
}
