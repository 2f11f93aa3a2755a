//! Stories of one bill up to its settlement, through doubt and back.

use zhijie_model::{
    Call, CheckStage, Checked, InsuranceType, Private, Reply, Severity, Transaction, Violation, VisitId,
};

use crate::kit::{World, cuts, order, refused, request, row, settlement, trial};
use crate::kit_story::{in_doubt, lose, sent, subject, submitted, told, wake};
use crate::{Answer, Cause, Effect, Event, NotSent, State};

#[test]
fn the_road_to_a_settlement() {
    let mut world = submitted();
    let step = world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
    assert_eq!(world.state.name(), "settled");
}

#[test]
fn a_quote_may_be_asked_again_and_keeps_what_the_centre_holds() {
    let first = order("P1", &[1000]);
    let mut world = World::quoted(&first);
    assert_eq!(sent(&world.ask_quote("q2", &first)), [Transaction::Trial]);
    world.answer(trial(1000));
    let changed = order("P1", &[1000, 500]);
    assert_eq!(
        sent(&world.ask_quote("q3", &changed)),
        [Transaction::WithdrawLines]
    );
    assert_eq!(sent(&world.answer(Reply::LinesWithdrawn)), [Transaction::Upload]);
    assert_eq!(
        sent(&world.answer(Reply::Uploaded { cuts: cuts(&changed) })),
        [Transaction::Trial]
    );
    world.answer(trial(1500));
    assert_eq!(world.state.case().unwrap().progress.cuts.len(), 2);
}

#[test]
fn another_persons_visit_is_taken_back_first() {
    let mut world = World::quoted(&order("P1", &[1000]));
    assert_eq!(
        sent(&world.ask_quote("q2", &order("P2", &[1000]))),
        [Transaction::WithdrawLines]
    );
    assert_eq!(
        sent(&world.answer(Reply::LinesWithdrawn)),
        [Transaction::WithdrawVisit]
    );
    assert_eq!(
        sent(&world.answer(Reply::VisitWithdrawn)),
        [Transaction::Register]
    );
}

#[test]
fn a_visit_is_taken_back_in_the_name_and_insurance_it_was_opened_under() {
    let before = order("P1", &[1000]);
    let mut changed = order("P1", &[1000]);
    changed.payer.insurance = InsuranceType::new("310").unwrap();
    let mut world = World::quoted(&before);
    let step = world.ask_quote("q2", &changed);
    assert_eq!(sent(&step), [Transaction::WithdrawLines]);
    let [Effect::Send(call)] = step.effects.as_slice() else {
        panic!("one call")
    };
    assert_eq!(*call.payer(), before.payer);
}

#[test]
fn a_large_bill_goes_up_in_pieces() {
    let big = order("P1", &[100, 200, 300]);
    let mut world = World::new();
    world.ask_quote("q", &big);
    world.answer(Reply::Registered {
        visit_id: VisitId::new("V1").unwrap(),
    });
    world.answer(Reply::Described);
    let mut lines = cuts(&big);
    let last = lines.split_off(2);
    let step = world.answer(Reply::Uploaded { cuts: lines });
    let [Effect::Send(call)] = step.effects.as_slice() else {
        panic!("one call")
    };
    assert!(matches!(**call, Call::Upload { first: 2, .. }));
    assert_eq!(
        sent(&world.answer(Reply::Uploaded { cuts: last })),
        [Transaction::Trial]
    );
}

#[test]
fn an_upload_that_was_lost_is_withdrawn_before_it_is_repeated() {
    let bill = order("P1", &[1000]);
    let mut world = World::new();
    world.ask_quote("q1", &bill);
    world.answer(Reply::Registered {
        visit_id: VisitId::new("V1").unwrap(),
    });
    world.answer(Reply::Described);
    let step = lose(&mut world);
    assert!(matches!(
        told(&step).as_slice(),
        [Answer::NotDone(Cause::StepLost { .. })]
    ));
    assert_eq!(sent(&world.ask_quote("q2", &bill)), [Transaction::WithdrawLines]);
    // Where nothing had arrived the withdrawal is refused; uploading is right all the same.
    assert_eq!(sent(&world.answer(refused())), [Transaction::Upload]);
    assert!(matches!(
        told(&world.answer(refused())).as_slice(),
        [Answer::NotDone(Cause::Refused { .. })]
    ));
}

