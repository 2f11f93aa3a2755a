//! What is followed, what is refused, and what each outage stops.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};
use tempfile::TempDir;
use zhijie_model::Area;

use super::calendar::{Calendar, Refused};
use super::closed::{Closed, Route};
use super::watch::{Source, Watch, signature_file};
use super::work::Work;

const TEXT: &str = r#"
issued = 2026-11-20T09:00:00+08:00
expires = 2026-12-31T00:00:00+08:00
issuer = "市医保局"
[[outage]]
from = 2026-11-22T20:00:00+08:00
until = "2026-11-23T06:00:00+08:00"
routes = ["region:341200"]
allow = ["lookup", "defer"]
text_zh = "阜阳市医保系统升级"
text_en = "upgrade in Fuyang"
[[outage]]
from = 2026-11-22T22:00:00+08:00
until = 2026-11-22T23:00:00+08:00
routes = ["province", "gateway"]
text_zh = "全省停机"
text_en = "province closed"
"#;

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn sign(text: &str) -> Vec<u8> {
    hex::encode(key().sign(text.as_bytes())).into_bytes()
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    moment("2026-11-22T12:00:00+08:00")
}

fn read(text: &str) -> Result<Calendar, Refused> {
    Calendar::read(text.as_bytes(), &sign(text), key().public_key().as_ref(), now())
}

#[test]
fn an_outage_stops_what_it_does_not_allow_where_it_applies() {
    let calendar = read(TEXT).unwrap();
    let area = |text| Some(Area::new(text).unwrap());
    let table = [
        ("2026-11-22T19:59:59+08:00", Work::Settle, area("341200"), None),
        (
            "2026-11-22T20:00:00+08:00",
            Work::Settle,
            area("341225"),
            Some("阜阳市医保系统升级"),
        ),
        ("2026-11-22T20:00:00+08:00", Work::Lookup, area("341200"), None),
        ("2026-11-22T20:00:00+08:00", Work::Session, area("341200"), None),
        (
            "2026-11-22T20:00:00+08:00",
            Work::Query,
            area("341200"),
            Some("阜阳市医保系统升级"),
        ),
        ("2026-11-22T20:00:00+08:00", Work::Settle, area("340100"), None),
        ("2026-11-22T20:00:00+08:00", Work::Settle, None, None),
        ("2026-11-22T22:00:00+08:00", Work::Session, None, Some("全省停机")),
        (
            "2026-11-22T22:00:00+08:00",
            Work::Settle,
            area("341200"),
            Some("阜阳市医保系统升级"),
        ),
        ("2026-11-22T23:00:00+08:00", Work::Lookup, area("330400"), None),
        ("2026-11-23T06:00:00+08:00", Work::Settle, area("341200"), None),
    ];
    for (at, work, area, text) in table {
        let closed = calendar.closed(work, area, moment(at));
        let told = closed.and_then(|closed| closed.patient_text).map(|text| text.zh);
        assert_eq!(told.as_deref(), text, "{at} {work:?} {area:?}");
    }
    let deferral = |at, area| {
        let closed: Option<Closed> = calendar.closed(Work::Settle, area, moment(at));
        closed.map(|closed| (closed.route, closed.deferral_allowed))
    };
    let fuyang = Route::Region(Area::new("341200").unwrap());
    assert_eq!(
        deferral("2026-11-22T20:00:00+08:00", area("341200")),
        Some((fuyang, true))
    );
    assert_eq!(
        deferral("2026-11-22T22:00:00+08:00", area("330400")),
        Some((Route::Province, false))
    );
    assert_eq!(calendar.going_on(moment("2026-11-22T22:30:00+08:00")).len(), 3);
}

