//! Looks once at what is connected, says it in one line, and ends.

use std::sync::mpsc::channel;
use std::time::Duration;

use zhijie_pcsc::{card_service_users, survey_readers};
use zhijie_ports::{DeviceFault, ScannerState, Survey, SurveyedUsb, known_scanner};
use zhijie_scanner::{Machine, Scanner};

use crate::run::Plan;

/// A card service that answers nothing in this time is frozen.
const SERVICE_MAX: Duration = Duration::from_secs(5);

/// `leave_scanner` where the agent runs and has it.
pub(crate) fn look(plan: Plan, machine: &Machine, leave_scanner: bool) -> Survey {
    let (card_service, readers) = match plan.reader.map(readers) {
        None => (None, Vec::new()),
        Some(Ok(readers)) => (None, readers),
        Some(Err(fault)) => (Some(fault), Vec::new()),
    };
    let scanner = plan.scanner.map_or(ScannerState::NotConfigured, |settings| {
        Scanner::open(&settings).map_or_else(ScannerState::Lost, |_| ScannerState::Ready)
    });
    Survey {
        program: String::from(env!("CARGO_PKG_VERSION")),
        network: plan.network,
        card_service,
        readers,
        card_users: card_service_users(),
        scanner: (!leave_scanner).then_some(scanner),
        ports: ports(machine),
        other_modes: other_modes(machine),
    }
}

fn readers(filter: String) -> Result<Vec<zhijie_ports::SurveyedReader>, DeviceFault> {
    let (told, heard) = channel();
    // Left to itself when it hangs: this process ends soon.
    std::thread::spawn(move || told.send(survey_readers(&filter)));
    heard
        .recv_timeout(SERVICE_MAX)
        .unwrap_or(Err(DeviceFault::CardServiceDown))
}

fn ports(machine: &Machine) -> Vec<SurveyedUsb> {
    let ports = machine.ports().into_iter().map(|port| SurveyedUsb {
        id: port.id,
        path: Some(port.path),
        serial: port.serial,
        maker: known_scanner(port.id).map(|(maker, _)| String::from(maker)),
        product: None,
    });
    ports.collect()
}

fn other_modes(machine: &Machine) -> Vec<SurveyedUsb> {
    let found = machine
        .scanners_in_other_modes()
        .into_iter()
        .map(|scanner| SurveyedUsb {
            id: scanner.id,
            path: None,
            serial: None,
            maker: known_scanner(scanner.id).map(|(maker, _)| String::from(maker)),
            product: scanner.product,
        });
    found.collect()
}
