//! The handle the daemon holds.

use std::time::Duration;

use jiff::civil::Date;
use tokio::sync::{mpsc, oneshot, watch};
use zhijie_model::Private;
use zhijie_ports::{
    CardReading, DeviceEvent, DeviceFault, HelperStatus, IdCardReading, PinState, PinTask, ScannedCode,
};

use crate::config::DeviceConfig;
use crate::keys::KeySender;
use crate::supervisor::{Command, Reports, supervise};

/// Events nobody took; more are thrown away with a warning.
const EVENTS_MAX: usize = 256;
const COMMANDS_MAX: usize = 16;
/// How long the helper may take to close a port.
const LEND_MAX: Duration = Duration::from_secs(5);

/// The desk's devices. A cheap handle; when the last one is dropped the helper is killed.
#[derive(Debug, Clone)]
pub struct Devices {
    commands: mpsc::Sender<Command>,
    state: watch::Receiver<DevicesState>,
}

/// What a read waits for: whichever is shown first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    pub card: bool,
    pub code: bool,
    /// Business day (UTC+8); a card that expired before it is refused.
    pub today: Date,
}

/// What was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceReading {
    Card(Box<CardReading>),
    /// From a helper whose library reads resident ID cards.
    IdCard(Box<IdCardReading>),
    /// An e-voucher or a terminal authorisation; every other code is a fault that names it.
    Code(ScannedCode),
    /// Never the answer of [`Devices::read`].
    Pin(PinState),
    /// Never the answer of [`Devices::read`] either.
    Voucher(Private),
}

/// The scanner's port, closed by the helper for somebody else to use. Dropping this opens it again.
#[derive(Debug)]
pub struct LentScanner {
    commands: mpsc::Sender<Command>,
}

impl Drop for LentScanner {
    fn drop(&mut self) {
        // With a full queue the helper takes it back by itself, later.
        let _ = self.commands.try_send(Command::Resume);
    }
}

/// Snapshot of the devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DevicesState {
    pub helper: HelperState,
    /// How often the helper had to be started again.
    pub restarts: u32,
    /// What the helper last told; empty while it is down.
    pub devices: HelperStatus,
}

/// Life of the helper process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HelperState {
    #[default]
    Starting,
    Up {
        pid: u32,
    },
    /// Waiting before the next attempt.
    Down,
    /// Shut down on request.
    Stopped,
}

impl DevicesState {
    #[must_use]
    pub fn card_present(&self) -> bool {
        self.devices.readers.iter().any(|reader| reader.card_present)
    }
}

