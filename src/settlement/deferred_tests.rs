//! A bill that is settled later: the queue walks the same road, and every end is one of those the desk is told.

use jiff::{SignedDuration, Timestamp};
use zhijie_model::{Fen, PlatformWords, Refusal, Reply, Transaction, VisitId};

use crate::kit::{World, cuts, fen, order, refund, refused, request, row, settlement, trial};
use crate::kit_story::{lose, sent, told, wake};
use crate::{
    Answer, Cause, Deferral, DepositRule, Due, Effect, Event, Later, NotSent, Order, Place, Risk, State,
    Terms, Verdict, plan,
};

const DAY_S: i64 = 86_400;

fn terms(deposit: i64) -> Terms {
    Terms {
        deposit: fen(deposit),
        rule: DepositRule::Full,
        estimate: None,
        risk: Risk::Hospital,
        consent: true,
        deadline: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(30 * DAY_S),
        words_zh: String::from("多退少补"),
        words_en: String::from("later"),
    }
}

fn bill() -> Order {
    order("P1", &[1000, 234])
}

fn defer(world: &mut World) -> crate::Step {
    world.feed(Event::DeferAsked {
        request: request("d1"),
        order: Box::new(bill()),
        terms: Box::new(terms(1234)),
    })
}

fn deferred() -> World {
    let mut world = World::new();
    let step = defer(&mut world);
    assert!(matches!(told(&step).as_slice(), [Answer::Deferred(_)]));
    assert_eq!(sent(&step), [], "nothing leaves");
    world
}

fn deferral(world: &World) -> &Deferral {
    world.state.case().unwrap().deferral.as_ref().unwrap()
}

/// The queue takes the bill up and gets as far as the settlement request.
fn submitted() -> World {
    let mut world = deferred();
    replay_until_submitted(&mut world);
    world
}

fn replay_until_submitted(world: &mut World) {
    assert_eq!(sent(&world.feed(Event::ReplayDue)), [Transaction::Register]);
    world.answer(Reply::Registered {
        visit_id: VisitId::new("V1").unwrap(),
    });
    world.answer(Reply::Described);
    world.answer(Reply::Uploaded { cuts: cuts(&bill()) });
    let step = world.answer(trial(1234));
    assert_eq!(
        sent(&step),
        [Transaction::Settle],
        "no one has to accept the quote"
    );
    assert!(told(&step).is_empty());
}

#[test]
fn what_the_queue_settles_leaves_a_difference() {
    let mut world = submitted();
    world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    let settled = world.state.settled().unwrap();
    let back = deferral(&world).to_pay_back(settled.settlement.split.cash());
    assert_eq!(back, fen(617));
    assert_eq!(deferral(&world).to_pay_back(fen(2000)), fen(-766), "collected");
}

/// Settles at the desk with something to fall back on.
fn settle_or_later() -> World {
    let mut world = World::quoted(&bill());
    let State::Quoted(quoted) = &world.state else {
        panic!("not quoted")
    };
    let (quote, split) = (quoted.quote.id.clone(), quoted.quote.trial.split.clone());
    world.feed(Event::SettleAsked {
        request: request("s1"),
        quote,
        total: split.total(),
        cash: split.cash(),
        invoice: None,
        overruled: None,
        later: Some(Box::new(Later {
            terms: terms(1234),
            credential: None,
        })),
    });
    world
}

#[test]
fn only_what_surely_did_not_leave_is_taken_for_later_instead() {
    let mut world = settle_or_later();
    let message_id = world.state.open_message().cloned().unwrap();
    let reason = NotSent::Unreachable {
        evidence: String::new(),
    };
    let step = world.feed(Event::NotSent { message_id, reason });
    assert!(matches!(told(&step).as_slice(), [Answer::Deferred(_)]));
    assert_eq!(world.state.name(), "deferred");
    let mut world = settle_or_later();
    let step = lose(&mut world);
    assert!(matches!(told(&step).as_slice(), [Answer::NotKnown { .. }]));
    assert_eq!(world.state.name(), "in_doubt");
}

