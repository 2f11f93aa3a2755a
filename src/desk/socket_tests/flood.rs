//! Hundreds who connect and have nothing to say, while a desk works.

use serde_json::Value;
use tokio::io::AsyncBufReadExt as _;

use super::{House, Stranger, is_well};
use crate::Limits;

/// As many processes as connections: none of them has too many.
const MANY_PROGRAMS: Limits = Limits {
    of_one_program_max: usize::MAX,
    ..Limits::DEFAULT
};
const STRANGERS: usize = 300;
/// A request without an end, and what is none.
const SAYINGS: [&[u8]; 4] = [
    b"",
    b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"agent.in",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"\xff\xfe\x00\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rm\"}\n",
];

/// What the stranger was last told, where it was sent away.
async fn sent_away(stranger: &mut Stranger) -> Option<Value> {
    let mut last = None;
    loop {
        let mut line = String::new();
        match stranger.stream.read_line(&mut line).await {
            Ok(1..) => last = serde_json::from_str(&line).ok(),
            Ok(0) | Err(_) => return last,
        }
    }
}

#[tokio::test]
async fn strangers_without_a_question_make_room_for_who_has_one() {
    for limits in [MANY_PROGRAMS, Limits::DEFAULT] {
        let house = House::open(limits);
        let desk = house.client().await;
        is_well(&desk).await;
        let mut strangers = Vec::new();
        for at in 0..STRANGERS {
            let mut stranger = house.stranger().await;
            stranger.write(SAYINGS[at % SAYINGS.len()]).await;
            strangers.push(stranger);
            if at % 50 == 0 {
                is_well(&house.client().await).await;
                is_well(&desk).await;
            }
        }
        is_well(&desk).await;
        let most = limits.connections_max.min(limits.of_one_program_max);
        for stranger in strangers.iter_mut().take(STRANGERS - most) {
            let told = sent_away(stranger).await.unwrap();
            assert_eq!(told["error"]["data"]["code"], "AGENT-BUSY", "{told}");
            let why = told["error"]["data"]["engineer"].as_str().unwrap();
            assert!(why.contains("nothing was ever asked"), "{why}");
        }
        is_well(&house.client().await).await;
    }
}

/// They send and send, and never read what is wrong with it.
#[tokio::test]
async fn strangers_who_do_not_read_make_room_too() {
    let house = House::open(Limits {
        connections_max: 2,
        ..MANY_PROGRAMS
    });
    let desk = house.client().await;
    is_well(&desk).await;
    let mut flooding = Vec::new();
    for _ in 0..6 {
        let mut stranger = loop {
            // Full for a moment while those before are being sent away.
            let stream = tokio::net::UnixStream::connect(&house.path).await.unwrap();
            let mut stranger = Stranger {
                stream: tokio::io::BufReader::new(stream),
            };
            if stranger
                .read()
                .await
                .is_some_and(|told| told["method"] == "hello")
            {
                break stranger;
            }
        };
        flooding.push(tokio::spawn(async move {
            let garbage = b"nonsense\n".repeat(1_000);
            let stream = stranger.stream.get_mut();
            while tokio::io::AsyncWriteExt::write_all(stream, &garbage)
                .await
                .is_ok()
            {}
        }));
        is_well(&desk).await;
    }
    is_well(&desk).await;
    // All but the last were sent away, and notice.
    for flood in flooding.drain(..5) {
        flood.await.unwrap();
    }
    is_well(&desk).await;
}
