//! Cards through the card service.

use std::time::Duration;

use jiff::civil::Date;
use zhijie_devicelink::{DeviceFault, DeviceReading};
use zhijie_ports::{CardKind, Tag};
use zhijie_twin::{CardData, Damage, Generation, Kind, PrivatePcscd};

use crate::{BOTH, CARD, PATIENCE, desk, desk_with};

#[tokio::test]
async fn a_card_in_the_reader_is_read_whole() {
    let mut desk = desk();
    desk.insert(CardData::default());
    desk.until(|state| state.card_present()).await;
    let DeviceReading::Card(card) = desk.read(BOTH).await.unwrap() else {
        panic!("a card expected")
    };
    let twin = CardData::default();
    assert_eq!(card.name.reveal(), twin.name);
    assert_eq!(card.number.reveal(), twin.number);
    assert_eq!(card.card_number.reveal(), twin.card_number);
    assert_eq!(card.reset_info.reveal(), "00815300018660341200004711");
    assert_eq!(
        (card.reader.as_str(), card.warnings.as_slice()),
        (PrivatePcscd::READER, &[][..])
    );
    assert_eq!(desk.slot.commands(), 16, "no needless command goes over the wire");
    desk.devices.shutdown().await;
}

#[tokio::test]
async fn a_card_that_comes_while_waiting_is_read_and_the_next_one_too() {
    let mut desk = desk();
    for name in ["张三", "欧阳娜娜"] {
        let read = desk.waiting(CARD).await;
        desk.insert(CardData {
            name: String::from(name),
            ..CardData::default()
        });
        let DeviceReading::Card(card) = read.await.unwrap().unwrap() else {
            panic!("a card expected")
        };
        assert_eq!(card.name.reveal(), name);
        desk.slot.remove();
        desk.until(|state| !state.card_present()).await;
    }
}

#[tokio::test]
async fn every_unusable_card_is_named() {
    let with = |damage| CardData::default().with_damage(damage);
    let table = [
        (
            CardData {
                kind: Kind::Bank,
                ..CardData::default()
            },
            DeviceFault::NotSocialSecurityCard { kind: CardKind::Bank },
        ),
        (
            CardData {
                kind: Kind::ResidentId,
                ..CardData::default()
            },
            DeviceFault::NotSocialSecurityCard {
                kind: CardKind::ResidentId,
            },
        ),
        (with(Damage::Locked), DeviceFault::CardLocked),
        (
            CardData {
                valid_until: String::from("20251231"),
                ..CardData::default()
            },
            DeviceFault::CardExpired {
                valid_until: Date::constant(2025, 12, 31),
            },
        ),
        (
            with(Damage::MissingRecord(0x08)),
            DeviceFault::RecordMissing { tag: Tag::NUMBER },
        ),
        (
            with(Damage::GarbledRecord(0x07)),
            DeviceFault::RecordGarbled {
                tag: Tag::CARD_NUMBER,
            },
        ),
        (
            with(Damage::NoiseInRecord(0x08)),
            DeviceFault::RecordGarbled { tag: Tag::NUMBER },
        ),
        (with(Damage::PulledAtCommand(9)), DeviceFault::CardRemoved),
    ];
    let mut desk = desk();
    for (data, expected) in table {
        let read = desk.waiting(CARD).await;
        desk.insert(data.clone());
        assert_eq!(read.await.unwrap(), Err(expected), "{data:?}");
        desk.slot.remove();
        desk.until(|state| !state.card_present()).await;
    }
    let read = desk.waiting(CARD).await;
    desk.insert(CardData {
        generation: Generation::Third,
        ..CardData::default()
    });
    assert!(matches!(
        read.await.unwrap(),
        Err(DeviceFault::NeedsSecurityModule { .. })
    ));
}

#[tokio::test]
async fn a_card_that_stops_answering_is_given_up_and_the_reader_recovers() {
    let mut desk = desk();
    let read = desk.waiting(CARD).await;
    desk.insert(CardData::default().with_damage(Damage::MuteAtCommand(4)));
    assert_eq!(read.await.unwrap(), Err(DeviceFault::ReaderSilent));
    desk.slot.remove();
    desk.until(|state| !state.card_present()).await;
    desk.insert(CardData::default());
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
}

