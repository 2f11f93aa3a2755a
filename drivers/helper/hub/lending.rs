//! The scanner lent to a library that scans by itself, and the library's own process that borrows it.

use zhijie_ports::{DeviceFault, FromHelper, LEND_LIMIT_MS, Outcome, ScannerState};

use super::{Effect, Hub};

#[derive(Debug, Default)]
pub(super) struct Lending {
    /// Lent; taken back then at the latest.
    pub(super) until_ms: Option<u64>,
    /// Who waits to hear that the port is closed.
    asked: Option<u64>,
}

impl Hub {
    pub(super) fn lend(&mut self, id: u64, now_ms: u64) {
        self.lending.until_ms = Some(now_ms.saturating_add(LEND_LIMIT_MS));
        if self.scanner == ScannerState::NotConfigured {
            self.effects.push(Effect::Say(FromHelper::Lent { id }));
        } else {
            self.lending.asked = Some(id);
            self.effects.push(Effect::Lend);
        }
    }

    pub(super) fn lent(&mut self) {
        if let Some(id) = self.lending.asked.take() {
            self.effects.push(Effect::Say(FromHelper::Lent { id }));
        }
    }

    pub(super) fn resume(&mut self) {
        let lent = core::mem::take(&mut self.lending).until_ms.is_some();
        if lent && self.scanner != ScannerState::NotConfigured {
            self.effects.push(Effect::Resume);
        }
    }

    /// Ends the read. A library that is still inside has the scanner: only ending this process takes it away.
    pub(super) fn end_reading(&mut self, fault: DeviceFault) {
        let pending = self.pending.as_ref();
        let scans = pending
            .and_then(|pending| pending.reading.as_ref())
            .is_some_and(|reading| reading.scans);
        self.done(Outcome::Fault(fault));
        if scans {
            self.effects.push(Effect::Die);
        }
    }
}
