//! One look at what is connected to this PC, for whoever wonders why a device is not used.

use serde::{Deserialize, Serialize};

use crate::address::UsbId;
use crate::fault::DeviceFault;
use crate::pipe::{HelperNetwork, ScannerState};

/// What the helper program sees when it is asked to look and go. Carries nothing about a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Version of the helper.
    pub program: String,
    pub network: HelperNetwork,
    /// What keeps the card service from answering; `None` when it answers or nobody asked it.
    pub card_service: Option<DeviceFault>,
    /// All readers the service has, those the configuration leaves out included.
    pub readers: Vec<SurveyedReader>,
    /// Other programs that use the card service.
    pub card_users: Vec<String>,
    /// The configured scanner; `None` when it was left alone because the agent has it.
    pub scanner: Option<ScannerState>,
    /// Serial ports behind USB.
    pub ports: Vec<SurveyedUsb>,
    /// Scanners that are in no serial mode.
    pub other_modes: Vec<SurveyedUsb>,
}

/// A card reader as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyedReader {
    pub name: String,
    /// Whether the configuration has it used.
    pub used: bool,
    pub card: bool,
    /// The card gives no answer to reset.
    pub mute: bool,
    /// Another program has it for itself alone.
    pub held: bool,
}

/// A device on USB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyedUsb {
    pub id: UsbId,
    /// Port to open, for one that has one.
    pub path: Option<String>,
    pub serial: Option<String>,
    /// Maker of a scanner whose numbers are known.
    pub maker: Option<String>,
    /// Product's own name.
    pub product: Option<String>,
}
