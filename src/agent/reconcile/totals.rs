//! Totals of some days against the centre's: one sum for each insurance, office and kind of clearing. Ends no doubt; what
//! differs is looked at row by row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zhijie_model::{Fen, InsuranceType};
use zhijie_settlement::Operator;
use zhijie_wire::{RefundsInTotals, Totals, TotalsRules, Unequal};

use super::own::Dated;
use super::{Failed, NoRun, Reconciler};

/// What the centre made of totals.
#[derive(Debug)]
pub struct TotalsReport {
    /// One for each sum, with what the centre has otherwise, if anything.
    pub groups: Vec<(Totals, Result<Option<Unequal>, Failed>)>,
    /// Settlements of these days that could not be summed whole: their answers told too little.
    pub partial: usize,
    /// Settlements and refunds of this desk in doubt; no sum holds them.
    pub in_doubt: usize,
}

impl Reconciler {
    /// Has totals compared: those given, or else those of this desk's ledger.
    ///
    /// # Errors
    /// [`NoRun`]; nothing was asked.
    pub async fn totals(
        &self,
        days: (Date, Date),
        given: Option<Vec<Totals>>,
        operator: &Operator,
    ) -> Result<TotalsReport, NoRun> {
        let rules = self.platform.profile().reconciliation.as_ref();
        let rules = rules.ok_or(NoRun::NoRules)?.totals;
        let _one = self.one.try_lock().map_err(|_| NoRun::UnderWay)?;
        let in_doubt = self.doubts().await?.len();
        let (sums, partial) = match given {
            Some(given) => (given, 0),
            None => {
                let own = self.own(&[]).await?;
                let partial = own.partial.iter().filter(|day| within(days, **day)).count();
                let sums = summed(&own.rows, days, rules);
                let range = || NoRun::Ledger(String::from("the sums leave the range of amounts"));
                (sums.ok_or_else(range)?, partial)
            }
        };
        if !sums.is_empty() {
            let message_id = self.core.new_message_id().await?;
            let signed = self.platform.sign_in(operator, message_id).await;
            signed.map_err(NoRun::SignIn)?;
        }
        let mut groups = Vec::new();
        for totals in sums {
            let told = self.ask_totals(&totals, operator).await;
            if let Err(failed) = &told {
                tracing::warn!(%failed, "Totals not compared");
            }
            groups.push((totals, told));
        }
        Ok(TotalsReport {
            groups,
            partial,
            in_doubt,
        })
    }

    async fn ask_totals(&self, totals: &Totals, operator: &Operator) -> Result<Option<Unequal>, Failed> {
        let message_id = self.core.new_message_id().await?;
        let told = self.platform.compare_totals(totals, operator, message_id);
        Ok(told.await?)
    }
}

fn within(days: (Date, Date), day: Date) -> bool {
    days.0 <= day && day <= days.1
}

