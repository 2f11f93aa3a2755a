//! `docs/desk-api.md` against the types: what the page shows can be sent and is what is answered.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use zhijie_model::Fault;

use super::*;
use crate::{Method, RpcError, parse_params};

const PAGE: &str = include_str!("../../../docs/desk-api.md");

/// Blocks of the page: info string after `json`, and text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    PAGE.split("\n```json ")
        .skip(1)
        .map(|rest| {
            let (info, rest) = rest.split_once('\n').unwrap();
            (info, rest.split("\n```").next().unwrap())
        })
        .collect()
}

fn only(info: &str) -> &'static str {
    let found: Vec<&str> = blocks()
        .into_iter()
        .filter(|(name, _)| *name == info)
        .map(|(_, text)| text)
        .collect();
    assert_eq!(found.len(), 1, "{info}");
    found[0]
}

/// Puts something of the right type in the place of `$name`.
fn filled(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('$') && text.ends_with("_fen") => Value::from(1),
        // The page's stay has this number.
        Value::String(text) if text == "$stay_id" => Value::from("H31010100001/ZY20261122001"),
        Value::String(text) if text == "$day" => Value::from("2026-11-22"),
        Value::String(text) if text.starts_with('$') => Value::from(text.trim_start_matches('$')),
        Value::Array(items) => items.into_iter().map(filled).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, filled(member)))
            .collect(),
        other => other,
    }
}

/// Nothing lost, nothing added: every member of the text is one of the type.
fn is_whole<T: DeserializeOwned + Serialize>(info: &str) {
    let shown: Value = serde_json::from_str(only(info)).unwrap();
    let read: T = serde_json::from_str(only(info)).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), shown, "{info}");
}

fn is_sent<T: Params>(method: Method) {
    is_sent_as::<T>(&format!("request {method}"));
}

fn is_sent_as<T: Params>(info: &str) {
    let mut params = filled(serde_json::from_str(only(info)).unwrap());
    if info.contains(" stay.") && params.get("bill_id").is_some() {
        params["bill_id"] = Value::from("H31010100001/ZY20261122001/stay/1");
    }
    let raw = RawValue::from_string(params.to_string()).unwrap();
    let read: T = parse_params(&raw).unwrap_or_else(|error| panic!("{info}: {error}"));
    let written = serde_json::to_value(&read).unwrap();
    let (Value::Object(sent), Value::Object(known)) = (&params, &written) else {
        panic!("objects")
    };
    for name in sent.keys() {
        assert!(known.contains_key(name), "{info}: {name} is no member");
    }
}

