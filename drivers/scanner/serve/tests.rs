//! The scanner's thread over real pseudo-terminals.

use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use zhijie_ports::{CodeKind, Framing};
use zhijie_twin::{UsbTree, VirtualScanner};

use super::*;
use crate::orders::{OrderSender, Orders, orders, polled_orders};
use crate::usb::Machine;

const VOUCHER: &str = "4241234567890123456789340000";
const OTHER: &str = "4249999999999999999999310000";
/// Longer than any test should take; a hang becomes a failure.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where the system tells of bytes, and where it tells of nothing.
const ROADS: [Road; 2] = [orders, polled_orders];
/// Far enough that nothing is debounced.
const LEAP_MS: u64 = 1_600;

type Road = fn() -> std::io::Result<(OrderSender, Orders)>;

struct Desk {
    notices: Receiver<ScannerNotice>,
    /// Time goes on by so much with each look at it.
    leap_ms: Arc<AtomicU64>,
    looks: Receiver<u64>,
    orders: Option<OrderSender>,
    thread: Option<JoinHandle<()>>,
}

fn settings(address: &str) -> ScannerSettings {
    ScannerSettings {
        address: address.parse().unwrap(),
        machine: Machine::default(),
        baud: 9_600,
        framing: Framing::Terminated,
    }
}

impl Desk {
    fn serving(address: &str) -> Self {
        Self::with(settings(address), LEAP_MS)
    }

    fn with(settings: ScannerSettings, leap_ms: u64) -> Self {
        Self::by(orders, settings, leap_ms)
    }

    fn by(road: Road, settings: ScannerSettings, leap_ms: u64) -> Self {
        let (sender, orders) = road().unwrap();
        let (told, notices) = channel();
        let (looked, looks) = channel();
        let leap_ms = Arc::new(AtomicU64::new(leap_ms));
        let leap = Arc::clone(&leap_ms);
        let thread = std::thread::spawn(move || {
            let now = AtomicU64::new(0);
            let now_ms = || {
                let step = leap.load(Ordering::Acquire);
                let at = now.fetch_add(step, Ordering::AcqRel) + step;
                // Nobody listens once the test is over.
                let _ = looked.send(at);
                at
            };
            serve(&settings, orders, &now_ms, &|notice| told.send(notice).is_ok());
        });
        Self {
            notices,
            leap_ms,
            looks,
            orders: Some(sender),
            thread: Some(thread),
        }
    }

    fn over(scanner: &VirtualScanner) -> Self {
        Self::ready(orders, scanner, LEAP_MS)
    }

    fn ready(road: Road, scanner: &VirtualScanner, leap_ms: u64) -> Self {
        let desk = Self::by(road, settings(scanner.port().to_str().unwrap()), leap_ms);
        assert_eq!(desk.next(), ScannerNotice::Ready);
        desk
    }

    fn next(&self) -> ScannerNotice {
        self.notices.recv_timeout(PATIENCE).expect("a notice")
    }

    fn arm(&self, round: u64) {
        assert!(self.orders.as_ref().unwrap().send(ScannerCommand::Arm { round }));
        assert_eq!(self.next(), ScannerNotice::Armed { round });
    }

    /// Waits for so many codes and tells their texts, or what was wrong with them.
    fn texts(&self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            texts.extend(scanned(self.next()).1);
        }
        texts
    }

    /// Waits until the thread sleeps: it looks at the clock as long as silence may end a code.
    fn sleeps(&self) {
        while self.looks.recv_timeout(Duration::from_secs(1)).is_ok() {}
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.orders = None;
        self.thread.take().unwrap().join().unwrap();
    }
}

fn scanned(notice: ScannerNotice) -> (u64, Vec<String>) {
    let ScannerNotice::Scanned { round, codes } = notice else {
        panic!("codes expected, got {notice:?}")
    };
    let text = |code: Result<ScannedCode, DeviceFault>| match code {
        Ok(code) => String::from(code.text.reveal()),
        Err(fault) => {
            assert_eq!(fault, DeviceFault::CodeUnreadable);
            String::from("?")
        }
    };
    (round, codes.into_iter().map(text).collect())
}

#[test]
fn the_line_is_set_whatever_the_last_program_left() {
    let mut scanner = VirtualScanner::new().unwrap();
    scanner.spoil_line().unwrap();
    assert!(!scanner.line_is_plain().unwrap());
    let desk = Desk::over(&scanner);
    assert!(scanner.line_is_plain().unwrap());
    scanner
        .scan(&[b"\x11\x13", VOUCHER.as_bytes(), b"\r"].concat())
        .unwrap();
    assert_eq!(
        desk.texts(1),
        [VOUCHER],
        "flow control characters are noise and stop nothing"
    );
}

