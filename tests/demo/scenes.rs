//! The scenes.

use std::process::Stdio;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use zhijie_tests::order;

use crate::play::{Play, indent, show_split};
use crate::summary::{Scene, Summary, amounts, yuan};

/// Scenes (b) and (c): a resident of Fuyang, insured there, is treated in Shanghai and shows her card.
pub(crate) async fn card(play: &mut Play, summary: &mut Summary) -> anyhow::Result<()> {
    let scene = Scene::begin(
        "card",
        "二、插卡结算：阜阳参保人在上海就医，社保卡经真实 pcscd 读取 / a resident of Fuyang settles by card in Shanghai",
    );
    play.stage.insert_card("fuyang-resident")?;
    let identity = play.call("identity.read", &json!({ "source": "card", "timeout_s": 60 }))?;
    play.stage.take_card_back().await?;
    show_identity(&identity);
    let person = play.call(
        "person.lookup",
        &json!({ "identity_id": identity["identity_id"] }),
    )?;
    println!("    参保 insured: {}", person["chosen"]);
    let bill = order("MZ20261122001");
    let accept = play.quote(&bill, &identity, "card")?;
    let settled = play.call("visit.settle", &accept)?;
    ensure!(settled["outcome"] == "done", "not settled: {settled}");
    println!(
        "    她只付现金 she pays {} 元",
        yuan(&settled["settlement"]["split"]["cash_fen"])
    );
    let settlement = settled["settlement"]["settlement_id"].clone();
    let confirm = json!({
        "request_id": "confirm-card", "bill_id": bill.bill_id(), "settlement_id": settlement, "booked": true
    });
    ensure!(
        play.call("visit.confirm", &confirm)?["outcome"] == "done",
        "not confirmed"
    );
    scene.end(summary, "done", amounts(&settled["settlement"]["split"]));
    play.card_bill = Some((bill, settled));
    Ok(())
}

/// Scene (d): the second patient shows the e-voucher; 28 digits come over a serial line.
pub(crate) async fn voucher(play: &mut Play, summary: &mut Summary) -> anyhow::Result<()> {
    let scene = Scene::begin(
        "voucher",
        "三、扫码结算：医保码 28 位数字经串口到达，由平台解码 / an e-voucher arrives over a serial line",
    );
    let identity = play.stage.show_voucher("jiaxing-employee").await?;
    show_identity(&identity);
    let bill = order("MZ20261122002");
    let accept = play.quote(&bill, &identity, "voucher")?;
    let settled = play.call("visit.settle", &accept)?;
    ensure!(settled["outcome"] == "done", "not settled: {settled}");
    scene.end(summary, "done", amounts(&settled["settlement"]["split"]));
    Ok(())
}

/// Scene (e): the agent dies after the settlement request has left and before its answer is recorded.
pub(crate) async fn power_cut(play: &mut Play, summary: &mut Summary) -> anyhow::Result<()> {
    let scene = Scene::begin(
        "power_cut",
        "四、断电：结算请求已发出、应答未记录时杀死终端 / the agent is killed between request and record",
    );
    play.stage.insert_card("fuyang-employee")?;
    let identity = play.call("identity.read", &json!({ "source": "card", "timeout_s": 60 }))?;
    play.stage.take_card_back().await?;
    let visit = "MZ20261122003";
    let bill = order(visit);
    let accept = play.quote(&bill, &identity, "cut")?;
    play.stage
        .admin()
        .fault("2207", "delay_after_commit", json!({ "ms": 60_000 }))
        .await?;
    let mut cashier = play
        .command("visit.settle", &accept)?
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    play.stage.admin().wait_committed(visit).await?;
    play.stage.kill_agent();
    println!("    SIGKILL，收费员没有得到答案 the cashier got no answer");
    let _ = cashier.wait()?;
    play.stage.start_agent().await?;
    println!("    终端重启，自己向平台查询 the agent restarts and finds out by itself");
    let known = |status: &Value| status["state"] == "settled";
    play.stage
        .status_until(json!({ "bill_id": bill.bill_id() }), known)
        .await?;
    let again = play.call("visit.settle", &accept)?;
    ensure!(
        again["outcome"] == "done",
        "the same request did not get the truth: {again}"
    );
    show_split(&again["settlement"]["split"]);
    let standing = play.stage.admin().standing(visit).await?;
    println!("    沙箱省平台上恰好 {standing} 笔结算 exactly {standing} settlement at the centre");
    ensure!(standing == 1, "{standing} settlements stand");
    let shown = play.stage.zhijie(&["ledger", "show", &bill.bill_id()])?;
    println!("{}", indent(&String::from_utf8_lossy(&shown.stdout)));
    scene.end(summary, "done", amounts(&again["settlement"]["split"]));
    Ok(())
}

/// Scene (f): the settlement of the card scene is refunded.
pub(crate) async fn refund(play: &mut Play, summary: &mut Summary) -> anyhow::Result<()> {
    let scene = Scene::begin(
        "refund",
        "五、退费：撤销第二幕的结算 / the settlement of the card scene is refunded",
    );
    let (bill, settled) = play.card_bill.as_ref().context("no card scene")?;
    let settlement = &settled["settlement"]["settlement_id"];
    let cancel = json!({
        "request_id": "cancel-card", "bill_id": bill.bill_id(), "settlement_id": settlement, "reason": "患者退药"
    });
    let refunded = play.call("visit.cancel", &cancel)?;
    ensure!(refunded["outcome"] == "done", "not refunded: {refunded}");
    let refund = &refunded["refund"];
    println!("    退还 refunded: 总额 total {}", yuan(&refund["total_fen"]));
    ensure!(
        play.stage.admin().standing(&bill.visit).await? == 0,
        "a settlement still stands"
    );
    scene.end(
        summary,
        "done",
        json!({ "total": refund["total_fen"], "cash": refund["cash_fen"] }),
    );
    Ok(())
}

/// The paper the patient of the power cut takes home, and a look at the whole ledger.
pub(crate) fn receipt(play: &mut Play, summary: &mut Summary) -> anyhow::Result<()> {
    let scene = Scene::begin("receipt", "七、结算单 / the receipt");
    let bill = order("MZ20261122003");
    let receipt = play.call(
        "receipt.get",
        &json!({ "bill_id": bill.bill_id(), "format": "text" }),
    )?;
    println!("\n{}", receipt["content"].as_str().context("no receipt")?);
    let verified = play.stage.zhijie(&["ledger", "verify"])?;
    ensure!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
    println!("{}", indent(&String::from_utf8_lossy(&verified.stdout)));
    scene.end(summary, "done", json!({}));
    Ok(())
}

fn show_identity(identity: &Value) {
    println!(
        "    {} {} {} {}",
        identity["kind"].as_str().unwrap_or_default(),
        identity["name"].as_str().unwrap_or_default(),
        identity["certificate_masked"].as_str().unwrap_or_default(),
        identity["insured_area"]["code"].as_str().unwrap_or_default(),
    );
}
