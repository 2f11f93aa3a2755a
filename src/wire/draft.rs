//! A message before its signature: everything is said, and nothing can be sent yet.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::channel::Letter;
use crate::form::{Attachment, form};
use crate::message::{EncodeError, Envelope, Message, Sealed};
use crate::profile_dress::{SecurityFamily, SecurityRule};
use crate::seal::{Channel, NoSeal, Seal};

/// A message that waits for its signature. [`Draft::seal`] makes the bytes that are committed and sent.
#[derive(Debug)]
pub struct Draft(Kind);

#[derive(Debug)]
enum Kind {
    /// One of the platform's transactions.
    Core {
        message: Message,
        envelope: Box<Envelope>,
        security: SecurityRule,
        beside: Option<Attachment>,
    },
    /// A letter to the e-voucher service.
    Voucher { message: Message, letter: Letter },
}

impl Draft {
    pub(crate) fn core(message: Message, envelope: Envelope, security: SecurityRule) -> Self {
        Self(Kind::Core {
            message,
            envelope: Box::new(envelope),
            security,
            beside: None,
        })
    }

    /// With a file beside the message.
    pub(crate) fn with(mut self, file: Attachment) -> Self {
        if let Kind::Core { beside, .. } = &mut self.0 {
            *beside = Some(file);
        }
        self
    }

    pub(crate) const fn voucher(message: Message, letter: Letter) -> Self {
        Self(Kind::Voucher { message, letter })
    }

    /// Signs and encrypts as the province wants it. Same draft, same keys, same bytes.
    ///
    /// # Errors
    /// When a key is missing or refuses; nothing was sent.
    pub fn seal(self, seal: &dyn Seal) -> Result<Message, EncodeError> {
        match self.0 {
            Kind::Core {
                mut message,
                envelope,
                security,
                beside,
            } => {
                message.body = envelope.close(&sign(&envelope, &security, seal)?)?;
                if let Some(file) = beside {
                    let (boundary, body) = form(&message.body, &file, message.message_id.as_str());
                    message.boundary = Some(boundary);
                    message.body = body;
                }
                Ok(message)
            }
            Kind::Voucher { mut message, letter } => {
                message.body = letter.seal(seal)?;
                Ok(message)
            }
        }
    }

    /// As [`Draft::seal`], for provinces that sign nothing.
    ///
    /// # Errors
    /// When the province signs or encrypts.
    pub fn plain(self) -> Result<Message, EncodeError> {
        self.seal(&NoSeal)
    }
}

/// The signature, over the clear text of the input, byte for byte as it stands in the envelope.
fn sign<'a>(
    envelope: &Envelope,
    security: &'a SecurityRule,
    seal: &dyn Seal,
) -> Result<Sealed<'a>, EncodeError> {
    let clear = envelope.input.as_bytes();
    Ok(match security.family {
        SecurityFamily::None => Sealed {
            cainfo: Cow::Borrowed(&security.signature),
            signtype: &security.signature_kind,
            ..Sealed::default()
        },
        SecurityFamily::Digest => Sealed {
            cainfo: Cow::Owned(hex_of(&seal.digest(clear)?, security.upper_hex)),
            signtype: "SM3",
            ..Sealed::default()
        },
        SecurityFamily::Sealed => {
            let signature = seal.sign(Channel::Core, security.user_id, clear)?;
            let cipher = seal.encrypt(Channel::Core, clear)?;
            Sealed {
                cainfo: Cow::Owned(STANDARD.encode(signature)),
                signtype: "SM2",
                enc_type: Some("SM4"),
                cipher: Some(STANDARD.encode(cipher)),
            }
        }
    })
}

pub(crate) fn hex_of(bytes: &[u8], upper: bool) -> String {
    let digits = if upper {
        b"0123456789ABCDEF"
    } else {
        b"0123456789abcdef"
    };
    let digit = |nibble: u8| digits.get(usize::from(nibble)).copied().map_or('?', char::from);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
