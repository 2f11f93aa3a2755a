//! The scene in which the insured region is closed for an upgrade and the bill is settled afterwards.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use zhijie_tests::{Order, order};

use crate::play::{Play, indent, show_split};
use crate::summary::{Scene, Summary, amounts, yuan};

const REGION: &str = "/regions/341200";
/// `zhijie call` ends with this for a bill that was taken to be settled later.
const DEFERRED: i32 = 5;

/// Scene (g): nothing can be settled, the bill is taken on terms, the queue settles it, and the difference is known.
pub(crate) async fn later(play: &mut Play, summary: &mut Summary) -> anyhow::Result<()> {
    let scene = Scene::begin(
        "later",
        "六、升级窗口：参保地停机升级，先收押金，恢复后自动补结算 / the insured region is upgraded, the bill is settled afterwards",
    );
    play.stage.insert_card("fuyang-employee")?;
    let identity = play.call("identity.read", &json!({ "source": "card", "timeout_s": 60 }))?;
    play.stage.take_card_back().await?;
    let identity = identity["identity_id"].as_str().context("no identity")?;
    play.call("person.lookup", &json!({ "identity_id": identity }))?;
    play.stage.admin().put(REGION, &json!({ "upgrade": {} })).await?;
    println!("    阜阳停机升级 Fuyang is closed for an upgrade");
    let bill = order("MZ20261122004");
    let told = defer(play, &bill, identity)?;
    println!(
        "    已收押金 deposit {} 元，估算个人负担 estimate {} 元，没有结算 nothing is settled",
        yuan(&told["deferred"]["deposit_fen"]),
        yuan(&told["deferred"]["estimate"]["cash_fen"]),
    );
    let slip = play.call(
        "receipt.get",
        &json!({ "bill_id": bill.bill_id(), "format": "text" }),
    )?;
    println!("\n{}", slip["content"].as_str().context("no slip")?);
    play.stage.admin().put(REGION, &json!({})).await?;
    println!("    升级结束 the upgrade is over");
    let run = play.stage.zhijie(&["queue", "run", "--wait"])?;
    println!("{}", indent(&String::from_utf8_lossy(&run.stdout)));
    let (item, split) = settled(play, &bill)?;
    show_split(&split);
    println!("    退还患者 to pay back: {} 元", yuan(&item["to_pay_back_fen"]));
    let standing = play.stage.admin().standing(&bill.visit).await?;
    ensure!(standing == 1, "{standing} settlements stand");
    let mut sums = amounts(&split);
    sums["deposit"] = item["deposit_fen"].clone();
    sums["to_pay_back"] = item["to_pay_back_fen"].clone();
    scene.end(summary, "done", sums);
    Ok(())
}

/// Asks for later with the whole bill as deposit.
fn defer(play: &Play, bill: &Order, identity: &str) -> anyhow::Result<Value> {
    let quote = bill.quote("later", identity);
    let asked = json!({
        "request_id": "settle-later",
        "bill_id": bill.bill_id(),
        "total_fen": bill.total_fen(),
        "mode": "deferred",
        "deferred": {
            "identity_id": identity,
            "visit": quote["visit"],
            "bill": quote["bill"],
            "deposit_fen": bill.total_fen(),
            "consent": true,
        },
    });
    let output = play.command("visit.settle", &asked)?.output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.code() == Some(DEFERRED), "not deferred: {told}");
    Ok(serde_json::from_str(&told)?)
}

/// The bill's place in the queue once settled, and its split; the desk pays the difference and books it.
fn settled(play: &Play, bill: &Order) -> anyhow::Result<(Value, Value)> {
    let list = play.call("queue.list", &json!({}))?;
    let items = list["items"].as_array().context("no queue")?;
    let item = items.iter().find(|item| item["bill_id"] == bill.bill_id());
    let item = item.context("the bill is not in the queue")?.clone();
    ensure!(item["place"] == "settled", "not settled: {item}");
    let status = play.call("visit.status", &json!({ "bill_id": bill.bill_id() }))?;
    let split = status["settlement"]["split"].clone();
    let (deposit, cash) = (item["deposit_fen"].as_i64(), split["cash_fen"].as_i64());
    let difference = deposit.context("no deposit")? - cash.context("no cash")?;
    ensure!(
        item["to_pay_back_fen"] == json!(difference),
        "wrong difference: {item}"
    );
    let confirm = json!({
        "request_id": "confirm-later",
        "bill_id": bill.bill_id(),
        "settlement_id": item["settlement_id"],
        "booked": true,
    });
    let confirmed = play.call("visit.confirm", &confirm)?;
    ensure!(confirmed["outcome"] == "done", "not confirmed: {confirmed}");
    Ok((item, split))
}
