//! Random numbers and read keys of a software card of the third generation.

use sha2::{Digest, Sha256};

use crate::data::CardData;
use crate::files::packed;
use crate::key_service::{Derived, Key, hex};

/// The key that opens the holder's data.
const READ_KEY: u8 = 0x0A;

#[derive(Debug, Clone)]
pub(crate) struct CardKeys {
    derived: Derived,
    seed: String,
    drawn: u32,
    /// The two numbers drawn last, the older one first: source, then process factor.
    last: Vec<[u8; 8]>,
    tries_max: u8,
    /// Survives resets.
    tries_left: u8,
    presented: u32,
    open: bool,
    forged: bool,
}

impl CardKeys {
    pub(crate) fn new(data: &CardData) -> Self {
        let digits = |text: &str, length: usize| hex(&packed("key", text, length).unwrap_or_default());
        let identification = format!(
            "{}D156000005{}FFFFFFFF",
            digits(&data.region, 3),
            digits(&data.serial, 4)
        );
        let head = data.region.get(..4).unwrap_or_default();
        let reset_info = format!("00815300018660{}{}", digits(head, 2), digits(&data.serial, 4));
        Self {
            derived: Derived {
                region: data.region.clone(),
                identification,
                reset_info,
            },
            seed: data.serial.clone(),
            drawn: 0,
            last: Vec::new(),
            tries_max: data.key_tries.min(15),
            tries_left: data.key_tries.min(15),
            presented: 0,
            open: false,
            forged: data.forged,
        }
    }

    /// Power, reset or another application: rights and numbers are gone.
    pub(crate) fn reset(&mut self) {
        self.open = false;
        self.last.clear();
    }

    pub(crate) const fn open(&self) -> bool {
        self.open
    }

    pub(crate) const fn presented(&self) -> u32 {
        self.presented
    }

    /// Eight bytes nobody saw before.
    pub(crate) fn challenge(&mut self) -> Vec<u8> {
        self.drawn = self.drawn.saturating_add(1);
        let digest = Sha256::digest(format!("{}|{}", self.seed, self.drawn));
        let number = digest.first_chunk::<8>().copied().unwrap_or_default();
        if self.last.len() > 1 {
            self.last.remove(0);
        }
        self.last.push(number);
        let mut reply = number.to_vec();
        reply.extend([0x90, 0x00]);
        reply
    }

    /// Process factor and source in, eight bytes out; a status word where they are not sixteen.
    pub(crate) fn internal(&self, numbers: &[u8]) -> Result<Vec<u8>, u16> {
        let (factor, source) = numbers.split_at_checked(8).ok_or(0x6700_u16)?;
        if source.len() != 8 {
            return Err(0x6700);
        }
        let mut result = self.derived.proof(Key::Internal, factor, source).to_vec();
        if self.forged {
            result.reverse();
        }
        Ok(result)
    }

    /// Proof and source in, a status word out. The numbers serve once.
    pub(crate) fn external(&mut self, key: u8, proof: &[u8]) -> u16 {
        if key != READ_KEY {
            return 0x6A88;
        }
        let Some((proof, source)) = proof.split_at_checked(8).filter(|(_, source)| source.len() == 8) else {
            return 0x6700;
        };
        self.presented = self.presented.saturating_add(1);
        if self.tries_left == 0 {
            return 0x6983;
        }
        let numbers = core::mem::take(&mut self.last);
        let [own, factor] = numbers.as_slice() else {
            return 0x6984;
        };
        if own == source && self.derived.proof(Key::External, factor, own) == proof {
            self.tries_left = self.tries_max;
            self.open = true;
            return 0x9000;
        }
        self.tries_left = self.tries_left.saturating_sub(1);
        0x63C0 | u16::from(self.tries_left)
    }
}
