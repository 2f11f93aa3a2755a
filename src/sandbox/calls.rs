//! Every call that arrived and how far it came, for tests that wait for one.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::faults::matches;

/// Calls that are remembered; the oldest are forgotten first.
const CALLS_MAX: usize = 100_000;

/// One call.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Call {
    /// Running number from 1.
    n: u64,
    infno: String,
    msgid: String,
    /// The hospital's visit number, where the call is about one.
    visit: Option<String>,
    /// Beijing wall clock.
    received: String,
    /// Done and kept: succeeded, and for a call that changes something the change is on disk.
    committed: bool,
    /// The answer was handed to the connection as a whole.
    answered: bool,
    /// 0 or -1, once decided.
    infcode: Option<i8>,
    fault: Option<String>,
}

/// How far a call must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Progress {
    Received,
    Committed,
    Answered,
}

/// The log of calls.
#[derive(Debug)]
pub(crate) struct Calls {
    log: Mutex<Log>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Log {
    arrived: u64,
    calls: VecDeque<Call>,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            log: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }
}

impl Calls {
    /// Notes a call; returns its number.
    pub(crate) fn arrive(&self, infno: &str, msgid: &str, visit: Option<String>, received: String) -> u64 {
        let n = self.with(|log| {
            log.arrived += 1;
            if log.calls.len() >= CALLS_MAX {
                log.calls.pop_front();
            }
            log.calls.push_back(Call {
                n: log.arrived,
                infno: String::from(infno),
                msgid: String::from(msgid),
                visit,
                received,
                committed: false,
                answered: false,
                infcode: None,
                fault: None,
            });
            log.arrived
        });
        self.tell();
        n
    }

    pub(crate) fn struck(&self, n: u64, fault: String) {
        self.change(n, |call| call.fault = Some(fault));
    }

    pub(crate) fn decided(&self, n: u64, done: bool) {
        self.change(n, |call| {
            call.committed = done;
            call.infcode = Some(if done { 0 } else { -1 });
        });
    }

    pub(crate) fn answered(&self, n: u64) {
        self.change(n, |call| call.answered = true);
    }

    pub(crate) fn list(&self) -> Vec<Call> {
        self.with(|log| log.calls.iter().cloned().collect())
    }

    /// Waits until `count` calls of a transaction have come that far, counted from the start. Returns whether they
    /// did in time, and how many there are.
    pub(crate) async fn wait(
        &self,
        infno: &str,
        count: usize,
        progress: Progress,
        timeout: Duration,
    ) -> (bool, usize) {
        let mut changed = self.changed.subscribe();
        let reached = async {
            while self.count(infno, progress) < count {
                if changed.changed().await.is_err() {
                    break;
                }
            }
        };
        let in_time = tokio::time::timeout(timeout, reached).await.is_ok();
        (in_time, self.count(infno, progress))
    }

    fn count(&self, infno: &str, progress: Progress) -> usize {
        let came = |call: &&Call| {
            matches(infno, &call.infno)
                && match progress {
                    Progress::Received => true,
                    Progress::Committed => call.committed,
                    Progress::Answered => call.answered,
                }
        };
        self.with(|log| log.calls.iter().filter(came).count())
    }

    fn change(&self, n: u64, act: impl FnOnce(&mut Call)) {
        self.with(|log| {
            if let Some(call) = log.calls.iter_mut().rev().find(|call| call.n == n) {
                act(call);
            }
        });
        self.tell();
    }

    fn tell(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Log) -> T) -> T {
        act(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
