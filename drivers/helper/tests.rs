//! The hub without devices: what it says for what it is told, at which time.

use jiff::civil::Date;
use zhijie_model::Private;
use zhijie_pcsc::CardNotice;
use zhijie_ports::{
    CardAlgorithm, CodeKind, DeviceEvent, DeviceFault, Drawn, FromHelper, KEY_LIMIT_MS, KeyAnswer, KeyAsk,
    Outcome, PIPE_VERSION, ReadRequest, ScannedCode, ToHelper,
};
use zhijie_scanner::ScannerNotice;

use crate::hub::{CARD_LIMIT_MS, Effect, GRACE_MS, Hub, Input, VENDOR_PAUSE_MS};

const READER: &str = "reader";

pub(crate) fn greeted(cards: bool, scanner: bool) -> Hub {
    let mut hub = Hub::new(cards, scanner);
    hub.handle(
        Input::Daemon(ToHelper::Hello {
            version: PIPE_VERSION,
        }),
        0,
    );
    hub
}

fn with_reader(cards: bool, scanner: bool) -> Hub {
    let mut hub = greeted(cards, scanner);
    hub.handle(Input::Card(CardNotice::ServiceUp), 0);
    hub.handle(
        Input::Card(CardNotice::ReaderConnected {
            reader: String::from(READER),
        }),
        0,
    );
    hub.handle(Input::Card(CardNotice::Surveyed), 0);
    hub
}

pub(crate) fn ask(id: u64, card: bool, code: bool) -> Input {
    Input::Daemon(ToHelper::Read(ReadRequest {
        id,
        card,
        code,
        timeout_ms: 30_000,
        today: Date::constant(2026, 11, 22),
        pin: None,
        voucher: None,
        keys: false,
    }))
}

fn inserted() -> Input {
    Input::Card(CardNotice::Inserted {
        reader: String::from(READER),
        insertion: 1,
    })
}

fn code(kind: CodeKind) -> ScannedCode {
    ScannedCode {
        kind,
        text: Private::new("1"),
    }
}

pub(crate) fn done(effects: &[Effect]) -> Option<(u64, Outcome)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Say(FromHelper::Done { id, outcome }) => Some((*id, outcome.clone())),
        _ => None,
    })
}

pub(crate) fn fault(effects: &[Effect]) -> Option<DeviceFault> {
    match done(effects)?.1 {
        Outcome::Fault(fault) => Some(fault),
        _ => None,
    }
}

pub(crate) fn ticket(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|effect| match effect {
        Effect::ReadCard { job, .. } => Some(job.ticket),
        _ => None,
    })
}

#[test]
fn only_a_greeted_helper_works() {
    for message in [
        ToHelper::Status,
        ToHelper::Cancel { id: 1 },
        ToHelper::Hello {
            version: PIPE_VERSION + 1,
        },
        ToHelper::Stop,
    ] {
        let mut hub = Hub::new(true, true);
        assert_eq!(hub.handle(Input::Daemon(message), 0), [Effect::Exit]);
    }
    let mut hub = Hub::new(true, true);
    assert!(
        hub.handle(inserted(), 0).is_empty(),
        "nothing is said before the greeting"
    );
}

#[test]
fn a_request_without_any_device_is_told_which_is_missing() {
    let table = [
        (greeted(true, false), true, false, DeviceFault::CardServiceDown),
        (greeted(false, false), true, false, DeviceFault::NoReader),
        (greeted(false, false), false, true, DeviceFault::NoScanner),
        (greeted(false, true), false, true, DeviceFault::ScannerUnplugged),
        (greeted(false, true), true, true, DeviceFault::ScannerUnplugged),
    ];
    for (mut hub, card, code, expected) in table {
        hub.handle(ask(1, card, code), 0);
        assert_eq!(hub.next_deadline_ms(), Some(GRACE_MS));
        assert_eq!(fault(&hub.handle(Input::Tick, GRACE_MS - 1)), None);
        assert_eq!(fault(&hub.handle(Input::Tick, GRACE_MS)), Some(expected));
    }
    let mut hub = with_reader(true, false);
    hub.handle(
        Input::Card(CardNotice::ReaderDisconnected {
            reader: String::from(READER),
        }),
        0,
    );
    hub.handle(ask(1, true, false), 0);
    assert_eq!(
        fault(&hub.handle(Input::Tick, GRACE_MS)),
        Some(DeviceFault::NoReader)
    );
}

