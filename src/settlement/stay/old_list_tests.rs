//! Lists of the centre lag behind: what they showed before is not taken for what is in doubt now.

use zhijie_model::{Reply, Transaction};

use super::kit::{StayWorld, discharge, in_hospital, sent, stay_order, told, visit, visits};
use super::story_tests::rounds;
use super::{Act, Bills, StayAnswer};

/// Admitted, taken back, admitted anew under the same number; the list of the ward is old.
#[test]
fn a_stay_taken_back_before_is_not_taken_for_the_one_in_doubt() {
    let mut world = StayWorld::new();
    world.admit("a1");
    world.proper();
    let act = Act::UndoAdmission {
        reason: String::from("r"),
    };
    world.ask("u1", act, Bills::default());
    world.proper();
    assert_eq!(world.state.name(), "not_admitted");
    world.admit("a2");
    world.lose();
    for (list, numbered) in [("numbered", Some("ZY1")), ("unnumbered", None)] {
        assert_eq!(sent(&world.wake()), [Transaction::QueryInHospital], "{list}");
        let step = world.answer(in_hospital(numbered));
        assert_eq!(sent(&step), [Transaction::QueryVisit], "{list}");
        world.lose();
    }
}

/// The reversed stay's visit was never known; only time tells an old list from the truth.
#[test]
fn a_reversed_stay_in_an_old_list_is_not_taken_for_the_next_one() {
    let mut order = stay_order("P1");
    order.policy.query_lag_max_s = 1_000;
    let mut world = StayWorld::new();
    world.admit_as("a1", &order);
    world.lose();
    rounds(&mut world, &Reply::Reversed);
    assert_eq!(world.state.name(), "not_admitted");
    world.admit_as("a2", &order);
    world.lose();
    world.wake();
    // As old as a list may be.
    assert_eq!(told(&world.answer(in_hospital(Some("ZY1")))), []);
    let mut answers = Vec::new();
    for _ in 0..30 {
        if sent(&world.wake()) == [Transaction::QueryInHospital] {
            answers.extend(told(&world.answer(in_hospital(Some("ZY1")))));
        }
    }
    let visit_id = visit("V1");
    assert_eq!(answers, [StayAnswer::Admitted { visit_id }]);
}

/// Discharged, taken in again, and the next discharge lost: an old list still shows the first one.
#[test]
fn a_discharge_of_before_in_an_old_list_is_not_taken_for_the_one_in_doubt() {
    let mut order = stay_order("P1");
    order.policy.query_lag_max_s = 1_000;
    let mut world = StayWorld::new();
    world.admit_as("a1", &order);
    world.proper();
    let out = || Act::Discharge {
        discharge: discharge(),
    };
    world.ask("d1", out(), Bills::default());
    world.proper();
    let back = Act::UndoDischarge {
        reason: String::from("r"),
    };
    world.ask("u1", back, Bills::default());
    world.proper();
    world.ask("d2", out(), Bills::default());
    world.lose();
    world.wake();
    assert_eq!(told(&world.answer(visits(Some(false)))), []);
    let mut answers = Vec::new();
    for _ in 0..30 {
        if sent(&world.wake()) == [Transaction::QueryVisit] {
            answers.extend(told(&world.answer(visits(Some(false)))));
        }
    }
    assert_eq!(answers, [StayAnswer::Done]);
}
