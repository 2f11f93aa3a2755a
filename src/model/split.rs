//! Who pays what: the platform's answer, checked that it adds up, never computed here.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::fen::Fen;
use crate::quantity::Ratio;

/// The funds a settlement can draw on, in the order a receipt lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fund {
    /// Basic medical insurance pool (统筹基金).
    Pool,
    CivilServant,
    EnterpriseSupplement,
    /// Catastrophic illness of residents (居民大病).
    CatastrophicIllness,
    /// Large medical expenses of employees (职工大额).
    LargeExpense,
    Disabled,
    MedicalAid,
    Other,
}

/// What one fund pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundPart {
    pub fund: Fund,
    pub amount: Fen,
}

/// The amounts of a settlement answer before they are believed. All in fen; refunds carry negative amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitParts {
    pub total: Fen,
    /// Outside the catalogue, wholly own.
    pub own_expense: Fen,
    /// Above the ceiling price.
    pub over_ceiling: Fen,
    /// First-own share of class B items.
    pub first_own: Fen,
    pub in_scope: Fen,
    /// Part of the in-scope amount eaten by the deductible.
    pub deductible: Fen,
    /// Share the pool paid, where the platform says it.
    pub pool_ratio: Option<Ratio>,
    /// Funds with an amount other than zero, in the order of [`Fund`].
    pub funds: Vec<FundPart>,
    /// Total of the funds, the personal account not included.
    pub fund_total: Fen,
    /// What the person bears: account and cash.
    pub person: Fen,
    pub account: Fen,
    /// Paid from a family member's account.
    pub mutual_aid: Fen,
    pub cash: Fen,
    pub hospital: Fen,
    /// Account balance afterwards, where the insured region tells.
    pub balance: Option<Fen>,
    /// Sum of the rows by fund that came beside the amounts, where some came. The personal account has a row, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Fen>,
}

/// INVARIANT: total = fund total + person + hospital, and person = account + cash (a family member's share counted
/// inside the account or beside it), each within one fen; cash is what the cashier collects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SplitParts", into = "SplitParts")]
pub struct Split {
    parts: SplitParts,
    warnings: Vec<SplitError>,
}

/// An identity of the interface that does not hold (numbers as in the interface reference, 3.6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum SplitError {
    #[error("I1: total is not own expense + over ceiling + first own + in scope")]
    I1,
    #[error("I2: total is not funds + person + hospital")]
    I2,
    #[error("I3: person is not account + cash")]
    I3,
    #[error("I4: fund total is not the sum of the funds")]
    I4,
    #[error("I5: the rows by fund come to less than the fund total")]
    I5,
    #[error("an amount has the wrong sign")]
    Sign,
    #[error("total is not the bill's total")]
    OtherTotal,
    #[error("amounts leave the range")]
    OutOfRange,
}

impl Split {
    /// # Errors
    /// I2, I3 or a sign that is wrong: such an answer must never be shown. I1, I4 and I5 only describe how the amounts
    /// came about and become [`Split::warnings`].
    pub fn new(parts: SplitParts) -> Result<Self, SplitError> {
        let sum = |amounts: &[Fen]| Fen::sum(amounts.iter().copied()).ok_or(SplitError::OutOfRange);
        let close = |left: Fen, right: Fen| left.abs_diff(right) <= 1;
        if !close(
            parts.total,
            sum(&[parts.fund_total, parts.person, parts.hospital])?,
        ) {
            return Err(SplitError::I2);
        }
        let inside = sum(&[parts.account, parts.cash])?;
        let beside = sum(&[parts.account, parts.cash, parts.mutual_aid])?;
        if !close(parts.person, inside) && !close(parts.person, beside) {
            return Err(SplitError::I3);
        }
        let refund = parts.total.is_negative();
        let mut signed = vec![
            parts.cash,
            parts.account,
            parts.mutual_aid,
            parts.fund_total,
            parts.person,
        ];
        signed.push(parts.hospital);
        if signed
            .iter()
            .any(|amount| !amount.is_zero() && amount.is_negative() != refund)
        {
            return Err(SplitError::Sign);
        }
        let mut warnings = Vec::new();
        let scope = sum(&[
            parts.own_expense,
            parts.over_ceiling,
            parts.first_own,
            parts.in_scope,
        ])?;
        if !close(parts.total, scope) {
            warnings.push(SplitError::I1);
        }
        let funds = Fen::sum(parts.funds.iter().map(|part| part.amount)).ok_or(SplitError::OutOfRange)?;
        if !close(parts.fund_total, funds) {
            warnings.push(SplitError::I4);
        }
        if parts
            .listed
            .is_some_and(|listed| falls_short(listed, parts.fund_total))
        {
            warnings.push(SplitError::I5);
        }
        Ok(Self { parts, warnings })
    }

    /// The same split, provided that it is for a bill of `total`.
    ///
    /// # Errors
    /// [`SplitError::OtherTotal`].
    pub fn for_total(self, total: Fen) -> Result<Self, SplitError> {
        if self.parts.total == total {
            Ok(self)
        } else {
            Err(SplitError::OtherTotal)
        }
    }

    /// Whether both say the same of who pays what; rows by fund may stand beside one of them only.
    #[must_use]
    pub fn pays_as(&self, other: &Self) -> bool {
        let amounts = |split: &Self| SplitParts {
            listed: None,
            ..split.parts.clone()
        };
        amounts(self) == amounts(other)
    }

    /// Identities that do not hold but do not decide who pays.
    #[must_use]
    pub fn warnings(&self) -> &[SplitError] {
        &self.warnings
    }

