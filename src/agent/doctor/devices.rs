//! Judges card readers, scanner and the program that serves them.

use zhijie_desk::api::AgentHealthResult;
use zhijie_ports::{
    DeviceFault, HelperNetwork, ScannerState, Survey, SurveyedReader, SurveyedUsb, is_generic_bridge,
};

use super::finding::{Finding, HELPER, READER, SCANNER};
use crate::config::Devices;

/// What was seen.
pub(crate) struct Seen<'seen> {
    pub(crate) config: &'seen Devices,
    pub(crate) running: Running,
    pub(crate) survey: Result<Survey, DeviceFault>,
}

/// Whether an agent runs and holds the devices.
pub(crate) enum Running {
    No,
    Yes(Box<AgentHealthResult>),
    /// One is there and does not say how it is.
    Silent(String),
    /// One is there and this user may not ask it.
    Forbidden,
}

/// Everything worth saying, in the order in which things depend on each other.
pub(crate) fn devices(seen: &Seen<'_>) -> Vec<Finding> {
    let mut found = vec![running(&seen.running)];
    let survey = match &seen.survey {
        Ok(survey) => survey,
        Err(fault) => {
            found.push(Finding::bad(HELPER, fault));
            return found;
        }
    };
    found.extend(helper(survey));
    found.extend(cards(seen.config, survey));
    found.extend(scanner(seen, survey));
    found
}

fn running(running: &Running) -> Finding {
    match running {
        Running::No => Finding::hint(
            HELPER,
            "直结程序没有运行，本次直接查看设备",
            "no agent runs; the devices are looked at directly",
        ),
        Running::Yes(health) if health.devices.helper => Finding::good(
            HELPER,
            "直结程序正在运行，设备程序正常",
            "the agent runs and its device helper is up",
        ),
        Running::Yes(_) => Finding::bad(HELPER, &DeviceFault::HelperDown),
        Running::Silent(why) => Finding::wrong(
            HELPER,
            "直结程序在运行，但没有回答它的状态，可能卡住了",
            format!("an agent runs and does not say how it is: {why}"),
        )
        .then(
            "稍等再试；仍不行时重启直结服务（systemctl restart zhijie，Windows 用 zhijie service stop、start）",
            "try again in a moment, then restart its service: systemctl restart zhijie; on Windows zhijie service stop, start",
        ),
        Running::Forbidden => Finding::hint(
            HELPER,
            "直结程序在运行，但本用户问不到它的状态",
            "an agent runs and this user may not ask it how it is",
        )
        .then(
            "把本用户加入 zhijie 组，或以 root 运行",
            "add this user to the group zhijie, or run this as root",
        ),
    }
}

fn helper(survey: &Survey) -> Option<Finding> {
    Some(match survey.network {
        HelperNetwork::Closed => Finding::good(
            HELPER,
            "设备程序不能访问网络（系统已拦截）",
            "the device helper reaches no network: the system refuses it",
        ),
        HelperNetwork::Wanted => Finding::hint(
            HELPER,
            "为读卡库保留了网络，设备程序可以访问网络",
            "the network is left open to the device helper, for the vendor library",
        ),
        HelperNetwork::Unfiltered => Finding::hint(
            HELPER,
            "系统没有为设备程序拦截网络，其余功能不受影响",
            "the system does not take the network from the device helper; all else works",
        ),
        HelperNetwork::NotTold => return None,
    })
}

fn cards(config: &Devices, survey: &Survey) -> Vec<Finding> {
    if !config.card {
        return vec![Finding::hint(
            READER,
            "配置为不用读卡器（[devices] card = false）",
            "no reader is wanted here ([devices] card = false)",
        )];
    }
    if let Some(vendor) = &config.vendor {
        let library = vendor.library.display();
        return vec![Finding::hint(
            READER,
            format!("通过读卡库读卡：{library}。它自己找读卡器，请用 zhijie devices read 试一张卡"),
            format!(
                "cards are read by the library {library}, which finds its reader itself: try one with zhijie devices read"
            ),
        )];
    }
    if let Some(fault) = &survey.card_service {
        return vec![Finding::bad(READER, fault)];
    }
    let used: Vec<&SurveyedReader> = survey.readers.iter().filter(|reader| reader.used).collect();
    if used.is_empty() {
        return vec![no_reader(config, survey)];
    }
    let mut found: Vec<Finding> = used.iter().map(|reader| one_reader(reader, survey)).collect();
    let held = used.iter().any(|reader| reader.held);
    if !held && !survey.card_users.is_empty() {
        let users = survey.card_users.join(", ");
        found.push(Finding::hint(
            READER,
            format!("使用智能卡服务的程序：{users}"),
            format!("programs that use the card service: {users}"),
        ));
    }
    found
}

