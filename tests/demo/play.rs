//! The desk and the desk software: every call goes through `zhijie call`, as a vendor's program would do it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, program};

use crate::summary::{Scene, Summary, yuan};

/// The running story.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    /// The bill of the card scene, for the refund and the receipt.
    pub(crate) card_bill: Option<(Order, Value)>,
}

impl Play {
    /// Scene (a): everything starts.
    pub(crate) async fn begin(folder: &Path, summary: &mut Summary) -> anyhow::Result<Self> {
        let scene = Scene::begin(
            "start",
            "一、启动：沙箱省平台、读卡服务、直结终端 / province, card service and agent start",
        );
        std::fs::create_dir_all(folder)?;
        let options = Options {
            card: true,
            scanner: true,
            config: "[deferred]\nallowed = true\n",
            folder: Some(folder.to_path_buf()),
            ..Options::default()
        };
        let stage = Stage::open(options).await?;
        let play = Self {
            stage,
            card_bill: None,
        };
        let status = play.stage.zhijie(&["status"])?;
        println!("{}", indent(&String::from_utf8_lossy(&status.stdout)));
        scene.end(summary, "done", json!({}));
        Ok(play)
    }

    /// `zhijie call METHOD JSON` over the Unix socket.
    pub(crate) fn call(&self, method: &str, params: &Value) -> anyhow::Result<Value> {
        answer(method, self.command(method, params)?.output()?)
    }

    /// The same, waited for elsewhere.
    pub(crate) fn command(&self, method: &str, params: &Value) -> anyhow::Result<Command> {
        println!("    zhijie call {method}");
        let mut command = Command::new(program("zhijie")?);
        command
            .args(["call", method, &params.to_string(), "--socket"])
            .arg(self.stage.socket());
        Ok(command)
    }

    /// Quotes, shows the split, and gives the parameters with which the cashier accepts it.
    pub(crate) fn quote(&self, bill: &Order, identity: &Value, id: &str) -> anyhow::Result<Value> {
        let identity = identity["identity_id"].as_str().context("no identity")?;
        let quote = self.call("visit.quote", &bill.quote(&format!("quote-{id}"), identity))?;
        if quote["outcome"] != "done" {
            bail!("no quote: {quote}");
        }
        show_split(&quote["quote"]["split"]);
        Ok(json!({
            "request_id": format!("settle-{id}"),
            "bill_id": bill.bill_id(),
            "quote_id": quote["quote"]["quote_id"],
            "total_fen": quote["quote"]["split"]["total_fen"],
            "cash_fen": quote["quote"]["split"]["cash_fen"],
        }))
    }
}

pub(crate) fn answer(method: &str, output: std::process::Output) -> anyhow::Result<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{method}: {text}{}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_str(&text).with_context(|| format!("{method} answered no JSON"))
}

pub(crate) fn show_split(split: &Value) {
    println!(
        "    总额 total {}  统筹 pool {}  其他基金 other funds {}  个人账户 account {}  现金 cash {}",
        yuan(&split["total_fen"]),
        yuan(&split["pool_fen"]),
        yuan(&split["other_funds_fen"]),
        yuan(&split["account_fen"]),
        yuan(&split["cash_fen"]),
    );
}

pub(crate) fn indent(text: &str) -> String {
    text.trim_end()
        .lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
