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
    let flushes: Vec<usize> = (0..calls.len()).filter(|at| calls[*at].is_flush()).collect();
    assert_eq!(flushes.len(), 2, "{calls:?}");
    let first = |on: On| calls.iter().position(|call| call.on == on);
    let (sent, told) = (first(On::Platform).unwrap(), first(On::Desk).unwrap());
    assert!(flushes[0] < sent, "sent before it was on disk: {calls:?}");
    assert!(
        sent < flushes[1] && flushes[1] < told,
        "told before it was on disk: {calls:?}"
    );
    say(&format!(
        "recovery: one settlement: {} flushes of the ledger",
        flushes.len()
    ));
    Ok(())
}
