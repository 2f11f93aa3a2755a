//! The breaker of one route. Pure: the moment and the spread of the wait are given.
//!
//! ```text
//! Closed --failures in a row--> Open --wait over, one call--> HalfOpen --it worked--> Closed
//!                                ^                               `----it failed----> Open, twice as long
//! ```
//! INVARIANT: while a test call is under way no other call is let through.

use jiff::{SignedDuration, Timestamp};

use super::closed::Blame;

/// When a breaker opens and how long it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Failures in a row that open it; at least 1.
    pub failures: u32,
    /// Seconds within which they must lie.
    pub within_s: u32,
    /// Seconds before the first test; doubled after every failed test.
    pub wait_s: u32,
    /// Seconds beyond which the wait does not grow.
    pub wait_max_s: u32,
}

/// One route's breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
        first: Option<Timestamp>,
    },
    Open {
        shut: Shut,
        from: Timestamp,
        wait: SignedDuration,
    },
    HalfOpen {
        shut: Shut,
        /// Which call is the test: one that was given up may still come back late.
        test: u64,
    },
}

/// What stays the same from the first opening until the route works again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shut {
    since: Timestamp,
    blame: Blame,
    /// Openings in a row, from 1.
    openings: u32,
}

/// How a breaker looks at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Calls pass.
    Closed,
    /// Nothing passes before `retry_at`.
    Open {
        since: Timestamp,
        blame: Blame,
        retry_at: Timestamp,
    },
    /// The wait is over: the next call is the test.
    Due { since: Timestamp, blame: Blame },
    /// A test call is under way; nothing else passes.
    Testing { since: Timestamp, blame: Blame },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::NEW
    }
}

const CLOSED: State = State::Closed {
    failures: 0,
    first: None,
};

impl Breaker {
    /// A route nobody had trouble with.
    pub const NEW: Self = Self { state: CLOSED };

    /// How it stands at `now`. A clock that was set back makes a wait begin anew, so that it never lasts longer than
    /// its own length from then on.
    pub fn look(&mut self, now: Timestamp) -> Look {
        match &mut self.state {
            State::Closed { .. } => Look::Closed,
            State::HalfOpen { shut, .. } => Look::Testing {
                since: shut.since,
                blame: shut.blame,
            },
            State::Open { shut, from, wait } => {
                *from = now.min(*from);
                let retry_at = from.saturating_add(*wait).unwrap_or(Timestamp::MAX);
                let (since, blame) = (shut.since, shut.blame);
                if now < retry_at {
                    Look::Open {
                        since,
                        blame,
                        retry_at,
                    }
                } else {
                    Look::Due { since, blame }
                }
            }
        }
    }

    /// Ends a wait before its time: the next call is the test.
    pub fn look_again(&mut self, now: Timestamp) {
        if let State::Open { shut, .. } = &self.state {
            self.state = State::Open {
                shut: *shut,
                from: now,
                wait: SignedDuration::ZERO,
            };
        }
    }

    /// Makes the next call the test, when one is due; `false` when none is. `test` is a number never used before.
    pub fn begin_test(&mut self, test: u64, now: Timestamp) -> bool {
        let due = matches!(self.look(now), Look::Due { .. });
        if due && let State::Open { shut, .. } = &self.state {
            self.state = State::HalfOpen { shut: *shut, test };
        }
        due
    }

    /// The route brought an answer: it works, whichever call it was.
    pub fn succeeded(&mut self) {
        self.state = CLOSED;
    }

    /// A call failed on this route. `test`: the test it was, if it was one. `spread` lengthens the wait by so many thousandths,
    /// at most [`SPREAD_MAX`], so that desks that failed together do not come back together.
    pub fn failed(&mut self, test: Option<u64>, blame: Blame, now: Timestamp, spread: u32, rules: &Rules) {
        match &self.state {
            State::Closed { failures, first } => {
                let in_row = first.is_some_and(|first| within(first, now, rules.within_s));
                let failures = if in_row { failures.saturating_add(1) } else { 1 };
                let first = first.filter(|_| in_row).unwrap_or(now);
                self.state = if failures >= rules.failures {
                    open(
                        Shut {
                            since: first,
                            blame,
                            openings: 1,
                        },
                        now,
                        spread,
                        rules,
                    )
                } else {
                    State::Closed {
                        failures,
                        first: Some(first),
                    }
                };
            }
            State::HalfOpen { shut, test: running } if test == Some(*running) => {
                let openings = shut.openings.saturating_add(1);
                self.state = open(
                    Shut {
                        blame,
                        openings,
                        ..*shut
                    },
                    now,
                    spread,
                    rules,
                );
            }
            // A call of before the opening: it tells nothing new.
            State::HalfOpen { .. } | State::Open { .. } => {}
        }
    }

    /// The test call ended without telling anything about the route: the next call is the test.
    pub fn test_abandoned(&mut self, test: u64, now: Timestamp) {
        if let State::HalfOpen { shut, test: running } = &self.state
            && *running == test
        {
            self.state = State::Open {
                shut: *shut,
                from: now,
                wait: SignedDuration::ZERO,
            };
        }
    }
}

/// Most thousandths by which a wait may be lengthened. Less than the doubling, so that waits never get shorter.
pub const SPREAD_MAX: u32 = 250;

fn open(shut: Shut, now: Timestamp, spread: u32, rules: &Rules) -> State {
    State::Open {
        shut,
        from: now,
        wait: wait(shut.openings, spread, rules),
    }
}

/// The wait after so many openings in a row.
fn wait(openings: u32, spread: u32, rules: &Rules) -> SignedDuration {
    let doubled = i64::from(rules.wait_s).saturating_mul(1_i64 << openings.saturating_sub(1).min(30));
    let spread_ms = doubled.saturating_mul(i64::from(spread.min(SPREAD_MAX)));
    let milliseconds = doubled.saturating_mul(1000).saturating_add(spread_ms);
    let most = i64::from(rules.wait_max_s).saturating_mul(1000);
    SignedDuration::from_millis(milliseconds.min(most))
}

/// Whether `now` lies at most `within_s` seconds after `first`; a clock set back counts as near.
fn within(first: Timestamp, now: Timestamp, within_s: u32) -> bool {
    now.as_second().saturating_sub(first.as_second()) <= i64::from(within_s)
}
