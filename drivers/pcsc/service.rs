//! What the card service's errors mean here.

use std::ffi::CString;

use pcsc::{Context, Error};
use zhijie_ports::{ChannelFault, DeviceFault};

/// Readers that may come while they are listed.
const COMERS_MAX: u32 = 8;

/// Translates an error of the card service. A reset by somebody else is worth a fresh start; all else ends the read.
pub(crate) fn meaning(error: Error) -> ChannelFault {
    let fault = match error {
        Error::ResetCard => return ChannelFault::Reset,
        Error::NoSmartcard | Error::RemovedCard => DeviceFault::CardRemoved,
        Error::UnpoweredCard | Error::UnresponsiveCard | Error::CardUnsupported | Error::ProtoMismatch => {
            DeviceFault::CardMute
        }
        Error::SharingViolation => DeviceFault::BUSY,
        Error::NoReadersAvailable | Error::UnknownReader | Error::ReaderUnavailable => DeviceFault::NoReader,
        Error::NoService
        | Error::ServiceStopped
        | Error::CommError
        | Error::InvalidHandle
        | Error::Shutdown => DeviceFault::CardServiceDown,
        Error::SecurityViolation | Error::NoAccess => DeviceFault::CardServiceForbidden,
        Error::Timeout | Error::CommDataLost => DeviceFault::ReaderSilent,
        other => DeviceFault::ReaderFailed { code: code_of(other) },
    };
    ChannelFault::Device(fault)
}

/// The readers there are. A reader that comes between the question how long their names are and the question for them makes the
/// service refuse the second for want of room; it is asked again.
pub(crate) fn readers(context: &Context) -> Result<Vec<CString>, Error> {
    let mut tries = 0_u32;
    loop {
        match context.list_readers_owned() {
            Err(Error::InsufficientBuffer) if tries < COMERS_MAX => tries += 1,
            other => return other,
        }
    }
}

/// What the service says of a command to a card that is there and no longer the one it powered.
pub(crate) fn lost_power() -> DeviceFault {
    DeviceFault::ReaderFailed {
        code: code_of(Error::NotTransacted),
    }
}

#[expect(
    clippy::as_conversions,
    reason = "the crate names codes by discriminant only; the width differs by platform"
)]
fn code_of(error: Error) -> u32 {
    error as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_service_has_its_fault() {
        let table: [(&[Error], DeviceFault); 7] = [
            (
                &[Error::NoSmartcard, Error::RemovedCard],
                DeviceFault::CardRemoved,
            ),
            (
                &[
                    Error::UnpoweredCard,
                    Error::UnresponsiveCard,
                    Error::CardUnsupported,
                    Error::ProtoMismatch,
                ],
                DeviceFault::CardMute,
            ),
            (&[Error::SharingViolation], DeviceFault::BUSY),
            (
                &[
                    Error::NoReadersAvailable,
                    Error::UnknownReader,
                    Error::ReaderUnavailable,
                ],
                DeviceFault::NoReader,
            ),
            (
                &[
                    Error::NoService,
                    Error::ServiceStopped,
                    Error::CommError,
                    Error::InvalidHandle,
                    Error::Shutdown,
                ],
                DeviceFault::CardServiceDown,
            ),
            (
                &[Error::SecurityViolation, Error::NoAccess],
                DeviceFault::CardServiceForbidden,
            ),
            (&[Error::Timeout, Error::CommDataLost], DeviceFault::ReaderSilent),
        ];
        for (errors, fault) in table {
            for error in errors {
                assert_eq!(meaning(*error), ChannelFault::Device(fault.clone()), "{error:?}");
            }
        }
        assert_eq!(meaning(Error::ResetCard), ChannelFault::Reset);
        for error in [
            Error::InsufficientBuffer,
            Error::ReaderUnsupported,
            Error::InternalError,
        ] {
            let ChannelFault::Device(DeviceFault::ReaderFailed { code }) = meaning(error) else {
                panic!("{error:?}")
            };
            assert_eq!(code >> 16, 0x8010, "the number the service's own tools print");
        }
    }
}
