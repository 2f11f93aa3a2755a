//! A card that answers commands as a contact card on T=0 does.

use core::fmt;

use crate::card_keys::CardKeys;
use crate::data::{CardData, Damage, DataError, Generation, Kind};
use crate::files::{Files, Record, packed};

const SSSE: &[u8] = b"\x73\x78\x31\x2E\x73\x68\x2E\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
const PSE: &[u8] = b"1PAY.SYS.DDF01";
const UNIONPAY: &[u8] = b"\xA0\x00\x00\x03\x33";

/// What comes back over the contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Data and status word.
    Bytes(Vec<u8>),
    /// Nothing, for ever.
    Mute,
    /// The card is out.
    Pulled,
}

/// A software card at byte level. Strict where real readers are: a command that both sends and expects data is
/// refused with 6700, a wrong length with 6Cxx.
#[derive(Clone)]
pub struct VirtualCard {
    data: CardData,
    files: Files,
    selected: Selected,
    pending: Vec<u8>,
    commands: u32,
    /// Survives resets, as the chip's memory does.
    tries_left: u8,
    /// PINs presented, right and wrong ones.
    presented: u32,
    keys: CardKeys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selected {
    Nothing,
    Environment,
    File(u8),
    Bank,
}

impl fmt::Debug for VirtualCard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "VirtualCard({:?}, {} commands)",
            self.data.kind, self.commands
        )
    }
}

impl VirtualCard {
    /// # Errors
    /// A field does not fit its record.
    pub fn new(data: CardData) -> Result<Self, DataError> {
        Ok(Self {
            files: Files::of(&data)?,
            tries_left: data.pin_tries.min(15),
            presented: 0,
            keys: CardKeys::new(&data),
            data,
            selected: Selected::Nothing,
            pending: Vec::new(),
            commands: 0,
        })
    }

    /// Answer to reset: `3B 6D 00 00` and thirteen historical bytes, or that of a resident ID card.
    #[must_use]
    pub fn atr(&self) -> Vec<u8> {
        if self.data.kind == Kind::ResidentId {
            return vec![
                0x3B, 0x88, 0x80, 0x01, 0xD1, 0x03, 0x86, 0x05, 0x00, 0x80, 0x80, 0x00, 0x58,
            ];
        }
        let mut atr = vec![0x3B, 0x6D, 0x00, 0x00, 0x00, 0x81, 0x53, 0x00, 0x01, 0x86, 0x60];
        atr.extend(packed("region", self.data.region.get(..4).unwrap_or_default(), 2).unwrap_or_default());
        atr.extend(packed("serial", &self.data.serial, 4).unwrap_or_default());
        atr
    }

    /// Commands taken so far, GET RESPONSE and repeats included.
    #[must_use]
    pub const fn commands(&self) -> u32 {
        self.commands
    }

    /// PINs presented so far.
    #[must_use]
    pub const fn presented(&self) -> u32 {
        self.presented
    }

    /// Proofs for the read key presented so far.
    #[must_use]
    pub const fn proofs(&self) -> u32 {
        self.keys.presented()
    }

    /// Power or reset: nothing is selected any more.
    pub fn reset(&mut self) {
        self.keys.reset();
        self.selected = Selected::Nothing;
        self.pending.clear();
    }

