//! Papers of somebody without a citizen identity number: kind and number as the cashier reads them off.

use zhijie_desk::RpcError;
use zhijie_desk::api::{IdentityGrade, IdentityKind, PapersParams};
use zhijie_model::{Credential, CredentialKind};

use super::identity::Shown;
use super::{Services, error};
use crate::faults::{self, DESK_055};

impl Services {
    /// What the platform is shown, where this province takes papers of the kind.
    pub(super) fn shown_papers(&self, papers: Option<&PapersParams>) -> Result<Shown, RpcError> {
        let taken = &self.platform.profile().papers.kinds;
        let Some(papers) = papers.filter(|papers| taken.contains(&papers.kind)) else {
            return Err(error(&faults::fault(&DESK_055, "", None, "identity.read")));
        };
        Ok(Shown {
            kind: IdentityKind::Papers,
            grade: IdentityGrade::Typed,
            area_hint: None,
            credential: Credential {
                kind: CredentialKind::Papers,
                papers: Some(papers.kind.clone()),
                number: papers.number.clone(),
                card_identification: None,
                certificate: Some(papers.number.clone()),
                name: papers.name.clone(),
            },
            card: None,
            card_proof: None,
            card_alone: false,
        })
    }
}
