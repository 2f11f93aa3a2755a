//! The platform's order of steps: what may be done with a stay, and which call it takes next.

use zhijie_model::{Call, Fen};

use super::cause::StayCause;
use super::charges::Unsettled;
use super::event::{Act, Bills};
use super::state::{Stay, Task, Working};

impl Stay {
    /// Why `act` may not begin, before anything is sent.
    pub(crate) fn refuse(&self, act: &Act, bills: &Bills) -> Option<StayCause> {
        if bills.busy {
            return Some(StayCause::SettlementBusy);
        }
        let discharged = self.discharge.is_some();
        let final_first = bills.final_stands && !self.order.rules.settles_before_discharge;
        match act {
            Act::Change { .. } => discharged.then_some(StayCause::Discharged),
            Act::Charge { .. } | Act::WithdrawCharges { .. } if bills.final_stands => {
                Some(StayCause::FinalSettled)
            }
            Act::Charge { .. } | Act::WithdrawCharges { .. } if discharged => Some(StayCause::Discharged),
            Act::Charge { lines } => self
                .refuse_lines(lines, bills.settled_through)
                .or_else(|| self.refuse_year(lines, bills.settled_through)),
            Act::WithdrawCharges { serials } => {
                self.refuse_withdrawal(serials.as_deref(), bills.settled_through)
            }
            Act::Discharge { .. } if discharged => Some(StayCause::Discharged),
            Act::Discharge { .. } => self.refuse_uncertain(),
            Act::UndoDischarge { .. } if !discharged => Some(StayCause::NotDischarged),
            Act::UndoDischarge { .. } => final_first.then_some(StayCause::FinalSettled),
            Act::UndoAdmission { .. } if bills.final_stands || bills.settled_through.is_some() => {
                Some(StayCause::SettlementStands)
            }
            Act::UndoAdmission { .. } if discharged => Some(StayCause::Discharged),
            Act::UndoAdmission { .. } if !self.lines.is_empty() || !self.uncertain.is_empty() => {
                Some(StayCause::LinesLieThere)
            }
            Act::UndoAdmission { .. } => None,
        }
    }

    /// What a settlement asked for now would cover.
    ///
    /// # Errors
    /// Why there may be none: the order of steps, lines whose fate is not known, or a sum that is not the hospital's.
    pub fn to_settle(&self, interim: bool, given: Fen, bills: &Bills) -> Result<Unsettled, StayCause> {
        let discharged = self.discharge.is_some();
        if bills.busy {
            return Err(StayCause::SettlementBusy);
        }
        if bills.final_stands {
            return Err(StayCause::FinalSettled);
        }
        if interim && discharged {
            return Err(StayCause::Discharged);
        }
        if !interim && !discharged && !self.order.rules.settles_before_discharge {
            return Err(StayCause::NotDischarged);
        }
        if let Some(cause) = self.refuse_uncertain() {
            return Err(cause);
        }
        let unsettled = self
            .unsettled(bills.settled_through)
            .ok_or(StayCause::NothingToSettle)?;
        if unsettled.lines == 0 || unsettled.total.get() <= 0 {
            return Err(StayCause::NothingToSettle);
        }
        if unsettled.total != given {
            return Err(StayCause::ChargesDiffer {
                at_centre: unsettled.total,
                given,
            });
        }
        Ok(unsettled)
    }

    fn refuse_uncertain(&self) -> Option<StayCause> {
        (!self.uncertain.is_empty()).then_some(StayCause::ChargesUncertain)
    }

    /// The next call of `act`; `None` when nothing is left to do.
    pub(crate) fn next_task(&self, act: &Act, settled_through: Option<u32>) -> Option<Task> {
        match act {
            Act::Change { .. } => Some(Task::Change),
            Act::Charge { lines } => self.next_upload(lines),
            Act::WithdrawCharges { serials } => self.next_withdrawal(serials.as_deref(), settled_through),
            Act::Discharge { .. } => Some(Task::Discharge),
            Act::UndoDischarge { .. } => Some(Task::UndoDischarge),
            Act::UndoAdmission { .. } => Some(Task::UndoAdmission),
        }
    }
}

impl Working {
    /// The call of its task; `None` where the act has none of that kind.
    pub(crate) fn call(&self) -> Option<Call> {
        super::calls::of_task(&self.stay, &self.act, &self.task)
    }
}
