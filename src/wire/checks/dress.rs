//! Addresses, envelopes and signatures by profile. The keys are those of a child: what is signed is what counts here.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use zhijie_model::{Call, Reply, Transaction};

use super::samples::*;
use crate::{
    Channel, Counter, Draft, EncodeError, HeaderFamily, Inquiry, InquiryReply, MediumRule, Message, Profile,
    Seal, SealError, SecurityFamily, Unreadable, UrlFamily, UserId, VoucherRoad, VoucherUse, clear_answer,
    draft, draft_inquiry, encode, read_reply, read_voucher, voucher_request,
};

/// Signs by telling what it was asked to sign, encrypts by turning bytes round.
#[derive(Debug)]
struct Toy;

fn toy_signature(user: UserId, text: &[u8]) -> [u8; 64] {
    let mut made = [0; 64];
    for (at, byte) in format!("{user:?}")
        .bytes()
        .chain(text.iter().copied())
        .enumerate()
    {
        made[at % 64] ^= byte.wrapping_add(u8::try_from(at % 251).unwrap());
    }
    made
}

impl Seal for Toy {
    fn digest(&self, clear: &[u8]) -> Result<[u8; 32], SealError> {
        Ok([u8::try_from(clear.len() % 251).unwrap(); 32])
    }

    fn sign(&self, _: Channel, user: UserId, text: &[u8]) -> Result<[u8; 64], SealError> {
        Ok(toy_signature(user, text))
    }

    fn verify(&self, _: Channel, user: UserId, text: &[u8], signature: &[u8]) -> Result<(), SealError> {
        let fits = signature == toy_signature(user, text);
        fits.then_some(()).ok_or(SealError::WrongSignature)
    }

    fn encrypt(&self, _: Channel, clear: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok(clear.iter().map(|byte| !byte).collect())
    }

    fn decrypt(&self, _: Channel, cipher: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok(cipher.iter().map(|byte| !byte).collect())
    }

    fn application(&self, _: Channel) -> Result<&str, SealError> {
        Ok("app")
    }
}

fn drafted(profile: &Profile) -> Draft {
    draft(&settle(), Some(&card()), &head(), profile).unwrap()
}

fn members(message: &Message) -> BTreeMap<String, Box<RawValue>> {
    serde_json::from_slice(&message.body).unwrap()
}

fn text(message: &Message, name: &str) -> String {
    serde_json::from_str(members(message)[name].get()).unwrap()
}

#[test]
fn every_family_has_its_addresses() {
    let table: [(UrlFamily, &str, Option<&str>); 4] = [
        (UrlFamily::Single, "/base", None),
        (
            UrlFamily::FsiTable,
            "/base/outpatientSettleService/saveSettletment",
            None,
        ),
        (UrlFamily::Suffix, "/base-2207A", None),
        (UrlFamily::Bus, "/base", Some("api")),
    ];
    for (family, path, api) in table {
        let mut profile = profile();
        profile.url.family = family;
        profile.url.base_path = String::from("/base");
        profile.url.api = Some(String::from("api"));
        let message = drafted(&profile).plain().unwrap();
        assert_eq!(
            (message.path.as_str(), message.api.as_deref()),
            (path, api),
            "{family:?}"
        );
        profile.url.paths = BTreeMap::from([(String::from("2207A"), String::from("other"))]);
        let named = drafted(&profile).plain().unwrap();
        let other = match family {
            UrlFamily::Single => path == named.path,
            UrlFamily::FsiTable => named.path == "/base/other",
            UrlFamily::Suffix => named.path == "/base-other",
            UrlFamily::Bus => named.api.as_deref() == Some("other"),
        };
        assert!(other, "{family:?}: {named:?}");
    }
}

#[test]
fn a_dress_that_does_not_fit_together_is_named() {
    type Break = fn(&mut Profile);
    let table: [(Break, &str); 8] = [
        (|p| p.url.family = UrlFamily::Bus, "url.api"),
        (|p| p.header.family = HeaderFamily::Csb, "header.api_version"),
        (|p| p.header.family = HeaderFamily::Oauth, "header.token"),
        (
            |p| drop(p.envelope.extras.insert(String::from("msgid"), String::new())),
            "envelope.extras.msgid",
        ),
        (|p| p.security.user_id = UserId::Secret, "security.user_id"),
        (|p| p.voucher.road = VoucherRoad::Service, "voucher.path"),
        (|p| p.voucher.road = VoucherRoad::Library, "voucher.kind"),
        (
            |p| {
                p.url.family = UrlFamily::Bus;
                p.url.api = Some(String::from("api"));
            },
            "header.family",
        ),
    ];
    for (break_it, key) in table {
        let mut wrong = profile();
        break_it(&mut wrong);
        let error = wrong.check().unwrap_err().to_string();
        assert!(error.starts_with(key), "{key}: {error}");
    }
}

