//! The world around one desk's loop: builds real messages and hands each to the line, where the world decides.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use zhijie_agent::core::Outside;
use zhijie_ledger::Reader;
use zhijie_model::{BillId, Call, IdentityId, InstitutionCode, MessageId, OperatorCode, SignIn};
use zhijie_settlement::{Bearer, Event, Moment, NotSent, Operator};
use zhijie_tests::disk::Disk;
use zhijie_wire::{Head, Message, Profile};

use crate::people;

/// A message on the line.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) bill: BillId,
    pub(crate) call: Call,
    pub(crate) message_id: MessageId,
    pub(crate) body: Vec<u8>,
    /// What another connection to the ledger read when the message left, if the disk had it for certain.
    pub(crate) recorded: Option<Vec<u8>>,
}

/// What the loop asked of its world since it was looked at last.
#[derive(Debug, Default)]
pub(crate) struct Link {
    pub(crate) posted: Vec<Posted>,
    pub(crate) signing: Vec<(BillId, MessageId)>,
    pub(crate) unrecorded: Vec<(BillId, Event, Option<Vec<u8>>)>,
    pub(crate) signed_in: bool,
    pub(crate) closed_until: Option<Timestamp>,
    /// Cards and codes in memory; a restart forgets them.
    pub(crate) cards: BTreeSet<IdentityId>,
}

pub(crate) type Shared = Arc<Mutex<Link>>;

pub(crate) fn lock(link: &Shared) -> MutexGuard<'_, Link> {
    link.lock().unwrap()
}

pub(crate) struct SimOutside {
    pub(crate) link: Shared,
    pub(crate) ledger: Reader,
    pub(crate) disk: Arc<Disk>,
    pub(crate) profile: Arc<Profile>,
}

impl Outside for SimOutside {
    fn signed_in(&self, _operator: &OperatorCode, _now: Timestamp) -> bool {
        lock(&self.link).signed_in
    }

    fn closed_until(&self, _area: zhijie_model::Area, _now: Timestamp) -> Option<Timestamp> {
        lock(&self.link).closed_until
    }

    fn encode(
        &self,
        call: &Call,
        bearer: Bearer<'_>,
        _bill: &BillId,
        moment: &Moment,
    ) -> Result<Message, NotSent> {
        let link = lock(&self.link);
        if !link.signed_in {
            let evidence = String::from("nobody is signed in");
            return Err(NotSent::NoSignIn { evidence });
        }
        let credential = people::credential();
        let credential = if call.needs_credential() {
            if bearer.credential.is_none() && !link.cards.contains(bearer.identity) {
                return Err(NotSent::CredentialGone);
            }
            Some(&credential)
        } else {
            None
        };
        let head = head(bearer, call, moment);
        zhijie_wire::encode(call, credential, &head, &self.profile).map_err(|error| NotSent::NotEncodable {
            evidence: error.to_string(),
        })
    }

    fn post(&mut self, bill: BillId, call: Call, message: Message, _now: Timestamp) {
        let intent = self.ledger.intent(&message.message_id).unwrap();
        lock(&self.link).posted.push(Posted {
            bill,
            call,
            message_id: message.message_id,
            body: message.body,
            recorded: intent
                .filter(|_| self.disk.is_flushed("-wal"))
                .map(|intent| intent.bytes),
        });
    }

    fn sign_in(&mut self, bill: BillId, _operator: Operator, message_id: MessageId) {
        lock(&self.link).signing.push((bill, message_id));
    }

    fn record_later(&mut self, bill: BillId, event: Event, raw: Option<Vec<u8>>) {
        lock(&self.link).unrecorded.push((bill, event, raw));
    }
}

fn head(bearer: Bearer<'_>, call: &Call, moment: &Moment) -> Head {
    let institution = InstitutionCode::new(people::INSTITUTION).unwrap();
    Head {
        message_id: moment.message_id.clone(),
        institution,
        institution_name: String::from("模拟医院"),
        care_area: zhijie_model::Area::new("310000").unwrap(),
        insured_area: call.payer().area,
        operator_code: bearer.operator.code.clone(),
        operator_name: bearer.operator.name.clone(),
        sign_in: SignIn::new("S1").ok(),
        medium_token: None,
        at: moment.now,
    }
}

impl Link {
    /// Whether the loop asked for nothing since.
    pub(crate) fn is_quiet(&self) -> bool {
        self.posted.is_empty() && self.signing.is_empty() && self.unrecorded.is_empty()
    }
}
