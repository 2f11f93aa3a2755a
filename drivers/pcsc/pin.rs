//! The PIN of a social-security card.
//!
//! INVARIANT: at most one command with a PIN leaves for one call of [`verify_pin`], whatever the card answers. Each wrong
//! one costs a try, and only the issuer gives tries back.

use zeroize::Zeroize;
use zhijie_model::Private;
use zhijie_ports::{CardChannel, ChannelFault, DeviceFault, PinState};

use crate::apdu::{DONE, exchange, select_name};
use crate::sequence::ENVIRONMENT;

/// VERIFY without data: 9000 when no PIN is set, 63Cx with the tries left. The counter is not touched.
const QUERY: [u8; 5] = [0x00, 0x20, 0x00, 0x00, 0x00];

/// Asks how many tries are left. Costs none.
///
/// # Errors
/// The fault of card or reader; [`ChannelFault::Reset`] when somebody else reset the card.
pub fn pin_state(channel: &mut dyn CardChannel) -> Result<PinState, ChannelFault> {
    let environment = exchange(channel, &select_name(ENVIRONMENT))?;
    if environment.status != DONE {
        return Err(crate::tell_apart::other_card(channel, environment.status)?.into());
    }
    state_of(status(&channel.transmit(&QUERY)?)?)
}

/// Presents the PIN once: never again, not after a reset, not after a lost answer. Asks for the tries first and presents
/// nothing when there is no PIN or no try left.
///
/// # Errors
/// [`DeviceFault::PinMalformed`] before any command, [`DeviceFault::PinWrong`], [`DeviceFault::PinBlocked`], or the fault
/// of card or reader. After a fault of the reader nobody knows whether a try was used: ask with [`pin_state`].
pub fn verify_pin(channel: &mut dyn CardChannel, pin: &Private) -> Result<PinState, ChannelFault> {
    let mut command = command(pin)?;
    match pin_state(channel) {
        Ok(PinState::Open { .. }) => {}
        other => {
            command.zeroize();
            return match other? {
                PinState::Blocked => Err(DeviceFault::PinBlocked.into()),
                state => Ok(state),
            };
        }
    }
    // Not by way of the loop that follows 61xx and 6Cxx: that one repeats commands.
    let answer = channel.transmit(&command);
    command.zeroize();
    match status(&answer?)? {
        DONE => Ok(PinState::Verified),
        word @ 0x63C0..=0x63CF => Err(DeviceFault::PinWrong { left: left(word) }.into()),
        0x6983 => Err(DeviceFault::PinBlocked.into()),
        other => Err(DeviceFault::CardRefused { status: other }.into()),
    }
}

/// Packed digits, two a byte, filled with `F`.
fn command(pin: &Private) -> Result<Vec<u8>, DeviceFault> {
    let digits = pin.reveal().as_bytes();
    if !(4..=16).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(DeviceFault::PinMalformed);
    }
    let length = u8::try_from(digits.len().div_ceil(2)).map_err(|_| DeviceFault::PinMalformed)?;
    // As long as it gets, so that no copy is left behind by growing.
    let mut command = Vec::with_capacity(16);
    command.extend([0x00, 0x20, 0x00, 0x00, length]);
    for pair in digits.chunks(2) {
        let nibble = |at: usize| pair.get(at).map_or(0x0F, |digit| digit & 0x0F);
        command.push(nibble(0) << 4 | nibble(1));
    }
    Ok(command)
}

fn state_of(word: u16) -> Result<PinState, ChannelFault> {
    match word {
        DONE => Ok(PinState::NotSet),
        0x63C0 | 0x6983 => Ok(PinState::Blocked),
        0x63C1..=0x63CF => Ok(PinState::Open { left: left(word) }),
        0x6986 => Err(ChannelFault::Reset),
        0x6A81 | 0x6985 | 0x9303 => Err(DeviceFault::CardLocked.into()),
        other => Err(DeviceFault::CardRefused { status: other }.into()),
    }
}

