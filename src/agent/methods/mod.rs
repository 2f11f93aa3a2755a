//! The methods of the desk interface. Each turns parameters into a question to the core or the devices, and what
//! comes back into the answer; no decision about money is made here.

mod ask;
mod card_pin;
mod catalog;
mod catalog_map;
mod catalog_words;
mod chronic;
mod compare;
mod deferred;
mod deferred_deposit;
mod deferred_limits;
mod details;
mod filing;
mod filing_acts;
mod filing_made;
mod id_card;
mod identity;
mod info;
mod lookups;
mod medium;
mod papers;
mod person;
mod person_more;
mod person_view;
mod pharmacy;
mod queue;
mod quote;
mod receipt;
mod reconcile;
mod reconcile_totals;
mod registers;
mod rule_check;
mod settle;
mod status;
mod stay;
mod stay_settle;
mod stay_status;
mod voucher;
mod work;

pub(crate) use lookups::Dictionary;
pub(crate) use person::trouble_fault;
pub(crate) use voucher::VoucherDesk;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use jiff::Timestamp;
use serde_json::value::RawValue;
use zhijie_desk::api::{EmptyParams, SubscribeResult};
use zhijie_desk::{Handler, Method, Peer, RpcError, parse_params, result};
use zhijie_devicelink::Devices;
use zhijie_model::{Area, Fault, OperatorCode};
use zhijie_settlement::Operator;

use crate::catalogue::{Catalogue, Syncer};
use crate::clock::Clock;
use crate::config::Config;
use crate::core::{CoreGone, CoreHandle};
use crate::events::Events;
use crate::faults::{self, AGENT_003, AGENT_006, AGENT_008, AGENT_BUSY};
use crate::filing::Policy;
use crate::identities::Identities;
use crate::memory;
use crate::platform::Platform;
use crate::reconcile::Reconciler;

/// Everything the methods need.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    pub config: Arc<Config>,
    pub clock: Arc<dyn Clock>,
    pub core: Arc<CoreHandle>,
    pub platform: Arc<Platform>,
    pub devices: Devices,
    /// Reads resident ID cards, where there is one.
    pub id_reader: Option<Devices>,
    /// Scans and decodes e-vouchers, where the province has it so.
    pub voucher_library: Option<VoucherDesk>,
    pub identities: Arc<Identities>,
    pub events: Events,
    pub filing: Arc<Policy>,
    pub catalogue: Arc<Catalogue>,
    pub dictionary: Arc<Dictionary>,
    pub reconciler: Arc<Reconciler>,
    pub started_at: Timestamp,
    /// Reads that wait for a card or a code.
    pub waiting: Arc<AtomicUsize>,
}

impl Handler for Services {
    async fn call(
        &self,
        peer: Arc<Peer>,
        method: Method,
        params: Box<RawValue>,
    ) -> Result<Box<RawValue>, RpcError> {
        let answer = self.answer(peer, method, params).await;
        memory::worked();
        answer
    }
}