/// A name, chunks as a read may return them, and the codes they are.
type Row<'row> = (&'row str, Vec<&'row [u8]>, Vec<&'row str>);

#[test]
fn every_way_a_code_may_end_works_on_a_line() {
    let two = format!("{VOUCHER}\r\n{OTHER}\r\n");
    let flood = [b'7'; 600];
    let marked = [b"\x00\x7f", VOUCHER.as_bytes(), b"\r"].concat();
    let table: Vec<Row<'_>> = vec![
        ("CR", vec![VOUCHER.as_bytes(), b"\r"], vec![VOUCHER]),
        ("LF", vec![VOUCHER.as_bytes(), b"\n"], vec![VOUCHER]),
        ("CRLF", vec![VOUCHER.as_bytes(), b"\r\n"], vec![VOUCHER]),
        (
            "CR, LF late",
            vec![VOUCHER.as_bytes(), b"\r", b"\n"],
            vec![VOUCHER],
        ),
        (
            "STX, ETX",
            vec![b"\x02", VOUCHER.as_bytes(), b"\x03"],
            vec![VOUCHER],
        ),
        (
            "STX starts afresh",
            vec![b"4241\x02", VOUCHER.as_bytes(), b"\x03"],
            vec![VOUCHER],
        ),
        ("AIM", vec![b"]Q1", VOUCHER.as_bytes(), b"\r"], vec![VOUCHER]),
        (
            "AIM in STX, ETX",
            vec![b"\x02]Q1", VOUCHER.as_bytes(), b"\x03\r"],
            vec![VOUCHER],
        ),
        ("two in one chunk", vec![two.as_bytes()], vec![VOUCHER, OTHER]),
        ("control characters", vec![&marked], vec![VOUCHER]),
        ("no text", vec![b"\xff\xfe\x80\r"], vec!["?"]),
        ("longer than 512 bytes", vec![&flood, b"777\r"], vec!["?"]),
    ];
    for road in ROADS {
        let mut scanner = VirtualScanner::new().unwrap();
        // So that no two chunks are ever two seconds apart.
        let desk = Desk::ready(road, &scanner, 1);
        for (what, chunks, expected) in &table {
            for chunk in chunks {
                scanner.scan(chunk).unwrap();
            }
            // Whatever came too much would come before this.
            let end = format!("the end of {what}");
            scanner.scan_line(&end).unwrap();
            let mut texts = desk.texts(expected.len() + 1);
            assert_eq!(texts.pop(), Some(end));
            assert_eq!(&texts, expected, "{what}");
        }
    }
}

#[test]
fn a_code_may_come_byte_by_byte() {
    for road in ROADS {
        let mut scanner = VirtualScanner::new().unwrap();
        // So that two bytes are never two seconds apart.
        let desk = Desk::ready(road, &scanner, 1);
        for byte in format!("{VOUCHER}\r").bytes() {
            scanner.scan(&[byte]).unwrap();
        }
        assert_eq!(desk.texts(1), [VOUCHER]);
    }
}

#[test]
fn the_same_code_soon_again_is_one_scan() {
    let mut scanner = VirtualScanner::new().unwrap();
    let desk = Desk::over(&scanner);
    desk.leap_ms.store(0, Ordering::Release);
    for text in [VOUCHER, VOUCHER, OTHER, OTHER] {
        scanner.scan_line(text).unwrap();
    }
    assert_eq!(desk.texts(2), [VOUCHER, OTHER]);
    desk.leap_ms.store(LEAP_MS, Ordering::Release);
    scanner.scan_line(OTHER).unwrap();
    assert_eq!(desk.texts(1), [OTHER]);
}

/// A stall cuts a voucher in two, and the second half looks like goods.
#[test]
fn without_suffix_silence_ends_a_code_and_halves_are_refused() {
    let mut scanner = VirtualScanner::new().unwrap();
    let mut settings = settings(scanner.port().to_str().unwrap());
    settings.framing = Framing::Gap { gap_ms: 60 };
    let desk = Desk::with(settings, 5);
    assert_eq!(desk.next(), ScannerNotice::Ready);
    scanner.scan(VOUCHER.as_bytes()).unwrap();
    assert_eq!(desk.texts(1), [VOUCHER]);
    let (first, second) = VOUCHER.split_at(15);
    scanner.scan(first.as_bytes()).unwrap();
    assert_eq!(desk.texts(1), ["?"]);
    scanner.scan(second.as_bytes()).unwrap();
    desk.sleeps();
    scanner.scan(OTHER.as_bytes()).unwrap();
    assert_eq!(desk.texts(1), [OTHER], "the second half counts for nothing");
}

