//! Every way a call can end.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use zhijie_model::{CallClass, Private};

use super::certificates::Authority;
use super::server::{Act, Server, reply};
use super::setup::{ANSWER_BYTES_MAX, client, config, message, now};
use crate::{Delivery, HeaderFamily, NotSent, Silence, Tif, Uplink};

const LONG: Duration = Duration::from_secs(60);
const CLASSES: [CallClass; 5] = [
    CallClass::Reads,
    CallClass::Prepares,
    CallClass::Files,
    CallClass::MovesStay,
    CallClass::MovesMoney,
];

async fn with(script: Vec<Act>) -> (Server, Uplink) {
    let authority = Authority::new();
    let server = Server::start(authority.server(), script).await;
    let uplink = Uplink::new(&config(&server.url, &authority, &client(&authority))).unwrap();
    (server, uplink)
}

async fn send(uplink: &Uplink, number: usize, class: CallClass) -> Delivery {
    uplink.send(&message(number), class, LONG, now()).await
}

fn ok(body: &str) -> Vec<u8> {
    reply("200 OK", "application/json", body)
}

#[tokio::test]
async fn a_file_may_be_longer_than_an_answer_and_no_longer_than_agreed() {
    let table = [
        (ANSWER_BYTES_MAX + 1, ANSWER_BYTES_MAX * 2, true),
        (ANSWER_BYTES_MAX + 1, ANSWER_BYTES_MAX, false),
        (9, 8, false),
    ];
    for (bytes, most, taken) in table {
        let body = "x".repeat(bytes);
        let stream = reply("200 OK", "application/octet-stream", &body);
        let (_server, uplink) = with(vec![Act::Reply(stream)]).await;
        let delivery = uplink.fetch(&message(1), LONG, most, now()).await;
        let expected = if taken {
            Delivery::Answered {
                status: 200,
                content_type: Some(String::from("application/octet-stream")),
                body: body.into_bytes(),
            }
        } else {
            Delivery::Unknown(Silence::TooBig)
        };
        assert_eq!(delivery, expected, "{bytes} {most}");
    }
}

#[tokio::test]
async fn a_form_is_announced_as_one() {
    let (server, uplink) = with(vec![Act::Reply(ok("{}"))]).await;
    let mut form = message(1);
    form.boundary = Some(String::from("zhijie-1"));
    uplink.send(&form, CallClass::Reads, LONG, now()).await;
    server.seen(|seen| {
        let (head, _) = seen.requests.first().unwrap();
        assert!(
            head.contains("content-type: multipart/form-data; boundary=zhijie-1"),
            "{head}"
        );
    });
}

#[tokio::test]
async fn an_answer_is_whole_and_the_bytes_arrive_unchanged() {
    for class in CLASSES {
        let (server, uplink) = with(vec![Act::Reply(ok("{\"infcode\":0}"))]).await;
        let expected = Delivery::Answered {
            status: 200,
            content_type: Some(String::from("application/json")),
            body: b"{\"infcode\":0}".to_vec(),
        };
        assert_eq!(send(&uplink, 1, class).await, expected);
        server.seen(|seen| {
            let (head, body) = seen.requests.first().unwrap();
            assert!(
                head.starts_with("post /fsi/api/callservice http/1.1\r\n"),
                "{head}"
            );
            assert!(head.contains("content-type: application/json"), "{head}");
            assert!(!head.contains("accept-encoding"), "{head}");
            assert_eq!(*body, message(1).body);
        });
    }
}

#[tokio::test]
async fn a_gateways_page_is_an_answer_with_its_status() {
    for (line, status) in [
        ("502 Bad Gateway", 502),
        ("401 Unauthorized", 401),
        ("302 Found", 302),
    ] {
        let page = reply(line, "text/html", "<html></html>");
        let (server, uplink) = with(vec![Act::Reply(page)]).await;
        match send(&uplink, 1, CallClass::MovesMoney).await {
            Delivery::Answered {
                status: answered,
                content_type,
                ..
            } => assert_eq!((answered, content_type.as_deref()), (status, Some("text/html"))),
            other => panic!("{other:?}"),
        }
        assert_eq!(server.seen(|seen| seen.requests.len()), 1);
    }
}

