//! The breakers of all routes, and which of them a call concerns. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use zhijie_model::Area;

use super::breaker::{Breaker, Look, Rules};
use super::closed::{Blame, Closed, Route, Why};

/// What a call proved about the routes it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// No connection, or no handshake.
    NotReached(Blame),
    /// Sent, and no answer of the platform came back.
    NoAnswer(Blame),
    /// The platform answered that the insured region cannot be reached.
    RegionDown,
    /// Any other well-formed answer. A business refusal is one.
    Answered,
    /// The call ended before it reached any route.
    Nothing,
}

/// Which tests one call is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// The pool of the insured region, when the call concerns one.
    region: Option<Area>,
    /// Whether an answer proves that the region was reached.
    proves: bool,
    tests: BTreeMap<Route, u64>,
}

/// All breakers of one desk.
#[derive(Debug, Clone)]
pub struct Board {
    rules: Rules,
    gateway: Breaker,
    province: Breaker,
    /// By pool; a region nobody had trouble with has no entry.
    regions: BTreeMap<Area, Breaker>,
    /// Regions whose calls went without answer since the province last answered. Each counts once against the
    /// province: one silent region is that region's trouble, however many of its patients come.
    silent: BTreeSet<Area>,
    /// Tests begun.
    tests: u64,
}

impl Pass {
    /// The routes of which this call is the test.
    pub fn tests(&self) -> impl Iterator<Item = Route> {
        self.tests.keys().copied()
    }
}

impl Board {
    #[must_use]
    pub const fn new(rules: Rules) -> Self {
        Self {
            rules,
            gateway: Breaker::NEW,
            province: Breaker::NEW,
            regions: BTreeMap::new(),
            silent: BTreeSet::new(),
            tests: 0,
        }
    }

    /// Lets a call pass, or says which route is closed. `region` is the one it may need; `proves`: an answer to it is that
    /// region's. A call that passes must end in [`Board::ended`].
    ///
    /// # Errors
    /// The first closed route, seen from the desk; no test was begun.
    pub fn admit(&mut self, region: Option<Area>, proves: bool, now: Timestamp) -> Result<Pass, Box<Closed>> {
        let region = region.map(Area::pool);
        if let Some(closed) = self.closed(region, now) {
            return Err(Box::new(closed));
        }
        let mut tests = BTreeMap::new();
        for route in ways(region) {
            self.tests = self.tests.saturating_add(1);
            let test = self.tests;
            if self
                .known(route)
                .is_some_and(|breaker| breaker.begin_test(test, now))
            {
                tests.insert(route, test);
            }
        }
        Ok(Pass {
            region,
            proves,
            tests,
        })
    }

    /// The first route that would stop a call now. Begins no test.
    pub fn closed(&mut self, region: Option<Area>, now: Timestamp) -> Option<Closed> {
        ways(region.map(Area::pool)).find_map(|route| match self.known(route)?.look(now) {
            Look::Closed | Look::Due { .. } => None,
            look @ (Look::Open { .. } | Look::Testing { .. }) => shut(route, look),
        })
    }

    /// What became of a call that passed. `spread`: see [`Breaker::failed`].
    pub fn ended(&mut self, pass: &Pass, heard: Heard, now: Timestamp, spread: u32) {
        let rules = self.rules;
        let failed = |breaker: &mut Breaker, route: Route, blame: Blame| {
            breaker.failed(pass.tests.get(&route).copied(), blame, now, spread, &rules);
        };
        match heard {
            Heard::Nothing => {}
            Heard::NotReached(blame) => failed(&mut self.gateway, Route::Gateway, blame),
            Heard::NoAnswer(blame) => {
                // The connection stood; whether it would now, only the test can tell.
                if pass.tests.contains_key(&Route::Gateway) {
                    self.gateway.succeeded();
                }
                if let Some(area) = pass.region {
                    failed(self.regions.entry(area).or_default(), Route::Region(area), blame);
                }
                let counts = pass.region.is_none_or(|area| self.silent.insert(area));
                if counts || pass.tests.contains_key(&Route::Province) {
                    failed(&mut self.province, Route::Province, blame);
                }
            }
            Heard::RegionDown => {
                self.province_answered();
                if let Some(area) = pass.region {
                    failed(
                        self.regions.entry(area).or_default(),
                        Route::Region(area),
                        Blame::Said,
                    );
                }
            }
            Heard::Answered => {
                self.province_answered();
                if let Some(area) = pass.region.filter(|_| pass.proves) {
                    self.regions.remove(&area);
                }
            }
        }
        self.let_go(pass, now);
    }

    fn province_answered(&mut self) {
        self.gateway.succeeded();
        self.province.succeeded();
        self.silent.clear();
    }

    /// Tests of routes the call never got to, as the province's when the gateway was not reached.
    fn let_go(&mut self, pass: &Pass, now: Timestamp) {
        for (route, test) in &pass.tests {
            if let Some(breaker) = self.known(*route) {
                breaker.test_abandoned(*test, now);
            }
        }
    }

    /// A connection was made beside all calls: the gateway works.
    pub fn gateway_reached(&mut self) {
        self.gateway.succeeded();
    }

    /// The next call on every open route is its test, whatever was to be waited for.
    pub fn look_again(&mut self, now: Timestamp) {
        for route in self.routes() {
            if let Some(breaker) = self.known(route) {
                breaker.look_again(now);
            }
        }
    }

    /// How a route looks; a region without trouble looks closed, that is, passable.
    pub fn look(&mut self, route: Route, now: Timestamp) -> Look {
        self.known(route)
            .map_or(Look::Closed, |breaker| breaker.look(now))
    }

    /// Gateway, province, and every region with trouble, in this order.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        let regions = self.regions.keys().map(|area| Route::Region(*area));
        [Route::Gateway, Route::Province]
            .into_iter()
            .chain(regions)
            .collect()
    }

    fn known(&mut self, route: Route) -> Option<&mut Breaker> {
        match route {
            Route::Gateway => Some(&mut self.gateway),
            Route::Province => Some(&mut self.province),
            Route::Region(area) => self.regions.get_mut(&area),
        }
    }
}

/// The routes of a call, from the desk outwards.
fn ways(region: Option<Area>) -> impl Iterator<Item = Route> {
    [
        Some(Route::Gateway),
        Some(Route::Province),
        region.map(Route::Region),
    ]
    .into_iter()
    .flatten()
}

/// A route whose breaker is not closed, told to the desk.
pub(super) fn shut(route: Route, look: Look) -> Option<Closed> {
    let (since, blame, until) = match look {
        Look::Closed => return None,
        Look::Open {
            since,
            blame,
            retry_at,
        } => (since, blame, Some(retry_at)),
        Look::Due { since, blame } | Look::Testing { since, blame } => (since, blame, None),
    };
    Some(Closed {
        route,
        why: Why::Failures { blame },
        since,
        until,
        patient_text: None,
        deferral_allowed: true,
    })
}
