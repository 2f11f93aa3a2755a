//! `zhijie reconcile`: the centre's statement against this desk's ledger, now.

use std::process::ExitCode;

use serde_json::json;
use zhijie_desk::Client;
use zhijie_desk::api::{DoubtEnded, DoubtLeft, Outcome, ReconcileDayResult, StatementGroup};

use super::{SocketArg, print, trouble};

#[derive(Debug, clap::Args)]
pub(super) struct ReconcileArgs {
    /// Compare this desk's settlements since that day too, YYYY-MM-DD; only what is in doubt when left out.
    day: Option<String>,
    #[command(flatten)]
    socket: SocketArg,
}

/// Ends with 0 when nothing is in doubt and all is balanced, with 3 when something differs or could not be compared, with 4 while
/// something is in doubt.
pub(super) fn reconcile(args: &ReconcileArgs) -> anyhow::Result<ExitCode> {
    let path = &args.socket.socket;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let told = runtime.block_on(async {
        let connected = Client::connect(path).await;
        let client = connected.map_err(|error| trouble::of_client(path, error))?;
        let answer = client.call("reconcile.day", &json!({ "day": args.day })).await?;
        anyhow::Ok(serde_json::from_str::<ReconcileDayResult>(answer.get())?)
    })?;
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
    } else if told.groups.iter().any(|group| !group.balanced) {
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
    if let Some(fault) = &group.fault {
        return format!(
            "{head}  未对账 not compared: {} {}\n    {}",
            fault.code, fault.cashier, fault.engineer
        );
    }
    let word = if group.balanced {
        "对平 balanced"
    } else {
        "不平 differs"
    };
    format!(
        "{head}  {word}  中心多 centre more {}  本机多 hospital more {}  金额不一致 differ {}",
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
