//! Stories of one stay, told event by event.

use zhijie_model::{Fen, Reply, Transaction};

use super::kit::{
    StayWorld, discharge, in_hospital, line, lines, sent, serial, shared, stay_order, told, visit, visits,
};
use super::{Act, Bills, StayAnswer, StayCause, StayEvent, StayState, StayVerdict, stay_fold};
use crate::kit::{fen, refused, request};
use crate::{Cause, ClerkReason, NotSent};

fn not_done(cause: impl Into<StayCause>) -> Vec<StayAnswer> {
    vec![StayAnswer::NotDone(cause.into())]
}

fn undo(what: &str) -> Act {
    let reason = String::from("r");
    match what {
        "discharge" => Act::UndoDischarge { reason },
        _ => Act::UndoAdmission { reason },
    }
}

#[test]
fn a_stay_goes_its_way() {
    let mut world = StayWorld::new();
    assert_eq!(sent(&world.admit("a1")), [Transaction::Admit]);
    let visit_id = visit("V1");
    assert_eq!(told(&world.proper()), [StayAnswer::Admitted { visit_id }]);
    let charged = lines(3);
    assert_eq!(sent(&world.charge("c1", &charged)), [Transaction::ChargeStay]);
    assert!(matches!(told(&world.proper()).as_slice(), [StayAnswer::Charged { cuts }] if cuts.len() == 3));
    let discharge = discharge();
    let step = world.ask("d1", Act::Discharge { discharge }, Bills::default());
    assert_eq!(sent(&step), [Transaction::Discharge]);
    assert_eq!(told(&world.proper()), [StayAnswer::Done]);
    assert_eq!(world.state.name(), "discharged");
    let stay = world.state.stay().unwrap();
    let part = stay.to_settle(false, fen(300), &Bills::default()).unwrap();
    assert_eq!((part.lines, part.total), (3, fen(300)));
    assert_eq!(part.amounts.in_scope, fen(300));
    assert_eq!(stay_fold(&world.history), world.state);
}

#[test]
fn the_whole_way_back_is_walked_in_order() {
    let mut world = StayWorld::admitted();
    world.charge("c1", &lines(2));
    world.proper();
    let settled = Bills {
        final_stands: true,
        settled_through: Some(9),
        busy: false,
    };
    world.ask(
        "d1",
        Act::Discharge {
            discharge: discharge(),
        },
        Bills::default(),
    );
    world.proper();
    // What cannot be yet is refused before anything is sent.
    let withdraw = || Act::WithdrawCharges { serials: None };
    let table = [
        (undo("admission"), settled, StayCause::SettlementStands),
        (undo("discharge"), settled, StayCause::FinalSettled),
        (withdraw(), settled, StayCause::FinalSettled),
        (undo("admission"), Bills::default(), StayCause::Discharged),
        (withdraw(), Bills::default(), StayCause::Discharged),
    ];
    for (n, (act, bills, cause)) in table.into_iter().enumerate() {
        let step = world.ask(&format!("x{n}"), act, bills);
        assert_eq!((sent(&step), told(&step)), (vec![], not_done(cause)));
    }
    assert_eq!(
        sent(&world.ask("u1", undo("discharge"), Bills::default())),
        [Transaction::WithdrawDischarge]
    );
    world.proper();
    let step = world.ask("u2", undo("admission"), Bills::default());
    assert_eq!(told(&step), not_done(StayCause::LinesLieThere));
    assert_eq!(
        sent(&world.ask("w1", withdraw(), Bills::default())),
        [Transaction::WithdrawCharges]
    );
    world.proper();
    assert_eq!(
        sent(&world.ask("u3", undo("admission"), Bills::default())),
        [Transaction::WithdrawAdmission]
    );
    assert_eq!(told(&world.proper()), [StayAnswer::Done]);
    assert_eq!(world.state.name(), "not_admitted");
    // The same number may be admitted again.
    assert_eq!(sent(&world.admit("a2")), [Transaction::Admit]);
}

#[test]
fn while_a_settlement_is_under_way_nothing_else_begins() {
    let busy = Bills {
        busy: true,
        ..Bills::default()
    };
    let mut world = StayWorld::admitted();
    let acts = [
        Act::Change {
            admission: Box::new(stay_order("P1").admission),
        },
        Act::Charge {
            lines: shared(lines(1)),
        },
        Act::WithdrawCharges { serials: None },
        Act::Discharge {
            discharge: discharge(),
        },
        undo("discharge"),
        undo("admission"),
    ];
    for (n, act) in acts.into_iter().enumerate() {
        let step = world.ask(&format!("x{n}"), act, busy);
        assert_eq!(
            (sent(&step), told(&step)),
            (vec![], not_done(StayCause::SettlementBusy))
        );
    }
    let stay = world.state.stay().unwrap();
    assert_eq!(
        stay.to_settle(true, Fen::ZERO, &busy),
        Err(StayCause::SettlementBusy)
    );
}

