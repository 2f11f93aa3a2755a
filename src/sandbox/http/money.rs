//! What provinces add to a settlement: a part of the account, a family member's, trace codes, a registration fee.

use serde_json::{Value, json};
use zhijie_model::Fen;

use super::{Open, Rig, bill, person};
use crate::people::FamilyAccount;
use crate::scenario::Scenario;
use crate::{MutualAid, TraceWish};

const INFO: &str = "output/setlinfo";

fn yuan(text: &str) -> Fen {
    Fen::from_yuan(text).unwrap()
}

/// A province where somebody in the family of `key` has an account of that balance.
async fn with_family(key: &str, balance: &str, mutual_aid: MutualAid) -> Rig {
    let mut member = person(key);
    member.family = Some(FamilyAccount {
        balance: yuan(balance),
    });
    Rig::start(move |options| {
        options.mutual_aid = mutual_aid;
        options.scenario = Some(Scenario {
            person: vec![member],
            ..Scenario::default()
        });
    })
    .await
}

fn settlement(open: &Open, changes: &Value) -> Value {
    let mut input = open.settlement();
    for (member, value) in changes.as_object().unwrap() {
        input["data"][member] = value.clone();
    }
    input
}

#[tokio::test]
async fn the_account_pays_no_more_than_was_asked() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("shanghai-local", "11", bill()).await;
    let whole = rig.call("2206A", &open.area(), open.settlement()).await.done();
    let most = whole.fen(&format!("{INFO}/acct_pay"));
    assert!(most > yuan("10"), "{}", whole.text);
    for (asked, paid) in [("10.00", yuan("10")), ("0.01", yuan("0.01")), ("9999.00", most)] {
        let asked = settlement(&open, &json!({ "acct_payamt": asked }));
        let told = rig.call("2206A", &open.area(), asked).await.done();
        assert_eq!(told.fen(&format!("{INFO}/acct_pay")), paid);
        let own = Fen::sum([paid, told.fen(&format!("{INFO}/psn_cash_pay"))]);
        assert_eq!(
            own,
            Some(told.fen(&format!("{INFO}/psn_part_amt"))),
            "{}",
            told.text
        );
    }
}

#[tokio::test]
async fn a_family_members_account_pays_after_the_own_one_and_is_told_in_either_place() {
    for (place, inside) in [(MutualAid::Beside, false), (MutualAid::Inside, true)] {
        let rig = with_family("fuyang-resident", "12.00", place).await;
        let open = rig.open("fuyang-resident", "11", bill()).await;
        let settled = rig.settle(&open).await.done();
        let amount = |name: &str| settled.fen(&format!("{INFO}/{name}"));
        assert_eq!(amount("acct_mulaid_pay"), yuan("12"), "{}", settled.text);
        let mut own = vec![amount("acct_pay"), amount("psn_cash_pay")];
        if !inside {
            own.push(amount("acct_mulaid_pay"));
        }
        assert_eq!(Fen::sum(own), Some(amount("psn_part_amt")), "I3 {place:?}");
        // It is used up, and a refund gives it back.
        let second = rig.open("fuyang-resident", "11", bill()).await;
        let trial = rig
            .call("2206A", &second.area(), second.settlement())
            .await
            .done();
        assert_eq!(trial.fen(&format!("{INFO}/acct_mulaid_pay")), Fen::ZERO);
        let id = settled.text_at(&format!("{INFO}/setl_id"));
        let refund = json!({"data": {"psn_no": open.person.number, "mdtrt_id": open.id, "setl_id": id}});
        rig.call("2208", &open.area(), refund).await.done();
        let trial = rig
            .call("2206A", &second.area(), second.settlement())
            .await
            .done();
        assert_eq!(trial.fen(&format!("{INFO}/acct_mulaid_pay")), yuan("12"));
    }
}

#[tokio::test]
async fn an_account_that_stays_at_home_pays_nothing_elsewhere() {
    let rig = Rig::start(|options| options.account_stays_home = true).await;
    for (key, pays) in [("fuyang-resident", false), ("shanghai-local", true)] {
        let open = rig.open(key, "11", bill()).await;
        let trial = rig.call("2206A", &open.area(), open.settlement()).await.done();
        assert_eq!(!trial.fen(&format!("{INFO}/acct_pay")).is_zero(), pays, "{key}");
    }
}