#[tokio::test]
async fn nobody_listening_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    let authority = Authority::new();
    let uplink = Uplink::new(&config(&url, &authority, &client(&authority))).unwrap();
    for class in CLASSES {
        assert_eq!(send(&uplink, 1, class).await, Delivery::NotSent(NotSent::Refused));
    }
}

#[tokio::test]
async fn a_name_without_address_is_not_sent() {
    let authority = Authority::new();
    let uplink = Uplink::new(&config(
        "https://platform.invalid",
        &authority,
        &client(&authority),
    ))
    .unwrap();
    assert_eq!(
        send(&uplink, 1, CallClass::MovesMoney).await,
        Delivery::NotSent(NotSent::NameNotFound)
    );
}

#[tokio::test]
async fn a_stranger_is_not_sent_to() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = Server::start(theirs.server(), vec![Act::Drop]).await;
    let uplink = Uplink::new(&config(&server.url, &ours, &client(&ours))).unwrap();
    for class in CLASSES {
        assert_eq!(
            send(&uplink, 1, class).await,
            Delivery::NotSent(NotSent::UntrustedPeer)
        );
    }
    assert_eq!(server.seen(|seen| seen.requests.len()), 0);
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = Authority::new();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let mut config = config(&url, &authority, &client(&authority));
    config.connect_timeout = Duration::from_millis(50);
    let uplink = Uplink::new(&config).unwrap();
    assert_eq!(
        send(&uplink, 1, CallClass::MovesMoney).await,
        Delivery::NotSent(NotSent::ConnectTimedOut)
    );
    drop(listener);
}

#[tokio::test]
async fn a_handshake_broken_off_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = Authority::new();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let uplink = Uplink::new(&config(&url, &authority, &client(&authority))).unwrap();
    for class in CLASSES {
        assert_eq!(
            send(&uplink, 1, class).await,
            Delivery::NotSent(NotSent::Handshake)
        );
    }
}

#[tokio::test]
async fn a_client_certificate_of_another_authority_gets_no_answer() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = Server::start(ours.server(), vec![Act::Reply(ok("{}"))]).await;
    let uplink = Uplink::new(&config(&server.url, &ours, &client(&theirs))).unwrap();
    let delivery = send(&uplink, 1, CallClass::MovesMoney).await;
    assert!(
        !matches!(
            delivery,
            Delivery::Answered { .. } | Delivery::Unknown(Silence::TimedOut)
        ),
        "{delivery:?}"
    );
    assert_eq!(server.seen(|seen| seen.requests.len()), 0);
}

#[tokio::test]
async fn silence_after_reading_is_unknown() {
    let whole = ok("{\"infcode\":0}");
    let half = whole.get(..whole.len() - 4).unwrap().to_vec();
    let head = whole.get(..20).unwrap().to_vec();
    let big = ok(&"x".repeat(ANSWER_BYTES_MAX + 1));
    let table: [(Act, &[Silence]); 6] = [
        (Act::Drop, &[Silence::Closed, Silence::Reset]),
        (Act::ReplyAndClose(Vec::new()), &[Silence::Closed]),
        (Act::ReplyAndClose(head), &[Silence::Closed]),
        (Act::ReplyAndClose(half), &[Silence::Truncated]),
        (Act::ReplyAndClose(big), &[Silence::TooBig]),
        (
            Act::ReplyAndClose(b"220 mail ready\r\n".to_vec()),
            &[Silence::NotHttp],
        ),
    ];
    for class in CLASSES {
        for (act, expected) in &table {
            let (server, uplink) = with(vec![act.clone()]).await;
            match send(&uplink, 1, class).await {
                Delivery::Unknown(silence) => assert!(expected.contains(&silence), "{act:?}: {silence:?}"),
                other => panic!("{act:?}: {other:?}"),
            }
            assert_eq!(server.seen(|seen| seen.requests.len()), 1, "{act:?}");
        }
    }
}

