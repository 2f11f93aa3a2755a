//! A reader with a key pad of its own, at the level of its control calls.

use crate::card::VirtualCard;
use crate::files::packed;

/// What the reader offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pad {
    None,
    /// Features, but none for a PIN.
    OtherFeatures,
    /// Verifies directly.
    Direct,
}

/// What the holder does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    Digits(String),
    Cancelled,
    Nothing,
}

/// The reader, a card in it, and a holder before it.
#[derive(Debug)]
pub struct VirtualPad {
    pub card: VirtualCard,
    pub pad: Pad,
    pub typed: Typed,
}

/// The control code under which this reader verifies.
const VERIFY: u32 = 0x4233_0006;

impl VirtualPad {
    /// Tag, length, control code for each feature.
    #[must_use]
    pub fn features(&self) -> Vec<u8> {
        let other = [0x12, 0x04, 0x42, 0x33, 0x00, 0x12];
        let verify = [0x06, 0x04, 0x42, 0x33, 0x00, 0x06];
        match self.pad {
            Pad::None => Vec::new(),
            Pad::OtherFeatures => other.to_vec(),
            Pad::Direct => [other, verify].concat(),
        }
    }

    /// As strict as a real one: a structure it does not take whole is `6B80`, as readers of that kind say.
    pub fn control(&mut self, code: u32, data: &[u8]) -> Vec<u8> {
        if self.pad != Pad::Direct || code != VERIFY {
            return vec![0x6D, 0x00];
        }
        let Some(command) = self.command(data) else {
            return vec![0x6B, 0x80];
        };
        match command {
            Ok(command) => self.card.transmit(&command),
            Err(word) => word.to_vec(),
        }
    }

    /// The command with the digits in it, or the word for a holder who gave none; `None` for a broken structure.
    fn command(&self, data: &[u8]) -> Option<Result<Vec<u8>, [u8; 2]>> {
        let (head, template) = data.split_at_checked(19)?;
        let &[
            _,
            _,
            format,
            block,
            in_front,
            most,
            least,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            ref length @ ..,
        ] = head
        else {
            return None;
        };
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let sound = usize::try_from(length) == Ok(template.len())
            && format == 0x81
            && in_front == 0
            && least <= most
            && template.get(4) == Some(&block)
            && template.len() == usize::from(block) + 5;
        if !sound {
            return None;
        }
        let digits = match &self.typed {
            Typed::Nothing => return Some(Err([0x64, 0x00])),
            Typed::Cancelled => return Some(Err([0x64, 0x01])),
            Typed::Digits(digits) => digits,
        };
        if !(usize::from(least)..=usize::from(most)).contains(&digits.len()) {
            return Some(Err([0x64, 0x03]));
        }
        let mut command = template.get(..5)?.to_vec();
        command.extend(packed("pin", digits, usize::from(block)).ok()?);
        Some(Ok(command))
    }
}
