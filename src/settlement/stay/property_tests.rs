//! No sequence of events, however mad, admits a patient twice, changes a stay in doubt, or ends a doubt by a guess.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zhijie_model::{Call, Reply, Transaction};

use super::kit::{StayWorld, discharge, in_hospital, lines, visits};
use super::{Act, Bills, StayAnswer, StayEffect, StayEvent, StayState, StayStep, stay_fold};
use crate::kit::{message, refused};
use crate::{NotSent, Silence};

#[derive(Debug, Clone, Copy)]
enum Move {
    Admit,
    Charge(u8),
    Withdraw,
    Discharge,
    UndoDischarge,
    UndoAdmission,
    Proper,
    Refuse,
    Lose,
    LoseExecuted,
    NotSent,
    ShowIn,
    ShowOut,
    ShowNothing,
    Wrong,
    Wake,
    Restart,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    use Move::*;
    let one = prop_oneof![
        4 => Just(Admit), 6 => (1_u8..40).prop_map(Charge), 2 => Just(Withdraw), 2 => Just(Discharge),
        2 => Just(UndoDischarge), 2 => Just(UndoAdmission), 20 => Just(Proper), 2 => Just(Refuse), 3 => Just(Lose),
        3 => Just(LoseExecuted), 1 => Just(NotSent), 3 => Just(ShowIn), 2 => Just(ShowOut), 4 => Just(ShowNothing),
        1 => Just(Wrong), 8 => Just(Wake), 1 => Just(Restart),
    ];
    proptest::collection::vec(one, 1..80)
}

#[derive(Default)]
struct Seen {
    /// Admissions whose outcome was never proved to be "not standing".
    standing: u32,
    finals: BTreeMap<String, StayAnswer>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn at_most_one_admission_and_final_is_final(script in moves()) {
        let mut world = StayWorld::new();
        let mut seen = Seen::default();
        for (n, one) in script.into_iter().enumerate() {
            let before = world.state.clone();
            let Some(step) = play(one, &mut world, n) else { continue };
            check(&before, &step, &mut seen)?;
        }
        prop_assert_eq!(stay_fold(&world.history), world.state.clone());
        // What the saga holds for certain lies at the centre, and nothing lies there that it has forgotten.
        if let Some(stay) = world.state.stay() {
            let quiet = !matches!(world.state, StayState::NeedsClerk(_));
            prop_assert!(!quiet || stay.lines.keys().all(|serial| world.there.contains_key(serial)));
        }
    }
}

fn play(one: Move, world: &mut StayWorld, n: usize) -> Option<StayStep> {
    let id = format!("r{n}");
    let none = Bills::default();
    let reason = || String::from("r");
    let open = world.state.open_message().cloned();
    let is_query = matches!(
        world.open,
        Some(Call::QueryInHospital { .. } | Call::QueryVisits { .. })
    );
    Some(match one {
        Move::Admit => world.admit(&id),
        Move::Charge(count) => world.charge(&id, &lines(usize::from(count))),
        Move::Withdraw => world.ask(&id, Act::WithdrawCharges { serials: None }, none),
        Move::Discharge => world.ask(
            &id,
            Act::Discharge {
                discharge: discharge(),
            },
            none,
        ),
        Move::UndoDischarge => world.ask(&id, Act::UndoDischarge { reason: reason() }, none),
        Move::UndoAdmission => world.ask(&id, Act::UndoAdmission { reason: reason() }, none),
        Move::Proper => {
            world.open.as_ref()?;
            world.proper()
        }
        Move::Refuse => {
            open?;
            world.answer(refused())
        }
        Move::Lose => {
            open?;
            world.lose()
        }
        Move::LoseExecuted => {
            world.open.as_ref()?;
            world.execute();
            world.lose()
        }
        Move::NotSent => {
            let (message_id, reason) = (open?, NotSent::Stopping);
            world.feed(StayEvent::NotSent { message_id, reason })
        }
        Move::ShowIn | Move::ShowOut | Move::ShowNothing if !is_query => return None,
        Move::ShowIn | Move::ShowOut | Move::ShowNothing => show(one, world),
        Move::Wrong => {
            let silence = Silence::TimedOut;
            let message_id = message(9999);
            world.feed(StayEvent::Lost { message_id, silence })
        }
        Move::Wake => world.wake(),
        Move::Restart => world.feed(StayEvent::Restarted),
    })
}

fn show(one: Move, world: &mut StayWorld) -> StayStep {
    let of_ward = matches!(world.open, Some(Call::QueryInHospital { .. }));
    let reply = match (one, of_ward) {
        (Move::ShowIn, true) => in_hospital(Some("ZY1")),
        (Move::ShowIn, false) => visits(Some(true)),
        (Move::ShowOut, false) => visits(Some(false)),
        (_, true) => Reply::InHospital { stays: Vec::new() },
        (_, false) => Reply::VisitsFound { visits: Vec::new() },
    };
    world.answer(reply)
}

fn check(before: &StayState, step: &StayStep, seen: &mut Seen) -> Result<(), TestCaseError> {
    if matches!(step.next, StayState::NotAdmitted(_)) && before.name() != step.next.name() {
        seen.standing = 0;
    }
    for effect in &step.effects {
        match effect {
            StayEffect::Send(call) => {
                if call.transaction() == Transaction::Admit {
                    prop_assert_eq!(seen.standing, 0, "a second admission while one may stand");
                    seen.standing += 1;
                }
                if let Call::Reverse { target, .. } = &**call {
                    let subject = before.doubt().map(|doubt| &doubt.subject);
                    prop_assert_eq!(subject, Some(target), "a reversal hits only its own target");
                }
                if before.doubt().is_some() {
                    let asks = matches!(
                        call.transaction(),
                        Transaction::QueryInHospital | Transaction::QueryVisit | Transaction::Reverse
                    );
                    prop_assert!(asks, "nothing is changed in doubt");
                }
            }
            StayEffect::Answer { request: of, answer } => {
                if answer.is_final() {
                    let first = seen.finals.insert(String::from(of.as_str()), (**answer).clone());
                    prop_assert!(first.is_none(), "a request is finally answered once");
                }
            }
            StayEffect::WakeAt(_) => {}
        }
    }
    Ok(())
}
