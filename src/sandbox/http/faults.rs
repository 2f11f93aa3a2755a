//! Every fault, as the caller meets it.

use serde_json::{Value, json};

use super::{Rig, bill, person};
use crate::faults::FaultKind;
use crate::persons;

/// What the caller sees.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Nothing,
    Page(u16),
    NoJson,
    Refused,
    Settled,
}

async fn seen(rig: &Rig, envelope: &Value) -> (Seen, String) {
    match rig.post("/fsi/api/callService", envelope.to_string()).await {
        Err(_) => (Seen::Nothing, String::new()),
        Ok(answer) if answer.status != 200 => (Seen::Page(answer.status), answer.text),
        Ok(answer) if serde_json::from_str::<Value>(&answer.text).is_err() => (Seen::NoJson, answer.text),
        Ok(answer) if answer.at("infcode") == "0" => (Seen::Settled, answer.text),
        Ok(answer) => (Seen::Refused, answer.text),
    }
}

#[tokio::test]
async fn every_kind_does_what_it_says() {
    use FaultKind as Kind;
    let rig = Rig::start(|_| {}).await;
    // Kind, what the caller sees, whether it is done.
    let table = [
        (Kind::Delay, Seen::Settled, true),
        (Kind::DelayAfterCommit, Seen::Settled, true),
        (Kind::DropBeforeCommit, Seen::Nothing, false),
        (Kind::DropAfterCommit, Seen::Nothing, true),
        (Kind::HalfAnswer, Seen::Nothing, true),
        (Kind::Html, Seen::Page(502), false),
        (Kind::HtmlAfterCommit, Seen::Page(502), true),
        (Kind::Refuse, Seen::Refused, false),
        (Kind::SlowBytes, Seen::Settled, true),
        (Kind::Empty, Seen::NoJson, true),
        (Kind::BadJsonAfterCommit, Seen::NoJson, true),
        (Kind::OtherPerson, Seen::Settled, true),
        (Kind::WrongAmounts, Seen::Settled, true),
    ];
    for (kind, expected, done) in table {
        let open = rig.open("fuyang-resident", "11", bill()).await;
        let fault = json!({"infno": "2207", "kind": kind, "ms": 1, "text": "FSI-测试", "visit": open.number});
        rig.admin("POST", "/faults", Some(fault)).await;
        let (got, text) = seen(&rig, &rig.envelope("2207A", "341200", open.settlement())).await;
        assert_eq!(got, expected, "{kind:?} {text}");
        let held = rig.query(&open).await.at("output/setlinfo") != "null";
        assert_eq!(held, done, "{kind:?}");
        let own = text.contains(&open.person.number);
        let named = done && !text.is_empty() && !matches!(kind, Kind::HtmlAfterCommit | Kind::OtherPerson);
        assert_eq!(own, named, "{kind:?} {text}");
        assert_eq!(rig.admin("GET", "/faults", None).await, json!([]), "{kind:?}");
    }
}

#[tokio::test]
async fn half_an_answer_announces_the_whole() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    rig.admin(
        "POST",
        "/faults",
        Some(json!({"infno": "2207", "kind": "half_answer"})),
    )
    .await;
    let mut response = rig
        .client
        .post(format!("{}/fsi/api/callService", rig.handle.platform_url()))
        .header("content-type", "application/json")
        .body(rig.envelope("2207A", "341200", open.settlement()).to_string())
        .send()
        .await
        .unwrap();
    let announced = response.content_length().unwrap();
    let mut came = 0;
    let ended = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => came += u64::try_from(chunk.len()).unwrap(),
            other => break other,
        }
    };
    assert!(ended.is_err());
    assert_eq!(came, announced / 2);
}

#[tokio::test]
async fn wrong_amounts_do_not_add_up() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    rig.admin(
        "POST",
        "/faults",
        Some(json!({"infno": "*", "kind": "wrong_amounts"})),
    )
    .await;
    let answer = rig.settle(&open).await.done();
    let at = |name: &str| answer.fen(&format!("output/setlinfo/{name}"));
    let sum = at("fund_pay_sumamt").checked_add(at("psn_part_amt"));
    assert_ne!(sum, Some(at("medfee_sumamt")));
}

#[tokio::test]
async fn a_lookup_can_name_another_person() {
    let rig = Rig::start(|_| {}).await;
    for key in ["fuyang-resident", "jiaxing-employee"] {
        let asked = person(key);
        let fault = json!({"infno": "1101", "kind": "other_person"});
        rig.admin("POST", "/faults", Some(fault)).await;
        let input = json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": asked.certificate}});
        let area = asked.insurance.first().unwrap().area.to_string();
        let answer = rig.call("1101", &area, input).await.done();
        let at = |member: &str| answer.text_at(&format!("output/baseinfo/{member}"));
        let own = [
            ("psn_no", &asked.number),
            ("certno", &asked.certificate),
            ("psn_name", &asked.name),
        ];
        for (member, value) in own {
            assert_ne!(&at(member), value, "{key} {member}");
        }
        let named = persons()
            .unwrap()
            .into_iter()
            .find(|other| other.certificate == at("certno"))
            .unwrap();
        assert_eq!(at("brdy"), named.born.to_string());
        assert_eq!(at("gend"), named.sex);
    }
}

#[tokio::test]
async fn a_fault_that_can_do_nothing_is_refused() {
    let rig = Rig::start(|_| {}).await;
    for (infno, kind) in [("2601", "other_person"), ("1101", "wrong_amounts")] {
        let fault = json!({"infno": infno, "kind": kind});
        let told = rig.admin_fails("POST", "/faults", fault).await;
        assert!(
            told.contains("422") && told.contains(&format!("an answer to {infno}")),
            "{told}"
        );
    }
    assert_eq!(rig.admin("GET", "/faults", None).await, json!([]));
}

#[tokio::test]
async fn a_call_is_finished_when_its_caller_is_gone() {
    let rig = Rig::start(|_| {}).await;
    let open = rig.open("fuyang-resident", "11", bill()).await;
    let fault = json!({"infno": "2207", "kind": "delay", "ms": 1500});
    rig.admin("POST", "/faults", Some(fault)).await;
    let body = rig.envelope("2207A", "341200", open.settlement()).to_string();
    let calling = rig.post("/fsi/api/callService", body);
    let waiting = rig.admin(
        "GET",
        "/wait?infno=2207&count=1&state=received&timeout_ms=60000",
        None,
    );
    tokio::select! {
        answer = calling => panic!("answered too early: {answer:?}"),
        seen = waiting => assert_eq!(seen["reached"], true),
    }
    let committed = rig
        .admin(
            "GET",
            "/wait?infno=2207&count=1&state=committed&timeout_ms=60000",
            None,
        )
        .await;
    assert_eq!(committed["reached"], true);
    assert_ne!(rig.query(&open).await.at("output/setlinfo"), "null");
    let never = rig
        .admin(
            "GET",
            "/wait?infno=2207&count=2&state=received&timeout_ms=1",
            None,
        )
        .await;
    assert_eq!((&never["reached"], &never["count"]), (&json!(false), &json!(1)));
}