fn no_reader(config: &Devices, survey: &Survey) -> Finding {
    let finding = Finding::bad(READER, &DeviceFault::NoReader);
    let names: Vec<&str> = survey.readers.iter().map(|reader| reader.name.as_str()).collect();
    match &config.reader {
        Some(part) if !names.is_empty() => finding.then(
            format!(
                "[devices] reader = \"{part}\" 与现有读卡器都不符：{}",
                names.join("；")
            ),
            format!("[devices] reader = \"{part}\" fits none of those that are there"),
        ),
        _ => finding,
    }
}

fn one_reader(reader: &SurveyedReader, survey: &Survey) -> Finding {
    if reader.held {
        let by = survey.card_users.clone();
        return Finding::bad(READER, &DeviceFault::ReaderBusy { by });
    }
    if reader.mute {
        return Finding::bad(READER, &DeviceFault::CardMute);
    }
    let name = &reader.name;
    if reader.card {
        Finding::good(READER, format!("{name}，有卡"), format!("{name}, a card is in"))
    } else {
        Finding::good(
            READER,
            format!("{name}，没有插卡"),
            format!("{name}, no card is in"),
        )
    }
}

fn scanner(seen: &Seen<'_>, survey: &Survey) -> Vec<Finding> {
    let Some(place) = &seen.config.scanner else {
        let finding = Finding::hint(SCANNER, "没有配置扫码枪", "no scanner is configured");
        return vec![if survey.ports.iter().any(|port| port.maker.is_some()) {
            listed(survey, finding).then(
                "要使用时在配置中写 [devices] scanner = \"auto\"",
                "to use it say [devices] scanner = \"auto\"",
            )
        } else {
            listed(survey, finding)
        }];
    };
    let fault = match (&survey.scanner, &seen.running) {
        (Some(ScannerState::Lost(fault)), _) => Some(fault.clone()),
        (Some(_), _) => None,
        (None, Running::Yes(health)) if health.devices.scanner => None,
        (None, Running::Yes(health)) => Some(told_by(health)),
        (None, Running::No | Running::Silent(_) | Running::Forbidden) => {
            return vec![Finding::hint(
                SCANNER,
                format!("没有试开：{place}"),
                format!("not tried, the agent may have it: {place}"),
            )];
        }
    };
    vec![match fault {
        None => Finding::good(SCANNER, format!("已连接：{place}"), format!("open: {place}")),
        Some(fault) => listed(survey, Finding::bad(SCANNER, &fault)),
    }]
}

/// The agent names what its scanner lacks by code.
fn told_by(health: &AgentHealthResult) -> DeviceFault {
    let said = |code: &str| health.reasons.iter().any(|reason| reason.code == code);
    match () {
        () if said("SCAN-003") => DeviceFault::ScannerBusy,
        () if said("SCAN-006") => DeviceFault::ScannerForbidden,
        () if said("SCAN-007") => DeviceFault::ScannerAmbiguous,
        () if said("SCAN-008") => DeviceFault::ScannerNotSerial,
        () => DeviceFault::ScannerUnplugged,
    }
}

/// Adds what is connected, for whoever has to choose.
fn listed(survey: &Survey, mut finding: Finding) -> Finding {
    for port in &survey.ports {
        let (zh, en) = match &port.maker {
            Some(_) => ("扫码枪，串口模式", "a scanner in serial mode"),
            None if is_generic_bridge(port.id) => (
                "通用串口线，后面可能是任何设备",
                "a generic serial bridge, anything may be behind it",
            ),
            None => ("串口", "a serial port"),
        };
        finding = finding.then(
            format!("接着：{} {zh}", shown(port)),
            format!("connected: {} {en}", shown(port)),
        );
    }
    for scanner in &survey.other_modes {
        finding = finding.then(
            format!("接着：{} 扫码枪，不是串口模式", shown(scanner)),
            format!("connected: {} a scanner, not in serial mode", shown(scanner)),
        );
    }
    finding
}

fn shown(device: &SurveyedUsb) -> String {
    let mut text = format!("usb:{}", device.id);
    if let Some(serial) = &device.serial {
        text = format!("{text}:{serial}");
    }
    for part in [&device.maker, &device.product, &device.path]
        .into_iter()
        .flatten()
    {
        text = format!("{text} {part}");
    }
    text
}

#[cfg(test)]
mod tests {
    use zhijie_ports::UsbId;

    use super::*;
    use crate::doctor::Mark;

    fn reader(name: &str) -> SurveyedReader {
        SurveyedReader {
            name: String::from(name),
            used: true,
            card: false,
            mute: false,
            held: false,
        }
    }

