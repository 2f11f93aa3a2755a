//! A lost sign-in: the refused call did nothing and goes out once more, under a new one; a lost answer never does.

use zhijie_model::{Reply, SettlementId, Transaction};

use crate::kit::{World, order, refund, refused, request, settlement};
use crate::kit_story::{lose, sent, told};
use crate::{Answer, Cause, Effect, Event, NotSent, Order, Silence, State, Step, fold};

fn bill() -> Order {
    order("P1", &[1000, 234])
}

fn unsigned() -> Reply {
    let Reply::Refused { mut refusal } = refused() else {
        panic!("a refusal")
    };
    refusal.sign_in_lost = true;
    Reply::Refused { refusal }
}

fn settling(bill: &Order) -> World {
    let mut world = World::quoted(bill);
    assert_eq!(sent(&world.ask_settle("s1")), [Transaction::Settle]);
    world
}

fn waits(world: &World, step: &Step) {
    assert_eq!(world.state.name(), "renewing");
    assert_eq!(
        step.effects,
        [Effect::WakeAt(world.now)],
        "nothing is told, nothing is sent"
    );
    assert_eq!(world.state.open_message(), None);
    assert!(world.state.is_locked());
}

fn refused_for_good(step: &Step) -> bool {
    matches!(told(step).as_slice(), [Answer::NotDone(Cause::Refused { refusal, .. })] if refusal.sign_in_lost)
}

#[test]
fn a_settlement_is_repeated_once_under_a_new_message() {
    let mut world = settling(&bill());
    let first = world.state.open_message().cloned();
    let step = world.answer(unsigned());
    waits(&world, &step);
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::Settle]);
    let second = world.state.open_message().cloned();
    assert!(second.is_some() && second != first);
    let step = world.answer(settlement_of(&world));
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
    let State::Settled(settled) = &world.state else {
        panic!("settled")
    };
    assert_eq!(Some(&settled.message_id), second.as_ref());
    assert_eq!(fold(&world.history), world.state);
}

fn settlement_of(world: &World) -> Reply {
    let message = world.state.open_message();
    Reply::Settled {
        settlement: settlement(1234, message),
    }
}

#[test]
fn a_second_refusal_of_the_kind_ends_it() {
    let mut world = settling(&bill());
    world.answer(unsigned());
    world.feed(Event::Woken);
    let step = world.answer(unsigned());
    assert!(refused_for_good(&step), "{step:?}");
    assert_eq!(world.state.name(), "declined");
}

#[test]
fn every_step_and_the_refund_are_repeated_and_each_by_itself() {
    let bill = bill();
    let mut world = World::new();
    world.ask_quote("q1", &bill);
    for reply in [
        Reply::Registered {
            visit_id: zhijie_model::VisitId::new("V1").unwrap(),
        },
        Reply::Described,
        Reply::Uploaded {
            cuts: crate::kit::cuts(&bill),
        },
        crate::kit::trial(1234),
    ] {
        let step = world.answer(unsigned());
        waits(&world, &step);
        assert_eq!(sent(&world.feed(Event::Woken)).len(), 1);
        world.answer(reply);
    }
    world.ask_settle("s1");
    world.answer(settlement_of(&world));
    let id = world.state.settled().unwrap().settlement.id.clone();
    let asked = |settlement: SettlementId| Event::CancelAsked {
        request: request("c1"),
        settlement,
        reason: String::from("r"),
        second_person: None,
    };
    assert_eq!(sent(&world.feed(asked(id))), [Transaction::Cancel]);
    let step = world.answer(unsigned());
    waits(&world, &step);
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::Cancel]);
    let step = world.answer(refund(1234));
    assert!(matches!(told(&step).as_slice(), [Answer::Cancelled(Some(_))]));
}

#[test]
fn a_lost_answer_is_doubt_and_is_never_repeated_before_or_after() {
    let mut world = settling(&bill());
    lose(&mut world);
    assert_eq!(world.state.name(), "in_doubt");
    let mut world = settling(&bill());
    world.answer(unsigned());
    world.feed(Event::Woken);
    let message_id = world.state.open_message().cloned().unwrap();
    world.feed(Event::Lost {
        message_id: message_id.clone(),
        silence: Silence::TimedOut,
    });
    assert_eq!(world.state.doubt().map(|doubt| &doubt.subject), Some(&message_id));
    // What was refused is not in doubt, and what is in doubt is asked about.
    world.pass(900);
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::QuerySettlement]);
}

#[test]
fn without_a_sign_in_nothing_can_be_sent_and_that_is_told() {
    let mut world = settling(&bill());
    world.answer(unsigned());
    world.feed(Event::Woken);
    let message_id = world.state.open_message().cloned().unwrap();
    let reason = NotSent::NoSignIn {
        evidence: String::from("nobody is signed in"),
    };
    let step = world.feed(Event::NotSent { message_id, reason });
    assert!(matches!(
        told(&step).as_slice(),
        [Answer::NotDone(Cause::NotSent {
            reason: NotSent::NoSignIn { .. },
            ..
        })]
    ));
    assert_eq!(world.state.name(), "abandoned");
}

#[test]
fn too_late_or_after_a_restart_the_refusal_stands() {
    type Happens = fn(&mut World) -> Step;
    let table: [(Happens, &str); 3] = [
        (|world| world.feed(Event::Restarted), "a restart"),
        (
            |world| {
                world.pass(121);
                world.feed(Event::Woken)
            },
            "two minutes",
        ),
        (
            |world| {
                world.pass(-1);
                world.feed(Event::Woken)
            },
            "a clock set back",
        ),
    ];
    for (happens, why) in table {
        let mut world = settling(&bill());
        world.answer(unsigned());
        let step = happens(&mut world);
        assert!(refused_for_good(&step), "{why}: {step:?}");
        assert_eq!(world.state.name(), "declined", "{why}");
        assert!(sent(&step).is_empty(), "{why}");
    }
}

#[test]
fn a_quote_that_grew_old_meanwhile_is_not_settled() {
    let mut bill = bill();
    bill.policy.quote_valid_s = 30;
    let mut world = settling(&bill);
    world.answer(unsigned());
    world.pass(31);
    assert!(refused_for_good(&world.feed(Event::Woken)));
}

#[test]
fn the_desk_that_asks_meanwhile_hears_what_it_would_have_heard() {
    let mut world = settling(&bill());
    world.answer(unsigned());
    let step = world.ask_quote("q2", &bill());
    assert!(matches!(told(&step).as_slice(), [Answer::NotDone(Cause::Locked)]));
    assert_eq!(world.state.name(), "renewing");
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::Settle]);
}

#[test]
fn an_order_of_old_and_a_province_without_it_hear_the_first_refusal() {
    let mut old = bill();
    old.policy.repeats_after_sign_in = false;
    let text = serde_json::to_string(&old).unwrap();
    assert!(!text.contains("repeats_after_sign_in"));
    let mut world = settling(&old);
    assert!(refused_for_good(&world.answer(unsigned())));
}
