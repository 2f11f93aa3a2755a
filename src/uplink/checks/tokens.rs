//! Tokens: fetched once, used until they end, fetched again when refused, and never a second settlement.

use std::time::Duration;

use jiff::SignedDuration;
use zhijie_model::{CallClass, Private};

use super::certificates::Authority;
use super::server::{Act, Server, reply};
use super::setup::{client, config, message, now};
use crate::{Delivery, Grant, HeaderFamily, NoToken, NotSent, Uplink};

const LONG: Duration = Duration::from_secs(60);

fn token(text: &str) -> Act {
    let body = format!("{{\"access_token\":\"{text}\",\"expires_in\":3600,\"token_type\":\"bearer\"}}");
    Act::Reply(reply("200 OK", "application/json", &body))
}

fn done() -> Act {
    Act::Reply(reply("200 OK", "application/json", "{\"infcode\":0}"))
}

fn turned_away() -> Act {
    Act::Reply(reply("401 Unauthorized", "text/plain", "token expired"))
}

async fn with(script: Vec<Act>) -> (Server, Uplink) {
    let authority = Authority::new();
    let server = Server::start(authority.server(), script).await;
    let mut config = config(&server.url, &authority, &client(&authority));
    config.header = HeaderFamily::Oauth(Grant {
        path: String::from("/auth/oauth/token"),
        client: String::from("client"),
        secret: Private::new("geheim"),
        user: Private::new("user"),
        password: Private::new("p&w"),
        scope: String::from("server"),
        grant: String::from("password"),
        life: Duration::from_secs(600),
    });
    let uplink = Uplink::new(&config).unwrap();
    (server, uplink)
}

/// What every request was: the token call, or a message with its token.
fn story(server: &Server) -> Vec<String> {
    server.seen(|seen| {
        let told = |(head, _): &(String, Vec<u8>)| {
            let bearer = head
                .lines()
                .find_map(|line| line.strip_prefix("authorization: bearer "));
            bearer.map_or_else(|| String::from("token call"), String::from)
        };
        seen.requests.iter().map(told).collect()
    })
}

#[tokio::test]
async fn a_token_is_fetched_once_and_again_when_it_has_ended() {
    let (server, uplink) = with(vec![token("one"), done(), done(), token("two"), done()]).await;
    let later = now().saturating_add(SignedDuration::from_secs(590)).unwrap();
    for at in [now(), now(), later] {
        let sent = uplink.send(&message(1), CallClass::MovesMoney, LONG, at).await;
        assert!(matches!(sent, Delivery::Answered { status: 200, .. }), "{sent:?}");
    }
    assert_eq!(story(&server), ["token call", "one", "one", "token call", "two"]);
    server.seen(|seen| {
        let (head, form) = seen.requests.first().unwrap();
        assert!(head.starts_with("post /auth/oauth/token "), "{head}");
        assert!(head.contains("authorization: basic "), "{head}");
        assert_eq!(
            form,
            b"username=user&password=p%26w&scope=server&grant_type=password"
        );
    });
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_a_settlement_is_not_sent_again() {
    let script = vec![token("one"), turned_away(), token("two"), done()];
    let (server, uplink) = with(script.clone()).await;
    let sent = uplink.send(&message(1), CallClass::Reads, LONG, now()).await;
    assert!(matches!(sent, Delivery::Answered { status: 200, .. }), "{sent:?}");
    assert_eq!(story(&server), ["token call", "one", "token call", "two"]);

    let (server, uplink) = with(script).await;
    let sent = uplink.send(&message(1), CallClass::MovesMoney, LONG, now()).await;
    assert!(matches!(sent, Delivery::Answered { status: 401, .. }), "{sent:?}");
    assert_eq!(story(&server), ["token call", "one"]);
    let sent = uplink.send(&message(2), CallClass::MovesMoney, LONG, now()).await;
    assert!(matches!(sent, Delivery::Answered { status: 200, .. }), "{sent:?}");
    assert_eq!(story(&server).last().map(String::as_str), Some("two"));

    let (server, uplink) = with(vec![token("one"), turned_away(), token("two"), turned_away()]).await;
    let sent = uplink.send(&message(1), CallClass::Reads, LONG, now()).await;
    assert!(matches!(sent, Delivery::Answered { status: 401, .. }), "{sent:?}");
    assert_eq!(story(&server).len(), 4, "once, and no oftener");
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let page = |line| Act::Reply(reply(line, "application/json", "{}"));
    for (act, why) in [
        (page("401 Unauthorized"), NoToken::Refused),
        (page("400 Bad Request"), NoToken::Refused),
        (page("200 OK"), NoToken::Unreadable),
        (page("502 Bad Gateway"), NoToken::Silent),
        (Act::Drop, NoToken::Silent),
    ] {
        let (server, uplink) = with(vec![act]).await;
        let sent = uplink.send(&message(1), CallClass::MovesMoney, LONG, now()).await;
        assert_eq!(sent, Delivery::NotSent(NotSent::NoToken(why)));
        assert_eq!(story(&server), ["token call"]);
    }
}
