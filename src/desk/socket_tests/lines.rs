//! Bad lines, and a neighbour who never notices.

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{House, STORED, is_well};
use crate::{ClientError, LINE_BYTES_MAX, Limits, RpcError};

#[tokio::test]
async fn every_bad_line_is_answered_and_harms_nobody() {
    let house = House::open(Limits::DEFAULT);
    let neighbour = house.client().await;
    let mut stranger = house.stranger().await;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":5,"method":"agent.info","params":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let table: [(&[u8], Value, i64); 9] = [
        (b"GET / HTTP/1.1", Value::Null, -32700),
        (b"\xff\xfe\x00", Value::Null, -32700),
        (b"{\"jsonrpc\":", Value::Null, -32700),
        (deep.as_bytes(), Value::Null, -32700),
        (
            br#"[{"jsonrpc":"2.0","id":1,"method":"agent.info"}]"#,
            Value::Null,
            -32600,
        ),
        (br#"{"id":3,"method":"agent.info"}"#, json!(3), -32600),
        (br#"{"jsonrpc":"2.0","id":"x","method":"rm"}"#, json!("x"), -32601),
        (
            br#"{"jsonrpc":"2.0","id":1,"method":"person.lookup","params":{"identity_id":7}}"#,
            json!(1),
            -32602,
        ),
        (
            br#"{"jsonrpc":"2.0","id":2,"method":"person.lookup"}"#,
            json!(2),
            -32602,
        ),
    ];
    for (line, id, code) in table {
        stranger.write(line).await;
        stranger.write(b"\n").await;
        let answer = stranger.read().await.unwrap();
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&id, &json!(code)),
            "{answer}"
        );
        is_well(&neighbour).await;
    }
    stranger
        .write(b"\r\n\n{\"jsonrpc\":\"2.0\",\"method\":\"agent.info\"}\n")
        .await;
    stranger
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":\"last\",\"method\":\"agent.info\"}\r\n")
        .await;
    assert_eq!(stranger.read().await.unwrap()["id"], "last");
}

#[tokio::test]
async fn a_line_too_long_is_told_and_ends_that_connection_only() {
    let house = House::open(Limits::DEFAULT);
    let neighbour = house.client().await;
    let mut stranger = house.stranger().await;
    stranger.write(&vec![b' '; 2 * LINE_BYTES_MAX]).await;
    stranger.write(b"\n").await;
    let answer = stranger.read().await.unwrap();
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&Value::Null, &json!(-32600))
    );
    assert_eq!(stranger.read().await, None);
    is_well(&neighbour).await;
}

#[tokio::test]
async fn the_path_of_the_member_is_told() {
    let house = House::open(Limits::DEFAULT);
    let client = house.client().await;
    let Err(ClientError::Rpc(error)) = client
        .call(
            "person.lookup",
            &json!({"identity_id": "i", "operator": {"code": "1", "name": 2}}),
        )
        .await
    else {
        panic!("must be refused")
    };
    assert_eq!(error.code, RpcError::INVALID_PARAMS);
    assert_eq!(error.data.unwrap()["path"], "operator.name");
}

#[tokio::test]
async fn answers_pass_byte_for_byte_and_ids_come_back_as_sent() {
    let house = House::open(Limits::DEFAULT);
    let client = house.client().await;
    assert_eq!(client.hello().interface, "1");
    is_well(&client).await;
    let params = json!({"identity_id": "药"});
    assert_eq!(
        client.call("person.lookup", &params).await.unwrap().get(),
        params.to_string()
    );
    let mut stranger = house.stranger().await;
    stranger
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":\"\\u0061\",\"method\":\"agent.info\"}\n")
        .await;
    let mut line = String::new();
    tokio::io::AsyncBufReadExt::read_line(&mut stranger.stream, &mut line)
        .await
        .unwrap();
    assert_eq!(
        line,
        format!("{{\"jsonrpc\":\"2.0\",\"id\":\"\\u0061\",\"result\":{STORED}}}\n")
    );
}

#[tokio::test]
async fn a_closed_writing_side_still_gets_its_answers() {
    let house = House::open(Limits::DEFAULT);
    let mut stranger = house.stranger().await;
    stranger
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"visit.status\"}\n")
        .await;
    stranger
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"agent.info\"}")
        .await;
    stranger.stream.get_mut().shutdown().await.unwrap();
    assert_eq!(stranger.read().await.unwrap()["id"], 2);
    house.desk.gate.add_permits(1);
    assert_eq!(stranger.read().await.unwrap()["id"], 1);
    assert_eq!(stranger.read().await, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn after_any_bytes_a_good_line_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = House::open(Limits::DEFAULT);
            let mut stranger = house.stranger().await;
            stranger.write(&bytes).await;
            stranger.write(b"\n{\"jsonrpc\":\"2.0\",\"id\":\"good\",\"method\":\"agent.info\"}\n").await;
            while stranger.read().await.unwrap()["id"] != "good" {}
        });
    }
}