#[test]
fn settling_needs_this_quote_fresh_with_these_amounts() {
    let bill = order("P1", &[1000]);
    let ask = |change: fn(&mut Event), pass: i64| {
        let mut world = World::quoted(&bill);
        let State::Quoted(quoted) = &world.state else {
            panic!("not quoted")
        };
        let split = &quoted.quote.trial.split;
        let mut event = Event::SettleAsked {
            request: request("s"),
            quote: quoted.quote.id.clone(),
            total: split.total(),
            cash: split.cash(),
            invoice: None,
            overruled: None,
            later: None,
        };
        change(&mut event);
        world.pass(pass);
        let step = world.feed(event);
        assert_eq!(world.state.name(), "quoted");
        assert_eq!(sent(&step), []);
        match told(&step).as_slice() {
            [Answer::NotDone(cause)] => (*cause).clone(),
            other => panic!("{other:?}"),
        }
    };
    let other_cash: fn(&mut Event) = |event| {
        if let Event::SettleAsked { cash, .. } = event {
            *cash = crate::kit::fen(1);
        }
    };
    let other_quote: fn(&mut Event) = |event| {
        if let Event::SettleAsked { quote, .. } = event {
            *quote = crate::kit::message(9999);
        }
    };
    assert!(matches!(ask(other_cash, 0), Cause::AmountsDiffer { .. }));
    assert_eq!(ask(other_quote, 0), Cause::OtherQuote);
    assert_eq!(ask(|_| {}, 601), Cause::QuoteStale);
}

#[test]
fn broken_rules_are_settled_with_a_reason_or_not_at_all() {
    use Severity::{Asks, Forbids, Tells};
    let table: [(&[Severity], Option<&str>, Option<&str>); 8] = [
        (&[], None, None),
        (&[Tells], None, None),
        (&[Tells, Asks], None, Some("not_overruled")),
        (&[Asks], Some(" "), Some("not_overruled")),
        (&[Asks, Tells], Some("病情需要"), None),
        (&[Forbids], None, Some("forbidden")),
        (&[Forbids, Asks], Some("病情需要"), Some("forbidden")),
        (&[Tells], Some("不需要"), None),
    ];
    for (severities, reason, refused) in table {
        let mut bill = order("P1", &[1000]);
        bill.checked = Some(Checked {
            stage: CheckStage::During,
            message_id: Some(crate::kit::message(77)),
            violations: severities.iter().map(|severity| violation(*severity)).collect(),
        });
        let mut world = World::quoted(&bill);
        let State::Quoted(quoted) = &world.state else {
            panic!("not quoted")
        };
        let split = &quoted.quote.trial.split;
        let event = Event::SettleAsked {
            request: request("s"),
            quote: quoted.quote.id.clone(),
            total: split.total(),
            cash: split.cash(),
            invoice: None,
            overruled: reason.map(String::from),
            later: None,
        };
        let step = world.feed(event);
        let cause = match told(&step).as_slice() {
            [Answer::NotDone(cause)] => Some(serde_json::to_value(cause).unwrap()["cause"].clone()),
            _ => None,
        };
        assert_eq!(
            cause.as_ref().and_then(|cause| cause.as_str()),
            refused,
            "{severities:?}"
        );
        assert_eq!(sent(&step).is_empty(), refused.is_some(), "{severities:?}");
    }
}

fn violation(severity: Severity) -> Violation {
    Violation {
        id: String::from("J1"),
        rule: String::from("R1"),
        rule_name: None,
        text: Private::new("超量"),
        severity,
        code: None,
        amount: None,
        basis: None,
        lines: Vec::new(),
    }
}

