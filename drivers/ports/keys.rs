//! Proofs for a card that opens its holder's data to a key alone, fetched from a key service while the card stays powered.
//!
//! Source: nationwide reader interface of 2016, steps 1 and 2 of reading with a key service: eight fields out, four in. The
//! agent holds no key and derives none; it passes on what the card said, unchanged.

use serde::{Deserialize, Serialize};
use zhijie_model::{Area, Private};

use crate::fault::DeviceFault;

/// How long a key service may take. Windows resets a card whose transaction lies idle for some five seconds; what was drawn
/// from the card is worthless then.
pub const KEY_LIMIT_MS: u64 = 4_000;

/// What the card's keys compute with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardAlgorithm {
    Des,
    Ssf33,
    Sm4,
    /// A number nobody has described; passed on.
    Unknown(u8),
}

impl CardAlgorithm {
    /// By the control information the card gives for its environment: `9F0C` holds `86`, whose value is the number. Without
    /// it DES, except where the card's identification begins with 11, which is SSF33.
    #[must_use]
    pub fn of(control_information: &[u8], identification: &[u8]) -> Self {
        let number = control_information.windows(6).find_map(|window| match window {
            [0x9F, 0x0C, 0x03, 0x86, 0x01, number] => Some(*number),
            _ => None,
        });
        match number {
            Some(0x01) => Self::Des,
            Some(0x02) => Self::Ssf33,
            Some(0x03) => Self::Sm4,
            Some(other) => Self::Unknown(other),
            None if identification.first() == Some(&0x11) => Self::Ssf33,
            None => Self::Des,
        }
    }

    /// The number of the interface.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Des => 1,
            Self::Ssf33 => 2,
            Self::Sm4 => 3,
            Self::Unknown(number) => number,
        }
    }
}

/// Two random numbers drawn from the card, 16 hex digits each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The process factor, from which the session's key is made.
    pub factor: Private,
    pub source: Private,
}

/// What the key service needs to know of the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAsk {
    /// Issuing region.
    pub region: Area,
    /// Historical bytes of the answer to reset, as the card gave them: the card's keys are derived from them.
    pub reset_info: Private,
    pub algorithm: CardAlgorithm,
    /// 32 hex digits.
    pub identification: Private,
    /// For the card to prove itself.
    pub internal: Drawn,
    /// For us to be let in.
    pub external: Drawn,
}

impl KeyAsk {
    /// The fields in the interface's order, each followed by `|`. `terminal` is a ninth field one province's service takes.
    #[must_use]
    pub fn to_line(&self, terminal: Option<&str>) -> Private {
        let algorithm = format!("{:02}", self.algorithm.number());
        let region = self.region.to_string();
        let fields = [
            &*region,
            self.reset_info.reveal(),
            &*algorithm,
            self.identification.reveal(),
            self.internal.factor.reveal(),
            self.internal.source.reveal(),
            self.external.factor.reveal(),
            self.external.source.reveal(),
        ];
        let mut line = String::new();
        for field in fields.into_iter().chain(terminal) {
            line.push_str(field);
            line.push('|');
        }
        Private::new(line)
    }
}

/// A proof and the random number it is for, 16 hex digits each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub proof: Private,
    pub source: Private,
}

/// What the key service answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyProof {
    /// What a genuine card computes from the internal pair.
    pub internal: Proof,
    /// What lets us in.
    pub external: Proof,
}

impl KeyProof {
    /// Reads a service's line: two proofs of 32 hex digits, each followed by `|`; the last `|` may be missing.
    ///
    /// # Errors
    /// [`DeviceFault::KeyServiceGarbled`].
    pub fn parse(line: &[u8]) -> Result<Self, DeviceFault> {
        let text = core::str::from_utf8(line).map_err(|_| DeviceFault::KeyServiceGarbled)?;
        let text = text.trim();
        let (internal, external) = text
            .strip_suffix('|')
            .unwrap_or(text)
            .split_once('|')
            .ok_or(DeviceFault::KeyServiceGarbled)?;
        Ok(Self {
            internal: proof(internal)?,
            external: proof(external)?,
        })
    }
}

