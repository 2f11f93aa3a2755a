//! What a patient leaves at the desk for a bill that is settled later, and the guess of her own share.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use zhijie_model::{Fen, Payer};
use zhijie_settlement::{DepositRule, Estimate, EstimateSource};

use super::Services;
use crate::config::{Deposit, RegionPolicy};

impl Services {
    /// A guess, told as one: the own share of the last settlement of this person, as a part of its total, laid on this
    /// bill; without one, what was written down of her region's policy.
    pub(super) async fn estimate(&self, payer: &Payer, total: Fen) -> Option<Estimate> {
        let settled = self.core.last_settled(payer.number.clone()).await.ok().flatten();
        let of_hers = settled.and_then(|(settled, at)| {
            let split = &settled.split;
            Some(Estimate {
                cash: part(total, split.cash().get(), split.total().get())?,
                source: EstimateSource::Settlement(settled.message_id?),
                seen_at: at,
            })
        });
        of_hers.or_else(|| by_policy(self.config.deferred.policy_of(payer.area)?, total))
    }
}

fn by_policy(policy: &RegionPolicy, total: Fen) -> Option<Estimate> {
    let beijing = TimeZone::fixed(Offset::constant(8));
    let seen_at: Timestamp = policy.since.to_zoned(beijing).ok()?.timestamp();
    Some(Estimate {
        cash: part(total, i64::from(policy.own_share_percent), 100)?,
        source: EstimateSource::Policy {
            region: policy.area,
            own_share_percent: policy.own_share_percent,
        },
        seen_at,
    })
}

/// `total` times `share` of `whole`, rounded down to the fen.
fn part(total: Fen, share: i64, whole: i64) -> Option<Fen> {
    if whole <= 0 {
        return None;
    }
    let share = i128::from(share).checked_mul(i128::from(total.get()))?;
    Fen::new(i64::try_from(share.checked_div(i128::from(whole))?).ok()?).ok()
}

pub(super) const fn deposit_rule(deposit: &Deposit) -> DepositRule {
    match deposit {
        Deposit::Full => DepositRule::Full,
        Deposit::Estimate => DepositRule::Estimate,
        Deposit::Percent(percent) => DepositRule::Percent(*percent),
    }
}

/// What the rule wants; `None` where there is nothing to estimate from.
pub(super) fn wanted_deposit(rule: DepositRule, total: Fen, estimate: Option<&Estimate>) -> Option<Fen> {
    match rule {
        DepositRule::Full => Some(total),
        DepositRule::Estimate => estimate.map(|estimate| estimate.cash),
        DepositRule::Percent(percent) => {
            let part = total.get().checked_mul(i64::from(percent))?.checked_add(99)?;
            Fen::new(part.checked_div(100)?).ok()
        }
    }
}