#[tokio::test]
async fn a_slow_answer_is_unknown() {
    let authority = Authority::new();
    let server = Server::start(authority.server(), vec![Act::Silence]).await;
    let mut config = config(&server.url, &authority, &client(&authority));
    config.connect_timeout = Duration::from_secs(2);
    let uplink = Uplink::new(&config).unwrap();
    let delivery = uplink
        .send(
            &message(1),
            CallClass::MovesMoney,
            Duration::from_millis(1),
            now(),
        )
        .await;
    assert_eq!(delivery, Delivery::Unknown(Silence::TimedOut));
    assert_eq!(server.seen(|seen| seen.requests.len()), 1);
}

/// The far end answers, then closes the connection or breaks it under the next request. No request may be written
/// twice, whatever the client makes of the broken connection.
#[tokio::test]
async fn every_request_is_written_once() {
    let answer = || ok("{\"infcode\":0}");
    for class in CLASSES {
        for script in [
            vec![Act::Reply(answer()), Act::Drop, Act::Reply(answer()), Act::Drop],
            vec![Act::ReplyAndClose(answer())],
            vec![Act::Drop],
        ] {
            let (server, uplink) = with(script.clone()).await;
            let mut answered = 0;
            for number in 0..6 {
                match send(&uplink, number, class).await {
                    Delivery::Answered { .. } => answered += 1,
                    Delivery::Unknown(_) => {}
                    Delivery::NotSent(why) => panic!("{why:?}"),
                }
            }
            server.seen(|seen| {
                let mut written: BTreeMap<&[u8], usize> = BTreeMap::new();
                for (_, body) in &seen.requests {
                    *written.entry(body).or_default() += 1;
                }
                assert!(
                    written.values().all(|times| *times == 1),
                    "{class:?} {script:?}: {written:?}"
                );
                assert!(answered <= written.len());
                if class.leaves_doubt() {
                    assert_eq!(seen.connections, 6, "a connection of its own for each");
                    assert_eq!(written.len(), 6);
                }
            });
        }
    }
}

#[tokio::test]
async fn calls_that_move_no_money_share_a_connection() {
    let (server, uplink) = with(vec![Act::Reply(ok("{}"))]).await;
    for number in 0..3 {
        assert!(matches!(
            send(&uplink, number, CallClass::Reads).await,
            Delivery::Answered { .. }
        ));
    }
    server.seen(|seen| assert_eq!((seen.connections, seen.requests.len()), (1, 3)));
}

#[tokio::test]
async fn gateway_headers_can_be_recomputed() {
    let authority = Authority::new();
    let server = Server::start(authority.server(), vec![Act::Reply(ok("{}"))]).await;
    let mut config = config(&server.url, &authority, &client(&authority));
    config.header = HeaderFamily::Tif(Tif {
        prefix: "x-tif",
        paasid: String::from("h31010100001"),
        secret: Private::new("Secret123"),
        upper_hex: false,
    });
    let uplink = Uplink::new(&config).unwrap();
    send(&uplink, 1, CallClass::Reads).await;
    server.seen(|seen| {
        let (head, _) = seen.requests.first().unwrap();
        let header = |name: &str| {
            let start = format!("{name}: ");
            head.lines()
                .find_map(|line| line.strip_prefix(&start))
                .unwrap()
                .to_owned()
        };
        assert_eq!(header("x-tif-paasid"), "h31010100001");
        let timestamp = header("x-tif-timestamp");
        assert_eq!(timestamp, now().as_second().to_string());
        let text = format!("{timestamp}Secret123{}{timestamp}", header("x-tif-nonce"));
        assert_eq!(header("x-tif-signature"), hex::encode(Sha256::digest(text)));
        assert!(!head.contains("secret123"));
    });
}

#[tokio::test]
async fn a_knock_says_nothing_and_trusts_nobody_else() {
    let (server, uplink) = with(vec![Act::Silence]).await;
    assert!(uplink.knock().await);
    let authority = Authority::new();
    let misled = Uplink::new(&config(&server.url, &authority, &client(&authority))).unwrap();
    assert!(!misled.knock().await, "another authority's server");
    assert_eq!(server.seen(|seen| seen.requests.len()), 0);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    let alone = Uplink::new(&config(&url, &authority, &client(&authority))).unwrap();
    assert!(!alone.knock().await, "nobody listens");
}
