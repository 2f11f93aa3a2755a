//! A resident ID card on a reader of its own: the third way to say who it is, where the province takes the number.

use std::time::Duration;

use zhijie_desk::api::{IdentityGrade, IdentityKind};
use zhijie_desk::{Peer, RpcError};
use zhijie_devicelink::{DeviceReading, Want};
use zhijie_model::{Credential, CredentialKind};
use zhijie_ports::{DeviceFault, IdCardReading};

use super::identity::Shown;
use super::{Services, error};
use crate::faults::{self, DESK_019};

impl Services {
    /// Waits for a card on the reader.
    pub(super) async fn read_id_card(&self, peer: &Peer, patience: Duration) -> Result<Shown, RpcError> {
        let marker = "identity.read";
        if !self.platform.profile().id_number_allowed {
            return Err(error(&faults::fault(&DESK_019, "", None, marker)));
        }
        let refused = |fault: DeviceFault| error(&faults::of_device(&fault, marker));
        let Some(reader) = &self.id_reader else {
            return Err(refused(DeviceFault::NoReader));
        };
        let want = Want {
            card: true,
            code: false,
            today: zhijie_model::business_day(self.clock.now()),
        };
        let reading = tokio::select! {
            reading = reader.read(want, patience) => reading,
            () = peer.hung_up() => Err(DeviceFault::Cancelled),
        };
        match reading.map_err(refused)? {
            DeviceReading::IdCard(card) => Ok(shown(*card)),
            DeviceReading::Card(_)
            | DeviceReading::Code(_)
            | DeviceReading::Pin(_)
            | DeviceReading::Voucher(_) => Err(refused(DeviceFault::HelperProtocol)),
        }
    }
}

fn shown(card: IdCardReading) -> Shown {
    Shown {
        kind: IdentityKind::IdNumber,
        grade: IdentityGrade::Read,
        area_hint: None,
        credential: Credential {
            kind: CredentialKind::IdNumber,
            papers: None,
            number: card.number.clone(),
            card_identification: None,
            certificate: Some(card.number),
            name: Some(card.name),
        },
        card: None,
        card_proof: None,
        card_alone: false,
    }
}
