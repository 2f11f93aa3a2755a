//! The answer to a settlement is lost: the desk is never told "done" before it is known, and the agent
//! finds out by itself.

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order};

/// The province executes within the call, so ten seconds are long enough in a test.
pub const HORIZON: (&str, &str) = ("late_execution_max_s = 120", "late_execution_max_s = 10");
/// An answer may take as long as both together.
const CONNECTS: (&str, &str) = ("connect_ms = 5000", "connect_ms = 1000");
const PATIENCE: (&str, &str) = ("moves_money_ms = 60000", "moves_money_ms = 1000");

/// One way to lose the answer to 2207.
struct Way {
    visit: &'static str,
    kind: &'static str,
    more: Value,
    code: &'static str,
    /// Whether the centre executed it.
    stands: bool,
}

fn way(visit: &'static str, kind: &'static str, more: Value, code: &'static str, stands: bool) -> Way {
    Way {
        visit,
        kind,
        more,
        code,
        stands,
    }
}

/// A bill in doubt, with what is needed to ask again.
struct InDoubt {
    way: Way,
    bill: Order,
    settle: Value,
    again: Value,
}

async fn lose(stage: &Stage, identity: &str, way: Way) -> anyhow::Result<InDoubt> {
    let bill = order(way.visit);
    let name = way.visit;
    let quote = stage
        .call("visit.quote", bill.quote(&format!("q-{name}"), identity))
        .await?;
    assert_eq!(quote["outcome"], "done", "{name}: {quote}");
    let mut more = way.more.clone();
    more["visit"] = json!(name);
    stage.admin().fault("2207", way.kind, more).await?;
    let settle = bill.settle(&format!("s-{name}"), &quote);
    let told = stage.call("visit.settle", settle.clone()).await?;
    assert_eq!(told["outcome"], "not_known", "{name}: {told}");
    assert_eq!(told["fault"]["code"], way.code, "{name}: {told}");
    assert_eq!(told["fault"]["money_moved"], "unknown", "{name}: {told}");
    assert!(
        told["ticket"].is_string() && told["settlement"].is_null(),
        "{name}: {told}"
    );
    let again = bill.settle(&format!("again-{name}"), &quote);
    let doubt = InDoubt {
        way,
        bill,
        settle,
        again,
    };
    doubt.is_locked(stage, identity, &told["ticket"]).await?;
    Ok(doubt)
}

impl InDoubt {
    /// No second settlement, no refund, no other quote while it lasts.
    async fn is_locked(&self, stage: &Stage, identity: &str, ticket: &Value) -> anyhow::Result<()> {
        let name = self.way.visit;
        let told = stage.call("visit.settle", self.again.clone()).await?;
        assert_eq!(told["outcome"], "not_known", "{name}: {told}");
        let cancel = self.bill.cancel(&format!("x-{name}"), "310000");
        let quote = self.bill.quote(&format!("q2-{name}"), identity);
        for (method, params) in [("visit.cancel", cancel), ("visit.quote", quote)] {
            let told = stage.call(method, params).await?;
            assert_eq!(told["outcome"], "not_done", "{name}: {told}");
            assert_eq!(told["fault"]["code"], "DESK-012", "{name}: {told}");
        }
        for key in [
            json!({ "ticket": ticket }),
            json!({ "bill_id": self.bill.bill_id() }),
        ] {
            let status = stage.call("visit.status", key).await?;
            assert_eq!(status["outcome"], "not_known", "{name}: {status}");
            assert_eq!(status["locked"], true, "{name}: {status}");
            assert_eq!(&status["ticket"], ticket, "{name}: {status}");
            assert!(status["settlement"].is_null(), "{name}: {status}");
        }
        Ok(())
    }

