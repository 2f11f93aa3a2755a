//! The front: certificates, addresses, headers, envelopes, sign-in, repeated messages.

use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhijie_model::Private;

use super::{Answer, Rig, bill, client, person};
use crate::{Clock, DuplicateMsgid, InfcodeMode, TifSecret, certs};

#[tokio::test]
async fn only_the_runs_own_client_certificate_is_taken() {
    let rig = Rig::start(|_| {}).await;
    let own = rig.dir.path().join("certs");
    let foreign = tempfile::tempdir().unwrap();
    certs::make(foreign.path()).unwrap();
    let url = format!("{}/fsi/api/callService", rig.handle.platform_url());
    for (who, client) in [
        ("no certificate", client(None, &own)),
        ("foreign certificate", client(Some(foreign.path()), &own)),
        ("foreign authority", client(Some(&own), foreign.path())),
    ] {
        assert!(client.post(&url).body("{}").send().await.is_err(), "{who}");
    }
    let calls = rig.admin("GET", "/calls", None).await;
    assert_eq!(
        calls.as_array().map(Vec::len),
        Some(1),
        "only the sign-in arrived"
    );
}

#[tokio::test]
async fn addresses_take_their_own_transaction() {
    let rig = Rig::start(|_| {}).await;
    let her = person("fuyang-resident");
    let ask = || {
        let data = json!({"mdtrt_cert_type": "02", "mdtrt_cert_no": her.certificate});
        rig.envelope("1101", "341200", json!({ "data": data }))
            .to_string()
    };
    let right = rig
        .post("/fsi/api/fsiPsnInfoService/queryPsnInfo", ask())
        .await
        .unwrap();
    assert_eq!(right.done().text_at("output/baseinfo/psn_name"), her.name);
    let wrong = rig
        .post("/fsi/api/outpatientSettleService/saveSettletmentA", ask())
        .await
        .unwrap();
    assert!(wrong.refused().starts_with("FSI-FSI-"));
    assert_eq!(rig.post("/fsi/api/none/such", ask()).await.unwrap().status, 404);
    let unknown = rig.call("9999", "310000", json!({"data": {"a": "1"}})).await;
    assert!(unknown.refused().starts_with("FSI-FSI-"));
}

#[tokio::test]
async fn malformed_envelopes_are_refused_by_name() {
    let rig = Rig::start(|_| {}).await;
    for body in ["", "no json", "[1]", "{\"infno\":", "\u{feff}{}"] {
        let answer = rig
            .post("/fsi/api/callService", String::from(body))
            .await
            .unwrap();
        assert_eq!(answer.text_at("type"), "error", "{body:?} {}", answer.text);
        answer.refused();
    }
    let her = person("fuyang-resident");
    let good = || json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": her.certificate}});
    type Change = fn(&mut Value);
    let table: [(Change, &str); 6] = [
        (|v| v["opter"] = json!(""), "opter"),
        (|v| v["msgid"] = json!("1"), "msgid"),
        (|v| v["input"] = json!(""), "input"),
        (|v| v["input"] = json!({}), "data"),
        (
            |v| v["input"]["data"]["mdtrt_cert_no"] = json!(null),
            "mdtrt_cert_no",
        ),
        (|v| v["mdtrtarea_admvs"] = json!("330400"), "330400"),
    ];
    for (change, named) in table {
        let mut envelope = rig.envelope("1101", "341200", good());
        change(&mut envelope);
        let text = rig.send(&envelope).await.refused();
        assert!(
            text.starts_with("FSI-") && text.contains(named),
            "{named}: {text}"
        );
    }
}

#[tokio::test]
async fn infcode_comes_as_text_where_the_province_wants_it() {
    let rig = Rig::start(|options| {
        options.infcode = InfcodeMode::String;
        options.sign_in = false;
    })
    .await;
    let her = person("fuyang-resident");
    let good = json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": her.certificate}});
    assert_eq!(rig.call("1101", "341200", good).await.at("infcode"), "\"0\"");
    assert_eq!(
        rig.call("1101", "341200", json!({"data": {}}))
            .await
            .at("infcode"),
        "\"-1\""
    );
}

