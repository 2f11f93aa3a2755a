//! The helper process with a real card service, software cards and a pseudo-terminal.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod cards;
mod hostile;
mod life;
mod pin;
mod pipe;
mod scanner;
mod supervision;
mod vendor;

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use tempfile::TempDir;
use tokio::sync::mpsc;
use zhijie_devicelink::{
    DeviceConfig, DeviceEvent, DeviceFault, DeviceReading, Devices, HelperState, ScannerState, Want,
};
use zhijie_twin::{CardData, PrivatePcscd, VirtualCard, VirtualScanner, VirtualSlot};

/// Longer than any test should take; a hang becomes a failure.
const PATIENCE: Duration = Duration::from_secs(60);
const CARD: Want = Want {
    card: true,
    code: false,
    today: TODAY,
};
const CODE: Want = Want {
    card: false,
    code: true,
    today: TODAY,
};
const BOTH: Want = Want {
    card: true,
    code: true,
    today: TODAY,
};
const TODAY: Date = Date::constant(2026, 11, 22);

/// One desk: a card service of its own, a helper, perhaps a scanner.
struct Desk {
    devices: Devices,
    events: mpsc::Receiver<DeviceEvent>,
    slot: VirtualSlot,
    scanner: Option<VirtualScanner>,
    pcscd: Option<PrivatePcscd>,
    /// Holds the scanner's link: the port's own name may be another test's the moment it is free.
    _folder: TempDir,
}

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_zhijie-devices"))
}

fn linked_scanner() -> (TempDir, VirtualScanner, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = VirtualScanner::new().unwrap();
    let link = folder.path().join("scanner");
    scanner.link(&link).unwrap();
    (folder, scanner, String::from(link.to_str().unwrap()))
}

fn scanner_only() -> Desk {
    let (folder, scanner, port) = linked_scanner();
    let mut config = DeviceConfig::new(program());
    config.card = false;
    config.scanner = Some(port);
    let (devices, events) = Devices::start(config);
    let nowhere = VirtualSlot::new(([127, 0, 0, 1], 9).into());
    Desk {
        devices,
        events,
        slot: nowhere,
        scanner: Some(scanner),
        pcscd: None,
        _folder: folder,
    }
}

fn desk() -> Desk {
    desk_with(|_| {})
}

fn desk_with(set: impl FnOnce(&mut DeviceConfig)) -> Desk {
    let pcscd = PrivatePcscd::start().unwrap();
    let (folder, scanner, port) = linked_scanner();
    let mut config = DeviceConfig::new(program());
    config.scanner = Some(port);
    config.environment = vec![(
        String::from(PrivatePcscd::CLIENT_VARIABLE),
        String::from(pcscd.socket().to_str().unwrap()),
    )];
    set(&mut config);
    let (devices, events) = Devices::start(config);
    let slot = pcscd.slot(0);
    Desk {
        devices,
        events,
        slot,
        scanner: Some(scanner),
        pcscd: Some(pcscd),
        _folder: folder,
    }
}

impl Desk {
    fn insert(&mut self, data: CardData) {
        self.slot.insert(VirtualCard::new(data).unwrap()).unwrap();
    }

    async fn read(&self, want: Want) -> Result<DeviceReading, DeviceFault> {
        let read = self.devices.read(want, Duration::from_secs(30));
        tokio::time::timeout(PATIENCE, read).await.expect("a read ends")
    }

    async fn until(&self, wanted: impl FnMut(&zhijie_devicelink::DevicesState) -> bool) {
        let waited = tokio::time::timeout(PATIENCE, self.devices.wait_for(wanted)).await;
        assert!(waited.expect("the state comes").is_some());
    }

    async fn scanner_ready(&self) {
        self.until(|state| state.devices.scanner == ScannerState::Ready)
            .await;
    }

    async fn up(&self) -> u32 {
        self.until(|state| matches!(state.helper, HelperState::Up { .. }))
            .await;
        match self.devices.state().helper {
            HelperState::Up { pid } => pid,
            other => panic!("helper is {other:?}"),
        }
    }

    /// Takes events until `wanted`; the ones before are dropped.
    async fn event(&mut self, wanted: impl Fn(&DeviceEvent) -> bool) -> DeviceEvent {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
            let event = event.expect("an event comes").expect("events go on");
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Starts a read and returns once what is shown counts.
    async fn waiting(&mut self, want: Want) -> tokio::task::JoinHandle<Result<DeviceReading, DeviceFault>> {
        // What an earlier read was told is not told to this one.
        while self.events.try_recv().is_ok() {}
        let devices = self.devices.clone();
        let read = tokio::spawn(async move { devices.read(want, Duration::from_secs(30)).await });
        self.event(|event| matches!(event, DeviceEvent::Waiting { .. }))
            .await;
        read
    }
}
