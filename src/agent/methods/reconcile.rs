//! `reconcile.day`: a run of the reconciliation now, told as the desk sees it.

use zhijie_desk::RpcError;
use zhijie_desk::api::{
    DoubtEnded, DoubtLeft, NextStep, Outcome, ReconcileDayParams, ReconcileDayResult, StatedWord,
    StatementGroup,
};
use zhijie_model::Fault;
use zhijie_settlement::Stated;

use super::person::trouble_fault;
use super::{Services, core_fault, core_gone, error};
use crate::faults::{self, AGENT_004, AGENT_006, AGENT_020, AGENT_021, DESK_060, PLAT_040};
use crate::reconcile::{Compared, Doubtful, Ended, Failed, NoRun};

const MARKER: &str = "reconcile";

impl Services {
    pub(super) async fn reconcile(&self, asked: ReconcileDayParams) -> Result<ReconcileDayResult, RpcError> {
        let invalid = |problem: zhijie_desk::api::ParamError| {
            RpcError::invalid_params(&problem.path, "not_allowed", &problem.problem)
        };
        let day = asked.day().map_err(invalid)?;
        let operator = asked
            .operator
            .as_ref()
            .map(|operator| operator.to_operator("operator"));
        let operator = self.operator(operator.transpose().map_err(invalid)?);
        let report = match self.reconciler.run(day, &operator).await {
            Ok(report) => report,
            Err(NoRun::Core(gone)) => return Err(core_gone(gone)),
            Err(none) => return Err(error(&no_run(&none))),
        };
        Ok(ReconcileDayResult {
            groups: report.groups.iter().map(group).collect(),
            ended: report.ended.iter().map(ended).collect(),
            left: report
                .left
                .iter()
                .map(|(doubt, stated)| left(doubt, stated.as_ref()))
                .collect(),
        })
    }
}

pub(super) fn no_run(none: &NoRun) -> Fault {
    match none {
        NoRun::NoRules => faults::fault(&DESK_060, "", None, MARKER),
        NoRun::UnderWay => faults::fault(&AGENT_020, "", None, MARKER),
        NoRun::Core(gone) => core_fault(*gone),
        NoRun::Ledger(_) => faults::fault(&AGENT_006, "the ledger cannot be read", None, MARKER),
        NoRun::SignIn(trouble) => trouble_fault(trouble, MARKER),
    }
}

pub(super) fn failed(failed: &Failed) -> Fault {
    match failed {
        Failed::Trouble(trouble) => trouble_fault(trouble, MARKER),
        Failed::Statement(why) => faults::fault(&PLAT_040, &why.to_string(), None, MARKER),
        Failed::Rows(why) => faults::fault(&AGENT_004, &why.to_string(), None, MARKER),
        Failed::Core(gone) => core_fault(*gone),
    }
}

fn group(compared: &Compared) -> StatementGroup {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    StatementGroup {
        office: compared.group.office.clone(),
        kind: compared.group.kind.clone(),
        from: compared.days.0.to_string(),
        until: compared.days.1.to_string(),
        rows: count(compared.own),
        balanced: compared.failed.is_none() && compared.hospital_more == 0 && compared.differ == 0,
        centre_more: count(compared.centre_more),
        hospital_more: count(compared.hospital_more),
        differ: count(compared.differ),
        strangers: compared
            .strangers
            .iter()
            .map(|message| String::from(message.as_str()))
            .collect(),
        fault: compared
            .failed
            .as_ref()
            .map(failed)
            .or_else(|| strangers(compared)),
    }
}

fn strangers(compared: &Compared) -> Option<Fault> {
    let said = || faults::fault(&AGENT_021, "", None, MARKER);
    (!compared.strangers.is_empty()).then(said)
}

fn ended(ended: &Ended) -> DoubtEnded {
    DoubtEnded {
        bill_id: String::from(ended.bill.as_str()),
        ticket: String::from(ended.subject.as_str()),
        outcome: if ended.done {
            Outcome::Done
        } else {
            Outcome::NotDone
        },
        settlement_id: ended.settlement.as_ref().map(|id| String::from(id.as_str())),
    }
}

fn left(doubt: &Doubtful, stated: Option<&Stated>) -> DoubtLeft {
    let (word, cashier, engineer) = match stated {
        Some(Stated::Listed(_)) => (
            StatedWord::Listed,
            "医保对账单上有这笔结算，但金额不一致、不完整，或冲正还可能生效。请勿收款，请勿再次结算；请医保办核对，或明日再对账",
            "the centre lists it: with other amounts or too few, or a reversal may still undo it",
        ),
        Some(Stated::Unlisted { complete: true }) => (
            StatedWord::Unlisted,
            "医保对账单上没有这笔，但还没到可以下结论的时间。请勿收款，请勿再次结算，稍后再对账",
            "not listed; it may still be executed late, or a reversal has to come first",
        ),
        Some(Stated::Unlisted { complete: false }) => (
            StatedWord::Unlisted,
            "医保对账单上没有这笔，但这份对账单不能作为没有结算的证据。请勿收款，请勿再次结算，明日再对账或请医保办核对",
            "not listed, and this statement is no evidence of absence",
        ),
        None => (
            StatedWord::Nothing,
            "没有取得可用的医保对账单，结果仍然未知。请勿收款，请勿再次结算，稍后再对账",
            "no statement that covers it",
        ),
    };
    DoubtLeft {
        bill_id: String::from(doubt.bill.as_str()),
        ticket: String::from(doubt.subject.as_str()),
        stated: word,
        next_step: NextStep {
            cashier: String::from(cashier),
            engineer: String::from(engineer),
        },
    }
}