#[tokio::test]
async fn a_dead_card_service_is_said_and_found_again() {
    let mut desk = desk();
    desk.until(|state| !state.devices.readers.is_empty()).await;
    let read = desk.waiting(CARD).await;
    desk.pcscd.as_mut().unwrap().kill();
    assert_eq!(read.await.unwrap(), Err(DeviceFault::CardServiceDown));
    assert_eq!(desk.read(CARD).await, Err(DeviceFault::CardServiceDown));
    desk.pcscd.as_mut().unwrap().restart().unwrap();
    desk.until(|state| !state.devices.readers.is_empty()).await;
    desk.insert(CardData::default());
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
}

#[tokio::test]
async fn two_card_services_do_not_disturb_each_other() {
    let (mut first, second) = (desk(), desk());
    second.until(|state| state.devices.readers.len() == 2).await;
    first.insert(CardData::default());
    first.until(|state| state.card_present()).await;
    assert!(matches!(first.read(CARD).await, Ok(DeviceReading::Card(_))));
    assert!(!second.devices.state().card_present());
    drop(first);
    assert!(second.devices.state().devices.card_service);
}

/// Waiting for new readers alone does not return by itself: without the list before it nobody would know that there is none.
#[tokio::test]
async fn a_service_without_a_wanted_reader_is_listed_before_it_is_waited_for() {
    let desk = desk_with(|config| config.reader = Some(String::from("No Such Reader")));
    desk.until(|state| state.devices.card_service).await;
    assert_eq!(desk.read(CARD).await, Err(DeviceFault::NoReader));
    assert!(desk.devices.state().devices.readers.is_empty());
}

/// The service takes the power from a card nobody is connected to, and with it everything that was selected.
#[tokio::test]
async fn a_card_left_alone_until_it_is_without_power_reads_again() {
    let mut desk = desk();
    desk.insert(CardData::default());
    desk.until(|state| state.card_present()).await;
    // What the service did when the card came is not meant.
    let _ = desk.slot.lost_power(Duration::ZERO);
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
    assert!(desk.slot.lost_power(PATIENCE));
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
}

/// Every command of a reading, through the real card service.
#[tokio::test]
async fn a_card_pulled_at_any_command_is_said_and_the_next_one_reads() {
    let mut desk = desk();
    for at in 1..=16 {
        let read = desk.waiting(CARD).await;
        desk.insert(CardData::default().with_damage(Damage::PulledAtCommand(at)));
        assert_eq!(
            read.await.unwrap(),
            Err(DeviceFault::CardRemoved),
            "at command {at}"
        );
        desk.slot.remove();
        desk.until(|state| !state.card_present()).await;
    }
    desk.insert(CardData::default());
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
}

/// One card out, another in, faster than anybody looks: never half of each, and never blamed on the reader.
#[tokio::test]
async fn a_card_exchanged_under_a_reading_is_one_card_or_none() {
    let mut desk = desk();
    let names = ["张三", "欧阳娜娜"];
    for turn in 0..6 {
        let name = |turn: usize| String::from(names[turn % 2]);
        let of = |name| CardData {
            name,
            ..CardData::default()
        };
        desk.insert(of(name(turn)));
        desk.until(|state| state.card_present()).await;
        desk.insert(of(name(turn + 1)));
        match desk.read(CARD).await {
            Ok(DeviceReading::Card(card)) => assert!(names.contains(&card.name.reveal()), "{turn}"),
            other => assert_eq!(other, Err(DeviceFault::CardRemoved), "{turn}"),
        }
    }
    desk.until(|state| state.card_present()).await;
}

/// A card made to harm: more bytes than any buffer has, and a rest after every rest.
#[tokio::test]
async fn a_card_that_floods_or_never_ends_is_refused_and_the_next_one_reads() {
    let mut desk = desk();
    let helper = desk.up().await;
    for at in [1, 5, 9] {
        for damage in [Damage::FloodAtCommand(at), Damage::RestsAtCommand(at)] {
            desk.insert(CardData::default().with_damage(damage));
            desk.until(|state| state.card_present()).await;
            let read = desk.read(CARD).await;
            assert!(
                matches!(
                    read,
                    Err(DeviceFault::CardRefused { status: 0x6100 }
                        | DeviceFault::ReaderFailed { .. }
                        | DeviceFault::CardRemoved
                        | DeviceFault::NotSocialSecurityCard { .. })
                ),
                "{damage:?} {read:?}"
            );
            desk.slot.remove();
            desk.until(|state| !state.card_present()).await;
        }
    }
    desk.insert(CardData::default());
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
    assert_eq!(desk.up().await, helper, "nothing had to be killed for it");
}
