//! The machine-readable description of the interface, made from the types themselves.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    AgentHealthResult, AgentInfoResult, CardPinParams, CardPinResult, CatalogCheckParams, CatalogCheckResult,
    CatalogLookupParams, CatalogLookupResult, CatalogMapParams, CatalogMapResult, CatalogStatusResult,
    CatalogSyncParams, CatalogSyncResult, DictionaryListParams, DictionaryListResult, EmptyParams, Event,
    FilingActResult, FilingCheckParams, FilingCheckResult, FilingDisputeParams, FilingDisputeResult,
    FilingFixPlaceParams, FilingForgetParams, FilingForgetResult, FilingHistoryParams, FilingHistoryResult,
    FilingRecordParams, FilingRecordResult, FilingReferParams, FilingRegisterChronicParams,
    FilingWithdrawParams, Hello, INTERFACE_VERSION, IdentityCancelResult, IdentityCompareParams,
    IdentityCompareResult, IdentityReadParams, IdentityReadResult, InstitutionFindParams,
    InstitutionFindResult, PersonLookupParams, PersonLookupResult, PersonMedicinesParams,
    PersonMedicinesResult, PharmacyQuoteParams, QueueListResult, QueueRunParams, QueueRunResult,
    ReceiptGetParams, ReceiptGetResult, ReceiptSheetParams, ReceiptSheetResult, ReconcileDayParams,
    ReconcileDayResult, ReconcileTotalsParams, ReconcileTotalsResult, RuleCheckView, StayAdmitParams,
    StayCancelParams, StayChangeParams, StayChargeParams, StayDischargeParams, StayQuoteParams, StayResult,
    StaySettleParams, StayStatusParams, StayStatusResult, StayUndoParams, StayWithdrawParams,
    SubscribeResult, VisitCancelParams, VisitCancelResult, VisitCheckParams, VisitConfirmParams,
    VisitConfirmResult, VisitDetailsParams, VisitDetailsResult, VisitQuoteParams, VisitQuoteResult,
    VisitSettleParams, VisitSettleResult, VisitStatusParams, VisitStatusResult, WorkListResult,
    WorkResolveParams, WorkResolveResult,
};
use crate::method::Method;

/// JSON Schema (2020-12) of params and result of every method and of every notification.
#[must_use]
pub fn schema() -> Value {
    let with_path = |path: &'static str| {
        SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = path.into())
    };
    let mut asked = with_path("/$defs/params").for_deserialize().into_generator();
    let mut told = with_path("/$defs/results").for_serialize().into_generator();
    let methods: Map<String, Value> = Method::ALL
        .iter()
        .map(|method| {
            let (params, result) = of(*method, &mut asked, &mut told);
            (
                String::from(method.name()),
                json!({"params": params, "result": result}),
            )
        })
        .collect();
    let notifications = json!({
        "hello": {"params": told.subschema_for::<Hello>()},
        "event": {"params": told.subschema_for::<Event>()},
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zhijie desk interface",
        "interface": INTERFACE_VERSION,
        "methods": methods,
        "notifications": notifications,
        "$defs": {"params": asked.take_definitions(true), "results": told.take_definitions(true)},
    })
}

