//! The other end of the pipe means harm, or has lost its mind: whichever end it is, the one of ours goes on.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;
use zhijie_devicelink::{
    DeviceConfig, DeviceEvent, DeviceFault, Devices, HelperState, KeyRequest, PinTask, survey,
};
use zhijie_model::{Area, Private};
use zhijie_ports::{
    CardAlgorithm, Drawn, FRAME_BYTES_MAX, FromHelper, HelperStatus, KeyAsk, Outcome, PIPE_VERSION,
    ReaderState, encode_line,
};
use zhijie_twin::place_script;

use crate::{CARD, CODE, PATIENCE, TODAY};

/// A helper that is a shell script, and says what it likes.
struct Liar {
    _folder: TempDir,
    path: PathBuf,
}

impl Liar {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("liar");
        let greeting = format!(r#"{{"message":"hello","version":{PIPE_VERSION},"program":"0","pid":1}}"#);
        let script = format!("#!/bin/sh\nhello='{greeting}'\nsay() {{ printf '%s\\n' \"$1\"; }}\n{script}\n");
        place_script(&path, &script).unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    fn config(&self) -> DeviceConfig {
        DeviceConfig::new(self.path.clone())
    }
}

/// Restarts of a helper that says this, until the third: it was thrown out three times, and not spoken with before.
async fn thrown_out(script: &str) -> Vec<DeviceEvent> {
    let liar = Liar::new(script);
    let (devices, mut events) = Devices::start(liar.config());
    let mut told = Vec::new();
    while told.iter().filter(|event| is_down(event)).count() < 3 {
        let event = tokio::time::timeout(PATIENCE, events.recv()).await;
        told.push(event.expect("it is thrown out").unwrap());
    }
    devices.shutdown().await;
    told
}

fn line(frame: &FromHelper) -> String {
    let line = String::from_utf8(encode_line(frame).unwrap()).unwrap();
    String::from(line.trim_end())
}

fn status() -> FromHelper {
    let reader = ReaderState {
        reader: String::from("R"),
        card_present: true,
        insertion: 1,
    };
    let status = HelperStatus {
        card_service: true,
        readers: vec![reader],
        ..HelperStatus::default()
    };
    FromHelper::Status { status }
}

const fn event() -> FromHelper {
    let event = DeviceEvent::CardServiceUp;
    FromHelper::Event { event }
}

const fn done(id: u64) -> FromHelper {
    let outcome = Outcome::Fault(DeviceFault::NoCard);
    FromHelper::Done { id, outcome }
}

const fn is_down(event: &DeviceEvent) -> bool {
    matches!(event, DeviceEvent::HelperDown { .. })
}

#[tokio::test]
async fn a_helper_of_another_language_is_thrown_out_before_it_is_believed() {
    let before = |frame: FromHelper| format!("say '{}'; exec sleep 60", line(&frame));
    let (status, event, done) = (before(status()), before(event()), before(done(1)));
    let lent = before(FromHelper::Lent { id: 1 });
    let oversized = format!(
        "head -c {} /dev/zero | tr '\\0' x; exec sleep 60",
        FRAME_BYTES_MAX + 1
    );
    let table = [
        (
            "another version",
            r#"say '{"message":"hello","version":3,"program":"0","pid":1}'; exec sleep 60"#,
        ),
        (
            "a version that cannot be",
            r#"say '{"message":"hello","version":-1,"program":"0","pid":1}'; exec sleep 60"#,
        ),
        ("a status before the greeting", &status),
        ("an event before the greeting", &event),
        ("an answer before the greeting", &done),
        ("a word about the scanner before the greeting", &lent),
        ("half a frame and the end", "printf '{\"message\":\"hel'"),
        ("no frame", "say 'GET / HTTP/1.1'; exec sleep 60"),
        ("bytes", "printf '\\377\\376\\000\\n'; exec sleep 60"),
        (
            "a deep one",
            "head -c 60000 /dev/zero | tr '\\0' '['; echo; exec sleep 60",
        ),
        ("a line longer than a frame", &oversized),
        ("a line without end", "yes | tr -d '\\n'"),
        ("nothing but the end", "exit 0"),
    ];
    for (what, script) in table {
        let told = thrown_out(script).await;
        assert!(told.iter().all(is_down), "{what}: {told:?}");
    }
}

#[tokio::test]
async fn a_greeted_helper_that_breaks_the_rules_is_thrown_out_and_its_read_is_told() {
    let endless = |frame: FromHelper| format!("exec yes '{}'", line(&frame));
    let (events, states, answers) = (endless(event()), endless(status()), endless(done(9)));
    let big = format!("head -c {} /dev/zero | tr '\\0' ' '", FRAME_BYTES_MAX + 1);
    let table = [
        ("a second greeting", "say \"$hello\""),
        ("an unknown message", r#"say '{"message":"fly"}'"#),
        (
            "an unknown outcome",
            r#"say '{"message":"done","id":1,"outcome":{"money":1}}'"#,
        ),
        ("too much of nothing", big.as_str()),
        ("events without end", &events),
        ("states without end", &states),
        ("answers nobody asked for", &answers),
    ];
    for (what, rest) in table {
        let liar = Liar::new(&format!(
            "say \"$hello\"\nread hello\nread asked\n{rest}\nexec sleep 60"
        ));
        let (devices, _events) = Devices::start(liar.config());
        let read = devices.read(CARD, Duration::from_secs(3_600));
        let read = tokio::time::timeout(PATIENCE, read).await.expect(what);
        assert_eq!(read, Err(DeviceFault::HelperDown), "{what}");
        let again = devices.wait_for(|state| state.restarts > 0);
        assert!(tokio::time::timeout(PATIENCE, again).await.is_ok(), "{what}");
        devices.shutdown().await;
    }
}

/// It may answer as it likes, and each answer but the one to the question that stands is nobody's.
#[tokio::test]
async fn answers_out_of_order_reach_nobody_and_the_right_one_counts() {
    let shown = |fault| {
        let outcome = Outcome::Fault(fault);
        let line = line(&FromHelper::Done { id: 123, outcome });
        let (before, after) = line.split_once("123").unwrap();
        (format!("'{before}'"), format!("'{after}'"))
    };
    let ((mute, rest), (none, end)) = (shown(DeviceFault::CardMute), shown(DeviceFault::NoCard));
    let script = format!(
        r#"say "$hello"
        read hello
        while read asked; do
            id=$(printf %s "$asked" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
            say '{{"message":"lent","id":77}}'
            say {mute}$((id + 1)){rest}
            say {mute}$((id - 1)){rest}
            say {none}$id{end}
            say {mute}$id{rest}
        done"#
    );
    let liar = Liar::new(&script);
    let (devices, _events) = Devices::start(liar.config());
    for _ in 0..20 {
        let read = devices.read(CODE, Duration::from_secs(60));
        let read = tokio::time::timeout(PATIENCE, read).await.unwrap();
        assert_eq!(read, Err(DeviceFault::NoCard));
    }
    assert_eq!(devices.state().restarts, 0);
    devices.shutdown().await;
}

/// Foreign code in the helper's process could ask for proofs all day; the key service answers for the card that is read alone.
#[tokio::test]
async fn keys_are_for_the_card_that_is_being_read_and_no_other() {
    let (no_read, other_read) = (question(1), question(99));
    let (up, down) = (
        event(),
        FromHelper::Event {
            event: DeviceEvent::CardServiceDown,
        },
    );
    // Asked in the wrong moments; a refusal it hears is told by an event.
    let script = format!(
        r#"say "$hello"
        read hello
        say '{no_read}'
        read first
        case "$first" in *key_service_silent*) say '{}';; esac
        read asked
        say '{other_read}'
        read second
        case "$second" in *key_service_silent*) say '{}';; esac
        exec cat >/dev/null"#,
        line(&up),
        line(&down)
    );
    let liar = Liar::new(&script);
    let (keys, mut asked) = mpsc::channel::<KeyRequest>(4);
    let (devices, mut events) = Devices::start_with(liar.config(), Some(keys));
    let mut until = async |wanted: DeviceEvent| {
        loop {
            let event = tokio::time::timeout(PATIENCE, events.recv()).await;
            if event.expect("it is refused").unwrap() == wanted {
                return;
            }
        }
    };
    until(DeviceEvent::CardServiceUp).await;
    let read = tokio::spawn({
        let devices = devices.clone();
        async move { devices.read(CARD, Duration::from_secs(60)).await }
    });
    until(DeviceEvent::CardServiceDown).await;
    assert!(asked.try_recv().is_err(), "the key service was never asked");
    devices.shutdown().await;
    assert_eq!(read.await.unwrap(), Err(DeviceFault::HelperDown));
}

fn question(id: u64) -> String {
    let drawn = || Drawn {
        factor: Private::new("0123456789ABCDEF"),
        source: Private::new("0123456789ABCDEF"),
    };
    let ask = KeyAsk {
        region: Area::new("341200").unwrap(),
        reset_info: Private::new("00"),
        algorithm: CardAlgorithm::Sm4,
        identification: Private::new("00"),
        internal: drawn(),
        external: drawn(),
    };
    line(&FromHelper::KeyAsk { id, ask })
}

#[tokio::test]
async fn a_helper_that_does_not_listen_is_ended() {
    let liar = Liar::new("say \"$hello\"\nexec sleep 3600");
    let (devices, _events) = Devices::start(liar.config());
    let up = devices.wait_for(|state| matches!(state.helper, HelperState::Up { .. }));
    tokio::time::timeout(PATIENCE, up).await.unwrap();
    // Nobody reads what it is told: after two of these its pipe is full.
    let big = Private::new("x".repeat(60_000));
    let again = devices.wait_for(|state| state.restarts > 0);
    tokio::pin!(again);
    loop {
        let voucher = devices.voucher(big.clone(), TODAY, Duration::from_secs(3_600));
        tokio::select! {
            _ = &mut again => break,
            // Its caller leaves as soon as the question has gone out, and asks once more.
            _ = tokio::time::timeout(Duration::from_millis(50), voucher) => {}
        }
    }
    devices.shutdown().await;
}

#[tokio::test]
async fn a_look_at_the_devices_is_bounded_too() {
    for script in ["exec yes", "yes | tr -d '\\n'", "say '{}'", "exit 1"] {
        let liar = Liar::new(script);
        let looked = tokio::time::timeout(PATIENCE, survey(&liar.config(), false)).await;
        assert_eq!(looked.unwrap(), Err(DeviceFault::HelperProtocol), "{script}");
    }
}

#[tokio::test]
async fn another_kind_of_answer_is_no_pin() {
    let liar = Liar::new(
        r#"say "$hello"
        read hello
        read asked
        id=$(printf %s "$asked" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
        say "{\"message\":\"done\",\"id\":$id,\"outcome\":{\"voucher\":\"{}\"}}"
        cat >/dev/null"#,
    );
    let (devices, _events) = Devices::start(liar.config());
    let pin = devices.pin(PinTask::Ask, TODAY, Duration::from_secs(60));
    assert_eq!(pin.await, Err(DeviceFault::HelperProtocol));
    devices.shutdown().await;
}

/// Asks without end, out of order, and reads nothing for a while: the helper neither ends nor forgets the question in between.
#[test]
fn a_daemon_that_asks_without_end_is_served_as_long_as_it_keeps_the_language() {
    use std::io::{BufRead as _, BufReader, Write as _};
    use zhijie_ports::{KeyAnswer, ReadRequest, ToHelper, decode_line};
    let mut child = std::process::Command::new(crate::program())
        .arg("--no-card")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let (mut asks, out) = (
        child.stdin.take().unwrap(),
        BufReader::new(child.stdout.take().unwrap()),
    );
    let version = PIPE_VERSION;
    let nonsense = [
        ToHelper::Status,
        ToHelper::Resume,
        ToHelper::Cancel { id: 99 },
        ToHelper::Key {
            id: 99,
            answer: KeyAnswer::Fault(DeviceFault::KeyServiceSilent),
        },
        ToHelper::Lend { id: 7 },
        ToHelper::Resume,
    ];
    let read = ToHelper::Read(ReadRequest {
        id: 5,
        card: true,
        code: true,
        timeout_ms: u64::MAX,
        today: TODAY,
        pin: None,
        voucher: None,
        keys: true,
    });
    let lines = |messages: &[ToHelper]| -> Vec<u8> {
        let lines = messages.iter().map(|message| encode_line(message).unwrap());
        lines.flatten().collect()
    };
    let (ended, answered) = std::sync::mpsc::channel();
    let asking = std::thread::spawn(move || {
        asks.write_all(&lines(&[ToHelper::Hello { version }])).unwrap();
        let flood = lines(&nonsense).repeat(2_000);
        asks.write_all(&flood).unwrap();
        asks.write_all(&lines(&[read])).unwrap();
        asks.write_all(&flood).unwrap();
        answered.recv().unwrap();
        // Half a question, and the end.
        asks.write_all(b"{\"message\":\"read\",\"id\":6,").unwrap();
    });
    let (mut answers, mut states) = (Vec::new(), 0);
    for line in out.lines() {
        match decode_line::<FromHelper>(line.unwrap().as_bytes()).unwrap() {
            FromHelper::Done { id, outcome } => {
                answers.push((id, outcome));
                ended.send(()).unwrap();
            }
            FromHelper::Status { .. } => states += 1,
            FromHelper::Hello { .. }
            | FromHelper::Event { .. }
            | FromHelper::KeyAsk { .. }
            | FromHelper::Lent { .. } => {}
        }
    }
    asking.join().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(states > 4_000, "{states}");
    let (id, outcome) = answers.pop().unwrap();
    assert!(answers.is_empty() && id == 5, "{answers:?}");
    assert!(matches!(outcome, Outcome::Fault(_)), "{outcome:?}");
}
