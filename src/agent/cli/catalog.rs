//! `zhijie catalog sync|status|lookup|check`: through the running agent.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use zhijie_desk::Client;
use zhijie_desk::api::{
    CatalogCheckResult, CatalogItem, CatalogLookupResult, CatalogStatusResult, CatalogSyncResult,
};

use super::through::{ask, with_agent};
use super::{SocketArg, print};

#[derive(Debug, clap::Subcommand)]
pub(super) enum CatalogCommand {
    /// Fetch what is new of the catalogue.
    ///
    /// Exit code: 0 begun, or with --wait up to date; 3 with --wait: some list could not be fetched.
    Sync {
        /// Only these lists, e.g. drugs; all the province has when none is named.
        lists: Vec<String>,
        /// From the start instead of what changed since.
        #[arg(long)]
        whole: bool,
        /// Stay until it has ended, and say how far it is.
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        socket: SocketArg,
    },
    /// Which lists are here, and how old they are.
    Status(SocketArg),
    /// Look entries up by code, part of a name or initials.
    Lookup {
        text: String,
        /// The text is an own code of the institution.
        #[arg(long)]
        own: bool,
        /// Only of this list, e.g. drugs.
        #[arg(long)]
        list: Option<String>,
        #[command(flatten)]
        socket: SocketArg,
    },
    /// Check the lines of a bill, JSON with `lines` as `catalog.check` takes it, from standard input.
    ///
    /// Exit code: 0 nothing wrong; 3 something is.
    Check(SocketArg),
}

pub(super) fn catalog(command: &CatalogCommand) -> anyhow::Result<ExitCode> {
    match command {
        CatalogCommand::Sync {
            lists,
            whole,
            wait,
            socket,
        } => with_agent(&socket.socket, async |client| {
            let asked = json!({ "lists": lists, "whole": whole });
            let told: CatalogSyncResult = ask(client, "catalog.sync", &asked).await?;
            let begun = if told.started {
                "开始同步 started"
            } else {
                "正在同步 under way"
            };
            print(&format!("{begun}: {}", told.lists.join(", ")))?;
            if *wait {
                watch(client, &told.lists).await
            } else {
                Ok(ExitCode::SUCCESS)
            }
        }),
        CatalogCommand::Status(socket) => with_agent(&socket.socket, async |client| {
            let status: CatalogStatusResult = ask(client, "catalog.status", &json!({})).await?;
            print(&status_text(&status))?;
            Ok(ExitCode::SUCCESS)
        }),
        CatalogCommand::Lookup {
            text,
            own,
            list,
            socket,
        } => with_agent(&socket.socket, async |client| {
            let key = if *own { "own_code" } else { "text" };
            let told: CatalogLookupResult =
                ask(client, "catalog.lookup", &json!({ key: text, "list": list })).await?;
            if told.items.is_empty() {
                print("没有找到 nothing found")?;
            }
            for item in &told.items {
                print(&item_text(item))?;
            }
            Ok(ExitCode::SUCCESS)
        }),
        CatalogCommand::Check(socket) => with_agent(&socket.socket, async |client| {
            let bill: Value = serde_json::from_reader(std::io::stdin())?;
            let told: CatalogCheckResult = ask(client, "catalog.check", &bill).await?;
            print(&check_text(&told))?;
            Ok(if told.lines.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(3)
            })
        }),
    }
}

/// Until nothing is under way any more; 3 when a list asked for is in trouble.
async fn watch(client: &Client, lists: &[String]) -> anyhow::Result<ExitCode> {
    let mut told = None;
    loop {
        let status: CatalogStatusResult = ask(client, "catalog.status", &json!({})).await?;
        let Some(progress) = &status.under_way else {
            print(&status_text(&status))?;
            let failed = |view: &&zhijie_desk::api::CatalogListView| {
                view.trouble.is_some() && lists.contains(&view.list)
            };
            let good = status.lists.iter().find(failed).is_none();
            return Ok(if good {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(3)
            });
        };
        if told.as_ref() != Some(progress) {
            let of = progress.of.map(|of| format!(" / {of}")).unwrap_or_default();
            print(&format!("{} {}{of}", progress.list, progress.rows))?;
            told = Some(progress.clone());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn status_text(status: &CatalogStatusResult) -> String {
    let mut lines = Vec::new();
    for view in &status.lists {
        let at = view.synced_at.as_deref().unwrap_or("本机没有 never fetched");
        let version = view.version.as_deref().unwrap_or("-");
        lines.push(format!("{:<18} {:>8}  {at}  {version}", view.list, view.rows));
        if let Some(fault) = &view.trouble {
            lines.push(format!(
                "    {} {}\n    {}",
                fault.code, fault.cashier, fault.engineer
            ));
        }
    }
    lines.join("\n")
}

fn item_text(item: &CatalogItem) -> String {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut text = format!(
        "{}  {}  {} {}",
        item.code,
        said(&item.name),
        said(&item.spec),
        said(&item.maker)
    );
    if !item.in_force {
        text.push_str("  已失效 not in force");
    }
    text.push_str(&format!(
        "\n    {}  class {}  ceiling {}  first own {}  own codes {}",
        item.list,
        item.class.as_deref().unwrap_or("-"),
        item.ceiling.as_deref().unwrap_or("-"),
        item.first_own.as_deref().unwrap_or("-"),
        item.own_codes.join(", ")
    ));
    text
}

fn check_text(told: &CatalogCheckResult) -> String {
    let mut lines = Vec::new();
    for line in &told.lines {
        for problem in &line.problems {
            lines.push(format!(
                "{}  {} 分 fen  {}\n    {}",
                line.serial, problem.at_stake_fen, problem.text_zh, problem.text_en
            ));
        }
    }
    lines.push(format!(
        "共 {} 行，{} 行有问题，最多涉及 {} 分\n  {} lines, {} with something wrong, at most {} fen at stake",
        told.lines_checked,
        told.lines.len(),
        told.at_stake_fen,
        told.lines_checked,
        told.lines.len(),
        told.at_stake_fen
    ));
    for source in &told.sources {
        let version = source.version.as_deref().unwrap_or("-");
        lines.push(format!("  {} {version} {}", source.list, source.synced_at));
    }
    if !told.missing.is_empty() {
        lines.push(format!("  本机没有 not here: {}", told.missing.join(", ")));
    }
    lines.join("\n")
}
