//! Settlement, refund and query answers: what is believed and what is not.

use serde_json::{Value, json};
use zhijie_model::{Call, Fund, Reply, Settlement, SplitError};

use super::samples::*;
use crate::{Profile, Unreadable, read_reply};

const SETTLED: &str = include_str!("../fixtures/settled.json");

pub(super) fn read(call: &Call, body: &str) -> Result<Reply, Unreadable> {
    read_reply(call, &message_id(), body.as_bytes(), &profile())
}

/// The settled answer with members of `setlinfo` replaced; null stands for a member that is not there.
pub(super) fn changed(changes: &Value) -> String {
    let mut answer: Value = serde_json::from_str(SETTLED).unwrap();
    for (member, value) in changes.as_object().unwrap() {
        answer["output"]["setlinfo"][member] = value.clone();
    }
    answer.to_string()
}

fn settled(call: &Call, body: &str, profile: &Profile) -> Settlement {
    match read_reply(call, &message_id(), body.as_bytes(), profile) {
        Ok(Reply::Settled { settlement }) => settlement,
        other => panic!("must be settled: {other:?}"),
    }
}

#[test]
fn a_settlement_is_read_to_the_fen() {
    let settlement = settled(&settle(), SETTLED, &profile());
    let split = &settlement.split;
    assert_eq!(split.total(), fen(10_000));
    assert_eq!(split.cash(), fen(3000));
    assert_eq!(split.parts().account, fen(1400));
    assert_eq!(split.parts().fund_total, fen(5500));
    assert_eq!(split.parts().hospital, fen(100));
    assert_eq!(split.parts().balance, Some(fen(18_600)));
    assert_eq!(
        split.parts().pool_ratio.map(|ratio| ratio.to_string()),
        Some(String::from("0.7"))
    );
    let funds: Vec<_> = split
        .parts()
        .funds
        .iter()
        .map(|part| (part.fund, part.amount.get()))
        .collect();
    assert_eq!(
        funds,
        [
            (Fund::Pool, 5000),
            (Fund::CatastrophicIllness, 452),
            (Fund::MedicalAid, 48)
        ]
    );
    assert_eq!(split.warnings(), []);
    assert_eq!(settlement.id.as_str(), "310000202611221003050000000007");
    assert_eq!(settlement.message_id, Some(message_id()));
    assert_eq!(settlement.settled_at.to_string(), "2026-11-22T10:03:05");
    assert_eq!(settlement.clearing.kind.as_deref(), Some("9909"));
    assert_eq!(
        settlement.platform.message_id.unwrap().as_str(),
        "310000202611221003050000000042"
    );
    assert_eq!(settlement.platform.text, None, "success is no warning");
}

#[test]
fn a_fund_total_that_includes_the_account_is_brought_to_the_same_split() {
    let plain = settled(&settle(), SETTLED, &profile());
    let including = changed(&json!({"fund_pay_sumamt": 69.00}));
    for declared in [true, false] {
        let mut profile = profile();
        profile.fund_includes_account = declared;
        assert_eq!(settled(&settle(), &including, &profile).split, plain.split);
        assert_eq!(settled(&settle(), SETTLED, &profile).split, plain.split);
    }
}

#[test]
fn answers_that_must_not_be_believed() {
    let member = |field| Unreadable::MissingMember {
        node: "setlinfo",
        field,
    };
    let other = |field| Unreadable::OtherPersons {
        node: "setlinfo",
        field,
    };
    let bad = |field| Unreadable::BadMember {
        node: "setlinfo",
        field,
    };
    let table = [
        (json!({"setl_id": null}), member("setl_id")),
        (json!({"setl_id": " "}), member("setl_id")),
        (json!({"setl_id": {}}), bad("setl_id")),
        (json!({"mdtrt_id": null}), member("mdtrt_id")),
        (json!({"psn_no": ""}), member("psn_no")),
        (json!({"setl_time": null}), member("setl_time")),
        (json!({"setl_time": "gestern"}), bad("setl_time")),
        (json!({"medfee_sumamt": null}), member("medfee_sumamt")),
        (json!({"fund_pay_sumamt": null}), member("fund_pay_sumamt")),
        (json!({"psn_part_amt": null}), member("psn_part_amt")),
        (json!({"psn_cash_pay": null}), member("psn_cash_pay")),
        (json!({"psn_cash_pay": "30,00"}), bad("psn_cash_pay")),
        (json!({"psn_cash_pay": 30.001}), bad("psn_cash_pay")),
        (json!({"psn_no": "34120000000000000000099999"}), other("psn_no")),
        (
            json!({"mdtrt_id": "310000202611221000000000000002"}),
            other("mdtrt_id"),
        ),
        (
            json!({"medins_setl_id": "H31010100001202611221010100002"}),
            other("medins_setl_id"),
        ),
        (
            json!({"psn_cash_pay": 29.00}),
            Unreadable::DoesNotAddUp(SplitError::I3),
        ),
        (
            json!({"hosp_part_amt": 2.00}),
            Unreadable::DoesNotAddUp(SplitError::I2),
        ),
        (
            json!({"fund_pay_sumamt": 54.00}),
            Unreadable::DoesNotAddUp(SplitError::I2),
        ),
        (
            json!({"acct_pay": 45, "psn_cash_pay": -1}),
            Unreadable::DoesNotAddUp(SplitError::Sign),
        ),
        (
            json!({"medfee_sumamt": 101, "fund_pay_sumamt": 56}),
            Unreadable::DoesNotAddUp(SplitError::OtherTotal),
        ),
    ];
    for (changes, expected) in table {
        assert_eq!(read(&settle(), &changed(&changes)), Err(expected), "{changes}");
    }
}