#[test]
fn a_person_closes_what_the_queue_cannot_settle_or_sends_it_back() {
    let resolve = |world: &mut World, verdict| {
        world.feed(Event::Resolved {
            request: request("w1"),
            verdict,
            person: String::from("0008"),
            reason: String::from("自费"),
        })
    };
    let mut world = deferred();
    let step = resolve(&mut world, Verdict::DoesNotStand);
    assert_eq!(
        told(&step),
        [&Answer::NotDone(Cause::NothingToResolve)],
        "it waits"
    );
    world.feed(Event::ReplayDue);
    world.answer(refused());
    let step = resolve(&mut world, Verdict::AskAgain);
    assert_eq!(told(&step), [&Answer::Resolved]);
    assert_eq!(deferral(&world).place, Place::Queued);
    world.feed(Event::ReplayDue);
    world.answer(refused());
    let step = resolve(&mut world, Verdict::DoesNotStand);
    assert_eq!(told(&step), [&Answer::Resolved]);
    assert_eq!(deferral(&world).place, Place::Closed);
    assert_eq!(plan(&world.state), Due::Nothing);
}

#[test]
fn an_upgrade_that_begins_under_a_settlement_is_taken_for_later_instead() {
    let mut world = settle_or_later();
    let refusal = Refusal {
        code: String::from("-1"),
        sign_in_lost: false,
        unavailable: true,
        in_hospital: None,
        platform: PlatformWords::default(),
    };
    let step = world.answer(Reply::Refused { refusal });
    assert!(matches!(told(&step).as_slice(), [Answer::Deferred(_)]));
    let mut world = settle_or_later();
    world.answer(refused());
    assert_eq!(world.state.name(), "declined");
}

#[test]
fn a_line_that_stays_down_is_tried_again_ever_more_slowly() {
    let mut world = deferred();
    let mut waits = Vec::new();
    for _ in 0..5 {
        assert_eq!(sent(&world.feed(Event::ReplayDue)), [Transaction::Register]);
        let message_id = world.state.open_message().cloned().unwrap();
        let reason = NotSent::Unreachable {
            evidence: String::new(),
        };
        let step = world.feed(Event::NotSent { message_id, reason });
        assert!(told(&step).is_empty());
        let [Effect::WakeAt(at)] = step.effects.as_slice() else {
            panic!("{step:?}")
        };
        let wait_s = at.as_second() - world.now.as_second();
        assert_eq!(plan(&world.state), Due::WakeAt(*at));
        waits.push(wait_s);
        world.pass(wait_s);
    }
    assert_eq!(waits, [60, 120, 300, 900, 900]);
    assert_eq!(deferral(&world).tries, 5);
}

#[test]
fn a_refusal_goes_to_the_desk_and_an_upgrade_does_not() {
    let mut world = deferred();
    world.feed(Event::ReplayDue);
    let refusal = Refusal {
        code: String::from("-1"),
        sign_in_lost: false,
        unavailable: true,
        in_hospital: None,
        platform: PlatformWords::default(),
    };
    world.answer(Reply::Refused { refusal });
    assert_eq!(deferral(&world).place, Place::Queued);
    world.feed(Event::ReplayDue);
    world.answer(refused());
    assert!(matches!(deferral(&world).place, Place::Refused { .. }));
    assert_eq!(plan(&world.state), Due::Nothing);
    assert_eq!(sent(&world.feed(Event::ReplayDue)), [], "not taken up by itself");
}

#[test]
fn a_settlement_that_is_refused_or_not_sent_goes_back() {
    let mut world = submitted();
    let message_id = world.state.open_message().cloned().unwrap();
    world.feed(Event::NotSent {
        message_id,
        reason: NotSent::CredentialGone,
    });
    assert_eq!(deferral(&world).place, Place::NeedsPatient);
    let mut world = submitted();
    let step = world.answer(refused());
    assert!(told(&step).is_empty());
    assert!(matches!(deferral(&world).place, Place::Refused { .. }));
}

#[test]
fn a_lost_settlement_is_doubted_as_at_the_desk_and_then_tried_again() {
    let mut world = submitted();
    lose(&mut world);
    assert_eq!(world.state.name(), "in_doubt");
    assert_eq!(
        sent(&world.feed(Event::ReplayDue)),
        [],
        "the queue waits for the doubt"
    );
    let mut proved = false;
    for _ in 0..12 {
        wake(&mut world);
        let step = world.answer(Reply::Queried { rows: Vec::new() });
        if sent(&step) == [Transaction::Reverse] {
            world.answer(refused());
        }
        proved = world.state.name() == "deferred";
        if proved {
            break;
        }
    }
    assert!(proved, "{}", world.state.name());
    assert_eq!(deferral(&world).place, Place::Queued);
    assert_eq!(deferral(&world).tries, 1);
}