#[test]
fn ten_clicks_are_one_attempt() {
    let mut world = submitted();
    let State::Submitted(open) = world.state.clone() else {
        panic!("not submitted")
    };
    for n in 0..10 {
        let event = Event::SettleAsked {
            request: request(&format!("again{n}")),
            quote: open.quote.id.clone(),
            total: crate::kit::fen(1234),
            cash: crate::kit::fen(617),
            invoice: None,
            overruled: None,
            later: None,
        };
        let step = world.feed(event);
        assert_eq!(sent(&step), []);
        assert!(matches!(told(&step).as_slice(), [Answer::NotKnown { .. }]));
    }
    let step = world.answer(Reply::Settled {
        settlement: settlement(1234, None),
    });
    assert_eq!(told(&step).len(), 1);
}

#[test]
fn doubt_ends_when_the_query_finds_our_message() {
    let mut world = in_doubt();
    assert_eq!(sent(&wake(&mut world)), [Transaction::QuerySettlement]);
    let ours = subject(&world);
    let step = world.answer(Reply::Queried {
        rows: vec![row(1234, &ours, false)],
    });
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
}

#[test]
fn a_foreign_row_goes_to_a_person() {
    let mut world = in_doubt();
    wake(&mut world);
    let mut unnamed = row(1234, &crate::kit::message(1), false);
    unnamed.settlement.message_id = None;
    world.answer(Reply::Queried { rows: vec![unnamed] });
    assert_eq!(world.state.name(), "needs_clerk");
}

#[test]
fn not_found_is_not_proof_and_a_reversal_is_tried() {
    let mut world = in_doubt();
    wake(&mut world);
    assert_eq!(
        sent(&world.answer(Reply::Queried { rows: Vec::new() })),
        [Transaction::Reverse]
    );
    let step = world.answer(Reply::Reversed);
    assert!(
        told(&step).is_empty(),
        "without a tombstone only a later query proves it"
    );
    for _ in 0..2 {
        wake(&mut world);
        assert!(
            told(&world.answer(Reply::Queried { rows: Vec::new() })).is_empty(),
            "it may still come"
        );
    }
    wake(&mut world);
    let step = world.answer(Reply::Queried { rows: Vec::new() });
    assert_eq!(told(&step), [&Answer::NotDone(Cause::Reversed)]);
}

#[test]
fn where_a_reversal_is_a_tombstone_it_ends_the_doubt() {
    let mut bill = order("P1", &[1000]);
    bill.policy.reversal_is_tombstone = true;
    let mut world = World::quoted(&bill);
    world.ask_settle("s");
    lose(&mut world);
    wake(&mut world);
    world.answer(Reply::Queried { rows: Vec::new() });
    assert_eq!(
        told(&world.answer(Reply::Reversed)),
        [&Answer::NotDone(Cause::Reversed)]
    );
}

#[test]
fn a_refused_reversal_and_two_queries_far_apart_prove_that_nothing_was_done() {
    let mut world = in_doubt();
    world.pass(6);
    world.feed(Event::Woken);
    world.answer(Reply::Queried { rows: Vec::new() });
    world.answer(refused());
    assert_eq!(world.state.name(), "in_doubt");
    for _ in 0..2 {
        wake(&mut world);
        assert!(
            told(&world.answer(Reply::Queried { rows: Vec::new() })).is_empty(),
            "too soon to be a proof"
        );
    }
    wake(&mut world);
    let step = world.answer(Reply::Queried { rows: Vec::new() });
    assert_eq!(told(&step), [&Answer::NotDone(Cause::NeverExecuted)]);
}

