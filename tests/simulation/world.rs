//! One seed = one world: desks, cashiers, the line, the centre and an agenda, all on one thread.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tempfile::TempDir;
use zhijie_agent::reconcile::Reach;
use zhijie_model::{BillId, MessageId, Reply, StatementRow};
use zhijie_settlement::Event;
use zhijie_wire::Profile;

use crate::cashier::{Cashier, Move};
use crate::centre::Centre;
use crate::clock::START_MS;
use crate::desk::{Copy, Desk, Reached};
use crate::line::Fate;
use crate::logs::Lines;
use crate::model::{Check, Model, broken};
use crate::outside::{Posted, lock};
use crate::people;
use crate::policy::{Plant, Rules};
use crate::request::Request;
use crate::rng::Rng;
use crate::statements;
use zhijie_tests::disk::Failure;

/// Steps a failure shows.
const STEPS_SHOWN: usize = 90;

/// Something on the agenda.
#[derive(Debug)]
pub(crate) enum Happening {
    Arrives {
        desk: usize,
        run: u32,
        posted: Box<Posted>,
        fate: Box<Fate>,
        answers: bool,
    },
    Outcome {
        desk: usize,
        run: u32,
        bill: BillId,
        event: Box<Event>,
        raw: Option<Vec<u8>>,
    },
    SignedIn {
        desk: usize,
        run: u32,
        bill: BillId,
        done: bool,
    },
    Timer {
        desk: usize,
    },
    AsksStatement {
        desk: usize,
    },
    MakesStatement {
        desk: usize,
        run: u32,
        asked: Box<statements::Asked>,
    },
    TellsStatement {
        desk: usize,
        run: u32,
        asked: Box<statements::Asked>,
        told: Box<(Reach, Vec<StatementRow>)>,
    },
    Cashier {
        desk: usize,
    },
    Kill {
        desk: usize,
        run: u32,
    },
    Start {
        desk: usize,
    },
    Jump {
        desk: usize,
        by_ms: i64,
    },
    Sleep {
        desk: usize,
        ms: i64,
    },
    DiskFull {
        desk: usize,
        run: u32,
        full: bool,
    },
    /// An operation of the disk will fail.
    DiskFails {
        desk: usize,
        run: u32,
        after: u64,
        failure: Failure,
    },
}

/// How much happened.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) steps: u64,
    pub(crate) messages: u64,
    pub(crate) kills: u64,
    pub(crate) power_cuts: u64,
    pub(crate) restored: u64,
    pub(crate) settled: u64,
    pub(crate) refunded: u64,
    pub(crate) persons: u64,
}

pub(crate) struct World {
    pub(crate) rng: Rng,
    /// What is drawn about statements.
    pub(crate) talks: Rng,
    pub(crate) rules: Rules,
    pub(crate) centre: Centre,
    pub(crate) desks: Vec<Desk>,
    pub(crate) cashiers: Vec<Cashier>,
    pub(crate) model: Model,
    pub(crate) now: i64,
    pub(crate) calm: bool,
    /// What the cashiers did so far.
    moves: i64,
    pub(crate) figures: Figures,
    /// Seconds every doubt took that ended by itself, in worlds where no clock is set.
    pub(crate) doubts_s: Vec<u64>,
    pub(crate) shown: VecDeque<String>,
    /// Everything that was shown, while it is wanted.
    pub(crate) course: Option<Vec<String>>,
    pub(crate) agenda: BTreeMap<(i64, u64), Happening>,
    count: u64,
    lines: Lines,
    pub(crate) copies: BTreeMap<usize, Copy>,
    /// Nothing gets through before.
    pub(crate) outage_until: i64,
    pub(crate) last_id: Option<MessageId>,
    _dir: TempDir,
}

impl World {
    pub(crate) fn new(seed: u64, plant: Plant, profile: &Arc<Profile>, lines: Lines) -> Self {
        let mut rng = Rng::new(seed);
        let rules = Rules::draw(&mut rng, plant);
        let bills = 1 + rng.index(3);
        Self::under(rules, (seed, rng), bills, profile, lines)
    }

