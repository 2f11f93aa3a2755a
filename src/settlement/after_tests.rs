//! Stories of what comes after a settlement: confirmation, refund, a person's verdict, clearing up.

use zhijie_model::{Reply, Transaction};

use crate::kit::{World, order, refund, request, row, settlement};
use crate::kit_story::{in_doubt, lose, sent, subject, submitted, told, wake};
use crate::{Answer, Cause, Effect, Event, Step, fold};

fn settled() -> World {
    let mut world = submitted();
    world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    world
}

fn ask_cancel(world: &mut World, id: &str) -> Step {
    let settlement = world.state.settled().unwrap().settlement.id.clone();
    let reason = String::from("开错");
    world.feed(Event::CancelAsked {
        request: request(id),
        settlement,
        reason,
        second_person: None,
    })
}

#[test]
fn a_refund_and_its_repetition() {
    let mut world = settled();
    assert_eq!(sent(&ask_cancel(&mut world, "c1")), [Transaction::Cancel]);
    let step = world.answer(refund(1234));
    assert!(matches!(told(&step).as_slice(), [Answer::Cancelled(Some(_))]));
    assert!(matches!(
        told(&ask_cancel(&mut world, "c2")).as_slice(),
        [Answer::Cancelled(Some(_))]
    ));
    let step = world.ask_quote("q9", &order("P1", &[1000, 234]));
    assert_eq!(told(&step), [&Answer::NotDone(Cause::AlreadyCancelled)]);
}

#[test]
fn a_refund_in_doubt_is_never_reversed() {
    let mut world = settled();
    let ours = world.state.settled().unwrap().message_id.clone();
    ask_cancel(&mut world, "c1");
    assert!(matches!(
        told(&lose(&mut world)).as_slice(),
        [Answer::NotKnown { .. }]
    ));
    for _ in 0..3 {
        assert_eq!(sent(&wake(&mut world)), [Transaction::QuerySettlement]);
        assert_eq!(sent(&world.answer(Reply::Queried { rows: Vec::new() })), []);
    }
    wake(&mut world);
    let step = world.answer(Reply::Queried {
        rows: vec![row(1234, &ours, true)],
    });
    assert_eq!(told(&step), [&Answer::Cancelled(None)]);
}

#[test]
fn a_refund_that_never_happened_leaves_the_settlement_standing() {
    let mut world = settled();
    let ours = world.state.settled().unwrap().message_id.clone();
    ask_cancel(&mut world, "c1");
    lose(&mut world);
    // Ages that count: 5 s, 25 s, 85 s, 385 s; the centre may still execute for 120 s after the first sight.
    for _ in 0..3 {
        wake(&mut world);
        let step = world.answer(Reply::Queried {
            rows: vec![row(1234, &ours, false)],
        });
        assert!(told(&step).is_empty());
    }
    wake(&mut world);
    let step = world.answer(Reply::Queried {
        rows: vec![row(1234, &ours, false)],
    });
    assert_eq!(told(&step), [&Answer::NotDone(Cause::RefundNeverExecuted)]);
    assert_eq!(world.state.name(), "settled");
}

#[test]
fn an_unconfirmed_settlement_is_kept_and_told_once() {
    let mut world = settled();
    let step = world.feed(Event::Woken);
    assert!(matches!(step.effects.as_slice(), [Effect::WakeAt(_)]), "not yet");
    world.pass(1800);
    assert_eq!(sent(&world.feed(Event::Woken)), []);
    assert!(world.state.settled().unwrap().overdue);
    assert_eq!(crate::plan(&world.state), crate::Due::Nothing);
}

#[test]
fn a_confirmed_settlement_is_left_alone() {
    let mut world = settled();
    let settlement = world.state.settled().unwrap().settlement.id.clone();
    world.feed(Event::Confirmed {
        request: request("k"),
        settlement,
    });
    world.pass(10_000);
    world.feed(Event::Woken);
    assert!(!world.state.settled().unwrap().overdue);
}

#[test]
fn where_the_policy_says_so_an_unconfirmed_settlement_is_refunded() {
    let mut bill = order("P1", &[1000]);
    bill.policy.unconfirmed = crate::Unconfirmed::Cancel;
    let mut world = World::quoted(&bill);
    world.ask_settle("s1");
    world.answer(Reply::Settled {
        settlement: settlement(1000, None),
    });
    world.pass(1800);
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::Cancel]);
    assert!(
        told(&world.answer(refund(1000))).is_empty(),
        "nobody asked, nobody is told"
    );
    assert_eq!(world.state.name(), "cancelled");
}

fn waits_for_a_person() -> World {
    let mut world = in_doubt();
    world.pass(90_000);
    // A PC that was off for days asks first.
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::QuerySettlement]);
    lose(&mut world);
    assert_eq!(world.state.name(), "needs_clerk");
    world
}

fn resolve(world: &mut World, verdict: crate::Verdict) -> Step {
    let reason = String::from("seen at the centre");
    world.feed(Event::Resolved {
        request: request("w1"),
        verdict,
        person: String::from("0007"),
        reason,
    })
}

