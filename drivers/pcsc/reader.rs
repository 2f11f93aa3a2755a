//! One reader: its own context, shared connection, one transaction per reading.

use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use jiff::civil::Date;
use pcsc::{Card, Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State, Transaction};
use zhijie_ports::{
    CardChannel, CardKeys, CardReader, CardReading, ChannelFault, DeviceFault, PinState, PinTask,
};

use crate::pad::{FEATURE_REQUEST, PinPad, verify_at_pad};
use crate::pin::{pin_state, verify_pin};
use crate::sequence::read_basic;
use crate::service::{lost_power, meaning};

/// How long the card service may take to notice that a card is gone.
const NOTICE_MAX: Duration = Duration::from_millis(700);

/// Fresh starts after somebody else reset the card.
const RESETS_MAX: u32 = 2;
/// The names of one reader; the service's own limit is 128 bytes for each.
const NAMES_BYTES_MAX: usize = 1024;

/// Where a reading stands, for whoever watches the thread: connecting blocks while another program holds the
/// card, a command blocks while the card or reader hangs.
#[derive(Debug, Clone, Default)]
pub struct ReaderPhase(Arc<AtomicU8>);

impl ReaderPhase {
    /// What to say when the reading does not end.
    #[must_use]
    pub fn fault(&self) -> DeviceFault {
        match self.0.load(Ordering::Acquire) {
            1 => DeviceFault::BUSY,
            3 => DeviceFault::CardServiceDown,
            _ => DeviceFault::ReaderSilent,
        }
    }

    /// The service itself is asked; only one that is frozen does not answer.
    fn asking(&self) {
        self.0.store(3, Ordering::Release);
    }

    fn connecting(&self) {
        self.0.store(1, Ordering::Release);
    }

    fn talking(&self) {
        self.0.store(2, Ordering::Release);
    }
}

/// A PC/SC reader. Lives on a thread of its own: any call may block for ever.
pub struct Reader {
    name: CString,
    shown: String,
    context: Option<Context>,
    phase: ReaderPhase,
}

impl fmt::Debug for Reader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Reader({})", self.shown)
    }
}

impl Reader {
    /// Names a reader; nothing is opened yet. `phase` may be watched from another thread.
    ///
    /// # Errors
    /// [`DeviceFault::NoReader`] for a name with a NUL.
    pub fn new(name: &str, phase: ReaderPhase) -> Result<Self, DeviceFault> {
        Ok(Self {
            name: CString::new(name).map_err(|_| DeviceFault::NoReader)?,
            shown: String::from(name),
            context: None,
            phase,
        })
    }

    fn read_once(
        &mut self,
        context: &Context,
        today: Date,
        keys: &mut dyn CardKeys,
    ) -> Result<CardReading, ChannelFault> {
        self.phase.asking();
        let before = insertion(context, &self.name)?;
        self.phase.connecting();
        let shown = self.shown.clone();
        let read = self.connected(context, before, keys.at_hand(), |wire| {
            read_basic(wire, &shown, before, today, keys)
        });
        match read {
            Ok(reading) if insertion(context, &self.name)? == before => Ok(reading),
            // Exchanged, or the counter was seen while the service was still counting: the card that lies there now is
            // read, from the start. A proof is not fetched twice for that.
            Ok(_) if !keys.at_hand() => Err(ChannelFault::Reset),
            Ok(_) => Err(DeviceFault::CardRemoved.into()),
            Err(fault) => Err(fault),
        }
    }

    /// One conversation about the PIN. The card is reset at its end: a right that was given must not stay.
    fn pin_once(&self, context: &Context, task: &PinTask) -> Result<PinState, ChannelFault> {
        self.phase.asking();
        let before = insertion(context, &self.name)?;
        self.phase.connecting();
        self.connected(context, before, true, |wire| match task {
            PinTask::Ask => pin_state(wire),
            PinTask::Present(pin) => verify_pin(wire, pin),
            PinTask::Pad { digits } => verify_at_pad(wire, *digits),
        })
    }

