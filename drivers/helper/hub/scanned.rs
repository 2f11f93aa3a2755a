//! What a scanner sent: the answer of a read, or nothing anybody asked for.

use zhijie_ports::{DeviceEvent, DeviceFault, Outcome, ScannedCode};

use super::Hub;

/// Codes nobody asked for that are told within [`WINDOW_MS`]. A person scans none faster; a scanner that has gone mad does, and
/// must not crowd out what matters.
const TOLD_MAX: u32 = 8;
const WINDOW_MS: u64 = 1_000;

/// How many were told lately.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    since_ms: u64,
    told: u32,
}

impl Ignored {
    fn is_told(&mut self, now_ms: u64) -> bool {
        if now_ms.saturating_sub(self.since_ms) >= WINDOW_MS {
            (self.since_ms, self.told) = (now_ms, 0);
        }
        self.told = self.told.saturating_add(1);
        self.told <= TOLD_MAX
    }
}

impl Hub {
    /// The first code that identifies somebody answers; without one, the first thing scanned is named as what it is.
    pub(super) fn scanned(&mut self, round: u64, codes: Vec<Result<ScannedCode, DeviceFault>>, now_ms: u64) {
        let wanted = self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.request.code && pending.round == round);
        let good = codes
            .iter()
            .position(|code| code.as_ref().is_ok_and(|code| code.kind.identifies()));
        let answer = good.unwrap_or(0);
        for (at, code) in codes.into_iter().enumerate() {
            if wanted && at == answer {
                self.done(match code {
                    Ok(code) if code.kind.identifies() => Outcome::Code(code),
                    Ok(code) => Outcome::Fault(DeviceFault::NotAVoucher { kind: code.kind }),
                    Err(fault) => Outcome::Fault(fault),
                });
            } else if let Ok(code) = code
                && self.ignored.is_told(now_ms)
            {
                self.say(DeviceEvent::CodeIgnored { kind: code.kind });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_in_drops() {
        let mut ignored = Ignored::default();
        let told = (0..5_000).filter(|ms| ignored.is_told(*ms)).count();
        assert_eq!(told, 5 * 8);
        assert!(ignored.is_told(60_000));
    }
}
