use zhijie_model::{CatalogueFile, CatalogueList, CatalogueRow};

use crate::kit::{Kit, ceiling, day, kit, now, row};
use crate::{Reader, Search, Source, Store, StoreError};

const DRUGS: CatalogueList = CatalogueList::Drugs;

fn file(rows: u64) -> CatalogueFile {
    CatalogueFile {
        number: String::from("M00/1"),
        name: String::from("1.txt.zip"),
        until: None,
        rows: Some(rows),
    }
}

fn names(kit: &Kit) -> Vec<(String, bool)> {
    let found = kit.reader.find(Search::Text("药"), None, day(), 20).unwrap();
    let mut names: Vec<_> = found
        .into_iter()
        .map(|found| (found.row.name.unwrap(), found.in_force))
        .collect();
    names.sort();
    names
}

fn name(text: &str, in_force: bool) -> (String, bool) {
    (String::from(text), in_force)
}

#[test]
fn rows_are_seen_when_all_of_them_are_there_and_not_before() {
    let mut kit = kit();
    kit.sync(DRUGS, true, &[row("A", "甲药"), row("B", "乙药")]);
    let mut begun = kit.store.begin(DRUGS, true, Source::File(file(2))).unwrap();
    kit.store
        .take(&mut begun, &[row("A", "甲药二"), row("C", "丙药")], 2)
        .unwrap();
    assert_eq!(names(&kit), [name("乙药", true), name("甲药", true)]);
    kit.store.finish(&begun, now()).unwrap();
    assert_eq!(names(&kit), [name("丙药", true), name("甲药二", true)]);
    let lists = kit.reader.lists().unwrap();
    assert_eq!((lists.len(), lists[0].rows, lists[0].synced_at), (1, 2, now()));
}

#[test]
fn a_change_replaces_single_rows_and_withdraws_codes() {
    let mut kit = kit();
    let versioned = |code: &str, name: &str, version: &str, valid: bool| CatalogueRow {
        version: Some(String::from(version)),
        valid,
        ..row(code, name)
    };
    kit.sync(
        DRUGS,
        true,
        &[
            versioned("A", "甲药", "V1", true),
            versioned("B", "乙药", "V1", true),
        ],
    );
    kit.sync(
        DRUGS,
        false,
        &[
            versioned("A", "甲药二", "V2", true),
            versioned("B", "乙药", "V2", false),
        ],
    );
    assert_eq!(names(&kit), [name("乙药", false), name("甲药二", true)]);
    let lists = kit.reader.lists().unwrap();
    assert_eq!((lists[0].version.as_deref(), lists[0].rows), (Some("V2"), 2));
    // Within one file the higher version counts, wherever it stands.
    kit.sync(
        DRUGS,
        false,
        &[
            versioned("B", "乙药三", "V4", true),
            versioned("B", "乙药", "V3", false),
        ],
    );
    assert_eq!(names(&kit), [name("乙药三", true), name("甲药二", true)]);
    kit.store.nothing_new(DRUGS, now()).unwrap();
    assert_eq!(kit.reader.lists().unwrap()[0].version.as_deref(), Some("V4"));
}

#[test]
fn another_number_of_rows_than_announced_is_not_shown() {
    let mut kit = kit();
    kit.sync(DRUGS, true, &[row("A", "甲药")]);
    let mut begun = kit.store.begin(DRUGS, true, Source::File(file(3))).unwrap();
    kit.store.take(&mut begun, &[row("B", "乙药")], 1).unwrap();
    let refused = kit.store.finish(&begun, now());
    assert!(matches!(
        refused,
        Err(StoreError::Incomplete {
            announced: 3,
            found: 1
        })
    ));
    assert_eq!(names(&kit), [name("甲药", true)]);
    kit.store.give_up(DRUGS).unwrap();
    assert!(kit.store.under_way().unwrap().is_empty());
    assert_eq!(names(&kit), [name("甲药", true)]);
}

#[test]
fn what_was_under_way_goes_on_after_the_end_of_the_program() {
    let mut kit = kit();
    kit.sync(DRUGS, true, &[row("A", "甲药")]);
    let mut begun = kit.store.begin(DRUGS, true, Source::File(file(3))).unwrap();
    kit.store.fetched(&mut begun).unwrap();
    kit.store
        .take(&mut begun, &[row("B", "乙药"), row("C", "丙药")], 2)
        .unwrap();
    let path = kit.dir.path().join("catalogue.sqlite");
    drop(kit.store);
    kit.store = Store::open(&path).unwrap();
    let mut found = kit.store.under_way().unwrap();
    assert_eq!(found, [begun]);
    kit.store.take(&mut found[0], &[row("D", "丁药")], 3).unwrap();
    kit.store.finish(&found[0], now()).unwrap();
    assert_eq!(
        names(&kit),
        [name("丁药", true), name("丙药", true), name("乙药", true)]
    );
    assert!(kit.store.under_way().unwrap().is_empty());
}

/// Codes enough for two commits of words.
fn many() -> Vec<CatalogueRow> {
    (0..3000)
        .map(|n| row(&format!("M{n:04}"), &format!("第{n:04}号药")))
        .collect()
}