    #[must_use]
    pub const fn parts(&self) -> &SplitParts {
        &self.parts
    }

    #[must_use]
    pub const fn total(&self) -> Fen {
        self.parts.total
    }

    /// What the cashier collects, or pays back when negative (identity I8).
    #[must_use]
    pub const fn cash(&self) -> Fen {
        self.parts.cash
    }

    #[must_use]
    pub fn fund(&self, fund: Fund) -> Fen {
        self.parts
            .funds
            .iter()
            .find(|part| part.fund == fund)
            .map_or(Fen::ZERO, |part| part.amount)
    }

    /// Whether the family member's share is counted inside the account's, and not beside it.
    #[must_use]
    pub fn mutual_aid_is_inside(&self) -> bool {
        let inside = self.parts.account.checked_add(self.parts.cash);
        !self.parts.mutual_aid.is_zero()
            && inside.is_some_and(|inside| inside.abs_diff(self.parts.person) <= 1)
    }

    /// Everything the funds pay besides the pool.
    #[must_use]
    pub fn other_funds(&self) -> Fen {
        self.parts
            .fund_total
            .checked_sub(self.fund(Fund::Pool))
            .unwrap_or(Fen::ZERO)
    }
}

/// By more than a fen, for settlements and for refunds.
fn falls_short(listed: Fen, total: Fen) -> bool {
    let (listed, total) = if total.is_negative() {
        (listed.negated(), total.negated())
    } else {
        (listed, total)
    };
    listed < total && listed.abs_diff(total) > 1
}

impl TryFrom<SplitParts> for Split {
    type Error = SplitError;
    fn try_from(parts: SplitParts) -> Result<Self, SplitError> {
        Self::new(parts)
    }
}

impl From<Split> for SplitParts {
    fn from(split: Split) -> Self {
        split.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(value: i64) -> Fen {
        Fen::new(value).unwrap()
    }

    /// 23442.46 = 18785.39 + 4152.06 + 505.01, a real answer quoted in the interface reference.
    fn real() -> SplitParts {
        SplitParts {
            total: fen(2_344_246),
            own_expense: fen(0),
            over_ceiling: fen(0),
            first_own: fen(0),
            in_scope: fen(2_344_246),
            deductible: fen(0),
            pool_ratio: None,
            funds: vec![FundPart {
                fund: Fund::Pool,
                amount: fen(1_878_539),
            }],
            fund_total: fen(1_878_539),
            person: fen(415_206),
            account: fen(0),
            mutual_aid: fen(0),
            cash: fen(415_206),
            hospital: fen(50_501),
            balance: None,
            listed: None,
        }
    }

    #[test]
    fn a_real_answer_adds_up() {
        assert_eq!(Split::new(real()).map(|split| split.cash()), Ok(fen(415_206)));
    }

    #[test]
    fn what_does_not_add_up_is_no_split() {
        type Break = fn(&mut SplitParts);
        let table: [(Break, SplitError); 4] = [
            (|parts| parts.fund_total = fen(1), SplitError::I2),
            (|parts| parts.cash = fen(0), SplitError::I3),
            (
                |parts| {
                    parts.cash = fen(-100);
                    parts.account = fen(415_306);
                },
                SplitError::Sign,
            ),
            (|parts| parts.total = fen(9_999_999_999_999_999), SplitError::I2),
        ];
        for (break_it, error) in table {
            let mut parts = real();
            break_it(&mut parts);
            assert_eq!(Split::new(parts), Err(error));
        }
    }

    #[test]
    fn how_it_came_about_only_warns() {
        let mut parts = real();
        parts.in_scope = fen(1);
        parts.funds.clear();
        assert_eq!(
            Split::new(parts).unwrap().warnings(),
            [SplitError::I1, SplitError::I4]
        );
    }

    #[test]
    fn rows_by_fund_may_come_to_more_but_not_to_less() {
        // rows, fund total, warned about
        let table = [
            (1_878_539, false),
            (1_878_538, false),
            (1_878_537, true),
            (2_293_745, false),
        ];
        for (listed, warned) in table {
            for sign in [1, -1] {
                let mut parts = real();
                parts.listed = Some(fen(listed * sign));
                let own = [
                    &mut parts.total,
                    &mut parts.in_scope,
                    &mut parts.fund_total,
                    &mut parts.person,
                    &mut parts.cash,
                    &mut parts.hospital,
                    &mut parts.funds[0].amount,
                ];
                for amount in own {
                    *amount = fen(amount.get() * sign);
                }
                let found = Split::new(parts).unwrap().warnings().contains(&SplitError::I5);
                assert_eq!(found, warned, "{listed} {sign}");
            }
        }
    }

    #[test]
    fn rows_by_fund_say_nothing_of_who_pays() {
        let mut listed = real();
        listed.listed = Some(fen(1_878_539));
        let (bare, listed) = (Split::new(real()).unwrap(), Split::new(listed).unwrap());
        assert!(bare.pays_as(&listed) && bare != listed);
        let mut other = real();
        other.deductible = fen(1);
        assert!(!bare.pays_as(&Split::new(other).unwrap()));
    }

    #[test]
    fn family_account_counts_inside_or_beside() {
        let mut parts = real();
        parts.mutual_aid = fen(15_206);
        assert!(Split::new(parts.clone()).unwrap().mutual_aid_is_inside());
        parts.cash = fen(400_000);
        assert!(!Split::new(parts).unwrap().mutual_aid_is_inside());
        assert!(!Split::new(real()).unwrap().mutual_aid_is_inside());
    }
}
