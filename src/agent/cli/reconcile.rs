//! `zhijie reconcile`: the centre's statement against this desk's ledger, now.

use std::process::ExitCode;

use serde_json::json;
use zhijie_desk::Client;
use zhijie_desk::api::{DoubtEnded, DoubtLeft, Outcome, ReconcileDayResult, StatementGroup};

use super::through::{ask, with_agent};
use super::totals::totals;
use super::{SocketArg, print};

#[derive(Debug, clap::Args)]
pub(super) struct ReconcileArgs {
    /// Compare this desk's settlements since that day too, YYYY-MM-DD; only what is in doubt when left out.
    day: Option<String>,
    /// Compare sums of that day by insurance, office and kind of clearing, instead of rows.
    #[arg(long, requires = "day")]
    totals: bool,
    /// Last day of the sums; that day alone when left out.
    #[arg(long, requires = "totals")]
    until: Option<String>,
    #[command(flatten)]
    socket: SocketArg,
}

/// Ends with 0 when nothing is in doubt and all is balanced, with 3 when something differs or could not be compared, with 4 while
/// something is in doubt.
pub(super) fn reconcile(args: &ReconcileArgs) -> anyhow::Result<ExitCode> {
    with_agent(&args.socket.socket, async |client| match &args.day {
        Some(day) if args.totals => totals(client, day, args.until.as_deref()).await,
        day => rows(client, day.as_deref()).await,
    })
}

async fn rows(client: &Client, day: Option<&str>) -> anyhow::Result<ExitCode> {
    let told: ReconcileDayResult = ask(client, "reconcile.day", &json!({ "day": day })).await?;
    for line in told
        .groups
        .iter()
        .map(group)
        .chain(told.ended.iter().map(ended))
        .chain(told.left.iter().map(left))
    {
        print(&line)?;
    }
    if told.groups.is_empty() && told.left.is_empty() {
        print("没有需要对账的单据 nothing to compare")?;
    }
    Ok(if !told.left.is_empty() {
        ExitCode::from(4)
    } else if told
        .groups
        .iter()
        .any(|group| !group.balanced || !group.strangers.is_empty())
    {
        ExitCode::from(3)
    } else {
        ExitCode::SUCCESS
    })
}

fn group(group: &StatementGroup) -> String {
    let head = format!(
        "{} / {}  {} - {}  本机 rows {}",
        group.office, group.kind, group.from, group.until, group.rows
    );
    let fault = group
        .fault
        .as_ref()
        .map(|fault| format!("{} {}\n    {}", fault.code, fault.cashier, fault.engineer));
    if let Some(fault) = fault.as_ref().filter(|_| group.strangers.is_empty()) {
        return format!("{head}  未对账 not compared: {fault}");
    }
    let word = if group.balanced {
        "对平 balanced"
    } else {
        "不平 differs"
    };
    let strangers = fault.map_or_else(String::new, |fault| {
        format!("\n    {fault}\n    {}", group.strangers.join(" "))
    });
    format!(
        "{head}  {word}  中心多 centre more {}  本机多 hospital more {}  金额不一致 differ {}{strangers}",
        group.centre_more, group.hospital_more, group.differ
    )
}

fn ended(ended: &DoubtEnded) -> String {
    let word = if ended.outcome == Outcome::Done {
        "已办成 done"
    } else {
        "没有办成 not done"
    };
    format!("{}  {word}", ended.bill_id)
}

fn left(left: &DoubtLeft) -> String {
    format!(
        "{}  仍未知 not known\n    {}\n    {}",
        left.bill_id, left.next_step.cashier, left.next_step.engineer
    )
}