    /// A world of these rules, with so many bills at each desk.
    pub(crate) fn under(
        rules: Rules,
        (seed, rng): (u64, Rng),
        bills: usize,
        profile: &Arc<Profile>,
        lines: Lines,
    ) -> Self {
        let dir = place();
        let desks: Vec<Desk> = (0..rules.desks)
            .map(|slot| Desk::new(slot, dir.path(), Arc::clone(profile)))
            .collect();
        let cashiers = (0..rules.desks).map(|desk| {
            let first = if rules.shared { 0 } else { desk * bills };
            // Desks that share a bill have to agree on its lines.
            let orders = (first..first + bills)
                .map(|n| people::order(&rules, n, &mut Rng::new(seed ^ u64::try_from(n).unwrap())));
            Cashier::new(desk, orders.collect())
        });
        let cashiers = cashiers.collect();
        Self {
            centre: Centre::new(rules.clone()),
            model: Model::new(&rules),
            talks: Rng::new(seed ^ 0x57A7_E3E7),
            rng,
            rules,
            desks,
            cashiers,
            now: START_MS,
            calm: false,
            moves: 0,
            figures: Figures::default(),
            doubts_s: Vec::new(),
            shown: VecDeque::new(),
            course: None,
            agenda: BTreeMap::new(),
            count: 0,
            lines,
            copies: BTreeMap::new(),
            outage_until: 0,
            last_id: None,
            _dir: dir,
        }
    }

    /// The whole life of the world.
    pub(crate) fn run(&mut self) -> Check {
        self.note(|rules| format!("{rules:?}"));
        for desk in 0..self.desks.len() {
            self.plan(0, Happening::Start { desk });
            self.plan(1, Happening::Cashier { desk });
        }
        let moves = self.rng.between(10, 30) * i64::try_from(self.desks.len()).unwrap();
        while self.moves < moves && self.step()? {}
        self.close()
    }

    pub(crate) fn note(&mut self, line: impl FnOnce(&Rules) -> String) {
        if self.shown.len() == STEPS_SHOWN {
            self.shown.remove(1);
        }
        let at = (self.now - START_MS) / 1000;
        let line = format!("{at:>7} s  {}", line(&self.rules));
        if let Some(course) = &mut self.course {
            course.push(line.clone());
        }
        self.shown.push_back(line);
    }

    pub(crate) fn plan(&mut self, in_ms: i64, what: Happening) {
        self.count += 1;
        self.agenda.insert((self.now + in_ms.max(0), self.count), what);
    }

    /// Whether anything but timers is on the agenda.
    pub(crate) fn is_busy(&self) -> bool {
        self.agenda
            .values()
            .any(|what| !matches!(what, Happening::Timer { .. }))
    }

    /// Takes the next thing on the agenda and compares everything afterwards.
    pub(crate) fn step(&mut self) -> Result<bool, crate::model::Broken> {
        let Some(((at, _), what)) = self.agenda.pop_first() else {
            return Ok(false);
        };
        self.now = self.now.max(at);
        self.figures.steps += 1;
        if let Some(desk) = what.desk() {
            let until = self.desks[desk].asleep_until;
            if until > self.now {
                self.plan(until - self.now, what);
                return Ok(true);
            }
            self.desks[desk].set_clock(self.now);
            let back = self.line_back_ms().filter(|_| !self.calm);
            let back = back.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            lock(&self.desks[desk].link).closed_until = back;
        }
        if let Happening::Timer { desk } = what {
            self.desks[desk].timer_at = i64::MAX;
        }
        if !matches!(what, Happening::Timer { .. }) {
            self.note(|_| what.line());
        }
        let desk = what.desk();
        self.happen(what)?;
        if let Some(desk) = desk {
            self.follow_up(desk)?;
        }
        self.read_logs()?;
        self.model.compare(&self.centre)?;
        Ok(true)
    }

