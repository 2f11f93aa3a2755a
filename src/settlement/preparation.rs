//! The road to a quote: which step is next follows from what the centre already holds, not from what was tried last.

use serde::{Deserialize, Serialize};
use zhijie_model::{Call, LineCut, Payer, Refusal, Reply, Road, VisitId};

use crate::order::Order;

/// What the centre holds of this visit, as far as it confirmed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub registered: Option<Registered>,
    pub described: bool,
    pub upload: UploadState,
    /// How the centre split the lines that lie there.
    pub cuts: Vec<LineCut>,
}

/// A visit that is open at the centre, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    pub visit_id: VisitId,
    pub payer: Payer,
    /// Another bill of the visit opened it, so it is not this bill's to take back.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub borrowed: bool,
    /// That bill was a registration fee, or this one is: the visit is described anew for this bill.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub described_otherwise: bool,
}

impl Registered {
    /// Whether the visit was opened for this person under this insurance; another one needs a visit of its own.
    fn serves(&self, payer: &Payer) -> bool {
        self.payer.number == payer.number
            && self.payer.insurance == payer.insurance
            && self.payer.area == payer.area
    }
}

/// Fee lines at the centre.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "upload", rename_all = "snake_case")]
pub enum UploadState {
    #[default]
    Nothing,
    /// Lines before `next` are there.
    Partly {
        next: usize,
    },
    Whole,
    /// An upload was lost, or other lines lie there: withdraw the batch first.
    Uncertain,
}

impl Progress {
    /// What still counts when the desk asks again with `order` after `before`.
    #[must_use]
    pub fn for_order(&self, before: &Order, order: &Order) -> Self {
        let mut kept = self.clone().borrowing(order);
        let borrowed = kept.registered.as_ref().is_some_and(|held| held.borrowed);
        if before.visit != order.visit && !borrowed {
            kept.described = false;
        }
        if before.bill != order.bill && kept.upload != UploadState::Nothing {
            kept.upload = UploadState::Uncertain;
        }
        kept
    }

    /// With the visit another bill opened and described, where this one has none yet or only borrowed one so far.
    #[must_use]
    pub fn borrowing(mut self, order: &Order) -> Self {
        let held = self.registered.as_ref();
        if held.is_some() && !self.only_borrows() {
            return self;
        }
        let opened = order.opened.as_ref().filter(|opened| opened.serves(&order.payer));
        self.registered = opened.map(|opened| Registered {
            borrowed: true,
            ..opened.clone()
        });
        self.described = self
            .registered
            .as_ref()
            .is_some_and(|held| !held.described_otherwise);
        self
    }

    /// Whether nothing of this bill lies at the centre, though its visit does.
    pub(crate) fn only_borrows(&self) -> bool {
        self.upload == UploadState::Nothing && self.registered.as_ref().is_some_and(|held| held.borrowed)
    }

    /// The next call on the road to a quote; the last one is the trial.
    #[must_use]
    pub fn next_call(&self, order: &Order) -> Call {
        match &order.road {
            Road::Outpatient => self.next_of_visit(order),
            Road::Pharmacy => Call::TryPurchase {
                payer: order.payer.clone(),
                visit: order.visit.clone(),
                bill: order.bill.clone(),
                account: order.account,
            },
            Road::Slip => Call::TrySlip {
                payer: order.payer.clone(),
                visit: order.visit.clone(),
                bill: order.bill.clone(),
            },
            Road::Stay(stay) => Call::TryStay {
                payer: order.payer.clone(),
                visit_id: stay.visit_id.clone(),
                part: stay.part.clone(),
                account: order.account,
            },
        }
    }

    fn next_of_visit(&self, order: &Order) -> Call {
        let payer = order.payer.clone();
        let Some(registered) = &self.registered else {
            return Call::Register {
                payer,
                visit: order.visit.clone(),
            };
        };
        let visit_id = registered.visit_id.clone();
        if !registered.serves(&order.payer) {
            return self.withdraw(order, registered);
        }
        if !self.described {
            return Call::Describe {
                payer,
                visit_id,
                visit: order.visit.clone(),
            };
        }
        match self.upload {
            UploadState::Uncertain => Call::WithdrawLines {
                payer,
                visit_id,
                batch: order.bill.batch().clone(),
            },
            UploadState::Nothing => self.upload_from(order, visit_id, 0),
            UploadState::Partly { next } => self.upload_from(order, visit_id, next),
            UploadState::Whole => Call::Trial {
                payer,
                visit_id,
                kind: order.visit.kind.clone(),
                batch: order.bill.batch().clone(),
                total: order.bill.total(),
                account: order.account,
            },
        }
    }

    /// A visit of another person or insurance is in the way: take it back in its own name before registering.
    pub(crate) fn withdraw(&self, order: &Order, registered: &Registered) -> Call {
        let payer = registered.payer.clone();
        let visit_id = registered.visit_id.clone();
        match self.upload {
            UploadState::Nothing => Call::WithdrawVisit {
                payer,
                visit_id,
                number: order.visit.number.clone(),
            },
            UploadState::Partly { .. } | UploadState::Whole | UploadState::Uncertain => Call::WithdrawLines {
                payer,
                visit_id,
                batch: order.bill.batch().clone(),
            },
        }
    }

