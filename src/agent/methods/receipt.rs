//! `receipt.get`: the settlement sheet of a bill, from the ledger's truth.

use zhijie_desk::RpcError;
use zhijie_desk::api::{ReceiptFormat, ReceiptGetParams, ReceiptGetResult, typed};
use zhijie_model::{BillId, Fen, LineCut, Refund, Ticket};
use zhijie_settlement::{Case, Deferral, EstimateSource, Risk, Settled, State};

use super::{Services, core_gone, error};
use crate::areas::area_name;
use crate::core::{Found, Key};
use crate::faults::{self, DESK_021};
use crate::filing::receipt_lines;
use crate::receipt::{
    DeferredPart, EstimatePart, Receipt, ReceiptLine, RefundPart, SettledPart, Standing, html, json, text,
};

impl Services {
    pub(super) async fn receipt(&self, asked: ReceiptGetParams) -> Result<ReceiptGetResult, RpcError> {
        let bill: BillId = typed("bill_id", &asked.bill_id)?;
        let found = self.core.find(Key::Bill(bill)).await.map_err(core_gone)?;
        let none = || error(&faults::fault(&DESK_021, "", None, &asked.bill_id));
        let found = found.ok_or_else(none)?;
        let receipt = self.sheet(&found).ok_or_else(none)?;
        let content = match asked.format {
            ReceiptFormat::Text => text(&receipt, usize::from(asked.columns)),
            ReceiptFormat::Html => html(&receipt),
            ReceiptFormat::Json => json(&receipt),
        };
        Ok(ReceiptGetResult {
            format: asked.format,
            content,
        })
    }

    fn sheet(&self, found: &Found) -> Option<Receipt> {
        let state = &found.state;
        let case = state.case()?;
        let order = &case.order;
        Some(Receipt {
            institution: self.config.institution.code.clone(),
            institution_name: self.config.institution.name.clone(),
            desk: format!("{:02}", self.config.desk.slot),
            patient: order.payer.name.clone(),
            certificate: order.payer.certificate.clone(),
            insured_area: order.payer.area,
            insured_area_name: area_name(order.payer.area),
            visit: order.visit.number.clone(),
            batch: order.bill.batch().clone(),
            department: order.visit.department.name.clone(),
            doctor: order.visit.doctor.name.clone(),
            lines: lines(case),
            standing: standing(state),
            filing: found.filing.as_ref().map(receipt_lines),
            ledger_head: None,
        })
    }
}

fn lines(case: &Case) -> Vec<ReceiptLine> {
    let cut_of = |serial| case.progress.cuts.iter().find(|cut| cut.serial == serial);
    case.order
        .bill
        .lines()
        .iter()
        .map(|line| {
            let cut = cut_of(line.serial.clone());
            ReceiptLine {
                name: line.name.clone(),
                quantity: line.quantity,
                unit_price: line.unit_price,
                amount: line.amount,
                class: cut.map(|cut| cut.class.clone()),
                own_part: cut.and_then(own_part),
            }
        })
        .collect()
}

/// What the centre put outside the funds' scope; a sum of its own figures.
fn own_part(cut: &LineCut) -> Option<Fen> {
    Fen::sum([cut.own_expense, cut.over_ceiling, cut.first_own])
}

/// The deferral of a bill of which nothing is settled and nothing in doubt.
fn waits(state: &State) -> Option<&Deferral> {
    let waits = matches!(
        state,
        State::Deferred(_) | State::Preparing(_) | State::Quoted(_) | State::Drafted(_)
    );
    state.case().filter(|_| waits)?.deferral.as_ref()
}

fn standing(state: &State) -> Standing {
    if let Some(deferral) = waits(state) {
        return Standing::Deferred(deferred_part(deferral));
    }
    let ticket = || {
        state
            .doubt()
            .and_then(|doubt| Ticket::new(doubt.subject.as_str()).ok())
    };
    match state {
        State::Settled(settled) => Standing::Settled(settled_part(settled)),
        State::Cancelled {
            settled,
            refund,
            refunded_by,
        } => Standing::Refunded {
            settled: settled_part(settled),
            refund: refund_part(settled, refund.as_ref(), refunded_by),
        },
        State::Cancelling(cancelling) => Standing::RefundNotKnown {
            settlement: cancelling.settled.settlement.id.clone(),
            ticket: ticket(),
        },
        State::Submitted(_) | State::InDoubt(_) | State::Reversing(_) => {
            Standing::NotKnown { ticket: ticket() }
        }
        State::Renewing(renewing) => standing(&renewing.before),
        State::NeedsClerk(clerk) => standing_for_clerk(&clerk.before),
        State::Blank
        | State::Deferred(_)
        | State::Drafted(_)
        | State::Preparing(_)
        | State::Quoted(_)
        | State::Declined { .. }
        | State::Reversed { .. }
        | State::Abandoned { .. }
        | State::Undoing(_) => Standing::NotSettled,
    }
}

fn deferred_part(deferral: &Deferral) -> DeferredPart {
    let terms = &deferral.terms;
    DeferredPart {
        deposit: terms.deposit,
        estimate: terms.estimate.as_ref().map(|estimate| EstimatePart {
            cash: estimate.cash,
            by_policy: matches!(estimate.source, EstimateSource::Policy { .. }),
            seen_at: estimate.seen_at,
        }),
        hospital_bears: terms.risk == Risk::Hospital,
        since: deferral.since,
        words_zh: terms.words_zh.clone(),
        words_en: terms.words_en.clone(),
    }
}

/// A bill that waits for a person shows no amounts unless nothing about them is in doubt.
fn standing_for_clerk(before: &State) -> Standing {
    match standing(before) {
        Standing::NotSettled => Standing::NotKnown { ticket: None },
        other => other,
    }
}

fn settled_part(settled: &Settled) -> SettledPart {
    SettledPart {
        split: settled.settlement.split.clone(),
        settlement: settled.settlement.id.clone(),
        message: settled.message_id.clone(),
        platform_message: settled.settlement.platform.message_id.clone(),
        settled_at: settled.settlement.settled_at,
        deposit: settled
            .case
            .deferral
            .as_ref()
            .map(|deferral| deferral.terms.deposit),
    }
}

/// Where only the query told of the refund, the sheet shows the settlement it undid.
fn refund_part(settled: &Settled, refund: Option<&Refund>, message: &zhijie_model::MessageId) -> RefundPart {
    match refund {
        Some(refund) => RefundPart {
            settlement: refund.id.clone(),
            message: message.clone(),
            platform_message: refund.platform.message_id.clone(),
            refunded_at: refund.refunded_at,
            total: refund.total,
            cash: refund.cash,
        },
        None => RefundPart {
            settlement: settled.settlement.id.clone(),
            message: message.clone(),
            platform_message: None,
            refunded_at: settled.settlement.settled_at,
            total: settled.settlement.split.total().negated(),
            cash: None,
        },
    }
}
