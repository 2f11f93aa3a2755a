//! Hospital stays: one all the way and back, and an admission that is reversed.

use zhijie_model::{
    Admission, Discharge, Fen, LineCut, LineSerial, StayExtras, StayLine, StayPart, TrialAmounts,
};

use super::lists::none;
use super::*;

/// A stay with its lines at the centre.
struct Lying {
    id: VisitId,
    admission: Admission,
    part: StayPart,
}

impl Run<'_> {
    /// Admission, fee lines, trial, settlement, refund, discharge, and every undo.
    pub(super) async fn stay(&mut self) -> Done {
        let payer = self.payer()?;
        let lying = self.charged().await?;
        let visit_id = lying.id.clone();
        let early = self.line.profile.stays.settles_before_discharge;
        if !early {
            self.discharge(&lying).await?;
        }
        let try_stay = Call::TryStay {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            part: lying.part.clone(),
            account: AccountUse::Use,
        };
        let Reply::Tried { trial } = self.line.call(&try_stay, Some(&self.credential)).await?.0 else {
            return Err(other());
        };
        let settle = Call::SettleStay {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            part: lying.part.clone(),
            account: AccountUse::Use,
            amounts: trial.amounts,
            invoice: None,
        };
        let Reply::Settled { settlement } = self.line.call(&settle, Some(&self.credential)).await?.0 else {
            return Err(other());
        };
        let cancel = Call::CancelStay {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            settlement: settlement.id.clone(),
        };
        let Reply::Cancelled { refund } = self.line.call(&cancel, None).await?.0 else {
            return Err(other());
        };
        if !early {
            self.undo(Call::WithdrawDischarge {
                payer: payer.clone(),
                visit_id: visit_id.clone(),
            })
            .await?;
        }
        self.empty(&payer, &visit_id).await?;
        if !settlement.split.pays_as(&trial.split) {
            return Err(failed("the settlement has other amounts than its trial"));
        }
        if refund.total == lying.part.total.negated() {
            Ok(())
        } else {
            Err(failed("the refund is not the whole settlement"))
        }
    }

    /// An admission is known at the centre until its message is reversed.
    pub(super) async fn reverse_admission(&mut self) -> Done {
        let (admission, payer) = (self.admission()?, self.payer()?);
        let admit = Call::Admit {
            payer: payer.clone(),
            admission,
        };
        let (Reply::Admitted { visit_id }, target) = self.line.call(&admit, Some(&self.credential)).await?
        else {
            return Err(other());
        };
        let here = self.lies(&visit_id).await?;
        let reverse = Call::Reverse {
            payer,
            target,
            transaction: Transaction::Admit,
        };
        self.line.call(&reverse, None).await?;
        if !here {
            return Err(failed("the admission just made is not found"));
        }
        if self.lies(&visit_id).await? {
            Err(failed("the reversed admission still stands"))
        } else {
            Ok(())
        }
    }

    async fn charged(&mut self) -> Result<Lying, Stop> {
        let (admission, payer) = (self.admission()?, self.payer()?);
        let admit = Call::Admit {
            payer: payer.clone(),
            admission: admission.clone(),
        };
        let Reply::Admitted { visit_id } = self.line.call(&admit, Some(&self.credential)).await?.0 else {
            return Err(other());
        };
        let visit = self.case.visit(admission.number.clone(), admission.began);
        let bill = self.case.bill(self.line.institution(), &visit);
        let bill = bill.map_err(|error| failed(&error.to_string()))?;
        let lines = bill.lines().iter().map(|charge| StayLine {
            charge: charge.clone(),
            refunds: None,
        });
        let charge = Call::ChargeStay {
            payer,
            visit_id: visit_id.clone(),
            kind: admission.kind.clone(),
            lines: lines.collect(),
        };
        let Reply::Uploaded { cuts } = self.line.call(&charge, None).await?.0 else {
            return Err(other());
        };
        Ok(Lying {
            part: StayPart {
                kind: admission.kind.clone(),
                total: bill.total(),
                cuts: sums(&cuts).ok_or_else(|| failed("the amounts are out of range"))?,
                interim: false,
                discharged_on: Some(business_day(self.line.clock.now())),
            },
            id: visit_id,
            admission,
        })
    }

    fn admission(&mut self) -> Result<Admission, Stop> {
        let Some(kind) = self.case.stay_kind.clone() else {
            return Err(none("案例未写 stay_kind not in the case"));
        };
        let visit = self.new_visit()?;
        let mut diagnoses = visit.diagnoses;
        for diagnosis in &mut diagnoses {
            diagnosis.admission_condition = Some(String::from("1"));
        }
        Ok(Admission {
            number: visit.number,
            kind,
            began: visit.began,
            doctor: visit.doctor,
            department: visit.department,
            bed: String::from("1"),
            complaint: String::new(),
            disease: None,
            diagnoses,
            contact: None,
            phone: None,
            injury: Some(false),
            third_party: Some(false),
            extras: StayExtras::default(),
        })
    }

    async fn discharge(&mut self, lying: &Lying) -> Done {
        let discharge = Call::Discharge {
            payer: self.payer()?,
            visit_id: lying.id.clone(),
            admission: lying.admission.clone(),
            discharge: Discharge {
                ended: self.line.clock.now(),
                department: lying.admission.department.clone(),
                bed: lying.admission.bed.clone(),
                way: String::from("1"),
                died: None,
                diagnoses: lying.admission.diagnoses.clone(),
            },
        };
        self.undo(discharge).await
    }

    /// Nothing of the stay is left at the centre.
    async fn empty(&mut self, payer: &Payer, visit_id: &VisitId) -> Done {
        let serials: Option<Vec<LineSerial>> = None;
        self.undo(Call::WithdrawCharges {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            serials,
        })
        .await?;
        self.undo(Call::WithdrawAdmission {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
        })
        .await
    }

    async fn undo(&mut self, call: Call) -> Done {
        self.line.call(&call, None).await.map(|_| ())
    }

    async fn lies(&mut self, visit_id: &VisitId) -> Result<bool, Stop> {
        let (day, now) = (SignedDuration::from_hours(24), self.line.clock.now());
        let query = Call::QueryInHospital {
            payer: self.payer()?,
            from: now - day,
            until: now + day,
        };
        match self.line.call(&query, None).await?.0 {
            Reply::InHospital { stays } => Ok(stays.iter().any(|stay| stay.visit_id == *visit_id)),
            _ => Err(other()),
        }
    }
}

fn sums(cuts: &[LineCut]) -> Option<TrialAmounts> {
    let sum = |of: fn(&LineCut) -> Fen| Fen::sum(cuts.iter().map(of));
    Some(TrialAmounts {
        own_expense: sum(|cut| cut.own_expense)?,
        over_ceiling: sum(|cut| cut.over_ceiling)?,
        first_own: sum(|cut| cut.first_own)?,
        in_scope: sum(|cut| cut.in_scope)?,
    })
}
