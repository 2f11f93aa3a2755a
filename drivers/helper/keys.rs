//! A reader's thread asking the daemon for proofs.

use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use zhijie_ports::{CardKeys, DeviceFault, KEY_LIMIT_MS, KeyAnswer, KeyAsk, KeyProof};

use crate::hub::Input;

/// What the daemon said, and of which reading.
pub(crate) struct Told {
    pub(crate) ticket: u64,
    pub(crate) answer: KeyAnswer,
}

/// The daemon's key service, seen from one reading.
pub(crate) struct PipeKeys<'thread> {
    pub(crate) ticket: u64,
    /// The daemon has one.
    pub(crate) at_hand: bool,
    pub(crate) inputs: &'thread SyncSender<Input>,
    pub(crate) told: &'thread Receiver<Told>,
}

impl CardKeys for PipeKeys<'_> {
    fn at_hand(&self) -> bool {
        self.at_hand
    }

    fn prove(&mut self, ask: &KeyAsk) -> Result<KeyProof, DeviceFault> {
        let asked = Input::KeyAsked {
            ticket: self.ticket,
            ask: Box::new(ask.clone()),
        };
        // What was said to a reading before this one is not for us.
        while self.told.try_recv().is_ok() {}
        self.inputs
            .send(asked)
            .map_err(|_| DeviceFault::KeyServiceSilent)?;
        let told = self.told.recv_timeout(Duration::from_millis(KEY_LIMIT_MS));
        match told {
            Ok(told) if told.ticket == self.ticket => told.answer.into(),
            Ok(_) | Err(_) => Err(DeviceFault::KeyServiceSilent),
        }
    }
}