/// Trace codes as `[serial, code, opened]`.
fn traced(open: &Open, codes: &Value, counts: &Value) -> Value {
    let mut input = settlement(open, counts);
    let codes = codes.as_array().unwrap().iter();
    let rows = codes.map(|code| {
        json!({"feedetl_sn": code[0], "drug_trac_codg": code[1], "trdn_flag": code[2], "min_prcunt_type": "1"})
    });
    input["drug_trac_info"] = Value::Array(rows.collect());
    input
}

#[tokio::test]
async fn trace_codes_fit_their_lines_or_nothing_is_settled() {
    let rig = Rig::start(|options| options.traces = TraceWish::Required).await;
    let open = rig.open("shanghai-local", "11", bill()).await;
    let every = json!([["2", "A1", "0"], ["5", "A2", "0"]]);
    let table = [
        (json!([]), json!({}), "药品明细[2]缺少追溯码"),
        (json!([["2", "A1", "0"]]), json!({}), "药品明细[5]缺少追溯码"),
        (json!([["9", "A1", "0"]]), json!({}), "费用明细[9]不存在"),
        (
            json!([["2", "A1", "0"], ["5", "A1", "0"]]),
            json!({}),
            "追溯码[A1]已被使用",
        ),
        (
            json!([["2", "A1", "7"], ["5", "A2", "0"]]),
            json!({}),
            "trdn_flag",
        ),
        (
            every.clone(),
            json!({"minpacunt_drug_trac_cnt": 3}),
            "追溯码应传3个,实传2个",
        ),
        (every.clone(), json!({"mcs_trac_cnt": 1}), "追溯码应传1个,实传0个"),
    ];
    for (codes, counts, words) in table {
        let told = rig
            .call("2207A", &open.area(), traced(&open, &codes, &counts))
            .await;
        let told = told.refused();
        assert!(told.contains(words), "{told}");
    }
    let counts = json!({"minpacunt_drug_trac_cnt": 2, "mcs_trac_cnt": 0});
    let settled = rig
        .call("2207A", &open.area(), traced(&open, &every, &counts))
        .await
        .done();

    // A package is handed out once; an opened one may be met again; a refund takes packages back.
    let second = rig.open("shanghai-local", "11", bill()).await;
    let again = rig
        .call("2207A", &second.area(), traced(&second, &every, &json!({})))
        .await;
    assert!(again.refused().contains("追溯码[A1]已被使用"));
    let opened = json!([["2", "A1", "1"], ["2", "A1", "1"], ["5", "A3", "0"]]);
    rig.call("2207A", &second.area(), traced(&second, &opened, &json!({})))
        .await
        .done();
    let id = settled.text_at(&format!("{INFO}/setl_id"));
    let refund = json!({"data": {"psn_no": open.person.number, "mdtrt_id": open.id, "setl_id": id}});
    rig.call("2208", &open.area(), refund).await.done();
    let third = rig.open("shanghai-local", "11", bill()).await;
    rig.call("2207A", &third.area(), traced(&third, &every, &json!({})))
        .await
        .done();
}

#[tokio::test]
async fn a_province_that_knows_no_trace_codes_passes_them_over() {
    let rig = Rig::start(|options| options.traces = TraceWish::Ignored).await;
    let open = rig.open("shanghai-local", "11", bill()).await;
    let odd = traced(&open, &json!([["9", "A1", "0"]]), &json!({}));
    rig.call("2207A", &open.area(), odd).await.done();
}

#[tokio::test]
async fn a_visit_is_described_anew_after_its_registration_fee_and_after_nothing_else() {
    let rig = Rig::start(|_| {}).await;
    let fee = json!([["F1", "001101000010000-110100001", "1", "30", "30.00"]]);
    for (kind, taken) in [("12", true), ("11", false)] {
        let mut open = rig.open("shanghai-local", kind, fee.clone()).await;
        rig.settle(&open).await.done();
        open.kind = String::from("11");
        let told = rig.call("2203A", &open.area(), open.description()).await;
        assert_eq!(told.at("infcode") == "0", taken, "{}", told.text);
    }
}
