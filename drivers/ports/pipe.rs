//! The pipe between the daemon and its device helper: one JSON object a line.

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zhijie_model::Private;

use crate::card::CardReading;
use crate::code::{CodeKind, ScannedCode};
use crate::fault::DeviceFault;
use crate::id_card::IdCardReading;
use crate::keys::{KeyAsk, KeyProof};
use crate::pin::{PinState, PinTask};

/// Version of the pipe language. Both ends say theirs first; anything else ends the connection.
pub const PIPE_VERSION: u32 = 4;
/// Longest line, newline included.
pub const FRAME_BYTES_MAX: usize = 65_536;
/// A lent scanner is taken back after this time, whatever became of the borrower. Longer than any read.
pub const LEND_LIMIT_MS: u64 = 360_000;

/// From the daemon to the helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum ToHelper {
    Hello {
        version: u32,
    },
    Read(ReadRequest),
    Cancel {
        id: u64,
    },
    /// Answers [`FromHelper::KeyAsk`].
    Key {
        id: u64,
        answer: KeyAnswer,
    },
    /// Close the scanner's port, for another program to use it; answered by [`FromHelper::Lent`].
    Lend {
        id: u64,
    },
    /// Open it again. Nothing happens when it is not lent.
    Resume,
    Status,
    Stop,
}

/// Asks for one card or one code, whichever is shown first. One request at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRequest {
    pub id: u64,
    pub card: bool,
    pub code: bool,
    /// How long the patient may take to show something.
    pub timeout_ms: u64,
    /// Business day (UTC+8) against which the validity of a card is checked.
    pub today: Date,
    /// Ask for or present the PIN of the card, in place of reading it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<PinTask>,
    /// For a library that decodes e-vouchers: what it is handed. It scans by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<Private>,
    /// The daemon has a key service to ask.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub keys: bool,
}

/// What the daemon's key service said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAnswer {
    Proof(KeyProof),
    Fault(DeviceFault),
}

impl From<KeyAnswer> for Result<KeyProof, DeviceFault> {
    fn from(answer: KeyAnswer) -> Self {
        match answer {
            KeyAnswer::Proof(proof) => Ok(proof),
            KeyAnswer::Fault(fault) => Err(fault),
        }
    }
}

impl From<Result<KeyProof, DeviceFault>> for KeyAnswer {
    fn from(result: Result<KeyProof, DeviceFault>) -> Self {
        result.map_or_else(Self::Fault, Self::Proof)
    }
}

/// From the helper to the daemon. `Done` carries private text: a frame is never logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum FromHelper {
    Hello {
        version: u32,
        program: String,
        pid: u32,
    },
    Event {
        event: DeviceEvent,
    },
    /// A card waits under power for a proof, for [`crate::KEY_LIMIT_MS`] at most.
    KeyAsk {
        id: u64,
        ask: KeyAsk,
    },
    Done {
        id: u64,
        outcome: Outcome,
    },
    /// The scanner's port is closed until [`ToHelper::Resume`], for [`LEND_LIMIT_MS`] at most.
    Lent {
        id: u64,
    },
    Status {
        status: HelperStatus,
    },
}

/// How a read ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Card(Box<CardReading>),
    IdCard(Box<IdCardReading>),
    Code(ScannedCode),
    Pin(PinState),
    /// What an e-voucher library wrote, unread.
    Voucher(Private),
    Fault(DeviceFault),
}

/// What happens at the devices without being asked. Carries nothing about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DeviceEvent {
    /// The request is armed: what is shown from now on counts.
    Waiting {
        id: u64,
    },
    CardServiceUp,
    CardServiceDown,
    ReaderConnected {
        reader: String,
    },
    ReaderDisconnected {
        reader: String,
    },
    CardInserted {
        reader: String,
        insertion: u32,
    },
    CardRemoved {
        reader: String,
        insertion: u32,
    },
    ScannerReady,
    ScannerLost {
        fault: DeviceFault,
    },
    /// The helper goes into the vendor library, or is out of it again. Whatever ends the helper in between, the library
    /// has to answer for.
    VendorLibrary {
        inside: bool,
    },
    /// A code was scanned that nobody asked for, or a second one; it was thrown away.
    CodeIgnored {
        kind: CodeKind,
    },
    /// Said by the daemon's end of the pipe.
    HelperUp {
        pid: u32,
    },
    /// Said by the daemon's end of the pipe; `restarts` counts since start.
    HelperDown {
        restarts: u32,
    },
}