#[test]
fn a_device_that_appears_in_time_is_used() {
    let mut hub = greeted(true, false);
    hub.handle(ask(1, true, false), 0);
    hub.handle(
        Input::Card(CardNotice::ReaderConnected {
            reader: String::from(READER),
        }),
        100,
    );
    assert_eq!(fault(&hub.handle(Input::Tick, GRACE_MS)), None);
    assert_eq!(hub.next_deadline_ms(), Some(30_000));
    assert_eq!(fault(&hub.handle(Input::Tick, 30_000)), Some(DeviceFault::NoCard));
}

#[test]
fn a_card_that_is_there_or_comes_is_read_once() {
    let mut hub = with_reader(true, false);
    hub.handle(inserted(), 0);
    let effects = hub.handle(ask(1, true, false), 10);
    let first = ticket(&effects).expect("the card is read at once");
    assert_eq!(ticket(&hub.handle(inserted(), 20)), None);
    let stale = Input::CardRead {
        ticket: first + 7,
        result: Err(DeviceFault::CardMute),
    };
    assert_eq!(done(&hub.handle(stale, 30)), None);
    let result = Input::CardRead {
        ticket: first,
        result: Err(DeviceFault::CardRemoved),
    };
    assert_eq!(fault(&hub.handle(result, 40)), Some(DeviceFault::CardRemoved));
    hub.handle(
        Input::Card(CardNotice::Removed {
            reader: String::from(READER),
            insertion: 2,
        }),
        50,
    );
    assert_eq!(ticket(&hub.handle(ask(2, true, false), 60)), None);
    assert!(ticket(&hub.handle(inserted(), 70)).is_some());
}

#[test]
fn a_hanging_card_is_given_up_and_the_deadline_waits_for_it() {
    let mut hub = with_reader(true, false);
    hub.handle(ask(1, true, false), 0);
    hub.handle(inserted(), 29_000);
    assert_eq!(
        hub.next_deadline_ms(),
        Some(29_000 + CARD_LIMIT_MS),
        "nothing else is due meanwhile"
    );
    assert_eq!(hub.handle(Input::Tick, 30_000), []);
    let effects = hub.handle(Input::Tick, 29_000 + CARD_LIMIT_MS);
    assert_eq!(
        effects,
        [Effect::GiveUp {
            reader: String::from(READER),
            id: 1
        }]
    );
    assert_eq!(hub.next_deadline_ms(), None);
}

#[test]
fn every_deadline_that_is_reached_moves_on() {
    let mut hub = with_reader(true, true);
    hub.handle(ask(1, true, true), 0);
    hub.handle(
        Input::Scanner(ScannerNotice::Lost(DeviceFault::ScannerUnplugged)),
        3_000,
    );
    hub.handle(inserted(), 3_100);
    let mut wakes = 0;
    while let Some(due) = hub.next_deadline_ms() {
        hub.handle(Input::Tick, due);
        wakes += 1;
        assert!(wakes < 5, "the loop would spin");
    }
}

/// The clock counts a night's sleep: nobody stands there any more, and the first card of the morning is not hers.
#[test]
fn a_night_asleep_ends_a_wait_before_anything_shown_in_the_morning() {
    const NIGHT_MS: u64 = 10 * 3_600 * 1_000;
    let morning = [
        inserted(),
        Input::Scanner(ScannerNotice::Scanned {
            round: 1,
            codes: vec![Ok(code(CodeKind::EVoucher))],
        }),
    ];
    for shown in morning {
        let mut hub = with_reader(true, true);
        hub.handle(Input::Scanner(ScannerNotice::Ready), 0);
        hub.handle(ask(1, true, true), 0);
        let effects = hub.handle(shown, NIGHT_MS);
        assert_eq!(fault(&effects), Some(DeviceFault::TimedOut));
        assert_eq!(ticket(&effects), None);
    }
}

