//! News of card and scanner, passed on to desks that listen.

use std::sync::Arc;

use tokio::sync::mpsc;
use zhijie_desk::api::{Event, EventKind};
use zhijie_model::rfc3339_beijing;
use zhijie_ports::DeviceEvent;

use crate::clock::Clock;
use crate::events::Events;

/// Forwards until the devices are gone. Nothing about a person is in these events.
pub(crate) fn forward(mut news: mpsc::Receiver<DeviceEvent>, events: Events, clock: Arc<dyn Clock>) {
    tokio::spawn(async move {
        while let Some(happened) = news.recv().await {
            let (kind, detail) = match happened {
                DeviceEvent::CardInserted { reader, .. } => (EventKind::CardInserted, reader),
                DeviceEvent::CardRemoved { reader, .. } => (EventKind::CardRemoved, reader),
                DeviceEvent::ReaderConnected { reader } => (EventKind::ReaderAttached, reader),
                DeviceEvent::ReaderDisconnected { reader } => (EventKind::ReaderDetached, reader),
                DeviceEvent::CodeIgnored { kind } => (EventKind::CodeScanned, format!("ignored {kind:?}")),
                DeviceEvent::Waiting { .. } => (EventKind::Phase, String::from("waiting_for_card_or_code")),
                DeviceEvent::CardServiceUp => (EventKind::Health, String::from("card service up")),
                DeviceEvent::CardServiceDown => (EventKind::Health, String::from("card service down")),
                DeviceEvent::ScannerReady => (EventKind::Health, String::from("scanner ready")),
                DeviceEvent::ScannerLost { fault } => (EventKind::Health, fault.to_string()),
                // Told by the fault of the read it ends; the link keeps it to itself.
                DeviceEvent::VendorLibrary { .. } => continue,
                DeviceEvent::HelperUp { .. } => (EventKind::Health, String::from("device helper up")),
                DeviceEvent::HelperDown { .. } => (EventKind::Health, String::from("device helper down")),
            };
            let mut event = Event::new(rfc3339_beijing(clock.now()), kind);
            event.detail = Some(detail);
            events.send(event);
        }
    });
}