#[test]
fn what_may_be_settled_follows_the_order_of_steps() {
    let mut world = StayWorld::admitted();
    world.charge("c1", &lines(3));
    world.proper();
    let none = Bills::default();
    let stay = world.state.stay().unwrap().clone();
    let differ = StayCause::ChargesDiffer {
        at_centre: fen(300),
        given: fen(299),
    };
    assert_eq!(
        stay.to_settle(false, fen(300), &none),
        Err(StayCause::NotDischarged)
    );
    assert_eq!(stay.to_settle(true, fen(299), &none), Err(differ));
    assert!(stay.to_settle(true, fen(300), &none).is_ok());
    // An interim settlement covers what lay there; the next part is what came after it.
    let interim = Bills {
        settled_through: Some(stay.revision),
        ..none
    };
    assert_eq!(
        stay.to_settle(true, fen(0), &interim),
        Err(StayCause::NothingToSettle)
    );
    world.ask(
        "c2",
        Act::Charge {
            lines: shared(vec![line("N1", 50, None)]),
        },
        interim,
    );
    world.proper();
    let stay = world.state.stay().unwrap().clone();
    assert_eq!(stay.to_settle(true, fen(50), &interim).unwrap().lines, 1);
    // Settled lines are neither taken back nor given back.
    let act = Act::WithdrawCharges {
        serials: Some(vec![serial("L0000")]),
    };
    let settled = || StayCause::LineSettled {
        serial: serial("L0000"),
    };
    assert_eq!(told(&world.ask("w1", act, interim)), not_done(settled()));
    let act = Act::Charge {
        lines: shared(vec![line("R1", -100, Some("L0000"))]),
    };
    assert_eq!(told(&world.ask("c3", act, interim)), not_done(settled()));
    // Where the province settles first, no discharge is needed.
    let mut other = stay;
    other.order.rules.settles_before_discharge = true;
    assert!(other.to_settle(false, fen(50), &interim).is_ok());
}

#[test]
fn refund_lines_give_back_what_lies_there_and_no_more() {
    let mut world = StayWorld::admitted();
    world.charge("c1", &[line("A", 100, None)]);
    world.proper();
    let table = [
        (
            line("B", -100, Some("X")),
            StayCause::UnknownLine { serial: serial("X") },
        ),
        (
            line("B", -101, Some("A")),
            StayCause::RefundedTooMuch { serial: serial("A") },
        ),
        (
            line("A", 200, None),
            StayCause::LineChanged { serial: serial("A") },
        ),
    ];
    for (n, (line, cause)) in table.into_iter().enumerate() {
        assert_eq!(told(&world.charge(&format!("x{n}"), &[line])), not_done(cause));
    }
    let both = [line("B", -60, Some("A")), line("C", -60, Some("A"))];
    let cause = StayCause::RefundedTooMuch { serial: serial("A") };
    assert_eq!(told(&world.charge("x9", &both)), not_done(cause));
    world.charge("c2", &[line("B", -60, Some("A")), line("C", -40, Some("A"))]);
    world.proper();
    let stay = world.state.stay().unwrap();
    assert_eq!(stay.unsettled(None).unwrap().total, fen(0));
    assert_eq!(
        stay.to_settle(true, fen(0), &Bills::default()),
        Err(StayCause::NothingToSettle)
    );
    // What lies there already is not sent again.
    let step = world.charge("c3", &[line("A", 100, None)]);
    assert_eq!(sent(&step), []);
    assert!(matches!(told(&step).as_slice(), [StayAnswer::Charged { cuts }] if cuts.len() == 1));
}

#[test]
fn three_thousand_lines_go_in_many_calls() {
    let mut world = StayWorld::admitted();
    let all = lines(3000);
    world.charge("c1", &all);
    let mut calls = 0;
    while world.open.is_some() {
        calls += 1;
        world.proper();
    }
    assert_eq!((calls, world.there.len()), (75, 3000));
    assert_eq!(
        world.state.stay().unwrap().unsettled(None).unwrap().total,
        fen(300_000)
    );
}

