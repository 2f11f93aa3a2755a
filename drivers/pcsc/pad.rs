//! A reader's own key pad: the holder types, and the digits reach neither this program nor the desk.
//!
//! Source: PC/SC part 10, features and the structure for verifying a PIN; most readers hand it on as CCID does. Only a reader
//! that offers the feature is asked.
//!
//! INVARIANT: at most one PIN is typed for one call of [`verify_at_pad`], as [`crate::pin`] promises for one given.

use zhijie_ports::{CardChannel, ChannelFault, DeviceFault, PinState};

use crate::apdu::DONE;
use crate::pin::{left, pin_state, status};

/// Asks a reader for its features.
pub(crate) const FEATURE_REQUEST: u32 = 3_400;
/// Verify a PIN directly, all in one call.
const VERIFY_DIRECT: u8 = 0x06;
/// How long the holder may take to begin, and to go on after a key; the reader ends it then.
const TYPING_S: u8 = 30;

/// The reader behind a card, whatever lies between.
pub trait PinPad {
    /// The features as the reader lists them: tag, length 4, control code, one after the other. Empty without any.
    ///
    /// # Errors
    /// What the channel reports.
    fn features(&mut self) -> Result<Vec<u8>, ChannelFault>;

    /// Sends the reader, and not the card, something to do; a control code it named itself. Blocks until it is done.
    ///
    /// # Errors
    /// What the channel reports.
    fn control(&mut self, code: u32, data: &[u8]) -> Result<Vec<u8>, ChannelFault>;
}

/// Has the holder type a PIN of `digits` digits at the reader, once. Asks for the tries first, and for nothing when there is no PIN
/// or no try left.
///
/// # Errors
/// [`DeviceFault::NoKeyPad`] before any command; [`DeviceFault::PinNotGiven`] when nobody typed or the holder stopped; else as
/// [`crate::verify_pin`].
pub fn verify_at_pad<C: CardChannel + PinPad>(channel: &mut C, digits: u8) -> Result<PinState, ChannelFault> {
    let code = verify_code(&channel.features()?).ok_or(DeviceFault::NoKeyPad)?;
    let order = order(digits)?;
    match pin_state(channel)? {
        PinState::Open { .. } => {}
        PinState::Blocked => return Err(DeviceFault::PinBlocked.into()),
        state @ (PinState::NotSet | PinState::Verified) => return Ok(state),
    }
    match status(&channel.control(code, &order)?)? {
        DONE => Ok(PinState::Verified),
        word @ 0x63C0..=0x63CF => Err(DeviceFault::PinWrong { left: left(word) }.into()),
        0x6983 => Err(DeviceFault::PinBlocked.into()),
        // Nothing typed in time; stopped by the holder.
        0x6400 | 0x6401 => Err(DeviceFault::PinNotGiven.into()),
        0x6403 => Err(DeviceFault::PinMalformed.into()),
        other => Err(DeviceFault::CardRefused { status: other }.into()),
    }
}

/// The control code of the feature in a list of them; a list that breaks off ends there.
fn verify_code(features: &[u8]) -> Option<u32> {
    let mut rest = features;
    while let [tag, length, tail @ ..] = rest {
        let (value, next) = tail.split_at_checked(usize::from(*length))?;
        if *tag == VERIFY_DIRECT {
            return value.try_into().map(u32::from_be_bytes).ok();
        }
        rest = next;
    }
    None
}

/// What the reader is to do: take so many digits, pack them into the command, send it, give back the status word.
fn order(digits: u8) -> Result<Vec<u8>, DeviceFault> {
    if !(4..=16).contains(&digits) {
        return Err(DeviceFault::PinMalformed);
    }
    let length = digits.div_ceil(2);
    let mut command = vec![0x00, 0x20, 0x00, 0x00, length];
    command.extend((0..length).map(|_| 0xFF));
    let mut order = vec![
        TYPING_S, TYPING_S, // Packed digits, to the left, from the first byte of the data on.
        0x81, length, // No length in front of them.
        0x00,   // At most and at least so many.
        digits, digits, // Ends with the last digit or the enter key.
        0x03,   // The reader's own message, in Chinese.
        0x01, 0x04, 0x08, 0x00, 0x00, 0x00, 0x00,
    ];
    order.extend(u32::try_from(command.len()).unwrap_or(u32::MAX).to_le_bytes());
    order.extend(command);
    Ok(order)
}

