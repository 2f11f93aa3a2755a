//! A message before its signature: everything is said, and nothing can be sent yet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use crate::channel::Letter;
use crate::form::{Attachment, form};
use crate::message::{EncodeError, Envelope, Message};
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
                mut envelope,
                security,
                beside,
            } => {
                sign(&mut envelope, &security, seal)?;
                message.body = serde_json::to_vec(&envelope).map_err(EncodeError::Json)?;
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

/// Fills in the signature, over the clear text of the input, byte for byte as it stands in the envelope.
fn sign(envelope: &mut Envelope, security: &SecurityRule, seal: &dyn Seal) -> Result<(), EncodeError> {
    let clear = envelope.input.get().as_bytes();
    match security.family {
        SecurityFamily::None => {
            envelope.cainfo.clone_from(&security.signature);
            envelope.signtype.clone_from(&security.signature_kind);
        }
        SecurityFamily::Digest => {
            envelope.cainfo = hex_of(&seal.digest(clear)?, security.upper_hex);
            envelope.signtype = String::from("SM3");
        }
        SecurityFamily::Sealed => {
            let signature = seal.sign(Channel::Core, security.user_id, clear)?;
            let cipher = seal.encrypt(Channel::Core, clear)?;
            envelope.cainfo = STANDARD.encode(signature);
            envelope.signtype = String::from("SM2");
            envelope.enc_type = Some("SM4");
            let text = format!("\"{}\"", STANDARD.encode(cipher));
            envelope.input = RawValue::from_string(text).map_err(EncodeError::Json)?;
        }
    }
    Ok(())
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
