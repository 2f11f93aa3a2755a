//! The helper dies, hangs, is cancelled, is missing.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use zhijie_devicelink::{DeviceConfig, DeviceEvent, DeviceFault, DeviceReading, Devices, HelperState};
use zhijie_twin::CardData;

use crate::{BOTH, CARD, CODE, desk, scanner_only};

fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[tokio::test]
async fn a_killed_helper_fails_its_read_and_comes_back() {
    let mut desk = desk();
    let pid = desk.up().await;
    let read = desk.waiting(BOTH).await;
    signal(pid, Signal::KILL);
    assert_eq!(read.await.unwrap(), Err(DeviceFault::HelperDown));
    let down = desk
        .event(|event| matches!(event, DeviceEvent::HelperDown { .. }))
        .await;
    assert_eq!(down, DeviceEvent::HelperDown { restarts: 1 });
    desk.event(|event| matches!(event, DeviceEvent::HelperUp { .. }))
        .await;
    assert_ne!(desk.up().await, pid);
    desk.insert(CardData::default());
    assert!(matches!(desk.read(CARD).await, Ok(DeviceReading::Card(_))));
}

#[tokio::test]
async fn a_hanging_helper_is_killed_and_comes_back() {
    let mut desk = scanner_only();
    let pid = desk.up().await;
    signal(pid, Signal::STOP);
    // From here on the clock leaps to the next deadline whenever nothing moves.
    tokio::time::pause();
    let read = desk.devices.read(CODE, Duration::from_secs(30)).await;
    tokio::time::resume();
    assert_eq!(read, Err(DeviceFault::HelperDown));
    desk.event(|event| matches!(event, DeviceEvent::HelperDown { .. }))
        .await;
    assert_ne!(desk.up().await, pid);
    assert!(!alive(pid));
}

#[tokio::test]
async fn a_cancelled_read_says_so_and_the_next_one_works() {
    let mut desk = scanner_only();
    let read = desk.waiting(CODE).await;
    assert_eq!(desk.read(CODE).await, Err(DeviceFault::ReadInProgress));
    desk.devices.cancel().await;
    assert_eq!(read.await.unwrap(), Err(DeviceFault::Cancelled));
    let dropped = desk.waiting(CODE).await;
    dropped.abort();
    assert!(dropped.await.is_err_and(|error| error.is_cancelled()));
    let read = desk.waiting(CODE).await;
    desk.scanner
        .as_mut()
        .unwrap()
        .scan_line("4241234567890123456789340000")
        .unwrap();
    assert!(matches!(read.await.unwrap(), Ok(DeviceReading::Code(_))));
}

#[tokio::test]
async fn a_read_ends_with_its_own_time() {
    let desk = scanner_only();
    desk.scanner_ready().await;
    let read = desk.devices.read(CODE, Duration::from_millis(50)).await;
    assert_eq!(read, Err(DeviceFault::TimedOut));
}

#[tokio::test]
async fn a_missing_helper_is_a_fault_and_not_a_hang() {
    let (devices, mut events) = Devices::start(DeviceConfig::new("/nonexistent/zhijie-devices".into()));
    assert_eq!(events.recv().await, Some(DeviceEvent::HelperDown { restarts: 1 }));
    assert_eq!(
        devices.read(CARD, Duration::from_secs(30)).await,
        Err(DeviceFault::HelperDown)
    );
}

#[tokio::test]
async fn shutting_down_and_dropping_end_the_process() {
    let desk = scanner_only();
    let pid = desk.up().await;
    desk.devices.shutdown().await;
    assert_eq!(desk.devices.state().helper, HelperState::Stopped);
    assert!(!alive(pid));
    assert_eq!(desk.read(CODE).await, Err(DeviceFault::HelperDown));

    let desk = scanner_only();
    let pid = desk.up().await;
    let mut events = desk.events;
    drop(desk.devices);
    while events.recv().await.is_some() {}
    assert!(!alive(pid));
}

fn alive(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}
