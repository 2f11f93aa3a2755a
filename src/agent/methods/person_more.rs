//! What `person.lookup` tells besides insurances and benefits: the filing, chronic diseases and the totals of the year,
//! each with its source and its age.

use jiff::Timestamp;
use zhijie_desk::api::{ChronicEntryView, ChronicList, LookupSource, TotalView, TotalsList};
use zhijie_filing::{Observation, Said, Source};
use zhijie_model::{Payer, YearTotal, business_day, rfc3339_beijing};
use zhijie_settlement::Operator;
use zhijie_wire::{Inquiry, InquiryReply};

use super::Services;

impl Services {
    /// The totals of the year, where the province can be asked for them. What cannot be had is left out.
    pub(super) async fn totals(&self, payer: &Payer, operator: &Operator) -> Option<TotalsList> {
        let inquiry = Inquiry::Totals { payer: payer.clone() };
        if !inquiry.is_offered(self.platform.profile()) {
            return None;
        }
        let message_id = self.core.new_message_id().await.ok()?;
        let told = self
            .ask_signed_in(&inquiry, payer.area, operator, message_id)
            .await;
        match told.map(|(_, told)| told.reply) {
            Ok(InquiryReply::Totals(rows)) => Some(TotalsList {
                rows: rows.iter().map(total).collect(),
                source: source("5206", false),
                asked_at: rfc3339_beijing(self.clock.now()),
                age_s: 0,
            }),
            Ok(_) => None,
            Err(trouble) => {
                tracing::info!(%trouble, "The totals of the year gave no answer");
                None
            }
        }
    }

    /// Asks for the chronic diseases of somebody insured here, whose registers are asked for nothing else.
    pub(super) async fn ask_chronic(&self, payer: &Payer, operator: &Operator) {
        let inquiry = Inquiry::ChronicEntries { payer: payer.clone() };
        if !inquiry.is_offered(self.platform.profile()) {
            return;
        }
        let Ok(message_id) = self.core.new_message_id().await else {
            return;
        };
        let told = self
            .ask_and_observe(&inquiry, payer.area, operator, message_id)
            .await;
        if let Err(trouble) = told {
            tracing::info!(%trouble, "The register of chronic diseases gave no answer");
        }
    }
}

/// The newest list of chronic diseases whose details are still there. `since`: what was seen before is from disk.
pub(super) fn chronic_list(seen: &[Observation], since: Timestamp, now: Timestamp) -> Option<ChronicList> {
    let lists = seen.iter().filter(|seen| seen.source == Source::ChronicEntries);
    let told = lists.filter_map(|seen| match seen.said.as_ref()? {
        Said::Entries { rows } => Some((seen, rows)),
        _ => None,
    });
    let (newest, rows) =
        told.max_by(|(one, _), (other, _)| (one.at, &one.digest).cmp(&(other.at, &other.digest)))?;
    let today = business_day(now);
    let age = now.as_second().saturating_sub(newest.at.as_second());
    let entries = rows.iter().map(|row| ChronicEntryView {
        code: row.code.clone(),
        name: row.name.clone(),
        from: row.from.map(|day| day.to_string()),
        until: row.until.map(|day| day.to_string()),
        valid_today: row.from.is_none_or(|from| from <= today)
            && row.until.is_none_or(|until| today <= until),
    });
    Some(ChronicList {
        entries: entries.collect(),
        source: source("5301", newest.at < since),
        asked_at: rfc3339_beijing(newest.at),
        age_s: u64::try_from(age).unwrap_or_default(),
    })
}

fn source(transaction: &str, from_disk: bool) -> LookupSource {
    LookupSource {
        transaction: String::from(transaction),
        platform_message_id: None,
        from_disk,
    }
}

fn total(row: &YearTotal) -> TotalView {
    TotalView {
        insurance_type: row.insurance.as_ref().map(|kind| String::from(kind.as_str())),
        year: row.year.clone(),
        month: row.month.clone(),
        code: row.code.clone(),
        value: row.value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::date;
    use zhijie_filing::Entry;
    use zhijie_model::Private;

    use super::*;

    fn list(at: Timestamp, code: &str) -> Observation {
        Observation {
            at,
            source: Source::ChronicEntries,
            message_id: None,
            platform_message_id: None,
            digest: String::from(code),
            answer_digest: None,
            said: Some(Said::Entries {
                rows: vec![Entry {
                    code: Some(Private::new(code)),
                    name: Private::new("病"),
                    from: Some(date(2026, 1, 1)),
                    until: Some(date(2026, 11, 21)),
                }],
            }),
        }
    }

    #[test]
    fn the_newest_list_tells_and_says_how_old_it_is() {
        // Early on the 22nd in Beijing.
        let now: Timestamp = "2026-11-21T17:00:00Z".parse().unwrap();
        let ago = |seconds| now - SignedDuration::from_secs(seconds);
        let mut erased = list(ago(1), "M3");
        erased.said = None;
        let seen = [list(ago(90), "M1"), list(ago(60), "M2"), erased];
        let told = chronic_list(&seen, ago(30), now).unwrap();
        assert_eq!((told.age_s, told.source.from_disk), (60, true));
        let [entry] = told.entries.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(entry.code, Some(Private::new("M2")));
        assert!(!entry.valid_today);
        assert!(!chronic_list(&seen, ago(61), now).unwrap().source.from_disk);
        assert!(chronic_list(&[], now, now).is_none());
    }
}
