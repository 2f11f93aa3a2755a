use zhijie_model::{CatalogueList, CatalogueRow, Fen, Quantity, UnitPrice};

use crate::kit::{Kit, ceiling, classed, day, kit, pointing, row, share};
use crate::{LineToCheck, Problem};

const EXPECTED: [CatalogueList; 6] = [
    CatalogueList::Drugs,
    CatalogueList::Covered,
    CatalogueList::Matches,
    CatalogueList::Mappings,
    CatalogueList::Ceilings,
    CatalogueList::FirstOwn,
];

fn line(own: &str, national: &str, price: &str, fen: i64) -> LineToCheck {
    LineToCheck {
        national_code: String::from(national),
        own_code: String::from(own),
        quantity: Quantity::parse("2").unwrap(),
        unit_price: UnitPrice::parse(price).unwrap(),
        amount: Fen::new(fen).unwrap(),
        class: None,
        day: day(),
    }
}

fn problems(kit: &Kit, line: &LineToCheck) -> Vec<(Problem, i64)> {
    let checked = kit.reader.check(core::slice::from_ref(line), &EXPECTED).unwrap();
    let most = checked[0]
        .complaints
        .iter()
        .map(|complaint| complaint.at_stake)
        .max();
    assert_eq!(checked[0].at_stake, most.unwrap_or(Fen::ZERO));
    let complaints = checked[0].complaints.iter();
    complaints
        .map(|complaint| (complaint.problem.clone(), complaint.at_stake.get()))
        .collect()
}

fn whole() -> Kit {
    let mut kit = kit();
    let ended = CatalogueRow {
        until: Some("2026-11-21".parse().unwrap()),
        ..row("N4", "过期药")
    };
    let early = CatalogueRow {
        from: Some("2026-11-23".parse().unwrap()),
        ..row("N5", "未来药")
    };
    let gone = CatalogueRow {
        valid: false,
        ..row("N3", "撤销药")
    };
    kit.sync(
        CatalogueList::Drugs,
        true,
        &[
            row("N1", "药"),
            row("N2", "药"),
            gone,
            ended,
            early,
            row("N6", "药"),
        ],
    );
    let own = ["1", "2", "3", "4", "5", "6"].map(|n| pointing(&format!("Y{n}"), &format!("N{n}")));
    kit.sync(CatalogueList::Mappings, true, &own);
    let matched = ["1", "2", "3", "4", "5"].map(|n| pointing(&format!("N{n}"), &format!("H{n}")));
    kit.sync(CatalogueList::Matches, true, &matched);
    let classes = [
        ("H1", "01"),
        ("H2", "02"),
        ("H3", "01"),
        ("H4", "01"),
        ("H5", "03"),
    ];
    kit.sync(
        CatalogueList::Covered,
        true,
        &classes.map(|(code, class)| classed(code, class)),
    );
    kit.sync(
        CatalogueList::Ceilings,
        true,
        &[ceiling("H1", "1", Some("4.50")), ceiling("H2", "1", None)],
    );
    kit.sync(CatalogueList::FirstOwn, true, &[share("H2", "1", "0.105")]);
    kit
}

#[test]
fn every_mismatch_is_named_with_the_money_at_stake() {
    let kit = whole();
    let price = |text: &str| UnitPrice::parse(text).unwrap();
    let table = [
        (line("Y1", "N1", "4.50", 900), vec![]),
        (
            line("Y1", "N1", "5.25", 1050),
            vec![(
                Problem::AboveCeiling {
                    ceiling: price("4.50"),
                },
                150,
            )],
        ),
        (line("Y9", "N1", "4", 800), vec![(Problem::Unmapped, 800)]),
        (
            line("Y2", "N1", "4", 800),
            vec![(
                Problem::MappedElsewhere {
                    national_code: String::from("N2"),
                },
                800,
            )],
        ),
        (line("Y2", "N2", "9999", 1_999_800), vec![]),
        (line("Y3", "N3", "1", 200), vec![(Problem::Withdrawn, 200)]),
        (
            line("Y4", "N4", "1", 200),
            vec![(
                Problem::Ended {
                    until: Some("2026-11-21".parse().unwrap()),
                },
                200,
            )],
        ),
        (
            line("Y5", "N5", "1", 200),
            vec![
                (
                    Problem::NotYet {
                        from: Some("2026-11-23".parse().unwrap()),
                    },
                    200,
                ),
                (Problem::OwnExpense, 200),
            ],
        ),
        (line("Y6", "N6", "1", 200), vec![(Problem::OwnExpense, 200)]),
        (
            line("Y7", "N7", "1", 200),
            vec![
                (Problem::Unmapped, 200),
                (Problem::Unknown, 200),
                (Problem::OwnExpense, 200),
            ],
        ),
    ];
    for (line, wanted) in table {
        assert_eq!(
            problems(&kit, &line),
            wanted,
            "{} {}",
            line.own_code,
            line.national_code
        );
    }
}

#[test]
fn another_class_is_told_with_the_share_that_goes_first() {
    let kit = whole();
    let said = |own: &str, national: &str, class: &str| {
        let mut line = line(own, national, "1", 1_001);
        line.class = Some(String::from(class));
        problems(&kit, &line)
    };
    assert_eq!(said("Y2", "N2", "02"), []);
    let other = Problem::OtherClass {
        class: String::from("02"),
    };
    assert_eq!(said("Y2", "N2", "01"), [(other, 105)]);
    let own = Problem::OtherClass {
        class: String::from("01"),
    };
    assert_eq!(said("Y1", "N1", "02"), [(own, 0)]);
}

#[test]
fn a_list_that_was_never_fetched_proves_nothing() {
    let mut kit = kit();
    assert_eq!(problems(&kit, &line("Y1", "N1", "1", 200)), []);
    kit.sync(CatalogueList::Drugs, true, &[row("N2", "药")]);
    assert_eq!(
        problems(&kit, &line("Y1", "N1", "1", 200)),
        [(Problem::Unknown, 200)]
    );
    let more = [&EXPECTED[..], &[CatalogueList::Services]].concat();
    let checked = kit.reader.check(&[line("Y1", "N1", "1", 200)], &more).unwrap();
    assert!(checked[0].complaints.is_empty(), "it may be a service");
    kit.sync(CatalogueList::Covered, true, &[classed("N9", "01")]);
    assert_eq!(
        problems(&kit, &line("Y1", "N2", "1", 200)),
        [],
        "what it is called there is not known"
    );
}
