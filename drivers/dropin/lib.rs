//! `libSSCardDriver.so`, `SSCardDriver.dll`: the reader library desk programs call today, answered by the running agent.
//!
//! This floor owns the C side of the nationwide reader interface of 2016: function names, buffers, GBK text and error
//! numbers. It opens no reader: it asks the agent over the desk socket with `identity.read`, so that one program alone
//! holds the reader. It lives in somebody else's process and therefore starts no thread, sets no signal, keeps nothing
//! between calls, prints nothing and never unwinds into its caller. Start reading at [`read_basic`], then `exports`.

mod agent;
mod codes;
mod exports;
mod line;

pub use codes::Refusal;

use encoding_rs::GB18030;

use crate::agent::Agent;

/// The line of `iReadCardBas` for the card in the reader, without its closing zero. Blocks until a card is there, at most
/// `ZHIJIE_CARD_WAIT_S` seconds (3 when not said), plus the time reading takes.
///
/// # Errors
/// [`Refusal`]: the interface's number and a Chinese text for the cashier.
pub fn read_basic() -> Result<Vec<u8>, Refusal> {
    let fields = Agent::connect()?.card_fields()?;
    Ok(fields.to_line())
}

/// Text for a buffer of `room` bytes: whole characters, closing zero included.
fn gbk(text: &str, room: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for character in text.chars() {
        let mut utf8 = [0_u8; 4];
        let encoded = GB18030.encode(character.encode_utf8(&mut utf8)).0;
        if bytes.len().saturating_add(encoded.len()) >= room {
            break;
        }
        bytes.extend_from_slice(&encoded);
    }
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_fits_its_buffer_with_whole_characters() {
        assert_eq!(gbk("没有卡", 512).len(), 7);
        for room in 1..8 {
            let bytes = gbk("没有卡", room);
            assert!(bytes.len() <= room && bytes.ends_with(&[0]), "{room}");
            assert_eq!(bytes.len() % 2, 1, "half a character at {room}");
        }
    }
}