#[test]
fn a_clock_that_jumps_ahead_proves_nothing() {
    let mut world = in_doubt();
    world.pass(6);
    world.feed(Event::Woken);
    world.answer(Reply::Queried { rows: Vec::new() });
    world.answer(refused());
    // Ten minutes by the wall clock, but no more was planned to pass than the next question waits for.
    world.pass(600);
    world.feed(Event::Woken);
    assert!(told(&world.answer(Reply::Queried { rows: Vec::new() })).is_empty());
    assert_eq!(world.state.doubt().unwrap().age_s, 25);
}

#[test]
fn where_queries_miss_visitors_absence_never_ends_the_doubt() {
    let mut bill = order("P1", &[1000]);
    bill.policy.query_may_miss_visitors = true;
    let mut world = World::quoted(&bill);
    world.ask_settle("s");
    lose(&mut world);
    wake(&mut world);
    world.answer(Reply::Queried { rows: Vec::new() });
    world.answer(refused());
    for _ in 0..200 {
        wake(&mut world);
        if world.state.name() == "needs_clerk" {
            break;
        }
        let step = world.answer(Reply::Queried { rows: Vec::new() });
        assert!(told(&step).is_empty());
    }
    assert_eq!(world.state.name(), "needs_clerk");
}

#[test]
fn a_late_execution_after_a_confirmed_reversal_is_the_truth() {
    let mut world = in_doubt();
    let ours = subject(&world);
    wake(&mut world);
    world.answer(Reply::Queried { rows: Vec::new() });
    world.answer(Reply::Reversed);
    wake(&mut world);
    let step = world.answer(Reply::Queried {
        rows: vec![row(1234, &ours, false)],
    });
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
}

#[test]
fn what_never_left_may_be_quoted_again() {
    let mut world = submitted();
    let message_id = world.state.open_message().cloned().unwrap();
    let reason = NotSent::Unreachable {
        evidence: String::from("refused"),
    };
    let step = world.feed(Event::NotSent { message_id, reason });
    assert!(matches!(
        told(&step).as_slice(),
        [Answer::NotDone(Cause::NotSent { .. })]
    ));
    assert_eq!(
        sent(&world.ask_quote("q2", &order("P1", &[1000, 234]))),
        [Transaction::Trial]
    );
}

#[test]
fn a_restart_makes_doubt_of_what_was_open_and_asks_at_once() {
    let mut world = submitted();
    let step = world.feed(Event::Restarted);
    assert_eq!(world.state.name(), "in_doubt");
    assert!(step.effects.contains(&Effect::WakeAt(world.now)));
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::QuerySettlement]);
}

#[test]
fn a_lost_sign_in_says_nothing_about_the_settlement() {
    let unsigned = || {
        let Reply::Refused { mut refusal } = refused() else {
            panic!("a refusal")
        };
        refusal.sign_in_lost = true;
        Reply::Refused { refusal }
    };
    let mut world = in_doubt();
    wake(&mut world);
    let step = world.answer(unsigned());
    assert!(
        step.effects.contains(&Effect::WakeAt(world.now)),
        "asked again at once, under a new sign-in"
    );
    assert_eq!(sent(&world.feed(Event::Woken)), [Transaction::QuerySettlement]);
    world.answer(Reply::Queried { rows: Vec::new() });
    world.answer(unsigned());
    assert_eq!(world.state.doubt().unwrap().fence, crate::Fence::NotTried);
    for _ in 0..10 {
        if world.state.open_message().is_some() {
            world.answer(unsigned());
        }
        world.feed(Event::Woken);
    }
    assert!(
        world.state.doubt().unwrap().next_at > world.now,
        "not for ever at once"
    );
}

#[test]
fn a_reversal_under_way_may_still_undo_what_stands() {
    let mut world = in_doubt();
    let ours = subject(&world);
    wake(&mut world);
    assert_eq!(
        sent(&world.answer(Reply::Queried { rows: Vec::new() })),
        [Transaction::Reverse]
    );
    lose(&mut world);
    // The settlement came late after all; the lost reversal may come late too.
    for _ in 0..2 {
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
    assert!(matches!(told(&step).as_slice(), [Answer::Settled(_)]));
}