#[test]
fn a_lost_upload_is_taken_back_and_sent_again_wherever_it_got_lost() {
    for executed in [true, false] {
        let mut world = StayWorld::admitted();
        let all = lines(250);
        world.charge("c1", &all);
        world.proper();
        if executed {
            world.execute();
        }
        let step = world.lose();
        assert!(matches!(
            told(&step).as_slice(),
            [StayAnswer::NotDone(StayCause::Of {
                why: Cause::StepLost { .. }
            })]
        ));
        let stay = world.state.stay().unwrap();
        assert_eq!((stay.lines.len(), stay.uncertain.len()), (40, 40));
        // Nothing is settled and nobody leaves while it is not known what lies there.
        let uncertain = StayCause::ChargesUncertain;
        assert_eq!(
            stay.to_settle(true, fen(4_000), &Bills::default()),
            Err(uncertain.clone())
        );
        let act = Act::Discharge {
            discharge: discharge(),
        };
        assert_eq!(told(&world.ask("d1", act, Bills::default())), not_done(uncertain));
        assert_eq!(sent(&world.charge("c2", &all)), [Transaction::WithdrawCharges]);
        let mut calls = 0;
        while world.open.is_some() {
            calls += 1;
            world.proper();
        }
        assert_eq!((calls, world.there.len()), (7, 250), "{executed}");
        assert_eq!(world.state.stay().unwrap().lines.len(), 250);
    }
}

#[test]
fn a_restart_in_the_middle_of_an_upload_keeps_what_was_answered() {
    let mut world = StayWorld::admitted();
    let all = lines(250);
    world.charge("c1", &all);
    world.proper();
    world.execute();
    let step = world.feed(StayEvent::Restarted);
    assert_eq!(told(&step), not_done(Cause::Interrupted));
    assert_eq!(world.state.stay().unwrap().lines.len(), 40);
    world.charge("c2", &all);
    while world.open.is_some() {
        world.proper();
    }
    assert_eq!(world.there.len(), 250);
}

#[test]
fn what_never_left_changes_nothing() {
    let mut world = StayWorld::new();
    world.admit("a1");
    let message_id = world.state.open_message().cloned().unwrap();
    let reason = NotSent::CredentialGone;
    let step = world.feed(StayEvent::NotSent { message_id, reason });
    assert!(matches!(
        told(&step).as_slice(),
        [StayAnswer::NotDone(StayCause::Of {
            why: Cause::NotSent { .. }
        })]
    ));
    assert_eq!(world.state.name(), "not_admitted");
}

fn admission_in_doubt() -> StayWorld {
    let mut world = StayWorld::new();
    world.admit("a1");
    let step = world.lose();
    assert!(matches!(told(&step).as_slice(), [StayAnswer::NotKnown { .. }]));
    world
}

#[test]
fn a_lost_admission_is_found_and_never_made_twice() {
    let mut world = admission_in_doubt();
    // The same wish again hears the same, another one is refused, and neither sends anything.
    let step = world.admit("a2");
    assert!(matches!(told(&step).as_slice(), [StayAnswer::NotKnown { .. }]));
    assert_eq!(sent(&step), []);
    assert_eq!(told(&world.charge("c1", &lines(1))), not_done(StayCause::Locked));
    assert_eq!(sent(&world.wake()), [Transaction::QueryInHospital]);
    let step = world.answer(in_hospital(Some("ZY1")));
    let visit_id = visit("V1");
    assert_eq!(told(&step), [StayAnswer::Admitted { visit_id }]);
}

#[test]
fn a_list_of_visits_finds_what_the_list_of_the_ward_misses() {
    let mut world = admission_in_doubt();
    world.wake();
    let step = world.answer(in_hospital(Some("OTHER")));
    assert_eq!(sent(&step), [Transaction::QueryVisit]);
    assert!(matches!(
        told(&world.answer(visits(Some(true)))).as_slice(),
        [StayAnswer::Admitted { .. }]
    ));
}

#[test]
fn a_row_without_a_number_stops_at_a_person() {
    let mut world = admission_in_doubt();
    world.wake();
    world.answer(in_hospital(None));
    assert!(
        matches!(&world.state, StayState::NeedsClerk(clerk) if clerk.reason == ClerkReason::ForeignSettlement)
    );
    let step = world.feed(StayEvent::Resolved {
        request: request("w1"),
        verdict: StayVerdict::Stands {
            visit: Some(visit("V7")),
        },
        person: String::from("9"),
        reason: String::from("seen"),
    });
    let visit_id = visit("V7");
    assert_eq!(
        told(&step),
        [StayAnswer::Admitted { visit_id }, StayAnswer::Resolved]
    );
}

