//! Reading never panics, and a damaged answer never becomes another settlement.

use proptest::prelude::*;
use zhijie_model::Reply;

use super::samples::*;
use super::{filing_calls, filings};
use crate::{Counter, Inquiry, VoucherUse, read_filing, read_inquiry, read_reply};

const ANSWERS: [&str; 4] = [
    include_str!("../fixtures/settled.json"),
    include_str!("../fixtures/refunded.json"),
    include_str!("../fixtures/queried.json"),
    include_str!("../fixtures/person.json"),
];

fn read_as_everything(body: &[u8]) {
    for call in calls() {
        let _ = read_reply(&call, &message_id(), body, &profile());
    }
    for inquiry in [
        Inquiry::Person {
            credential: card(),
            reading: None,
        },
        Inquiry::DecodeVoucher {
            code: zhijie_model::Private::new("4"),
            usage: VoucherUse::Settle,
            counter: Counter {
                code: String::new(),
                name: String::new(),
                self_service: true,
            },
        },
    ] {
        let _ = read_inquiry(&inquiry, body, &profile());
    }
    for inquiry in filings::queries() {
        let _ = read_inquiry(&inquiry, body, &profile());
    }
    for call in filing_calls::calls() {
        let _ = read_filing(&call, body, &profile());
    }
}

/// A JSON value of every shape.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "\\PC{0,12}".prop_map(serde_json::Value::from),
    ];
    let name = prop_oneof![
        Just(String::from("infcode")),
        Just(String::from("output")),
        Just(String::from("data")),
        Just(String::from("setlinfo")),
        Just(String::from("result")),
        Just(String::from("psnfixmedin")),
        Just(String::from("refmedin")),
        Just(String::from("begndate")),
        Just(String::from("ecToken")),
        Just(String::from("medfee_sumamt")),
        "[a-z]{1,6}",
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes(body in prop::collection::vec(any::<u8>(), 0..200)) {
        read_as_everything(&body);
    }

    #[test]
    fn shapes(value in json()) {
        read_as_everything(value.to_string().as_bytes());
    }

    #[test]
    fn cut_or_overwritten_answers(which in 0_usize..4, at in 0_usize..2000, byte in any::<u8>(), cut in any::<bool>()) {
        let mut body = ANSWERS[which].trim_end().as_bytes().to_vec();
        let at = at % body.len();
        if cut {
            body.truncate(at);
        } else {
            body[at] = byte;
        }
        read_as_everything(&body);
        if let Ok(Reply::Settled { settlement }) = read_reply(&settle(), &message_id(), &body, &profile()) {
            prop_assert_eq!(settlement.split.total(), fen(10_000));
            prop_assert!(!cut, "half an answer is no settlement");
        }
    }
}
