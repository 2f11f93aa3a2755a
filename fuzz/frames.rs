//! A scanner's byte stream.

use zhijie_ports::{Frame, Framer, Framing, classify};

use crate::bytes::Bytes;

const FRAME_BYTES_MAX: usize = 512;

pub(crate) fn run(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    let gap = bytes.byte();
    let stream = bytes.rest();
    whatever_the_pieces(stream);
    let framing = match gap {
        0 => Framing::Terminated,
        gap_ms => Framing::Gap {
            gap_ms: u64::from(gap_ms).max(40),
        },
    };
    let mut framer = Framer::new(framing);
    let mut now_ms = 0_u64;
    let mut sent = 0_usize;
    let mut codes = 0_usize;
    while !bytes.is_empty() {
        let wait = bytes.byte();
        now_ms = now_ms.saturating_add(u64::from(wait).saturating_mul(16));
        let part = bytes.counted();
        sent = sent.saturating_add(part.len());
        if wait == u8::MAX {
            framer.clear();
        }
        codes = codes.saturating_add(check(&framer.push(part, now_ms), framing));
    }
    codes = codes.saturating_add(check(&framer.tick(now_ms.saturating_add(5_000)), framing));
    assert!(codes <= sent, "more codes than bytes");
}

/// With a terminator, and no time going by, it does not matter in which pieces a code comes.
fn whatever_the_pieces(stream: &[u8]) {
    let mut whole = Framer::new(Framing::Terminated);
    let mut single = Framer::new(Framing::Terminated);
    let at_once = whole.push(stream, 1);
    let one_by_one: Vec<Frame> = stream.iter().flat_map(|byte| single.push(&[*byte], 1)).collect();
    assert_eq!(at_once, one_by_one);
}

fn check(frames: &[Frame], framing: Framing) -> usize {
    for frame in frames {
        let Frame::Code(code) = frame else { continue };
        let text = code.text.reveal();
        assert!(!text.is_empty() && text == text.trim());
        // GB18030 takes two bytes and more for what UTF-8 writes in three.
        assert!(text.chars().count() <= FRAME_BYTES_MAX);
        assert!(!text.chars().any(char::is_control));
        if code.kind.identifies() {
            assert_eq!(classify(text, None), code.kind, "an AIM prefix makes nobody");
        }
        if matches!(framing, Framing::Gap { .. }) {
            assert!(!matches!(code.kind, zhijie_ports::CodeKind::Unknown { .. }));
        }
    }
    frames.len()
}
