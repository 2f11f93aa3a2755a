//! PINs through the card service.

use std::time::Duration;

use zhijie_devicelink::{DeviceFault, PinState, PinTask};
use zhijie_model::Private;
use zhijie_twin::{CardData, Damage};

use crate::{CARD, Desk, TODAY, desk};

async fn pin(desk: &Desk, task: PinTask) -> Result<PinState, DeviceFault> {
    desk.devices.pin(task, TODAY, Duration::from_secs(30)).await
}

fn present(digits: &str) -> PinTask {
    PinTask::Present(Private::new(digits))
}

fn card() -> CardData {
    CardData {
        pin: String::from("123456"),
        ..CardData::default()
    }
}

#[tokio::test]
async fn tries_are_told_and_a_pin_is_presented_once() {
    let mut desk = desk();
    desk.insert(card());
    desk.until(|state| state.card_present()).await;
    assert_eq!(pin(&desk, PinTask::Ask).await, Ok(PinState::Open { left: 3 }));
    assert_eq!(
        pin(&desk, present("000000")).await,
        Err(DeviceFault::PinWrong { left: 2 })
    );
    assert_eq!(pin(&desk, PinTask::Ask).await, Ok(PinState::Open { left: 2 }));
    assert_eq!(pin(&desk, present("123456")).await, Ok(PinState::Verified));
    assert_eq!(pin(&desk, present("12")).await, Err(DeviceFault::PinMalformed));
    assert!(desk.read(CARD).await.is_ok(), "the card reads on");
    let card = desk.slot.remove().unwrap();
    assert_eq!(card.presented(), 2);
}

/// Command 4 is the one with the PIN: environment, its answer, the tries, the PIN.
#[tokio::test]
async fn a_card_that_is_pulled_or_falls_silent_is_not_given_the_pin_again() {
    let mut desk = desk();
    for damage in [
        Damage::PulledAtCommand(4),
        Damage::HalfAnswerAtCommand(4),
        Damage::MuteAtCommand(4),
    ] {
        desk.insert(card().with_damage(damage));
        desk.until(|state| state.card_present()).await;
        assert!(pin(&desk, present("123456")).await.is_err(), "{damage:?}");
        assert_eq!(desk.slot.commands(), 4, "{damage:?}");
        desk.slot.remove();
        desk.until(|state| !state.card_present()).await;
    }
}

/// Asked to reset a card that is gone, the card service calls the reader empty by itself and does not notice a card that comes before
/// its next look, for as long as that one lies there. So nobody asks it to.
#[tokio::test]
async fn a_card_put_in_right_after_one_that_was_pulled_is_noticed() {
    let mut desk = desk();
    for turn in 0..4 {
        desk.insert(card().with_damage(Damage::PulledAtCommand(4)));
        desk.until(|state| state.card_present()).await;
        let pulled = pin(&desk, present("123456")).await;
        desk.insert(card());
        assert_eq!(pulled, Err(DeviceFault::CardRemoved), "{turn}");
        let read = desk.read(CARD).await;
        // Faster than the driver of the virtual reader looks, the exchange shows as a card that was pulled.
        assert!(
            matches!(read, Ok(_) | Err(DeviceFault::CardRemoved)),
            "{turn} {read:?}"
        );
        assert!(desk.read(CARD).await.is_ok(), "{turn}");
        desk.slot.remove();
        desk.until(|state| !state.card_present()).await;
    }
}

/// The virtual reader has no keys; what one with keys does is tested byte by byte in `zhijie-pcsc`.
#[tokio::test]
async fn a_reader_without_keys_is_named_and_nothing_is_presented() {
    let mut desk = desk();
    desk.insert(card());
    desk.until(|state| state.card_present()).await;
    let typed = PinTask::Pad { digits: 6 };
    assert_eq!(pin(&desk, typed).await, Err(DeviceFault::NoKeyPad));
    assert_eq!(pin(&desk, PinTask::Ask).await, Ok(PinState::Open { left: 3 }));
    assert_eq!(desk.slot.remove().unwrap().presented(), 0);
}
