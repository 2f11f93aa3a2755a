//! `visit.details`, `person.medicines` and `receipt.sheet`: lookups of what the centre holds. Nothing moves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zhijie_desk::RpcError;
use zhijie_desk::api::{
    DetailDiagnoses, DetailDiagnosis, DetailLine, DetailLines, LookupSource, MedicineView,
    PersonMedicinesParams, PersonMedicinesResult, QuoteLine, ReceiptSheetParams, ReceiptSheetResult,
    VisitDetailsParams, VisitDetailsResult, typed,
};
use zhijie_model::{
    BillId, CentreLine, CentreSheet, Dispensed, Fen, IdentityId, Payer, SettlementId, VisitId,
    rfc3339_beijing,
};
use zhijie_settlement::{Case, Operator, Settled, State};
use zhijie_wire::{Inquiry, InquiryReply};

use super::person::not_that;
use super::{Services, core_gone, error};
use crate::core::Key;
use crate::faults::{self, DESK_015, DESK_021, DESK_072};

const MEDICINES_MAX: usize = 500;

/// A settlement that stands or stood, by what the centre knows it by.
struct Known {
    state: std::sync::Arc<State>,
    payer: Payer,
    operator: Operator,
    visit_id: VisitId,
    settlement: SettlementId,
    stay: bool,
}

impl Services {
    pub(super) async fn visit_details(
        &self,
        asked: VisitDetailsParams,
    ) -> Result<VisitDetailsResult, RpcError> {
        let known = self.known(&asked).await?;
        let lines = Inquiry::Lines {
            payer: known.payer.clone(),
            visit_id: known.visit_id.clone(),
            settlement: known.settlement.clone(),
        };
        let lines = match self.told(&lines, &known).await {
            Some(InquiryReply::Lines(rows)) if !rows.is_empty() => DetailLines {
                rows: rows.iter().map(centre_line).collect(),
                source: source("5204", false),
            },
            _ => DetailLines {
                rows: known.state.case().map(own_lines).unwrap_or_default(),
                source: source("5204", true),
            },
        };
        let diagnoses = Inquiry::Diagnoses {
            payer: known.payer.clone(),
            visit_id: known.visit_id.clone(),
        };
        let diagnoses = match self.told(&diagnoses, &known).await {
            Some(InquiryReply::Diagnoses(rows)) if !rows.is_empty() => DetailDiagnoses {
                rows: rows
                    .into_iter()
                    .map(|row| DetailDiagnosis {
                        code: row.code,
                        name: row.name,
                        main: row.main,
                        at_discharge: row.at_discharge,
                    })
                    .collect(),
                source: source("5202", false),
            },
            _ => DetailDiagnoses {
                rows: known.state.case().map(own_diagnoses).unwrap_or_default(),
                source: source("5202", true),
            },
        };
        Ok(VisitDetailsResult {
            bill_id: asked.bill_id,
            lines,
            diagnoses,
        })
    }

    pub(super) async fn centre_sheet(
        &self,
        asked: ReceiptSheetParams,
    ) -> Result<ReceiptSheetResult, RpcError> {
        let marker = asked.bill_id.clone();
        let known = self.known(&asked).await?;
        let rule = self.platform.profile().lookups.sheets;
        let kind = rule.kind(known.payer.area, self.care_area(), known.stay);
        let kind = kind.ok_or_else(|| error(&faults::fault(&DESK_072, "", None, &marker)))?;
        let inquiry = Inquiry::Sheet {
            kind,
            payer: known.payer.clone(),
            visit_id: known.visit_id.clone(),
            settlement: known.settlement.clone(),
        };
        let area = known.payer.area;
        let reply = self.ask_looked(&inquiry, area, &known.operator, &marker).await?;
        let InquiryReply::Sheet(sheet) = reply else {
            return Err(error(&not_that(Ok(reply), &marker)));
        };
        let (format, content_base64, address) = match sheet {
            CentreSheet::File(bytes) => (Some(looks_like(&bytes)), Some(STANDARD.encode(&bytes)), None),
            CentreSheet::Address(address) => (None, None, Some(address)),
        };
        Ok(ReceiptSheetResult {
            bill_id: asked.bill_id,
            settlement_id: String::from(known.settlement.as_str()),
            format: format.map(String::from),
            content_base64,
            address,
            source: source("5265", false),
        })
    }

    pub(super) async fn medicines(
        &self,
        asked: PersonMedicinesParams,
    ) -> Result<PersonMedicinesResult, RpcError> {
        let marker = asked.identity_id.as_str();
        let id: IdentityId = typed("identity_id", &asked.identity_id)?;
        let (began, ended) = asked.span()?;
        let given = asked.operator.as_ref();
        let operator = self.operator(given.and_then(|operator| operator.to_operator("operator").ok()));
        let identity = self.identities.get(&id, self.clock.now());
        let identity = identity.map_err(|unfit| error(&super::identity::unfit_fault(unfit, marker)))?;
        if !self.platform.profile().lookups.dispensed {
            return Err(error(&faults::fault(&DESK_072, "", None, marker)));
        }
        let kind = identity.credential.kind;
        let looked = self.looked_up(&id, identity, &operator).await;
        let looked = looked.map_err(|fault| error(&fault))?;
        let payer = self.chosen_payer(asked.insurance.as_ref(), &looked, kind, marker);
        let payer = payer.map_err(|fault| error(&fault))?;
        let area = payer.area;
        let inquiry = Inquiry::Dispensed {
            payer,
            began,
            ended: ended.unwrap_or_else(|| self.clock.now()),
        };
        let reply = self.ask_looked(&inquiry, area, &operator, marker).await?;
        let InquiryReply::Dispensed(rows) = reply else {
            return Err(error(&not_that(Ok(reply), marker)));
        };
        Ok(PersonMedicinesResult {
            cut: rows.len() > MEDICINES_MAX,
            rows: rows.into_iter().take(MEDICINES_MAX).map(medicine).collect(),
            source: source("5205", false),
            asked_at: rfc3339_beijing(self.clock.now()),
        })
    }

