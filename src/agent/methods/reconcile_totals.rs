//! `reconcile.totals`: sums of some days, compared now and told as the desk sees it.

use jiff::civil::Date;
use zhijie_desk::RpcError;
use zhijie_desk::api::{
    ParamError, ReconcileTotalsParams, ReconcileTotalsResult, Sum, SumParams, TotalsDiffer, TotalsGroup,
};
use zhijie_wire::{Totals, Unequal};

use super::reconcile::{failed, no_run};
use super::{Services, core_gone, error};
use crate::reconcile::{Failed, NoRun};

impl Services {
    pub(super) async fn reconcile_totals(
        &self,
        asked: ReconcileTotalsParams,
    ) -> Result<ReconcileTotalsResult, RpcError> {
        let invalid =
            |problem: ParamError| RpcError::invalid_params(&problem.path, "not_allowed", &problem.problem);
        let days = asked.days().map_err(invalid)?;
        let given = asked.to_sums().map_err(invalid)?;
        let given = given.map(|sums| sums.into_iter().map(|sum| totals(sum, days)).collect());
        let operator = asked
            .operator
            .as_ref()
            .map(|operator| operator.to_operator("operator"));
        let operator = self.operator(operator.transpose().map_err(invalid)?);
        let report = match self.reconciler.totals(days, given, &operator).await {
            Ok(report) => report,
            Err(NoRun::Core(gone)) => return Err(core_gone(gone)),
            Err(none) => return Err(error(&no_run(&none))),
        };
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(ReconcileTotalsResult {
            from: days.0.to_string(),
            until: days.1.to_string(),
            groups: report
                .groups
                .iter()
                .map(|(totals, told)| group(totals, told))
                .collect(),
            partial: count(report.partial),
            in_doubt: count(report.in_doubt),
        })
    }
}

fn totals(sum: Sum, days: (Date, Date)) -> Totals {
    Totals {
        insurance: sum.insurance,
        kind: sum.kind,
        office: sum.office,
        days,
        total: sum.total,
        funds: sum.funds,
        account: sum.account,
        count: sum.count,
    }
}

fn group(totals: &Totals, told: &Result<Option<Unequal>, Failed>) -> TotalsGroup {
    let differs = |unequal: &Unequal| TotalsDiffer {
        code: unequal.code.clone(),
        words: unequal.words.clone(),
    };
    TotalsGroup {
        sum: SumParams {
            insurance: String::from(totals.insurance.as_str()),
            office: totals.office.clone(),
            kind: totals.kind.clone(),
            count: totals.count,
            total_fen: totals.total.get(),
            funds_fen: totals.funds.get(),
            account_fen: totals.account.get(),
        },
        balanced: matches!(told, Ok(None)),
        differs: told.as_ref().ok().and_then(|told| told.as_ref()).map(differs),
        fault: told.as_ref().err().map(failed),
    }
}
