//! The scanner's thread: reads, loses the port, opens it again.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use zhijie_ports::{CodeScanner, DeviceFault, Framer, ScannedCode};

use crate::port::{Scanner, ScannerSettings};

/// Pause before a lost port is tried again.
const REOPEN: Duration = Duration::from_millis(500);

/// To the scanner's thread. Its sender being dropped ends the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannerCommand {
    /// Throw away what came before, then stamp codes with this round.
    Arm { round: u64 },
}

/// From the scanner's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerNotice {
    Ready,
    Lost(DeviceFault),
    /// What is scanned from now on belongs to this round.
    Armed {
        round: u64,
    },
    /// Everything one read completed, in order.
    Scanned {
        round: u64,
        codes: Vec<Result<ScannedCode, DeviceFault>>,
    },
}

/// Serves one scanner until the commands end or `tell` returns false. Blocks; run it on a thread of its own.
/// `now_ms` is a monotonic clock. A port that does not open is tried again twice a second.
pub fn serve(
    settings: &ScannerSettings,
    commands: &Receiver<ScannerCommand>,
    now_ms: &dyn Fn() -> u64,
    tell: &dyn Fn(ScannerNotice) -> bool,
) {
    let mut round = 0_u64;
    let mut framer = Framer::new(settings.framing);
    let mut told: Option<DeviceFault> = None;
    loop {
        let fault = match Scanner::open(settings) {
            Ok(scanner) => {
                let mut scanner = scanner.resume(framer);
                told = None;
                if !tell(ScannerNotice::Ready) {
                    return;
                }
                match read_until_lost(&mut scanner, &mut round, commands, now_ms, tell) {
                    Some(fault) => {
                        framer = scanner.close();
                        fault
                    }
                    None => return,
                }
            }
            Err(fault) => fault,
        };
        if told.as_ref() != Some(&fault) && !tell(ScannerNotice::Lost(fault.clone())) {
            return;
        }
        told = Some(fault);
        match commands.recv_timeout(REOPEN) {
            // A closed port holds nothing old.
            Ok(ScannerCommand::Arm { round: next }) => {
                round = next;
                if !tell(ScannerNotice::Armed { round }) {
                    return;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// The fault that lost the port, or `None` when the thread shall end.
fn read_until_lost(
    scanner: &mut Scanner,
    round: &mut u64,
    commands: &Receiver<ScannerCommand>,
    now_ms: &dyn Fn() -> u64,
    tell: &dyn Fn(ScannerNotice) -> bool,
) -> Option<DeviceFault> {
    loop {
        match commands.try_recv() {
            Ok(ScannerCommand::Arm { round: next }) => {
                *round = next;
                if let Err(fault) = scanner.clear() {
                    return Some(fault);
                }
                if !tell(ScannerNotice::Armed { round: next }) {
                    return None;
                }
            }
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return None,
        }
        match scanner.next_codes(now_ms) {
            Ok(codes) if codes.is_empty() => {}
            Ok(codes) => {
                if !tell(ScannerNotice::Scanned { round: *round, codes }) {
                    return None;
                }
            }
            Err(fault) => return Some(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::mpsc::{Sender, channel};
    use std::thread::JoinHandle;

    use zhijie_ports::{CodeKind, Framing};
    use zhijie_twin::VirtualScanner;

    use super::*;

    const VOUCHER: &str = "4241234567890123456789340000";
    const OTHER: &str = "4249999999999999999999310000";

    struct Desk {
        notices: Receiver<ScannerNotice>,
        commands: Option<Sender<ScannerCommand>>,
        thread: Option<JoinHandle<()>>,
    }

    impl Desk {
        fn serving(path: &str) -> Self {
            let settings = ScannerSettings {
                path: String::from(path),
                baud: 9_600,
                framing: Framing::Terminated,
            };
            let (commands, received) = channel();
            let (told, notices) = channel();
            let thread = std::thread::spawn(move || {
                let now = Cell::new(0_u64);
                // A clock that leaps so far with each look that nothing is debounced.
                let now_ms = || {
                    now.set(now.get() + 1_600);
                    now.get()
                };
                serve(&settings, &received, &now_ms, &|notice| told.send(notice).is_ok());
            });
            Self {
                notices,
                commands: Some(commands),
                thread: Some(thread),
            }
        }

        fn next(&self) -> ScannerNotice {
            self.notices
                .recv_timeout(Duration::from_secs(20))
                .expect("a notice")
        }

        fn arm(&self, round: u64) {
            self.commands
                .as_ref()
                .unwrap()
                .send(ScannerCommand::Arm { round })
                .unwrap();
        }
    }

    impl Drop for Desk {
        fn drop(&mut self) {
            self.commands = None;
            self.thread.take().unwrap().join().unwrap();
        }
    }

    fn scanned(notice: ScannerNotice) -> (u64, Vec<String>) {
        let ScannerNotice::Scanned { round, codes } = notice else {
            panic!("codes expected, got {notice:?}")
        };
        let texts = codes
            .into_iter()
            .map(|code| {
                code.map_or_else(
                    |fault| format!("{fault}"),
                    |code| String::from(code.text.reveal()),
                )
            })
            .collect();
        (round, texts)
    }

    #[test]
    fn what_was_scanned_before_the_question_does_not_answer_it() {
        let mut scanner = VirtualScanner::new().unwrap();
        let desk = Desk::serving(scanner.port().to_str().unwrap());
        assert_eq!(desk.next(), ScannerNotice::Ready);
        scanner.scan_line(OTHER).unwrap();
        assert_eq!(scanned(desk.next()), (0, vec![String::from(OTHER)]));
        scanner.scan(b"4241234").unwrap();
        desk.arm(1);
        assert_eq!(desk.next(), ScannerNotice::Armed { round: 1 });
        scanner.scan_line(VOUCHER).unwrap();
        assert_eq!(scanned(desk.next()), (1, vec![String::from(VOUCHER)]));
    }

    #[test]
    fn an_unplug_is_told_and_a_replug_is_found_under_the_same_name() {
        let folder = std::env::temp_dir().join(format!("zhijie-scanner-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let name = folder.join("scanner");
        let mut scanner = VirtualScanner::new().unwrap();
        scanner.link(&name).unwrap();
        let desk = Desk::serving(name.to_str().unwrap());
        assert_eq!(desk.next(), ScannerNotice::Ready);
        drop(scanner);
        assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerUnplugged));
        let mut scanner = VirtualScanner::new().unwrap();
        scanner.link(&name).unwrap();
        assert_eq!(desk.next(), ScannerNotice::Ready);
        scanner.scan_line(VOUCHER).unwrap();
        assert_eq!(scanned(desk.next()).1, [VOUCHER]);
        drop((desk, scanner));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_port_held_by_another_program_is_said() {
        let scanner = VirtualScanner::new().unwrap();
        let path = scanner.port().to_str().unwrap();
        let first = Desk::serving(path);
        assert_eq!(first.next(), ScannerNotice::Ready);
        let second = Desk::serving(path);
        assert_eq!(second.next(), ScannerNotice::Lost(DeviceFault::ScannerBusy));
    }

    #[test]
    fn payment_codes_and_noise_are_named() {
        let mut scanner = VirtualScanner::new().unwrap();
        let desk = Desk::serving(scanner.port().to_str().unwrap());
        assert_eq!(desk.next(), ScannerNotice::Ready);
        let mut kinds = Vec::new();
        scanner.scan(b"134567890123456789\r\xFF\xFF\xFF\r").unwrap();
        while kinds.len() < 2 {
            let ScannerNotice::Scanned { codes, .. } = desk.next() else {
                panic!("codes expected")
            };
            kinds.extend(codes.into_iter().map(|code| code.map(|code| code.kind)));
        }
        assert_eq!(kinds, [Ok(CodeKind::WeChatPay), Err(DeviceFault::CodeUnreadable)]);
    }
}
