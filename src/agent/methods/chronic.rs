//! A visit under a chronic or special disease: the person must be registered for it today, by the insured region's book.

use zhijie_model::{ChronicEntry, Disease, Fault, Payer, Visit, business_day};
use zhijie_settlement::Operator;
use zhijie_wire::{Inquiry, InquiryReply};

use super::Services;
use super::person::not_that;
use crate::faults::{self, DESK_053, PLAT_034, PLAT_035};

impl Services {
    /// Whether the visit may be sent. Where the province cannot be asked, the trial tells.
    ///
    /// # Errors
    /// The fault to show; nothing of the visit was sent.
    pub(super) async fn registered_disease(
        &self,
        payer: &Payer,
        visit: &Visit,
        operator: &Operator,
        marker: &str,
    ) -> Result<(), Box<Fault>> {
        let profile = self.platform.profile();
        if !profile.chronic.is_chronic(&visit.kind) {
            return Ok(());
        }
        let fault = |entry, evidence: &str| Box::new(faults::fault(entry, evidence, None, marker));
        let Some(disease) = &visit.disease else {
            return Err(fault(&DESK_053, ""));
        };
        let distance = payer.area.distance_to(self.care_area());
        if !profile.chronic.is_open(&disease.code, distance) {
            return Err(fault(&PLAT_035, &disease.code));
        }
        let inquiry = Inquiry::ChronicEntries { payer: payer.clone() };
        if !inquiry.is_offered(profile) {
            return Ok(());
        }
        let message_id = self.core.new_message_id().await;
        let message_id = message_id.map_err(|gone| Box::new(super::core_fault(gone)))?;
        let told = self
            .ask_and_observe(&inquiry, payer.area, operator, message_id)
            .await;
        match told {
            Ok(InquiryReply::ChronicEntries(entries)) => {
                match standing(&entries, disease, self.clock.now()) {
                    Ok(()) => Ok(()),
                    Err(evidence) => Err(fault(&PLAT_034, &evidence)),
                }
            }
            other => Err(Box::new(not_that(other, marker))),
        }
    }
}

/// Whether an entry of the disease is valid today; otherwise what there is.
fn standing(entries: &[ChronicEntry], disease: &Disease, now: jiff::Timestamp) -> Result<(), String> {
    let today = business_day(now);
    let mut own = entries.iter().filter(|entry| entry.disease.code == disease.code);
    let valid = |entry: &ChronicEntry| {
        entry.from.is_none_or(|from| from <= today) && entry.until.is_none_or(|until| today <= until)
    };
    if own.clone().any(valid) {
        return Ok(());
    }
    Err(match own.next() {
        Some(entry) => format!(
            "{}: from {} until {}",
            disease.code,
            entry
                .from
                .map_or_else(|| String::from("not told"), |day| day.to_string()),
            entry
                .until
                .map_or_else(|| String::from("not told"), |day| day.to_string()),
        ),
        None => {
            let codes: Vec<&str> = entries.iter().map(|entry| entry.disease.code.as_str()).collect();
            format!("{}: no entry; registered: {}", disease.code, codes.join(" "))
        }
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;

    fn entry(code: &str, from: Date, until: Option<Date>) -> ChronicEntry {
        ChronicEntry {
            disease: Disease {
                code: String::from(code),
                name: String::new(),
            },
            from: Some(from),
            until,
        }
    }

    #[test]
    fn an_entry_counts_on_its_days_only_and_several_of_one_disease_are_all_looked_at() {
        let disease = Disease {
            code: String::from("M03900"),
            name: String::new(),
        };
        // Early on the 22nd in Beijing.
        let now = "2026-11-21T17:00:00Z".parse().unwrap();
        let past = entry("M03900", date(2024, 1, 1), Some(date(2026, 11, 21)));
        let table = [
            (vec![], false),
            (vec![entry("M01600", date(2024, 1, 1), None)], false),
            (vec![past.clone()], false),
            (vec![entry("M03900", date(2026, 11, 23), None)], false),
            (
                vec![entry("M03900", date(2026, 11, 22), Some(date(2026, 11, 22)))],
                true,
            ),
            (vec![past, entry("M03900", date(2026, 1, 1), None)], true),
        ];
        for (entries, valid) in table {
            assert_eq!(standing(&entries, &disease, now).is_ok(), valid, "{entries:?}");
        }
    }
}
