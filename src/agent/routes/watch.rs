//! The calendar's file, looked at before every use. Reads local files; blocks for as long as that takes.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::calendar::{BYTES_MAX, Calendar, Refused};

/// Where the calendar lies and who may have signed it.
#[derive(Debug, Clone)]
pub struct Source {
    pub file: PathBuf,
    /// Public half of the issuer's Ed25519 key, 32 bytes.
    pub public_key: Vec<u8>,
}

/// The calendar followed now, and what is wrong with the file.
#[derive(Debug)]
pub struct Watch {
    source: Source,
    /// What was judged last; the same bytes are not judged twice.
    seen: Option<Found>,
    in_force: Option<Calendar>,
    refused: Option<Refused>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    text: Result<Vec<u8>, Refused>,
    signature: Result<Vec<u8>, Refused>,
}

impl Watch {
    /// Nothing has been read yet.
    #[must_use]
    pub const fn new(source: Source) -> Self {
        Self {
            source,
            seen: None,
            in_force: None,
            refused: None,
        }
    }

    /// Looks at the file. A refused one changes nothing but the reason; what was in force stays until it expires.
    pub fn refresh(&mut self, now: Timestamp) {
        let found = Found {
            text: read(&self.source.file),
            signature: read(&signature_file(&self.source.file)),
        };
        // An expiry is judged again: the clock may have been set.
        let settled = !matches!(self.refused, Some(Refused::Expired(_)));
        if !(settled && self.seen.as_ref() == Some(&found)) {
            self.judge(&found, now);
            self.seen = Some(found);
        }
        if let Some(expires) = self.in_force.as_ref().map(|calendar| calendar.expires)
            && expires <= now
        {
            tracing::warn!(%expires, "The outage calendar has expired");
            self.in_force = None;
            self.refused.get_or_insert(Refused::Expired(expires));
        }
    }

    fn judge(&mut self, found: &Found, now: Timestamp) {
        let absent = matches!(found.text, Err(Refused::Unreadable(ErrorKind::NotFound)));
        let refused = match self.accept(found, now) {
            Ok(calendar) => {
                tracing::info!(issuer = %calendar.issuer, issued = %calendar.issued, outages = calendar.outages.len(), "Outage calendar in force");
                self.in_force = Some(calendar);
                None
            }
            // Nobody has issued one yet.
            Err(_) if absent && self.in_force.is_none() => None,
            Err(refused) => Some(refused),
        };
        if refused != self.refused
            && let Some(why) = &refused
        {
            tracing::warn!(%why, "Outage calendar refused");
        }
        self.refused = refused;
    }

    fn accept(&self, found: &Found, now: Timestamp) -> Result<Calendar, Refused> {
        let text = found.text.as_ref().map_err(Clone::clone)?;
        let signature = match &found.signature {
            Err(Refused::Unreadable(ErrorKind::NotFound)) => return Err(Refused::Unsigned),
            other => other.as_ref().map_err(Clone::clone)?,
        };
        let calendar = Calendar::read(text, signature, &self.source.public_key, now)?;
        let newest = self.in_force.as_ref().map(|known| known.issued);
        if newest.is_some_and(|newest| calendar.issued < newest) {
            return Err(Refused::Older {
                issued: calendar.issued,
            });
        }
        Ok(calendar)
    }

    /// The calendar followed now.
    #[must_use]
    pub const fn in_force(&self) -> Option<&Calendar> {
        self.in_force.as_ref()
    }

    /// Why the file as it lies there is not followed.
    #[must_use]
    pub const fn refused(&self) -> Option<&Refused> {
        self.refused.as_ref()
    }
}

/// The file beside it that holds the signature.
#[must_use]
pub fn signature_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

fn read(path: &Path) -> Result<Vec<u8>, Refused> {
    let unreadable = |error: std::io::Error| Refused::Unreadable(error.kind());
    let mut bytes = Vec::new();
    let most = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let file = File::open(path).map_err(unreadable)?;
    file.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > BYTES_MAX {
        return Err(Refused::TooLong);
    }
    Ok(bytes)
}
