//! What differs from world to world: how the centre behaves, how bad the line is, and what is broken on purpose.

use zhijie_model::{Area, Distance};
use zhijie_settlement::{Policy, Unconfirmed};

use crate::rng::Rng;
use crate::statements::Statements;

/// A bug put into the world (not into the agent) to show that the invariants notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plant {
    None,
    /// The centre executes a message again when it arrives again.
    ExecutesTwice,
    /// The line reports a time-out as proof that nothing was sent.
    TimeoutIsNotSent,
    /// The line sends a message under the id of the message before.
    IdUsedAgain,
    /// The line takes whatever it cannot read for a refusal.
    UnreadableIsRefused,
    /// No bug: clocks are set ahead too.
    ClocksAhead,
    /// No bug: a PC gets an old copy of its ledger back.
    CopiesRestored,
    /// The message leaves under bytes that are not the recorded ones.
    OtherBytes,
    /// No bug: queries miss visitors, answers are lost, and desks ask for one statement after the other.
    StatementsAllTheTime,
    /// No bug: sign-ins get lost, and disks and agents fail at every turn.
    SignInsAndDisksFail,
}

/// Chances in percent, drawn once per world.
#[derive(Debug, Clone)]
pub(crate) struct Faults {
    pub(crate) never_arrives: u64,
    pub(crate) answer_lost: u64,
    pub(crate) not_sent: u64,
    pub(crate) late: u64,
    pub(crate) twice: u64,
    pub(crate) unreadable: u64,
    pub(crate) refused: u64,
    pub(crate) sign_in_lost: u64,
    pub(crate) kill: u64,
    pub(crate) jump: u64,
    pub(crate) asleep: u64,
    pub(crate) disk_full: u64,
    /// A write, a flush or a deletion that fails.
    pub(crate) disk_error: u64,
    /// The power goes, now or in the middle of a write.
    pub(crate) power: u64,
    /// Nothing gets through for a while.
    pub(crate) outage: u64,
}

/// One world's rules.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) plant: Plant,
    pub(crate) desks: usize,
    /// All desks work on the same bills.
    pub(crate) shared: bool,
    /// The centre allows one standing settlement per visit number and batch, whoever asks.
    pub(crate) one_per_bill: bool,
    pub(crate) tombstone: bool,
    pub(crate) late_max_s: u32,
    /// Queries are answered from a copy of the books that is up to this old.
    pub(crate) query_lag_s: u32,
    /// The desks' offline policy takes bills to be settled later.
    pub(crate) defers: bool,
    /// Different patients.
    pub(crate) persons: usize,
    /// How many bills of a hundred are purchases at a pharmacy.
    pub(crate) purchases: u64,
    /// The line works one minute in so many; absent: always, but for outages.
    pub(crate) line_one_in: Option<i64>,
    /// After so many seconds a deferred bill is parked.
    pub(crate) keep_s: i64,
    pub(crate) visitors_missed: bool,
    pub(crate) echoes: bool,
    pub(crate) reverses_again: bool,
    /// A reversal of a message the centre does not know yet is confirmed and forgotten.
    pub(crate) confirms_unknown: bool,
    /// Chance in percent that a query is refused because the centre is busy.
    pub(crate) busy: u64,
    /// Another charge batch of every visit is settled already, by another program and for the same amount.
    pub(crate) other_batch: bool,
    pub(crate) area: Area,
    pub(crate) confirm_within_s: u32,
    pub(crate) unconfirmed: Unconfirmed,
    pub(crate) undo_after_s: u32,
    /// The centre states its days.
    pub(crate) statements: Option<Statements>,
    pub(crate) faults: Faults,
}

impl Rules {
    pub(crate) fn draw(rng: &mut Rng, plant: Plant) -> Self {
        // Drawn apart, so that a world without statements is the world it was.
        let mut apart = Rng::new(rng.clone().next() ^ 0x57A7_E3E7);
        let often = plant == Plant::StatementsAllTheTime;
        let statements = if often {
            Some(Statements::all_the_time(&mut apart))
        } else {
            Statements::draw(&mut apart)
        };
        let shared = rng.percent(25);
        let mut faults = Faults::draw(rng);
        match plant {
            Plant::ExecutesTwice => faults.twice = 20,
            Plant::TimeoutIsNotSent => faults.answer_lost = 20,
            Plant::UnreadableIsRefused => faults.unreadable = 20,
            Plant::ClocksAhead => faults.jump = 10,
            Plant::CopiesRestored => faults.kill = 30,
            Plant::StatementsAllTheTime => faults.answer_lost = 20,
            Plant::SignInsAndDisksFail => {
                (faults.sign_in_lost, faults.disk_error, faults.kill) = (30, 20, 20);
            }
            Plant::None | Plant::IdUsedAgain | Plant::OtherBytes => {}
        }
        Self {
            plant,
            desks: 1 + rng.index(4),
            shared,
            one_per_bill: shared || rng.percent(50) || plant == Plant::CopiesRestored,
            tombstone: rng.percent(50),
            late_max_s: u32::try_from(rng.between(30, 900)).unwrap(),
            query_lag_s: if rng.percent(45) {
                u32::try_from(rng.between(100, 900)).unwrap()
            } else {
                0
            },
            defers: rng.percent(40),
            persons: 2,
            purchases: [0, 30, 60, 100][rng.index(4)],
            line_one_in: None,
            keep_s: rng.between(1800, 36_000),
            visitors_missed: rng.percent(35) || often,
            echoes: rng.percent(90),
            reverses_again: rng.percent(50),
            area: Area::new(["310000", "341200", "330400"][rng.index(3)]).unwrap(),
            confirm_within_s: [0, 600, 1800][rng.index(3)],
            unconfirmed: if rng.percent(30) {
                Unconfirmed::Cancel
            } else {
                Unconfirmed::KeepAndAlarm
            },
            undo_after_s: [0, 900, 3600][rng.index(3)],
            confirms_unknown: rng.percent(70),
            busy: if rng.percent(20) { 50 } else { 0 },
            other_batch: rng.percent(30),
            statements,
            faults,
        }
    }

