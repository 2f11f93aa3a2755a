//! A lost sign-in in a stay: the refused call goes out once more, under a new one.

use zhijie_model::{Reply, Transaction};

use super::kit::{StayWorld, line, sent, told};
use super::{StayAnswer, StayEvent};
use crate::kit::refused;

/// Refused for want of a sign-in: nothing was done, and the same call is made once more, under a new one.
#[test]
fn a_lost_sign_in_admits_nobody_twice_and_ends_nothing() {
    let unsigned = || {
        let Reply::Refused { mut refusal } = refused() else {
            panic!("a refusal")
        };
        refusal.sign_in_lost = true;
        Reply::Refused { refusal }
    };
    let mut world = StayWorld::new();
    world.admit("a1");
    let first = world.state.open_message().cloned();
    world.answer(unsigned());
    assert_eq!((world.state.name(), world.state.is_locked()), ("renewing", true));
    assert_eq!(sent(&world.feed(StayEvent::Woken)), [Transaction::Admit]);
    assert_ne!(world.state.open_message().cloned(), first);
    world.proper();
    assert_eq!(world.state.name(), "admitted");
    world.charge("c1", &[line("1", 100, None)]);
    world.answer(unsigned());
    assert_eq!(sent(&world.feed(StayEvent::Woken)), [Transaction::ChargeStay]);
    let step = world.answer(unsigned());
    assert!(
        matches!(told(&step).as_slice(), [StayAnswer::NotDone(_)]),
        "{step:?}"
    );
    assert_eq!(
        world.state.name(),
        "admitted",
        "and its lines are not in question"
    );
    assert!(world.state.stay().unwrap().uncertain.is_empty());

    // After a restart the refusal stands: nobody waits for it any more.
    world.charge("c2", &[line("2", 100, None)]);
    world.answer(unsigned());
    let step = world.feed(StayEvent::Restarted);
    assert!(
        matches!(told(&step).as_slice(), [StayAnswer::NotDone(_)]),
        "{step:?}"
    );
    assert!(sent(&step).is_empty());
}
