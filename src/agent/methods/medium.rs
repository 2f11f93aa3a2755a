//! Provinces whose cards are read by a control: for the lookup, and again for the settlement.

use zhijie_desk::RpcError;
use zhijie_desk::api::{CardView, IdentityGrade, IdentityKind, mask_number};
use zhijie_model::{BillId, Credential, CredentialKind, Fault, Transaction};
use zhijie_ports::MediumReading;
use zhijie_settlement::State;

use super::identity::Shown;
use super::{Services, error};
use crate::faults::{self, CARD_003};

impl Services {
    /// The card in the control, where this province has one.
    pub(super) async fn card_of_control(&self) -> Option<Result<Shown, RpcError>> {
        let number = self.platform.profile().medium_number(Transaction::PersonLookup)?;
        let read = self.platform.read_medium(number, self.clock.now()).await;
        Some(match read {
            Ok(reading) => Ok(shown(reading)),
            Err(fault) => Err(error(&faults::of_medium(&fault, "identity.read"))),
        })
    }

    /// Has the card of a quoted bill read again where its settlement needs a token of its own. The fault is told
    /// without touching the bill: its quote may still be settled with the card in the control.
    pub(super) async fn have_medium_for(&self, bill: &BillId, marker: &str) -> Result<(), Box<Fault>> {
        let Some(number) = self.platform.profile().medium_number(Transaction::Settle) else {
            return Ok(());
        };
        let found = self.core.find(crate::core::Key::Bill(bill.clone())).await;
        let Ok(Some(found)) = found else { return Ok(()) };
        let (State::Quoted(_), Some(case)) = (&*found.state, found.state.case()) else {
            return Ok(());
        };
        let now = self.clock.now();
        let Ok(identity) = self.identities.get(&case.order.identity, now) else {
            return Ok(());
        };
        if identity.credential.kind != CredentialKind::Card {
            return Ok(());
        }
        let read = self.platform.read_medium(number, now).await;
        let reading = read.map_err(|fault| Box::new(faults::of_medium(&fault, marker)))?;
        if reading.card_number == identity.credential.number {
            Ok(())
        } else {
            Err(Box::new(faults::fault(
                &CARD_003,
                "another card lies in the control",
                None,
                marker,
            )))
        }
    }
}

fn shown(reading: MediumReading) -> Shown {
    Shown {
        kind: IdentityKind::Card,
        grade: IdentityGrade::Read,
        area_hint: None,
        card_proof: None,
        card_alone: false,
        card: Some(CardView {
            number_masked: mask_number(&reading.card_number),
            valid_until: String::new(),
            warnings: Vec::new(),
            genuine: false,
            fields: None,
        }),
        credential: Credential {
            kind: CredentialKind::Card,
            papers: None,
            number: reading.card_number,
            card_identification: Some(reading.identification),
            certificate: Some(reading.certificate),
            name: Some(reading.name),
        },
    }
}
