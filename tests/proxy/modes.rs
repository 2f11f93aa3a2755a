//! One settlement through each way a line can fail, all on one desk.

use std::time::Duration;

use zhijie_tests::{At, Fault, Stage, Way};

use crate::bills::{Bill, Tally, Told, judge, options, quote};

/// Longer than a settlement may take here, connection included.
const LONG: Duration = Duration::from_secs(4);
/// Shorter than that.
const SHORT: Duration = Duration::from_millis(100);
const NONE: Duration = Duration::ZERO;

/// Places in the bytes of a settlement: inside the handshake, at its end, inside the message.
const PLACES: [At; 5] = [
    At::Start(0),
    At::Start(100),
    At::Handshake(0),
    At::Handshake(500),
    At::Handshake(1_080),
];

fn faults() -> Vec<Fault> {
    let mut faults = vec![Fault::Pass, Fault::NeverRead];
    for way in [Way::Request, Way::Answer] {
        for at in PLACES {
            faults.extend([
                Fault::Cut(way, at),
                Fault::Reset(way, at),
                Fault::HalfClose(way, at),
                Fault::Swallow(way, at),
                Fault::Repeat(way, at),
            ]);
        }
        faults.extend([
            Fault::Delay(way, SHORT),
            Fault::Delay(way, LONG),
            Fault::Trickle(way, NONE),
            Fault::Trickle(way, SHORT),
        ]);
    }
    faults
}

/// Settles a bill through every fault, and one while connections are refused.
pub async fn play() -> anyhow::Result<Tally> {
    let stage = Stage::open(options()).await?;
    let faults = faults();
    let mut bills = quote(&stage, "M", faults.len() + 1).await?;
    let proxy = stage.proxy()?;
    proxy.refuse().await;
    let refused = bills.remove(0).settle(&stage).await?;
    assert!(refused.answer.contains("\"not_done\""), "{}", refused.answer);
    proxy.listen()?;
    let mut told = in_turn(&stage, bills, &faults).await?;
    told.push(refused);
    let mut tally = judge(&stage, &told).await?;
    let traces = stage.proxy()?.traces();
    tally.cuts = traces.iter().filter(|trace| trace.struck).count();
    Ok(tally)
}

/// Starts the settlements one after the other, each when the connection of the one before was taken, so that every
/// fault strikes its own bill.
async fn in_turn(
    stage: &Stage,
    bills: Vec<Bill>,
    faults: &[Fault],
) -> anyhow::Result<Vec<Told>> {
    let proxy = stage.proxy()?;
    let before = proxy.taken();
    proxy.plan(faults.iter().copied());
    let mut under_way = Vec::new();
    for (n, bill) in bills.into_iter().enumerate() {
        let client = stage.client().await?;
        let settle = bill.settle.clone();
        under_way.push((
            bill,
            tokio::spawn(async move { client.call("visit.settle", &settle).await }),
        ));
        proxy.until_taken(before + n + 1).await;
    }
    let mut told = Vec::new();
    for (bill, answer) in under_way {
        told.push(bill.told(String::from(answer.await??.get())));
    }
    assert_eq!(proxy.pass(), [], "faults that struck nothing");
    Ok(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_line_leaves_a_true_answer() -> anyhow::Result<()> {
    let tally = play().await?;
    eprintln!("modes: {}", tally.summary());
    tally.assert_true();
    Ok(())
}
