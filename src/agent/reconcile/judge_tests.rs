//! What a statement says, row by row and rule by rule.

use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use zhijie_model::{
    Area, BillId, Clearing, Fen, MessageId, Road, RowVerdict, SettlementId, StatedTotals, StatementRow,
    VisitId,
};
use zhijie_settlement::Stated;
use zhijie_wire::{OfficeRule, StatementRules};

use super::doubtful::group_of;
use super::{Doubtful, Group, Placed, Reach, Refunds, Sure, Whose, judge};

fn message(n: u32) -> MessageId {
    MessageId::new(format!("M{n}")).unwrap()
}

fn whose(insurance: &str) -> Whose {
    Whose {
        insured: Area::new("341200").unwrap(),
        insurance: String::from(insurance),
        road: "outpatient",
        visit_kind: String::from("11"),
    }
}

fn group(office: &str) -> Group {
    Group {
        office: String::from(office),
        kind: String::from("11"),
    }
}

fn doubtful() -> Doubtful {
    Doubtful {
        bill: BillId::new("H31010100001/MZ1/B1").unwrap(),
        subject: message(1),
        since: Timestamp::UNIX_EPOCH,
        refunds: None,
        trial: message(0),
        road: Road::Outpatient,
        whose: whose("390"),
    }
}

fn placed() -> Placed {
    Placed {
        doubtful: doubtful(),
        group: group("341200"),
        sure: Sure::Yes,
        from: Some(date(2026, 11, 21)),
    }
}

fn refund() -> Placed {
    let mut placed = placed();
    placed.doubtful.refunds = Some(Refunds {
        settlement: SettlementId::new("S5").unwrap(),
        message: message(5),
        group: None,
    });
    placed
}

fn row(n: u32, verdict: RowVerdict, refunded: bool, total: i64) -> StatementRow {
    let fen = |amount: i64| Fen::new(amount).unwrap();
    StatementRow {
        verdict,
        message: Some(message(n)),
        settlement: SettlementId::new(format!("S{n}")).ok(),
        visit: VisitId::new("V1").ok(),
        refunded,
        totals: Some(StatedTotals {
            total: fen(total),
            funds: fen(total),
            account: Fen::ZERO,
        }),
    }
}

fn rules() -> StatementRules {
    StatementRules {
        absence_is_evidence: true,
        same_day: true,
        ..StatementRules::default()
    }
}

const MADE_AT: DateTime = date(2026, 11, 22).at(1, 2, 3, 0);

const REACH: Reach = Reach {
    days: (date(2026, 11, 21), date(2026, 11, 22)),
    made_at: Some(MADE_AT),
};

