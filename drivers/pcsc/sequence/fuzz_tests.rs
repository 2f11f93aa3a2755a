//! Cards that answer anything at all.

use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_oneof, proptest};
use zhijie_ports::NoKeys;
use zhijie_twin::{CardData, Damage, VirtualCard};

use super::*;

const TODAY: Date = Date::constant(2026, 11, 22);
/// Commands of a whole reading.
const WHOLE: u32 = 16;
/// No card makes one reading longer than this: every record by tag, by number and moved, each through the whole loop.
const COMMANDS_MAX: u32 = 200;

/// Passes commands on and puts `lie` in the place of one answer.
struct Liar {
    card: VirtualCard,
    lie_at: u32,
    lie: Vec<u8>,
    commands: u32,
}

impl CardChannel for Liar {
    fn atr(&self) -> &[u8] {
        &[
            0x3B, 0x6D, 0, 0, 0, 0x81, 0x53, 0, 1, 0x86, 0x60, 0x34, 0x12, 0, 0, 0x47, 0x11,
        ]
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        self.commands += 1;
        let answer = self.card.transmit(command);
        Ok(if self.commands == self.lie_at {
            self.lie.clone()
        } else {
            answer
        })
    }
}

fn read(data: CardData, lie_at: u32, lie: Vec<u8>) -> (Result<CardReading, ChannelFault>, u32) {
    let mut liar = Liar {
        card: VirtualCard::new(data).unwrap(),
        lie_at,
        lie,
        commands: 0,
    };
    let result = read_basic(&mut liar, "reader", 2, TODAY, &mut NoKeys);
    (result, liar.commands)
}

#[test]
fn a_card_pulled_at_any_command_is_no_card_and_no_more_is_asked() {
    for at in 1..=WHOLE {
        for damage in [Damage::PulledAtCommand(at), Damage::HalfAnswerAtCommand(at)] {
            let (result, commands) = read(CardData::default().with_damage(damage), 0, Vec::new());
            assert_eq!(result, Err(DeviceFault::CardRemoved.into()), "{damage:?}");
            assert_eq!(commands, at, "{damage:?}");
        }
    }
    let (result, commands) = read(CardData::default(), 0, Vec::new());
    assert!(result.is_ok());
    assert_eq!(commands, WHOLE);
}

/// All 65536 status words at every place: a few make the reading take another way, none makes it wrong.
#[test]
fn a_status_word_out_of_place_never_changes_who_it_is() {
    let (good, _) = read(CardData::default(), 0, Vec::new());
    let good = good.unwrap();
    for at in 1..=WHOLE {
        for word in (0..=u16::MAX)
            .step_by(37)
            .chain([0x9000, 0x6A83, 0x6986, 0x6C14, 0x6120])
        {
            let (result, commands) = read(CardData::default(), at, word.to_be_bytes().to_vec());
            assert!(commands <= COMMANDS_MAX, "{at} {word:04X}");
            if let Ok(card) = result {
                assert_eq!(
                    (&card.number, &card.name, &card.card_number, &card.identification),
                    (&good.number, &good.name, &good.card_number, &good.identification),
                    "{at} {word:04X}"
                );
            }
        }
    }
}

fn answers() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let status = prop_oneof![
        any::<[u8; 2]>(),
        any::<u8>().prop_map(|low| [0x61, low]),
        any::<u8>().prop_map(|low| [0x6C, low]),
        proptest::strategy::Just([0x90, 0x00]),
        proptest::strategy::Just([0x6A, 0x83]),
    ];
    let answer = (prop::collection::vec(any::<u8>(), 0..40), status).prop_map(|(mut data, status)| {
        data.extend(status);
        data
    });
    prop::collection::vec(answer, 0..60)
}

struct Noise(std::vec::IntoIter<Vec<u8>>, u32);

impl CardChannel for Noise {
    fn atr(&self) -> &[u8] {
        &[]
    }
    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        self.1 += 1;
        Ok(self.0.next().unwrap_or_else(|| vec![0x90, 0x00]))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_answers_end_the_reading_soon(answers in answers()) {
        let mut noise = Noise(answers.into_iter(), 0);
        let _ = read_basic(&mut noise, "reader", 2, TODAY, &mut NoKeys);
        assert!(noise.1 <= COMMANDS_MAX);
    }

    #[test]
    fn an_answer_of_noise_is_never_taken_for_another_person(at in 1..=WHOLE, lie in prop::collection::vec(any::<u8>(), 0..64)) {
        let (good, _) = read(CardData::default(), 0, Vec::new());
        if let (Ok(card), Ok(good)) = (read(CardData::default(), at, lie).0, good) {
            assert_eq!((card.number, card.identification), (good.number, good.identification));
        }
    }
}
