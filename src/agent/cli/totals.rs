//! `zhijie reconcile DAY --totals`: sums of this desk's ledger against the centre's, now.

use std::process::ExitCode;

use serde_json::json;
use zhijie_desk::Client;
use zhijie_desk::api::{ReconcileTotalsResult, TotalsGroup};

use super::print;
use super::through::ask;

pub(super) async fn totals(client: &Client, day: &str, until: Option<&str>) -> anyhow::Result<ExitCode> {
    let asked = json!({ "day": day, "until": until });
    let told: ReconcileTotalsResult = ask(client, "reconcile.totals", &asked).await?;
    for group in &told.groups {
        print(&group_text(group))?;
    }
    if told.groups.is_empty() {
        print("没有需要对账的单据 nothing to compare")?;
    }
    if told.partial > 0 {
        print(&format!("未计入 not summed whole: {}", told.partial))?;
    }
    if told.in_doubt > 0 {
        print(&format!(
            "结果未知，未计入 in doubt, not summed: {}",
            told.in_doubt
        ))?;
    }
    let equal = told.partial == 0 && told.groups.iter().all(|group| group.balanced);
    Ok(match (told.in_doubt, equal) {
        (0, true) => ExitCode::SUCCESS,
        (0, false) => ExitCode::from(3),
        _ => ExitCode::from(4),
    })
}

fn group_text(group: &TotalsGroup) -> String {
    let sum = &group.sum;
    let head = format!(
        "{} / {} / {}  笔数 count {}  总额 total {} 分 fen  基金 funds {}  个账 account {}",
        sum.insurance, sum.office, sum.kind, sum.count, sum.total_fen, sum.funds_fen, sum.account_fen
    );
    if let Some(fault) = &group.fault {
        return format!(
            "{head}  未对账 not compared: {} {}\n    {}",
            fault.code, fault.cashier, fault.engineer
        );
    }
    match &group.differs {
        None => format!("{head}  对平 balanced"),
        Some(differs) => format!(
            "{head}  不平 differs  {} {}",
            differs.code,
            differs.words.as_deref().unwrap_or_default()
        ),
    }
}
