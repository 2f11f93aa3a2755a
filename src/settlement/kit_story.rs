//! What stories of this crate share: how to walk a bill somewhere and look at a step.

use zhijie_model::Transaction;

use crate::kit::{World, order};
use crate::{Answer, Effect, Event, Silence, Step};

pub(crate) fn sent(step: &Step) -> Vec<Transaction> {
    let of = |effect: &Effect| match effect {
        Effect::Send(call) => Some(call.transaction()),
        Effect::Answer { .. } | Effect::WakeAt(_) => None,
    };
    step.effects.iter().filter_map(of).collect()
}

pub(crate) fn told(step: &Step) -> Vec<&Answer> {
    let of = |effect: &'_ Effect| matches!(effect, Effect::Answer { .. });
    step.effects
        .iter()
        .filter(|effect| of(effect))
        .filter_map(|effect| match effect {
            Effect::Answer { answer, .. } => Some(&**answer),
            Effect::Send(_) | Effect::WakeAt(_) => None,
        })
        .collect()
}

pub(crate) fn submitted() -> World {
    let mut world = World::quoted(&order("P1", &[1000, 234]));
    assert_eq!(sent(&world.ask_settle("s1")), [Transaction::Settle]);
    world
}

pub(crate) fn lose(world: &mut World) -> Step {
    let message_id = world.state.open_message().cloned().unwrap();
    world.feed(Event::Lost {
        message_id,
        silence: Silence::TimedOut,
    })
}

pub(crate) fn in_doubt() -> World {
    let mut world = submitted();
    let step = lose(&mut world);
    assert!(matches!(told(&step).as_slice(), [Answer::NotKnown { .. }]));
    world
}

/// Lets time pass until the saga asks the centre.
pub(crate) fn wake(world: &mut World) -> Step {
    world.pass(1000);
    world.feed(Event::Woken)
}

pub(crate) fn subject(world: &World) -> zhijie_model::MessageId {
    world.state.doubt().unwrap().subject.clone()
}
