//! What the lists of the centre prove about an admission in doubt. Own stay number and person decide; a row that names
//! no number cannot be told from another hospital's.

use zhijie_model::{FoundStay, FoundVisit, VisitId, beijing};

use super::order::StayOrder;

/// What a list says about one admission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Ours(VisitId),
    /// Something lies there that may be ours or not.
    Foreign,
    Nothing,
}

/// Among those in hospital (5303), those taken back before left out: a list may lag behind. A stay under another number
/// is another hospital's, or another stay.
pub(crate) fn in_hospital(stays: &[FoundStay], order: &StayOrder, gone: &[VisitId]) -> Found {
    let ours =
        |stay: &&FoundStay| stay.number.as_ref() == Some(order.number()) && !gone.contains(&stay.visit_id);
    if let Some(stay) = stays.iter().find(ours) {
        return Found::Ours(stay.visit_id.clone());
    }
    let day = beijing(order.admission.began).date();
    let unnamed = |stay: &FoundStay| {
        stay.number.is_none() && stay.began.is_none_or(|began| began == day) && !gone.contains(&stay.visit_id)
    };
    if stays.iter().any(unnamed) {
        Found::Foreign
    } else {
        Found::Nothing
    }
}

/// Among all visits of the kind (5201), those taken back before left out.
pub(crate) fn among_visits(visits: &[FoundVisit], order: &StayOrder, gone: &[VisitId]) -> Found {
    let ours = |visit: &&FoundVisit| {
        visit.number.as_ref() == Some(order.number()) && !gone.contains(&visit.visit_id)
    };
    match visits.iter().find(ours) {
        Some(visit) if visit.in_hospital == Some(false) => Found::Foreign,
        Some(visit) => Found::Ours(visit.visit_id.clone()),
        None => Found::Nothing,
    }
}