#[test]
fn what_is_not_signed_or_not_understood_is_refused_with_its_reason() {
    let changed = |from: &str, to: &str| {
        assert!(TEXT.contains(from), "{from}");
        read(&TEXT.replacen(from, to, 1)).unwrap_err().to_string()
    };
    let table = [
        ("issuer =", "isuer =", "isuer"),
        (
            "text_zh = \"阜阳市医保系统升级\"",
            "text_zh = \" \"",
            "outage 1: text_zh",
        ),
        ("region:341200", "region:34120", "outage 1: a route is"),
        ("\"gateway\"", "\"gatewey\"", "outage 2: a route is"),
        ("\"defer\"", "\"anything\"", "unknown variant `anything`"),
        ("[\"region:341200\"]", "[]", "outage 1: routes must name"),
        (
            "2026-11-23T06:00:00+08:00",
            "2026-11-22T20:00:00+08:00",
            "outage 1: until must come after from",
        ),
        (
            "2026-11-22T20:00:00+08:00",
            "2026-11-22T20:00:00",
            "RFC 3339 with offset",
        ),
        (
            "2026-12-31T00:00:00+08:00",
            "2026-11-22T12:00:00+08:00",
            "expired at 2026-11-22T04:00:00Z",
        ),
    ];
    for (from, to, reason) in table {
        let told = changed(from, to);
        assert!(told.contains(reason), "{to}: {told}");
    }
    let public = key().public_key().as_ref().to_vec();
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let by_other = hex::encode(other.sign(TEXT.as_bytes()));
    let judged = |signature: &[u8]| Calendar::read(TEXT.as_bytes(), signature, &public, now()).unwrap_err();
    assert_eq!(judged(by_other.as_bytes()), Refused::WrongSignature);
    assert_eq!(judged(&sign("another text")), Refused::WrongSignature);
    assert_eq!(judged(b""), Refused::SignatureForm);
    assert_eq!(judged(b"zz"), Refused::SignatureForm);
    assert_eq!(judged(&[0xff]), Refused::SignatureForm);
}

struct Desk {
    _folder: TempDir,
    file: PathBuf,
    watch: Watch,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outages.toml");
    let watch = Watch::new(Source {
        file: file.clone(),
        public_key: key().public_key().as_ref().to_vec(),
    });
    Desk {
        _folder: folder,
        file,
        watch,
    }
}

fn publish(file: &Path, text: &str) {
    std::fs::write(signature_file(file), sign(text)).unwrap();
    std::fs::write(file, text).unwrap();
}

#[test]
fn the_last_good_calendar_stays_until_its_own_expiry() {
    let mut desk = desk();
    desk.watch.refresh(now());
    assert_eq!(
        (desk.watch.in_force(), desk.watch.refused()),
        (None, None),
        "none is issued yet"
    );

    std::fs::write(&desk.file, TEXT).unwrap();
    desk.watch.refresh(now());
    assert_eq!(desk.watch.refused(), Some(&Refused::Unsigned));
    assert_eq!(desk.watch.in_force(), None);

    publish(&desk.file, TEXT);
    desk.watch.refresh(now());
    assert_eq!(desk.watch.refused(), None);
    assert!(desk.watch.in_force().is_some());

    std::fs::write(&desk.file, TEXT.replace("阜阳", "亳州")).unwrap();
    desk.watch.refresh(now());
    assert_eq!(desk.watch.refused(), Some(&Refused::WrongSignature));
    assert_eq!(desk.watch.in_force(), read(TEXT).ok().as_ref());

    let older = TEXT.replace("2026-11-20T09", "2026-11-20T08");
    publish(&desk.file, &older);
    desk.watch.refresh(now());
    assert!(matches!(desk.watch.refused(), Some(Refused::Older { .. })));

    std::fs::remove_file(&desk.file).unwrap();
    desk.watch.refresh(now());
    assert!(matches!(desk.watch.refused(), Some(Refused::Unreadable(_))));
    assert!(desk.watch.in_force().is_some());

    publish(&desk.file, TEXT);
    desk.watch.refresh(now());
    assert_eq!(desk.watch.refused(), None);
    let end = moment("2026-12-31T00:00:00+08:00");
    desk.watch.refresh(end);
    assert_eq!(desk.watch.in_force(), None);
    assert_eq!(desk.watch.refused(), Some(&Refused::Expired(end)));
    desk.watch.refresh(now());
    assert!(
        desk.watch.in_force().is_some(),
        "the clock was wrong and was set back"
    );
}