#[test]
fn what_may_be_missing() {
    for changes in [
        json!({"hosp_part_amt": null, "fund_pay_sumamt": 56, "hifp_pay": 51}),
        json!({"balc": null}),
        json!({"pool_prop_selfpay": "70%"}),
        json!({"medins_setl_id": null}),
        json!({"clr_optins": null, "clr_way": null, "clr_type": null}),
        json!({"acct_pay": null, "psn_cash_pay": 44}),
        json!({"medfee_sumamt": "100.00", "psn_cash_pay": "30", "age": null}),
    ] {
        assert!(read(&settle(), &changed(&changes)).is_ok(), "{changes}");
    }
    let mut profile = profile();
    profile.fields.settlement_echoes_message_id = false;
    let other_id = changed(&json!({"medins_setl_id": "JS0001"}));
    assert!(read_reply(&settle(), &message_id(), other_id.as_bytes(), &profile).is_ok());
}

#[test]
fn half_a_success_is_no_success() {
    for (output, expected) in [
        (json!(null), Unreadable::NodeMissing { node: "setlinfo" }),
        (json!(""), Unreadable::NodeMissing { node: "setlinfo" }),
        (json!({}), Unreadable::NodeMissing { node: "setlinfo" }),
        (
            json!({"setlinfo": null}),
            Unreadable::NodeMissing { node: "setlinfo" },
        ),
        (
            json!({"setlinfo": []}),
            Unreadable::NodeMissing { node: "setlinfo" },
        ),
        (
            json!({"setlinfo": [{}, {}]}),
            Unreadable::Malformed { node: "setlinfo" },
        ),
        (
            json!({"setlinfo": "x"}),
            Unreadable::Malformed { node: "setlinfo" },
        ),
        (json!("QUJDRA=="), Unreadable::Malformed { node: "setlinfo" }),
        (json!([1]), Unreadable::Malformed { node: "setlinfo" }),
        (
            json!({"setlinfo": {}}),
            Unreadable::MissingMember {
                node: "setlinfo",
                field: "psn_no",
            },
        ),
    ] {
        let body = json!({"infcode": 0, "output": output}).to_string();
        for call in [settle(), trial()] {
            assert_eq!(read(&call, &body), Err(expected.clone()), "{body}");
        }
    }
}

#[test]
fn a_trial_has_no_settlement_id_yet() {
    let body = changed(&json!({"setl_id": null, "setl_time": null, "clr_optins": null, "hifp_pay": null}));
    let Ok(Reply::Tried { trial }) = read(&trial(), &body) else {
        panic!("a trial")
    };
    assert_eq!(trial.amounts.first_own, fen(500));
    assert_eq!(trial.split.cash(), fen(3000));
    assert_eq!(trial.split.warnings(), [SplitError::I4]);
}

/// A settled answer with its rows by fund replaced.
fn with_rows(rows: &Value) -> String {
    let mut answer: Value = serde_json::from_str(SETTLED).unwrap();
    answer["output"]["setldetail"] = rows.clone();
    answer.to_string()
}

#[test]
fn rows_by_fund_are_weighed_and_never_doubted_for() {
    let row = |amount: Value| json!({ "fund_pay_type": "390100", "fund_payamt": amount });
    let table = [
        (json!([row(json!(55.00))]), vec![]),
        (json!([row(json!(50.00)), row(json!("19.00"))]), vec![]),
        (json!([row(json!(54.98))]), vec![SplitError::I5]),
        (row(json!(1)), vec![SplitError::I5]),
        (json!([]), vec![]),
        (Value::Null, vec![]),
        (json!([row(json!("nothing"))]), vec![]),
        (json!("rows"), vec![]),
    ];
    for (rows, warnings) in table {
        let settlement = settled(&settle(), &with_rows(&rows), &profile());
        assert_eq!(settlement.split.warnings(), warnings, "{rows}");
    }
    // The other definition of the fund total: 69.00 with the account's 14.00.
    let mut including: Value = serde_json::from_str(&with_rows(&json!([row(json!(54.98))]))).unwrap();
    including["output"]["setlinfo"]["fund_pay_sumamt"] = json!(69.00);
    let settlement = settled(&settle(), &including.to_string(), &profile());
    assert_eq!(settlement.split.parts().fund_total, fen(5500));
    assert_eq!(settlement.split.warnings(), [SplitError::I5]);
}

#[test]
fn a_family_members_share_is_read_inside_and_beside() {
    let table = [
        (
            json!({"acct_pay": 14.00, "acct_mulaid_pay": 4.00, "psn_cash_pay": 30.00}),
            true,
        ),
        (
            json!({"acct_pay": 10.00, "acct_mulaid_pay": 4.00, "psn_cash_pay": 30.00}),
            false,
        ),
    ];
    for (changes, inside) in table {
        let split = settled(&settle(), &changed(&changes), &profile()).split;
        assert_eq!(split.mutual_aid_is_inside(), inside, "{changes}");
        assert_eq!((split.cash(), split.parts().fund_total), (fen(3000), fen(5500)));
    }
}