#[test]
fn a_person_may_say_that_it_stands() {
    let mut world = waits_for_a_person();
    let id = zhijie_model::SettlementId::new("S9").unwrap();
    let step = resolve(
        &mut world,
        crate::Verdict::Stands {
            settlement: id.clone(),
            visit: None,
        },
    );
    assert!(matches!(
        told(&step).as_slice(),
        [Answer::Settled(_), Answer::Resolved]
    ));
    assert_eq!(world.state.settled().unwrap().settlement.id, id);
}

#[test]
fn a_person_may_say_that_it_does_not_stand() {
    let mut world = waits_for_a_person();
    let step = resolve(&mut world, crate::Verdict::DoesNotStand);
    assert_eq!(
        told(&step),
        [&Answer::NotDone(Cause::ResolvedNotStanding), &Answer::Resolved]
    );
    assert_eq!(
        sent(&world.ask_quote("q2", &order("P1", &[1000, 234]))),
        [Transaction::Trial]
    );
}

#[test]
fn a_person_may_send_the_agent_asking_again() {
    let mut world = waits_for_a_person();
    assert_eq!(
        told(&resolve(&mut world, crate::Verdict::AskAgain)),
        [&Answer::Resolved]
    );
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::QuerySettlement]);
}

#[test]
fn a_refund_that_waits_for_a_person_ends_either_way() {
    let waiting = || {
        let mut world = settled();
        ask_cancel(&mut world, "c1");
        lose(&mut world);
        world.pass(90_000);
        world.feed(Event::Woken);
        lose(&mut world);
        assert_eq!(world.state.name(), "needs_clerk");
        world
    };
    let mut world = waiting();
    assert!(matches!(
        told(&resolve(&mut world, crate::Verdict::DoesNotStand)).as_slice(),
        [Answer::Cancelled(None), Answer::Resolved]
    ));
    let mut world = waiting();
    let settlement = world.state.settled().unwrap().settlement.id.clone();
    let step = resolve(
        &mut world,
        crate::Verdict::Stands {
            settlement,
            visit: None,
        },
    );
    assert_eq!(
        told(&step),
        [&Answer::NotDone(Cause::RefundNeverExecuted), &Answer::Resolved]
    );
    assert_eq!(world.state.name(), "settled");
}

#[test]
fn where_nobody_is_needed_a_verdict_changes_nothing() {
    let mut world = settled();
    let step = resolve(&mut world, crate::Verdict::DoesNotStand);
    assert_eq!(told(&step), [&Answer::NotDone(Cause::NothingToResolve)]);
    assert_eq!(world.state.name(), "settled");
}

#[test]
fn the_impossible_stops_at_a_person_and_keeps_the_truth() {
    let mut world = settled();
    let event = Event::Answered {
        message_id: crate::kit::message(1),
        reply: Box::new(Reply::Reversed),
    };
    world.feed(event);
    assert_eq!(world.state.name(), "needs_clerk");
    assert!(world.state.settled().is_some());
}

#[test]
fn the_fold_of_the_history_is_the_state() {
    let mut world = in_doubt();
    let ours = subject(&world);
    wake(&mut world);
    world.answer(Reply::Queried {
        rows: vec![row(1234, &ours, false)],
    });
    ask_cancel(&mut world, "c1");
    world.feed(Event::Restarted);
    assert_eq!(fold(&world.history), world.state);
    let text =
        serde_json::to_string(&world.history.iter().map(|(event, _)| event).collect::<Vec<_>>()).unwrap();
    let back: Vec<Event> = serde_json::from_str(&text).unwrap();
    assert!(back.iter().eq(world.history.iter().map(|(event, _)| event)));
}

#[test]
fn what_an_abandoned_quote_left_is_taken_back() {
    let mut world = World::quoted(&order("P1", &[1000]));
    assert!(matches!(crate::plan(&world.state), crate::Due::WakeAt(_)));
    world.pass(7199);
    assert_eq!(sent(&world.feed(Event::Woken)), []);
    world.pass(1);
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::WithdrawLines]);
    assert_eq!(
        sent(&world.answer(Reply::LinesWithdrawn)),
        [Transaction::WithdrawVisit]
    );
    world.answer(Reply::VisitWithdrawn);
    assert_eq!(
        (world.state.name(), crate::plan(&world.state)),
        ("drafted", crate::Due::Nothing)
    );
    assert_eq!(
        sent(&world.ask_quote("q2", &order("P1", &[1000]))),
        [Transaction::Register]
    );
}

#[test]
fn what_cannot_be_taken_back_is_left_to_a_person() {
    let mut world = World::quoted(&order("P1", &[1000]));
    for _ in 0..5 {
        world.pass(7200);
        world.feed(Event::Woken);
        lose(&mut world);
    }
    assert!(world.state.case().unwrap().has_leftover());
    assert_eq!(crate::plan(&world.state), crate::Due::Nothing);
    world.ask_quote("q2", &order("P1", &[1000]));
    assert!(
        !world.state.case().unwrap().has_leftover(),
        "the desk took the bill up again"
    );
}
