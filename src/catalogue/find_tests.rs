use zhijie_model::{CatalogueList, CatalogueRow};

use crate::Search;
use crate::kit::{ceiling, classed, day, kit, pointing, row, share};

fn drug(code: &str, name: &str, pinyin: &str) -> CatalogueRow {
    CatalogueRow {
        pinyin: Some(String::from(pinyin)),
        ..row(code, name)
    }
}

#[test]
fn entries_are_found_by_code_part_of_the_name_and_initials() {
    let mut kit = kit();
    kit.sync(
        CatalogueList::Drugs,
        true,
        &[
            drug("XA02BC1", "注射用奥美拉唑钠", "zsyamlzn"),
            drug("XA02BC2", "奥美拉唑肠溶胶囊", "AMLZCRJN"),
            drug("XA02BC3", "兰索拉唑片", "LSLZP"),
        ],
    );
    kit.sync(
        CatalogueList::Services,
        true,
        &[row("0012", "CT平扫"), row("0013", "and片")],
    );
    let table: [(&str, &[&str]); 12] = [
        ("奥美拉唑", &["XA02BC2", "XA02BC1"]),
        ("拉唑", &["XA02BC3", "XA02BC1", "XA02BC2"]),
        ("钠", &["XA02BC1"]),
        ("amlz", &["XA02BC2"]),
        ("ZSY", &["XA02BC1"]),
        ("XA02BC", &["XA02BC1", "XA02BC2", "XA02BC3"]),
        ("ct", &["0012"]),
        ("扫", &["0012"]),
        ("AND", &["0013"]),
        ("片", &["0013", "XA02BC3"]),
        ("奥拉", &[]),
        ("", &[]),
    ];
    for (text, codes) in table {
        assert_eq!(kit.codes(text), codes, "{text}");
    }
}

#[test]
fn an_own_code_leads_to_its_item_with_what_the_insurance_says() {
    let mut kit = kit();
    kit.sync(
        CatalogueList::Drugs,
        true,
        &[row("N1", "药一"), row("N2", "药二")],
    );
    kit.sync(
        CatalogueList::Mappings,
        true,
        &[pointing("Y1", "N1"), pointing("Y1b", "N1")],
    );
    kit.sync(CatalogueList::Matches, true, &[pointing("N1", "H1")]);
    kit.sync(
        CatalogueList::Covered,
        true,
        &[classed("H1", "02"), classed("N2", "01")],
    );
    kit.sync(
        CatalogueList::Ceilings,
        true,
        &[ceiling("H1", "1", Some("2")), ceiling("H1", "2", Some("3"))],
    );
    kit.sync(
        CatalogueList::FirstOwn,
        true,
        &[
            share("H1", "1", "0.1"),
            share("N2", "1", "0"),
            share("N2", "2", "0.2"),
        ],
    );
    let found = kit.reader.find(Search::OwnCode("Y1"), None, day(), 5).unwrap();
    assert_eq!(found.len(), 1);
    let (item, terms) = (&found[0], &found[0].terms);
    assert_eq!((item.row.code.as_str(), item.list), ("N1", CatalogueList::Drugs));
    assert_eq!(item.own_codes, ["Y1", "Y1b"]);
    assert_eq!(
        (terms.insurance_code.as_deref(), terms.class.as_deref()),
        (Some("H1"), Some("02"))
    );
    assert_eq!(terms.ceiling.unwrap().to_string(), "3");
    assert_eq!(terms.first_own.unwrap().to_string(), "0.1");
    let other = kit.reader.find(Search::Code("N2"), None, day(), 5).unwrap();
    assert_eq!(other[0].terms.class.as_deref(), Some("01"));
    assert_eq!(
        other[0].terms.first_own, None,
        "two shares, and nobody says which"
    );
    assert!(
        kit.reader
            .find(Search::OwnCode("Y9"), None, day(), 5)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn what_does_not_stand_comes_last_and_says_so() {
    let mut kit = kit();
    let ended = CatalogueRow {
        until: Some("2026-11-21".parse().unwrap()),
        ..row("A", "药")
    };
    kit.sync(CatalogueList::Drugs, true, &[ended, row("B", "药")]);
    let found = kit.reader.find(Search::Text("药"), None, day(), 5).unwrap();
    let shown: Vec<_> = found
        .iter()
        .map(|found| (found.row.code.as_str(), found.in_force))
        .collect();
    assert_eq!(shown, [("B", true), ("A", false)]);
    assert_eq!(
        kit.reader.find(Search::Text("药"), None, day(), 1).unwrap().len(),
        1
    );
    let only = kit
        .reader
        .find(Search::Text("药"), Some(CatalogueList::Services), day(), 5)
        .unwrap();
    assert!(only.is_empty());
}
