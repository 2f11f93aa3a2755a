//! What is due by now, and whether waiting can bring anything at all.

use zhijie_ports::{DeviceFault, Outcome, ScannerState};

use super::{Effect, Hub};

impl Hub {
    pub(super) fn deadlines(&mut self, now_ms: u64) {
        if self.lending.until_ms.is_some_and(|until| until <= now_ms) {
            self.resume();
        }
        let Some(pending) = &mut self.pending else { return };
        if let Some(reading) = &pending.reading {
            if reading.limit_ms <= now_ms && reading.scans {
                let fault = if pending.deadline_ms <= now_ms {
                    DeviceFault::TimedOut
                } else {
                    DeviceFault::VendorSilent
                };
                self.end_reading(fault);
            } else if reading.limit_ms <= now_ms {
                let (reader, id) = (reading.reader.clone(), pending.request.id);
                self.pending = None;
                self.effects.push(Effect::GiveUp { reader, id });
            }
            return;
        }
        if pending.grace_ms.is_some_and(|grace| grace <= now_ms) {
            pending.grace_ms = None;
            if let Some(fault) = self.nothing_to_wait_for() {
                return self.done(Outcome::Fault(fault));
            }
        }
        let Some(pending) = &self.pending else { return };
        if pending.deadline_ms > now_ms {
            if pending.again_ms.is_some_and(|again| again <= now_ms) {
                self.ask_vendor(now_ms);
            }
        } else {
            let fault = if pending.request.code {
                DeviceFault::TimedOut
            } else {
                DeviceFault::NoCard
            };
            self.done(Outcome::Fault(fault));
        }
    }

    /// Why no device could ever answer the pending request; `None` while one could.
    fn nothing_to_wait_for(&self) -> Option<DeviceFault> {
        let request = &self.pending.as_ref()?.request;
        if request.card && (self.vendor.is_some() || !self.readers.is_empty()) {
            return None;
        }
        if request.code && self.scanner == ScannerState::Ready {
            return None;
        }
        if request.card && self.cards {
            let heard = self.service_up && self.surveyed;
            return Some(if heard {
                DeviceFault::NoReader
            } else {
                DeviceFault::CardServiceDown
            });
        }
        Some(match &self.scanner {
            _ if !request.code => DeviceFault::NoReader,
            ScannerState::NotConfigured => DeviceFault::NoScanner,
            ScannerState::Lost(fault) => fault.clone(),
            ScannerState::Ready => return None,
        })
    }
}