#[test]
fn long_work_stops_for_others_between_its_commits_and_shows_nothing_before_its_end() {
    let mut kit = kit();
    kit.sync(DRUGS, true, &[row("A", "甲药")]);
    let reader = Reader::open(&kit.dir.path().join("catalogue.sqlite")).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    kit.store.pause_with(move || {
        let seen = |text| reader.find(Search::Text(text), None, day(), 20).unwrap().len();
        tell.send((seen("M0"), seen("甲药"))).unwrap();
    });
    let mut begun = kit.store.begin(DRUGS, true, Source::Pages).unwrap();
    kit.store.take(&mut begun, &many(), 1).unwrap();
    kit.store.finish(&begun, now()).unwrap();
    let seen: Vec<_> = told.try_iter().collect();
    // The rows, their words in two parts, and what they replace.
    assert_eq!(seen, [(0, 1), (0, 1), (0, 1), (20, 0)]);
}

#[test]
fn a_program_that_ends_between_two_commits_of_the_end_goes_on_with_it() {
    for ends_at in 1..5 {
        let mut kit = kit();
        kit.sync(DRUGS, true, &[row("A", "甲药")]);
        let mut begun = kit.store.begin(DRUGS, true, Source::Pages).unwrap();
        let mut left = ends_at;
        kit.store.pause_with(move || {
            left -= 1;
            assert!(left > 0, "the program ends");
        });
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            kit.store.take(&mut begun, &many(), 1).unwrap();
            kit.store.finish(&begun, now()).unwrap();
        }));
        assert!(ended.is_err(), "{ends_at}");
        let path = kit.dir.path().join("catalogue.sqlite");
        drop(kit.store);
        kit.store = Store::open(&path).unwrap();
        let under_way = kit.store.under_way().unwrap();
        // The last one ended in the sweep: everything is shown, and the next attempt sweeps first.
        assert_eq!(under_way.len(), usize::from(ends_at < 4), "{ends_at}");
        for begun in under_way {
            assert_eq!((begun.done, kit.codes("M29").len()), (1, 0), "{ends_at}");
            kit.store.finish(&begun, now()).unwrap();
        }
        assert_eq!(kit.codes("M2999"), ["M2999"], "{ends_at}");
        assert_eq!(kit.codes("甲药"), Vec::<String>::new(), "{ends_at}");
        kit.sync(DRUGS, true, &[row("B", "乙药")]);
        assert_eq!(kit.codes("药"), ["B"], "{ends_at}");
    }
}

#[test]
fn a_second_attempt_leaves_nothing_of_the_first_behind() {
    let mut kit = kit();
    kit.sync(CatalogueList::Services, true, &[row("S", "诊药费")]);
    let mut first = kit.store.begin(DRUGS, true, Source::Pages).unwrap();
    kit.store
        .take(&mut first, &[row("A", "甲药"), row("B", "乙药")], 1)
        .unwrap();
    let mut second = kit.store.begin(DRUGS, true, Source::Pages).unwrap();
    kit.store.take(&mut second, &[row("C", "丙药")], 1).unwrap();
    kit.store.finish(&second, now()).unwrap();
    assert_eq!(names(&kit), [name("丙药", true), name("诊药费", true)]);
    assert_eq!(kit.codes("乙"), Vec::<String>::new());
    assert!(matches!(
        kit.store.take(&mut first, &[], 1),
        Err(StoreError::NotUnderWay)
    ));
}

#[test]
fn rows_of_one_code_are_told_apart_by_number_or_kind() {
    let mut kit = kit();
    let ceilings = CatalogueList::Ceilings;
    kit.sync(
        ceilings,
        true,
        &[ceiling("H", "1", Some("2")), ceiling("H", "2", Some("3"))],
    );
    assert_eq!(kit.reader.of_code("H", Some(ceilings)).unwrap().len(), 2);
    kit.sync(ceilings, false, &[ceiling("H", "2", Some("4"))]);
    let kept = kit.reader.of_code("H", Some(ceilings)).unwrap();
    let prices: Vec<String> = kept
        .iter()
        .map(|kept| kept.row.ceiling.unwrap().to_string())
        .collect();
    assert_eq!(prices, ["2", "4"]);
}

#[test]
fn a_file_that_is_none_or_of_an_older_format_is_put_aside_and_one_of_others_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalogue.sqlite");
    std::fs::write(&path, "no database at all, but long enough to look like one").unwrap();
    drop(Store::open(&path).unwrap());
    assert!(dir.path().join("catalogue.sqlite.old").exists());
    assert!(Reader::open(&path).unwrap().lists().unwrap().is_empty());
    let older = dir.path().join("older.sqlite");
    let db = rusqlite::Connection::open(&older).unwrap();
    db.pragma_update(None, "application_id", 0x5A48_4A43).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    drop(Store::open(&older).unwrap());
    assert!(dir.path().join("older.sqlite.old").exists());
    assert!(Reader::open(&older).unwrap().lists().unwrap().is_empty());
    let other = dir.path().join("other.sqlite");
    let db = rusqlite::Connection::open(&other).unwrap();
    db.pragma_update(None, "application_id", 7).unwrap();
    drop(db);
    assert!(matches!(
        Store::open(&other),
        Err(crate::OpenError::Foreign {
            application_id: 7,
            ..
        })
    ));
}
