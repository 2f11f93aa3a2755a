//! The pharmacy's road through the one saga: two calls to a settlement, and a search where an outpatient bill asks.

use zhijie_model::{Call, Reply, Road, SettlementId, Transaction, VisitId};

use crate::kit::{World, cuts, found, order, refund, request, row, settlement, trial};
use crate::kit_story::{lose, sent, subject, told, wake};
use crate::{Answer, Cause, Effect, Event, Fence, Order, State, Step, Verdict, fold};

fn purchase() -> Order {
    Order {
        road: Road::Pharmacy,
        ..order("P1", &[1000, 234])
    }
}

fn quoted() -> World {
    let bill = purchase();
    let mut world = World::new();
    assert_eq!(sent(&world.ask_quote("q1", &bill)), [Transaction::TryPurchase]);
    let mut reply = trial(1234);
    if let Reply::Tried { trial } = &mut reply {
        trial.cuts = cuts(&bill);
    }
    world.answer(reply);
    world
}

fn in_doubt() -> World {
    let mut world = quoted();
    assert_eq!(sent(&world.ask_settle("s1")), [Transaction::Purchase]);
    let step = lose(&mut world);
    assert!(matches!(
        told(&step).as_slice(),
        [Answer::NotKnown {
            cause: Cause::AnswerLost {
                transaction: Transaction::Purchase,
                ..
            },
            ..
        }]
    ));
    world
}

fn asked_about(step: &Step) -> Option<&str> {
    step.effects.iter().find_map(|effect| {
        if let Effect::Send(call) = effect
            && let Call::QuerySettlement { visit_id, .. } = &**call
        {
            return Some(visit_id.as_str());
        }
        None
    })
}

fn nothing() -> Reply {
    Reply::Queried { rows: Vec::new() }
}

#[test]
fn a_purchase_is_two_calls() {
    let mut world = quoted();
    let State::Quoted(quote) = &world.state else {
        panic!("not quoted")
    };
    assert_eq!(quote.case.progress.cuts.len(), 2);
    world.ask_settle("s1");
    let step = world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
    assert_eq!(fold(&world.history), world.state);
}

#[test]
fn a_lost_purchase_is_searched_among_the_person_s_visits() {
    let mut world = in_doubt();
    let ours = subject(&world);
    let step = wake(&mut world);
    assert_eq!(sent(&step), [Transaction::QueryVisit]);
    let step = world.answer(found(&["V1", "V2", "V1"]));
    assert_eq!(asked_about(&step), Some("V1"));
    let other = crate::kit::message(77);
    let step = world.answer(Reply::Queried {
        rows: vec![row(1234, &other, false)],
    });
    assert_eq!(asked_about(&step), Some("V2"));
    let mut mine = row(1234, &ours, false);
    mine.settlement.visit_id = VisitId::new("V2").unwrap();
    let step = world.answer(Reply::Queried { rows: vec![mine] });
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
    let settled = world.state.settled().unwrap();
    assert_eq!(settled.settlement.visit_id.as_str(), "V2");
    assert_eq!(fold(&world.history), world.state);
}

#[test]
fn the_visit_that_began_with_ours_is_asked_about_first() {
    let mut world = in_doubt();
    wake(&mut world);
    let Reply::VisitsFound { mut visits } = found(&["V1", "V2"]) else {
        panic!("no visits")
    };
    visits[1].began = Some(zhijie_model::beijing(purchase().visit.began));
    let step = world.answer(Reply::VisitsFound { visits });
    assert_eq!(asked_about(&step), Some("V2"));
}

#[test]
fn a_purchase_found_nowhere_is_reversed_by_its_own_number() {
    let mut world = in_doubt();
    let ours = subject(&world);
    wake(&mut world);
    world.answer(found(&["V1"]));
    let step = world.answer(nothing());
    let [Effect::Send(call)] = step.effects.as_slice() else {
        panic!("{:?}", step.effects)
    };
    assert!(
        matches!(&**call, Call::Reverse { target, transaction: Transaction::Purchase, .. } if *target == ours)
    );
    world.answer(Reply::Reversed);
    let mut heard = Vec::new();
    while heard.is_empty() {
        assert_eq!(sent(&wake(&mut world)), [Transaction::QueryVisit]);
        let step = world.answer(found(&[]));
        heard = told(&step).into_iter().cloned().collect();
    }
    assert_eq!(heard, [Answer::NotDone(Cause::Reversed)]);
    assert!(world.state.doubt().is_none());
}