impl Services {
    async fn answer(
        &self,
        peer: Arc<Peer>,
        method: Method,
        params: Box<RawValue>,
    ) -> Result<Box<RawValue>, RpcError> {
        match method {
            Method::AgentInfo => result(&self.info(parse_params(&params)?).await?),
            Method::AgentHealth => result(&self.health(parse_params(&params)?).await?),
            Method::IdentityRead => result(&self.read_identity(&peer, parse_params(&params)?).await?),
            Method::CardPin => result(&self.card_pin(&peer, parse_params(&params)?).await?),
            Method::IdentityCancel => result(&self.cancel_identity(parse_params(&params)?).await),
            Method::IdentityCompare => result(&self.compare_identities(&parse_params(&params)?)?),
            Method::PersonLookup => result(&self.look_person_up(parse_params(&params)?).await?),
            Method::PersonMedicines => result(&self.medicines(parse_params(&params)?).await?),
            Method::InstitutionFind => result(&self.find_institution(parse_params(&params)?).await?),
            Method::DictionaryList => result(&self.list_dictionary(parse_params(&params)?).await?),
            Method::FilingCheck => result(&self.check_filing(parse_params(&params)?).await?),
            Method::FilingHistory => result(&self.filing_history(parse_params(&params)?).await?),
            Method::FilingRecord => self.record_filing(&params).await,
            Method::FilingDispute => self.dispute_filing(&params).await,
            Method::FilingRefer => self.refer(&params).await,
            Method::FilingRegisterChronic => self.register_chronic(&params).await,
            Method::FilingFixPlace => self.fix_place(&params).await,
            Method::FilingWithdraw => self.withdraw_filing(&params).await,
            Method::FilingForget => self.forget_filing(&params).await,
            Method::CatalogSync => result(&self.sync_catalogue(parse_params(&params)?).await?),
            Method::CatalogStatus => result(&self.catalogue_status(parse_params(&params)?).await?),
            Method::CatalogLookup => result(&self.look_catalogue_up(parse_params(&params)?).await?),
            Method::CatalogCheck => result(&self.check_catalogue(parse_params(&params)?).await?),
            Method::CatalogMap => self.map_item(&params).await,
            Method::VisitCheck => result(&self.check_visit(parse_params(&params)?).await?),
            Method::VisitQuote => self.quote(&params).await,
            Method::VisitSettle => self.settle(&params).await,
            Method::VisitConfirm => self.confirm(&params).await,
            Method::VisitCancel => self.cancel(&params).await,
            Method::PharmacyQuote => self.quote_purchase(&params).await,
            Method::PharmacySettle => self.settle_purchase(&params).await,
            Method::PharmacyCancel => self.cancel_purchase(&params).await,
            Method::VisitDetails => result(&self.visit_details(parse_params(&params)?).await?),
            Method::VisitStatus => result(&self.status(parse_params(&params)?).await?),
            Method::StayAdmit => self.admit(&params).await,
            Method::StayChange => self.change_stay(&params).await,
            Method::StayCharge => self.charge_stay(&params).await,
            Method::StayWithdrawCharges => self.withdraw_charges(&params).await,
            Method::StayDischarge => self.discharge(&params).await,
            Method::StayQuote => self.quote_stay(&params).await,
            Method::StaySettle => self.settle_stay(&params).await,
            Method::StayCancel => self.cancel_stay(&params).await,
            Method::StayUndoDischarge => self.undo_discharge(&params).await,
            Method::StayUndoAdmission => self.undo_admission(&params).await,
            Method::StayStatus => result(&self.stay_status(parse_params(&params)?).await?),
            Method::ReceiptGet => result(&self.receipt(parse_params(&params)?).await?),
            Method::ReceiptSheet => result(&self.centre_sheet(parse_params(&params)?).await?),
            Method::QueueList => result(&self.queue(parse_params(&params)?).await?),
            Method::QueueRun => result(&self.run_queue(parse_params(&params)?).await?),
            Method::WorkList => result(&self.work(parse_params(&params)?).await?),
            Method::WorkResolve => self.resolve(&params).await,
            Method::ReconcileDay => result(&self.reconcile(parse_params(&params)?).await?),
            Method::ReconcileTotals => result(&self.reconcile_totals(parse_params(&params)?).await?),
            Method::EventsSubscribe => {
                let EmptyParams {} = parse_params(&params)?;
                self.subscribe(peer);
                result(&SubscribeResult { subscribed: true })
            }
        }
    }

    /// Forwards events until the desk program goes away.
    fn subscribe(&self, peer: Arc<Peer>) {
        let mut events = self.events.subscribe();
        tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    () = peer.hung_up() => break,
                    event = events.recv() => event,
                };
                match event {
                    Ok(event) => {
                        if peer.notify("event", event.as_ref()).is_err() {
                            break;
                        }
                    }
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "A desk program missed events");
                    }
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => break,
                }
            }
        });
    }

    /// The operator of a request, or the desk's own.
    fn operator(&self, given: Option<(OperatorCode, String)>) -> Operator {
        let (code, name) = given.unwrap_or((
            self.config.desk.operator_code.clone(),
            self.config.desk.operator_name.clone(),
        ));
        Operator { code, name }
    }

    /// Who brings the catalogue up to date, in the name of the desk's own operator.
    pub(crate) fn syncer(&self) -> Syncer {
        Syncer {
            catalogue: Arc::clone(&self.catalogue),
            platform: Arc::clone(&self.platform),
            core: Arc::clone(&self.core),
            clock: Arc::clone(&self.clock),
            events: self.events.clone(),
            operator: self.operator(None),
            refresh: self.config.catalogue.refresh(),
        }
    }

    fn care_area(&self) -> Area {
        self.config.institution.area
    }
}

/// A fault as a JSON-RPC error, for methods whose answer has no place for one.
fn error(fault: &Fault) -> RpcError {
    RpcError::fault(fault)
}

fn core_gone(gone: CoreGone) -> RpcError {
    error(&core_fault(gone))
}

pub(crate) fn core_fault(gone: CoreGone) -> Fault {
    match gone {
        CoreGone::Busy => faults::fault(&AGENT_BUSY, "", None, "core"),
        CoreGone::Stopped => faults::fault(&AGENT_008, "", None, "core"),
        CoreGone::LedgerDown => faults::fault(&AGENT_003, "", None, "core"),
        CoreGone::LedgerUnreadable => faults::fault(&AGENT_006, "the ledger cannot be read", None, "core"),
    }
}
