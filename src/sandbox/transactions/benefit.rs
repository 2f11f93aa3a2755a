//! 2001, and the verdict on filings that 2001 tells and 2206, 2207, 2401, 2303 and 2304 apply.

use jiff::civil::Date;
use zhijie_model::{Distance, Ratio};

use crate::filing::{FilingKind, reaches};
use crate::json::{Json, Object};
use crate::people::{Insurance, Person};
use crate::policy::{Policy, Region};
use crate::refusal::{Fail, Refusal};
use crate::store;
use crate::transactions::{Context, Done};

/// Whether a person may settle at the treatment place, and at what share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Admission {
    NotNeeded,
    Filed(FilingKind),
    /// No filing in force, and the region takes a lower share for it.
    Unfiled(Ratio),
    /// Refused, with the insured region's words.
    Missing(String),
}

impl Admission {
    /// What is taken off the pool's ratio.
    pub(super) const fn less(&self, policy: &Policy) -> Option<Ratio> {
        match self {
            Self::Filed(FilingKind::Referral | FilingKind::OtherTemporary) => {
                Some(policy.visitor.temporary_less)
            }
            Self::Filed(FilingKind::Emergency) => Some(policy.visitor.emergency_less),
            Self::Unfiled(less) => Some(*less),
            Self::NotNeeded
            | Self::Filed(
                FilingKind::ResettledRetiree | FilingKind::LongTermResident | FilingKind::PostedWorker,
            )
            | Self::Missing(_) => None,
        }
    }
}

/// The insured region's verdict for a visit of that kind on that day.
pub(super) fn admission(
    context: &Context<'_>,
    person: &Person,
    insurance: &Insurance,
    kind: &str,
    day: Date,
) -> Result<Admission, Fail> {
    let region = context.region(insurance.area)?;
    let visitor = region.policy(&insurance.kind).map(|policy| &policy.visitor);
    let needed = match context.distance(insurance.area) {
        Distance::SameCity => false,
        Distance::SameProvince => visitor.is_some_and(|rule| rule.in_province),
        Distance::OtherProvince => true,
    };
    if !needed {
        return Ok(Admission::NotNeeded);
    }
    let mut filings = store::filings(context.db, Some(&person.number))?;
    filings.retain(|stored| stored.removed.is_none() && stored.filing.is_of(insurance.area));
    // 13 in the emergency room, 24 from there into a bed.
    let emergency = ["13", "24"].iter().any(|start| kind.starts_with(start));
    let emergency = emergency.then_some(FilingKind::Emergency);
    let valid = filings
        .iter()
        .filter(|stored| stored.filing.covers(context.options.area, day))
        .map(|stored| stored.filing.kind)
        .chain(emergency);
    let best = valid.min_by_key(|kind| match kind {
        FilingKind::ResettledRetiree | FilingKind::LongTermResident | FilingKind::PostedWorker => 0,
        FilingKind::Emergency => 1,
        FilingKind::Referral | FilingKind::OtherTemporary => 2,
    });
    if let Some(kind) = best {
        return Ok(Admission::Filed(kind));
    }
    if let Some(less) = visitor.and_then(|rule| rule.unfiled_less) {
        return Ok(Admission::Unfiled(less));
    }
    let last = filings
        .iter()
        .filter(|stored| reaches(stored.filing.target, context.options.area) && stored.filing.until < day)
        .map(|stored| stored.filing.until)
        .max();
    Ok(Admission::Missing(match last {
        Some(until) => format!("异地就医备案已过期(有效期至{until}),不能享受异地就医直接结算待遇"),
        None => String::from("未查询到有效的跨省异地就医备案信息,不能享受异地就医直接结算待遇,请先办理备案"),
    }))
}

/// The refusal of a visit or a stay without a filing.
pub(super) fn not_admitted(region: &Region, reason: &str) -> Refusal {
    Refusal::insured_region(&region.name, reason)
}

pub(super) fn check(context: &Context<'_>) -> Done {
    let node = context.data_node(&["psn_no", "insutype", "fixmedins_code", "med_type", "begntime"])?;
    let person = context.person(&node)?;
    let begins = node.time("begntime")?;
    let kind = node.text("insutype")?;
    let insurance = person
        .insured(&kind)
        .ok_or_else(|| Refusal::business(format!("该人员无险种[{kind}]的参保信息")))?;
    let region = context.region(insurance.area)?;
    let verdict = if context.options.filing_hint {
        admission(context, person, insurance, &node.text("med_type")?, begins.date())?
    } else {
        Admission::NotNeeded
    };
    let (enjoys, reason) = match &verdict {
        _ if insurance.status != "1" => ("0", Some(String::from("参保状态不是正常参保"))),
        Admission::Missing(reason) => ("0", Some(format!("参保地[{}]返回:{reason}", region.name))),
        Admission::Unfiled(less) => ("1", Some(lower_share("未办理异地就医备案", *less))),
        Admission::Filed(FilingKind::Referral | FilingKind::OtherTemporary) => {
            let less = region.policy(&kind).map(|policy| policy.visitor.temporary_less);
            ("1", less.map(|less| lower_share("跨省临时外出就医人员", less)))
        }
        Admission::Filed(_) | Admission::NotNeeded => ("1", None),
    };
    let row = |fund: &str| {
        Object::new()
            .with("psn_no", person.number.as_str())
            .with("trt_chk_type", "1")
            .with("fund_pay_type", fund)
            .with("trt_enjymnt_flag", enjoys)
            .with("begndate", begins.date().to_string())
            .with("enddate", Json::Null)
            .with("trt_chk_rslt", reason.clone())
    };
    let mut rows = vec![row(if kind == "310" { "310100" } else { "390100" })];
    if insurance.civil_servant {
        rows.push(row("320100"));
    }
    if person.aided {
        rows.push(row("610100"));
    }
    Ok(Some(Object::new().with("trtinfo", rows)))
}

fn lower_share(who: &str, less: Ratio) -> String {
    let points = less.scaled() / 100;
    format!("{who},统筹基金支付比例降低{points}个百分点")
}