#[test]
fn every_method_has_a_request_and_an_answer_of_its_types() {
    for method in Method::ALL {
        let answer = format!("answer {method}");
        match method {
            Method::AgentInfo => (
                is_sent::<EmptyParams>(*method),
                is_whole::<AgentInfoResult>(&answer),
            ),
            Method::AgentHealth => (
                is_sent::<EmptyParams>(*method),
                is_whole::<AgentHealthResult>(&answer),
            ),
            Method::IdentityRead => (
                is_sent::<IdentityReadParams>(*method),
                is_whole::<IdentityReadResult>(&answer),
            ),
            Method::IdentityCancel => (
                is_sent::<EmptyParams>(*method),
                is_whole::<IdentityCancelResult>(&answer),
            ),
            Method::IdentityCompare => (
                is_sent::<IdentityCompareParams>(*method),
                is_whole::<IdentityCompareResult>(&answer),
            ),
            Method::CardPin => (
                is_sent::<CardPinParams>(*method),
                is_whole::<CardPinResult>(&answer),
            ),
            Method::PersonLookup => (
                is_sent::<PersonLookupParams>(*method),
                is_whole::<PersonLookupResult>(&answer),
            ),
            Method::InstitutionFind => (
                is_sent::<InstitutionFindParams>(*method),
                is_whole::<InstitutionFindResult>(&answer),
            ),
            Method::DictionaryList => (
                is_sent::<DictionaryListParams>(*method),
                is_whole::<DictionaryListResult>(&answer),
            ),
            Method::FilingCheck => (
                is_sent::<FilingCheckParams>(*method),
                is_whole::<FilingCheckResult>(&answer),
            ),
            Method::FilingHistory => (
                is_sent::<FilingHistoryParams>(*method),
                is_whole::<FilingHistoryResult>(&answer),
            ),
            Method::FilingRecord => (
                is_sent::<FilingRecordParams>(*method),
                is_whole::<FilingRecordResult>(&answer),
            ),
            Method::FilingDispute => (
                is_sent::<FilingDisputeParams>(*method),
                is_whole::<FilingDisputeResult>(&answer),
            ),
            Method::FilingRefer => (
                is_sent::<FilingReferParams>(*method),
                is_whole::<FilingActResult>(&answer),
            ),
            Method::FilingRegisterChronic => (
                is_sent::<FilingRegisterChronicParams>(*method),
                is_whole::<FilingActResult>(&answer),
            ),
            Method::FilingFixPlace => (
                is_sent::<FilingFixPlaceParams>(*method),
                is_whole::<FilingActResult>(&answer),
            ),
            Method::FilingWithdraw => (
                is_sent::<FilingWithdrawParams>(*method),
                is_whole::<FilingActResult>(&answer),
            ),
            Method::FilingForget => (
                is_sent::<FilingForgetParams>(*method),
                is_whole::<FilingForgetResult>(&answer),
            ),
            Method::CatalogSync => (
                is_sent::<CatalogSyncParams>(*method),
                is_whole::<CatalogSyncResult>(&answer),
            ),
            Method::CatalogStatus => (
                is_sent::<EmptyParams>(*method),
                is_whole::<CatalogStatusResult>(&answer),
            ),
            Method::CatalogLookup => (
                is_sent::<CatalogLookupParams>(*method),
                is_whole::<CatalogLookupResult>(&answer),
            ),
            Method::CatalogCheck => (
                is_sent::<CatalogCheckParams>(*method),
                is_whole::<CatalogCheckResult>(&answer),
            ),
            Method::VisitDetails => (
                is_sent::<VisitDetailsParams>(*method),
                is_whole::<VisitDetailsResult>(&answer),
            ),
            Method::PersonMedicines => (
                is_sent::<PersonMedicinesParams>(*method),
                is_whole::<PersonMedicinesResult>(&answer),
            ),
            Method::ReceiptSheet => (
                is_sent::<ReceiptSheetParams>(*method),
                is_whole::<ReceiptSheetResult>(&answer),
            ),
            Method::VisitCheck => (
                is_sent::<VisitCheckParams>(*method),
                is_whole::<RuleCheckView>(&answer),
            ),
            Method::CatalogMap => (
                is_sent::<CatalogMapParams>(*method),
                is_whole::<CatalogMapResult>(&answer),
            ),
            Method::VisitQuote => (
                is_sent::<VisitQuoteParams>(*method),
                is_whole::<VisitQuoteResult>(&answer),
            ),
            Method::VisitSettle => (
                is_sent::<VisitSettleParams>(*method),
                is_whole::<VisitSettleResult>(&answer),
            ),
            Method::VisitConfirm => (
                is_sent::<VisitConfirmParams>(*method),
                is_whole::<VisitConfirmResult>(&answer),
            ),
            Method::VisitCancel => (
                is_sent::<VisitCancelParams>(*method),
                is_whole::<VisitCancelResult>(&answer),
            ),
            Method::PharmacyQuote => (
                is_sent::<PharmacyQuoteParams>(*method),
                is_whole::<VisitQuoteResult>(&answer),
            ),
            Method::PharmacySettle => (
                is_sent::<VisitSettleParams>(*method),
                is_whole::<VisitSettleResult>(&answer),
            ),
            Method::PharmacyCancel => (
                is_sent::<VisitCancelParams>(*method),
                is_whole::<VisitCancelResult>(&answer),
            ),
            Method::VisitStatus => (
                is_sent::<VisitStatusParams>(*method),
                is_whole::<VisitStatusResult>(&answer),
            ),
            Method::StayAdmit => (
                is_sent::<StayAdmitParams>(*method),
                is_whole::<StayResult>(&answer),
            ),
            Method::StayChange => (
                is_sent::<StayChangeParams>(*method),
                is_whole::<StayResult>(&answer),
            ),
            Method::StayCharge => (
                is_sent::<StayChargeParams>(*method),
                is_whole::<StayResult>(&answer),
            ),
            Method::StayWithdrawCharges => (
                is_sent::<StayWithdrawParams>(*method),
                is_whole::<StayResult>(&answer),
            ),
            Method::StayDischarge => (
                is_sent::<StayDischargeParams>(*method),
                is_whole::<StayResult>(&answer),
            ),
            Method::StayQuote => (
                is_sent::<StayQuoteParams>(*method),
                is_whole::<VisitQuoteResult>(&answer),
            ),
            Method::StaySettle => (
                is_sent::<StaySettleParams>(*method),
                is_whole::<VisitSettleResult>(&answer),
            ),
            Method::StayCancel => (
                is_sent::<StayCancelParams>(*method),
                is_whole::<VisitCancelResult>(&answer),
            ),
            Method::StayUndoDischarge => (
                is_sent::<StayUndoParams>(*method),
                is_whole::<StayResult>(&answer),
            ),
            Method::StayUndoAdmission => (
                is_sent::<StayUndoParams>(*method),
                is_whole::<StayResult>(&answer),
            ),
            Method::StayStatus => (
                is_sent::<StayStatusParams>(*method),
                is_whole::<StayStatusResult>(&answer),
            ),
            Method::ReceiptGet => (
                is_sent::<ReceiptGetParams>(*method),
                is_whole::<ReceiptGetResult>(&answer),
            ),
            Method::QueueList => (
                is_sent::<EmptyParams>(*method),
                is_whole::<QueueListResult>(&answer),
            ),
            Method::QueueRun => (
                is_sent::<QueueRunParams>(*method),
                is_whole::<QueueRunResult>(&answer),
            ),
            Method::WorkList => (
                is_sent::<EmptyParams>(*method),
                is_whole::<WorkListResult>(&answer),
            ),
            Method::WorkResolve => (
                is_sent::<WorkResolveParams>(*method),
                is_whole::<WorkResolveResult>(&answer),
            ),
            Method::ReconcileDay => (
                is_sent::<ReconcileDayParams>(*method),
                is_whole::<ReconcileDayResult>(&answer),
            ),
            Method::ReconcileTotals => (
                is_sent::<ReconcileTotalsParams>(*method),
                is_whole::<ReconcileTotalsResult>(&answer),
            ),
            Method::EventsSubscribe => (
                is_sent::<EmptyParams>(*method),
                is_whole::<SubscribeResult>(&answer),
            ),
        };
    }
    is_whole::<Hello>("notification hello");
    is_whole::<Event>("notification event");
    is_whole::<RpcError>("error");
    is_whole::<Fault>("fault");
    is_whole::<VisitSettleResult>("example visit.settle");
    is_sent_as::<IdentityReadParams>("papers-request identity.read");
    is_whole::<IdentityReadResult>("papers-answer identity.read");
    is_sent_as::<VisitSettleParams>("deferred-request visit.settle");
    is_whole::<VisitSettleResult>("deferred-answer visit.settle");
    is_whole::<VisitStatusResult>("deferred-answer visit.status");
    is_whole::<QueueListResult>("deferred-answer queue.list");
    is_whole::<Event>("deferred-notification event");
}

