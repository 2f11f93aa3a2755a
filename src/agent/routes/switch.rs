//! The routes of this desk as every call meets them: breakers and calendar behind one lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use zhijie_model::Area;

use super::board::{Board, Heard, Pass, shut};
use super::breaker::{Look, Rules, SPREAD_MAX};
use super::calendar::Refused;
use super::closed::{Closed, Route};
use super::standing::{RouteState, Standing, standing};
use super::watch::{Source, Watch};
use super::work::{Passage, Reach};
use crate::clock::Clock;
use crate::events::Events;

/// How long a question about a bill in doubt waits for its route; then the saga decides when to ask again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that may stop a call before it is sent.
#[derive(Debug)]
pub struct Routes {
    care_area: Area,
    /// Makes the waits of the desks of one institution differ.
    slot: u8,
    events: Events,
    inner: Mutex<Inner>,
    /// Told whenever a call has ended or a route has changed.
    moved: Notify,
}

#[derive(Debug)]
struct Inner {
    board: Board,
    watch: Option<Watch>,
    /// What subscribers heard last.
    told: Vec<(Route, Standing)>,
}

/// Leave to send one call. Dropped without [`Leave::heard`], the call proved nothing.
#[derive(Debug)]
pub struct Leave {
    routes: Arc<Routes>,
    pass: Option<Pass>,
    at: Timestamp,
}

impl Routes {
    /// All routes open. `care_area` and `slot` are the desk's.
    #[must_use]
    pub fn new(care_area: Area, slot: u8, rules: Rules, calendar: Option<Source>, events: Events) -> Self {
        Self {
            care_area,
            slot,
            events,
            moved: Notify::new(),
            inner: Mutex::new(Inner {
                board: Board::new(rules),
                watch: calendar.map(Watch::new),
                told: Vec::new(),
            }),
        }
    }

    /// Leave to send a call now. Looks at the calendar's file.
    ///
    /// # Errors
    /// The closed route; nothing may be sent.
    pub fn admit(self: &Arc<Self>, passage: &Passage, now: Timestamp) -> Result<Leave, Box<Closed>> {
        let mut inner = self.lock();
        if let Some(closed) = inner.announced(passage, now) {
            return Err(Box::new(closed));
        }
        let pass = inner
            .board
            .admit(self.abroad(passage), passage.reach == Reach::Region, now)?;
        self.announce(&mut inner, now);
        Ok(Leave {
            routes: Arc::clone(self),
            pass: Some(pass),
            at: now,
        })
    }

    /// As [`Routes::admit`], for a question about a bill in doubt: waits up to [`PATIENCE`] for the route, so that questions
    /// that are due together all go out once the first has shown that it works.
    ///
    /// # Errors
    /// The route stayed closed, or will for longer.
    pub async fn admit_question(
        self: &Arc<Self>,
        passage: &Passage,
        clock: &dyn Clock,
    ) -> Result<Leave, Box<Closed>> {
        let in_time = async {
            loop {
                let moved = self.moved.notified();
                tokio::pin!(moved);
                moved.as_mut().enable();
                let now = clock.now();
                let closed = match self.admit(passage, now) {
                    Ok(leave) => return Ok(leave),
                    Err(closed) => closed,
                };
                let pause = closed.until.map_or(PATIENCE, |until| pause(now, until));
                if pause > PATIENCE {
                    return Err(closed);
                }
                let _ = tokio::time::timeout(pause, moved).await;
            }
        };
        match tokio::time::timeout(PATIENCE, in_time).await {
            Ok(decided) => decided,
            Err(_) => self.admit(passage, clock.now()),
        }
    }

    /// What would stop such a call now. Begins nothing; a test that is due counts as open.
    pub fn closed(&self, passage: &Passage, now: Timestamp) -> Option<Closed> {
        let mut inner = self.lock();
        let announced = inner.announced(passage, now);
        announced.or_else(|| inner.board.closed(self.abroad(passage), now))
    }

    /// Every route that has something to tell, gateway and province always. Tells subscribers what has changed.
    pub fn states(&self, now: Timestamp) -> Vec<RouteState> {
        let mut inner = self.lock();
        inner.refresh(now);
        self.announce(&mut inner, now)
    }

    /// Why the calendar's file is not followed.
    pub fn calendar_refused(&self, now: Timestamp) -> Option<Refused> {
        let mut inner = self.lock();
        inner.refresh(now);
        inner.watch.as_ref().and_then(Watch::refused).cloned()
    }

    /// Waits until there is something to look at: `tick` while a route has trouble and after a call has ended, at most `seldom`
    /// where a calendar is followed, and else for as long as nobody calls.
    pub(super) async fn rest(&self, tick: Duration, seldom: Duration) {
        let moved = self.moved.notified();
        tokio::pin!(moved);
        moved.as_mut().enable();
        let (calm, calendar) = {
            let inner = self.lock();
            (inner.told.is_empty(), inner.watch.is_some())
        };
        if calm && calendar {
            if tokio::time::timeout(seldom, moved).await.is_err() {
                return;
            }
        } else if calm {
            moved.await;
        }
        tokio::time::sleep(tick).await;
    }