    /// The bytes of [`VirtualCard::answer`]; empty when the card says nothing.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        match self.answer(command) {
            Reply::Bytes(bytes) => bytes,
            Reply::Mute | Reply::Pulled => Vec::new(),
        }
    }

    /// Takes one command.
    pub fn answer(&mut self, command: &[u8]) -> Reply {
        self.commands += 1;
        match self.data.damage {
            Damage::MuteAtCommand(at) if self.commands >= at => return Reply::Mute,
            Damage::PulledAtCommand(at) if self.commands >= at => return Reply::Pulled,
            Damage::HalfAnswerAtCommand(at) if self.commands >= at => return Reply::Bytes(vec![0x90]),
            Damage::FloodAtCommand(at) if self.commands >= at => {
                return Reply::Bytes(vec![0x61; usize::from(u16::MAX)]);
            }
            Damage::RestsAtCommand(at) if self.commands >= at => return Reply::Bytes(vec![0x61, 0x10]),
            _ => {}
        }
        Reply::Bytes(self.execute(command))
    }

    fn execute(&mut self, command: &[u8]) -> Vec<u8> {
        let &[class, instruction, p1, p2, ref body @ ..] = command else {
            return status(0x6700);
        };
        if class != 0 {
            return status(0x6E00);
        }
        let pending = core::mem::take(&mut self.pending);
        match (instruction, body) {
            (0xA4, [length, name @ ..]) => {
                if usize::from(*length) != name.len() {
                    return status(0x6700);
                }
                self.select(p1, p2, name)
            }
            (0x20, [length, digits @ ..]) if p1 == 0 && p2 == 0 => {
                if usize::from(*length) != digits.len() {
                    return status(0x6700);
                }
                self.verify(digits)
            }
            (0xB2, [le]) => self.read_record(p1, p2, *le),
            (0x84, [0x08]) if (p1, p2) == (0, 0) => self.keys.challenge(),
            (0x82 | 0x88, _) if !matches!(self.selected, Selected::Environment | Selected::File(_)) => {
                status(0x6986)
            }
            (0x88, [0x10, numbers @ ..]) if (p1, p2) == (0, 0) => match self.keys.internal(numbers) {
                Ok(result) => {
                    self.pending = result;
                    vec![0x61, 0x08]
                }
                Err(word) => status(word),
            },
            (0x82, [0x10, proof @ ..]) if p1 == 0 => status(self.keys.external(p2, proof)),
            (0xC0, [le]) => {
                if pending.is_empty() {
                    return status(0x6985);
                }
                let reply = exactly(&pending, *le);
                self.pending = if reply.len() == 2 { pending } else { Vec::new() };
                reply
            }
            (0xA4 | 0xB2 | 0xC0, _) => status(0x6700),
            _ => status(0x6D00),
        }
    }

    fn select(&mut self, p1: u8, p2: u8, name: &[u8]) -> Vec<u8> {
        if self.data.damage == Damage::Locked {
            return status(0x6A81);
        }
        match (p1, p2) {
            (0x04, 0x00) => self.select_name(name),
            (0x02 | 0x00, 0x00) => match (self.selected, name) {
                (Selected::Environment | Selected::File(_), [0xEF, id @ (0x05 | 0x06)]) => {
                    self.selected = Selected::File(*id);
                    status(0x9000)
                }
                (Selected::Nothing, _) => status(0x6986),
                _ => status(0x6A82),
            },
            _ => status(0x6A86),
        }
    }

    fn select_name(&mut self, name: &[u8]) -> Vec<u8> {
        let social = self.data.kind == Kind::SocialSecurity;
        let bank = self.data.kind == Kind::Bank || (social && self.data.bank_side);
        if social && name == SSSE {
            self.selected = Selected::Environment;
            self.pending = control_information(name, self.data.generation);
        } else if bank && (name == PSE || (!name.is_empty() && name.starts_with(UNIONPAY))) {
            self.selected = Selected::Bank;
            self.keys.reset();
            self.pending = vec![0x6F, 0x02, 0xA5, 0x00];
        } else {
            return status(0x6A82);
        }
        let waiting = u8::try_from(self.pending.len()).unwrap_or(u8::MAX);
        vec![0x61, waiting]
    }

    /// Without data only tells the tries left; with data each wrong one costs one.
    fn verify(&mut self, digits: &[u8]) -> Vec<u8> {
        if !matches!(self.selected, Selected::Environment | Selected::File(_)) {
            return status(0x6986);
        }
        if self.data.pin.is_empty() {
            return status(0x9000);
        }
        let tries = |left: u8| status(0x63C0 | u16::from(left));
        if digits.is_empty() {
            return tries(self.tries_left);
        }
        self.presented += 1;
        if self.tries_left == 0 {
            return status(0x6983);
        }
        if Ok(digits) == packed("pin", &self.data.pin, self.data.pin.len().div_ceil(2)).as_deref() {
            self.tries_left = self.data.pin_tries.min(15);
            return status(0x9000);
        }
        self.tries_left -= 1;
        tries(self.tries_left)
    }

    fn read_record(&mut self, p1: u8, p2: u8, le: u8) -> Vec<u8> {
        let short_id = p2 >> 3;
        let file = match (self.selected, short_id) {
            (Selected::File(id), 0) => id,
            (Selected::Environment | Selected::File(_), id @ 1..) => id,
            (Selected::Nothing | Selected::Environment | Selected::Bank, _) => return status(0x6986),
        };
        self.selected = Selected::File(file);
        if file == 0x06 && self.data.generation == Generation::Third && !self.keys.open() {
            return status(0x6982);
        }
        let records: &[Record] = match file {
            0x05 => &self.files.ef05,
            0x06 => &self.files.ef06,
            _ => return status(0x6A82),
        };
        let found = match p2 & 0x07 {
            0b100 => usize::from(p1).checked_sub(1).and_then(|at| records.get(at)),
            0b000 if self.data.finds_by_tag => records.iter().find(|record| record.tag == p1),
            0b000 => return status(0x6981),
            _ => return status(0x6A86),
        };
        found.map_or_else(|| status(0x6A83), |record| exactly(&record.bytes, le))
    }
}