    /// A township clinic: one desk with the offline policy, a line that works one minute in fifty and loses a part even then,
    /// and a centre that does what it should.
    pub(crate) fn township(rng: &mut Rng) -> Self {
        Self {
            desks: 1,
            shared: false,
            one_per_bill: true,
            late_max_s: 120,
            query_lag_s: 0,
            defers: true,
            persons: 97,
            purchases: 20,
            line_one_in: Some(50),
            keep_s: 3 * 86_400,
            visitors_missed: false,
            echoes: true,
            confirm_within_s: 0,
            undo_after_s: 0,
            statements: None,
            faults: Faults {
                answer_lost: 10,
                never_arrives: 5,
                ..Faults::none()
            },
            ..Self::draw(rng, Plant::None)
        }
    }

    /// When the line works again, if it does not at `at_ms` after the start.
    pub(crate) fn line_back_ms(&self, at_ms: i64) -> Option<i64> {
        let one_in = self.line_one_in?;
        let minute = at_ms.div_euclid(60_000);
        let next = (minute + one_in - 1).div_euclid(one_in) * one_in;
        (minute % one_in != 0).then_some(next * 60_000)
    }

    /// What the agent is told of the centre: the truth.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            quote_valid_s: 600,
            late_execution_max_s: self.late_max_s,
            query_lag_max_s: self.query_lag_s,
            reversal_is_tombstone: self.tombstone,
            query_may_miss_visitors: self.visitors_missed,
            distance: self.distance(),
            confirm_within_s: self.confirm_within_s,
            unconfirmed: self.unconfirmed,
            undo_after_s: self.undo_after_s,
            repeats_after_sign_in: true,
            irreversible: false,
            doubt_max_s: if self.line_one_in.is_some() {
                86_400
            } else {
                14_400
            },
        }
    }

    pub(crate) fn distance(&self) -> Distance {
        self.area.distance_to(Area::new("310000").unwrap())
    }

    /// Whether a query may come back empty although the settlement stands.
    pub(crate) fn may_miss(&self) -> bool {
        self.visitors_missed && self.distance() == Distance::OtherProvince
    }

    /// Whether writing the ledger may fail.
    pub(crate) const fn disk_fails(&self) -> bool {
        self.faults.disk_full > 0 || self.faults.disk_error > 0 || self.faults.power > 0
    }

    /// Whether a bill may end at a person because the truth cannot be known from the line, or time ran out.
    pub(crate) fn person_may_be_needed(&self) -> bool {
        self.may_miss()
            || !self.echoes
            || self.faults.jump > 0
            || self.faults.asleep > 0
            || self.faults.disk_full > 0
            || self.faults.disk_error > 0
            || self.plant == Plant::CopiesRestored
            || self.line_one_in.is_some()
    }
}

impl Faults {
    const fn none() -> Self {
        Self {
            never_arrives: 0,
            answer_lost: 0,
            not_sent: 0,
            late: 0,
            twice: 0,
            unreadable: 0,
            refused: 0,
            sign_in_lost: 0,
            kill: 0,
            jump: 0,
            asleep: 0,
            disk_full: 0,
            disk_error: 0,
            power: 0,
            outage: 0,
        }
    }

    fn draw(rng: &mut Rng) -> Self {
        let mut chance = |often: u64, most: u64| {
            if rng.percent(often) {
                1 + rng.below(most)
            } else {
                0
            }
        };
        Self {
            never_arrives: chance(60, 15),
            answer_lost: chance(80, 25),
            not_sent: chance(50, 10),
            late: chance(70, 35),
            twice: chance(40, 15),
            unreadable: chance(50, 20),
            refused: chance(50, 10),
            sign_in_lost: chance(40, 8),
            kill: chance(60, 12),
            jump: chance(35, 10),
            asleep: chance(25, 3),
            disk_full: chance(20, 5),
            disk_error: chance(25, 5),
            power: chance(40, 8),
            outage: chance(35, 6),
        }
    }
}