/// The sums of these days, in the order of insurance, office and kind; `None` where an amount leaves the range.
fn summed(rows: &[Dated], days: (Date, Date), rules: TotalsRules) -> Option<Vec<Totals>> {
    let mut sums: BTreeMap<(&InsuranceType, &str, &str), Totals> = BTreeMap::new();
    for dated in rows.iter().filter(|dated| within(days, dated.day)) {
        if dated.undone && rules.refunds == RefundsInTotals::LeftOut {
            continue;
        }
        let (office, kind) = (dated.group.office.as_str(), dated.group.kind.as_str());
        let sum = sums.entry((&dated.insurance, office, kind));
        let sum = sum.or_insert_with(|| Totals {
            insurance: dated.insurance.clone(),
            kind: String::from(kind),
            office: String::from(office),
            days,
            total: Fen::ZERO,
            funds: Fen::ZERO,
            account: Fen::ZERO,
            count: 0,
        });
        let totals = &dated.row.totals;
        sum.total = sum.total.checked_add(totals.total)?;
        sum.funds = sum.funds.checked_add(totals.funds)?;
        sum.account = sum.account.checked_add(totals.account)?;
        if rules.account_with_mutual_aid {
            sum.account = sum.account.checked_add(dated.mutual_aid)?;
        }
        let counts = match rules.refunds {
            RefundsInTotals::Net if dated.row.refund => -1,
            RefundsInTotals::Rows | RefundsInTotals::Net | RefundsInTotals::LeftOut => 1,
        };
        sum.count = sum.count.checked_add(counts)?;
    }
    Some(sums.into_values().collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use zhijie_model::{OwnRow, PersonNumber, SettlementId, StatedTotals, VisitId};

    use super::super::Group;
    use super::*;

    fn dated(day: i8, insurance: &str, office: &str, total: i64) -> Dated {
        let fen = |amount: i64| Fen::new(amount).unwrap();
        Dated {
            day: date(2026, 11, day),
            group: Group {
                office: String::from(office),
                kind: String::from("11"),
            },
            insurance: InsuranceType::new(insurance).unwrap(),
            mutual_aid: fen(total / 100),
            undone: false,
            row: OwnRow {
                settlement: SettlementId::new("S1").unwrap(),
                visit: VisitId::new("V1").unwrap(),
                person: PersonNumber::new("P1").unwrap(),
                totals: StatedTotals {
                    total: fen(total),
                    funds: fen(total / 2),
                    account: fen(total / 10),
                },
                refund: total < 0,
            },
        }
    }

    fn undone(dated: Dated) -> Dated {
        Dated {
            undone: true,
            ..dated
        }
    }

    /// Insurance, office, total, funds, account, count.
    fn told(rows: &[Dated], rules: TotalsRules) -> Vec<(String, String, [i64; 3], i64)> {
        let sums = summed(rows, (date(2026, 11, 21), date(2026, 11, 22)), rules).unwrap();
        let told = |sum: Totals| {
            let amounts = [sum.total, sum.funds, sum.account].map(Fen::get);
            (
                String::from(sum.insurance.as_str()),
                sum.office,
                amounts,
                sum.count,
            )
        };
        sums.into_iter().map(told).collect()
    }

    #[test]
    fn each_insurance_and_office_is_a_sum_of_its_own_and_days_bound_it() {
        let rows = [
            dated(20, "390", "341200", 7_000),
            dated(21, "390", "341200", 1_000),
            dated(22, "390", "341200", 2_000),
            dated(22, "310", "341200", 400),
            dated(22, "390", "340100", 800),
            dated(23, "390", "341200", 9_000),
        ];
        let of = |insurance: &str, office: &str, amounts, count| {
            (String::from(insurance), String::from(office), amounts, count)
        };
        assert_eq!(
            told(&rows, TotalsRules::default()),
            [
                of("310", "341200", [400, 200, 40], 1),
                of("390", "340100", [800, 400, 80], 1),
                of("390", "341200", [3_000, 1_500, 300], 2),
            ]
        );
        assert!(told(&rows[..1], TotalsRules::default()).is_empty());
    }

    #[test]
    fn refunds_are_what_the_province_says() {
        let rows = [
            dated(21, "390", "341200", 2_000),
            undone(dated(21, "390", "341200", 1_000)),
            undone(dated(22, "390", "341200", -1_000)),
        ];
        let table = [
            (RefundsInTotals::Rows, [2_000, 1_000, 200], 3),
            (RefundsInTotals::Net, [2_000, 1_000, 200], 1),
            (RefundsInTotals::LeftOut, [2_000, 1_000, 200], 1),
        ];
        for (refunds, amounts, count) in table {
            let rules = TotalsRules {
                refunds,
                ..TotalsRules::default()
            };
            let sums = told(&rows, rules);
            assert_eq!((sums[0].2, sums[0].3), (amounts, count), "{refunds:?}");
            // A refund of an earlier day's settlement alone.
            let late = told(&rows[2..], rules);
            let expected = match refunds {
                RefundsInTotals::Rows => Some(([-1_000, -500, -100], 1)),
                RefundsInTotals::Net => Some(([-1_000, -500, -100], -1)),
                RefundsInTotals::LeftOut => None,
            };
            assert_eq!(late.first().map(|sum| (sum.2, sum.3)), expected, "{refunds:?}");
        }
    }

    #[test]
    fn a_family_s_account_is_added_only_where_the_province_adds_it() {
        let rows = [dated(21, "390", "341200", 2_000)];
        for (account_with_mutual_aid, account) in [(false, 200), (true, 220)] {
            let rules = TotalsRules {
                account_with_mutual_aid,
                ..TotalsRules::default()
            };
            assert_eq!(told(&rows, rules)[0].2, [2_000, 1_000, account]);
        }
    }
}
