//! What the offline policy allows: sums, kinds of credential, and how old what is known of the person may be.

use jiff::Timestamp;
use zhijie_filing::{Answer, Observation, Question, Said, check};
use zhijie_model::{Bill, Payer, PersonNumber, Visit, business_day};
use zhijie_settlement::State;

use super::Services;
use crate::filing::Person;
use crate::identities::Identity;

/// Why the offline policy does not take a bill, for people.
pub(super) struct Refusal {
    pub zh: String,
    pub en: &'static str,
}

impl Services {
    /// The sums and kinds the policy allows.
    pub(super) async fn limits(
        &self,
        identity: &Identity,
        payer: &Payer,
        bill: &Bill,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let policy = &self.config.deferred;
        let refuse = |zh: String, en| Err(Refusal { zh, en });
        if !policy.credentials.contains(&identity.credential.kind) {
            return refuse(
                String::from("这种凭证不能以后结算"),
                "this kind of credential is not deferred",
            );
        }
        let total = bill.total();
        if total > policy.limit_bill_fen {
            return refuse(
                format!("超过每单上限{}元", policy.limit_bill_fen),
                "the bill is above the limit",
            );
        }
        let open = self.core.open().await.unwrap_or_default();
        let (mut of_desk, mut of_patient) = (0_i64, 0_i64);
        for (_, state) in &open {
            let Some(sum) = waiting_fen(state) else { continue };
            of_desk = of_desk.saturating_add(sum);
            if is_todays(state, &payer.number, now) {
                of_patient = of_patient.saturating_add(sum);
            }
        }
        if of_patient.saturating_add(total.get()) > policy.limit_patient_day_fen.get() {
            return refuse(
                format!("超过每人每日上限{}元", policy.limit_patient_day_fen),
                "the patient's sum of the day is above the limit",
            );
        }
        if of_desk.saturating_add(total.get()) > policy.limit_desk_fen.get() {
            return refuse(
                format!("本窗口待结算总额超过上限{}元", policy.limit_desk_fen),
                "the desk's sum of deferred bills is above the limit",
            );
        }
        Ok(())
    }

    /// What is known of the filing, and of the insured region's last verdict, as far as the policy asks for it.
    pub(super) async fn known_well_enough(
        &self,
        payer: &Payer,
        visit: &Visit,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let policy = &self.config.deferred;
        let refuse = |zh: &str, en| {
            let zh = String::from(zh);
            Err(Refusal { zh, en })
        };
        let person = Person {
            number: Some(payer.number.clone()),
            certificate: Some(payer.certificate.clone()),
        };
        let past = self.core.past(person).await.map(|(past, _)| past);
        let seen: Vec<Observation> = past
            .unwrap_or_default()
            .into_iter()
            .filter_map(|past| past.seen.observation)
            .collect();
        let taken = seen
            .iter()
            .filter(|seen| matches!(seen.said, Some(Said::Accepted { .. })));
        let last_taken_s = taken.map(|seen| seen.at.as_second()).max();
        let verdict_age_s = last_taken_s.map(|at| now.as_second().saturating_sub(at));
        if policy.verdict_age_max_s > 0
            && verdict_age_s.is_none_or(|age_s| age_s > i64::from(policy.verdict_age_max_s))
        {
            return refuse(
                "参保地很久没有受理过这位患者的就诊，或从未在本窗口受理过",
                "the insured region has taken no visit of the person at this desk recently",
            );
        }
        if policy.filing_age_max_s == 0 {
            return Ok(());
        }
        let question = Question {
            now,
            insured: payer.area,
            care: self.filing.care,
            visit_kind: visit.kind.clone(),
        };
        let known = check(&seen, &question, &self.filing.rules);
        match known.answer {
            Answer::NotNeeded => Ok(()),
            Answer::Valid if known.age_s <= u64::from(policy.filing_age_max_s) => Ok(()),
            Answer::Valid => refuse(
                "备案信息太旧，联网核对后才能以后结算",
                "what is known of the filing is too old",
            ),
            Answer::Missing => refuse("没有异地就医备案，请先办理备案", "the filing is missing"),
            Answer::Expired => refuse("异地就医备案已到期，请先续办", "the filing has expired"),
            Answer::NotKnown => refuse(
                "不知道有没有异地就医备案，不能以后结算",
                "nothing certain is known of the filing",
            ),
        }
    }
}

fn waiting_fen(state: &State) -> Option<i64> {
    let case = state.case().filter(|case| case.deferral.is_some())?;
    Some(case.order.bill.total().get())
}

fn is_todays(state: &State, person: &PersonNumber, now: Timestamp) -> bool {
    state.case().is_some_and(|case| {
        let since = case
            .deferral
            .as_ref()
            .map(|deferral| business_day(deferral.since));
        case.order.payer.number == *person && since == Some(business_day(now))
    })
}