#[test]
fn what_was_scanned_before_the_question_does_not_answer_it() {
    for road in ROADS {
        let mut scanner = VirtualScanner::new().unwrap();
        let desk = Desk::ready(road, &scanner, 1);
        scanner.scan_line(OTHER).unwrap();
        assert_eq!(scanned(desk.next()), (0, vec![String::from(OTHER)]));
        scanner.scan(b"4241234").unwrap();
        desk.arm(1);
        scanner.scan_line(VOUCHER).unwrap();
        assert_eq!(scanned(desk.next()), (1, vec![String::from(VOUCHER)]));
    }
}

#[test]
fn an_unplug_is_told_and_a_replug_is_found_under_the_same_name() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("scanner");
    let mut scanner = VirtualScanner::new().unwrap();
    scanner.link(&name).unwrap();
    let desk = Desk::serving(name.to_str().unwrap());
    assert_eq!(desk.next(), ScannerNotice::Ready);
    // Half a code: it is lost with the plug.
    scanner.scan(b"4241234").unwrap();
    drop(scanner);
    assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerUnplugged));
    let mut scanner = VirtualScanner::new().unwrap();
    scanner.link(&name).unwrap();
    assert_eq!(desk.next(), ScannerNotice::Ready);
    scanner.scan_line(VOUCHER).unwrap();
    assert_eq!(desk.texts(1), [VOUCHER]);
}

#[test]
fn a_replug_is_found_under_another_name() {
    let tree = UsbTree::new().unwrap();
    let mut usb = settings("usb:1eab:1306:NL7");
    usb.machine = Machine::at(tree.root());
    let desk = Desk::with(usb, LEAP_MS);
    assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerUnplugged));
    for (socket, name) in [("1-1", "ttyACM0"), ("1-4", "ttyACM1")] {
        tree.plug(socket, 0x1eab, 0x1306, "NL7", &[name]).unwrap();
        let mut scanner = VirtualScanner::new().unwrap();
        scanner.link(&tree.port(name)).unwrap();
        assert_eq!(desk.next(), ScannerNotice::Ready, "{name}");
        scanner.scan_line(VOUCHER).unwrap();
        assert_eq!(desk.texts(1), [VOUCHER]);
        tree.unplug(socket).unwrap();
        drop(scanner);
        assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerUnplugged));
    }
}

#[test]
fn a_scanner_left_as_a_keyboard_is_said_and_found_once_it_was_switched() {
    let tree = UsbTree::new().unwrap();
    tree.plug("1-1", 0x1eab, 0x1303, "", &[]).unwrap();
    let mut auto = settings("auto");
    auto.machine = Machine::at(tree.root());
    let desk = Desk::with(auto, LEAP_MS);
    assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerNotSerial));
    tree.unplug("1-1").unwrap();
    tree.plug("1-1", 0x1eab, 0x1306, "", &["ttyACM0"]).unwrap();
    let mut scanner = VirtualScanner::new().unwrap();
    scanner.link(&tree.port("ttyACM0")).unwrap();
    loop {
        match desk.next() {
            ScannerNotice::Ready => break,
            // A look between the two lines above.
            ScannerNotice::Lost(DeviceFault::ScannerUnplugged) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The port stays open and never hangs up; only its name vanishes.
#[test]
fn a_driver_that_never_signals_an_unplug_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("scanner");
    let silent = VirtualScanner::new().unwrap();
    symlink(silent.port(), &name).unwrap();
    let desk = Desk::serving(name.to_str().unwrap());
    assert_eq!(desk.next(), ScannerNotice::Ready);
    std::fs::remove_file(&name).unwrap();
    assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerUnplugged));
    symlink(silent.port(), &name).unwrap();
    assert_eq!(desk.next(), ScannerNotice::Ready);
}

