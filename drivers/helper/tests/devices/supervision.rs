//! What happens to the card service and around it: other programs, swaps, sleep and death.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use pcsc::{Context, Protocols, Scope, ShareMode};
use zhijie_devicelink::{DeviceEvent, DeviceFault, DeviceReading};
use zhijie_twin::{CardData, PrivatePcscd};

use crate::{CARD, Desk, desk};

const HOLD: &str = "ZHIJIE_TEST_HOLD";

/// Another program that has the card: this one, started again.
struct Holder {
    child: Child,
    /// Closing it would end the other program early.
    _out: ChildStdout,
}

impl Holder {
    fn start(desk: &Desk, how: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--ignored",
                "--exact",
                "supervision::holds_the_card",
                "--nocapture",
            ])
            .env(
                PrivatePcscd::CLIENT_VARIABLE,
                desk.pcscd.as_ref().unwrap().socket(),
            )
            .env(HOLD, how)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut lines = (&mut out).lines();
        assert!(
            lines.any(|line| line.unwrap().contains("held")),
            "the card is held"
        );
        Self {
            child,
            _out: out.into_inner(),
        }
    }

    fn let_go(mut self) {
        self.child.stdin = None;
        assert!(self.child.wait().unwrap().success());
    }

    fn die(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The other program of [`Holder`], not a test: holds the card until its input ends.
#[test]
#[ignore = "started by other tests"]
fn holds_the_card() {
    let Ok(how) = std::env::var(HOLD) else { return };
    if how == "places" {
        let places = every_place();
        println!("held");
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        return drop(places);
    }
    let context = Context::establish(Scope::User).unwrap();
    let mode = if how == "exclusive" {
        ShareMode::Exclusive
    } else {
        ShareMode::Shared
    };
    let reader = std::ffi::CString::new(PrivatePcscd::READER).unwrap();
    let mut card = context.connect(&reader, mode, Protocols::ANY).unwrap();
    let transaction = (how == "transaction").then(|| card.transaction().unwrap());
    println!("held");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    drop(transaction);
}

/// The card service has so many places and no more.
fn every_place() -> Vec<Context> {
    let places: Vec<Context> = (0..400)
        .map_while(|_| Context::establish(Scope::User).ok())
        .collect();
    assert!((100..400).contains(&places.len()), "{}", places.len());
    places
}

fn is_card(read: &Result<DeviceReading, DeviceFault>) -> bool {
    matches!(read, Ok(DeviceReading::Card(_)))
}

/// The fault names the program among those that use the card service.
fn is_held_by(read: Result<DeviceReading, DeviceFault>, holder: &Holder) -> bool {
    let Err(DeviceFault::ReaderBusy { by }) = read else {
        panic!("{read:?}")
    };
    let number = format!("({})", holder.child.id());
    by.iter()
        .any(|name| name.ends_with(&number) && name.starts_with("devices"))
}

#[tokio::test]
async fn a_card_held_exclusively_is_said_with_the_holder_and_reads_once_let_go() {
    let mut desk = desk();
    desk.insert(CardData::default());
    desk.until(|state| state.card_present()).await;
    let holder = Holder::start(&desk, "exclusive");
    assert!(is_held_by(desk.read(CARD).await, &holder));
    holder.let_go();
    assert!(is_card(&desk.read(CARD).await));
}

/// Connecting blocks as long as the other one works; a program that dies ends its transaction.
#[tokio::test]
async fn a_transaction_of_another_program_is_waited_for_and_then_said() {
    let mut desk = desk();
    desk.insert(CardData::default());
    desk.until(|state| state.card_present()).await;
    let holder = Holder::start(&desk, "transaction");
    assert!(is_held_by(desk.read(CARD).await, &holder));
    let waits = desk.waiting(CARD).await;
    holder.die();
    assert!(is_card(&waits.await.unwrap()));
}

/// The place of the helper's watch stays its own; the reading needs a second one. The service hangs up on whoever is too many,
/// which some of its versions report as a refusal and some as no service.
#[tokio::test]
async fn a_card_service_without_a_place_left_is_said_and_works_again() {
    let mut desk = desk();
    desk.insert(CardData::default());
    desk.until(|state| state.card_present()).await;
    let holder = Holder::start(&desk, "places");
    let read = desk.read(CARD).await;
    assert!(
        matches!(
            read,
            Err(DeviceFault::CardServiceForbidden | DeviceFault::CardServiceDown)
        ),
        "{read:?}"
    );
    assert!(desk.devices.state().card_present());
    holder.let_go();
    assert!(is_card(&desk.read(CARD).await));
}

/// Every call hangs; the helper itself does not, and finds its way back.
#[tokio::test]
async fn a_frozen_card_service_is_said_and_works_again_once_thawed() {
    let mut desk = desk();
    desk.insert(CardData::default());
    desk.until(|state| state.card_present()).await;
    desk.pcscd.as_ref().unwrap().freeze().unwrap();
    let read = desk.read(CARD).await;
    desk.pcscd.as_ref().unwrap().thaw().unwrap();
    assert_eq!(read, Err(DeviceFault::CardServiceDown));
    assert!(is_card(&desk.read(CARD).await));
    desk.slot.remove();
    desk.until(|state| !state.card_present()).await;
}

/// Unplugged, and back in another socket: the system gives it another name.
#[tokio::test]
async fn a_reader_that_comes_back_under_another_name_is_used() {
    let mut desk = desk();
    desk.until(|state| !state.devices.readers.is_empty()).await;
    let pcscd = desk.pcscd.as_mut().unwrap();
    pcscd.kill();
    pcscd.rename("Another Name");
    let gone = |event: &DeviceEvent| matches!(event, DeviceEvent::ReaderDisconnected { reader } if reader.starts_with("Virtual"));
    desk.event(gone).await;
    desk.pcscd.as_mut().unwrap().restart().unwrap();
    let back = |event: &DeviceEvent| matches!(event, DeviceEvent::ReaderConnected { reader } if reader.starts_with("Another"));
    desk.event(back).await;
    desk.insert(CardData::default());
    let DeviceReading::Card(card) = desk.read(CARD).await.unwrap() else {
        panic!("a card expected")
    };
    assert!(card.reader.starts_with("Another Name"), "{}", card.reader);
}

/// Faster than the driver of the twin looks: whatever it noticed, what is read is the card that lies there.
#[tokio::test]
async fn after_a_hot_swap_the_new_card_is_read() {
    let mut desk = desk();
    for turn in 0..4 {
        desk.insert(CardData::default());
        desk.until(|state| state.card_present()).await;
        desk.slot.remove();
        desk.insert(CardData {
            name: String::from("欧阳娜娜"),
            ..CardData::default()
        });
        match desk.read(CARD).await {
            Ok(DeviceReading::Card(card)) => assert_eq!(card.name.reveal(), "欧阳娜娜", "{turn}"),
            other => assert_eq!(other, Err(DeviceFault::CardRemoved), "{turn}"),
        }
        desk.slot.remove();
        desk.until(|state| !state.card_present()).await;
    }
}

#[tokio::test]
async fn a_card_service_killed_again_and_again_is_found_each_time() {
    let mut desk = desk();
    for _ in 0..3 {
        desk.until(|state| !state.devices.readers.is_empty()).await;
        desk.pcscd.as_mut().unwrap().kill();
        desk.until(|state| !state.devices.card_service).await;
        desk.pcscd.as_mut().unwrap().restart().unwrap();
    }
    desk.until(|state| !state.devices.readers.is_empty()).await;
    desk.insert(CardData::default());
    let read = tokio::time::timeout(Duration::from_secs(30), desk.read(CARD)).await;
    assert!(is_card(&read.unwrap()));
}