#[test]
fn another_purchase_without_a_name_is_not_ours_unless_the_total_is() {
    for (total, stops) in [(1234, true), (1235, false)] {
        let mut world = in_doubt();
        wake(&mut world);
        world.answer(found(&["V1"]));
        let mut unnamed = row(total, &subject(&world), false);
        unnamed.settlement.message_id = None;
        world.answer(Reply::Queried { rows: vec![unnamed] });
        assert_eq!(matches!(world.state, State::NeedsClerk(_)), stops, "{total}");
    }
}

#[test]
fn a_crowd_of_visits_proves_nothing() {
    let mut world = in_doubt();
    let names: Vec<String> = (0..25).map(|n| format!("V{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    wake(&mut world);
    world.answer(found(&names));
    for _ in 0..20 {
        world.answer(nothing());
    }
    let State::InDoubt(doubt) = &world.state else {
        panic!("{}", world.state.name())
    };
    assert!(doubt.query.is_none() && doubt.doubt.fence == Fence::NotTried);
}

#[test]
fn a_search_that_is_cut_off_begins_anew() {
    let mut world = in_doubt();
    wake(&mut world);
    world.answer(found(&["V1", "V2"]));
    lose(&mut world);
    assert_eq!(sent(&wake(&mut world)), [Transaction::QueryVisit]);
    world.answer(found(&["V1"]));
    world.feed(Event::Restarted);
    assert_eq!(sent(&wake(&mut world)), [Transaction::QueryVisit]);
}

#[test]
fn a_lost_refund_of_a_purchase_is_only_asked_about() {
    let mut world = quoted();
    world.ask_settle("s1");
    let made = settlement(1234, None);
    world.answer(Reply::Settled {
        settlement: made.clone(),
    });
    let step = world.feed(Event::CancelAsked {
        request: request("c1"),
        settlement: made.id.clone(),
        reason: String::from("r"),
        second_person: None,
    });
    assert_eq!(sent(&step), [Transaction::CancelPurchase]);
    lose(&mut world);
    let by = subject(&world);
    for _ in 0..3 {
        let step = wake(&mut world);
        assert_eq!(
            (sent(&step), asked_about(&step)),
            (vec![Transaction::QuerySettlement], Some("V1"))
        );
        world.answer(nothing());
    }
    wake(&mut world);
    let step = world.answer(Reply::Queried {
        rows: vec![row(1234, &by, true)],
    });
    assert!(matches!(told(&step).as_slice(), [Answer::Cancelled(None)]));
}

#[test]
fn a_refund_of_a_purchase_is_a_refund() {
    let mut world = quoted();
    world.ask_settle("s1");
    world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    world.feed(Event::CancelAsked {
        request: request("c1"),
        settlement: SettlementId::new("S1").unwrap(),
        reason: String::from("r"),
        second_person: None,
    });
    let step = world.answer(refund(1234));
    assert!(matches!(told(&step).as_slice(), [Answer::Cancelled(Some(_))]));
}

#[test]
fn a_person_s_word_that_a_purchase_stands_names_its_visit() {
    for (visit, settles) in [(None, false), (Some(VisitId::new("V9").unwrap()), true)] {
        let mut world = in_doubt();
        world.pass(90_000);
        world.feed(Event::Woken);
        lose(&mut world);
        assert!(matches!(world.state, State::NeedsClerk(_)));
        world.feed(Event::Resolved {
            request: request("w1"),
            verdict: Verdict::Stands {
                settlement: SettlementId::new("S9").unwrap(),
                visit,
            },
            person: String::from("0007"),
            reason: String::from("r"),
        });
        assert_eq!(matches!(world.state, State::Settled(_)), settles);
    }
}

#[test]
fn an_order_of_old_is_an_outpatient_s() {
    let old = serde_json::to_value(order("P1", &[1])).unwrap();
    assert!(old.get("road").is_none());
    let read: Order = serde_json::from_value(old).unwrap();
    assert_eq!(read.road, Road::Outpatient);
    let bought = serde_json::to_value(purchase()).unwrap();
    assert_eq!(bought["road"], "pharmacy");
}

#[test]
fn a_second_batch_joins_the_visit_of_the_first() {
    let first = World::quoted(&order("P1", &[1000]));
    let opened = first.state.case().unwrap().progress.registered.clone();
    let second = Order {
        opened,
        ..order("P1", &[1000, 234])
    };
    let mut world = World::new();
    assert_eq!(sent(&world.ask_quote("q1", &second)), [Transaction::Upload]);
    world.answer(Reply::Uploaded { cuts: cuts(&second) });
    world.answer(trial(1234));
    assert_eq!(world.state.name(), "quoted");
    // Its lines are taken back when nobody settles it; the visit is not its own and stays.
    world.pass(10_000);
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::WithdrawLines]);
    let step = world.answer(Reply::LinesWithdrawn);
    assert_eq!((sent(&step), world.state.name()), (Vec::new(), "drafted"));
    assert_eq!(fold(&world.history), world.state);
    // Of another person it is opened anew.
    let other = Order {
        payer: order("P2", &[1]).payer,
        ..second
    };
    assert_eq!(
        sent(&World::new().ask_quote("q1", &other)),
        [Transaction::Register]
    );
}

