//! Who stands at the desk: credentials in memory only, each for a while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use zhijie_model::{Area, BillId, Credential, CredentialKind, IdentityId, Person, PlatformWords, Private};

/// Identities kept at once; the oldest leaves first.
const IDENTITIES_MAX: usize = 256;

/// One card insertion, one decoded code or one typed number.
#[derive(Debug, Clone)]
pub struct Identity {
    pub credential: Credential,
    /// Where the insurance is said to be: by the decoded code, or by the issuer of the card. Only the lookup knows.
    pub area_hint: Option<Area>,
    /// What a vendor's library said and signed, unchanged, for provinces that want it with the lookup.
    pub card_proof: Option<CardProof>,
    pub read_at: Timestamp,
    pub expires_at: Timestamp,
    /// Result of the person lookup, once made.
    pub person: Option<Arc<Looked>>,
    /// An e-voucher token serves one bill.
    pub bill: Option<BillId>,
}

/// The answer of a vendor's library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardProof {
    pub line: Private,
    /// Base64, where the library signs.
    pub signature: Option<Private>,
}

/// A person lookup with its source and time.
#[derive(Debug)]
pub struct Looked {
    pub person: Person,
    pub platform: PlatformWords,
    pub at: Timestamp,
}

/// Why an identity cannot serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Never read in this run, or expired: read again.
    Gone,
    /// The code was used for another bill: a fresh code is needed.
    OtherBill,
}

/// The memory of identities.
#[derive(Debug, Default)]
pub struct Identities {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    last: u64,
    known: BTreeMap<u64, Identity>,
}

impl Identities {
    /// Remembers an identity and names it.
    pub fn remember(&self, identity: Identity) -> Option<IdentityId> {
        let mut inner = self.lock();
        inner.last = inner.last.saturating_add(1);
        let number = inner.last;
        let started = identity.read_at.as_second();
        inner.known.insert(number, identity);
        while inner.known.len() > IDENTITIES_MAX {
            inner.known.pop_first();
        }
        drop(inner);
        IdentityId::new(format!("id-{started:x}-{number}")).ok()
    }

    /// # Errors
    /// [`Unfit::Gone`].
    pub fn get(&self, id: &IdentityId, now: Timestamp) -> Result<Identity, Unfit> {
        let mut inner = self.lock();
        let number = number(id).ok_or(Unfit::Gone)?;
        let found = inner
            .known
            .get(&number)
            .filter(|identity| name(number, identity) == id.as_str());
        let Some(identity) = found.cloned() else {
            return Err(Unfit::Gone);
        };
        if now >= identity.expires_at
            || now
                < identity
                    .read_at
                    .saturating_sub(SignedDuration::from_hours(1))
                    .unwrap_or(now)
        {
            inner.known.remove(&number);
            return Err(Unfit::Gone);
        }
        Ok(identity)
    }

    /// The identity for a bill; binds an e-voucher to it.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn for_bill(&self, id: &IdentityId, bill: &BillId, now: Timestamp) -> Result<Identity, Unfit> {
        let identity = self.get(id, now)?;
        if identity.credential.kind != CredentialKind::Voucher {
            return Ok(identity);
        }
        match &identity.bill {
            Some(bound) if bound != bill => Err(Unfit::OtherBill),
            Some(_) => Ok(identity),
            None => {
                if let Some(number) = number(id)
                    && let Some(kept) = self.lock().known.get_mut(&number)
                {
                    kept.bill = Some(bill.clone());
                }
                Ok(identity)
            }
        }
    }

    /// Keeps the result of a person lookup.
    pub fn looked(&self, id: &IdentityId, looked: Arc<Looked>) {
        if let Some(number) = number(id)
            && let Some(identity) = self.lock().known.get_mut(&number)
        {
            identity.person = Some(looked);
        }
    }

    /// Forgets an identity that turned out to be none.
    pub fn forget(&self, id: &IdentityId) {
        if let Some(number) = number(id) {
            self.lock().known.remove(&number);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn number(id: &IdentityId) -> Option<u64> {
    id.as_str().rsplit('-').next()?.parse().ok()
}

fn name(number: u64, identity: &Identity) -> String {
    format!("id-{:x}-{number}", identity.read_at.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhijie_model::Private;

    fn identity(kind: CredentialKind, expires_s: i64) -> Identity {
        Identity {
            credential: Credential {
                kind,
                papers: None,
                number: Private::new("1"),
                card_identification: None,
                certificate: None,
                name: None,
            },
            area_hint: None,
            card_proof: None,
            read_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::from_second(expires_s).unwrap(),
            person: None,
            bill: None,
        }
    }

    fn bill(text: &str) -> BillId {
        BillId::new(text).unwrap()
    }

    #[test]
    fn a_code_serves_one_bill_and_a_card_many() {
        let memory = Identities::default();
        let now = Timestamp::UNIX_EPOCH;
        let code = memory.remember(identity(CredentialKind::Voucher, 600)).unwrap();
        let card = memory.remember(identity(CredentialKind::Card, 600)).unwrap();
        assert!(memory.for_bill(&code, &bill("a"), now).is_ok());
        assert!(memory.for_bill(&code, &bill("a"), now).is_ok());
        assert_eq!(
            memory.for_bill(&code, &bill("b"), now).unwrap_err(),
            Unfit::OtherBill
        );
        assert!(memory.for_bill(&card, &bill("a"), now).is_ok());
        assert!(memory.for_bill(&card, &bill("b"), now).is_ok());
    }

    #[test]
    fn identities_expire_and_foreign_names_find_nothing() {
        let memory = Identities::default();
        let card = memory.remember(identity(CredentialKind::Card, 10)).unwrap();
        assert!(memory.get(&card, Timestamp::from_second(9).unwrap()).is_ok());
        assert_eq!(
            memory
                .get(&card, Timestamp::from_second(10).unwrap())
                .unwrap_err(),
            Unfit::Gone
        );
        for foreign in ["id-1-1", "x", "id-0-99", "1"] {
            let id = IdentityId::new(foreign).unwrap();
            assert_eq!(
                memory.get(&id, Timestamp::UNIX_EPOCH).unwrap_err(),
                Unfit::Gone,
                "{foreign}"
            );
        }
    }
}
