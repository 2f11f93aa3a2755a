//! What is seen of filings on the way through the loop: put beside the records it belongs to, checked at decisions,
//! erased when its time has come.

use serde_json::json;
use zhijie_filing::{CheckReceipt, Observation, Question, Tombstone, check, vanished};
use zhijie_ledger::{Commit, NewRecord, ObservationKey, PersonKeys};
use zhijie_model::{BillId, RequestId, business_day};
use zhijie_settlement::{Event, State, StayEvent, StayState};

use super::input::{Forget, More, Unreadable};
use super::{Core, Outside};
use crate::filing::{
    About, Bench, Past, Person, Policy, Sighting, check_row, checked, is_asking, is_asking_of_stay, new_row,
    seen, stay_verdict, under_way, verdict,
};
use crate::render;

/// Observations of one person that are weighed; older ones stay in the ledger.
const SEEN_MAX: u32 = 500;
/// Observations erased in one commit.
const ERASED_AT_ONCE: u32 = 200;

impl<O: Outside> Core<O> {
    /// From now on verdicts become observations and decisions are checked.
    #[must_use]
    pub fn with_filing(mut self, policy: Policy) -> Self {
        self.filing = Some(policy);
        self
    }

    fn person_keys(&self, person: &Person) -> PersonKeys {
        PersonKeys {
            person: person
                .number
                .as_ref()
                .map(|number| self.ledger.person_key(number)),
            certificate: person
                .certificate
                .as_ref()
                .map(|number| self.ledger.certificate_key(number)),
        }
    }

    /// Everything seen of a person, latest last; and whether there is more.
    pub(super) fn past(&self, person: &Person) -> Result<(Vec<Past>, bool), Unreadable> {
        let rows = self.ledger.observations(&self.person_keys(person), SEEN_MAX);
        let rows = rows.map_err(super::unreadable)?;
        let cut = u32::try_from(rows.len()).is_ok_and(|count| count >= SEEN_MAX);
        Ok((rows.into_iter().map(seen).collect(), cut))
    }

    /// As weighed. Where the ledger cannot be read nothing was seen: a check then says that nothing is known.
    fn observations(&self, person: &Person) -> Vec<Observation> {
        let past = self.past(person).map(|(past, _)| past).unwrap_or_default();
        past.into_iter()
            .filter_map(|past| past.seen.observation)
            .collect()
    }

    /// The check that went with the latest decision about a bill.
    pub(super) fn checked(&self, bill: &BillId) -> Option<CheckReceipt> {
        match self.ledger.observations_of_bill(bill) {
            Ok(rows) => checked(rows),
            Err(error) => {
                tracing::error!(%bill, %error, "Filing check of the bill cannot be read");
                None
            }
        }
    }

    /// Puts what was seen into a commit, and what it shows to be gone.
    pub(super) fn put(&self, commit: &mut Commit, sightings: &[Sighting]) -> Vec<Tombstone> {
        let Some(policy) = &self.filing else {
            return Vec::new();
        };
        let mut gone = Vec::new();
        for sighting in sightings {
            commit.observations.extend(new_row(&self.ledger, sighting));
            let mut before = self.observations(&sighting.person);
            before.extend(self.withdrawals_under_way(&sighting.person));
            if let Some(tombstone) = vanished(&before, &sighting.observation, &policy.rules) {
                let mut loss = sighting.clone();
                loss.observation.said = Some(tombstone.said());
                commit.observations.extend(new_row(&self.ledger, &loss));
                gone.push(tombstone);
            }
        }
        gone
    }

    /// What this desk is taking back of the person: a filing that is gone meanwhile raises no alarm.
    fn withdrawals_under_way(&self, person: &Person) -> impl Iterator<Item = Observation> {
        let of_person = self
            .acts
            .values()
            .filter(|act| person.number.as_ref() == Some(&act.new.call.payer().number));
        of_person.filter_map(under_way)
    }

    /// A verdict in an answer, and the check that goes with a question that is sent: one commit with the decision.
    pub(super) fn put_beside(
        &self,
        commit: &mut Commit,
        (before, after): (&State, &State),
        event: &Event,
        sent: bool,
    ) -> Vec<Tombstone> {
        let asked = after.case().filter(|_| sent && is_asking(event));
        self.put_heard(commit, asked.map(About::bill), |bench| {
            verdict(before, event, bench)
        })
    }

    /// The same of a stay.
    pub(super) fn put_beside_stay(
        &self,
        commit: &mut Commit,
        (before, after): (&StayState, &StayState),
        event: &StayEvent,
        sent: bool,
    ) -> Vec<Tombstone> {
        let asked = after.order().filter(|_| sent && is_asking_of_stay(event));
        self.put_heard(commit, asked.map(About::stay), |bench| {
            stay_verdict(before, event, bench)
        })
    }