/// Nor does the folder tell: what is looked at from time to time is found out all the same.
#[test]
fn a_port_that_vanishes_unnoticed_is_found_out_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    for part in [&first, &second] {
        std::fs::create_dir(part).unwrap();
    }
    let silent = VirtualScanner::new().unwrap();
    symlink(silent.port(), first.join("scanner")).unwrap();
    let ports = folder.path().join("ports");
    symlink(&first, &ports).unwrap();
    let desk = Desk::serving(ports.join("scanner").to_str().unwrap());
    assert_eq!(desk.next(), ScannerNotice::Ready);
    std::fs::remove_file(&ports).unwrap();
    symlink(&second, &ports).unwrap();
    desk.leap_ms.store(40_000, Ordering::Release);
    desk.orders
        .as_ref()
        .unwrap()
        .send(ScannerCommand::Arm { round: 1 });
    let (one, other) = (desk.next(), desk.next());
    let lost = ScannerNotice::Lost(DeviceFault::ScannerUnplugged);
    let armed = ScannerNotice::Armed { round: 1 };
    assert!(
        (&one, &other) == (&lost, &armed) || (&one, &other) == (&armed, &lost),
        "{one:?} {other:?}"
    );
}

#[test]
fn a_port_held_by_another_program_is_said() {
    let scanner = VirtualScanner::new().unwrap();
    let path = scanner.port().to_str().unwrap();
    let first = Desk::serving(path);
    assert_eq!(first.next(), ScannerNotice::Ready);
    let second = Desk::serving(path);
    assert_eq!(second.next(), ScannerNotice::Lost(DeviceFault::ScannerBusy));
    drop(first);
    assert_eq!(second.next(), ScannerNotice::Ready);
}

#[test]
fn payment_codes_are_named() {
    let mut scanner = VirtualScanner::new().unwrap();
    let desk = Desk::over(&scanner);
    scanner.scan_line("134567890123456789").unwrap();
    let ScannerNotice::Scanned { codes, .. } = desk.next() else {
        panic!("codes expected")
    };
    assert_eq!(
        codes
            .into_iter()
            .map(|code| code.map(|code| code.kind))
            .collect::<Vec<_>>(),
        [Ok(CodeKind::WeChatPay)]
    );
}

/// On the road where nobody tells, the clock is all there is.
#[test]
fn where_nobody_tells_silence_ends_a_code_too() {
    let mut scanner = VirtualScanner::new().unwrap();
    let mut settings = settings(scanner.port().to_str().unwrap());
    settings.framing = Framing::Gap { gap_ms: 60 };
    let desk = Desk::by(polled_orders, settings, 5);
    assert_eq!(desk.next(), ScannerNotice::Ready);
    scanner.scan(VOUCHER.as_bytes()).unwrap();
    assert_eq!(desk.texts(1), [VOUCHER]);
    scanner.scan(&VOUCHER.as_bytes()[..15]).unwrap();
    assert_eq!(desk.texts(1), ["?"]);
}

/// Neither hangs up nor tells: the name that vanished is missed when it is looked for.
#[test]
fn where_nobody_tells_an_unplug_in_mid_code_and_a_driver_that_never_signals_are_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("scanner");
    let mut scanner = VirtualScanner::new().unwrap();
    scanner.link(&name).unwrap();
    let desk = Desk::by(polled_orders, settings(name.to_str().unwrap()), 1);
    assert_eq!(desk.next(), ScannerNotice::Ready);
    scanner.scan(b"4241234").unwrap();
    drop(scanner);
    assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerUnplugged));

    let mut silent = VirtualScanner::new().unwrap();
    symlink(silent.port(), &name).unwrap();
    assert_eq!(desk.next(), ScannerNotice::Ready);
    silent.scan_line(VOUCHER).unwrap();
    assert_eq!(desk.texts(1), [VOUCHER], "the half before the unplug is gone");
    std::fs::remove_file(&name).unwrap();
    desk.leap_ms.store(LEAP_MS, Ordering::Release);
    assert_eq!(desk.next(), ScannerNotice::Lost(DeviceFault::ScannerUnplugged));
}

#[test]
fn where_nobody_tells_orders_are_heard_with_the_port_open_and_closed() {
    let mut scanner = VirtualScanner::new().unwrap();
    let desk = Desk::ready(polled_orders, &scanner, 1);
    desk.arm(1);
    let orders = desk.orders.as_ref().unwrap();
    assert!(orders.send(ScannerCommand::Lend));
    assert_eq!(desk.next(), ScannerNotice::Lent);
    let borrower = Desk::ready(polled_orders, &scanner, 1);
    drop(borrower);
    assert!(orders.send(ScannerCommand::Resume));
    assert_eq!(desk.next(), ScannerNotice::Ready);
    desk.arm(2);
    scanner.scan_line(VOUCHER).unwrap();
    assert_eq!(scanned(desk.next()), (2, vec![String::from(VOUCHER)]));
}
