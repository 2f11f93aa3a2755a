//! A day at a township clinic: one desk, a line that lets something through for one minute in fifty, the power gone twice.
//! Every bill ends settled or honestly parked, none twice, none lost.
//!
//! `ZHIJIE_TOWNSHIP=120` sets how many patients come (`make township`); a shortened day is part of `cargo test`.

use std::fmt;

use zhijie_settlement::{Event, State};

use crate::cashier::terms;
use crate::clock::START_MS;
use crate::desk::Death;
use crate::logs::Lines;
use crate::model::{Broken, Check};
use crate::people;
use crate::policy::Rules;
use crate::request::Request;
use crate::rng::Rng;
use crate::run;
use crate::world::{Happening, World};

/// Minutes between two patients.
const APART_MIN: i64 = 4;
/// How long the line stays as bad after the last patient.
const AFTERWARDS_MIN: i64 = 3 * 24 * 60;

#[derive(Debug, Default)]
struct Day {
    bills: usize,
    deferred: usize,
    settled_under_the_bad_line: usize,
    settled: usize,
    parked: usize,
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} bills, {} deferred, {} settled while the line worked one minute in fifty, {} in the end, {} parked; 2 \
             power cuts",
            self.bills, self.deferred, self.settled_under_the_bad_line, self.settled, self.parked
        )
    }
}

#[test]
fn a_day_at_a_township_clinic() {
    let patients = run::number("ZHIJIE_TOWNSHIP").unwrap_or(40);
    let patients = usize::try_from(patients).unwrap();
    for seed in 1..=2 {
        let lines = Lines::default();
        let mut rng = Rng::new(seed);
        let rules = Rules::township(&mut rng);
        let mut world = World::under(rules, (seed, rng), patients, &run::profile(), lines.clone());
        let lived = tracing::subscriber::with_default(lines, || world.township(patients));
        let day = lived.unwrap_or_else(|broken: Broken| {
            let shown: Vec<&str> = world.shown.iter().map(String::as_str).collect();
            panic!(
                "seed {seed}: {}: {}\n{}",
                broken.invariant,
                broken.detail,
                shown.join("\n")
            )
        });
        println!("township: {day}");
        assert_eq!(day.settled + day.parked, patients, "{day}");
        assert!(day.deferred * 10 > patients * 9, "the line was too good: {day}");
        assert!(day.settled * 10 > patients * 9, "{day}");
    }
}

impl World {
    fn township(&mut self, patients: usize) -> Result<Day, Broken> {
        self.plan(0, Happening::Start { desk: 0 });
        for n in 0..patients {
            let comes = START_MS + i64::try_from(n).unwrap() * APART_MIN * 60_000;
            self.pass_until(comes)?;
            if n == patients / 3 || n == patients * 2 / 3 {
                self.power_cut()?;
            }
            self.serve(n)?;
        }
        self.pass_until(self.now + AFTERWARDS_MIN * 60_000)?;
        let before = self.count_ends();
        self.close()?;
        let after = self.count_ends();
        Ok(Day {
            bills: patients,
            deferred: before.1,
            settled_under_the_bad_line: before.0,
            settled: after.0,
            parked: after.2,
        })
    }

    /// Lets everything happen that is due by then.
    fn pass_until(&mut self, at_ms: i64) -> Check {
        while self
            .agenda
            .first_key_value()
            .is_some_and(|((due, _), _)| *due <= at_ms)
        {
            self.step()?;
        }
        self.now = self.now.max(at_ms);
        Ok(())
    }

    fn power_cut(&mut self) -> Check {
        self.figures.power_cuts += 1;
        self.note(|_| String::from("the power goes"));
        self.end(0, Death::PowerCut);
        self.plan(60_000, Happening::Start { desk: 0 });
        self.pass_until(self.now + 60_000)
    }

    /// A patient stands at the desk with her card.
    fn serve(&mut self, n: usize) -> Check {
        let mut order = self.cashiers[0].bills[n].order.clone();
        order.credential = Some(people::credential());
        let id = self.cashiers[0].next_id();
        let deadline = self.now + self.rules.keep_s * 1000;
        let deadline = jiff::Timestamp::from_millisecond(deadline).unwrap();
        let event = Event::DeferAsked {
            request: id,
            terms: Box::new(terms(&order, deadline)),
            order: Box::new(order.clone()),
        };
        let request = Request::new(order.bill.id(), event);
        self.cashiers[0].requests.push(request.clone());
        self.desks[0].set_clock(self.now);
        self.ask(0, &request)
    }

    /// Bills settled, bills that were deferred, bills left to a person.
    fn count_ends(&mut self) -> (usize, usize, usize) {
        if !self.desks[0].is_up() {
            self.start(0);
        }
        let states = self.states(0);
        let settled = states
            .iter()
            .filter(|(_, state)| matches!(**state, State::Settled(_)))
            .count();
        let deferred = states
            .iter()
            .filter(|(_, state)| state.case().is_some_and(|case| case.deferral.is_some()))
            .count();
        let parked = states
            .iter()
            .filter(|(_, state)| matches!(**state, State::Deferred(_)))
            .count();
        (settled, deferred, parked)
    }
}