    fn put_heard(
        &self,
        commit: &mut Commit,
        asked: Option<About<'_>>,
        heard: impl FnOnce(Bench<'_>) -> Option<Sighting>,
    ) -> Vec<Tombstone> {
        let Some(policy) = &self.filing else {
            return Vec::new();
        };
        let seen = heard(Bench {
            at: commit.at,
            care: policy.care,
            rules: &policy.rules,
            raw: commit.ending.as_ref().and_then(|ending| ending.reply.as_deref()),
        });
        let check = asked.and_then(|about| self.check_of(about, commit.at, policy));
        commit.observations.extend(check);
        self.put(commit, seen.as_slice())
    }

    fn check_of(
        &self,
        about: About<'_>,
        now: jiff::Timestamp,
        policy: &Policy,
    ) -> Option<zhijie_ledger::NewObservation> {
        let person = about.person();
        let question = Question {
            now,
            insured: about.payer.area,
            care: policy.care,
            visit_kind: about.visit_kind.clone(),
        };
        let found = check(&self.observations(&person), &question, &policy.rules);
        check_row(&self.ledger, &person, &CheckReceipt::new(&found, now))
    }

    pub(super) fn alarm(&self, gone: &[Tombstone], bill: Option<&BillId>) {
        for tombstone in gone {
            let source = tombstone.last_seen.source.word();
            tracing::error!(
                bill = bill.map(BillId::as_str),
                last_seen = source,
                "A filing seen before is gone"
            );
            self.events.filing_vanished(self.clock.now(), bill, source);
        }
    }

    /// Records what a lookup showed. A ledger that takes nothing loses it; the log says so.
    pub(super) fn observe(&mut self, sighting: &Sighting) {
        let mut commit = Commit::new(self.clock.now());
        let gone = self.put(&mut commit, core::slice::from_ref(sighting));
        if commit.observations.is_empty() {
            return;
        }
        if self.ledger_down {
            let source = sighting.observation.source.word();
            tracing::error!(source, "What a lookup showed is lost: the ledger takes nothing");
            return;
        }
        commit.record = Some(observed(&commit));
        match self.ledger.commit(&commit) {
            Ok(_) => {
                self.unfolded = self.unfolded.saturating_add(1);
                self.alarm(&gone, None);
            }
            Err(error) => self.ledger_failed(&error),
        }
    }

    /// What goes with the answer to a request that touched no bill.
    pub(super) fn put_more(&self, commit: &mut Commit, more: More) -> Vec<Tombstone> {
        let gone = self.put(commit, &more.sightings);
        commit.record = more.record;
        if commit.record.is_none() && !commit.observations.is_empty() {
            commit.record = Some(observed(commit));
        }
        gone
    }

    /// Erases personal details and answers the request.
    pub(super) fn forget(&mut self, request: &RequestId, what: &Forget, note: &str) {
        let due = match what {
            Forget::Person(person) => {
                self.ledger
                    .observations(&self.person_keys(person), u32::MAX)
                    .map(|rows| {
                        let personal = rows.iter().filter(|row| !row.keep && row.erased.is_none());
                        personal.map(|row| row.key).collect::<Vec<_>>()
                    })
            }
            Forget::Before(before) => self.ledger.personal_before(*before, u32::MAX),
        };
        let erased = due
            .map_err(super::unreadable)
            .ok()
            .and_then(|due| self.erase(&due, note));
        match erased {
            Some(erased) => self.finish(request, None, "done", render::forgotten(erased), More::default()),
            None => self.refuse(Some(request)),
        }
    }

    /// `None` when the ledger refused; what was erased before stays erased.
    fn erase(&mut self, keys: &[ObservationKey], note: &str) -> Option<u64> {
        if self.ledger_down {
            return None;
        }
        for part in keys.chunks(usize::try_from(ERASED_AT_ONCE).ok()?) {
            let mut commit = Commit::new(self.clock.now());
            commit.record = Some(NewRecord {
                kind: String::from("filing.forgotten"),
                version: 1,
                body: json!({ "count": part.len(), "note": note })
                    .to_string()
                    .into_bytes(),
            });
            commit.erasures = part.to_vec();
            if let Err(error) = self.ledger.commit(&commit) {
                self.ledger_failed(&error);
                return None;
            }
        }
        if !keys.is_empty()
            && let Err(error) = self.ledger.forget_log()
        {
            self.ledger_failed(&error);
            return None;
        }
        u64::try_from(keys.len()).ok()
    }

    /// Once a day, when the desk is idle: what is older than the policy keeps loses its details.
    pub(super) fn erase_what_is_due(&mut self) {
        let now = self.clock.now();
        let today = Some(business_day(now));
        let before = self.filing.as_ref().and_then(|policy| policy.erase_before(now));
        let Some(before) = before.filter(|_| self.erased_on != today && !self.ledger_down) else {
            return;
        };
        self.erased_on = today;
        let Ok(due) = self.ledger.personal_before(before, u32::MAX) else {
            return;
        };
        if let Some(count @ 1..) = self.erase(&due, "retention") {
            tracing::info!(count, "Erased the details of old observations of filings");
        }
    }
}

/// The record that carries observations: their digests and nothing else, so that erasing keeps the chain.
fn observed(commit: &Commit) -> NewRecord {
    let digests = commit
        .observations
        .iter()
        .map(|row| hex::encode(zhijie_ledger::digest(&row.body)));
    NewRecord {
        kind: String::from("filing.observed"),
        version: 1,
        body: json!({ "digests": digests.collect::<Vec<_>>() })
            .to_string()
            .into_bytes(),
    }
}
