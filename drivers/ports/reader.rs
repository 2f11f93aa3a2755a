//! The traits a device driver fills.

use jiff::civil::Date;

use crate::card::CardReading;
use crate::code::ScannedCode;
use crate::fault::DeviceFault;
use crate::keys::CardKeys;
use crate::pin::{PinState, PinTask};

/// A powered card that takes commands, whatever reader or library lies between.
pub trait CardChannel {
    /// Answer to reset, unchanged.
    fn atr(&self) -> &[u8];

    /// Sends one command and returns data and status word, at least two bytes. Blocks; may never return when a
    /// card or reader hangs, so it runs on a thread somebody else watches.
    ///
    /// # Errors
    /// [`ChannelFault`], blaming card or reader.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault>;
}

/// Why a command got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelFault {
    /// Another program reset the card: everything selected is lost, one fresh start is due.
    Reset,
    Device(DeviceFault),
}

impl From<DeviceFault> for ChannelFault {
    fn from(fault: DeviceFault) -> Self {
        Self::Device(fault)
    }
}

/// One slot that can read a whole card: PC/SC, or a vendor library that hides its commands.
pub trait CardReader: Send {
    /// Name by which the reader is known to its service.
    fn name(&self) -> &str;

    /// Reads the card that lies in the reader now. Blocks without bound when a device hangs. `today` is the
    /// business day (UTC+8) against which the validity is checked. `keys` are asked where the holder's data open to a key
    /// alone. May run twice on one insertion.
    ///
    /// # Errors
    /// The fault of the card or reader.
    fn read_card(&mut self, today: Date, keys: &mut dyn CardKeys) -> Result<CardReading, DeviceFault>;

    /// Does what is asked about the PIN of the card that lies in the reader now. MUST NOT present a PIN more than once,
    /// and never on its own account: each wrong one costs the holder a try. Blocks like a reading.
    ///
    /// # Errors
    /// The fault of the card or reader. After one of the reader nobody knows whether a try was used.
    fn pin(&mut self, task: &PinTask) -> Result<PinState, DeviceFault>;
}

/// One scanner that hands over codes.
pub trait CodeScanner: Send {
    /// Throws away what came before now, so that a code scanned before the question cannot answer it.
    ///
    /// # Errors
    /// The scanner is gone.
    fn clear(&mut self) -> Result<(), DeviceFault>;

    /// Takes what came and returns the codes that are complete; waits at most a few hundred milliseconds, and where the
    /// system can tell before that bytes are there, not at all. An entry may be [`DeviceFault::CodeUnreadable`].
    /// `now_ms` is monotonic.
    ///
    /// # Errors
    /// The scanner is gone; half a code is lost.
    fn next_codes(
        &mut self,
        now_ms: &dyn Fn() -> u64,
    ) -> Result<Vec<Result<ScannedCode, DeviceFault>>, DeviceFault>;
}
