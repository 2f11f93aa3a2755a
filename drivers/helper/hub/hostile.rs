//! A daemon and devices that do whatever they like, in any order: every read that is asked for ends once, and nobody is told
//! anything before the greeting.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zhijie_pcsc::CardNotice;
use zhijie_ports::{DeviceFault, FromHelper, KeyAnswer, LEND_LIMIT_MS, PIPE_VERSION, ScannedCode, ToHelper};
use zhijie_scanner::ScannerNotice;

use super::{Effect, Hub, Input};
use crate::tests::ask;

/// Beyond every limit there is.
const LATER_MS: u64 = 10 * LEND_LIMIT_MS;

/// One thing that happens; `number` picks ids, rounds and readers.
fn step(kind: u8, number: u8, ids: &mut u64) -> Input {
    let reader = format!("reader {}", number % 2);
    let (id, insertion) = (u64::from(number), u32::from(number));
    match kind {
        0 => Input::Daemon(ToHelper::Hello {
            version: PIPE_VERSION + u32::from(number == 0),
        }),
        1..=4 => {
            *ids += 1;
            ask(*ids, kind != 2, kind != 1)
        }
        5 => Input::Daemon(ToHelper::Cancel { id }),
        6 => Input::Daemon(ToHelper::Key {
            id,
            answer: KeyAnswer::Fault(DeviceFault::KeyServiceSilent),
        }),
        7 => Input::Daemon(ToHelper::Lend { id }),
        8 => Input::Daemon(ToHelper::Resume),
        9 => Input::Daemon(ToHelper::Status),
        10 => Input::Card(CardNotice::Inserted { reader, insertion }),
        11 => Input::Card(CardNotice::InsertedMute { reader, insertion }),
        12 => Input::Card(CardNotice::Removed { reader, insertion }),
        13 => Input::Card(CardNotice::ReaderConnected { reader }),
        14 => Input::Card(CardNotice::ReaderDisconnected { reader }),
        15 => Input::Card(CardNotice::ServiceUp),
        16 => Input::Card(CardNotice::ServiceDown),
        17 => Input::CardRead {
            ticket: id,
            result: Err(DeviceFault::CardMute),
        },
        18 => Input::Scanner(ScannerNotice::Armed { round: id }),
        19 => Input::Scanner(ScannerNotice::Scanned {
            round: id,
            codes: vec![Err(DeviceFault::CodeUnreadable), Ok(code())],
        }),
        20 => Input::Scanner(ScannerNotice::Lost(DeviceFault::ScannerUnplugged)),
        21 => Input::Scanner(ScannerNotice::Lent),
        22 => Input::Scanner(ScannerNotice::Ready),
        _ => Input::Tick,
    }
}

fn code() -> ScannedCode {
    ScannedCode {
        kind: zhijie_ports::CodeKind::EVoucher,
        text: zhijie_model::Private::new("1"),
    }
}

/// How many ends each read was told. The carrier of the effects tells the end of a read that is given up.
#[derive(Default)]
struct Heard {
    ends: BTreeMap<u64, u32>,
    greeted: bool,
    over: bool,
}

impl Heard {
    fn hear(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Say(FromHelper::Hello { .. }) => self.greeted = true,
                Effect::Say(message) => {
                    assert!(self.greeted, "{message:?} before the greeting");
                    if let FromHelper::Done { id, .. } = message {
                        self.end(id);
                    }
                }
                Effect::GiveUp { id, .. } => self.end(id),
                Effect::Exit | Effect::Die => self.over = true,
                Effect::ReadCard { .. }
                | Effect::Key { .. }
                | Effect::Arm { .. }
                | Effect::Lend
                | Effect::Resume => {}
            }
        }
    }

    fn end(&mut self, id: u64) {
        *self.ends.entry(id).or_default() += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn every_read_ends_once_whatever_comes(
        greeting in any::<bool>(),
        steps in proptest::collection::vec((0_u8..24, 0_u8..8, 0_u64..4_000), 0..80),
    ) {
        let (mut hub, mut heard, mut ids, mut now_ms) = (Hub::new(true, true), Heard::default(), 0, 0);
        if greeting {
            heard.hear(hub.handle(Input::Daemon(ToHelper::Hello { version: PIPE_VERSION }), 0));
        }
        for (kind, number, passes_ms) in steps {
            now_ms += passes_ms;
            heard.hear(hub.handle(step(kind, number, &mut ids), now_ms));
            if heard.over {
                break;
            }
        }
        for _ in 0..8 {
            now_ms += LATER_MS;
            heard.hear(hub.handle(Input::Tick, now_ms));
        }
        let asked = if heard.over { ids.saturating_sub(1) } else { ids };
        if heard.greeted {
            for id in 1..=asked {
                let ends = heard.ends.get(&id).copied().unwrap_or_default();
                prop_assert!(ends == 1 || heard.over && ends == 0, "read {id} ended {ends} times");
            }
            prop_assert!(hub.next_deadline_ms().is_none(), "nothing is left to wait for");
        } else {
            prop_assert!(heard.ends.is_empty());
        }
    }
}
