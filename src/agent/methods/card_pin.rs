//! `card.pin`.

use zhijie_desk::api::{CardPinParams, CardPinResult, PinStanding};
use zhijie_desk::{Peer, RpcError};
use zhijie_devicelink::{DeviceFault, PinState, PinTask};

use super::identity::Waiting;
use super::{Services, error};
use crate::faults;

impl Services {
    /// Presents a PIN once at most, and only when the desk sent one: a robot that tries blocks cards.
    pub(super) async fn card_pin(
        &self,
        peer: &Peer,
        asked: CardPinParams,
    ) -> Result<CardPinResult, RpcError> {
        let timeout = asked.timeout();
        let task = match (asked.pin, asked.key_pad_digits) {
            (Some(pin), _) => PinTask::Present(pin),
            (None, Some(digits)) => PinTask::Pad { digits },
            (None, None) => PinTask::Ask,
        };
        let today = zhijie_model::business_day(self.clock.now());
        let _waiting = Waiting::begin(&self.waiting);
        let done = self.devices.pin(task, today, timeout);
        let state = tokio::select! {
            state = done => state,
            () = peer.hung_up() => Err(DeviceFault::Cancelled),
        };
        let state = state.map_err(|fault| error(&faults::of_device(&fault, "card.pin")))?;
        let (state, tries_left) = match state {
            PinState::NotSet => (PinStanding::NotSet, None),
            PinState::Open { left } => (PinStanding::Open, Some(left)),
            PinState::Blocked => (PinStanding::Blocked, None),
            PinState::Verified => (PinStanding::Verified, None),
        };
        Ok(CardPinResult { state, tries_left })
    }
}