#[test]
fn a_lost_settlement_that_stands_is_found() {
    let mut world = submitted();
    let ours = world.state.open_message().cloned().unwrap();
    lose(&mut world);
    wake(&mut world);
    world.answer(Reply::Queried {
        rows: vec![row(1234, &ours, false)],
    });
    assert_eq!(world.state.name(), "settled");
}

#[test]
fn a_bill_whose_time_is_over_is_parked_and_not_lost() {
    let mut world = deferred();
    world.pass(31 * DAY_S);
    assert_eq!(sent(&world.feed(Event::ReplayDue)), []);
    assert_eq!(deferral(&world).place, Place::Parked);
    assert_eq!(world.state.name(), "deferred");
}

#[test]
fn a_queued_bill_is_not_settled_twice_at_the_desk() {
    let mut world = deferred();
    let step = world.ask_quote("q1", &bill());
    assert_eq!(told(&step), [&Answer::NotDone(Cause::Deferred)]);
    let step = defer(&mut world);
    assert_eq!(told(&step), [&Answer::NotDone(Cause::Deferred)]);
    let mut world = submitted();
    let step = world.ask_quote("q1", &bill());
    assert_eq!(told(&step), [&Answer::NotDone(Cause::Locked)]);
}

#[test]
fn a_patient_who_comes_back_is_quoted_at_the_desk() {
    let mut world = submitted();
    let message_id = world.state.open_message().cloned().unwrap();
    world.feed(Event::NotSent {
        message_id,
        reason: NotSent::CredentialGone,
    });
    let step = world.ask_quote("q2", &bill());
    assert_eq!(
        sent(&step),
        [Transaction::Trial],
        "what lies at the centre is used"
    );
    let step = world.answer(trial(1234));
    assert!(matches!(told(&step).as_slice(), [Answer::Quoted(_)]));
    assert_eq!(deferral(&world).place, Place::AtTheDesk);
    world.ask_settle("s2");
    let step = world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
    assert_eq!(deferral(&world).to_pay_back(fen(617)), fen(617));
}

#[test]
fn what_the_queue_settled_is_never_refunded_by_itself() {
    let mut patient = bill();
    patient.policy.unconfirmed = crate::Unconfirmed::Cancel;
    let mut world = World::new();
    world.feed(Event::DeferAsked {
        request: request("d1"),
        order: Box::new(patient),
        terms: Box::new(terms(1234)),
    });
    replay_until_submitted(&mut world);
    world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    world.pass(1800);
    assert_eq!(sent(&world.feed(Event::Woken)), []);
    assert!(world.state.settled().unwrap().overdue);
}

#[test]
fn a_settled_or_refunded_bill_is_not_deferred() {
    let mut world = submitted();
    world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    let step = defer(&mut world);
    assert_eq!(told(&step), [&Answer::NotDone(Cause::AlreadySettled)]);
    let settlement = world.state.settled().unwrap().settlement.id.clone();
    world.feed(Event::CancelAsked {
        request: request("c1"),
        settlement,
        reason: String::from("退"),
        second_person: None,
    });
    world.answer(refund(1234));
    let step = defer(&mut world);
    assert_eq!(told(&step), [&Answer::NotDone(Cause::AlreadyCancelled)]);
}

#[test]
fn a_restart_finds_the_queue_as_it_was() {
    let mut world = deferred();
    world.feed(Event::ReplayDue);
    assert_eq!(plan(&world.state), Due::Restart);
    let step = world.feed(Event::Restarted);
    assert!(told(&step).is_empty());
    assert_eq!(deferral(&world).place, Place::Queued);
    assert_eq!(crate::fold(&world.history), world.state);
    let state = serde_json::to_string(&world.state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&state).unwrap(), world.state);
    assert!(Fen::ZERO < deferral(&world).terms.deposit);
}
