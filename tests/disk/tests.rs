//! The layer itself: what a power cut leaves, and that it can lose anything at all.

use rusqlite::Connection;

use super::{Disk, Failure, Outage};

/// Rows acknowledged before the power went, and rows found afterwards.
fn cut(synchronous: &str, n: u64) -> (i64, i64) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::under(folder.path());
    let path = folder.path().canonicalize().unwrap().join("rows.db");
    let open = || {
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db.pragma_update(None, "synchronous", synchronous).unwrap();
        db
    };
    let db = open();
    db.execute("CREATE TABLE rows (n INTEGER PRIMARY KEY)", ())
        .unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
        .unwrap();
    disk.fail_at(n, Failure::PowerGoes);
    let mut acknowledged = 0;
    while db.execute("INSERT INTO rows VALUES (NULL)", ()).is_ok() {
        acknowledged += 1;
        assert!(acknowledged < 1000, "the power never went");
    }
    drop(db);
    let mut coin = n;
    disk.switch_on(Outage::PowerCut, &mut || {
        coin = coin
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        coin >> 63 == 1
    });
    let found = open()
        .query_row("SELECT count(*) FROM rows", (), |row| row.get(0))
        .unwrap();
    (acknowledged, found)
}

#[test]
fn with_full_flushes_nothing_acknowledged_is_lost() {
    for n in 1..=100 {
        let (acknowledged, found) = cut("FULL", n);
        assert!(
            found == acknowledged || found == acknowledged + 1,
            "{n}: {acknowledged} and {found}"
        );
    }
}

#[test]
fn with_half_flushes_something_is_lost() {
    let lost = (1..=100).filter(|n| {
        let (acknowledged, found) = cut("NORMAL", *n);
        found < acknowledged
    });
    assert!(lost.count() > 20);
}