#[test]
fn the_first_code_that_identifies_wins_and_the_rest_is_told() {
    let mut hub = with_reader(true, true);
    hub.handle(Input::Scanner(ScannerNotice::Ready), 0);
    let effects = hub.handle(ask(1, true, true), 0);
    let Some(Effect::Arm { round }) = effects.iter().find(|effect| matches!(effect, Effect::Arm { .. }))
    else {
        panic!("the scanner is armed first")
    };
    let round = *round;
    let armed = hub.handle(Input::Scanner(ScannerNotice::Armed { round }), 0);
    assert_eq!(
        armed,
        [Effect::Say(FromHelper::Event {
            event: DeviceEvent::Waiting { id: 1 }
        })]
    );
    let codes = |round| {
        Input::Scanner(ScannerNotice::Scanned {
            round,
            codes: vec![
                Ok(code(CodeKind::Goods)),
                Ok(code(CodeKind::EVoucher)),
                Ok(code(CodeKind::Alipay)),
            ],
        })
    };
    assert_eq!(
        done(&hub.handle(codes(round - 1), 1)),
        None,
        "scanned before the question"
    );
    let effects = hub.handle(codes(round), 2);
    assert_eq!(done(&effects), Some((1, Outcome::Code(code(CodeKind::EVoucher)))));
    assert_eq!(effects.len(), 3);
}

#[test]
fn what_is_no_voucher_is_named() {
    for (scanned, expected) in [
        (
            Ok(code(CodeKind::WeChatPay)),
            DeviceFault::NotAVoucher {
                kind: CodeKind::WeChatPay,
            },
        ),
        (Err(DeviceFault::CodeUnreadable), DeviceFault::CodeUnreadable),
    ] {
        let mut hub = greeted(false, true);
        hub.handle(Input::Scanner(ScannerNotice::Ready), 0);
        hub.handle(ask(1, false, true), 0);
        let notice = ScannerNotice::Scanned {
            round: 1,
            codes: vec![scanned],
        };
        assert_eq!(fault(&hub.handle(Input::Scanner(notice), 0)), Some(expected));
    }
}

#[test]
fn one_request_at_a_time_and_cancel_hits_its_own() {
    let mut hub = with_reader(true, false);
    hub.handle(ask(1, true, false), 0);
    let second = hub.handle(ask(2, true, false), 0);
    assert_eq!(
        done(&second),
        Some((2, Outcome::Fault(DeviceFault::ReadInProgress)))
    );
    assert!(
        hub.handle(Input::Daemon(ToHelper::Cancel { id: 2 }), 0)
            .is_empty()
    );
    let cancelled = hub.handle(Input::Daemon(ToHelper::Cancel { id: 1 }), 0);
    assert_eq!(
        done(&cancelled),
        Some((1, Outcome::Fault(DeviceFault::Cancelled)))
    );
}

#[test]
fn a_lost_card_service_ends_a_wait_for_cards_only() {
    let mut hub = with_reader(true, true);
    hub.handle(Input::Scanner(ScannerNotice::Ready), 0);
    for (id, code, expected) in [(1, false, Some(DeviceFault::CardServiceDown)), (2, true, None)] {
        hub.handle(Input::Card(CardNotice::ServiceUp), 0);
        hub.handle(
            Input::Card(CardNotice::ReaderConnected {
                reader: String::from(READER),
            }),
            0,
        );
        hub.handle(ask(id, true, code), 0);
        hub.handle(
            Input::Card(CardNotice::ReaderDisconnected {
                reader: String::from(READER),
            }),
            5_000,
        );
        hub.handle(Input::Card(CardNotice::ServiceDown), 5_000);
        assert_eq!(fault(&hub.handle(Input::Tick, 5_000 + GRACE_MS)), expected);
    }
}