fn of(method: Method, asked: &mut SchemaGenerator, told: &mut SchemaGenerator) -> (Value, Value) {
    macro_rules! pair {
        ($params:ty, $result:ty) => {
            (
                Value::from(asked.subschema_for::<$params>()),
                Value::from(told.subschema_for::<$result>()),
            )
        };
    }
    match method {
        Method::AgentInfo => pair!(EmptyParams, AgentInfoResult),
        Method::AgentHealth => pair!(EmptyParams, AgentHealthResult),
        Method::IdentityRead => pair!(IdentityReadParams, IdentityReadResult),
        Method::IdentityCompare => pair!(IdentityCompareParams, IdentityCompareResult),
        Method::IdentityCancel => pair!(EmptyParams, IdentityCancelResult),
        Method::CardPin => pair!(CardPinParams, CardPinResult),
        Method::PersonLookup => pair!(PersonLookupParams, PersonLookupResult),
        Method::PersonMedicines => pair!(PersonMedicinesParams, PersonMedicinesResult),
        Method::InstitutionFind => pair!(InstitutionFindParams, InstitutionFindResult),
        Method::DictionaryList => pair!(DictionaryListParams, DictionaryListResult),
        Method::FilingCheck => pair!(FilingCheckParams, FilingCheckResult),
        Method::FilingHistory => pair!(FilingHistoryParams, FilingHistoryResult),
        Method::FilingRecord => pair!(FilingRecordParams, FilingRecordResult),
        Method::FilingDispute => pair!(FilingDisputeParams, FilingDisputeResult),
        Method::FilingRefer => pair!(FilingReferParams, FilingActResult),
        Method::FilingRegisterChronic => pair!(FilingRegisterChronicParams, FilingActResult),
        Method::FilingFixPlace => pair!(FilingFixPlaceParams, FilingActResult),
        Method::FilingWithdraw => pair!(FilingWithdrawParams, FilingActResult),
        Method::FilingForget => pair!(FilingForgetParams, FilingForgetResult),
        Method::CatalogSync => pair!(CatalogSyncParams, CatalogSyncResult),
        Method::CatalogStatus => pair!(EmptyParams, CatalogStatusResult),
        Method::CatalogLookup => pair!(CatalogLookupParams, CatalogLookupResult),
        Method::CatalogCheck => pair!(CatalogCheckParams, CatalogCheckResult),
        Method::CatalogMap => pair!(CatalogMapParams, CatalogMapResult),
        Method::VisitCheck => pair!(VisitCheckParams, RuleCheckView),
        Method::VisitQuote => pair!(VisitQuoteParams, VisitQuoteResult),
        Method::VisitSettle => pair!(VisitSettleParams, VisitSettleResult),
        Method::VisitConfirm => pair!(VisitConfirmParams, VisitConfirmResult),
        Method::VisitCancel => pair!(VisitCancelParams, VisitCancelResult),
        Method::PharmacyQuote => pair!(PharmacyQuoteParams, VisitQuoteResult),
        Method::PharmacySettle => pair!(VisitSettleParams, VisitSettleResult),
        Method::PharmacyCancel => pair!(VisitCancelParams, VisitCancelResult),
        Method::VisitDetails => pair!(VisitDetailsParams, VisitDetailsResult),
        Method::VisitStatus => pair!(VisitStatusParams, VisitStatusResult),
        Method::StayAdmit => pair!(StayAdmitParams, StayResult),
        Method::StayChange => pair!(StayChangeParams, StayResult),
        Method::StayCharge => pair!(StayChargeParams, StayResult),
        Method::StayWithdrawCharges => pair!(StayWithdrawParams, StayResult),
        Method::StayDischarge => pair!(StayDischargeParams, StayResult),
        Method::StayQuote => pair!(StayQuoteParams, VisitQuoteResult),
        Method::StaySettle => pair!(StaySettleParams, VisitSettleResult),
        Method::StayCancel => pair!(StayCancelParams, VisitCancelResult),
        Method::StayUndoDischarge => pair!(StayUndoParams, StayResult),
        Method::StayUndoAdmission => pair!(StayUndoParams, StayResult),
        Method::StayStatus => pair!(StayStatusParams, StayStatusResult),
        Method::ReceiptGet => pair!(ReceiptGetParams, ReceiptGetResult),
        Method::ReceiptSheet => pair!(ReceiptSheetParams, ReceiptSheetResult),
        Method::QueueList => pair!(EmptyParams, QueueListResult),
        Method::QueueRun => pair!(QueueRunParams, QueueRunResult),
        Method::WorkList => pair!(EmptyParams, WorkListResult),
        Method::WorkResolve => pair!(WorkResolveParams, WorkResolveResult),
        Method::ReconcileDay => pair!(ReconcileDayParams, ReconcileDayResult),
        Method::ReconcileTotals => pair!(ReconcileTotalsParams, ReconcileTotalsResult),
        Method::EventsSubscribe => pair!(EmptyParams, SubscribeResult),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|member| walk(member, found));
                }
                Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
                _ => {}
            }
        }
        let schema = schema();
        let mut references = Vec::new();
        walk(&schema, &mut references);
        assert!(references.len() > 24);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(schema.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn members_with_a_default_are_not_required_of_the_desk() {
        let schema = schema();
        let settle = schema
            .pointer("/$defs/params/VisitSettleParams/required")
            .unwrap();
        let required: Vec<&str> = settle
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(required, ["request_id", "bill_id", "total_fen"]);
    }
}
