//! News of the devices, in words for whoever watches at the bench. Nothing personal is in them.

use zhijie_desk::api::{Event, EventKind};
use zhijie_ports::DeviceEvent;

use crate::faults;

/// What the helper told; `None` for what is no news of a device.
pub(super) fn of_helper(event: &DeviceEvent) -> Option<String> {
    Some(match event {
        DeviceEvent::CardInserted { reader, .. } => format!("插卡 card in: {reader}"),
        DeviceEvent::CardRemoved { reader, .. } => format!("拔卡 card out: {reader}"),
        DeviceEvent::ReaderConnected { reader } => format!("读卡器接上 reader attached: {reader}"),
        DeviceEvent::ReaderDisconnected { reader } => format!("读卡器断开 reader detached: {reader}"),
        DeviceEvent::CardServiceUp => String::from("智能卡服务可用 card service up"),
        DeviceEvent::CardServiceDown => String::from("智能卡服务不可用 card service down"),
        DeviceEvent::ScannerReady => String::from("扫码枪已连接 scanner ready"),
        DeviceEvent::ScannerLost { fault } => {
            let told = faults::of_device(fault, "zhijie devices");
            format!("扫码枪不可用 scanner lost: {} {}", told.code, told.cashier)
        }
        DeviceEvent::CodeIgnored { kind } => {
            format!("扫到{}，没有使用 a code, not used: {kind:?}", kind.title())
        }
        DeviceEvent::HelperUp { .. } => String::from("设备程序已启动 device helper up"),
        DeviceEvent::HelperDown { .. } => String::from("设备程序已停止 device helper down"),
        DeviceEvent::VendorLibrary { .. } | DeviceEvent::Waiting { .. } => return None,
    })
}

/// What the agent told; `None` for what is about bills and lists.
pub(super) fn of_agent(event: &Event) -> Option<String> {
    let words = match event.kind {
        EventKind::CardInserted => "插卡 card in",
        EventKind::CardRemoved => "拔卡 card out",
        EventKind::CodeScanned => "扫码 a code",
        EventKind::ReaderAttached => "读卡器接上 reader attached",
        EventKind::ReaderDetached => "读卡器断开 reader detached",
        EventKind::Health => "状态 state",
        EventKind::Phase
        | EventKind::OutcomeKnown
        | EventKind::NeedsClerk
        | EventKind::ConfirmOverdue
        | EventKind::QueueChanged
        | EventKind::RouteChanged
        | EventKind::CatalogSync
        | EventKind::FilingVanished => return None,
    };
    let detail = event.detail.as_deref().unwrap_or_default();
    Some(format!("{words}: {detail}"))
}

#[cfg(test)]
mod tests {
    use zhijie_ports::{CodeKind, DeviceFault};

    use super::*;

    #[test]
    fn what_happens_is_told_in_words_and_the_rest_is_not() {
        let reader = String::from("ACS ACR39U");
        let table = [
            (
                DeviceEvent::CardInserted { reader, insertion: 3 },
                Some("插卡 card in: ACS ACR39U"),
            ),
            (
                DeviceEvent::CodeIgnored {
                    kind: CodeKind::Goods,
                },
                Some("Goods"),
            ),
            (
                DeviceEvent::ScannerLost {
                    fault: DeviceFault::ScannerBusy,
                },
                Some("SCAN-003 扫码枪正被其他程序占用"),
            ),
            (DeviceEvent::Waiting { id: 1 }, None),
        ];
        for (event, words) in table {
            match (of_helper(&event), words) {
                (Some(told), Some(words)) => assert!(told.contains(words), "{told}"),
                (told, words) => assert_eq!(told.as_deref(), words),
            }
        }
        let of_agent = |kind| of_agent(&Event::new(String::from("t"), kind));
        assert_eq!(
            of_agent(EventKind::CardRemoved).as_deref(),
            Some("拔卡 card out: ")
        );
        assert_eq!(of_agent(EventKind::CatalogSync), None);
    }
}