#[test]
fn a_vendor_library_is_asked_again_until_the_time_is_up() {
    let mut hub = greeted(false, false).with_vendor(String::from("library"), 20_000);
    let effects = hub.handle(ask(1, true, false), 0);
    assert!(effects.contains(&inside(true)));
    let mut now_ms = 100;
    let mut asked = ticket(&effects).unwrap();
    for _ in 0..3 {
        let effects = hub.handle(
            Input::CardRead {
                ticket: asked,
                result: Err(DeviceFault::NoCard),
            },
            now_ms,
        );
        assert_eq!(effects, [inside(false)]);
        now_ms += VENDOR_PAUSE_MS;
        assert_eq!(hub.next_deadline_ms(), Some(now_ms));
        asked = ticket(&hub.handle(Input::Tick, now_ms)).unwrap();
    }
    let effects = hub.handle(
        Input::CardRead {
            ticket: asked,
            result: Err(DeviceFault::NoCard),
        },
        30_000,
    );
    assert_eq!(fault(&effects), Some(DeviceFault::NoCard));
}

#[test]
fn a_library_that_hangs_is_given_up_and_one_that_overruns_ends_it_all() {
    let mut hub = greeted(false, false).with_vendor(String::from("library"), 20_000);
    hub.handle(ask(1, true, false), 0);
    assert_eq!(hub.next_deadline_ms(), Some(20_000));
    let effects = hub.handle(Input::Tick, 20_000);
    assert!(matches!(effects.as_slice(), [Effect::GiveUp { id: 1, .. }]));

    let mut hub = greeted(false, false).with_vendor(String::from("library"), 20_000);
    let asked = ticket(&hub.handle(ask(1, true, false), 0)).unwrap();
    hub.handle(Input::Daemon(ToHelper::Cancel { id: 1 }), 0);
    let result = Err(DeviceFault::VendorOverran);
    let effects = hub.handle(
        Input::CardRead {
            ticket: asked,
            result,
        },
        1,
    );
    assert_eq!(effects, [Effect::Die], "even when nobody waits any more");
}

fn inside(inside: bool) -> Effect {
    Effect::Say(FromHelper::Event {
        event: DeviceEvent::VendorLibrary { inside },
    })
}

fn asked_for_a_key(hub: &mut Hub) -> (u64, Vec<Effect>) {
    hub.handle(ask(1, true, false), 0);
    let ticket = ticket(&hub.handle(inserted(), 0)).unwrap();
    let question = KeyAsk {
        region: zhijie_model::Area::new("341200").unwrap(),
        reset_info: Private::new("1"),
        algorithm: CardAlgorithm::Sm4,
        identification: Private::new("2"),
        internal: drawn(),
        external: drawn(),
    };
    let ask = Box::new(question);
    (ticket, hub.handle(Input::KeyAsked { ticket, ask }, 1_000))
}

fn drawn() -> Drawn {
    Drawn {
        factor: Private::new("3"),
        source: Private::new("4"),
    }
}

#[test]
fn a_card_that_waits_for_a_proof_has_the_time_of_its_service_and_its_own() {
    let mut hub = with_reader(true, false);
    let (ticket, effects) = asked_for_a_key(&mut hub);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Say(FromHelper::KeyAsk { id: 1, .. })]
    ));
    assert_eq!(hub.next_deadline_ms(), Some(1_000 + KEY_LIMIT_MS + CARD_LIMIT_MS));
    let answer = || KeyAnswer::Fault(DeviceFault::KeyServiceSilent);
    let tell = |id| Input::Daemon(ToHelper::Key { id, answer: answer() });
    assert_eq!(hub.handle(tell(7), 2_000), [], "another read's answer");
    assert_eq!(
        hub.handle(tell(1), 2_000),
        [Effect::Key {
            reader: String::from(READER),
            ticket,
            answer: answer()
        }]
    );
    assert_eq!(hub.next_deadline_ms(), Some(2_000 + CARD_LIMIT_MS));
    assert_eq!(hub.handle(tell(1), 2_100), [], "one answer to one question");
}

#[test]
fn a_card_nobody_waits_for_any_more_is_let_go() {
    let mut hub = with_reader(true, false);
    let (ticket, _) = asked_for_a_key(&mut hub);
    let effects = hub.handle(Input::Daemon(ToHelper::Cancel { id: 1 }), 2_000);
    assert_eq!(
        effects.first(),
        Some(&Effect::Key {
            reader: String::from(READER),
            ticket,
            answer: KeyAnswer::Fault(DeviceFault::Cancelled)
        })
    );
    assert_eq!(fault(&effects), Some(DeviceFault::Cancelled));
}
