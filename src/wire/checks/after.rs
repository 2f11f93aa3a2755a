//! What comes after a settlement: refund and query.

use serde_json::{Value, json};
use zhijie_model::{Reply, SplitError};

use super::samples::*;
use super::settlements::{changed, read};
use crate::Unreadable;

const REFUNDED: &str = include_str!("../fixtures/refunded.json");
const QUERIED: &str = include_str!("../fixtures/queried.json");

#[test]
fn a_refund_has_an_id_of_its_own_and_negative_amounts() {
    let Ok(Reply::Cancelled { refund }) = read(&cancel(), REFUNDED) else {
        panic!("a refund")
    };
    assert_eq!(refund.id.as_str(), "310000202611221103050000000008");
    assert_eq!((refund.total, refund.cash), (fen(-10_000), Some(fen(-3000))));
    let change = |member: &str, value: Value| {
        let mut answer: Value = serde_json::from_str(REFUNDED).unwrap();
        answer["output"]["setlinfo"][member] = value;
        read(&cancel(), &answer.to_string())
    };
    assert!(matches!(
        change("pdn_cash_pay", Value::Null),
        Ok(Reply::Cancelled { refund }) if refund.cash.is_none()
    ));
    assert!(change("mdtrt_id", Value::Null).is_ok());
    let sign = Err(Unreadable::DoesNotAddUp(SplitError::Sign));
    assert_eq!(change("medfee_sumamt", json!(100)), sign);
    assert_eq!(change("pdn_cash_pay", json!(30)), sign);
    let field = "medfee_sumamt";
    assert_eq!(
        change(field, Value::Null),
        Err(Unreadable::MissingMember {
            node: "setlinfo",
            field
        })
    );
    let broken = changed(
        &json!({"medfee_sumamt": -100, "fund_pay_sumamt": -5, "psn_part_amt": -4, "psn_cash_pay": -3}),
    );
    assert_eq!(
        read(&cancel(), &broken),
        Err(Unreadable::DoesNotAddUp(SplitError::I2))
    );
}

#[test]
fn a_query_finds_the_settlement_and_its_refund() {
    let Ok(Reply::Queried { rows }) = read(&query(), QUERIED) else {
        panic!("rows")
    };
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.refunded, row.settlement.split.cash().get()))
        .collect();
    assert_eq!(found, [(true, 3000), (true, -3000)]);
    let first = rows.first().unwrap();
    assert_eq!(first.settlement.message_id, Some(message_id()));
    assert_eq!(
        first.settlement.split.parts().hospital,
        fen(100),
        "what funds and person leave"
    );
}

#[test]
fn a_query_without_rows_is_an_answer() {
    for output in [
        json!(null),
        json!({}),
        json!({"setlinfo": null}),
        json!({"setlinfo": {}}),
        json!({"setlinfo": []}),
    ] {
        let body = json!({"infcode": "0", "output": output}).to_string();
        assert_eq!(
            read(&query(), &body),
            Ok(Reply::Queried { rows: Vec::new() }),
            "{body}"
        );
    }
}

#[test]
fn query_rows_are_checked_like_settlements() {
    let change = |member: &str, value: Value| {
        let mut answer: Value = serde_json::from_str(QUERIED).unwrap();
        answer["output"]["setlinfo"][0][member] = value;
        read(&query(), &answer.to_string())
    };
    let node = "setlinfo";
    assert_eq!(
        change("refd_setl_flag", Value::Null),
        Err(Unreadable::MissingMember {
            node,
            field: "refd_setl_flag"
        })
    );
    assert_eq!(
        change("refd_setl_flag", json!("2")),
        Err(Unreadable::BadMember {
            node,
            field: "refd_setl_flag"
        })
    );
    assert_eq!(
        change("psn_no", json!("1")),
        Err(Unreadable::OtherPersons {
            node,
            field: "psn_no"
        })
    );
    assert_eq!(
        change("cash_payamt", json!(29)),
        Err(Unreadable::DoesNotAddUp(SplitError::I3))
    );
    assert!(change("psn_pay", Value::Null).is_ok());
}

#[test]
fn a_refund_row_without_its_parts_hides_nothing() {
    let mut answer: Value = serde_json::from_str(QUERIED).unwrap();
    answer["output"]["setlinfo"][1]["cash_payamt"] = Value::Null;
    let Ok(Reply::Queried { rows }) = read(&query(), &answer.to_string()) else {
        panic!("rows")
    };
    assert!(matches!(rows.as_slice(), [row] if row.refunded && row.settlement.split.total() == fen(10_000)));
    answer["output"]["setlinfo"][0]["cash_payamt"] = Value::Null;
    assert!(
        read(&query(), &answer.to_string()).is_err(),
        "a settlement is never passed over"
    );
}

#[test]
fn a_refund_with_a_family_members_share_adds_up_either_way() {
    let change = |changes: &Value| {
        let mut answer: Value = serde_json::from_str(REFUNDED).unwrap();
        for (member, value) in changes.as_object().unwrap() {
            answer["output"]["setlinfo"][member] = value.clone();
        }
        read(&cancel(), &answer.to_string())
    };
    // 100.00 = 55.00 of the funds + 1.00 of the hospital + 30.00 cash + what the accounts paid.
    let table = [
        (
            json!({"hosp_part_amt": -1.00, "acct_pay": -14.00, "acct_mulaid_pay": -4.00}),
            true,
        ),
        (
            json!({"hosp_part_amt": -1.00, "acct_pay": -10.00, "acct_mulaid_pay": -4.00}),
            true,
        ),
        (
            json!({"hosp_part_amt": -1.00, "acct_pay": -10.00, "acct_mulaid_pay": -3.00}),
            false,
        ),
        (
            json!({"hosp_part_amt": -1.00, "acct_pay": -14.00, "fund_pay_sumamt": -69.00}),
            true,
        ),
    ];
    for (changes, believed) in table {
        let found = change(&changes);
        assert_eq!(found.is_ok(), believed, "{changes}: {found:?}");
        if let Ok(Reply::Cancelled { refund }) = found {
            assert!(refund.funds.is_some() && refund.account.is_some());
        }
    }
}