    fn upload_from(&self, order: &Order, visit_id: VisitId, first: usize) -> Call {
        Call::Upload {
            payer: order.payer.clone(),
            visit_id,
            visit: order.visit.clone(),
            bill: order.bill.clone(),
            first,
        }
    }

    /// What the centre holds after a call was answered; `None` when the reply does not fit the call.
    #[must_use]
    pub fn after(&self, order: &Order, call: &Call, reply: &Reply) -> Option<Self> {
        let mut next = self.clone();
        match (call, reply) {
            (Call::Register { payer, .. }, Reply::Registered { visit_id }) => {
                next.registered = Some(Registered {
                    visit_id: visit_id.clone(),
                    payer: payer.clone(),
                    borrowed: false,
                    described_otherwise: false,
                });
                next.described = false;
                next.forget_lines();
            }
            (Call::Describe { .. }, Reply::Described) => next.described = true,
            (Call::Upload { first, .. }, Reply::Uploaded { cuts }) if !cuts.is_empty() => {
                next.cuts.extend(cuts.iter().cloned());
                // The centre answers line by line, so its answer says how far the call reached.
                let through = first.saturating_add(cuts.len());
                next.upload = if through >= order.bill.lines().len() {
                    UploadState::Whole
                } else {
                    UploadState::Partly { next: through }
                };
            }
            (Call::WithdrawLines { .. }, Reply::LinesWithdrawn) => next.forget_lines(),
            (Call::WithdrawVisit { .. }, Reply::VisitWithdrawn) => next = Self::default(),
            _ => return None,
        }
        Some(next)
    }

    fn forget_lines(&mut self) {
        self.upload = UploadState::Nothing;
        self.cuts.clear();
    }

    /// What the centre holds after it refused `call`, and whether the road goes on all the same: where the lines of a
    /// lost upload never arrived, taking them back is refused and uploading them is right. A refused upload or trial
    /// leaves the lines uncertain, so that the next quote starts from clean ones. A visit that cannot be taken back is
    /// left as an orphan without harm. Refused for want of a sign-in, nothing is changed.
    #[must_use]
    pub fn after_refusal(&self, call: &Call, refusal: &Refusal) -> (Self, bool) {
        let mut next = self.clone();
        if refusal.sign_in_lost {
            return (next, false);
        }
        match call {
            Call::WithdrawLines { .. } => {
                next.forget_lines();
                (next, true)
            }
            Call::Upload { .. } | Call::Trial { .. } => {
                next.upload = UploadState::Uncertain;
                (next, false)
            }
            Call::WithdrawVisit { .. } => (Self::default(), true),
            Call::Register { .. }
            | Call::Describe { .. }
            | Call::Settle { .. }
            | Call::Cancel { .. }
            | Call::TryPurchase { .. }
            | Call::Purchase { .. }
            | Call::CancelPurchase { .. }
            | Call::TrySlip { .. }
            | Call::SettleSlip { .. }
            | Call::CancelSlip { .. }
            | Call::Reverse { .. }
            | Call::Admit { .. }
            | Call::ChangeStay { .. }
            | Call::ChargeStay { .. }
            | Call::WithdrawCharges { .. }
            | Call::Discharge { .. }
            | Call::WithdrawDischarge { .. }
            | Call::WithdrawAdmission { .. }
            | Call::TryStay { .. }
            | Call::SettleStay { .. }
            | Call::CancelStay { .. }
            | Call::QueryInHospital { .. }
            | Call::QueryVisits { .. }
            | Call::QuerySettlement { .. } => (next, false),
        }
    }

    /// What can still be relied on after the answer to `call` was lost.
    #[must_use]
    pub fn after_loss(&self, call: &Call) -> Self {
        let mut next = self.clone();
        match call {
            Call::Upload { .. } | Call::WithdrawLines { .. } => next.upload = UploadState::Uncertain,
            Call::Describe { .. } => next.described = false,
            // A visit opened by a lost call is an orphan without harm; a new one is opened.
            Call::WithdrawVisit { .. } => next = Self::default(),
            Call::Register { .. }
            | Call::Trial { .. }
            | Call::Settle { .. }
            | Call::Cancel { .. }
            | Call::TryPurchase { .. }
            | Call::Purchase { .. }
            | Call::CancelPurchase { .. }
            | Call::TrySlip { .. }
            | Call::SettleSlip { .. }
            | Call::CancelSlip { .. }
            | Call::Reverse { .. }
            | Call::Admit { .. }
            | Call::ChangeStay { .. }
            | Call::ChargeStay { .. }
            | Call::WithdrawCharges { .. }
            | Call::Discharge { .. }
            | Call::WithdrawDischarge { .. }
            | Call::WithdrawAdmission { .. }
            | Call::TryStay { .. }
            | Call::SettleStay { .. }
            | Call::CancelStay { .. }
            | Call::QueryInHospital { .. }
            | Call::QueryVisits { .. }
            | Call::QuerySettlement { .. } => {}
        }
        next
    }
}