impl Devices {
    /// Starts the helper and keeps it running. Returns at once; a helper that does not start shows in the state
    /// and in the events. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(config: DeviceConfig) -> (Self, mpsc::Receiver<DeviceEvent>) {
        Self::start_with(config, None)
    }

    /// As [`Devices::start`], with a key service: what cards ask goes to `keys`, and is to be answered within
    /// [`KEY_LIMIT_MS`](zhijie_ports::KEY_LIMIT_MS).
    #[must_use]
    pub fn start_with(config: DeviceConfig, keys: Option<KeySender>) -> (Self, mpsc::Receiver<DeviceEvent>) {
        let (commands, received) = mpsc::channel(COMMANDS_MAX);
        let (events, events_out) = mpsc::channel(EVENTS_MAX);
        let (told, state) = watch::channel(DevicesState::default());
        tokio::spawn(supervise(config, received, Reports::new(events, told), keys));
        (Self { commands, state }, events_out)
    }

    /// Waits until a card or a code is shown, at most `timeout` plus the time a card that is being read may still
    /// take. One read at a time. Dropping the future cancels the read.
    ///
    /// # Errors
    /// [`DeviceFault`]; no money can have moved. [`DeviceFault::HelperDown`] when the helper is not running or
    /// died during the read, [`DeviceFault::ReadInProgress`] when another read waits.
    pub async fn read(&self, want: Want, timeout: Duration) -> Result<DeviceReading, DeviceFault> {
        self.ask(want, (None, None), timeout).await
    }

    /// Has the helper close the scanner's port, which it does without looking at it again until the loan is dropped, for
    /// [`LEND_LIMIT_MS`](zhijie_ports::LEND_LIMIT_MS) at most. Reads of codes are refused meanwhile, reads of cards are not.
    ///
    /// # Errors
    /// [`DeviceFault::HelperDown`] when the helper does not say so in time.
    pub async fn lend_scanner(&self) -> Result<LentScanner, DeviceFault> {
        let (reply, closed) = oneshot::channel();
        let lent = LentScanner {
            commands: self.commands.clone(),
        };
        self.commands
            .send(Command::Lend { reply })
            .await
            .map_err(|_| DeviceFault::HelperDown)?;
        match tokio::time::timeout(LEND_MAX, closed).await {
            Ok(Ok(())) => Ok(lent),
            Ok(Err(_)) | Err(_) => Err(DeviceFault::HelperDown),
        }
    }

    /// Hands `request` to an e-voucher library, which scans a code and decodes it; gives what it wrote. Its helper ends when
    /// it has not come back within `timeout`, and with it whatever it holds of the scanner.
    ///
    /// # Errors
    /// As [`Devices::read`]; [`DeviceFault::TimedOut`] also when the library says that nothing was scanned.
    pub async fn voucher(
        &self,
        request: Private,
        today: Date,
        timeout: Duration,
    ) -> Result<Private, DeviceFault> {
        let want = Want {
            card: true,
            code: false,
            today,
        };
        match self.ask(want, (None, Some(request)), timeout).await? {
            DeviceReading::Voucher(text) => Ok(text),
            DeviceReading::Card(_)
            | DeviceReading::IdCard(_)
            | DeviceReading::Code(_)
            | DeviceReading::Pin(_) => Err(DeviceFault::HelperProtocol),
        }
    }

    /// Does what is asked about the PIN of the card that is in the reader or comes within `timeout`. A PIN is presented
    /// once at most, whatever happens to the helper; the validity of the card is not looked at.
    ///
    /// # Errors
    /// As [`Devices::read`]; [`DeviceFault::PinWrong`] with the tries left, [`DeviceFault::PinBlocked`],
    /// [`DeviceFault::PinMalformed`]. After any other fault of a presented PIN ask how many tries are left.
    pub async fn pin(&self, task: PinTask, today: Date, timeout: Duration) -> Result<PinState, DeviceFault> {
        let want = Want {
            card: true,
            code: false,
            today,
        };
        match self.ask(want, (Some(task), None), timeout).await? {
            DeviceReading::Pin(state) => Ok(state),
            DeviceReading::Card(_)
            | DeviceReading::IdCard(_)
            | DeviceReading::Code(_)
            | DeviceReading::Voucher(_) => Err(DeviceFault::HelperProtocol),
        }
    }

    async fn ask(
        &self,
        want: Want,
        (pin, voucher): (Option<PinTask>, Option<Private>),
        timeout: Duration,
    ) -> Result<DeviceReading, DeviceFault> {
        let (reply, answer) = oneshot::channel();
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        self.commands
            .send(Command::Read {
                want,
                pin,
                voucher,
                timeout_ms,
                reply,
            })
            .await
            .map_err(|_| DeviceFault::HelperDown)?;
        answer.await.unwrap_or(Err(DeviceFault::HelperDown))
    }

    /// Ends a waiting read with [`DeviceFault::Cancelled`]; without one nothing happens.
    pub async fn cancel(&self) {
        // A supervisor that has ended has no read left either.
        let _ = self.commands.send(Command::Cancel).await;
    }

    /// What is known of the devices right now.
    #[must_use]
    pub fn state(&self) -> DevicesState {
        self.state.borrow().clone()
    }

    /// Waits until the state satisfies `wanted` and returns it; `None` when the devices were shut down before.
    pub async fn wait_for(&self, wanted: impl FnMut(&DevicesState) -> bool) -> Option<DevicesState> {
        let mut state = self.state.clone();
        state.wait_for(wanted).await.ok().map(|state| state.clone())
    }

    /// Asks the helper to end, kills it if it does not within two seconds, and returns when it is gone.
    pub async fn shutdown(&self) {
        let (done, ended) = oneshot::channel();
        if self.commands.send(Command::Shutdown { done }).await.is_ok() {
            let _ = ended.await;
        }
    }
}