pub(crate) const fn left(word: u16) -> u8 {
    word.to_be_bytes()[1] & 0x0F
}

pub(crate) fn status(reply: &[u8]) -> Result<u16, ChannelFault> {
    match reply.last_chunk::<2>() {
        Some(word) => Ok(u16::from_be_bytes(*word)),
        None => Err(DeviceFault::CardRemoved.into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop, proptest};
    use zhijie_twin::{CardData, VirtualCard};

    use super::*;

    /// Notes every VERIFY with data on its way to the card.
    struct Watched<F> {
        answer: F,
        presented: u32,
    }

    impl<F: FnMut(&[u8]) -> Result<Vec<u8>, ChannelFault>> CardChannel for Watched<F> {
        fn atr(&self) -> &[u8] {
            &[]
        }
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
            self.presented += u32::from(command.get(1) == Some(&0x20) && command.len() > 5);
            (self.answer)(command)
        }
    }

    fn card(pin: &str, tries: u8) -> VirtualCard {
        VirtualCard::new(CardData {
            pin: String::from(pin),
            pin_tries: tries,
            ..CardData::default()
        })
        .unwrap()
    }

    fn ask(card: &mut VirtualCard) -> PinState {
        let answer = |command: &[u8]| Ok(card.transmit(command));
        pin_state(&mut Watched { answer, presented: 0 }).unwrap()
    }

    fn verify(card: &mut VirtualCard, pin: &str) -> (Result<PinState, ChannelFault>, u32) {
        let answer = |command: &[u8]| Ok(card.transmit(command));
        let mut watched = Watched { answer, presented: 0 };
        let result = verify_pin(&mut watched, &Private::new(pin));
        (result, watched.presented)
    }

    #[test]
    fn asking_costs_no_try_and_a_wrong_pin_costs_one() {
        let mut card = card("123456", 3);
        for _ in 0..9 {
            assert_eq!(ask(&mut card), PinState::Open { left: 3 });
        }
        for left in [2, 1] {
            assert_eq!(
                verify(&mut card, "654321"),
                (Err(DeviceFault::PinWrong { left }.into()), 1)
            );
        }
        assert_eq!(verify(&mut card, "123456"), (Ok(PinState::Verified), 1));
        assert_eq!(
            ask(&mut card),
            PinState::Open { left: 3 },
            "a right one gives the tries back"
        );
        for left in [2, 1, 0] {
            assert_eq!(
                verify(&mut card, "0000"),
                (Err(DeviceFault::PinWrong { left }.into()), 1)
            );
        }
        assert_eq!(ask(&mut card), PinState::Blocked);
        assert_eq!(
            verify(&mut card, "123456"),
            (Err(DeviceFault::PinBlocked.into()), 0)
        );
    }

    #[test]
    fn nothing_is_presented_where_nothing_can_come_of_it() {
        assert_eq!(verify(&mut card("", 3), "123456"), (Ok(PinState::NotSet), 0));
        for pin in ["", "123", "12345678901234567", "12a4", "１２３４"] {
            let refused = Err(DeviceFault::PinMalformed.into());
            assert_eq!(verify(&mut card("123456", 3), pin), (refused, 0), "{pin}");
        }
        assert_eq!(
            verify(&mut card("12345", 3), "12345"),
            (Ok(PinState::Verified), 1),
            "an odd count is filled"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_card_is_given_the_pin_twice(answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..12),
                                          open in any::<bool>()) {
            let mut answers = answers.into_iter();
            let mut first = [vec![0x90, 0x00], vec![0x63, 0xC3]].into_iter().filter(|_| open);
            let answer = |_: &[u8]| first.next().or_else(|| answers.next()).ok_or(ChannelFault::Reset);
            let mut watched = Watched { answer, presented: 0 };
            let _ = verify_pin(&mut watched, &Private::new("123456"));
            assert!(watched.presented <= 1);
        }
    }
}
