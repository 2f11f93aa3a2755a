//! One look at the readers, disturbing nobody.

use std::time::Duration;

use pcsc::{Context, Error, ReaderState, Scope, State};
use zhijie_ports::{ChannelFault, DeviceFault, SurveyedReader};

use crate::service::{meaning, readers};

/// All readers of the card service; those whose name contains `filter` are used. Opens no card. Blocks, for ever when the
/// service hangs.
///
/// # Errors
/// [`DeviceFault`] of the card service.
pub fn survey_readers(filter: &str) -> Result<Vec<SurveyedReader>, DeviceFault> {
    let fault = |error: Error| match meaning(error) {
        ChannelFault::Device(fault) => fault,
        ChannelFault::Reset => DeviceFault::CardServiceDown,
    };
    let context = Context::establish(Scope::System).map_err(fault)?;
    let names = readers(&context).map_err(fault)?;
    let mut states: Vec<ReaderState> = names
        .iter()
        .map(|name| ReaderState::new(name.clone(), State::UNAWARE))
        .collect();
    if !states.is_empty() {
        context
            .get_status_change(Duration::ZERO, &mut states)
            .map_err(fault)?;
    }
    let readers = states.iter().map(|state| {
        let name = state.name().to_string_lossy().into_owned();
        let flags = state.event_state();
        SurveyedReader {
            used: name.contains(filter),
            name,
            card: flags.contains(State::PRESENT),
            mute: flags.contains(State::MUTE),
            held: flags.contains(State::EXCLUSIVE),
        }
    });
    Ok(readers.collect())
}