    fn happen(&mut self, what: Happening) -> Check {
        use zhijie_agent::core::Input;
        match what {
            Happening::Arrives {
                desk,
                run,
                posted,
                fate,
                answers,
            } => {
                self.arrives(desk, run, &posted, &fate, answers);
            }
            Happening::Outcome {
                desk,
                run,
                bill,
                event,
                raw,
            } if self.is_run(desk, run) => {
                if let Some(message_id) = refused_unsigned(&event) {
                    self.model.unsigned(message_id);
                    lock(&self.desks[desk].link).signed_in = false;
                }
                let is_lost = matches!(&*event, Event::Lost { .. });
                if is_lost && self.rules.plant == Plant::StatementsAllTheTime && !self.calm {
                    let wait = self.talks.between(10, 6000);
                    self.plan(wait, Happening::AsksStatement { desk });
                }
                self.desks[desk].core().handle(Input::Outcome {
                    bill,
                    event: *event,
                    raw,
                });
            }
            Happening::SignedIn {
                desk,
                run,
                bill,
                done,
            } if self.is_run(desk, run) => {
                lock(&self.desks[desk].link).signed_in |= done;
                let input = if done {
                    Input::Wake { bill }
                } else {
                    Input::Unsigned { bill }
                };
                self.desks[desk].core().handle(input);
            }
            Happening::AsksStatement { desk } => self.asks_statement(desk)?,
            // What the centre makes of it does not depend on the desk.
            Happening::MakesStatement { desk, run, asked } => self.makes_statement(desk, run, asked),
            Happening::TellsStatement {
                desk,
                run,
                asked,
                told,
            } if self.is_run(desk, run) => self.tells_statement(desk, &asked, &told),
            Happening::TellsStatement { .. } => {}
            Happening::Cashier { desk } => self.cashier(desk)?,
            Happening::Kill { desk, run } if self.is_run(desk, run) => self.kill(desk),
            Happening::Start { desk } if !self.desks[desk].is_up() => self.start(desk),
            Happening::Jump { desk, by_ms } => {
                self.desks[desk].offset_ms += by_ms;
                self.desks[desk].set_clock(self.now);
            }
            Happening::Sleep { desk, ms } => {
                self.desks[desk].asleep_until = self.now + ms;
                self.desks[desk].clock.sleep(ms);
            }
            Happening::DiskFull { desk, run, full } if self.is_run(desk, run) => {
                let needed = if full && !self.calm { u64::MAX } else { 0 };
                self.desks[desk].core().ledger().require_free_space(needed);
            }
            Happening::DiskFails {
                desk,
                run,
                after,
                failure,
            } if self.is_run(desk, run) && !self.calm => self.desks[desk].disk.fail_at(after, failure),
            Happening::Outcome { .. }
            | Happening::SignedIn { .. }
            | Happening::Timer { .. }
            | Happening::Kill { .. }
            | Happening::Start { .. }
            | Happening::DiskFull { .. }
            | Happening::DiskFails { .. } => {}
        }
        Ok(())
    }

    pub(crate) fn is_run(&self, desk: usize, run: u32) -> bool {
        self.desks[desk].is_up() && self.desks[desk].run == run
    }

    fn cashier(&mut self, desk: usize) -> Check {
        if self.calm {
            return Ok(());
        }
        self.moves += 1;
        let pause = if self.rng.percent(3) {
            // Something else comes between; quotes grow old meanwhile.
            self.rng.between(600_000, 1_500_000)
        } else {
            self.rng.between(200, 60_000)
        };
        self.plan(pause, Happening::Cashier { desk });
        self.trouble(desk);
        let often = self
            .rules
            .statements
            .as_ref()
            .map_or(0, |statements| statements.often);
        if self.talks.percent(often) {
            let wait = self.talks.between(1, 60_000);
            self.plan(wait, Happening::AsksStatement { desk });
        }
        if !self.desks[desk].is_up() {
            return Ok(());
        }
        if self.rng.percent(self.rules.faults.outage) {
            self.outage_until = self.now + self.rng.between(60_000, 7_200_000);
            self.note(|_| String::from("nothing gets through"));
        }
        self.cashiers[desk].later = self.may_wait_until(desk);
        let next = self.cashiers[desk].next_move(&mut self.rng);
        self.note(|_| format!("desk {desk}: {}", next.line()));
        match next {
            Move::Ask(request) | Move::Again(request) => self.ask(desk, &request),
            Move::Twice(request) => {
                self.ask(desk, &request)?;
                if self.desks[desk].is_up() {
                    self.ask(desk, &request)
                } else {
                    Ok(())
                }
            }
            Move::Alter(request) => self.alter(desk, &request),
            Move::Status(request) => {
                let key = zhijie_agent::core::Key::Request(request.id.clone());
                let found = self.desks[desk].find(key).and_then(|found| found.answer);
                let text = found.map(|answer| answer.answer);
                text.map_or(Ok(()), |text| self.heard(desk, &request, &text))
            }
            Move::Nothing => Ok(()),
        }
    }

    fn may_wait_until(&self, desk: usize) -> Option<jiff::Timestamp> {
        let until = self.now + self.desks[desk].offset_ms + self.rules.keep_s * 1000;
        let until = jiff::Timestamp::from_millisecond(until).ok();
        until.filter(|_| self.rules.defers)
    }

