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

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use zhijie_model::Private;
    use zhijie_ports::{ReadRequest, ToHelper};
    use zhijie_scanner::ScannerNotice;

    use super::*;
    use crate::hub::Input;
    use crate::tests::{ask, done, fault, greeted, ticket};

    fn voucher(id: u64, timeout_ms: u64) -> Input {
        Input::Daemon(ToHelper::Read(ReadRequest {
            id,
            card: true,
            code: false,
            timeout_ms,
            today: Date::constant(2026, 11, 22),
            pin: None,
            voucher: Some(Private::new("{}")),
            keys: false,
        }))
    }

    #[test]
    fn a_library_that_scans_has_the_scanner_until_it_comes_back_or_dies() {
        let library = || greeted(false, false).with_vendor(String::from("lib.so"), 5_000);
        // (time of the read, when nobody came back, its fault)
        for (timeout_ms, at_ms, expected) in [
            (2_000, 2_000, DeviceFault::TimedOut),
            (30_000, 5_000, DeviceFault::VendorSilent),
        ] {
            let mut hub = library();
            hub.handle(voucher(1, timeout_ms), 0);
            assert_eq!(hub.next_deadline_ms(), Some(at_ms));
            assert_eq!(hub.handle(Input::Tick, at_ms - 1), []);
            let effects = hub.handle(Input::Tick, at_ms);
            assert_eq!(fault(&effects), Some(expected));
            assert_eq!(effects.last(), Some(&Effect::Die));
        }
        let mut hub = library();
        hub.handle(voucher(1, 2_000), 0);
        let effects = hub.handle(Input::Daemon(ToHelper::Cancel { id: 1 }), 10);
        assert_eq!(fault(&effects), Some(DeviceFault::Cancelled));
        assert_eq!(effects.last(), Some(&Effect::Die));

        let mut hub = library();
        let asked = hub.handle(voucher(1, 2_000), 0);
        let ticket = ticket(&asked).unwrap();
        let result = Ok(Outcome::Voucher(Private::new("{}")));
        let effects = hub.handle(Input::CardRead { ticket, result }, 10);
        assert!(matches!(done(&effects), Some((1, Outcome::Voucher(_)))));
        assert!(!effects.contains(&Effect::Die));
    }

    #[test]
    fn a_scanner_is_lent_until_it_is_given_back_or_the_time_is_up() {
        let lend = || Input::Daemon(ToHelper::Lend { id: 9 });
        let lent = || Effect::Say(FromHelper::Lent { id: 9 });
        let mut hub = greeted(false, true);
        hub.handle(Input::Scanner(ScannerNotice::Ready), 0);
        assert_eq!(hub.handle(lend(), 0), [Effect::Lend]);
        assert_eq!(hub.handle(Input::Scanner(ScannerNotice::Lent), 1), [lent()]);
        assert_eq!(
            fault(&hub.handle(ask(1, false, true), 2)),
            Some(DeviceFault::ReadInProgress)
        );
        assert_eq!(hub.handle(Input::Daemon(ToHelper::Resume), 3), [Effect::Resume]);
        assert_eq!(hub.handle(Input::Daemon(ToHelper::Resume), 4), []);

        hub.handle(lend(), 10);
        hub.handle(Input::Scanner(ScannerNotice::Lent), 10);
        let due = hub.next_deadline_ms().unwrap();
        assert_eq!(due, 10 + LEND_LIMIT_MS);
        assert_eq!(hub.handle(Input::Tick, due), [Effect::Resume]);
        assert_eq!(hub.next_deadline_ms(), None);

        let mut none = greeted(false, false);
        assert_eq!(none.handle(lend(), 0), [lent()]);
        assert_eq!(none.handle(Input::Daemon(ToHelper::Resume), 1), []);
    }
}