#[test]
fn extras_and_dummies_stand_in_the_envelope() {
    let mut profile = profile();
    profile.envelope.extras = BTreeMap::from([(String::from("vendor"), String::from("直结"))]);
    profile.security.signature = String::from("1");
    profile.security.signature_kind = String::from("SM3");
    let message = drafted(&profile).plain().unwrap();
    for (name, said) in [("vendor", "直结"), ("cainfo", "1"), ("signtype", "SM3")] {
        assert_eq!(text(&message, name), said);
    }
    assert!(!members(&message).contains_key("enc_type"));
}

#[test]
fn a_digest_covers_the_input_as_it_is_sent() {
    let mut profile = profile();
    profile.security.family = SecurityFamily::Digest;
    for (upper_hex, spelled) in [(false, "ab"), (true, "AB")] {
        profile.security.upper_hex = upper_hex;
        let message = drafted(&profile).seal(&Toy).unwrap();
        let length = u8::try_from(members(&message)["input"].get().len() % 251).unwrap();
        let digest = text(&message, "cainfo");
        assert_eq!(digest.to_lowercase(), format!("{length:02x}").repeat(32));
        assert!(
            digest
                .chars()
                .all(|digit| digit.is_ascii_digit() || digit.is_ascii_uppercase() == (spelled == "AB"))
        );
        assert_eq!(text(&message, "signtype"), "SM3");
    }
}

#[test]
fn a_sealed_input_is_signed_in_clear_and_sent_encrypted() {
    let mut profile = profile();
    let clear = drafted(&profile).plain().unwrap();
    let clear = members(&clear)["input"].get().to_owned();
    profile.security.family = SecurityFamily::Sealed;
    for user_id in [UserId::Standard, UserId::Application] {
        profile.security.user_id = user_id;
        let message = drafted(&profile).seal(&Toy).unwrap();
        assert_eq!(message, drafted(&profile).seal(&Toy).unwrap(), "same bytes");
        let cipher = STANDARD.decode(text(&message, "input")).unwrap();
        assert_eq!(Toy.decrypt(Channel::Core, &cipher).unwrap(), clear.as_bytes());
        let signature = STANDARD.decode(text(&message, "cainfo")).unwrap();
        assert_eq!(signature, toy_signature(user_id, clear.as_bytes()));
        assert_eq!(
            (text(&message, "signtype"), text(&message, "enc_type")),
            ("SM2".into(), "SM4".into())
        );
        let body = String::from_utf8(message.body).unwrap();
        assert!(!body.contains(PERSON), "{body}");
    }
    let made = encode(&settle(), Some(&card()), &head(), &profile);
    assert!(
        matches!(made, Err(EncodeError::Seal(SealError::NoKey(_)))),
        "{made:?}"
    );
}

/// An answer to 2207 as a province that signs and encrypts sends it.
fn answer(profile: &Profile, output: &str, signed: &str) -> Vec<u8> {
    let mut told = json!({"infcode": 0, "inf_refmsgid": "1", "err_msg": null});
    if profile.security.answers_signed {
        let made = toy_signature(profile.security.user_id, signed.as_bytes());
        told["cainfo"] = json!(STANDARD.encode(made));
    }
    if profile.security.family == SecurityFamily::Sealed {
        let cipher = Toy.encrypt(Channel::Core, output.as_bytes()).unwrap();
        told["output"] = json!(STANDARD.encode(cipher));
        return told.to_string().into_bytes();
    }
    let open = told.to_string();
    format!("{},\"output\":{output}}}", open.trim_end_matches('}')).into_bytes()
}

