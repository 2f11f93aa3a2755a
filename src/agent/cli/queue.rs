//! `zhijie queue list|run|check`: the bills that are settled later.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use zhijie_desk::Client;
use zhijie_desk::api::{QueueItem, QueueListResult, QueuePlace, QueueRunResult};
use zhijie_ledger::Ledger;

use super::through::with_agent;
use super::{ConfigArg, SocketArg, print, trouble};
use crate::config::load;

#[derive(Debug, clap::Subcommand)]
pub(super) enum QueueCommand {
    /// Every deferred bill that has not come to its end.
    List(SocketArg),
    /// Try deferred bills now instead of at their time.
    Run {
        /// Only this bill.
        #[arg(long)]
        bill: Option<String>,
        /// Stay until nothing waits for its turn any more, and say how far it is.
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        socket: SocketArg,
    },
    /// Look into the ledger whether deferred bills wait; for whoever upgrades or removes the program.
    ///
    /// Exit code: 0 none; 3 some do.
    Check {
        /// Ledger file; taken from the configuration when not given.
        #[arg(long, value_name = "FILE")]
        ledger: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArg,
    },
}

pub(super) fn queue(command: &QueueCommand) -> anyhow::Result<ExitCode> {
    match command {
        QueueCommand::List(socket) => with_agent(&socket.socket, list)?,
        QueueCommand::Run { bill, wait, socket } => {
            with_agent(&socket.socket, async |client| {
                run(client, bill.as_deref(), *wait).await
            })?;
        }
        QueueCommand::Check { ledger, config } => return check(ledger.clone(), config),
    }
    Ok(ExitCode::SUCCESS)
}

async fn items(client: &Client) -> anyhow::Result<Vec<QueueItem>> {
    let answer = client.call("queue.list", &json!({})).await?;
    let list: QueueListResult = serde_json::from_str(answer.get())?;
    Ok(list.items)
}

async fn list(client: &Client) -> anyhow::Result<()> {
    let items = items(client).await?;
    if items.is_empty() {
        return print("没有待结算的单据 nothing waits to be settled");
    }
    for item in items {
        print(&line(&item))?;
    }
    Ok(())
}

fn line(item: &QueueItem) -> String {
    let mut text = format!(
        "{}  {}  {}  押金 deposit {} 分 fen",
        item.bill_id,
        place_zh(item.place),
        item.since,
        item.deposit_fen
    );
    if let Some(next) = &item.next_at {
        text.push_str(&format!("  下次 next {next}"));
    }
    text.push_str(&format!(
        "\n    {}\n    {}",
        item.next_step.cashier, item.next_step.engineer
    ));
    text
}

const fn place_zh(place: QueuePlace) -> &'static str {
    match place {
        QueuePlace::Queued => "排队 queued",
        QueuePlace::UnderWay => "正在结算 under way",
        QueuePlace::Settled => "已结算 settled",
        QueuePlace::NeedsPatient => "需患者到场 needs patient",
        QueuePlace::Refused => "被拒绝 refused",
        QueuePlace::Parked => "已搁置 parked",
        QueuePlace::Closed => "已了结 closed",
        QueuePlace::AtTheDesk => "窗口办理中 at the desk",
    }
}

async fn run(client: &Client, bill: Option<&str>, wait: bool) -> anyhow::Result<()> {
    let answer = client.call("queue.run", &json!({ "bill_id": bill })).await?;
    let started: QueueRunResult = serde_json::from_str(answer.get())?;
    print(&format!("已催办 {} 张 due now", started.due))?;
    if !wait {
        return Ok(());
    }
    let mut told = None;
    loop {
        let items = items(client).await?;
        let open = items
            .iter()
            .filter(|item| matches!(item.place, QueuePlace::Queued | QueuePlace::UnderWay))
            .count();
        if told != Some(open) {
            print(&format!("还有 {open} 张待结算 still to settle"))?;
            told = Some(open);
        }
        if open == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn check(ledger: Option<PathBuf>, config: &ConfigArg) -> anyhow::Result<ExitCode> {
    let path = match ledger {
        Some(path) => path,
        None => {
            load(&config.config)
                .map_err(trouble::of_config)?
                .config
                .ledger
                .path
        }
    };
    let reader = Ledger::open_read_only(&path).map_err(|error| trouble::of_ledger(&path, error))?;
    let deferred = crate::core::deferred_in(&reader).map_err(|error| anyhow::anyhow!("{error}"))?;
    if deferred == 0 {
        print("没有待结算的单据 nothing waits to be settled")?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!(
        "还有 {deferred} 张待结算单据没有了结，请先处理（zhijie queue list），再升级或卸载\n  \
         {deferred} deferred bills have not come to their end; see `zhijie queue list` before an upgrade or removal"
    ))?;
    Ok(ExitCode::from(3))
}
