//! A stay over New Year.

use zhijie_model::{StayLine, Transaction};

use super::kit::{StayWorld, line, sent, shared, stay_order, told};
use super::{Act, Bills, StayAnswer, StayCause};

#[test]
fn years_lie_apart_where_the_province_says_so() {
    let in_year = |name: &str, refunds: Option<&str>, at: &str| {
        let amount = if refunds.is_some() { -50 } else { 100 };
        let mut line = line(name, amount, refunds);
        line.charge.at = at.parse().unwrap();
        line
    };
    // The year ends in Beijing.
    let old = in_year("O", None, "2025-12-31T15:59:59Z");
    let new = in_year("N", None, "2025-12-31T16:00:00Z");
    let back = in_year("B", Some("O"), "2026-01-01T00:00:00Z");
    for (apart, first, then, year) in [
        (false, vec![&old], vec![&new], None),
        (true, vec![&old], vec![&new], Some(2025)),
        (true, vec![&new], vec![&old], Some(2025)),
        (true, vec![&old], vec![&back], None),
        (true, vec![&old], vec![&old, &back, &new], Some(2025)),
        (true, vec![], vec![&new], None),
        (true, vec![], vec![&new, &old], Some(2025)),
    ] {
        let mut world = StayWorld::new();
        let mut order = stay_order("P1");
        order.rules.settles_at_year_end = apart;
        world.admit_as("a1", &order);
        world.proper();
        let all = |lines: &[&StayLine]| lines.iter().map(|line| (*line).clone()).collect::<Vec<_>>();
        if !first.is_empty() {
            world.charge("c1", &all(&first));
            world.proper();
        }
        let step = world.charge("c2", &all(&then));
        match year {
            Some(year) => assert_eq!(
                told(&step),
                [StayAnswer::NotDone(StayCause::YearToSettle { year })]
            ),
            None => assert_eq!(sent(&step), [Transaction::ChargeStay]),
        }
        // What is settled is in nobody's way.
        let interim = Bills {
            settled_through: Some(9),
            ..Bills::default()
        };
        if first == [&old] && then == [&new] && apart {
            let lines = shared(all(&then));
            let step = world.ask("c3", Act::Charge { lines }, interim);
            assert_eq!(sent(&step), [Transaction::ChargeStay]);
        }
    }
}
