//! The split: the treatment place has said what is in scope, the insured region's policy says who pays it.
//!
//! Pure. One engine for every region; the regions differ in data only (`data/regions.toml`).

use serde::{Deserialize, Serialize};
use zhijie_model::{Fen, FenError, Ratio};

use crate::catalogue::LineCut;
use crate::policy::{Aid, Pool, Supplement};
use crate::share::{share, tiered};

/// The rules one settlement is made under.
#[derive(Debug, Clone)]
pub struct Rules<'a> {
    pub pool: &'a Pool,
    pub supplement: &'a Supplement,
    /// Share of the remainder, for civil servants.
    pub civil_servant: Option<Ratio>,
    /// For aided persons.
    pub aid: Option<&'a Aid>,
    /// Taken off the pool's ratio, for visitors.
    pub less: Option<Ratio>,
    /// The hospital's share of what lies above a ceiling, in stays.
    pub hospital: Option<Ratio>,
    /// `None` when the account may not be used.
    pub account: Option<Account>,
}

/// The personal account.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    pub balance: Fen,
    /// Whether it also pays what lies outside the catalogue or above the ceiling.
    pub own_expense: bool,
    /// What a family member's account holds, which pays after the own one.
    pub family: Fen,
    /// What both are to pay at most, where an amount was asked.
    pub at_most: Option<Fen>,
}

/// What the year has used up before this settlement. The first three count per setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearTotals {
    pub deductible: Fen,
    /// In-scope amount above the deductible.
    pub base: Fen,
    pub pool: Fen,
    /// In-scope amount that the pool left; counts across settings.
    pub burden: Fen,
    pub supplement: Fen,
    pub aid: Fen,
}

/// Who pays what of one settlement. Refund rows carry the same amounts negated.
///
/// INVARIANT: `total` = own expense + over ceiling + first own + in scope = funds + hospital + person, and person = account +
/// mutual + cash (identities I1 to I4); nothing is negative before negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    pub total: Fen,
    pub own_expense: Fen,
    pub over_ceiling: Fen,
    pub first_own: Fen,
    pub in_scope: Fen,
    pub deductible: Fen,
    pub base: Fen,
    pub pool: Fen,
    pub supplement: Fen,
    pub civil_servant: Fen,
    pub aid: Fen,
    /// All funds, the personal account not included.
    pub funds: Fen,
    /// What the hospital bears itself.
    #[serde(default)]
    pub hospital: Fen,
    pub person: Fen,
    pub account: Fen,
    /// From a family member's account.
    #[serde(default)]
    pub mutual: Fen,
    pub cash: Fen,
    /// What each fund could still have paid, for the detail rows.
    pub pool_limit: Fen,
    pub supplement_limit: Fen,
    pub aid_limit: Fen,
}

impl YearTotals {
    /// # Errors
    /// When a sum leaves the range of [`Fen`].
    pub fn after(self, split: &Split) -> Result<Self, FenError> {
        Ok(Self {
            deductible: plus(self.deductible, split.deductible)?,
            base: plus(self.base, split.base)?,
            pool: plus(self.pool, split.pool)?,
            burden: plus(self.burden, split.burden()?)?,
            supplement: plus(self.supplement, split.supplement)?,
            aid: plus(self.aid, split.aid)?,
        })
    }
}

impl Split {
    /// In-scope amount that the pool left.
    ///
    /// # Errors
    /// When the difference leaves the range of [`Fen`].
    pub fn burden(&self) -> Result<Fen, FenError> {
        minus(self.in_scope, self.pool)
    }

    /// The refund of this settlement: every amount with the other sign (identity I7).
    #[must_use]
    pub const fn negated(&self) -> Self {
        Self {
            total: self.total.negated(),
            own_expense: self.own_expense.negated(),
            over_ceiling: self.over_ceiling.negated(),
            first_own: self.first_own.negated(),
            in_scope: self.in_scope.negated(),
            deductible: self.deductible.negated(),
            base: self.base.negated(),
            pool: self.pool.negated(),
            supplement: self.supplement.negated(),
            civil_servant: self.civil_servant.negated(),
            aid: self.aid.negated(),
            funds: self.funds.negated(),
            hospital: self.hospital.negated(),
            person: self.person.negated(),
            account: self.account.negated(),
            mutual: self.mutual.negated(),
            cash: self.cash.negated(),
            pool_limit: self.pool_limit,
            supplement_limit: self.supplement_limit,
            aid_limit: self.aid_limit,
        }
    }
}