fn proof(text: &str) -> Result<Proof, DeviceFault> {
    let sound = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.split_at_checked(16) {
        Some((proof, source)) if sound => Ok(Proof {
            proof: Private::new(proof.to_ascii_uppercase()),
            source: Private::new(source.to_ascii_uppercase()),
        }),
        _ => Err(DeviceFault::KeyServiceGarbled),
    }
}

/// Somebody who can be asked for proofs while the card waits.
pub trait CardKeys {
    /// Whether there is anybody to ask.
    fn at_hand(&self) -> bool;

    /// Blocks for [`KEY_LIMIT_MS`] at most. MUST be called once for one drawing of numbers.
    ///
    /// # Errors
    /// The fault of the key service.
    fn prove(&mut self, ask: &KeyAsk) -> Result<KeyProof, DeviceFault>;
}

/// A desk without key service.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

impl CardKeys for NoKeys {
    fn at_hand(&self) -> bool {
        false
    }

    fn prove(&mut self, _ask: &KeyAsk) -> Result<KeyProof, DeviceFault> {
        Err(DeviceFault::KeyServiceSilent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(factor: &str, source: &str) -> Drawn {
        Drawn {
            factor: Private::new(factor),
            source: Private::new(source),
        }
    }

    #[test]
    fn the_algorithm_is_told_or_inferred() {
        let told = |number: u8| [0x6F, 0x08, 0xA5, 0x06, 0x9F, 0x0C, 0x03, 0x86, 0x01, number];
        let table = [
            (&told(1)[..], 0x34, CardAlgorithm::Des),
            (&told(2)[..], 0x34, CardAlgorithm::Ssf33),
            (&told(3)[..], 0x11, CardAlgorithm::Sm4),
            (&told(9)[..], 0x34, CardAlgorithm::Unknown(9)),
            (&[][..], 0x34, CardAlgorithm::Des),
            (&[0x9F, 0x0C, 0x03, 0x86, 0x01][..], 0x11, CardAlgorithm::Ssf33),
        ];
        for (information, first, expected) in table {
            assert_eq!(
                CardAlgorithm::of(information, &[first]),
                expected,
                "{information:?}"
            );
        }
    }

    #[test]
    fn the_line_has_the_interface_s_fields() {
        let ask = KeyAsk {
            region: Area::new("341200").unwrap(),
            reset_info: Private::new("00810000000000341200000005"),
            algorithm: CardAlgorithm::Sm4,
            identification: Private::new("341200D1560000050000000100000000"),
            internal: drawn("0102030405060708", "1112131415161718"),
            external: drawn("2122232425262728", "3132333435363738"),
        };
        let line = "341200|00810000000000341200000005|03|341200D1560000050000000100000000|0102030405060708|1112131415161718|2122232425262728|3132333435363738|";
        assert_eq!(ask.to_line(None).reveal(), line);
        assert_eq!(
            ask.to_line(Some("000000000017")).reveal(),
            format!("{line}000000000017|")
        );
        assert!(!format!("{ask:?}").contains("0102030405060708"));
    }

    #[test]
    fn only_two_whole_proofs_are_an_answer() {
        let (one, two) = ("A1".repeat(8), "b2".repeat(8));
        let good = format!("{one}{two}|{two}{one}|");
        for line in [&*good, good.trim_end_matches('|'), &format!("{good}\r\n")] {
            let read = KeyProof::parse(line.as_bytes()).unwrap();
            assert_eq!(read.internal.proof.reveal(), one);
            assert_eq!(read.external.proof.reveal(), "B2".repeat(8));
        }
        for broken in [
            "",
            "|",
            "||",
            &good[1..],
            &good.replace('A', "G"),
            &format!("{good}{one}|"),
            &format!("{one}{two}|"),
            "中中中中中中中中中中中|中中中中中中中中中中中",
        ] {
            assert_eq!(
                KeyProof::parse(broken.as_bytes()),
                Err(DeviceFault::KeyServiceGarbled),
                "{broken}"
            );
        }
        assert!(KeyProof::parse(&[0xFF; 66]).is_err());
    }
}
