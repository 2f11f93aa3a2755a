//! `filing.record`, `filing.dispute`, `filing.forget`.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use serde_json::value::RawValue;
use zhijie_desk::api::{
    CodeName, FilingDisputeParams, FilingDisputeResult, FilingForgetParams, FilingRecordParams,
    FilingRecordResult, OperatorParams, Outcome, WhoParams,
};
use zhijie_desk::{Method, RpcError};
use zhijie_filing::{Filing, Observation, Said, Source};
use zhijie_ledger::NewRecord;
use zhijie_model::{Fault, VisitType, rfc3339_beijing};

use super::Services;
use super::ask::Plan;
use super::filing::Subject;
use crate::core::{Forget, More};
use crate::faults::{self, AGENT_004, AGENT_010, DESK_006, DESK_022};
use crate::filing::{Packet, Patient, Sighting, entry_view, filing_kind, packet_name};
use crate::render;

impl Services {
    pub(super) async fn record_filing(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::FilingRecord,
            params,
            |asked: &FilingRecordParams| &asked.request_id,
            plan_record,
        )
        .await
    }

    pub(super) async fn dispute_filing(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::FilingDispute,
            params,
            |asked: &FilingDisputeParams| &asked.request_id,
            plan_dispute,
        )
        .await
    }

    pub(super) async fn forget_filing(&self, params: &RawValue) -> Result<Box<RawValue>, RpcError> {
        self.once(
            Method::FilingForget,
            params,
            |asked: &FilingForgetParams| &asked.request_id,
            plan_forget,
        )
        .await
    }

    async fn named(&self, who: &WhoParams, marker: &str) -> Result<Subject, Box<Fault>> {
        let who = who.to_who().map_err(|_| changed(marker))?;
        self.subject(who).await.map_err(Box::new)
    }

    async fn packet(&self, asked: &FilingDisputeParams) -> Result<(Packet, String), Box<Fault>> {
        let marker = asked.request_id.as_str();
        let subject = self.named(&asked.who, marker).await?;
        let (past, cut) = self.past(&subject).await.map_err(Box::new)?;
        if past.is_empty() {
            return Err(Box::new(faults::fault(&DESK_022, "", None, marker)));
        }
        let figures = self.core.figures().await.map_err(super::core_fault)?;
        let id = self.core.new_message_id().await.map_err(super::core_fault)?;
        let now = self.clock.now();
        let kind = VisitType::new("11").map_err(|_| changed(marker))?;
        let packet = Packet {
            format: Packet::FORMAT,
            made_at: rfc3339_beijing(now),
            institution: CodeName {
                code: String::from(self.config.institution.code.as_str()),
                name: Some(self.config.institution.name.clone()),
            },
            desk: format!("{:02}", self.config.desk.slot),
            reason: asked.reason.clone(),
            check: self.check_subject(&subject, &past, None, kind),
            entries: past
                .iter()
                .map(|past| entry_view(past, now, &self.filing.rules.age))
                .collect(),
            cut,
            patient: Patient {
                name: subject.name,
                certificate: subject.person.certificate,
                person_number: subject.person.number,
            },
            ledger_seq: figures.head_seq,
        };
        Ok((packet, packet_name(now, &id)))
    }

    /// Where packets go.
    fn packets(&self) -> PathBuf {
        let beside = || self.config.ledger.path.with_file_name("filing-disputes");
        self.config.filing.packets.clone().unwrap_or_else(beside)
    }
}

/// What was checked before the request was claimed is not so any more; only a bug can cause it.
fn changed(marker: &str) -> Box<Fault> {
    Box::new(faults::fault(
        &AGENT_004,
        "the request changed under way",
        None,
        marker,
    ))
}

fn not_done(fault: Box<Fault>) -> Plan {
    Plan::NotDone { bill: None, fault }
}

async fn plan_record(services: Services, asked: FilingRecordParams) -> Plan {
    let marker = asked.request_id.as_str();
    let subject = match services.named(&asked.who, marker).await {
        Ok(subject) => subject,
        Err(fault) => return not_done(fault),
    };
    if subject.person.number.is_none() && subject.person.certificate.is_none() {
        let evidence = "the identity does not tell who it is";
        return not_done(Box::new(faults::fault(&DESK_006, evidence, None, marker)));
    }
    let Ok((from, until, area)) = asked.term() else {
        return not_done(changed(marker));
    };
    let filing = Filing {
        kind: filing_kind(asked.kind),
        number: asked.number.clone(),
        from,
        until,
        area: Some(area),
    };
    let sighting = Sighting {
        person: subject.person,
        observation: Observation {
            at: services.clock.now(),
            source: Source::Paper,
            message_id: None,
            platform_message_id: None,
            digest: String::new(),
            answer_digest: None,
            said: Some(Said::Paper {
                filing,
                seen_by: asked.seen_by,
            }),
        },
    };
    Plan::Done {
        answer: render::json(&FilingRecordResult {
            outcome: Outcome::Done,
            fault: None,
        }),
        more: More {
            sightings: vec![sighting],
            record: None,
        },
    }
}

async fn plan_dispute(services: Services, asked: FilingDisputeParams) -> Plan {
    let marker = asked.request_id.clone();
    let (packet, name) = match services.packet(&asked).await {
        Ok(made) => made,
        Err(fault) => return not_done(fault),
    };
    let folder = services.packets();
    let written = tokio::task::spawn_blocking(move || packet.write(&folder, &name)).await;
    let written = match written {
        Ok(Ok(written)) => written,
        Ok(Err(problem)) => {
            let evidence = problem.kind().to_string();
            return not_done(Box::new(faults::fault(&AGENT_010, &evidence, None, &marker)));
        }
        Err(_) => return not_done(changed(&marker)),
    };
    let record = NewRecord {
        kind: String::from("filing.disputed"),
        version: 1,
        body: json!({ "digest": written.digest }).to_string().into_bytes(),
    };
    Plan::Done {
        answer: render::json(&FilingDisputeResult {
            outcome: Outcome::Done,
            html_path: Some(written.html_path.display().to_string()),
            json_path: Some(written.json_path.display().to_string()),
            digest: Some(written.digest),
            fault: None,
        }),
        more: More {
            sightings: Vec::new(),
            record: Some(record),
        },
    }
}

async fn plan_forget(services: Services, asked: FilingForgetParams) -> Plan {
    let marker = asked.request_id.as_str();
    let what = match (&asked.who, asked.older_than_days) {
        (Some(who), _) => match services.named(who, marker).await {
            Ok(subject) => Forget::Person(subject.person),
            Err(fault) => return not_done(fault),
        },
        (None, Some(days)) => {
            let age = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
            let now = services.clock.now();
            Forget::Before(now.saturating_sub(age).unwrap_or(Timestamp::MIN))
        }
        (None, None) => return not_done(changed(marker)),
    };
    let given = asked
        .operator
        .as_ref()
        .map(|OperatorParams { code, .. }| code.as_str());
    let operator = given.unwrap_or(services.config.desk.operator_code.as_str());
    Plan::Forget {
        what,
        note: format!("{operator}: {}", asked.reason),
    }
}