#[test]
fn an_answer_counts_only_with_its_signature() {
    let settled: Value = serde_json::from_str(include_str!("../fixtures/settled.json")).unwrap();
    let output = settled["output"].to_string();
    for (family, answers_signed) in [
        (SecurityFamily::Sealed, false),
        (SecurityFamily::Sealed, true),
        (SecurityFamily::None, true),
    ] {
        let mut profile = profile();
        profile.security.family = family;
        profile.security.answers_signed = answers_signed;
        let read = |body: &[u8]| {
            let clear = clear_answer(Transaction::Settle, body, &profile, &Toy)?;
            read_reply(&settle(), &message_id(), &clear, &profile)
        };
        let good = read(&answer(&profile, &output, &output));
        assert!(matches!(good, Ok(Reply::Settled { .. })), "{family:?}: {good:?}");
        let mut wrapped = b"{\"code\":0,\"data\":".to_vec();
        wrapped.extend(answer(&profile, &output, &output));
        wrapped.push(b'}');
        assert_eq!(read(&wrapped), good, "{family:?} in a wrapper");
        let refused = br#"{"infcode":-1,"err_msg":"FSI-\u672a\u7b7e\u5230","output":null}"#;
        assert!(
            matches!(read(refused), Ok(Reply::Refused { .. })),
            "failures come in clear"
        );
        if answers_signed {
            let other = read(&answer(&profile, &output, "{}"));
            assert_eq!(
                other,
                Err(Unreadable::Seal(SealError::WrongSignature)),
                "{family:?}"
            );
        }
        if family == SecurityFamily::Sealed {
            for bad in [
                settled.to_string(),
                json!({"infcode": 0, "output": "?"}).to_string(),
            ] {
                let made = read(bad.as_bytes());
                assert!(matches!(made, Err(Unreadable::SealBroken { .. })), "{made:?}");
            }
        }
    }
}

