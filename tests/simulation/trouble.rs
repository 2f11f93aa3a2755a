//! What befalls a PC and its agent: deaths, starts, old ledgers, clocks, sleep, a bad disk.

use zhijie_ledger::OpenError;
use zhijie_tests::disk::Failure;

use crate::desk::Death;
use crate::policy::Plant;
use crate::world::{Happening, World};

impl World {
    pub(crate) fn kill(&mut self, desk: usize) {
        self.figures.kills += 1;
        let death = match self.rng.below(4) {
            _ if self.desks[desk].disk.is_off() => Death::PowerCut,
            0 if self.rules.faults.power > 0 => Death::PowerCut,
            1 => Death::Stopped,
            _ => Death::Killed,
        };
        self.figures.power_cuts += u64::from(death == Death::PowerCut);
        self.note(|_| format!("desk {desk} ends: {death:?}"));
        self.end(desk, death);
        // Whoever looks after the service starts it again at once, or the PC has to come up first.
        let pause = if self.calm || self.rng.percent(25) {
            0
        } else {
            self.rng.between(0, 400_000)
        };
        self.plan(pause, Happening::Start { desk });
    }

    pub(crate) fn end(&mut self, desk: usize, death: Death) {
        let (desk, rng) = (&mut self.desks[desk], &mut self.rng);
        desk.end(death, &mut || rng.percent(50));
    }

    /// A disk that fails while the agent starts ends the start; it is tried again.
    pub(crate) fn start(&mut self, desk: usize) {
        if self.rules.plant == Plant::CopiesRestored && !self.calm {
            self.restore(desk);
        }
        let mut started = self.desks[desk].start();
        if let Err(OpenError::Restored { .. }) = started {
            self.model.restored = true;
            self.figures.restored += 1;
            started = self.desks[desk].accept().and_then(|()| self.desks[desk].start());
        }
        if let Err(error) = started {
            self.note(|_| format!("desk {desk} does not start: {error}"));
            self.end(desk, Death::PowerCut);
            self.plan(1000, Happening::Start { desk });
        }
    }

    /// Keeps a copy of the ledger, or puts the one that was kept in its place.
    pub(crate) fn restore(&mut self, desk: usize) {
        match self.copies.remove(&desk) {
            Some(copy) if self.rng.percent(30) => {
                self.note(|_| format!("desk {desk} gets its old ledger back"));
                self.desks[desk].put_back(copy);
            }
            Some(copy) => {
                self.copies.insert(desk, copy);
            }
            None if self.desks[desk].run == 0 => {}
            None => {
                let copy = self.desks[desk].copy();
                self.copies.insert(desk, copy);
            }
        }
    }

    /// What may befall a PC while its cashier thinks.
    pub(crate) fn trouble(&mut self, desk: usize) {
        let faults = self.rules.faults.clone();
        let run = self.desks[desk].run;
        if self.rng.percent(faults.jump) {
            let ahead = if self.rules.plant == Plant::ClocksAhead {
                7_200_000
            } else {
                0
            };
            let by_ms = self.rng.between(-7_200_000, ahead);
            self.plan(1, Happening::Jump { desk, by_ms });
        }
        if self.rng.percent(faults.asleep) {
            let ms = self.rng.between(60_000, 30_000_000);
            self.plan(1, Happening::Sleep { desk, ms });
        }
        if self.rng.percent(faults.disk_full) {
            self.plan(
                1,
                Happening::DiskFull {
                    desk,
                    run,
                    full: true,
                },
            );
            let pause = self.rng.between(100, 60_000);
            self.plan(
                pause,
                Happening::DiskFull {
                    desk,
                    run,
                    full: false,
                },
            );
        }
        let failure = if self.rng.percent(faults.power) {
            Some(Failure::PowerGoes)
        } else if self.rng.percent(faults.disk_error) {
            let failures = [Failure::Error, Failure::TornError, Failure::Full];
            Some(failures[self.rng.index(failures.len())])
        } else {
            None
        };
        if let Some(failure) = failure {
            let after = u64::try_from(self.rng.between(1, 40)).unwrap();
            let happening = Happening::DiskFails {
                desk,
                run,
                after,
                failure,
            };
            self.plan(1, happening);
        }
        if self.rng.percent(faults.kill / 3) {
            self.plan(1, Happening::Kill { desk, run });
        }
    }
}
