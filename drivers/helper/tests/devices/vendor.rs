//! Cards through a vendor's library that behaves as it is told.

use std::time::Duration;

use zhijie_devicelink::{
    DeviceConfig, DeviceEvent, DeviceFault, DeviceReading, Devices, HelperNetwork, HelperState, VendorConfig,
    VendorInterface, VendorSlot,
};
use zhijie_ports::ModuleLack;
use zhijie_twin_vendor::{Play, TwinVendor};

use crate::{BOTH, CARD, Desk, PATIENCE, linked_scanner, program};

struct Vendor {
    desk: Desk,
    twin: TwinVendor,
}

fn vendor(interface: VendorInterface) -> Vendor {
    let twin = TwinVendor::new();
    let (folder, scanner, port) = linked_scanner();
    let mut config = DeviceConfig::new(program());
    config.scanner = Some(port);
    config.vendor = Some(VendorConfig {
        library: twin.library(),
        interface,
        slot: VendorSlot::Auto,
        limit_ms: 1_000,
        url: String::from("http://127.0.0.1"),
        user: String::from("desk"),
        network: interface != VendorInterface::Basic,
    });
    config.environment = vec![(
        String::from(TwinVendor::VARIABLE),
        String::from(twin.script().to_str().unwrap()),
    )];
    let (devices, events) = Devices::start(config);
    let desk = Desk {
        devices,
        events,
        slot: zhijie_twin::VirtualSlot::new(([127, 0, 0, 1], 9).into()),
        scanner: Some(scanner),
        pcscd: None,
        _folder: folder,
    };
    Vendor { desk, twin }
}

#[tokio::test]
async fn a_library_reads_with_and_without_signature() {
    for (interface, signed) in [
        (VendorInterface::Basic, false),
        (VendorInterface::Signed, true),
        (VendorInterface::SignedGz, true),
    ] {
        let vendor = vendor(interface);
        let DeviceReading::Card(card) = vendor.desk.read(BOTH).await.unwrap() else {
            panic!("a card expected")
        };
        assert_eq!(card.name.reveal(), "王秀兰");
        let part = card.vendor.unwrap();
        assert_eq!(part.line.reveal(), TwinVendor::LINE);
        assert_eq!(
            part.signature
                .is_some_and(|text| text.reveal() == TwinVendor::SIGNATURE),
            signed
        );
    }
}

/// Foreign code inside the helper tries to open a socket to the network.
#[tokio::test]
async fn the_helper_reaches_no_network_but_where_the_library_needs_one() {
    for (interface, network) in [
        (VendorInterface::Basic, HelperNetwork::Closed),
        (VendorInterface::Signed, HelperNetwork::Wanted),
    ] {
        let vendor = vendor(interface);
        vendor.desk.until(|state| state.devices.network == network).await;
        vendor.twin.play(&Play::Dial);
        let read = vendor.desk.read(CARD).await;
        assert_eq!(
            matches!(read, Ok(DeviceReading::Card(_))),
            network == HelperNetwork::Closed,
            "{read:?}"
        );
        assert_eq!(
            matches!(read, Err(DeviceFault::VendorRefused { code: -13, .. })),
            network == HelperNetwork::Wanted,
        );
    }
}

#[tokio::test]
async fn a_library_that_sees_no_card_is_asked_until_one_comes_or_a_code() {
    let mut vendor = vendor(VendorInterface::Basic);
    vendor.twin.play(&Play::Error(-2, "没有卡"));
    let read = vendor.desk.devices.read(CARD, Duration::from_millis(50)).await;
    assert_eq!(read, Err(DeviceFault::NoCard));
    let read = vendor.desk.waiting(BOTH).await;
    vendor.twin.play(&Play::Good);
    assert!(matches!(read.await.unwrap(), Ok(DeviceReading::Card(_))));
    vendor.twin.play(&Play::Error(-2, "没有卡"));
    let read = vendor.desk.waiting(BOTH).await;
    let scanner = vendor.desk.scanner.as_mut().unwrap();
    scanner.scan_line("4241234567890123456789340000").unwrap();
    assert!(matches!(read.await.unwrap(), Ok(DeviceReading::Code(_))));
    vendor.twin.play(&Play::Error(-2201, "没有 PSAM 卡"));
    assert_eq!(
        vendor.desk.read(CARD).await,
        Err(DeviceFault::SecurityModule {
            lack: ModuleLack::Module
        })
    );
}

/// Each of these costs the helper its life, and nothing but that.
#[tokio::test]
async fn a_library_that_overruns_hangs_or_crashes_takes_the_helper_alone() {
    let mut vendor = vendor(VendorInterface::Basic);
    for (play, fault) in [
        (Play::Overrun(16), DeviceFault::VendorOverran),
        (Play::Crash, DeviceFault::VendorCrashed),
        (Play::Hang, DeviceFault::VendorSilent),
    ] {
        let pid = vendor.desk.up().await;
        vendor.twin.play(&play);
        assert_eq!(vendor.desk.read(CARD).await, Err(fault), "{play:?}");
        vendor
            .desk
            .event(|event| matches!(event, DeviceEvent::HelperDown { .. }))
            .await;
        vendor.twin.play(&Play::Good);
        vendor
            .desk
            .until(|state| matches!(state.helper, HelperState::Up { pid: new } if new != pid))
            .await;
        assert!(
            matches!(vendor.desk.read(CARD).await, Ok(DeviceReading::Card(_))),
            "after {play:?}"
        );
    }
}

/// A program the library started holds the pipes of the dead helper open, and nobody waits for it.
#[tokio::test]
async fn a_helper_that_dies_and_leaves_a_program_behind_is_noticed() {
    let mut vendor = vendor(VendorInterface::Basic);
    let pid = vendor.desk.up().await;
    vendor.twin.play(&Play::Fork);
    // Longer than this test may take: the read's own time is not what ends it.
    let read = vendor.desk.devices.read(CARD, PATIENCE * 2);
    let read = tokio::time::timeout(PATIENCE, read)
        .await
        .expect("the death is noticed");
    assert_eq!(read, Err(DeviceFault::VendorCrashed));
    vendor
        .desk
        .event(|event| matches!(event, DeviceEvent::HelperDown { .. }))
        .await;
    vendor.twin.play(&Play::Good);
    vendor
        .desk
        .until(|state| matches!(state.helper, HelperState::Up { pid: new } if new != pid))
        .await;
    assert!(matches!(vendor.desk.read(CARD).await, Ok(DeviceReading::Card(_))));
}
