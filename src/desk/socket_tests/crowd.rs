//! Many calls, many connections, and those who do not read.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{House, is_well};
use crate::{ClientError, Gone, Limits, RpcError};

const TIGHT: Limits = Limits {
    connections_max: 2,
    of_one_program_max: 2,
    in_flight_max: 2,
    outgoing_max: 4,
    write_timeout: Duration::from_millis(50),
    drain_timeout: Duration::from_secs(60),
};

#[tokio::test]
async fn a_later_question_may_be_answered_first() {
    let house = House::open(Limits::DEFAULT);
    let client = house.client().await;
    let params = json!({"bill_id": "b"});
    let slow = client.call("visit.status", &params);
    let quick = async {
        is_well(&client).await;
        house.desk.gate.add_permits(1);
    };
    let (slow, ()) = tokio::join!(slow, quick);
    assert_eq!(slow.unwrap().get(), r#"{"bill_id":"b"}"#);
}

#[tokio::test]
async fn too_many_calls_are_told_at_once_and_the_others_go_on() {
    let house = House::open(TIGHT);
    let mut stranger = house.stranger().await;
    for id in 1..=3 {
        let line = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"visit.status\"}}\n");
        stranger.write(line.as_bytes()).await;
    }
    let busy = stranger.read().await.unwrap();
    assert_eq!(
        (&busy["id"], &busy["error"]["code"]),
        (&json!(3), &json!(RpcError::FAULT))
    );
    assert_eq!(busy["error"]["data"]["code"], "AGENT-BUSY");
    assert_eq!(busy["error"]["data"]["money_moved"], "no");
    house.desk.gate.add_permits(3);
    for _ in 0..2 {
        assert!(stranger.read().await.unwrap()["result"].is_object());
    }
    stranger
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"visit.status\"}\n")
        .await;
    assert_eq!(stranger.read().await.unwrap()["id"], 4);
}

#[tokio::test]
async fn too_many_connections_are_told_and_room_comes_back() {
    let house = House::open(TIGHT);
    let first = house.client().await;
    let second = house.client().await;
    is_well(&first).await;
    is_well(&second).await;
    let Err(ClientError::NoHello(Some(error))) = crate::Client::connect(&house.path).await else {
        panic!("must be refused")
    };
    assert_eq!(error.to_fault().unwrap().code, "AGENT-BUSY");
    is_well(&first).await;
    drop(second);
    loop {
        match crate::Client::connect(&house.path).await {
            Ok(third) => return is_well(&third).await,
            Err(ClientError::NoHello(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn who_does_not_read_answers_is_disconnected() {
    let mut house = House::open(TIGHT);
    let neighbour = house.client().await;
    let mut stranger = house.stranger().await;
    stranger
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"identity.read\"}\n")
        .await;
    let peer = house.peers.recv().await.unwrap();
    let asking = async {
        while tokio::io::AsyncWriteExt::write_all(
            stranger.stream.get_mut(),
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"receipt.get\"}\n",
        )
        .await
        .is_ok()
        {}
    };
    let well = async {
        while !peer.is_gone() {
            is_well(&neighbour).await;
        }
    };
    tokio::join!(asking, well);
    is_well(&neighbour).await;
    assert_eq!(peer.notify("event", &json!({})), Err(Gone));
}

#[tokio::test]
async fn who_does_not_read_events_is_disconnected() {
    let mut house = House::open(TIGHT);
    let neighbour = house.client().await;
    let mut stranger = house.stranger().await;
    stranger
        .write(b"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"identity.read\"}\n")
        .await;
    let peer = house.peers.recv().await.unwrap();
    while peer.notify("event", &json!({"detail": "x".repeat(1000)})).is_ok() {}
    peer.hung_up().await;
    is_well(&neighbour).await;
}

#[tokio::test]
async fn events_reach_who_listens() {
    let mut house = House::open(Limits::DEFAULT);
    let client = Arc::new(house.client().await);
    let mut events = client.notifications();
    let waiting = tokio::spawn({
        let client = Arc::clone(&client);
        async move { client.call("identity.read", &json!({})).await }
    });
    let peer = house.peers.recv().await.unwrap();
    for at in 0..3 {
        peer.notify("event", &json!({"at": at})).unwrap();
    }
    for at in 0..3 {
        let event = events.recv().await.unwrap();
        assert_eq!(
            (event.method.as_str(), event.params.get()),
            ("event", format!("{{\"at\":{at}}}").as_str())
        );
    }
    waiting.abort();
}

#[tokio::test]
async fn a_call_that_breaks_off_is_an_internal_error() {
    let house = House::open(Limits::DEFAULT);
    let client = house.client().await;
    let Err(ClientError::Rpc(error)) = client.call("visit.settle", &json!({})).await else {
        panic!("must be an error")
    };
    assert_eq!(error.code, RpcError::INTERNAL);
    is_well(&client).await;
}

#[tokio::test]
async fn stopping_lets_calls_end_and_takes_the_file_away() {
    let mut house = House::open(Limits::DEFAULT);
    let client = house.client().await;
    let stop = house.stop.take().unwrap();
    let params = json!({});
    let (answer, ()) = tokio::join!(client.call("identity.read", &params), async {
        house.peers.recv().await.unwrap();
        stop.send(()).unwrap();
    });
    assert_eq!(answer.unwrap().get(), r#"{"taken_back":true}"#);
    house.serving.await.unwrap();
    assert!(!house.path.exists());
    assert!(matches!(
        client.call("agent.info", &json!({})).await,
        Err(ClientError::Closed)
    ));
    assert!(client.notifications().recv().await.is_err());
}
