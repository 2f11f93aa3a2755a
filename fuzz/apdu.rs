//! A card that answers anything: the reading ends, and no PIN is presented twice.

use jiff::civil::Date;
use zhijie_model::Private;
use zhijie_pcsc::{pin_state, read_basic, verify_pin};
use zhijie_ports::{CardChannel, CardKeys, ChannelFault, DeviceFault, KeyAsk, KeyProof, NoKeys, Proof};

use crate::bytes::Bytes;

/// Every record by tag, by number and moved, each through the whole loop of lengths and rests.
const COMMANDS_MAX: u32 = 200;
const TODAY: Date = Date::constant(2026, 11, 22);

/// Answers from the input: a length byte and so many bytes each time; nothing once it is used up.
struct Card<'input> {
    answers: Bytes<'input>,
    atr: &'input [u8],
    commands: u32,
    pins: u32,
    proofs: u32,
}

impl CardChannel for Card<'_> {
    fn atr(&self) -> &[u8] {
        self.atr
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        self.commands = self.commands.saturating_add(1);
        let verify = command.get(1) == Some(&0x20) && command.len() > 5;
        self.pins = self.pins.saturating_add(u32::from(verify));
        let external = command.get(1) == Some(&0x82);
        self.proofs = self.proofs.saturating_add(u32::from(external));
        assert!(self.commands <= COMMANDS_MAX, "a reading without end");
        assert!(command.len() >= 4 && command.len() <= 261, "no card takes this");
        Ok(self.answers.counted().to_vec())
    }
}

/// A key service that answers for the numbers it was asked about: the card gets as far as a proof.
struct Keys;

impl CardKeys for Keys {
    fn at_hand(&self) -> bool {
        true
    }

    fn prove(&mut self, ask: &KeyAsk) -> Result<KeyProof, DeviceFault> {
        let proof = |source: &Private| Proof {
            proof: Private::new("0000000000000000"),
            source: source.clone(),
        };
        Ok(KeyProof {
            internal: proof(&ask.internal.source),
            external: proof(&ask.external.source),
        })
    }
}

pub(crate) fn run(input: &[u8]) {
    let card = || {
        let mut answers = Bytes::new(input);
        let atr = answers.counted();
        Card {
            answers,
            atr,
            commands: 0,
            pins: 0,
            proofs: 0,
        }
    };
    let mut read = card();
    if let Ok(reading) = read_basic(&mut read, "reader", 2, TODAY, &mut NoKeys) {
        assert!(!reading.name.reveal().is_empty() && !reading.number.reveal().is_empty());
        assert_eq!(reading.card_number.reveal().len(), 9);
        assert_eq!(reading.identification.reveal().len(), 32);
        assert!(reading.valid_until.is_none_or(|last| last >= TODAY));
    }
    assert_eq!(
        (read.pins, read.proofs),
        (0, 0),
        "a reading presents no PIN and no proof"
    );
    let mut proved = card();
    let _ = read_basic(&mut proved, "reader", 2, TODAY, &mut Keys);
    assert!(proved.pins == 0 && proved.proofs <= 1);
    let mut asked = card();
    let _ = pin_state(&mut asked);
    assert_eq!(asked.pins, 0, "asking costs no try");
    let mut presented = card();
    let _ = verify_pin(&mut presented, &Private::new("123456"));
    assert!(presented.pins <= 1);
}
