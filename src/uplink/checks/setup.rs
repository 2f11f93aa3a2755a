//! Configurations that are refused, and what all tests share.

use std::time::Duration;

use jiff::Timestamp;
use rcgen::ExtendedKeyUsagePurpose;
use zhijie_model::{MessageId, Transaction};
use zhijie_wire::{ContentType, Message};

use super::certificates::{Authority, Identity};
use crate::{HeaderFamily, SetupError, Tif, Uplink, UplinkConfig};

pub(super) const ANSWER_BYTES_MAX: usize = 64 * 1024;

pub(super) fn config(base_url: &str, ca: &Authority, client: &Identity) -> UplinkConfig {
    UplinkConfig {
        base_url: base_url.to_owned(),
        ca_pem: ca.pem().into_bytes(),
        client_cert_pem: client.certificate.clone().into_bytes(),
        client_key_pem: client.key.clone().into_bytes(),
        header: HeaderFamily::None,
        content_type: ContentType::Json,
        connect_timeout: Duration::from_secs(20),
        answer_bytes_max: ANSWER_BYTES_MAX,
    }
}

pub(super) fn client(authority: &Authority) -> Identity {
    authority.issue("desk", ExtendedKeyUsagePurpose::ClientAuth)
}

pub(crate) fn message(number: usize) -> Message {
    Message {
        transaction: Transaction::Settle,
        number: String::from("2207A"),
        message_id: MessageId::new(format!("H3101010000120261122{number:010}")).unwrap(),
        path: String::from("/fsi/api/callService"),
        api: None,
        boundary: None,
        body: format!("{{\"n\":{number}}}").into_bytes(),
    }
}

pub(super) fn now() -> Timestamp {
    "2026-11-22T02:03:04Z".parse().unwrap()
}

#[test]
fn unusable_configurations_are_refused() {
    let authority = Authority::new();
    let identity = client(&authority);
    let good = config("https://127.0.0.1:1/front", &authority, &identity);
    assert!(Uplink::new(&good).is_ok());
    for url in [
        "http://127.0.0.1",
        "127.0.0.1",
        "",
        "https://u:p@127.0.0.1",
        "https://127.0.0.1/?a=1",
    ] {
        let mut wrong = good.clone();
        wrong.base_url = url.to_owned();
        assert!(matches!(Uplink::new(&wrong), Err(SetupError::BaseUrl)), "{url}");
    }
    let mut wrong = good.clone();
    wrong.ca_pem = Vec::new();
    assert!(matches!(Uplink::new(&wrong), Err(SetupError::NoCertificate(_))));
    let mut wrong = good.clone();
    wrong.client_key_pem = b"nonsense".to_vec();
    assert!(matches!(
        Uplink::new(&wrong),
        Err(SetupError::Pem("client key", _))
    ));
    let mut wrong = good;
    wrong.client_key_pem = client(&authority).key.into_bytes();
    assert!(matches!(
        Uplink::new(&wrong),
        Err(SetupError::ClientCertificate(_))
    ));
}

#[test]
fn a_configuration_prints_no_secret() {
    let authority = Authority::new();
    let mut config = config("https://127.0.0.1", &authority, &client(&authority));
    config.header = HeaderFamily::Tif(Tif {
        prefix: "x-tif",
        paasid: String::from("app"),
        secret: zhijie_model::Private::new("hush"),
        upper_hex: false,
    });
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("hush") && !shown.contains("PRIVATE KEY"),
        "{shown}"
    );
}