    /// Asks where that is offered; `None` when nothing came of it, for there is a copy of our own.
    async fn told(&self, inquiry: &Inquiry, known: &Known) -> Option<InquiryReply> {
        if !inquiry.is_offered(self.platform.profile()) {
            return None;
        }
        let asked = self.ask_looked(inquiry, known.payer.area, &known.operator, "details");
        match asked.await {
            Ok(reply) => Some(reply),
            Err(_) => {
                tracing::info!(transaction = ?inquiry.transaction(), "Our own copy is shown in place of the centre's");
                None
            }
        }
    }

    async fn ask_looked(
        &self,
        inquiry: &Inquiry,
        area: zhijie_model::Area,
        operator: &Operator,
        marker: &str,
    ) -> Result<InquiryReply, RpcError> {
        self.sign_in(operator, marker)
            .await
            .map_err(|fault| error(&fault))?;
        let message_id = self.core.new_message_id().await.map_err(core_gone)?;
        let told = self.ask_signed_in(inquiry, area, operator, message_id).await;
        match told {
            Ok((_, told)) => match told.reply {
                refused @ InquiryReply::Refused(_) => Err(error(&not_that(Ok(refused), marker))),
                reply => Ok(reply),
            },
            Err(trouble) => Err(error(&not_that(Err(trouble), marker))),
        }
    }

    async fn known(&self, asked: &VisitDetailsParams) -> Result<Known, RpcError> {
        let bill: BillId = typed("bill_id", &asked.bill_id)?;
        let found = self.core.find(Key::Bill(bill)).await.map_err(core_gone)?;
        let found = found.ok_or_else(|| error(&faults::fault(&DESK_021, "", None, &asked.bill_id)))?;
        let none = || error(&faults::fault(&DESK_015, "", None, &asked.bill_id));
        let settled: &Settled = found.state.settled().ok_or_else(none)?;
        let given = asked.operator.as_ref();
        let given = given.and_then(|operator| operator.to_operator("operator").ok());
        Ok(Known {
            payer: settled.case.order.payer.clone(),
            operator: self.operator(given),
            visit_id: settled.settlement.visit_id.clone(),
            settlement: settled.settlement.id.clone(),
            stay: matches!(settled.case.order.road, zhijie_model::Road::Stay(_)),
            state: found.state.clone(),
        })
    }
}

fn centre_line(row: &CentreLine) -> DetailLine {
    DetailLine {
        cut: QuoteLine::from(&row.cut),
        national_code: row.national_code.clone(),
        own_code: row.own_code.clone(),
        name: row.name.clone(),
        quantity: row.quantity.clone(),
        unit_price: row.unit_price.clone(),
    }
}

/// The cuts the centre answered when the lines were uploaded, with what was charged.
fn own_lines(case: &Case) -> Vec<DetailLine> {
    let charged = case.order.bill.lines();
    let cuts = case.progress.cuts.iter();
    cuts.map(|cut| {
        let line = charged.iter().find(|line| line.serial == cut.serial);
        DetailLine {
            cut: QuoteLine::from(cut),
            national_code: line.map(|line| line.national_code.clone()).unwrap_or_default(),
            own_code: line.map(|line| line.own_code.clone()),
            name: line.map(|line| line.name.clone()),
            quantity: line.map(|line| line.quantity.to_string()),
            unit_price: line.map(|line| line.unit_price.to_string()),
        }
    })
    .collect()
}

fn own_diagnoses(case: &Case) -> Vec<DetailDiagnosis> {
    let told = &case.order.visit.diagnoses;
    let first = told.iter().map(|diagnosis| diagnosis.rank).min();
    let row = |diagnosis: &zhijie_model::Diagnosis| DetailDiagnosis {
        code: diagnosis.code.clone(),
        name: diagnosis.name.clone(),
        main: Some(first == Some(diagnosis.rank)),
        at_discharge: None,
    };
    told.iter().map(row).collect()
}

fn medicine(row: Dispensed) -> MedicineView {
    MedicineView {
        national_code: row.national_code,
        name: row.name,
        at: row.at.map(|at| format!("{at}+08:00")),
        quantity: row.quantity,
        amount_fen: row.amount.map(Fen::get),
        institution: row.institution,
        institution_name: row.institution_name,
    }
}

/// By the first bytes; the platform says nothing of it.
fn looks_like(bytes: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 4] = [
        (b"%PDF", "pdf"),
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"PK\x03\x04", "zip"),
    ];
    let known = KNOWN.iter().find(|(first, _)| bytes.starts_with(first));
    match (known, core::str::from_utf8(bytes)) {
        (Some((_, name)), _) => name,
        (None, Ok(_)) => "text",
        (None, Err(_)) => "unknown",
    }
}

fn source(transaction: &str, from_disk: bool) -> LookupSource {
    LookupSource {
        transaction: String::from(transaction),
        platform_message_id: None,
        from_disk,
    }
}
