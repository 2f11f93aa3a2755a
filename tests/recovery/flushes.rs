//! Exactly two flushes for one settlement: the intent before the first byte leaves, the outcome before the desk hears it.

use crate::board::lane;
use crate::calls::On;
use crate::dose::say;
use crate::lane::Found;
use crate::scenes::Scene;
use crate::tracer::may_trace;

#[tokio::test]
async fn a_settlement_costs_two_flushes() -> anyhow::Result<()> {
    if !may_trace("a_settlement_costs_two_flushes").await? {
        return Ok(());
    }
    let mut lane = lane().await?;
    let played = lane.play(&Scene::Settling, None).await?;
    lane.close().await?;
    assert_eq!(played.found, Found::Done);
    let calls = played.calls.unwrap();
    let mut order: Vec<&str> = calls
        .iter()
        .filter_map(|call| match call.on {
            _ if call.is_flush() => Some("flush"),
            On::Ledger | On::LedgerLog => Some("write"),
            On::Platform => Some("platform"),
            On::Desk => Some("desk"),
            On::Log | On::Itself | On::Other => None,
        })
        .collect();
    order.dedup();
    let road = ["write", "flush", "platform", "write", "flush", "desk"];
    assert_eq!(order, road, "{calls:?}");
    let flushes = calls.iter().filter(|call| call.is_flush()).count();
    assert_eq!(flushes, 2, "{calls:?}");
    say(&format!("recovery: one settlement: {flushes} flushes of the ledger"));
    Ok(())
}