fn missing(placed: &Placed, rows: &[StatementRow], reach: Reach, rules: &StatementRules) -> (u32, bool) {
    match judge(placed, rows, reach, rules) {
        Some((behind_s, Stated::Unlisted { complete })) => (behind_s, complete),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_is_ours_by_its_message_alone() {
    use RowVerdict::CentreMore;
    let told = |rows: &[StatementRow]| match judge(&placed(), rows, REACH, &rules()) {
        Some((0, Stated::Listed(listed))) => Some((listed.refunded, listed.totals.is_some())),
        Some((0, Stated::Unlisted { complete: true })) => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        told(&[row(2, CentreMore, false, 100)]),
        None,
        "same visit, same amount, another message"
    );
    assert_eq!(
        told(&[row(1, CentreMore, false, 100), row(2, CentreMore, false, 100)]),
        Some((false, true))
    );
    assert_eq!(told(&[row(1, CentreMore, true, 100)]), Some((true, true)));
    // The refund stands under our message too.
    assert_eq!(
        told(&[row(1, CentreMore, false, 100), row(1, CentreMore, true, -100)]),
        Some((true, true))
    );
    // Another message gives the same amount of the same visit back: somebody has to look.
    assert_eq!(
        told(&[row(1, CentreMore, false, 100), row(2, CentreMore, true, -100)]),
        Some((false, false))
    );
    assert_eq!(
        told(&[row(1, CentreMore, false, 100), row(2, CentreMore, true, -90)]),
        Some((false, true))
    );
    let mut unnamed = row(1, CentreMore, false, 100);
    unnamed.message = None;
    assert_eq!(told(&[unnamed]), None);
}

#[test]
fn a_statement_that_contradicts_itself_says_nothing() {
    use RowVerdict::{Balanced, CentreMore, Differs, HospitalMore};
    for verdict in [Balanced, Differs, HospitalMore] {
        assert_eq!(
            judge(&placed(), &[row(1, verdict, false, 100)], REACH, &rules()),
            None
        );
    }
    let twice = [row(1, CentreMore, false, 100), row(1, CentreMore, false, 100)];
    assert_eq!(judge(&placed(), &twice, REACH, &rules()), None);
}

type Spoil = fn(&mut Placed, &mut Reach, &mut StatementRules);

#[test]
fn absence_counts_only_where_everything_says_so() {
    let change = |change: Spoil| {
        let (mut placed, mut reach, mut rules) = (placed(), REACH, rules());
        change(&mut placed, &mut reach, &mut rules);
        missing(
            &placed,
            &[row(2, RowVerdict::CentreMore, false, 1)],
            reach,
            &rules,
        )
    };
    assert_eq!(change(|_, _, _| ()), (0, true));
    let table: [(Spoil, u32); 7] = [
        (|_, _, rules| rules.absence_is_evidence = false, 0),
        (|placed, _, _| placed.sure = Sure::No, 0),
        (|placed, _, _| placed.from = None, 0),
        (|placed, _, _| placed.from = Some(date(2026, 11, 20)), 0),
        (|placed, _, _| placed.from = Some(date(2026, 11, 23)), 0),
        (|_, reach, _| reach.made_at = None, u32::MAX),
        (
            |_, reach, _| reach.made_at = Some(date(2026, 11, 23).at(0, 0, 1, 0)),
            0,
        ),
    ];
    for (n, (spoil, behind_s)) in table.into_iter().enumerate() {
        assert_eq!(change(spoil), (behind_s, false), "{n}");
    }
    let lacks = [row(9, RowVerdict::HospitalMore, false, 1)];
    assert_eq!(missing(&placed(), &lacks, REACH, &rules()), (0, false));
}

#[test]
fn a_statement_without_the_current_day_is_behind_by_what_has_passed_of_it() {
    let mut rules = rules();
    rules.same_day = false;
    rules.lag_max_s = 7;
    assert_eq!(missing(&placed(), &[], REACH, &rules), (3723 + 7, true));
}

#[test]
fn a_refund_is_not_missing_where_its_settlement_differs() {
    use RowVerdict::{CentreMore, Differs};
    assert_eq!(missing(&refund(), &[], REACH, &rules()), (0, true));
    for other in [row(5, Differs, true, 100), row(5, CentreMore, true, -100)] {
        assert_eq!(missing(&refund(), &[other], REACH, &rules()), (0, false));
    }
}

#[test]
fn the_group_is_what_was_seen_else_the_rule() {
    let care = Area::new("310000").unwrap();
    let seen = |offices: &[&str]| -> Vec<(Whose, Group)> {
        offices
            .iter()
            .map(|office| (whose("390"), group(office)))
            .collect()
    };
    let mut rules = rules();
    let of = |seen: &[(Whose, Group)], rules: &StatementRules| doubtful().group(seen, rules, care);
    assert_eq!(of(&[], &rules), None);
    assert_eq!(of(&[(whose("310"), group("1"))], &rules), None, "other insurance");
    let mut chronic = whose("390");
    chronic.visit_kind = String::from("14");
    assert_eq!(of(&[(chronic, group("1"))], &rules), None, "other visit kind");
    assert_eq!(of(&seen(&["1", "1"]), &rules), Some((group("1"), Sure::Yes)));
    assert_eq!(of(&seen(&["1", "2"]), &rules), Some((group("1"), Sure::No)));
    rules.office = Some(OfficeRule::CareArea);
    assert_eq!(of(&[], &rules), Some((group("310000"), Sure::No)));
    rules.office = Some(OfficeRule::InsuredArea);
    rules.office_is_certain = true;
    assert_eq!(of(&[], &rules), Some((group("341200"), Sure::Yes)));
    let mut of_refund = doubtful();
    of_refund.refunds = Some(Refunds {
        settlement: SettlementId::new("S5").unwrap(),
        message: message(5),
        group: group_of(&Clearing {
            office: Some(String::from("7")),
            way: None,
            kind: Some(String::from("21")),
        }),
    });
    let (found, sure) = of_refund.group(&seen(&["1"]), &rules, care).unwrap();
    assert_eq!(
        (found.office.as_str(), found.kind.as_str(), sure),
        ("7", "21", Sure::Yes)
    );
}
