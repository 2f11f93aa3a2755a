//! Stories of doubts that the day's statement ends, and of those it must not.

use zhijie_model::{MessageId, Reply, RequestId, SettlementId, StatedTotals, Transaction, VisitId};

use crate::kit::{World, fen, order, refund, refused, request, row, settlement};
use crate::kit_story::{in_doubt, lose, sent, submitted, told, wake};
use crate::{Answer, Cause, ClerkReason, Event, Listed, Silence, State, Stated, Step, Verdict, fold};

fn statement(n: u64) -> MessageId {
    MessageId::new(format!("S{n:04}")).unwrap()
}

fn listed(refunded: bool, total: i64) -> Stated {
    let totals = StatedTotals {
        total: fen(total),
        funds: fen(total / 2),
        account: fen(0),
    };
    Stated::Listed(Box::new(Listed {
        settlement: Some(SettlementId::new("S1").unwrap()),
        visit: Some(VisitId::new("V1").unwrap()),
        refunded,
        totals: Some(totals),
    }))
}

const MISSING: Stated = Stated::Unlisted { complete: true };

fn ask(world: &mut World, n: u64) {
    let step = world.feed(Event::StatementAsked {
        statement: statement(n),
    });
    assert_eq!(step.effects, []);
}

fn tell(world: &mut World, n: u64, behind_s: u32, stated: Stated) -> Step {
    world.feed(Event::StatementTold {
        statement: statement(n),
        behind_s,
        stated,
    })
}

/// A whole statement, so many seconds of a clock nobody can set later.
fn state(world: &mut World, n: u64, later_s: u64, stated: Stated) -> Step {
    let uptime_s = world.uptime_s.unwrap_or_default();
    world.uptime_s = Some(uptime_s + later_s);
    ask(world, n);
    tell(world, n, 0, stated)
}

/// In doubt, nothing found, the reversal answered so.
fn after_reversal(reply: Reply) -> World {
    let mut world = in_doubt();
    world.uptime_s = Some(1000);
    wake(&mut world);
    let step = world.answer(Reply::Queried { rows: Vec::new() });
    assert_eq!(sent(&step), [Transaction::Reverse]);
    world.answer(reply);
    assert_eq!(world.state.name(), "in_doubt");
    world
}

fn settled() -> World {
    let mut world = submitted();
    world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    world
}

fn refund_in_doubt() -> World {
    let mut world = settled();
    world.feed(Event::CancelAsked {
        request: request("c1"),
        settlement: SettlementId::new("S1").unwrap(),
        reason: String::from("r"),
        second_person: None,
    });
    lose(&mut world);
    world.uptime_s = Some(1000);
    world
}

/// The same bill, left to a person.
fn at_a_person(mut world: World) -> World {
    for _ in 0..200 {
        if world.state.name() == "needs_clerk" {
            return world;
        }
        world.uptime_s = world.uptime_s.map(|uptime_s| uptime_s + 1000);
        wake(&mut world);
        let open = world.state.open_message().cloned().unwrap();
        world.feed(Event::Lost {
            message_id: open,
            silence: Silence::TimedOut,
        });
    }
    panic!("nobody was called")
}

#[test]
fn what_is_listed_with_the_quote_s_amounts_stands() {
    let mut worlds = vec![in_doubt(), after_reversal(refused())];
    worlds.push(at_a_person(after_reversal(refused())));
    for mut world in worlds {
        let subject = world.state.doubt().unwrap().subject.clone();
        let step = state(&mut world, 1, 0, listed(false, 1234));
        assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]), "{step:?}");
        let settled = world.state.settled().unwrap();
        assert_eq!(settled.message_id, subject);
        assert_eq!(settled.settlement.split.total(), fen(1234));
        assert_eq!(fold(&world.history), world.state);
    }
}

#[test]
fn what_is_listed_with_other_amounts_waits_for_a_person_who_may_decide() {
    let mut bare = listed(false, 1234);
    if let Stated::Listed(listed) = &mut bare {
        listed.totals = None;
    }
    let mut elsewhere = listed(false, 1234);
    if let Stated::Listed(listed) = &mut elsewhere {
        listed.visit = Some(VisitId::new("V2").unwrap());
    }
    for stated in [listed(false, 1235), bare, elsewhere] {
        let mut world = after_reversal(refused());
        let step = state(&mut world, 1, 0, stated.clone());
        assert!(told(&step).is_empty());
        let State::NeedsClerk(clerk) = &world.state else {
            panic!("{stated:?}")
        };
        let reason = ClerkReason::ListedOtherwise {
            settlement: Some(SettlementId::new("S1").unwrap()),
        };
        assert_eq!(clerk.reason, reason);
        // Told again it is no news, and that it is missing now counts for nothing.
        ask(&mut world, 2);
        let before = world.state.clone();
        tell(&mut world, 2, 0, stated);
        assert_eq!(world.state, before);
        assert!(told(&state(&mut world, 3, 9_000, MISSING)).is_empty());
        assert_eq!(world.state.name(), "needs_clerk");
        let step = world.feed(Event::Resolved {
            request: request("w"),
            verdict: Verdict::DoesNotStand,
            person: String::from("0008"),
            reason: String::from("r"),
        });
        assert_eq!(told(&step).len(), 2);
    }
}