    /// Connects, works, and lets go: with `reset`, so that a right that was given does not stay; else the card may stay powered.
    ///
    /// A card that is gone is never reset: pcsc-lite then calls the reader empty by itself, without the count, and does not see a
    /// card that comes before its next look at the driver, for as long as that card lies there.
    fn connected<T>(
        &self,
        context: &Context,
        before: u32,
        reset: bool,
        work: impl FnOnce(&mut Wire<'_>) -> Result<T, ChannelFault>,
    ) -> Result<T, ChannelFault> {
        let mut card = self.connect(context).map_err(meaning)?;
        let result = self.converse(&mut card, work);
        let gone = match &result {
            Err(ChannelFault::Device(DeviceFault::CardRemoved)) => true,
            // A driver fails in its own ways when the card goes in mid-command, and the service notices later.
            Err(ChannelFault::Device(fault)) if may_be_removal(fault) => self.has_gone(context, before),
            Err(ChannelFault::Device(_)) => insertion(context, &self.name) != Ok(before),
            Err(ChannelFault::Reset) | Ok(_) => false,
        };
        // A card that is gone cannot be left.
        let _ = card.disconnect(if reset && !gone {
            Disposition::ResetCard
        } else {
            Disposition::LeaveCard
        });
        match result {
            Err(ChannelFault::Device(fault)) if gone && may_be_removal(&fault) => {
                Err(DeviceFault::CardRemoved.into())
            }
            other => other,
        }
    }

    /// Twice where no protocol is agreed on: a program that died inside its transaction has pcsc-lite reset the card under whoever
    /// connects just then. A card that speaks neither protocol is refused the second time as well.
    fn connect(&self, context: &Context) -> Result<Card, pcsc::Error> {
        let connect = || context.connect(&self.name, ShareMode::Shared, Protocols::ANY);
        match connect() {
            Err(pcsc::Error::ProtoMismatch) => connect(),
            other => other,
        }
    }

    /// Runs `work` with a context that works, again after a reset by somebody else, or when the card lost its power:
    /// another one is in before the service noticed. `resets_max` is zero where a second start would do harm.
    fn with_context<T>(
        &mut self,
        resets_max: u32,
        mut work: impl FnMut(&mut Self, &Context) -> Result<T, ChannelFault>,
    ) -> Result<T, DeviceFault> {
        self.phase.asking();
        let context = match self.context.take() {
            Some(context) => context,
            None => Context::establish(Scope::System).map_err(|error| match meaning(error) {
                ChannelFault::Device(DeviceFault::CardServiceForbidden) => DeviceFault::CardServiceForbidden,
                ChannelFault::Device(_) | ChannelFault::Reset => DeviceFault::CardServiceDown,
            })?,
        };
        let mut last = DeviceFault::BUSY;
        for _ in 0..=resets_max {
            match work(self, &context) {
                Ok(done) => {
                    self.context = Some(context);
                    return Ok(done);
                }
                Err(ChannelFault::Reset) => last = DeviceFault::BUSY,
                Err(ChannelFault::Device(fault)) => {
                    let exchanged = fault == lost_power();
                    last = fault;
                    if !exchanged {
                        break;
                    }
                }
            }
        }
        // A context does not survive a restart of the service, and looks valid all the same.
        if last != DeviceFault::CardServiceDown {
            self.context = Some(context);
        }
        Err(last)
    }

    /// Whether the card of this insertion is out, or comes out within the time the service takes to notice.
    fn has_gone(&self, context: &Context, before: u32) -> bool {
        match insertion(context, &self.name) {
            Ok(now) if now == before => {}
            Ok(_) => return true,
            Err(fault) => return fault == ChannelFault::Device(DeviceFault::CardRemoved),
        }
        let mut states = [ReaderState::new(self.name.clone(), State::UNAWARE)];
        if context.get_status_change(Duration::ZERO, &mut states).is_err() {
            return false;
        }
        for state in &mut states {
            state.sync_current_state();
        }
        context.get_status_change(NOTICE_MAX, &mut states).is_ok()
            && insertion(context, &self.name) != Ok(before)
    }

    fn converse<T>(
        &self,
        card: &mut Card,
        work: impl FnOnce(&mut Wire<'_>) -> Result<T, ChannelFault>,
    ) -> Result<T, ChannelFault> {
        let transaction = card.transaction().map_err(meaning)?;
        self.phase.talking();
        let atr = answer_to_reset(&transaction)?;
        let mut wire = Wire { transaction, atr };
        let result = work(&mut wire);
        let _ = wire.transaction.end(Disposition::LeaveCard);
        result
    }
}

impl CardReader for Reader {
    fn name(&self) -> &str {
        &self.shown
    }

    fn read_card(&mut self, today: Date, keys: &mut dyn CardKeys) -> Result<CardReading, DeviceFault> {
        self.with_context(RESETS_MAX, |reader, context| {
            reader.read_once(context, today, keys)
        })
    }

    fn pin(&mut self, task: &PinTask) -> Result<PinState, DeviceFault> {
        let resets_max = match task {
            PinTask::Ask => RESETS_MAX,
            // A second start might present it a second time.
            PinTask::Present(_) | PinTask::Pad { .. } => 0,
        };
        self.with_context(resets_max, |reader, context| reader.pin_once(context, task))
    }
}

/// Faults that say nothing of the card keep their name; the rest may have been the card leaving.
const fn may_be_removal(fault: &DeviceFault) -> bool {
    matches!(
        fault,
        DeviceFault::ReaderFailed { .. }
            | DeviceFault::ReaderSilent
            | DeviceFault::CardMute
            | DeviceFault::RecordGarbled { .. }
            | DeviceFault::CardRefused { .. }
    )
}

/// Asked once, with room for the longest: between the question how long it is and the question for it the card may be another one,
/// and the service then refuses the second for want of room. One that is being exchanged has none yet.
fn answer_to_reset(card: &Card) -> Result<Vec<u8>, ChannelFault> {
    let mut names = [0; NAMES_BYTES_MAX];
    let mut atr = [0; pcsc::MAX_ATR_SIZE];
    let status = card.status2(&mut names, &mut atr).map_err(meaning)?;
    if status.atr().is_empty() {
        return Err(ChannelFault::Reset);
    }
    Ok(status.atr().to_vec())
}

struct Wire<'card> {
    transaction: Transaction<'card>,
    atr: Vec<u8>,
}

impl CardChannel for Wire<'_> {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        let mut buffer = [0_u8; pcsc::MAX_BUFFER_SIZE];
        let answer = self
            .transaction
            .transmit(command, &mut buffer)
            .map_err(|error| match error {
                // The protocol was settled when the card was connected: see there for who has forgotten it since.
                pcsc::Error::ProtoMismatch => ChannelFault::Reset,
                other => meaning(other),
            })?;
        Ok(answer.to_vec())
    }
}

