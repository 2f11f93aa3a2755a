//! Cuts a scanner's byte stream into codes.

use encoding_rs::GB18030;
use zhijie_model::Private;

use crate::code::{CodeKind, ScannedCode, classify};

const FRAME_BYTES_MAX: usize = 512;
/// After an overflow everything is thrown away until a terminator or this much silence.
const OVERFLOW_SILENCE_MS: u64 = 300;
/// The same text again within this time is one scan.
const DEBOUNCE_MS: u64 = 1_500;
/// Text without terminator is given up after this much silence, so that it cannot glue itself to the next scan.
const STALE_MS: u64 = 2_000;
/// Without terminators, a frame this soon after an unrecognised one is its other half.
const OTHER_HALF_MS: u64 = 500;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// How the scanner ends a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// CR, LF, CRLF or ETX. The only safe framing.
    Terminated,
    /// No suffix is configured: a code ends with silence, and only exact kinds count.
    Gap { gap_ms: u64 },
}

/// One finished frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Code(ScannedCode),
    /// Something came that is no text, is too long, or is a fragment.
    Unreadable,
}

/// State of the line. `now_ms` is any monotonic clock in milliseconds; it must not go back.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    buffer: Vec<u8>,
    overflowed: bool,
    last_byte_ms: u64,
    last_code: Option<(Private, u64)>,
    unrecognised_ms: Option<u64>,
}

impl Framer {
    #[must_use]
    pub const fn new(framing: Framing) -> Self {
        Self {
            framing,
            buffer: Vec::new(),
            overflowed: false,
            last_byte_ms: 0,
            last_code: None,
            unrecognised_ms: None,
        }
    }

    /// Takes what one read returned: anything from one byte to several scans.
    pub fn push(&mut self, bytes: &[u8], now_ms: u64) -> Vec<Frame> {
        let mut frames = self.tick(now_ms);
        if bytes.is_empty() {
            return frames;
        }
        let silence_ms = now_ms.saturating_sub(self.last_byte_ms);
        if self.overflowed && silence_ms >= OVERFLOW_SILENCE_MS {
            self.overflowed = false;
        }
        if silence_ms >= STALE_MS {
            self.buffer.clear();
        }
        self.last_byte_ms = now_ms;
        for byte in bytes {
            match *byte {
                b'\r' | b'\n' | ETX => frames.extend(self.finish(now_ms)),
                STX => self.buffer.clear(),
                _ if self.overflowed => {}
                other if self.buffer.len() < FRAME_BYTES_MAX => self.buffer.push(other),
                _ => {
                    self.buffer.clear();
                    self.overflowed = true;
                    frames.push(Frame::Unreadable);
                }
            }
        }
        frames
    }

    /// Lets silence end a frame where no suffix is configured. Call it at least every gap.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Frame> {
        match self.framing {
            Framing::Gap { gap_ms } if now_ms.saturating_sub(self.last_byte_ms) >= gap_ms => {
                self.overflowed = false;
                self.finish(now_ms).into_iter().collect()
            }
            Framing::Gap { .. } | Framing::Terminated => Vec::new(),
        }
    }

    /// How long until [`Framer::tick`] may end a frame; `None` while nothing but bytes can.
    #[must_use]
    pub const fn due_ms(&self, now_ms: u64) -> Option<u64> {
        match self.framing {
            Framing::Gap { gap_ms } if self.overflowed || !self.buffer.is_empty() => {
                let silence_ms = now_ms.saturating_sub(self.last_byte_ms);
                Some(gap_ms.saturating_sub(silence_ms))
            }
            Framing::Gap { .. } | Framing::Terminated => None,
        }
    }

    /// Forgets half a frame; what was debounced stays so. For the start of a request and after an unplug.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.overflowed = false;
        self.unrecognised_ms = None;
    }

    fn finish(&mut self, now_ms: u64) -> Option<Frame> {
        if core::mem::take(&mut self.overflowed) {
            return None;
        }
        let bytes = core::mem::take(&mut self.buffer);
        if bytes.is_empty() {
            return None;
        }
        let other_half = matches!(self.framing, Framing::Gap { .. })
            && self
                .unrecognised_ms
                .take()
                .is_some_and(|at| now_ms.saturating_sub(at) < OTHER_HALF_MS);
        if other_half {
            return None;
        }
        let Some(code) = decode(&bytes) else {
            return Some(Frame::Unreadable);
        };
        if let (Framing::Gap { .. }, CodeKind::Unknown { .. }) = (self.framing, code.kind) {
            self.unrecognised_ms = Some(now_ms);
            return Some(Frame::Unreadable);
        }
        let repeated = self
            .last_code
            .as_ref()
            .is_some_and(|(text, at)| *text == code.text && now_ms.saturating_sub(*at) < DEBOUNCE_MS);
        self.last_code = Some((code.text.clone(), now_ms));
        (!repeated).then_some(Frame::Code(code))
    }
}