/// `data` and 9000 when it is as long as asked for, else 6Cxx with the true length.
fn exactly(data: &[u8], le: u8) -> Vec<u8> {
    if data.len() != usize::from(le) {
        return vec![0x6C, u8::try_from(data.len()).unwrap_or(u8::MAX)];
    }
    let mut reply = data.to_vec();
    reply.extend([0x90, 0x00]);
    reply
}

fn status(word: u16) -> Vec<u8> {
    word.to_be_bytes().to_vec()
}

/// `6F 1C | 84 0F name | A5 09 | 88 01 1E | 9F0C 03 86 01 algorithm`.
fn control_information(name: &[u8], generation: Generation) -> Vec<u8> {
    let algorithm = if generation == Generation::Third {
        0x03
    } else {
        0x01
    };
    let mut bytes = vec![0x6F, 0x1C, 0x84, 0x0F];
    bytes.extend_from_slice(name);
    bytes.extend([
        0xA5, 0x09, 0x88, 0x01, 0x1E, 0x9F, 0x0C, 0x03, 0x86, 0x01, algorithm,
    ]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(name: &[u8]) -> Vec<u8> {
        let mut command = vec![0x00, 0xA4, 0x04, 0x00, u8::try_from(name.len()).unwrap()];
        command.extend_from_slice(name);
        command
    }

    #[test]
    fn a_card_answers_byte_for_byte() {
        let mut card = VirtualCard::new(CardData::default()).unwrap();
        assert_eq!(card.atr().len(), 17);
        assert_eq!(card.transmit(&[0x00, 0xB2, 0x07, 0x00, 0x0B]), [0x69, 0x86]);
        let mut with_le = select(SSSE);
        with_le.push(0);
        assert_eq!(card.transmit(&with_le), [0x67, 0x00]);
        assert_eq!(card.transmit(&select(SSSE)), [0x61, 0x1E]);
        assert_eq!(card.transmit(&[0x00, 0xC0, 0x00, 0x00, 0x10]), [0x6C, 0x1E]);
        let information = card.transmit(&[0x00, 0xC0, 0x00, 0x00, 0x1E]);
        assert_eq!((information.len(), &information[30..]), (32, &[0x90, 0x00][..]));
        assert_eq!(
            card.transmit(&[0x00, 0xA4, 0x02, 0x00, 0x02, 0xEF, 0x05]),
            [0x90, 0x00]
        );
        assert_eq!(card.transmit(&[0x00, 0xB2, 0x07, 0x00, 0x00]), [0x6C, 0x0B]);
        let number = card.transmit(&[0x00, 0xB2, 0x07, 0x00, 0x0B]);
        assert_eq!(&number[..11], b"\x07\x09K12345677");
        assert_eq!(card.transmit(&[0x00, 0xB2, 0x07, 0x2C, 0x0B]), number);
        assert_eq!(card.transmit(&[0x00, 0xB2, 0x63, 0x00, 0x0B]), [0x6A, 0x83]);
        assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x00, 0x00]), [0x90, 0x00]);
        assert_eq!(card.transmit(&[0x00, 0x88, 0x00, 0x00, 0x00]), [0x6D, 0x00]);
        card.reset();
        assert_eq!(
            card.transmit(&[0x00, 0xA4, 0x02, 0x00, 0x02, 0xEF, 0x05]),
            [0x69, 0x86]
        );
    }

    #[test]
    fn the_bank_side_takes_the_file_away() {
        let mut card = VirtualCard::new(CardData::default()).unwrap();
        card.transmit(&select(SSSE));
        card.transmit(&select(PSE));
        assert_eq!(card.transmit(&[0x00, 0xB2, 0x07, 0x2C, 0x0B]), [0x69, 0x86]);
    }

    #[test]
    fn fields_that_do_not_fit_are_refused() {
        for broken in [
            CardData {
                region: String::from("34120a"),
                ..CardData::default()
            },
            CardData {
                name: "王".repeat(26),
                ..CardData::default()
            },
            CardData {
                number: "1".repeat(19),
                ..CardData::default()
            },
            CardData {
                generation: Generation::First,
                name: "王".repeat(16),
                ..CardData::default()
            },
        ] {
            assert!(VirtualCard::new(broken).is_err());
        }
    }
}