#[test]
fn a_reversal_that_may_still_come_keeps_what_is_listed_open() {
    let lost = |world: &mut World| {
        let open = world.state.open_message().cloned().unwrap();
        world.feed(Event::Lost {
            message_id: open,
            silence: Silence::TimedOut,
        });
    };
    let mut world = in_doubt();
    world.uptime_s = Some(1000);
    wake(&mut world);
    world.answer(Reply::Queried { rows: Vec::new() });
    lost(&mut world);
    for (n, later_s, ends) in [(1, 0, false), (2, 119, false), (3, 1, true)] {
        let step = state(&mut world, n, later_s, listed(false, 1234));
        assert_eq!(!told(&step).is_empty(), ends, "{n}");
    }
    // One that was taken may not show in a statement that is behind.
    let mut world = after_reversal(Reply::Reversed);
    ask(&mut world, 1);
    assert!(told(&tell(&mut world, 1, 60, listed(false, 1234))).is_empty());
    world.uptime_s = Some(1061);
    ask(&mut world, 2);
    assert!(!told(&tell(&mut world, 2, 60, listed(false, 1234))).is_empty());
}

#[test]
fn what_is_missing_counts_by_the_fence_and_only_beyond_the_horizon() {
    let never = Answer::NotDone(Cause::NeverExecuted);
    let undone = Answer::NotDone(Cause::Reversed);
    let table: [(Reply, Option<&Answer>); 2] = [(refused(), Some(&never)), (Reply::Reversed, Some(&undone))];
    for (reply, expected) in table {
        for clerk in [false, true] {
            let mut world = after_reversal(reply.clone());
            if clerk {
                world = at_a_person(world);
            }
            let old = if clerk { expected } else { None };
            let step = state(&mut world, 1, 0, Stated::Unlisted { complete: false });
            assert!(told(&step).is_empty());
            // At a person the doubt is old enough by the questions that were asked; behind the books by a day it is not.
            ask(&mut world, 2);
            let step = tell(&mut world, 2, 900_000, MISSING);
            assert!(told(&step).is_empty());
            ask(&mut world, 3);
            let step = tell(&mut world, 3, 0, MISSING);
            assert_eq!(told(&step).first().copied(), old, "{reply:?} {clerk}");
            if !clerk {
                // Five seconds old at the first question; a refusal counts from there.
                let short_s = if reply == Reply::Reversed { 114 } else { 119 };
                let step = state(&mut world, 4, short_s, MISSING);
                assert!(told(&step).is_empty(), "{reply:?}");
                let step = state(&mut world, 5, 1, MISSING);
                assert_eq!(told(&step).first().copied(), expected, "{reply:?}");
            }
        }
    }
    // Before any reversal, and while the answer to one is lost, it says nothing.
    let mut world = in_doubt();
    world.uptime_s = Some(0);
    for n in 1..4 {
        assert!(told(&state(&mut world, n, 10_000, MISSING)).is_empty());
    }
    wake(&mut world);
    world.answer(Reply::Queried { rows: Vec::new() });
    lose(&mut world);
    for n in 4..8 {
        assert!(told(&state(&mut world, n, 10_000, MISSING)).is_empty());
    }
}

#[test]
fn a_refunded_row_ends_the_doubt() {
    for mut world in [after_reversal(refused()), at_a_person(after_reversal(refused()))] {
        let step = state(&mut world, 1, 0, listed(true, 1234));
        assert_eq!(told(&step), [&Answer::NotDone(Cause::Reversed)]);
    }
}

#[test]
fn a_refund_is_told_by_its_own_row_and_by_its_absence() {
    for clerk in [false, true] {
        let world = || {
            let world = refund_in_doubt();
            if clerk { at_a_person(world) } else { world }
        };
        let mut made = world();
        let step = state(&mut made, 1, 0, listed(true, -1234));
        assert_eq!(told(&step), [&Answer::Cancelled(None)]);
        // A row of the refund's message that is none.
        let mut odd = world();
        assert!(told(&state(&mut odd, 1, 0, listed(false, 1234))).is_empty());
        let mut unmade = world();
        assert!(told(&state(&mut unmade, 1, 0, Stated::Unlisted { complete: false })).is_empty());
        ask(&mut unmade, 2);
        assert!(told(&tell(&mut unmade, 2, 900_000, MISSING)).is_empty());
        let step = state(&mut unmade, 3, 120, MISSING);
        assert_eq!(told(&step), [&Answer::NotDone(Cause::RefundNeverExecuted)]);
        assert_eq!(unmade.state.name(), "settled");
    }
}