#[test]
fn the_bill_of_the_page_adds_up() {
    let params = filled(serde_json::from_str(only("request visit.quote")).unwrap());
    let quote: VisitQuoteParams = serde_json::from_value(params).unwrap();
    let visit = quote.visit.to_visit().unwrap();
    let institution = zhijie_model::InstitutionCode::new("H31010100001").unwrap();
    let bill = quote.bill.to_bill(&institution, &visit).unwrap();
    let answer: VisitQuoteResult = serde_json::from_str(only("answer visit.quote")).unwrap();
    assert_eq!(bill.id().as_str(), answer.bill_id);
    let split = answer.quote.unwrap().split;
    assert_eq!(bill.total().get(), split.total_fen);
    assert_eq!(
        split.fund_total_fen + split.account_fen + split.cash_fen + split.hospital_fen,
        split.total_fen
    );
}

#[test]
fn every_member_and_every_word_of_the_types_is_on_the_page() {
    fn names(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::Object(properties)) = members.get("properties") {
                    found.extend(properties.keys().cloned());
                }
                if let Some(Value::Array(words)) = members.get("enum") {
                    found.extend(words.iter().filter_map(Value::as_str).map(String::from));
                }
                if let Some(Value::String(word)) = members.get("const") {
                    found.insert(word.clone());
                }
                members.values().for_each(|member| names(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    names(&schema(), &mut found);
    assert!(found.len() > 100);
    let missing: Vec<&String> = found
        .iter()
        .filter(|name| !PAGE.contains(&format!("`{name}`")) && !PAGE.contains(&format!("\"{name}\"")))
        .collect();
    assert!(missing.is_empty(), "not explained: {missing:?}");
}