    /// Whether a route waits for evidence that nobody is bringing now.
    pub(super) fn wants_probe(&self, route: Route, now: Timestamp) -> bool {
        match self.lock().board.look(route, now) {
            Look::Due { .. } => true,
            // A connection made beside all calls may come at any time.
            Look::Open { .. } => route == Route::Gateway,
            Look::Closed | Look::Testing { .. } => false,
        }
    }

    /// The platform's entrance was reached beside all calls.
    pub(super) fn gateway_reached(&self, now: Timestamp) {
        let mut inner = self.lock();
        inner.board.gateway_reached();
        self.announce(&mut inner, now);
    }

    /// The PC was asleep: what was found out before says nothing about the line now, so no wait lasts.
    pub(super) fn look_again(&self, now: Timestamp) {
        let mut inner = self.lock();
        inner.board.look_again(now);
        self.announce(&mut inner, now);
    }

    fn ended(&self, pass: &Pass, heard: Heard, now: Timestamp) {
        let mut inner = self.lock();
        inner.board.ended(pass, heard, now, self.spread(now));
        self.announce(&mut inner, now);
    }

    /// A patient of this place has no route of her own behind the province.
    fn abroad(&self, passage: &Passage) -> Option<Area> {
        passage
            .region()
            .filter(|area| area.pool() != self.care_area.pool())
    }

    /// Thousandths, different from desk to desk and from time to time.
    fn spread(&self, now: Timestamp) -> u32 {
        let odd = now
            .as_millisecond()
            .unsigned_abs()
            .wrapping_add(u64::from(self.slot).wrapping_mul(97));
        u32::try_from(odd % u64::from(SPREAD_MAX)).unwrap_or_default()
    }

    fn announce(&self, inner: &mut Inner, now: Timestamp) -> Vec<RouteState> {
        self.moved.notify_waiters();
        let states = inner.states(now);
        let troubled = |state: &&RouteState| state.standing != Standing::Up;
        let standings: Vec<(Route, Standing)> = states
            .iter()
            .filter(troubled)
            .map(|state| (state.route, state.standing))
            .collect();
        let before = std::mem::replace(&mut inner.told, standings);
        for state in states.iter().filter(troubled) {
            if !before.contains(&(state.route, state.standing)) {
                self.tell(state.route, state.standing, now);
            }
        }
        for (route, _) in before {
            if !inner.told.iter().any(|(known, _)| *known == route) {
                self.tell(route, Standing::Up, now);
            }
        }
        states
    }

    fn tell(&self, route: Route, standing: Standing, now: Timestamp) {
        tracing::info!(?route, ?standing, "Route changed");
        self.events.route_changed(now, route, standing);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn refresh(&mut self, now: Timestamp) {
        if let Some(watch) = &mut self.watch {
            watch.refresh(now);
        }
    }

    fn announced(&mut self, passage: &Passage, now: Timestamp) -> Option<Closed> {
        self.refresh(now);
        let calendar = self.watch.as_ref().and_then(Watch::in_force)?;
        calendar.closed(passage.work, passage.area, now)
    }

    fn states(&mut self, now: Timestamp) -> Vec<RouteState> {
        let calendar = self.watch.as_ref().and_then(Watch::in_force);
        let mut states: Vec<RouteState> = calendar
            .map(|calendar| calendar.going_on(now))
            .unwrap_or_default()
            .into_iter()
            .map(|closed| RouteState {
                route: closed.route,
                standing: Standing::Announced,
                closed: Some(closed),
            })
            .collect();
        for route in self.board.routes() {
            if states.iter().any(|known| known.route == route) {
                continue;
            }
            let look = self.board.look(route, now);
            let standing = standing(look);
            let closed = shut(route, look);
            if standing != Standing::Up || !matches!(route, Route::Region(_)) {
                states.push(RouteState {
                    route,
                    standing,
                    closed,
                });
            }
        }
        states.sort_by_key(|state| state.route);
        states
    }
}

impl Leave {
    /// What became of the call.
    pub fn heard(mut self, heard: Heard, now: Timestamp) {
        if let Some(pass) = self.pass.take() {
            self.routes.ended(&pass, heard, now);
        }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if let Some(pass) = self.pass.take() {
            self.routes.ended(&pass, Heard::Nothing, self.at);
        }
    }
}

/// From `now` to `until`, and a little, so that the moment has come then.
fn pause(now: Timestamp, until: Timestamp) -> Duration {
    let milliseconds = until.as_millisecond().saturating_sub(now.as_millisecond());
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0).saturating_add(1))
}
