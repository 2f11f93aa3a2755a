//! What every method that changes something shares: the request id is claimed first, and the answer comes from the
//! ledger's side whatever happens to this connection.

use std::sync::Arc;

use serde_json::value::RawValue;
use zhijie_desk::api::Params;
use zhijie_desk::{Method, RpcError, canonical, parse_params};
use zhijie_filing::{ActEvent, NewAct};
use zhijie_ledger::digest;
use zhijie_model::{BillId, Fault, RequestId};
use zhijie_settlement::Event;

use super::{Services, core_gone, error};
use crate::core::{Asked, Begin, Forget, More, StayAsked};
use crate::faults::{self, AGENT_003, AGENT_004, AGENT_008, AGENT_009, DESK_004, Entry};
use crate::{render, render_stay};

/// What a request turned out to be.
pub(super) enum Plan {
    /// An event of this bill.
    Happen { bill: BillId, event: Box<Event> },
    /// Something of this stay.
    Stay { stay: BillId, asked: Box<StayAsked> },
    /// Done without any bill; what goes into the ledger with the answer.
    Done { answer: String, more: More },
    /// A filing is made or taken back; the loop decides.
    File { act: Box<NewAct> },
    /// A person decided about a filing in doubt.
    ResolveAct { act: BillId, event: Box<ActEvent> },
    /// Ended otherwise than done, without any bill.
    Told { outcome: &'static str, answer: String },
    /// Personal details are erased; the loop answers.
    Forget { what: Forget, note: String },
    /// Nothing runs; why.
    NotDone { bill: Option<BillId>, fault: Box<Fault> },
}

impl Services {
    /// Runs a request at most once. `plan` is only asked when the request is new; once claimed it runs to its end
    /// even when the desk program hangs up.
    pub(super) async fn once<P, F>(
        &self,
        method: Method,
        params: &RawValue,
        request: fn(&P) -> &str,
        plan: fn(Self, P) -> F,
    ) -> Result<Box<RawValue>, RpcError>
    where
        P: Params + Send + 'static,
        F: Future<Output = Plan> + Send + 'static,
    {
        let parsed: P = parse_params(params)?;
        let id = RequestId::new(request(&parsed))
            .map_err(|problem| RpcError::invalid_params("request_id", "not_allowed", &problem.to_string()))?;
        let body = canonical(params)
            .map(|body| digest(body.as_bytes()))
            .map_err(|problem| RpcError::invalid_params("", "not_allowed", &problem.to_string()))?;
        let asked = Asked {
            request: id.clone(),
            method,
            body,
        };
        let answer = match self.core.begin(asked).await.map_err(core_gone)? {
            Begin::Answered(answer) => return text(&answer),
            Begin::OtherBody => return Err(error(&faults::fault(&DESK_004, "", None, id.as_str()))),
            Begin::LedgerDown => return Err(error(&faults::fault(&AGENT_003, "", None, id.as_str()))),
            Begin::Wait(answer) => answer,
            Begin::Go(answer) => {
                let services = self.clone();
                tokio::spawn(async move {
                    let planning = tokio::spawn(plan(services.clone(), parsed));
                    // A bug in the planning must not leave the request waiting for ever: nothing ran.
                    let plan = planning.await.unwrap_or_else(|_| Plan::NotDone {
                        bill: None,
                        fault: Box::new(faults::fault(&AGENT_004, "planning broke off", None, id.as_str())),
                    });
                    services.carry_out(method, id, plan).await;
                });
                answer
            }
        };
        match answer.await {
            Ok(answer) => text(&answer),
            Err(_) => Err(error(&faults::fault(
                stopped(method),
                "ask visit.status",
                None,
                "core",
            ))),
        }
    }

    async fn carry_out(&self, method: Method, request: RequestId, plan: Plan) {
        let handed_over = match plan {
            Plan::Happen { bill, event } => self.core.happen(request, bill, *event).await,
            Plan::Stay { stay, asked } => self.core.ask_stay(request, stay, *asked).await,
            Plan::NotDone { bill, fault } => {
                let answer = render::not_done(method, bill.as_ref(), *fault);
                let more = More::default();
                self.core.finish(request, bill, "not_done", answer, more).await
            }
            Plan::Done { answer, more } => self.core.finish(request, None, "done", answer, more).await,
            Plan::File { act } => self.core.file(request, *act).await,
            Plan::ResolveAct { act, event } => self.core.resolve_act(request, act, *event).await,
            Plan::Told { outcome, answer } => {
                self.core
                    .finish(request, None, outcome, answer, More::default())
                    .await
            }
            Plan::Forget { what, note } => self.core.forget(request, what, note).await,
        };
        if handed_over.is_err() {
            tracing::warn!("Request ended because the agent stops");
        }
    }
}

/// The agent stopped before it could answer: what moves money may be on its way.
const fn stopped(method: Method) -> &'static Entry {
    if method.moves_money() || render_stay::leaves_doubt(method) {
        &AGENT_009
    } else {
        &AGENT_008
    }
}

fn text(answer: &Arc<str>) -> Result<Box<RawValue>, RpcError> {
    RawValue::from_string(String::from(&**answer)).map_err(|_| RpcError::internal())
}
