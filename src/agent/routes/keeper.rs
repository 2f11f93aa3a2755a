//! Looks at calendar and breakers while nobody calls, and finds out by itself that the gateway is back. Sleeps while there is
//! nothing to look at.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use zhijie_settlement::Operator;

use super::closed::Route;
use crate::clock::Clock;
use crate::core::CoreHandle;
use crate::platform::Platform;

/// How often it looks while a route has trouble, and how soon after a call.
const TICK: Duration = Duration::from_secs(3);
/// How often it looks at the calendar's file while none has.
const CALENDAR_TICK: Duration = Duration::from_secs(10);

/// What the keeper works with.
#[derive(Debug)]
pub struct Keeper {
    pub platform: Arc<Platform>,
    pub core: Arc<CoreHandle>,
    pub clock: Arc<dyn Clock>,
    /// Who is signed in when a sign-in is due anyway.
    pub operator: Operator,
    /// Between two connections made only to look; zero: none.
    pub probe_pause: Duration,
    /// Told when the PC comes back from sleep.
    pub woken: Arc<Notify>,
}

impl Keeper {
    /// Runs for as long as the program does.
    pub async fn keep(self) {
        let routes = self.platform.routes();
        let mut probed: Option<Instant> = None;
        loop {
            let woke = tokio::select! {
                () = routes.rest(TICK, CALENDAR_TICK) => false,
                () = self.woken.notified() => true,
            };
            let now = self.clock.now();
            if woke {
                // What was found out before the sleep says nothing about the line now.
                routes.look_again(now);
                probed = None;
            }
            routes.states(now);
            if !self.probe_pause.is_zero()
                && probed.is_none_or(|last| last.elapsed() >= self.probe_pause)
                && routes.wants_probe(Route::Gateway, now)
            {
                probed = Some(Instant::now());
                self.knock().await;
            }
            if routes.wants_probe(Route::Province, now) {
                self.sign_in().await;
            }
        }
    }

    /// A connection with its handshake and nothing said on it.
    async fn knock(&self) {
        if self.platform.knock().await {
            tracing::info!("The platform's entrance answers again");
            self.platform.routes().gateway_reached(self.clock.now());
        }
    }

    /// The sign-in of the day, when nobody has it yet: the one call that is due anyway. It is the test call.
    async fn sign_in(&self) {
        if self.platform.signed_in(&self.operator.code, self.clock.now()) {
            return;
        }
        if let Ok(message_id) = self.core.new_message_id().await
            && let Err(trouble) = self.platform.sign_in(&self.operator, message_id).await
        {
            tracing::info!(%trouble, "The platform does not take a sign-in yet");
        }
    }
}