/// A bill of one call whose answer was lost, where a reversal of it is known or not.
fn slip_in_doubt(irreversible: bool) -> World {
    let mut bill = Order {
        road: Road::Slip,
        ..order("P1", &[1000, 234])
    };
    bill.policy.irreversible = irreversible;
    let mut world = World::new();
    assert_eq!(sent(&world.ask_quote("q1", &bill)), [Transaction::TrySlip]);
    world.answer(trial(1234));
    assert_eq!(sent(&world.ask_settle("s1")), [Transaction::SettleSlip]);
    lose(&mut world);
    world
}

#[test]
fn a_slip_is_reversed_only_where_that_is_known_to_work() {
    let mut world = slip_in_doubt(false);
    wake(&mut world);
    let step = world.answer(found(&[]));
    assert_eq!(sent(&step), [Transaction::Reverse]);

    let mut world = slip_in_doubt(true);
    let mut asked = 0;
    while !matches!(world.state, State::NeedsClerk(_)) {
        assert_eq!(sent(&wake(&mut world)), [Transaction::QueryVisit]);
        let step = world.answer(found(&[]));
        assert!(sent(&step).is_empty() && told(&step).is_empty(), "{step:?}");
        asked += 1;
        assert!(asked < 1000);
    }
    assert!(asked > 1);
    assert_eq!(fold(&world.history), world.state);
}

#[test]
fn a_lost_slip_is_found_by_its_message() {
    for irreversible in [false, true] {
        let mut world = slip_in_doubt(irreversible);
        let ours = subject(&world);
        wake(&mut world);
        world.answer(found(&["V1"]));
        let step = world.answer(Reply::Queried {
            rows: vec![row(1234, &ours, false)],
        });
        assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
        let step = world.feed(Event::CancelAsked {
            request: request("c1"),
            settlement: world.state.settled().unwrap().settlement.id.clone(),
            reason: String::from("r"),
            second_person: None,
        });
        assert_eq!(sent(&step), [Transaction::CancelSlip]);
    }
}

#[test]
fn an_order_of_old_may_be_reversed() {
    let old = serde_json::to_value(order("P1", &[1])).unwrap();
    assert!(old["policy"].get("irreversible").is_none());
    let read: Order = serde_json::from_value(old).unwrap();
    assert!(!read.policy.irreversible);
}