#[test]
fn a_library_that_scans_is_handed_everything_but_the_code() {
    let mut profile = profile();
    profile.voucher.road = VoucherRoad::Library;
    profile.voucher.kind = String::from("ec.query");
    let counter = Counter {
        code: String::from("desk"),
        name: String::from("收费处"),
        self_service: false,
    };
    let handed = voucher_request(VoucherUse::Register, &counter, &head(), &profile).unwrap();
    assert_eq!(
        handed.reveal(),
        "{\"orgId\":\"H31010100001\",\"transType\":\"ec.query\",\"data\":{\"orgId\":\"H31010100001\",\
         \"businessType\":\"01101\",\"operatorId\":\"S001\",\"operatorName\":\"收费员\",\"officeId\":\"desk\",\
         \"officeName\":\"收费处\",\"deviceType\":\"\"}}"
    );
    let read = |text: &str| read_voucher(&zhijie_model::Private::new(text), &profile);
    let inside = r#"{"ecToken":"330400ecAB","userName":"null","insuOrg":"330400"}"#;
    let as_text = serde_json::to_string(inside).unwrap();
    for data in [inside, as_text.as_str()] {
        for code in ["0", "\"0\""] {
            let told = read(&format!(
                "{{\"code\":{code},\"message\":\"成功\",\"data\":{data}}}"
            ));
            let Ok(InquiryReply::Voucher(voucher)) = told else {
                panic!("{data}")
            };
            assert_eq!((voucher.token.reveal(), voucher.name), ("330400ecAB", None));
        }
    }
    let told = read(r#"{"code":500159,"message":"请使用医保电子凭证码","data":null}"#);
    let Ok(InquiryReply::Refused(refusal)) = told else {
        panic!("a refusal")
    };
    assert_eq!(refusal.code.as_str(), "500159");
    for nothing in ["", "{}", "[1]", "0000", r#"{"code":0,"data":{}}"#] {
        assert!(read(nothing).is_err(), "{nothing}");
    }
}

#[test]
fn the_voucher_service_gets_a_letter_of_its_own() {
    let mut profile = profile();
    profile.voucher.road = VoucherRoad::Service;
    profile.voucher.path = String::from("/epc/api");
    profile.voucher.version = String::from("1.0.0");
    profile.voucher.kind = String::from("ec.query");
    profile.voucher.user_id = UserId::Secret;
    let inquiry = Inquiry::DecodeVoucher {
        code: zhijie_model::Private::new("4241234567890123456789310000"),
        usage: VoucherUse::Settle,
        counter: Counter {
            code: String::from("desk"),
            name: String::from("收费处"),
            self_service: false,
        },
    };
    let message = draft_inquiry(&inquiry, &head(), &profile)
        .unwrap()
        .seal(&Toy)
        .unwrap();
    assert_eq!(message.path, "/epc/api");
    let said = |name: &str| text(&message, name);
    assert_eq!(
        [
            said("appId"),
            said("transType"),
            said("timestamp"),
            said("encType"),
            said("signType")
        ],
        ["app", "ec.query", "1795312984000", "SM4", "SM2"]
    );
    let signed = "appId=app&data={\"businessType\":\"01301\",\"ecQrCode\":\"4241234567890123456789310000\",\
                  \"officeId\":\"desk\",\"officeName\":\"收费处\",\"operatorId\":\"S001\",\"operatorName\":\"收费员\",\
                  \"orgId\":\"H31010100001\"}&encType=SM4&signType=SM2&timestamp=1795312984000&transType=ec.query&\
                  version=1.0.0&";
    let expected = toy_signature(UserId::Secret, signed.as_bytes());
    assert_eq!(STANDARD.decode(said("signData")).unwrap(), expected);
    let cipher = said("encData");
    assert!(
        cipher
            .bytes()
            .all(|digit| digit.is_ascii_digit() || digit.is_ascii_uppercase())
    );

    let answer = |signed: &str| {
        let data = br#"{"ecToken":"t1","idNo":"","userName":null}"#;
        let hex: String = data.iter().map(|byte| format!("{:02X}", !byte)).collect();
        let made = STANDARD.encode(toy_signature(UserId::Secret, signed.as_bytes()));
        json!({"code": 0, "message": "ok", "encData": hex, "signData": made, "extra": "x"}).to_string()
    };
    let read = |body: &str| {
        let clear = clear_answer(Transaction::VoucherDecode, body.as_bytes(), &profile, &Toy)?;
        crate::read_inquiry(&inquiry, &clear, &profile)
    };
    let good = read(&answer("code=0&data={\"ecToken\":\"t1\"}&message=ok&"));
    assert!(matches!(good, Ok(InquiryReply::Voucher(_))), "{good:?}");
    assert_eq!(
        read(&answer("code=0&message=ok&")),
        Err(Unreadable::Seal(SealError::WrongSignature))
    );
    let refused = read(r#"{"code":500160,"message":"expired","data":null}"#);
    assert!(matches!(refused, Ok(InquiryReply::Refused(_))), "{refused:?}");
    let clear = read(r#"{"code":0,"data":{"ecToken":"t1"}}"#);
    assert!(matches!(clear, Err(Unreadable::SealBroken { .. })), "{clear:?}");
}

#[test]
fn whatever_comes_back_is_read_or_refused() {
    let mut profile = profile();
    profile.security.family = SecurityFamily::Sealed;
    profile.security.answers_signed = true;
    let call: Call = settle();
    for body in [
        "",
        "{",
        "[]",
        "{}",
        "null",
        "<html>",
        "{\"data\":7}",
        "{\"infcode\":0,\"output\":\"AA==\"}",
    ] {
        let clear = clear_answer(Transaction::Settle, body.as_bytes(), &profile, &Toy);
        let read = clear.and_then(|clear| read_reply(&call, &message_id(), &clear, &profile));
        assert!(read.is_err(), "{body}");
    }
}

#[test]
fn the_token_of_a_medium_goes_where_the_profile_says() {
    let mut profile = profile();
    let sent = |call: &Call, token: Option<&str>, profile: &Profile| {
        let mut head = head();
        head.medium_token = token.map(zhijie_model::Private::new);
        let message = draft(call, Some(&card()), &head, profile)?.plain()?;
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        Ok::<_, EncodeError>(body["input"]["data"]["card_token"].clone())
    };
    assert_eq!(sent(&settle(), Some("t"), &profile).unwrap(), Value::Null);
    profile.medium = Some(MediumRule {
        transactions: vec![String::from("1101"), String::from("2207A")],
    });
    assert_eq!(profile.check(), Ok(()));
    assert_eq!(sent(&settle(), Some("t"), &profile).unwrap(), "t");
    assert_eq!(sent(&trial(), Some("t"), &profile).unwrap(), Value::Null);
    let without = sent(&settle(), None, &profile);
    assert!(
        matches!(without, Err(EncodeError::MemberEmpty("card_token"))),
        "{without:?}"
    );
    let mut head = head();
    head.medium_token = Some(zhijie_model::Private::new("t"));
    let inquiry = Inquiry::Person {
        credential: card(),
        reading: None,
    };
    let message = draft_inquiry(&inquiry, &head, &profile).unwrap().plain().unwrap();
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    assert_eq!(body["input"]["data"]["card_token"], "t");
    profile.medium = Some(MediumRule {
        transactions: vec![String::from("2204")],
    });
    assert!(
        profile
            .check()
            .unwrap_err()
            .to_string()
            .starts_with("medium.transactions")
    );
}
