//! What a cashier asks, kept so that it can be asked again with the same id.

use zhijie_agent::core::Asked;
use zhijie_desk::Method;
use zhijie_ledger::{Digest, digest};
use zhijie_model::{BillId, RequestId};
use zhijie_settlement::Event;

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) id: RequestId,
    pub(crate) method: Method,
    pub(crate) bill: BillId,
    pub(crate) event: Event,
}

impl Request {
    pub(crate) fn new(bill: &BillId, event: Event) -> Self {
        let (id, method) = match &event {
            Event::QuoteAsked { request, .. } => (request, Method::VisitQuote),
            Event::SettleAsked { request, .. } => (request, Method::VisitSettle),
            Event::DeferAsked { request, .. } => (request, Method::VisitSettle),
            Event::CancelAsked { request, .. } => (request, Method::VisitCancel),
            Event::Confirmed { request, .. } => (request, Method::VisitConfirm),
            Event::Resolved { request, .. } => (request, Method::WorkResolve),
            Event::Answered { .. }
            | Event::NotSent { .. }
            | Event::Lost { .. }
            | Event::ReplayDue
            | Event::StatementAsked { .. }
            | Event::StatementTold { .. }
            | Event::Woken
            | Event::Restarted => panic!("nobody asks this"),
        };
        Self {
            id: id.clone(),
            method,
            bill: bill.clone(),
            event,
        }
    }

    pub(crate) fn asked(&self) -> Asked {
        Asked {
            request: self.id.clone(),
            method: self.method,
            body: self.body(""),
        }
    }

    /// The same id with another body.
    pub(crate) fn altered(&self) -> Asked {
        Asked {
            body: self.body("another"),
            ..self.asked()
        }
    }

    fn body(&self, more: &str) -> Digest {
        digest(format!("{:?}{more}", self.event).as_bytes())
    }
}
