//! The bare process: what it writes where.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use jiff::civil::Date;
use zhijie_ports::{
    CodeKind, DeviceEvent, DeviceFault, FRAME_BYTES_MAX, FromHelper, Outcome, PIPE_VERSION, ReadRequest,
    ToHelper, decode_line, encode_line,
};
use zhijie_twin::{CardData, PrivatePcscd, VirtualCard, VirtualScanner};

use crate::program;

const PAYMENT: &str = "134567890123456789";

fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Child {
    Command::new(program())
        .args(arguments)
        .envs(environment.iter().copied())
        .env("ZHIJIE_DEVICES_LOG", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn say(child: &mut Child, message: &ToHelper) {
    let line = encode_line(message).unwrap();
    child.stdin.as_mut().unwrap().write_all(&line).unwrap();
}

fn request(id: u64, card: bool, code: bool) -> ToHelper {
    ToHelper::Read(ReadRequest {
        id,
        card,
        code,
        timeout_ms: 30_000,
        today: Date::constant(2026, 11, 22),
        pin: None,
        voucher: None,
        keys: false,
    })
}

fn next(out: &mut impl BufRead) -> FromHelper {
    let mut line = String::new();
    assert_ne!(out.read_line(&mut line).unwrap(), 0, "the helper ended early");
    decode_line(line.as_bytes()).unwrap()
}

/// Closes stdin, waits for the end, returns the log.
fn finish(mut child: Child) -> String {
    child.stdin = None;
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(child.wait().unwrap().success());
    log
}

#[test]
fn neither_code_nor_card_text_reaches_the_log_even_at_its_most_talkative() {
    let pcscd = PrivatePcscd::start().unwrap();
    let mut scanner = VirtualScanner::new().unwrap();
    let mut child = start(
        &["--scanner", scanner.port().to_str().unwrap()],
        &[(PrivatePcscd::CLIENT_VARIABLE, pcscd.socket().to_str().unwrap())],
    );
    let mut out = BufReader::new(child.stdout.take().unwrap());
    say(
        &mut child,
        &ToHelper::Hello {
            version: PIPE_VERSION,
        },
    );
    assert!(matches!(
        next(&mut out),
        FromHelper::Hello {
            version: PIPE_VERSION,
            ..
        }
    ));
    let await_done = |out: &mut BufReader<_>, scanner: Option<&mut VirtualScanner>| {
        let mut scanner = scanner;
        loop {
            match next(out) {
                FromHelper::Event {
                    event: DeviceEvent::Waiting { .. },
                } => {
                    if let Some(scanner) = scanner.take() {
                        scanner.scan_line(PAYMENT).unwrap();
                    }
                }
                FromHelper::Done { outcome, .. } => return outcome,
                FromHelper::Event { .. }
                | FromHelper::Status { .. }
                | FromHelper::Hello { .. }
                | FromHelper::KeyAsk { .. }
                | FromHelper::Lent { .. } => {}
            }
        }
    };
    say(&mut child, &request(1, false, true));
    let refused = await_done(&mut out, Some(&mut scanner));
    assert_eq!(
        refused,
        Outcome::Fault(DeviceFault::NotAVoucher {
            kind: CodeKind::WeChatPay
        })
    );
    let mut slot = pcscd.slot(0);
    let data = CardData::default();
    slot.insert(VirtualCard::new(data.clone()).unwrap()).unwrap();
    say(&mut child, &request(2, true, false));
    let read = await_done(&mut out, None);
    assert!(matches!(read, Outcome::Card(_)));
    let log = finish(child);
    assert!(
        log.contains("WeChatPay") && log.contains("Card was read"),
        "{log}"
    );
    for secret in [
        PAYMENT,
        &data.number,
        &data.name,
        &data.card_number,
        "D156000005",
        "341200004711",
    ] {
        assert!(!log.contains(secret), "the log shows {secret}");
    }
}

#[test]
fn a_foreign_language_ends_the_process() {
    for line in [
        b"GET / HTTP/1.1\r\n".to_vec(),
        b"{\"message\":\"hello\",\"version\":99}\n".to_vec(),
        b"{\"message\":\"status\"}\n".to_vec(),
        vec![b'x'; FRAME_BYTES_MAX + 10],
    ] {
        let mut child = start(&["--no-card"], &[]);
        // The helper may hang up before it has taken all of it.
        let _ = child.stdin.as_mut().unwrap().write_all(&line);
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!(out, "");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn the_end_of_stdin_ends_the_process() {
    finish(start(&["--no-card"], &[]));
}
