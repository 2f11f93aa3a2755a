//! One settlement through each way a line can fail, all on one desk.

use std::time::Duration;

use serde_json::json;
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
            Fault::Trickle(way, Duration::from_millis(1)),
            Fault::Trickle(way, Duration::from_millis(20)),
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
    let struck = |fault: &&Fault| traces.iter().any(|trace| trace.fault == **fault && trace.struck);
    // A connection that is never read has no end to be noted.
    let silent = |fault: &&Fault| matches!(fault, Fault::Pass | Fault::NeverRead);
    tally.cuts = faults.iter().filter(struck).count();
    let missed = faults.iter().filter(|fault| !struck(fault) && !silent(fault));
    tally.unreached.extend(missed.map(|fault| format!("{fault:?}")));
    Ok(tally)
}

/// Starts the settlements one after the other, each when the connection of the one before was taken, so that every
/// fault strikes its own bill.
async fn in_turn(stage: &Stage, bills: Vec<Bill>, faults: &[Fault]) -> anyhow::Result<Vec<Told>> {
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

/// The line stays down while the agent asks what became of the settlements; when it is back the agent finds out.
#[tokio::test(flavor = "multi_thread")]
async fn doubt_ends_when_the_line_is_back() -> anyhow::Result<()> {
    let stage = Stage::open(options()).await?;
    let proxy = stage.proxy()?;
    let bills = quote(&stage, "D", 3).await?;
    let faults = [
        Fault::Cut(Way::Answer, At::Handshake(500)),
        Fault::Cut(Way::Answer, At::Handshake(1_500)),
        Fault::Reset(Way::Request, At::Start(0)),
    ];
    let told = in_turn(&stage, bills, &faults).await?;
    proxy.refuse().await;
    proxy.break_off();
    let asked = |log: &str| {
        log.lines()
            .filter(|line| line.contains("Not sent") && line.contains("QuerySettlement"))
            .count()
    };
    for _ in 0..1200 {
        if asked(&stage.agent_log()) >= 2 {
            break;
        }
        tokio::time::sleep(SHORT / 2).await;
    }
    assert_eq!(asked(&stage.agent_log()), 2, "{}", stage.agent_log());
    for case in told.iter().take(2) {
        let key = json!({ "request_id": case.settle["request_id"] });
        let status = stage.call("visit.status", key).await?;
        assert_eq!(
            (&status["outcome"], &status["locked"]),
            (&json!("not_known"), &json!(true))
        );
    }
    proxy.listen()?;
    let tally = judge(&stage, &told).await?;
    tally.assert_true();
    assert_eq!((tally.doubts, tally.standing), (2, 2));
    Ok(())
}

/// What the comparison is for: answers that were never given are found out.
#[tokio::test(flavor = "multi_thread")]
async fn a_false_answer_is_noticed() -> anyhow::Result<()> {
    let stage = Stage::open(options()).await?;
    let mut told = Vec::new();
    for bill in quote(&stage, "F", 2).await? {
        told.push(bill.settle(&stage).await?);
    }
    assert_eq!(judge(&stage, &told).await?.falsehoods, [""; 0]);
    let settlements = stage.admin().settlements("F-0").await?;
    let id = settlements[0]["setl_id"].as_str().unwrap();
    let lies = [
        ("\"done\"", "\"not_done\""),
        (id, "another"),
        ("\"cash_fen\":", "\"cash_fen\":1"),
    ];
    for (truth, lie) in lies {
        let lied = Told {
            name: told[0].name.clone(),
            settle: told[0].settle.clone(),
            answer: told[0].answer.replace(truth, lie),
        };
        assert_ne!(lied.answer, told[0].answer, "{lie}");
        assert_eq!(judge(&stage, &[lied]).await?.falsehoods.len(), 1, "{lie}");
    }
    // The province and the desk's answer are those of two bills.
    let other = Told {
        name: told[1].name.clone(),
        settle: told[0].settle.clone(),
        answer: told[0].answer.clone(),
    };
    assert_eq!(judge(&stage, &[other]).await?.falsehoods.len(), 1);
    Ok(())
}
