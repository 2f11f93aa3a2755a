//! No sequence of events, however mad, settles one bill twice or ends a doubt by a guess.

use proptest::prelude::*;
use zhijie_model::{Call, Reply, Road, StatedTotals, VisitId};

use crate::kit::{World, cuts, found, order, refund, refused, row, settlement, trial};
use crate::{Answer, Effect, Event, Listed, NotSent, Silence, State, Stated, fold};

#[derive(Debug, Clone, Copy)]
enum Move {
    Quote,
    Settle,
    Cancel,
    Proper,
    Refuse,
    Lose,
    NotSent,
    QueryFinds,
    QueryFindsNothing,
    QueryFindsRefunded,
    AskStatement,
    Listed,
    ListedRefunded,
    Unlisted,
    Wrong,
    Pass,
    Wake,
    Restart,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    use Move::*;
    let one = prop_oneof![
        4 => Just(Quote), 6 => Just(Settle), 2 => Just(Cancel), 20 => Just(Proper), 2 => Just(Refuse),
        4 => Just(Lose), 2 => Just(NotSent), 2 => Just(QueryFinds), 4 => Just(QueryFindsNothing),
        1 => Just(QueryFindsRefunded), 3 => Just(AskStatement), 1 => Just(Listed), 1 => Just(ListedRefunded),
        2 => Just(Unlisted), 1 => Just(Wrong), 4 => Just(Pass), 6 => Just(Wake), 1 => Just(Restart),
    ];
    proptest::collection::vec(one, 1..80)
}

fn proper(call: &Call, world: &World) -> Reply {
    match call {
        Call::Register { .. } => Reply::Registered {
            visit_id: VisitId::new("V1").unwrap(),
        },
        Call::Describe { .. } => Reply::Described,
        Call::Upload { .. } => Reply::Uploaded {
            cuts: cuts(&world.state.case().unwrap().order),
        },
        Call::WithdrawLines { .. } => Reply::LinesWithdrawn,
        Call::WithdrawVisit { .. } => Reply::VisitWithdrawn,
        Call::Trial { .. } | Call::TryPurchase { .. } | Call::TrySlip { .. } => trial(1234),
        Call::Settle { .. } | Call::Purchase { .. } | Call::SettleSlip { .. } => Reply::Settled {
            settlement: settlement(1234, None),
        },
        Call::Cancel { .. } | Call::CancelPurchase { .. } | Call::CancelSlip { .. } => refund(1234),
        Call::Reverse { .. } => Reply::Reversed,
        Call::Admit { .. }
        | Call::ChangeStay { .. }
        | Call::ChargeStay { .. }
        | Call::WithdrawCharges { .. }
        | Call::Discharge { .. }
        | Call::WithdrawDischarge { .. }
        | Call::WithdrawAdmission { .. }
        | Call::TryStay { .. }
        | Call::SettleStay { .. }
        | Call::CancelStay { .. }
        | Call::QueryInHospital { .. } => panic!("no stay in this story"),
        Call::QueryVisits { .. } => found(&["V0", "V1"]),
        Call::QuerySettlement { .. } => Reply::Queried { rows: Vec::new() },
    }
}

/// What a run of moves proved.
#[derive(Default)]
struct Seen {
    /// Settlement requests whose outcome was never proved to be "not standing".
    standing_settles: u32,
    open: Option<Call>,
    finals: std::collections::BTreeMap<String, Answer>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn at_most_one_settlement_and_final_is_final(script in moves(), way in 0..4_usize) {
        let mut bill = order("P1", &[1000, 234]);
        bill.road = [Road::Outpatient, Road::Pharmacy, Road::Slip, Road::Slip][way].clone();
        bill.policy.irreversible = way == 3;
        let mut world = World::new();
        let mut seen = Seen::default();
        for (n, step) in script.into_iter().enumerate() {
            let Some(event) = event(step, &world, &seen, n, &bill) else {
                world.pass(400);
                continue;
            };
            if matches!(event, Event::Answered { .. } | Event::NotSent { .. } | Event::Lost { .. } | Event::Restarted) {
                seen.open = None;
            }
            let before = world.state.clone();
            let done = world.feed(event);
            check(&before, &done.next, &done.effects, &mut seen)?;
        }
        prop_assert_eq!(fold(&world.history), world.state);
    }
}