    pub(crate) fn is_cut_off(&self) -> bool {
        !self.calm && (self.now < self.outage_until || self.line_back_ms().is_some())
    }

    /// When the line works again, where it comes and goes.
    fn line_back_ms(&self) -> Option<i64> {
        let back = self.rules.line_back_ms(self.now - START_MS)?;
        Some(START_MS + back)
    }

    /// Asks as the desk's software does: claim, have a card and a sign-in, hand the event over.
    pub(crate) fn ask(&mut self, desk: usize, request: &Request) -> Check {
        match self.desks[desk].begin(request.asked(), request) {
            Reached::Told(text) => return self.heard(desk, request, &text),
            Reached::Waits => return Ok(()),
            Reached::OtherBody => return broken("same-id-same-body", request.id.as_str()),
            Reached::Down => {
                let run = self.desks[desk].run;
                self.plan(0, Happening::Kill { desk, run });
                return Ok(());
            }
            Reached::Claimed => {}
        }
        let card = match &request.event {
            Event::QuoteAsked { order, .. } | Event::DeferAsked { order, .. } => Some(order.identity.clone()),
            _ => None,
        };
        if may_wait(&request.event) {
            self.model.deferred(desk, &request.bill);
        }
        lock(&self.desks[desk].link).cards.extend(card);
        let signed_in = lock(&self.desks[desk].link).signed_in;
        if !signed_in && (self.calm || self.rng.percent(90)) {
            if let Some(id) = self.desks[desk].new_message_id() {
                self.model.inquired(&id)?;
            }
            lock(&self.desks[desk].link).signed_in = true;
        }
        self.desks[desk].ask(request);
        self.follow_up(desk)
    }

    /// The same id with another body: nothing may run once the id is known.
    fn alter(&mut self, desk: usize, request: &Request) -> Check {
        if !self.model.is_final(&request.id) || self.model.restored {
            return Ok(());
        }
        match self.desks[desk].begin(request.altered(), request) {
            Reached::OtherBody | Reached::Down => Ok(()),
            Reached::Told(_) | Reached::Waits | Reached::Claimed => {
                broken("same-id-other-body-runs-nothing", request.id.as_str())
            }
        }
    }

    pub(crate) fn heard(&mut self, desk: usize, request: &Request, text: &str) -> Check {
        let stored = self.desks[desk].stored(&request.id);
        self.note(|_| format!("desk {desk} hears to {}: {}", request.id, brief(text)));
        self.model.heard(desk, request, text, stored.as_deref())?;
        self.cashiers[desk].hears(request, text);
        Ok(())
    }

    fn read_logs(&mut self) -> Check {
        for line in self.lines.take() {
            if let Some(found) = people::PRIVATE
                .iter()
                .find(|private| line.text.contains(**private))
            {
                return broken(
                    "nobody-s-name-or-number-in-a-log",
                    format!("{found} in {}", line.text),
                );
            }
            if self.rules.faults.jump == 0 {
                self.doubts_s.extend(line.number("in_doubt_s"));
            }
            if line.level == tracing::Level::ERROR && !self.is_expected(&line.text) {
                return broken("no-error-in-the-log", line.text);
            }
        }
        Ok(())
    }

    /// The errors a full or broken disk is to be reported with.
    fn is_expected(&self, text: &str) -> bool {
        const FULL: [&str; 2] = ["Ledger cannot be written", "An outcome cannot be recorded"];
        self.rules.disk_fails() && FULL.iter().any(|start| text.starts_with(start))
    }
}

/// The message that was refused for want of a sign-in.
fn refused_unsigned(event: &Event) -> Option<&MessageId> {
    match event {
        Event::Answered { message_id, reply } => {
            let lost = matches!(&**reply, Reply::Refused { refusal } if refusal.sign_in_lost);
            lost.then_some(message_id)
        }
        _ => None,
    }
}

/// In memory where the system has such a place: what is proved here does not need a slow disk.
fn place() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.unwrap()
}

fn brief(text: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(text).unwrap();
    format!(
        "{} {} {}",
        answer["outcome"], answer["settlement"]["settlement_id"], answer["fault"]["code"]
    )
}

/// Whether the desk lets the bill be settled later.
fn may_wait(event: &Event) -> bool {
    matches!(
        event,
        Event::DeferAsked { .. } | Event::SettleAsked { later: Some(_), .. }
    )
}
