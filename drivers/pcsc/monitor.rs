//! Watches readers and cards come and go.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use pcsc::{Context, Error, PNP_NOTIFICATION, ReaderState, Scope, State};

use crate::service::readers;

/// Upper bound of the first wait after something happened: a reader that came between listing and waiting is seen then.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// The bound doubles to this while nothing happens; also how late a stop is noticed.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Pause when the service says that something changed and nothing did.
const UNCHANGED: Duration = Duration::from_millis(100);
/// Pause before the card service is tried again.
const RETRY: Duration = Duration::from_millis(300);
/// So often; then it is not being restarted, it is not there.
const RETRY_OFTEN: u32 = 200;
const RETRY_IDLE: Duration = Duration::from_secs(10);

/// What happened at the readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardNotice {
    ServiceUp,
    ServiceDown,
    ReaderConnected {
        reader: String,
    },
    ReaderDisconnected {
        reader: String,
    },
    Inserted {
        reader: String,
        insertion: u32,
    },
    /// A card is there that gives no answer to reset.
    InsertedMute {
        reader: String,
        insertion: u32,
    },
    Removed {
        reader: String,
        insertion: u32,
    },
    /// The readers were listed once since the service came up; what was not named by now is not there.
    Surveyed,
}

/// Has the watching thread look anew, from another thread. A cheap handle.
///
/// pcsc-lite keeps one table of reader states for all contexts of a process, and fills it at every question about a reader. A
/// question of another thread may so put an older table in the place of the one that told the watch of a change: the
/// watch compares, finds nothing new, and waits on. Whoever asked says so here once it has done with asking.
#[derive(Clone, Default)]
pub struct Nudge(Arc<Mutex<Option<Context>>>);

impl fmt::Debug for Nudge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Nudge")
    }
}

impl Nudge {
    /// Ends a wait of the watch; without one nothing happens, for the next begins with a fresh table. Blocks, for ever when
    /// the service hangs.
    pub fn look_again(&self) {
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(context) = context {
            // A service that is lost is the watch's to notice.
            let _ = context.cancel();
        }
    }

    fn over(&self, context: Option<Context>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }
}

/// The watching thread. Ends within half a minute of being dropped, or when nobody listens any more.
#[derive(Debug)]
pub struct Monitor {
    nudge: Nudge,
    _stop: Sender<()>,
    _thread: JoinHandle<()>,
}

impl Monitor {
    /// Watches readers whose name contains `filter` (all of them when empty) and hands each notice to `tell`,
    /// which returns false when nobody listens any more. `tell` runs on the watching thread and must not block
    /// for long.
    pub fn start(filter: String, tell: impl Fn(CardNotice) -> bool + Send + 'static) -> Self {
        let (stop, stopped) = channel();
        let nudge = Nudge::default();
        let nudged = nudge.clone();
        let thread = std::thread::spawn(move || {
            let watch = Watch {
                filter,
                tell: Box::new(tell),
                stopped,
                nudged,
                service_up: None,
            };
            watch.run();
        });
        Self {
            nudge,
            _stop: stop,
            _thread: thread,
        }
    }

    /// For threads that ask the service too.
    #[must_use]
    pub fn nudge(&self) -> Nudge {
        self.nudge.clone()
    }
}

struct Watch {
    filter: String,
    tell: Box<dyn Fn(CardNotice) -> bool>,
    stopped: Receiver<()>,
    nudged: Nudge,
    service_up: Option<bool>,
}

/// What was last seen of one reader.
#[derive(Default)]
struct Slot {
    state: Option<ReaderState>,
    present: bool,
    insertion: u32,
}

/// The listener is gone or asked to stop.
struct Stop;

impl Watch {
    fn run(mut self) {
        // The first error is the end of the thread.
        let _ = self.watch();
    }

    fn watch(&mut self) -> Result<(), Stop> {
        let mut failures = 0_u32;
        loop {
            match Context::establish(Scope::System) {
                Ok(context) => {
                    failures = 0;
                    self.nudged.over(Some(context.clone()));
                    let watched = self.with_service(&context);
                    self.nudged.over(None);
                    watched?;
                }
                Err(error) => tracing::debug!(%error, "Card service does not answer"),
            }
            self.service(false)?;
            failures = failures.saturating_add(1);
            self.pause(if failures < RETRY_OFTEN { RETRY } else { RETRY_IDLE })?;
        }
    }