/// Snapshot for the health page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelperStatus {
    pub card_service: bool,
    pub readers: Vec<ReaderState>,
    pub scanner: ScannerState,
    #[serde(default)]
    pub network: HelperNetwork,
}

/// Whether the helper can reach a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HelperNetwork {
    #[default]
    NotTold,
    /// The system refuses it every socket but those of this machine.
    Closed,
    /// Left open for a vendor library.
    Wanted,
    /// The system has no such refusal, or refused that.
    Unfiltered,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderState {
    pub reader: String,
    pub card_present: bool,
    pub insertion: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScannerState {
    #[default]
    NotConfigured,
    Ready,
    Lost(DeviceFault),
}

/// Why a line is no frame. The line itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    #[error("frame is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    #[error("frame is not understood")]
    NotUnderstood,
}

/// One line with its newline.
///
/// # Errors
/// The frame would be too long.
pub fn encode_line<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut line = serde_json::to_vec(message).map_err(|_| FrameError::NotUnderstood)?;
    line.push(b'\n');
    if line.len() > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong);
    }
    Ok(line)
}

/// Takes one line, with or without its newline. Unknown members are ignored.
///
/// # Errors
/// Too long, no JSON, or an unknown message.
pub fn decode_line<T: DeserializeOwned>(line: &[u8]) -> Result<T, FrameError> {
    if line.len() > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong);
    }
    serde_json::from_slice(line).map_err(|_| FrameError::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Tag;

    #[test]
    fn frames_come_back_as_they_went() {
        let request = ToHelper::Read(ReadRequest {
            id: 7,
            card: true,
            code: false,
            timeout_ms: 30_000,
            today: Date::constant(2026, 11, 22),
            pin: Some(PinTask::Present(Private::new("123456"))),
            voucher: Some(Private::new("secret")),
            keys: true,
        });
        assert!(!format!("{request:?}").contains("123456"));
        assert!(!format!("{request:?}").contains("secret"));
        let line = encode_line(&request).unwrap();
        assert_eq!(decode_line::<ToHelper>(&line), Ok(request));
        let faults = [
            DeviceFault::NoCard,
            DeviceFault::RecordMissing { tag: Tag::NAME },
            DeviceFault::NotAVoucher {
                kind: CodeKind::Unknown { length: 3 },
            },
            DeviceFault::CardExpired {
                valid_until: Date::constant(2020, 1, 1),
            },
        ];
        for fault in faults {
            let done = FromHelper::Done {
                id: 1,
                outcome: Outcome::Fault(fault),
            };
            let line = encode_line(&done).unwrap();
            assert_eq!(decode_line::<FromHelper>(&line), Ok(done));
        }
    }

    #[test]
    fn strange_lines_are_refused() {
        for line in [
            &b"{}"[..],
            b"",
            b"{\"message\":\"fly\"}",
            b"[1]",
            b"{\"message\":\"read\",\"id\":-1}",
        ] {
            assert_eq!(decode_line::<ToHelper>(line), Err(FrameError::NotUnderstood));
        }
        assert_eq!(
            decode_line::<ToHelper>(&vec![b' '; FRAME_BYTES_MAX + 1]),
            Err(FrameError::TooLong)
        );
        assert_eq!(
            decode_line::<ToHelper>(br#"{"message":"cancel","id":3,"later":true}"#),
            Ok(ToHelper::Cancel { id: 3 })
        );
    }
}
