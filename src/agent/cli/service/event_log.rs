//! Start, stop and failure of the service in the event log of Windows, for whoever looks there first. The log of the agent
//! tells more.
#![expect(unsafe_code, reason = "only the system's own calls write into its event log")]

use core::ptr::{null, null_mut};
use std::io;
use std::process::Command;

use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, RegisterEventSourceW, ReportEventW,
};

use super::windows::NAME;

const KEY: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Zhijie";
/// Shows the text of an event as it is, for numbers below 1000; every Windows has it.
const TEXTS: &str = r"%SystemRoot%\System32\EventCreate.exe";

/// What happened to the service. The number is kept in the event and never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happened {
    Started,
    Stopped,
    Failed,
}

impl Happened {
    const fn number(self) -> u32 {
        match self {
            Self::Started => 1,
            Self::Stopped => 2,
            Self::Failed => 3,
        }
    }
}

/// Writes one event. The service goes on without a log that takes none.
pub(super) fn tell(happened: Happened, text: &str) {
    if let Err(error) = write(happened, text) {
        tracing::debug!(%error, "The event log took nothing");
    }
}

fn write(happened: Happened, text: &str) -> io::Result<()> {
    let kind = match happened {
        Happened::Started | Happened::Stopped => EVENTLOG_INFORMATION_TYPE,
        Happened::Failed => EVENTLOG_ERROR_TYPE,
    };
    let (source, text) = (wide(NAME), wide(text));
    let texts = [text.as_ptr()];
    // SAFETY: both texts end with a zero and live through the calls; the handle is used here alone.
    let (written, error) = unsafe {
        let log = RegisterEventSourceW(null(), source.as_ptr());
        if log.is_null() {
            return Err(io::Error::last_os_error());
        }
        let written = ReportEventW(
            log,
            kind,
            0,
            happened.number(),
            null_mut(),
            1,
            0,
            texts.as_ptr(),
            null(),
        );
        let error = io::Error::last_os_error();
        DeregisterEventSource(log);
        (written, error)
    };
    if written == 0 { Err(error) } else { Ok(()) }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().filter(|unit| *unit != 0).chain([0]).collect()
}

/// Tells the event log whose events these are.
pub(super) fn registration() -> Command {
    let mut command = Command::new("reg.exe");
    command.args(["add", KEY, "/v", "EventMessageFile", "/t", "REG_EXPAND_SZ"]);
    command.args(["/d", TEXTS, "/f"]);
    command
}

pub(super) fn removal() -> Command {
    let mut command = Command::new("reg.exe");
    command.args(["delete", KEY, "/f"]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_taken_whatever_its_text_holds() {
        for text in ["直结已启动", "", "a\0b"] {
            write(Happened::Failed, text).unwrap();
        }
        assert_eq!(wide("a\0b"), [0x61, 0x62, 0]);
    }
}