#[test]
fn a_statement_from_before_the_latest_question_counts_for_nothing() {
    let mut world = after_reversal(refused());
    ask(&mut world, 1);
    wake(&mut world);
    // A question is out: neither an old statement nor a new one counts.
    ask(&mut world, 2);
    for n in [1, 2] {
        assert!(told(&tell(&mut world, n, 0, listed(false, 1234))).is_empty());
    }
    world.answer(Reply::Queried { rows: Vec::new() });
    assert!(told(&tell(&mut world, 1, 0, listed(false, 1234))).is_empty());
    assert!(told(&tell(&mut world, 2, 0, listed(false, 1234))).is_empty());
    ask(&mut world, 3);
    assert!(told(&tell(&mut world, 4, 0, listed(false, 1234))).is_empty());
    assert!(!told(&tell(&mut world, 3, 0, listed(false, 1234))).is_empty());
}

#[test]
fn time_is_counted_once_whoever_asks() {
    let mut world = after_reversal(refused());
    let age_s = |world: &World| world.state.doubt().unwrap().age_s;
    let before_s = age_s(&world);
    world.uptime_s = Some(1010);
    ask(&mut world, 1);
    world.uptime_s = Some(1050);
    ask(&mut world, 2);
    assert_eq!(age_s(&world) - before_s, 40, "from the first statement on");
    world.uptime_s = Some(1060);
    wake(&mut world);
    assert_eq!(age_s(&world) - before_s, 50);
    world.answer(Reply::Queried { rows: Vec::new() });
    world.uptime_s = Some(1100);
    ask(&mut world, 3);
    assert_eq!(age_s(&world) - before_s, 90);
    // A clock that starts anew adds nothing it did not see.
    world.uptime_s = Some(5);
    ask(&mut world, 4);
    assert_eq!(age_s(&world) - before_s, 90);
    world.uptime_s = Some(25);
    ask(&mut world, 5);
    assert_eq!(
        age_s(&world) - before_s,
        90,
        "the plan of the run before still stands"
    );
    world.uptime_s = None;
    ask(&mut world, 6);
    assert_eq!(age_s(&world) - before_s, 90);
}

#[test]
fn no_other_state_is_moved_by_a_statement() {
    let quoted = || World::quoted(&order("P1", &[1000, 234]));
    let mut reversing = in_doubt();
    wake(&mut reversing);
    reversing.answer(Reply::Queried { rows: Vec::new() });
    let mut asked = in_doubt();
    wake(&mut asked);
    let mut foreign = in_doubt();
    wake(&mut foreign);
    let mut unnamed = row(1234, &statement(9), false);
    unnamed.settlement.message_id = None;
    foreign.answer(Reply::Queried { rows: vec![unnamed] });
    let mut cancelled = settled();
    cancelled.feed(Event::CancelAsked {
        request: RequestId::new("c").unwrap(),
        settlement: SettlementId::new("S1").unwrap(),
        reason: String::new(),
        second_person: None,
    });
    let cancelling = World {
        state: cancelled.state.clone(),
        history: cancelled.history.clone(),
        ..World::new()
    };
    cancelled.answer(refund(1234));
    let mut preparing = World::new();
    preparing.ask_quote("q", &order("P1", &[1000]));
    let mut declined = submitted();
    declined.answer(refused());
    let worlds = [
        World::new(),
        preparing,
        quoted(),
        submitted(),
        settled(),
        declined,
        reversing,
        asked,
        foreign,
        cancelling,
        cancelled,
    ];
    for mut world in worlds {
        let name = world.state.name();
        let before = world.state.clone();
        for stated in [listed(false, 1234), listed(true, 1234), MISSING] {
            let step = state(&mut world, 1, 90_000, stated);
            assert_eq!(step.effects, [], "{name}");
            assert_eq!(world.state, before, "{name}");
        }
    }
}

/// Where no reversal is known, none is waited for: query and statement agree, and nothing can be executed any more.
#[test]
fn a_bill_nothing_reverses_is_over_when_query_and_statement_agree() {
    let mut bill = order("P1", &[1000, 234]);
    bill.policy.irreversible = true;
    let mut world = World::quoted(&bill);
    world.ask_settle("s1");
    lose(&mut world);
    world.uptime_s = Some(1000);
    let step = state(&mut world, 1, 100_000, MISSING);
    assert!(told(&step).is_empty(), "no query has found it absent: {step:?}");
    wake(&mut world);
    let step = world.answer(Reply::Queried { rows: Vec::new() });
    assert!(sent(&step).is_empty());
    let step = state(&mut world, 2, 0, MISSING);
    assert!(told(&step).is_empty(), "too early: {step:?}");
    let step = state(&mut world, 3, 100_000, MISSING);
    assert_eq!(told(&step), [&Answer::NotDone(Cause::NeverExecuted)]);
}
