//! `institution.find` and `dictionary.list`: lookups that concern no person.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use zhijie_desk::RpcError;
use zhijie_desk::api::{
    DictionaryEntryView, DictionaryListParams, DictionaryListResult, InstitutionFindParams,
    InstitutionFindResult, InstitutionKindWord, InstitutionView, LookupSource,
};
use zhijie_model::{Area, DictionaryEntry, InstitutionKind, KnownInstitution, rfc3339_beijing};
use zhijie_wire::{Inquiry, InquiryReply};

use super::person::not_that;
use super::{Services, core_gone, error};
use crate::faults::{self, DESK_072};

/// Institutions of one answer.
const INSTITUTIONS_MAX: usize = 200;
/// Entries of one table.
const ENTRIES_MAX: usize = 5000;
/// Tables that are kept; the oldest leave first.
const TABLES_MAX: usize = 64;
/// A table younger than this is not asked for again.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Code tables as they were last told; forgotten by a restart.
#[derive(Debug, Default)]
pub(crate) struct Dictionary(Mutex<BTreeMap<Key, (Timestamp, Vec<DictionaryEntry>)>>);

/// Table, area, parent.
type Key = (String, String, Option<String>);

impl Dictionary {
    fn kept(&self, key: &Key) -> Option<(Timestamp, Vec<DictionaryEntry>)> {
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.get(key).cloned()
    }

    fn keep(&self, key: Key, at: Timestamp, entries: Vec<DictionaryEntry>) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.insert(key, (at, entries));
        while tables.len() > TABLES_MAX {
            let oldest = tables.iter().min_by_key(|(_, (at, _))| *at);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            tables.remove(&oldest);
        }
    }
}

impl Services {
    pub(super) async fn find_institution(
        &self,
        asked: InstitutionFindParams,
    ) -> Result<InstitutionFindResult, RpcError> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let inquiry = Inquiry::Institutions {
            kind: kind(asked.kind),
            name: given(&asked.name),
            code: given(&asked.code),
        };
        let reply = self.look_up(&inquiry, self.care_area()).await?;
        let InquiryReply::Institutions(found) = reply else {
            return Err(error(&not_that(Ok(reply), "institution.find")));
        };
        let shown = found.iter().take(INSTITUTIONS_MAX).map(institution);
        Ok(InstitutionFindResult {
            institutions: shown.collect(),
            cut: found.len() > INSTITUTIONS_MAX,
            source: source("1201", false),
            asked_at: rfc3339_beijing(self.clock.now()),
            age_s: 0,
        })
    }

    pub(super) async fn list_dictionary(
        &self,
        asked: DictionaryListParams,
    ) -> Result<DictionaryListResult, RpcError> {
        let area = asked.area()?.unwrap_or_else(|| self.care_area());
        let key = (asked.table.clone(), area.to_string(), asked.parent.clone());
        let kept = self.dictionary.kept(&key);
        let now = self.clock.now();
        if let Some((at, entries)) = &kept
            && !asked.refresh
            && now.duration_since(*at) < FRESH
            && *at <= now
        {
            return Ok(table(entries, *at, now, true));
        }
        let inquiry = Inquiry::Dictionary {
            table: asked.table.clone(),
            area,
            parent: asked.parent.clone(),
            on: now,
        };
        match (self.look_up(&inquiry, self.care_area()).await, kept) {
            (Ok(InquiryReply::Dictionary(mut entries)), _) => {
                entries.truncate(ENTRIES_MAX);
                let now = self.clock.now();
                self.dictionary.keep(key, now, entries.clone());
                Ok(table(&entries, now, now, false))
            }
            // An old table is better than none, and says how old it is.
            (_, Some((at, entries))) => Ok(table(&entries, at, now, true)),
            (Ok(other), None) => Err(error(&not_that(Ok(other), "dictionary.list"))),
            (Err(told), None) => Err(told),
        }
    }

    async fn look_up(&self, inquiry: &Inquiry, area: Area) -> Result<InquiryReply, RpcError> {
        const MARKER: &str = "lookup";
        if !inquiry.is_offered(self.platform.profile()) {
            return Err(error(&faults::fault(&DESK_072, "", None, MARKER)));
        }
        let operator = self.operator(None);
        let signed = self.sign_in(&operator, MARKER).await;
        signed.map_err(|fault| error(&fault))?;
        let message_id = self.core.new_message_id().await.map_err(core_gone)?;
        let told = self.ask_signed_in(inquiry, area, &operator, message_id).await;
        match told {
            Ok((_, told)) => match told.reply {
                refused @ InquiryReply::Refused(_) => Err(error(&not_that(Ok(refused), MARKER))),
                reply => Ok(reply),
            },
            Err(trouble) => Err(error(&not_that(Err(trouble), MARKER))),
        }
    }
}

const fn kind(word: InstitutionKindWord) -> InstitutionKind {
    match word {
        InstitutionKindWord::Hospital => InstitutionKind::Hospital,
        InstitutionKindWord::Pharmacy => InstitutionKind::Pharmacy,
        InstitutionKindWord::Rehabilitation => InstitutionKind::Rehabilitation,
        InstitutionKindWord::Aids => InstitutionKind::Aids,
        InstitutionKindWord::FamilyPlanning => InstitutionKind::FamilyPlanning,
    }
}

fn institution(found: &KnownInstitution) -> InstitutionView {
    let word = |kind: InstitutionKind| match kind {
        InstitutionKind::Hospital => "hospital",
        InstitutionKind::Pharmacy => "pharmacy",
        InstitutionKind::Rehabilitation => "rehabilitation",
        InstitutionKind::Aids => "aids",
        InstitutionKind::FamilyPlanning => "family_planning",
    };
    InstitutionView {
        code: found.code.clone(),
        name: found.name.clone(),
        kind: match &found.kind {
            Ok(kind) => String::from(word(*kind)),
            Err(Some(code)) => format!("unknown:{code}"),
            Err(None) => String::from("not_stated"),
        },
        level: found.level.clone(),
        credit_code: found.credit_code.clone(),
    }
}

fn table(entries: &[DictionaryEntry], at: Timestamp, now: Timestamp, kept: bool) -> DictionaryListResult {
    let age = now.as_second().saturating_sub(at.as_second());
    DictionaryListResult {
        entries: entries
            .iter()
            .map(|entry| DictionaryEntryView {
                code: entry.code.clone(),
                name: entry.name.clone(),
                parent: entry.parent.clone(),
                valid: entry.valid,
            })
            .collect(),
        source: source("1901", kept),
        asked_at: rfc3339_beijing(at),
        age_s: u64::try_from(age).unwrap_or_default(),
    }
}

fn source(transaction: &str, kept: bool) -> LookupSource {
    LookupSource {
        transaction: String::from(transaction),
        platform_message_id: None,
        from_disk: kept,
    }
}