/// Splits a bill whose lines are cut. Each fund's amount is rounded half up to the fen on its own, and what is left
/// of the total is the person's.
///
/// # Errors
/// When a sum leaves the range of [`Fen`].
pub fn settle(cuts: &[LineCut], rules: &Rules<'_>, so_far: &YearTotals) -> Result<Split, FenError> {
    let column = |of: fn(&LineCut) -> Fen| Fen::sum(cuts.iter().map(of)).ok_or(FenError::OutOfRange);
    let total = column(|cut| cut.amount)?;
    let own_expense = column(|cut| cut.own_expense)?;
    let over_ceiling = column(|cut| cut.over_ceiling)?;
    let first_own = column(|cut| cut.first_own)?;
    let in_scope = column(|cut| cut.in_scope)?;

    let deductible = left(rules.pool.deductible, so_far.deductible)?.min(in_scope);
    let base = minus(in_scope, deductible)?;
    let pool_limit = left(rules.pool.cap, so_far.pool)?;
    let pool = tiered(so_far.base, base, &rules.pool.tiers, rules.less)?.min(pool_limit);

    let burden = minus(in_scope, pool)?;
    let supplement_limit = left(rules.supplement.cap, so_far.supplement)?;
    let supplement = supplement(rules.supplement, so_far.burden, burden)?.min(supplement_limit);

    let mut rest = minus(burden, supplement)?;
    let civil_servant = rules
        .civil_servant
        .map_or(Ok(Fen::ZERO), |ratio| share(rest, ratio))?;
    rest = minus(rest, civil_servant)?;
    let aid_limit = rules
        .aid
        .map_or(Ok(Fen::ZERO), |rule| left(rule.cap, so_far.aid))?;
    let aid = match rules.aid {
        Some(rule) => share(rest, rule.ratio)?.min(aid_limit),
        None => Fen::ZERO,
    };
    rest = minus(rest, aid)?;

    let funds = Fen::sum([pool, supplement, civil_servant, aid]).ok_or(FenError::OutOfRange)?;
    let hospital = rules
        .hospital
        .map_or(Ok(Fen::ZERO), |ratio| share(over_ceiling, ratio))?;
    let person = minus(total, plus(funds, hospital)?)?;
    let (account, mutual) = match rules.account {
        Some(account) => {
            let payable = if account.own_expense {
                person
            } else {
                plus(rest, first_own)?
            };
            let payable = account.at_most.map_or(payable, |most| most.min(payable));
            let own = account.balance.min(payable);
            (own, account.family.min(minus(payable, own)?))
        }
        None => (Fen::ZERO, Fen::ZERO),
    };
    Ok(Split {
        total,
        own_expense,
        over_ceiling,
        first_own,
        in_scope,
        deductible,
        base,
        pool,
        supplement,
        civil_servant,
        aid,
        funds,
        hospital,
        person,
        account,
        mutual,
        cash: minus(person, plus(account, mutual)?)?,
        pool_limit,
        supplement_limit,
        aid_limit,
    })
}

/// What the supplement pays of the part of the year's burden that this settlement adds above the threshold.
fn supplement(rule: &Supplement, burden_so_far: Fen, burden: Fen) -> Result<Fen, FenError> {
    let end = plus(burden_so_far, burden)?;
    let start = burden_so_far.max(rule.threshold);
    if end <= start {
        return Ok(Fen::ZERO);
    }
    tiered(start, minus(end, start)?, &rule.tiers, None)
}

fn left(limit: Fen, used: Fen) -> Result<Fen, FenError> {
    Ok(minus(limit, used)?.max(Fen::ZERO))
}

fn plus(one: Fen, other: Fen) -> Result<Fen, FenError> {
    one.checked_add(other).ok_or(FenError::OutOfRange)
}

fn minus(one: Fen, other: Fen) -> Result<Fen, FenError> {
    one.checked_sub(other).ok_or(FenError::OutOfRange)
}