impl PinPad for Wire<'_> {
    #[cfg_attr(
        any(windows, target_pointer_width = "32"),
        expect(
            clippy::useless_conversion,
            reason = "the service's number has 64 bits elsewhere"
        )
    )]
    fn features(&mut self) -> Result<Vec<u8>, ChannelFault> {
        let mut buffer = [0_u8; pcsc::MAX_BUFFER_SIZE];
        let request = pcsc::ctl_code(FEATURE_REQUEST.into());
        // A driver without features refuses in words of its own.
        Ok(match self.transaction.control(request, &[], &mut buffer) {
            Ok(features) => features.to_vec(),
            Err(_) => Vec::new(),
        })
    }

    #[cfg_attr(
        any(windows, target_pointer_width = "32"),
        expect(
            clippy::useless_conversion,
            reason = "the service's number has 64 bits elsewhere"
        )
    )]
    fn control(&mut self, code: u32, data: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        let mut buffer = [0_u8; pcsc::MAX_BUFFER_SIZE];
        let answer = self
            .transaction
            .control(code.into(), data, &mut buffer)
            .map_err(meaning)?;
        Ok(answer.to_vec())
    }
}

/// The reader's event counter, which moves with every card that comes or goes.
fn insertion(context: &Context, name: &CStr) -> Result<u32, ChannelFault> {
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    context
        .get_status_change(Duration::ZERO, &mut states)
        .map_err(meaning)?;
    let [state] = &states;
    let flags = state.event_state();
    if flags.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
        return Err(DeviceFault::NoReader.into());
    }
    if flags.contains(State::MUTE) {
        return Err(DeviceFault::CardMute.into());
    }
    if !flags.contains(State::PRESENT) {
        return Err(DeviceFault::CardRemoved.into());
    }
    Ok(state.event_count())
}