    /// The agent finds out by itself, the truth is the centre's, and the first request has one answer for ever.
    async fn ends(&self, stage: &Stage) -> anyhow::Result<()> {
        let name = self.way.visit;
        let key = json!({ "request_id": self.settle["request_id"] });
        let status = stage
            .status_until(key, |status| status["outcome"] != "not_known")
            .await?;
        let (outcome, standing) = if self.way.stands {
            ("done", 1)
        } else {
            ("not_done", 0)
        };
        assert_eq!(status["outcome"], outcome, "{name}: {status}");
        assert_eq!(status["locked"], false, "{name}: {status}");
        let first = stage.raw("visit.settle", &self.settle).await?;
        assert_eq!(first, stage.raw("visit.settle", &self.settle).await?, "{name}");
        let told: Value = serde_json::from_str(&first)?;
        assert_eq!(told, status["answer"], "{name}");
        assert_eq!(told["outcome"], outcome, "{name}: {told}");
        assert_eq!(told["settlement"].is_object(), self.way.stands, "{name}: {told}");
        let again = stage.call("visit.settle", self.again.clone()).await?;
        assert_eq!(again["outcome"], outcome, "{name}: {again}");
        assert_eq!(again["settlement"], told["settlement"], "{name}");
        assert_eq!(stage.admin().standing(name).await?, standing, "{name}");
        assert_eq!(stage.admin().calls("2207", Some(name)).await?, 1, "{name}");
        if self.way.stands {
            let rows = stage.admin().settlements(name).await?;
            assert_eq!(told["settlement"]["settlement_id"], rows[0]["setl_id"], "{name}");
            assert_eq!(
                told["settlement"]["split"]["cash_fen"], rows[0]["cash_fen"],
                "{name}"
            );
        }
        Ok(())
    }
}

async fn play(stage: &Stage, ways: Vec<Way>) -> anyhow::Result<()> {
    let identity = stage.type_number("fuyang-resident").await?;
    let mut doubts = Vec::new();
    for way in ways {
        doubts.push(lose(stage, &identity, way).await?);
    }
    for doubt in &doubts {
        doubt.ends(stage).await?;
    }
    Ok(())
}

#[tokio::test]
async fn whatever_was_executed_is_found() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let ways = vec![
        way("DROP", "drop_after_commit", json!({}), "PLAT-004", true),
        way("HALF", "half_answer", json!({}), "PLAT-004", true),
        way("PAGE", "html_after_commit", json!({}), "PLAT-005", true),
        way("EMPTY", "empty", json!({}), "PLAT-005", true),
        way("JSON", "bad_json_after_commit", json!({}), "PLAT-005", true),
        way("OTHER", "other_person", json!({}), "PLAT-005", true),
        way("WRONG", "wrong_amounts", json!({}), "PLAT-005", true),
    ];
    play(&stage, ways).await
}

#[tokio::test]
async fn whatever_was_not_executed_never_will_be() -> anyhow::Result<()> {
    let options = Options {
        profile_changes: vec![HORIZON],
        ..Options::default()
    };
    let stage = Stage::open(options).await?;
    let timeout = json!({ "text": "FSI-调用[341200]参保地服务超时" });
    let unclassified = json!({ "text": "FSI-FMI返回：天气不好" });
    let ways = vec![
        way("DROP", "drop_before_commit", json!({}), "PLAT-004", false),
        way("PAGE", "html", json!({}), "PLAT-005", false),
        way("TEXT", "refuse", timeout, "PLAT-006", false),
        way("WORDS", "refuse", unclassified, "PLAT-006", false),
    ];
    play(&stage, ways).await
}

#[tokio::test]
async fn answers_that_come_too_late_are_doubt() -> anyhow::Result<()> {
    let options = Options {
        profile_changes: vec![HORIZON, CONNECTS, PATIENCE],
        ..Options::default()
    };
    let stage = Stage::open(options).await?;
    let ways = vec![
        way("SLOW", "slow_bytes", json!({ "ms": 2000 }), "PLAT-003", true),
        // Executed only after the first query has found nothing and the reversal was refused.
        way("LATE", "delay", json!({ "ms": 12_000 }), "PLAT-003", true),
    ];
    play(&stage, ways).await?;
    assert_eq!(stage.admin().calls("2601", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn where_the_query_misses_visitors_the_reversal_decides() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--empty-5203-for-visitors"],
        profile_changes: vec![(
            "query_may_miss_visitors = false",
            "query_may_miss_visitors = true",
        )],
        ..Options::default()
    })
    .await?;
    // Executed, not to be seen by the query, and undone by the reversal.
    let undone = Way {
        stands: false,
        ..way("MZ1", "drop_after_commit", json!({}), "PLAT-004", true)
    };
    play(&stage, vec![undone]).await?;
    let status = stage
        .call("visit.status", json!({ "bill_id": order("MZ1").bill_id() }))
        .await?;
    assert_eq!(
        (&status["state"], &status["fault"]["code"]),
        (&json!("reversed"), &json!("PLAT-007")),
        "{status}"
    );
    assert_eq!(stage.admin().calls("2601", None).await?, 1);
    Ok(())
}
