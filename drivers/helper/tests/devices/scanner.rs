//! Codes over a pseudo-terminal.

use zhijie_devicelink::{CodeKind, DeviceEvent, DeviceFault, DeviceReading};
use zhijie_twin::CardData;

use crate::{BOTH, CARD, CODE, desk, scanner_only};

const VOUCHER: &str = "4241234567890123456789340000";

#[tokio::test]
async fn a_voucher_arrives_in_bursts() {
    let mut desk = scanner_only();
    let read = desk.waiting(CODE).await;
    let scanner = desk.scanner.as_mut().unwrap();
    for part in ["]Q1", "4241234", "5678901234567893400", "00\r\n"] {
        scanner.scan(part.as_bytes()).unwrap();
    }
    let DeviceReading::Code(code) = read.await.unwrap().unwrap() else {
        panic!("a code expected")
    };
    assert_eq!((code.kind, code.text.reveal()), (CodeKind::EVoucher, VOUCHER));
}

#[tokio::test]
async fn a_code_answers_a_read_that_would_take_a_card_too() {
    let mut desk = desk();
    let read = desk.waiting(BOTH).await;
    desk.scanner.as_mut().unwrap().scan_line(VOUCHER).unwrap();
    assert!(matches!(read.await.unwrap(), Ok(DeviceReading::Code(_))));
}

#[tokio::test]
async fn what_is_no_voucher_is_named_as_what_it_is() {
    let mut desk = scanner_only();
    for (text, kind) in [
        ("134567890123456789", CodeKind::WeChatPay),
        ("281234567890123456", CodeKind::Alipay),
        ("11010519491231002X", CodeKind::CitizenId),
        ("81234567890123456789", CodeKind::DrugTrace),
        ("6901234567892", CodeKind::Goods),
        ("hello", CodeKind::Unknown { length: 5 }),
    ] {
        let read = desk.waiting(CODE).await;
        desk.scanner.as_mut().unwrap().scan_line(text).unwrap();
        assert_eq!(read.await.unwrap(), Err(DeviceFault::NotAVoucher { kind }));
    }
}

#[tokio::test]
async fn a_code_nobody_asked_for_is_thrown_away() {
    let mut desk = scanner_only();
    desk.scanner_ready().await;
    desk.scanner
        .as_mut()
        .unwrap()
        .scan_line("4249999999999999999999310000")
        .unwrap();
    let ignored = desk
        .event(|event| matches!(event, DeviceEvent::CodeIgnored { .. }))
        .await;
    assert_eq!(
        ignored,
        DeviceEvent::CodeIgnored {
            kind: CodeKind::EVoucher
        }
    );
    let read = desk.waiting(CODE).await;
    desk.scanner.as_mut().unwrap().scan_line(VOUCHER).unwrap();
    let Ok(DeviceReading::Code(code)) = read.await.unwrap() else {
        panic!("a code expected")
    };
    assert_eq!(code.text.reveal(), VOUCHER);
}

/// Whatever came with it in the same chunk is named and thrown away.
#[tokio::test]
async fn the_first_voucher_of_a_chunk_wins() {
    for (chunk, ignored) in [
        (format!("134567890123456789\r{VOUCHER}\r"), CodeKind::WeChatPay),
        (
            format!("{VOUCHER}\r\n4249999999999999999999310000\r\n"),
            CodeKind::EVoucher,
        ),
    ] {
        let mut desk = scanner_only();
        let read = desk.waiting(CODE).await;
        desk.scanner.as_mut().unwrap().scan(chunk.as_bytes()).unwrap();
        let Ok(DeviceReading::Code(code)) = read.await.unwrap() else {
            panic!("a code expected")
        };
        assert_eq!(code.text.reveal(), VOUCHER);
        let told = desk
            .event(|event| matches!(event, DeviceEvent::CodeIgnored { .. }))
            .await;
        assert_eq!(told, DeviceEvent::CodeIgnored { kind: ignored });
    }
}

#[tokio::test]
async fn an_unplugged_scanner_ends_the_wait() {
    let mut desk = scanner_only();
    let read = desk.waiting(CODE).await;
    desk.scanner = None;
    assert_eq!(read.await.unwrap(), Err(DeviceFault::ScannerUnplugged));
}

/// Another program may open it and take what is scanned; afterwards it is ours again.
#[tokio::test]
async fn a_lent_scanner_is_free_and_comes_back() {
    let mut desk = scanner_only();
    desk.scanner_ready().await;
    let port = desk.scanner.as_ref().unwrap().port().to_path_buf();
    let free = || std::fs::File::open(&port).is_ok_and(|port| port.try_lock().is_ok());
    assert!(!free(), "the helper holds the port");
    let lent = desk.devices.lend_scanner().await.unwrap();
    assert!(free());
    assert_eq!(desk.read(CODE).await, Err(DeviceFault::ReadInProgress));
    while desk.events.try_recv().is_ok() {}
    drop(lent);
    desk.event(|event| *event == DeviceEvent::ScannerReady).await;
    let read = desk.waiting(CODE).await;
    let scanner = desk.scanner.as_mut().unwrap();
    scanner.scan_line("4241234567890123456789340000").unwrap();
    assert!(matches!(read.await.unwrap(), Ok(DeviceReading::Code(_))));
}

/// The order may come while the port is lost, too.
#[tokio::test]
async fn a_scanner_that_is_not_there_is_lent_all_the_same() {
    let mut desk = scanner_only();
    desk.scanner_ready().await;
    desk.scanner = None;
    desk.event(|event| matches!(event, DeviceEvent::ScannerLost { .. }))
        .await;
    drop(desk.devices.lend_scanner().await.unwrap());
    drop(desk.devices.lend_scanner().await.unwrap());
    assert_eq!(desk.read(CODE).await, Err(DeviceFault::ScannerUnplugged));
}

#[tokio::test]
async fn missing_devices_are_named() {
    let desk = scanner_only();
    desk.scanner_ready().await;
    assert_eq!(desk.read(CARD).await, Err(DeviceFault::NoReader));
}

/// What a scanner that has gone mad sends at the highest speed of a line in half a minute, as fast as it is taken.
const FLOOD_BYTES: usize = 92_160 * 30;

#[tokio::test]
async fn a_flood_of_codes_disturbs_neither_a_card_nor_the_next_code() {
    let mut desk = desk();
    desk.scanner_ready().await;
    let helper = desk.up().await;
    let mut scanner = desk.scanner.take().unwrap();
    let flood = tokio::task::spawn_blocking(move || {
        let mut sent = 0;
        for number in 0_u32.. {
            let codes: String = (0..64).map(|at| format!("A{number}B{at}\r")).collect();
            scanner.scan(codes.as_bytes()).unwrap();
            sent += codes.len();
            if sent >= FLOOD_BYTES {
                break;
            }
        }
        scanner
    });
    desk.insert(CardData::default());
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
    desk.scanner = Some(flood.await.unwrap());
    // The last of the flood may still be on its way; what is scanned once the read waits is what counts.
    let read = loop {
        let read = desk.waiting(CODE).await;
        desk.scanner.as_mut().unwrap().scan_line(VOUCHER).unwrap();
        match read.await.unwrap() {
            Err(DeviceFault::NotAVoucher { .. }) => {}
            other => break other,
        }
    };
    assert!(matches!(read, Ok(DeviceReading::Code(_))), "{read:?}");
    assert_eq!(desk.up().await, helper);
}