    /// Returns when the service is lost.
    fn with_service(&mut self, context: &Context) -> Result<(), Stop> {
        let mut slots: BTreeMap<CString, Slot> = BTreeMap::new();
        let mut plug_and_play = ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE);
        let mut surveyed = false;
        let mut bound = WAIT_MIN;
        while let Ok(listed) = readers(context) {
            self.service(true)?;
            self.survey(&mut slots, &listed)?;
            let mut states: Vec<ReaderState> = vec![plug_and_play];
            for (name, slot) in &mut slots {
                let state = slot.state.take();
                states.push(state.unwrap_or_else(|| ReaderState::new(name.clone(), State::UNAWARE)));
            }
            // With nothing but the plug-and-play name this does not return at once, so the first look is short.
            let wait = if surveyed || !slots.is_empty() {
                bound
            } else {
                Duration::ZERO
            };
            let known = seen(&states);
            let waited = context.get_status_change(wait, &mut states);
            let idle = waited.is_ok() && seen(&states) == known;
            bound = match waited {
                Err(Error::Timeout) => bound.saturating_mul(2).min(WAIT_MAX),
                Ok(()) | Err(_) => WAIT_MIN,
            };
            let mut states = states.into_iter();
            plug_and_play = states
                .next()
                .unwrap_or_else(|| ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE));
            plug_and_play.sync_current_state();
            for (mut state, (name, slot)) in states.zip(&mut slots) {
                if waited.is_ok() {
                    self.compare(&shown(name), slot, &state)?;
                }
                state.sync_current_state();
                slot.state = Some(state);
            }
            if !surveyed && matches!(waited, Ok(()) | Err(Error::Timeout)) {
                surveyed = true;
                self.say(CardNotice::Surveyed)?;
            }
            match waited {
                // Wine's service calls everything changed that it is asked about, and never waits.
                Ok(()) if idle => self.pause(UNCHANGED)?,
                Ok(()) | Err(Error::Timeout | Error::Cancelled) => self.go_on()?,
                // A reader went between listing and waiting.
                Err(Error::UnknownReader) => self.pause(RETRY)?,
                Err(error) => {
                    tracing::debug!(%error, "Card service was lost");
                    break;
                }
            }
        }
        for name in slots.into_keys() {
            self.say(CardNotice::ReaderDisconnected { reader: shown(&name) })?;
        }
        Ok(())
    }

    fn survey(&self, slots: &mut BTreeMap<CString, Slot>, listed: &[CString]) -> Result<(), Stop> {
        let gone: Vec<CString> = slots
            .keys()
            .filter(|name| !listed.contains(name))
            .cloned()
            .collect();
        for name in gone {
            slots.remove(&name);
            self.say(CardNotice::ReaderDisconnected { reader: shown(&name) })?;
        }
        for name in listed {
            if shown(name).contains(&self.filter) && !slots.contains_key(name) {
                slots.insert(name.clone(), Slot::default());
                self.say(CardNotice::ReaderConnected { reader: shown(name) })?;
            }
        }
        Ok(())
    }

    /// Tells what changed since the last look. A swap between two looks shows as the counter having moved while
    /// a card was and is present.
    fn compare(&self, reader: &str, slot: &mut Slot, state: &ReaderState) -> Result<(), Stop> {
        let flags = state.event_state();
        if flags.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
            return Ok(());
        }
        let insertion = state.event_count();
        let present = flags.contains(State::PRESENT);
        let swapped = slot.present && present && slot.insertion != insertion;
        let (was_present, reader) = (slot.present, String::from(reader));
        (slot.present, slot.insertion) = (present, insertion);
        if was_present && (!present || swapped) {
            self.say(CardNotice::Removed {
                reader: reader.clone(),
                insertion,
            })?;
        }
        if present && (!was_present || swapped) {
            self.say(if flags.contains(State::MUTE) {
                CardNotice::InsertedMute { reader, insertion }
            } else {
                CardNotice::Inserted { reader, insertion }
            })?;
        }
        Ok(())
    }

    fn service(&mut self, up: bool) -> Result<(), Stop> {
        if self.service_up.replace(up) == Some(up) {
            return Ok(());
        }
        self.say(if up {
            CardNotice::ServiceUp
        } else {
            CardNotice::ServiceDown
        })
    }

    fn say(&self, notice: CardNotice) -> Result<(), Stop> {
        if (self.tell)(notice) { Ok(()) } else { Err(Stop) }
    }

    fn pause(&self, pause: Duration) -> Result<(), Stop> {
        match self.stopped.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Stop),
        }
    }

    fn go_on(&self) -> Result<(), Stop> {
        match self.stopped.try_recv() {
            Err(std::sync::mpsc::TryRecvError::Empty) => Ok(()),
            Ok(()) | Err(std::sync::mpsc::TryRecvError::Disconnected) => Err(Stop),
        }
    }
}

/// What a look told, but for the mark that it is news.
fn seen(states: &[ReaderState]) -> Vec<(State, u32)> {
    let seen = |state: &ReaderState| {
        (
            state.event_state().difference(State::CHANGED),
            state.event_count(),
        )
    };
    states.iter().map(seen).collect()
}

fn shown(name: &std::ffi::CStr) -> String {
    name.to_string_lossy().into_owned()
}