fn event(step: Move, world: &World, seen: &Seen, n: usize, bill: &crate::Order) -> Option<Event> {
    let request = crate::kit::request(&format!("r{n}"));
    let open = world.state.open_message().cloned();
    let answer = |reply: Reply| {
        open.clone().map(|message_id| Event::Answered {
            message_id,
            reply: Box::new(reply),
        })
    };
    let query = matches!(seen.open, Some(Call::QuerySettlement { .. }));
    let subject = world.state.doubt().map(|doubt| doubt.subject.clone());
    let ours = world
        .state
        .settled()
        .map(|settled| settled.message_id.clone())
        .or(subject);
    match step {
        Move::Quote => Some(Event::QuoteAsked {
            request,
            order: Box::new(bill.clone()),
        }),
        Move::Settle => {
            let (quote, total, cash) = if let State::Quoted(quoted) = &world.state {
                let split = &quoted.quote.trial.split;
                (quoted.quote.id.clone(), split.total(), split.cash())
            } else {
                (
                    crate::kit::message(1),
                    crate::kit::fen(1234),
                    crate::kit::fen(617),
                )
            };
            Some(Event::SettleAsked {
                request,
                quote,
                total,
                cash,
                invoice: None,
                overruled: None,
                later: None,
            })
        }
        Move::Cancel => {
            let settlement = settlement(1234, None).id;
            Some(Event::CancelAsked {
                request,
                settlement,
                reason: String::from("r"),
                second_person: None,
            })
        }
        Move::Proper => seen.open.as_ref().and_then(|call| answer(proper(call, world))),
        Move::Refuse => answer(refused()),
        Move::Lose => open.clone().map(|message_id| Event::Lost {
            message_id,
            silence: Silence::TimedOut,
        }),
        Move::NotSent => open.clone().map(|message_id| Event::NotSent {
            message_id,
            reason: NotSent::Stopping,
        }),
        Move::QueryFinds if query => answer(Reply::Queried {
            rows: vec![row(1234, &ours?, false)],
        }),
        Move::QueryFindsRefunded if query => answer(Reply::Queried {
            rows: vec![row(1234, &ours?, true)],
        }),
        Move::QueryFindsNothing if query => answer(Reply::Queried { rows: Vec::new() }),
        Move::QueryFinds | Move::QueryFindsRefunded | Move::QueryFindsNothing | Move::Pass => None,
        Move::AskStatement => Some(Event::StatementAsked {
            statement: crate::kit::message(7000),
        }),
        Move::Listed | Move::ListedRefunded | Move::Unlisted => Some(Event::StatementTold {
            statement: crate::kit::message(7000),
            behind_s: 0,
            stated: stated(step),
        }),
        Move::Wrong => Some(Event::Answered {
            message_id: crate::kit::message(9999),
            reply: Box::new(Reply::Described),
        }),
        Move::Wake => Some(Event::Woken),
        Move::Restart => Some(Event::Restarted),
    }
}

/// What a statement may say, as the queries beside it do.
fn stated(step: Move) -> Stated {
    if matches!(step, Move::Unlisted) {
        return Stated::Unlisted { complete: true };
    }
    let refunded = matches!(step, Move::ListedRefunded);
    let settlement = settlement(1234, None);
    let parts = settlement.split.parts();
    Stated::Listed(Box::new(Listed {
        settlement: Some(settlement.id.clone()),
        visit: Some(settlement.visit_id.clone()),
        refunded,
        totals: Some(StatedTotals {
            total: parts.total,
            funds: parts.fund_total,
            account: parts.account,
        }),
    }))
}

fn check(before: &State, after: &State, effects: &[Effect], seen: &mut Seen) -> Result<(), TestCaseError> {
    // What proves that the last settlement request does not stand.
    if matches!(
        after,
        State::Declined { .. } | State::Abandoned { .. } | State::Reversed { .. } | State::Cancelled { .. }
    ) && before.name() != after.name()
    {
        seen.standing_settles = 0;
    }
    for effect in effects {
        match effect {
            Effect::Send(call) => {
                prop_assert!(seen.open.is_none(), "two calls open at once");
                seen.open = Some((**call).clone());
                if matches!(
                    **call,
                    Call::Settle { .. } | Call::Purchase { .. } | Call::SettleSlip { .. }
                ) {
                    prop_assert_eq!(
                        seen.standing_settles,
                        0,
                        "a second settlement while one may stand"
                    );
                    seen.standing_settles += 1;
                }
                if let Call::Reverse { target, .. } = &**call {
                    prop_assert_eq!(
                        before.doubt().map(|doubt| &doubt.subject),
                        Some(target),
                        "reversal hits only its own target"
                    );
                    let reversible = before.case().is_some_and(|case| !case.order.policy.irreversible);
                    prop_assert!(reversible, "none is sent where none is known");
                    prop_assert!(
                        !matches!(before, State::Cancelling(_)),
                        "a refund is never reversed"
                    );
                }
            }
            Effect::Answer { request, answer } => {
                if let Answer::Settled(_) = &**answer {
                    prop_assert!(after.settled().is_some(), "told settled only while it stands");
                }
                if answer.is_final() {
                    let key = String::from(request.as_str());
                    let first = seen.finals.insert(key, (**answer).clone());
                    prop_assert!(first.is_none(), "a request is finally answered once");
                }
            }
            Effect::WakeAt(_) => {}
        }
    }
    Ok(())
}
