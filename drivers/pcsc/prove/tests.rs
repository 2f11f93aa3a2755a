//! Third-generation cards and the kit's key service, byte by byte.

use jiff::civil::Date;
use zhijie_ports::{CardReading, NoKeys};
use zhijie_twin::{CardData, Damage, Generation, VirtualCard, VirtualKeyService};

use super::*;
use crate::read_basic;

const TODAY: Date = Date::constant(2026, 11, 22);

struct Twin {
    card: VirtualCard,
    atr: Vec<u8>,
}

impl CardChannel for Twin {
    fn atr(&self) -> &[u8] {
        &self.atr
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        Ok(self.card.transmit(command))
    }
}

/// The kit's service, asked as over a network; `spoil` changes what comes back.
struct Service<F> {
    service: VirtualKeyService,
    asked: u32,
    spoil: F,
}

impl<F: FnMut(String) -> String> CardKeys for Service<F> {
    fn at_hand(&self) -> bool {
        true
    }
    fn prove(&mut self, ask: &KeyAsk) -> Result<zhijie_ports::KeyProof, DeviceFault> {
        self.asked += 1;
        let answer = self.service.answer(ask.to_line(None).reveal());
        let line = answer.map_err(|said| DeviceFault::KeyServiceRefused {
            said: Some(Private::new(said)),
        })?;
        zhijie_ports::KeyProof::parse((self.spoil)(line).as_bytes())
    }
}

fn third() -> CardData {
    CardData {
        generation: Generation::Third,
        ..CardData::default()
    }
}

fn twin(data: CardData) -> Twin {
    let card = VirtualCard::new(data).unwrap();
    Twin {
        atr: card.atr(),
        card,
    }
}

fn read(twin: &mut Twin, keys: &mut dyn CardKeys) -> Result<CardReading, DeviceFault> {
    read_basic(twin, "reader", 2, TODAY, keys).map_err(|fault| match fault {
        ChannelFault::Device(fault) => fault,
        ChannelFault::Reset => panic!("nobody resets this card"),
    })
}

fn whole() -> Service<impl FnMut(String) -> String> {
    Service {
        service: VirtualKeyService::default(),
        asked: 0,
        spoil: |line| line,
    }
}

#[test]
fn a_third_generation_card_opens_to_the_service_and_is_genuine() {
    let mut twin = twin(third());
    let mut keys = whole();
    let card = read(&mut twin, &mut keys).unwrap();
    assert_eq!(card.name.reveal(), CardData::default().name);
    assert!(card.genuine);
    // As a second-generation card, four numbers, one proof of the card in two commands, one of ours.
    assert_eq!(
        (twin.card.commands(), keys.asked, twin.card.proofs()),
        (16 + 7, 1, 1)
    );
    let mut older = self::twin(CardData::default());
    assert!(!read(&mut older, &mut keys).unwrap().genuine);
    assert_eq!(keys.asked, 1, "a card that is open anyway asks nobody");
}

#[test]
fn without_a_service_what_is_known_is_told_and_nothing_is_presented() {
    let mut twin = twin(third());
    let fault = read(&mut twin, &mut NoKeys).unwrap_err();
    let DeviceFault::NeedsSecurityModule {
        region,
        version,
        valid_until,
    } = fault
    else {
        panic!("{fault:?}")
    };
    assert_eq!(
        (region.to_string().as_str(), version.as_str()),
        ("341200", "3.00")
    );
    assert_eq!(valid_until, Some(Date::constant(2099, 12, 31)));
    assert_eq!(twin.card.proofs(), 0);
}

#[test]
fn a_wrong_proof_is_presented_once_and_costs_one_try() {
    let mut twin = twin(third());
    let mut keys = whole();
    keys.service.wrong = true;
    for (left, fault) in [
        (2, DeviceFault::ProofRefused { left: 2 }),
        (1, DeviceFault::ProofRefused { left: 1 }),
        (0, DeviceFault::ReadKeyBlocked),
        (0, DeviceFault::ReadKeyBlocked),
    ] {
        let before = twin.card.proofs();
        assert_eq!(read(&mut twin, &mut keys), Err(fault), "{left} left");
        assert_eq!(twin.card.proofs(), before + 1);
        twin.card.reset();
    }
}

#[test]
fn nothing_is_presented_that_cannot_be_right() {
    let forged = CardData {
        forged: true,
        ..third()
    };
    let elsewhere = CardData {
        region: String::from("650100"),
        ..third()
    };
    let mut keys = whole();
    for (data, expected) in [
        (forged, DeviceFault::CardNotGenuine),
        (
            elsewhere,
            DeviceFault::KeyServiceRefused {
                said: Some(Private::new("没有该地区的密钥")),
            },
        ),
    ] {
        let mut twin = twin(data);
        assert_eq!(read(&mut twin, &mut keys), Err(expected));
        assert_eq!(twin.card.proofs(), 0);
    }
    type Spoil = fn(String) -> String;
    let spoils: [Spoil; 3] = [
        |line| line.replacen('|', "", 1),
        // The internal pair's numbers in place of the external one's.
        |line| {
            let (internal, _) = line.split_once('|').unwrap();
            format!("{internal}|{internal}|")
        },
        |_| String::new(),
    ];
    for spoil in spoils {
        let mut twin = twin(third());
        let mut keys = Service {
            service: VirtualKeyService::default(),
            asked: 0,
            spoil,
        };
        assert_eq!(read(&mut twin, &mut keys), Err(DeviceFault::KeyServiceGarbled));
        assert_eq!(twin.card.proofs(), 0);
    }
}

/// Whatever the channel says to the proof, no second one leaves, and nothing asks for a fresh start.
#[test]
fn a_lost_answer_to_a_proof_starts_nothing_anew() {
    struct Loses {
        twin: Twin,
        fault: ChannelFault,
    }
    impl CardChannel for Loses {
        fn atr(&self) -> &[u8] {
            &self.twin.atr
        }
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
            let answer = self.twin.transmit(command);
            if command.get(1) == Some(&0x82) {
                return Err(self.fault.clone());
            }
            answer
        }
    }
    for (fault, told) in [
        (ChannelFault::Reset, DeviceFault::BUSY),
        (
            ChannelFault::Device(crate::service::lost_power()),
            DeviceFault::CardRemoved,
        ),
        (DeviceFault::ReaderSilent.into(), DeviceFault::ReaderSilent),
    ] {
        let mut loses = Loses {
            twin: twin(third()),
            fault,
        };
        let result = read_basic(&mut loses, "reader", 2, TODAY, &mut whole());
        assert_eq!(result, Err(told.into()));
        assert_eq!(loses.twin.card.proofs(), 1);
    }
}

#[test]
fn a_card_pulled_at_any_command_of_a_proved_reading_is_no_card() {
    for at in 1..=23 {
        for damage in [Damage::PulledAtCommand(at), Damage::HalfAnswerAtCommand(at)] {
            let mut twin = twin(third().with_damage(damage));
            let result = read(&mut twin, &mut whole());
            assert_eq!(result, Err(DeviceFault::CardRemoved), "{damage:?}");
            assert!(
                twin.card.proofs() <= 1 && twin.card.commands() == at,
                "{damage:?}"
            );
        }
    }
}