#[cfg(test)]
mod tests {
    use zhijie_twin::{CardData, Pad, Typed, VirtualCard, VirtualPad};

    use super::*;

    struct Reader(VirtualPad);

    impl CardChannel for Reader {
        fn atr(&self) -> &[u8] {
            &[]
        }
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
            Ok(self.0.card.transmit(command))
        }
    }

    impl PinPad for Reader {
        fn features(&mut self) -> Result<Vec<u8>, ChannelFault> {
            Ok(self.0.features())
        }
        fn control(&mut self, code: u32, data: &[u8]) -> Result<Vec<u8>, ChannelFault> {
            Ok(self.0.control(code, data))
        }
    }

    fn reader(pin: &str, pad: Pad, typed: Typed) -> Reader {
        let card = VirtualCard::new(CardData {
            pin: String::from(pin),
            ..CardData::default()
        })
        .unwrap();
        Reader(VirtualPad { card, pad, typed })
    }

    #[test]
    fn the_holder_types_once_and_the_card_answers() {
        let typed = |digits: &str| Typed::Digits(String::from(digits));
        let fault = |fault: DeviceFault| Err(ChannelFault::Device(fault));
        let table = [
            ("123456", 6, typed("123456"), Ok(PinState::Verified), 1),
            ("12345", 5, typed("12345"), Ok(PinState::Verified), 1),
            (
                "123456",
                6,
                typed("654321"),
                fault(DeviceFault::PinWrong { left: 2 }),
                1,
            ),
            ("123456", 6, typed("1234"), fault(DeviceFault::PinMalformed), 0),
            ("123456", 6, Typed::Cancelled, fault(DeviceFault::PinNotGiven), 0),
            ("123456", 6, Typed::Nothing, fault(DeviceFault::PinNotGiven), 0),
            ("", 6, typed("123456"), Ok(PinState::NotSet), 0),
            ("123456", 3, typed("123"), fault(DeviceFault::PinMalformed), 0),
            ("123456", 17, typed("1"), fault(DeviceFault::PinMalformed), 0),
        ];
        for (pin, digits, typed, expected, presented) in table {
            let mut reader = reader(pin, Pad::Direct, typed.clone());
            assert_eq!(verify_at_pad(&mut reader, digits), expected, "{typed:?} {digits}");
            assert_eq!(reader.0.card.presented(), presented, "{typed:?} {digits}");
        }
        let mut blocked = reader("123456", Pad::Direct, typed("000000"));
        for _ in 0..3 {
            let _ = verify_at_pad(&mut blocked, 6);
        }
        let presented = blocked.0.card.presented();
        assert_eq!(verify_at_pad(&mut blocked, 6), fault(DeviceFault::PinBlocked));
        assert_eq!(blocked.0.card.presented(), presented, "nobody is asked in vain");
    }

    #[test]
    fn a_reader_that_does_not_offer_it_is_not_asked() {
        for pad in [Pad::None, Pad::OtherFeatures] {
            let mut reader = reader("123456", pad, Typed::Cancelled);
            assert_eq!(
                verify_at_pad(&mut reader, 6),
                Err(DeviceFault::NoKeyPad.into()),
                "{pad:?}"
            );
            assert_eq!(reader.0.card.commands(), 0);
        }
        for (list, code) in [
            (&[0x06, 0x04, 0x42, 0x33, 0x00, 0x06][..], Some(0x4233_0006)),
            (&[0x0A, 0x00, 0x06, 0x04, 0, 0, 0, 1], Some(1)),
            (&[0x06, 0x04, 0x42, 0x33], None),
            (&[0x06, 0x02, 0x42, 0x33], None),
            (&[0x06], None),
            (&[], None),
        ] {
            assert_eq!(verify_code(list), code, "{list:?}");
        }
    }
}