/// UTF-8, else GB18030; control characters and the AIM prefix are dropped.
fn decode(bytes: &[u8]) -> Option<ScannedCode> {
    let text = match core::str::from_utf8(bytes) {
        Ok(text) => String::from(text),
        Err(_) => {
            let (text, bad_bytes) = GB18030.decode_without_bom_handling(bytes);
            if bad_bytes {
                return None;
            }
            text.into_owned()
        }
    };
    let clean: String = text.chars().filter(|character| !character.is_control()).collect();
    let (symbology, body) = match clean.split_at_checked(3) {
        Some((prefix, rest)) if is_aim_prefix(prefix) => (Some(prefix), rest),
        _ => (None, clean.as_str()),
    };
    let body = body.trim();
    if body.is_empty() {
        return None;
    }
    Some(ScannedCode {
        kind: classify(body, symbology),
        text: Private::new(body),
    })
}

fn is_aim_prefix(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some(']')
        && characters
            .next()
            .is_some_and(|letter| letter.is_ascii_alphabetic())
        && characters
            .next()
            .is_some_and(|modifier| modifier.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOUCHER: &str = "4241234567890123456789340000";
    const OTHER: &str = "4249999999999999999999310000";

    fn texts(frames: &[Frame]) -> Vec<&str> {
        frames
            .iter()
            .map(|frame| match frame {
                Frame::Code(code) => code.text.reveal(),
                Frame::Unreadable => "?",
            })
            .collect()
    }

    fn terminated() -> Framer {
        Framer::new(Framing::Terminated)
    }

    #[test]
    fn every_suffix_ends_a_code_and_prefixes_fall() {
        for (sent, expected) in [
            (format!("{VOUCHER}\r"), vec![VOUCHER]),
            (format!("{VOUCHER}\n"), vec![VOUCHER]),
            (format!("{VOUCHER}\r\n"), vec![VOUCHER]),
            (format!("\u{2}{VOUCHER}\u{3}"), vec![VOUCHER]),
            (format!("half\u{2}{VOUCHER}\u{3}"), vec![VOUCHER]),
            (format!("]Q1{VOUCHER}\r"), vec![VOUCHER]),
            (format!("{VOUCHER}\r{OTHER}\r"), vec![VOUCHER, OTHER]),
            (String::from("\r\n\r\n"), vec![]),
            (String::from("]Q1\r"), vec!["?"]),
            (String::from(VOUCHER), vec![]),
        ] {
            assert_eq!(
                texts(&terminated().push(sent.as_bytes(), 0)),
                expected,
                "{sent:?}"
            );
        }
    }

    #[test]
    fn a_code_may_come_byte_by_byte() {
        let mut framer = terminated();
        let mut frames = Vec::new();
        for (at, byte) in format!("{VOUCHER}\r\n").bytes().enumerate() {
            frames.extend(framer.push(&[byte], u64::try_from(at).unwrap() * 200));
        }
        assert_eq!(texts(&frames), [VOUCHER]);
    }

    #[test]
    fn the_same_text_soon_again_is_one_scan() {
        let scan = format!("{VOUCHER}\r");
        let mut framer = terminated();
        assert_eq!(framer.push(scan.as_bytes(), 0).len(), 1);
        framer.clear();
        assert_eq!(framer.push(scan.as_bytes(), 1_000).len(), 0);
        assert_eq!(framer.push(scan.as_bytes(), 2_499).len(), 0);
        assert_eq!(framer.push(scan.as_bytes(), 3_999).len(), 1);
        assert_eq!(framer.push(format!("{OTHER}\r").as_bytes(), 4_000).len(), 1);
    }

    #[test]
    fn a_flood_is_thrown_away_until_it_ends() {
        let mut framer = terminated();
        assert_eq!(texts(&framer.push(&[b'7'; 4_000], 0)), ["?"]);
        assert_eq!(texts(&framer.push(b"777\r", 10)), Vec::<&str>::new());
        assert_eq!(
            texts(&framer.push(format!("{VOUCHER}\r").as_bytes(), 20)),
            [VOUCHER]
        );
        let mut silent = terminated();
        silent.push(&[b'7'; 600], 0);
        assert_eq!(
            texts(&silent.push(format!("{VOUCHER}\r").as_bytes(), 300)),
            [VOUCHER]
        );
    }

    #[test]
    fn a_forgotten_half_does_not_glue_itself_to_the_next_scan() {
        let mut framer = terminated();
        framer.push(b"42412345", 0);
        assert_eq!(
            texts(&framer.push(format!("{VOUCHER}\r").as_bytes(), 2_000)),
            [VOUCHER]
        );
        framer.push(b"42412345", 4_000);
        framer.clear();
        assert_eq!(
            texts(&framer.push(format!("{OTHER}\r").as_bytes(), 4_010)),
            [OTHER]
        );
    }

    #[test]
    fn without_a_suffix_silence_ends_a_code_and_halves_are_refused() {
        let mut framer = Framer::new(Framing::Gap { gap_ms: 60 });
        assert_eq!(framer.due_ms(0), None, "an empty line needs no clock");
        assert!(framer.push(VOUCHER.as_bytes(), 0).is_empty());
        assert_eq!((framer.due_ms(0), framer.due_ms(59)), (Some(60), Some(1)));
        assert!(framer.tick(59).is_empty());
        assert_eq!(texts(&framer.tick(60)), [VOUCHER]);
        assert_eq!(framer.due_ms(60), None);
        let (first, second) = VOUCHER.split_at(15);
        framer.push(first.as_bytes(), 5_000);
        assert_eq!(texts(&framer.push(second.as_bytes(), 5_200)), ["?"]);
        assert!(
            framer.tick(5_260).is_empty(),
            "the second half looks like goods and must not count"
        );
        framer.push(OTHER.as_bytes(), 6_000);
        assert_eq!(texts(&framer.tick(6_100)), [OTHER]);
    }

    #[test]
    fn bytes_that_are_no_text_are_said() {
        assert_eq!(texts(&terminated().push(b"\xFF\xFE\x80\r", 0)), ["?"]);
        let (gbk, _, _) = GB18030.encode("健康");
        let mut sent = gbk.into_owned();
        sent.push(b'\r');
        assert_eq!(texts(&terminated().push(&sent, 0)), ["健康"]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_in_any_pieces_are_survived(pieces in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..700), 0..8)) {
            let mut framer = terminated();
            for (at, piece) in pieces.iter().enumerate() {
                let frames = framer.push(piece, u64::try_from(at).unwrap() * 100);
                proptest::prop_assert!(frames.len() <= piece.len() + 1);
            }
        }
    }
}