    fn newland(product: u16, path: Option<&str>) -> SurveyedUsb {
        SurveyedUsb {
            id: UsbId {
                vendor: 0x1eab,
                product,
            },
            path: path.map(String::from),
            serial: None,
            maker: Some(String::from("Newland")),
            product: None,
        }
    }

    fn desk() -> (Devices, Survey) {
        let config = Devices {
            scanner: Some(String::from("auto")),
            ..Devices::default()
        };
        let survey = Survey {
            network: HelperNetwork::Closed,
            readers: vec![reader("ACS ACR39U 00 00")],
            scanner: Some(ScannerState::Ready),
            ..Survey::default()
        };
        (config, survey)
    }

    fn judged(config: &Devices, survey: Result<Survey, DeviceFault>) -> Vec<Finding> {
        devices(&Seen {
            config,
            running: Running::No,
            survey,
        })
    }

    fn codes(found: &[Finding]) -> Vec<&str> {
        found
            .iter()
            .filter_map(|finding| finding.code.as_deref())
            .collect()
    }

    #[test]
    fn a_good_desk_has_nothing_bad() {
        let (config, survey) = desk();
        let found = judged(&config, Ok(survey));
        assert!(found.iter().all(|finding| finding.mark != Mark::Bad), "{found:?}");
        assert!(found.iter().any(|finding| finding.zh.contains("ACR39U")));
    }

    /// What is changed on the good desk, the code, and a word of what is said.
    #[test]
    fn every_trouble_has_its_code_and_a_next_step() {
        type Change = fn(&mut Devices, &mut Survey);
        let table: [(&str, &str, Change); 10] = [
            ("CARD-015", "pcscd", |_, seen| {
                seen.card_service = Some(DeviceFault::CardServiceDown)
            }),
            ("CARD-016", "polkit", |_, seen| {
                seen.card_service = Some(DeviceFault::CardServiceForbidden);
            }),
            ("CARD-001", "lsusb", |_, seen| seen.readers.clear()),
            ("CARD-001", "ACR39U", |config, seen| {
                config.reader = Some(String::from("Omnikey"));
                seen.readers[0].used = false;
            }),
            ("CARD-012", "his.exe (77)", |_, seen| {
                seen.readers[0].held = true;
                seen.card_users = vec![String::from("his.exe (77)")];
            }),
            ("CARD-004", "芯片", |_, seen| seen.readers[0].mute = true),
            ("SCAN-002", "auto", |_, seen| {
                seen.scanner = Some(ScannerState::Lost(DeviceFault::ScannerUnplugged));
            }),
            ("SCAN-003", "fuser", |_, seen| {
                seen.scanner = Some(ScannerState::Lost(DeviceFault::ScannerBusy));
            }),
            ("SCAN-007", "/dev/ttyACM1", |_, seen| {
                seen.scanner = Some(ScannerState::Lost(DeviceFault::ScannerAmbiguous));
                seen.ports = vec![
                    newland(0x1306, Some("/dev/ttyACM0")),
                    newland(0x1306, Some("/dev/ttyACM1")),
                ];
            }),
            ("SCAN-008", "usb:1eab:1303 Newland", |_, seen| {
                seen.scanner = Some(ScannerState::Lost(DeviceFault::ScannerNotSerial));
                seen.other_modes = vec![newland(0x1303, None)];
            }),
        ];
        for (code, word, change) in table {
            let (mut config, mut survey) = desk();
            change(&mut config, &mut survey);
            let found = judged(&config, Ok(survey));
            assert_eq!(codes(&found), [code]);
            let bad = found.iter().find(|finding| finding.mark == Mark::Bad).unwrap();
            assert!(bad.to_string().contains(word), "{bad}");
            assert!(!bad.next.is_empty(), "{bad}");
        }
    }

    #[test]
    fn without_the_helper_nothing_else_is_judged() {
        let (config, _) = desk();
        let found = judged(&config, Err(DeviceFault::HelperDown));
        assert_eq!(codes(&found), ["AGENT-001"]);
    }

    #[test]
    fn a_scanner_nobody_configured_is_offered() {
        let (mut config, mut survey) = desk();
        config.scanner = None;
        survey.scanner = Some(ScannerState::NotConfigured);
        survey.ports = vec![newland(0x1306, Some("/dev/ttyACM0"))];
        let found = judged(&config, Ok(survey));
        assert!(codes(&found).is_empty());
        let offer = found.last().unwrap().to_string();
        assert!(
            offer.contains("scanner = \"auto\"") && offer.contains("/dev/ttyACM0"),
            "{offer}"
        );
    }
}
