//! What provinces want of a settlement, one switch at a time.

use serde_json::{Value, json};
use zhijie_model::{AccountUse, Bill, Call, LineTrace, TraceCode, Traces};

use super::samples::*;
use super::tables::{TABLES, whole};
use crate::{AccountAmount, EncodeError, Profile, PurchaseTraces, TraceRule, encode};

fn code(text: &str, opened: bool) -> TraceCode {
    TraceCode {
        code: String::from(text),
        opened,
        unit: String::from("1"),
    }
}

/// A bill of two packages, one of them opened, of which three ought to be traced.
fn traced() -> Bill {
    let mut first = line(1, "2", "12.5", 2500);
    first.traces = vec![
        code("81000000000000000001", false),
        code("81000000000000000002", true),
    ];
    first.traces_due = Some(3);
    bill_of(vec![first, line(2, "1", "75", 7500)])
}

fn settling(traces: Traces) -> Call {
    let mut call = settle();
    if let Call::Settle { traces: held, .. } = &mut call {
        *held = traces;
    }
    call
}

fn buying() -> Call {
    Call::Purchase {
        payer: payer(),
        visit: visit(),
        bill: traced(),
        account: AccountUse::Use,
        invoice: None,
    }
}

fn sent(call: &Call, profile: &Profile) -> Value {
    let message = encode(call, Some(&card()), &head(), profile).unwrap();
    serde_json::from_slice::<Value>(&message.body).unwrap()["input"].take()
}

fn rule(traces: TraceRule) -> Profile {
    let mut profile = profile();
    profile.settlement.traces = traces;
    profile
}

#[test]
fn trace_codes_go_beside_the_settlement_where_they_are_wanted() {
    let call = settling(traced().traces());
    assert!(
        sent(&call, &rule(TraceRule::None))
            .get("drug_trac_info")
            .is_none()
    );
    for wanted in [TraceRule::Optional, TraceRule::Required] {
        let told = sent(&call, &rule(wanted));
        let first = json!({
            "feedetl_sn": "L0001", "drug_trac_codg": "81000000000000000001", "trdn_flag": "0", "min_prcunt_type": "1",
        });
        assert_eq!(told["drug_trac_info"][0], first);
        assert_eq!(told["drug_trac_info"][1]["trdn_flag"], "1");
        assert!(told["data"].get("minpacunt_drug_trac_cnt").is_none());
    }
    assert!(
        sent(&settle(), &rule(TraceRule::Required))
            .get("drug_trac_info")
            .is_none()
    );
}

#[test]
fn codes_are_counted_where_the_counts_are_wanted() {
    let mut profile = rule(TraceRule::None);
    profile.settlement.trace_counts = true;
    let mut bill = traced().traces();
    bill.consumables_due = 7;
    let told = sent(&settling(bill), &profile);
    assert_eq!(told["data"]["minpacunt_drug_trac_cnt"], 3);
    assert_eq!(told["data"]["mcs_trac_cnt"], 7);
    let message = encode(&settling(traced().traces()), Some(&card()), &head(), &profile).unwrap();
    whole(&message, &TABLES);
}

#[test]
fn a_purchase_carries_its_codes_in_either_place() {
    let mut profile = rule(TraceRule::Optional);
    for (place, beside, within) in [
        (PurchaseTraces::Beside, 2, 0),
        (PurchaseTraces::WithinLines, 0, 2),
    ] {
        profile.settlement.purchase_traces = place;
        let told = sent(&buying(), &profile);
        let rows = |value: &Value| value.as_array().map_or(0, Vec::len);
        assert_eq!(rows(&told["drug_trac_info"]), beside, "{place:?}");
        assert_eq!(
            rows(&told["drugdetail"][0]["drug_trac_info"]),
            within,
            "{place:?}"
        );
        assert_eq!(rows(&told["drugdetail"][1]["drug_trac_info"]), 0, "{place:?}");
    }
    let trial = Call::TryPurchase {
        payer: payer(),
        visit: visit(),
        bill: traced(),
        account: AccountUse::Use,
    };
    let told = sent(&trial, &profile);
    assert!(told["drugdetail"][0].get("drug_trac_info").is_none(), "{told}");
}

#[test]
fn a_blank_code_is_named() {
    let serial = traced().lines()[0].serial.clone();
    let traces = Traces {
        codes: vec![LineTrace {
            serial,
            code: code(" ", false),
        }],
        ..Traces::default()
    };
    let made = encode(
        &settling(traces),
        Some(&card()),
        &head(),
        &rule(TraceRule::Optional),
    );
    assert!(matches!(made, Err(EncodeError::MemberEmpty("drug_trac_codg"))));
}

#[test]
fn the_accounts_share_is_named_where_it_is_taken() {
    let up_to = AccountUse::UpTo(fen(1_250));
    let with = |mut call: Call| {
        if let Call::Trial { account, .. } | Call::Settle { account, .. } | Call::Purchase { account, .. } =
            &mut call
        {
            *account = up_to;
        }
        call
    };
    let mut profile = profile();
    for (rule, trial_names, settlement_names) in [
        (AccountAmount::None, false, false),
        (AccountAmount::Settlement, false, true),
        (AccountAmount::TrialToo, true, true),
    ] {
        profile.settlement.account_amount = rule;
        for (call, node, names) in [
            (with(trial()), "data", trial_names),
            (with(settle()), "data", settlement_names),
            (with(buying()), "druginfo", settlement_names),
        ] {
            let told = sent(&call, &profile);
            assert_eq!(told[node]["acct_used_flag"], "1");
            let amount = told[node].get("acct_payamt").map(Value::to_string);
            assert_eq!(amount.as_deref(), names.then_some("12.5"), "{rule:?} {node}");
        }
        assert!(sent(&settle(), &profile)["data"].get("acct_payamt").is_none());
    }
}

#[test]
fn the_amounts_of_the_trial_are_repeated_or_zero() {
    let mut profile = profile();
    let fields = [
        "fulamt_ownpay_amt",
        "overlmt_selfpay",
        "preselfpay_amt",
        "inscp_scp_amt",
    ];
    let told = sent(&settle(), &profile);
    assert_eq!(
        fields.map(|field| told["data"][field].to_string()),
        ["10.0", "0.0", "5.0", "85.0"]
    );
    profile.settlement.repeats_trial = false;
    let told = sent(&settle(), &profile);
    assert_eq!(fields.map(|field| told["data"][field].to_string()), ["0.0"; 4]);
}