#[tokio::test]
async fn calls_need_a_sign_in_that_stands() {
    let rig = Rig::start(|_| {}).await;
    let her = person("fuyang-resident");
    let good = || json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": her.certificate}});
    rig.call("1101", "341200", good()).await.done();
    let mut other = rig.envelope("1101", "341200", good());
    other["opter"] = json!("0002");
    assert!(rig.send(&other).await.refused().contains("签到"));
    rig.admin("DELETE", "/sign-ins", None).await;
    assert!(
        rig.call("1101", "341200", good())
            .await
            .refused()
            .contains("重新签到")
    );
    let mut fresh = rig.envelope("1101", "341200", good());
    let number = rig.sign_in().await;
    fresh["sign_no"] = json!(number);
    rig.send(&fresh).await.done();
    let mut out = rig.envelope(
        "9002",
        "310000",
        json!({"signOut": {"sign_no": number, "opter_no": "0001"}}),
    );
    out["sign_no"] = json!(number);
    rig.send(&out).await.done();
    fresh["msgid"] = json!(rig.msgid());
    assert!(rig.send(&fresh).await.refused().contains("签到"));
}

#[tokio::test]
async fn a_repeated_message_does_what_is_switched() {
    for mode in [
        DuplicateMsgid::Execute,
        DuplicateMsgid::Refuse,
        DuplicateMsgid::Repeat,
    ] {
        let rig = Rig::start(|options| options.duplicate_msgid = mode).await;
        let open = rig.open("fuyang-resident", "11", bill()).await;
        let envelope = rig.envelope("2207A", "341200", open.settlement());
        let first = rig.send(&envelope).await.done();
        let second = rig.send(&envelope).await;
        match mode {
            DuplicateMsgid::Execute => assert!(second.refused().contains("已结算")),
            DuplicateMsgid::Refuse => assert!(second.refused().contains("报文ID")),
            DuplicateMsgid::Repeat => assert_eq!(second.text, first.text),
        }
        let rows = rig.admin("GET", "/settlements", None).await;
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{mode:?}");
    }
}

#[tokio::test]
async fn the_gateway_wants_its_signature() {
    let rig = Rig::start(|options| {
        options.tif = Some(TifSecret {
            paasid: String::from("hospital"),
            secret: Private::new("secret"),
        });
        options.sign_in = false;
    })
    .await;
    let her = person("fuyang-resident");
    let send = async |timestamp: String, nonce: &str, secret: &str| -> Answer {
        let data = json!({"mdtrt_cert_type": "02", "mdtrt_cert_no": her.certificate});
        let signature = hex::encode(Sha256::digest(format!("{timestamp}{secret}{nonce}{timestamp}")));
        let response = rig
            .client
            .post(format!("{}/fsi/api/callService", rig.handle.platform_url()))
            .header("content-type", "application/json")
            .header("x-tif-paasid", "hospital")
            .header("x-tif-timestamp", &timestamp)
            .header("x-tif-nonce", nonce)
            .header("x-tif-signature", signature)
            .body(
                rig.envelope("1101", "341200", json!({ "data": data }))
                    .to_string(),
            )
            .send()
            .await
            .unwrap();
        Answer {
            status: response.status().as_u16(),
            text: response.text().await.unwrap(),
        }
    };
    let now = || rig.clock.now().as_second().to_string();
    send(now(), "n1", "secret").await.done();
    assert_eq!(send(now(), "n1", "secret").await.status, 401, "nonce again");
    assert_eq!(send(now(), "n2", "other").await.status, 401, "wrong secret");
    let stale = now();
    rig.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(send(stale, "n3", "secret").await.status, 401, "stale");
    let bare = rig
        .post("/fsi/api/callService", String::from("{}"))
        .await
        .unwrap();
    assert_eq!(bare.status, 401);
}