/// The centre knows nothing of it; the rounds until the doubt ends.
pub(super) fn rounds(world: &mut StayWorld, reversal: &Reply) -> usize {
    for round in 0..20 {
        let step = world.wake();
        if sent(&step) == [Transaction::QueryInHospital] {
            let mut step = world.answer(Reply::InHospital { stays: Vec::new() });
            if sent(&step) == [Transaction::QueryVisit] {
                step = world.answer(Reply::VisitsFound { visits: Vec::new() });
            }
            if sent(&step) == [Transaction::Reverse] {
                world.answer(reversal.clone());
            }
        }
        if !world.state.is_locked() {
            return round;
        }
    }
    panic!("still {}", world.state.name())
}

#[test]
fn an_admission_that_is_nowhere_is_fenced_before_it_counts_as_not_made() {
    for (reversal, why) in [
        (Reply::Reversed, Cause::Reversed),
        (refused(), Cause::NeverExecuted),
    ] {
        let mut world = admission_in_doubt();
        let rounds = rounds(&mut world, &reversal);
        assert!(rounds >= 1, "the first empty list proves nothing");
        assert!(
            matches!(&world.state, StayState::NotAdmitted(not) if not.why == Some(StayCause::from(why.clone())))
        );
        let told: Vec<_> = world
            .history
            .iter()
            .filter(|(event, _)| matches!(event, StayEvent::AdmitAsked { .. }))
            .collect();
        assert_eq!(told.len(), 1);
        assert_eq!(stay_fold(&world.history), world.state);
    }
}

#[test]
fn a_restart_makes_an_open_admission_a_doubt() {
    let mut world = StayWorld::new();
    world.admit("a1");
    let step = world.feed(StayEvent::Restarted);
    assert!(matches!(told(&step).as_slice(), [StayAnswer::NotKnown { .. }]));
    assert_eq!(
        sent(&world.feed(StayEvent::Woken)),
        [Transaction::QueryInHospital]
    );
}

/// The centre shows the same whenever it is asked; the step that ends the doubt.
fn shown(world: &mut StayWorld, reply: &Reply) -> super::StayStep {
    for _ in 0..20 {
        world.wake();
        let step = world.answer(reply.clone());
        if !world.state.is_locked() {
            return step;
        }
    }
    panic!("still {}", world.state.name())
}

#[test]
fn a_lost_discharge_ends_by_what_the_centre_shows() {
    let lost = || {
        let mut world = StayWorld::admitted();
        world.ask(
            "d1",
            Act::Discharge {
                discharge: discharge(),
            },
            Bills::default(),
        );
        assert!(matches!(
            told(&world.lose()).as_slice(),
            [StayAnswer::NotKnown { .. }]
        ));
        world
    };
    let mut world = lost();
    assert_eq!(sent(&world.wake()), [Transaction::QueryVisit]);
    assert_eq!(told(&world.answer(visits(Some(false)))), [StayAnswer::Done]);
    assert_eq!(world.state.name(), "discharged");
    let mut world = lost();
    world.wake();
    assert_eq!(
        told(&world.answer(visits(Some(true)))),
        [],
        "it may be executed yet"
    );
    let step = shown(&mut world, &visits(Some(true)));
    assert_eq!(told(&step), not_done(StayCause::StepNeverExecuted));
    assert_eq!(world.state.name(), "admitted");
}

#[test]
fn a_lost_undo_of_the_admission_needs_a_lasting_absence() {
    let mut world = StayWorld::admitted();
    world.ask("u1", undo("admission"), Bills::default());
    world.lose();
    world.wake();
    let gone = || Reply::VisitsFound { visits: Vec::new() };
    assert_eq!(told(&world.answer(gone())), []);
    assert_eq!(told(&shown(&mut world, &gone())), [StayAnswer::Done]);
    assert_eq!(world.state.name(), "not_admitted");
}

#[test]
fn the_impossible_stops_only_at_a_person() {
    let mut world = StayWorld::admitted();
    world.feed(StayEvent::Answered {
        message_id: crate::kit::message(99),
        reply: Box::new(Reply::Described),
    });
    assert!(matches!(&world.state, StayState::NeedsClerk(clerk) if clerk.reason == ClerkReason::Impossible));
    let step = world.feed(StayEvent::Resolved {
        request: request("w1"),
        verdict: StayVerdict::AskAgain,
        person: String::from("9"),
        reason: String::from("seen"),
    });
    assert_eq!(told(&step), [StayAnswer::Resolved]);
    assert_eq!(world.state.name(), "admitted");
}
