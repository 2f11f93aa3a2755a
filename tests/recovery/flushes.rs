//! Exactly two flushes for one settlement: the intent before the first byte leaves, the outcome before the desk hears it.

use crate::calls::On;
use crate::dose::say;
use crate::lane::{Found, Lane, Run};
use crate::tracer::may_trace;

#[tokio::test]
async fn a_settlement_costs_two_flushes() -> anyhow::Result<()> {
    if !may_trace("a_settlement_costs_two_flushes").await? {
        return Ok(());
    }
    let mut lane = Lane::open(90).await?;
    let mut bill = lane.quoted().await?;
    let Run::Unharmed(calls) = lane.settle(&mut bill, None).await? else {
        panic!("the agent died by itself")
    };
    assert_eq!(lane.must_hold(&bill).await?, Found::Done);
    lane.close().await?;
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
    assert_eq!(order, ["write", "flush", "platform", "write", "flush", "desk"], "{calls:?}");
    let flushes = calls.iter().filter(|call| call.is_flush()).count();
    assert_eq!(flushes, 2, "{calls:?}");
    say(&format!(
        "recovery: {flushes} flushes of the ledger in one settlement, {} calls in all",
        calls.len()
    ));
    Ok(())
}
