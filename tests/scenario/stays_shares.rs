//! A stay of which the hospital bears a part: what it and the patient pay adds up in the trial, the settlement, the
//! search for a lost one, which has no member for it, and the refund, which leaves it out.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, stay, stay_line};

use crate::doubt::HORIZON;
use crate::stays::{PERSON, done};

/// A hundred capsules at 1.20 yuan where 0.98 counts: 22 yuan lie above the ceiling.
const TOTAL_FEN: i64 = 12_000;

fn line(began: &str) -> Value {
    let mut line = stay_line("1", "100", TOTAL_FEN, began);
    line["unit_price"] = json!("1.20");
    line
}

#[tokio::test]
async fn what_the_hospital_bears_is_nobody_elses() -> anyhow::Result<()> {
    for (bears, including, hospital) in [("0.5", false, 1_100), ("0.333", true, 733), ("0", false, 0)] {
        let mut sandbox = vec!["--hospital-bears", bears];
        if including {
            sandbox.push("--fund-includes-account");
        }
        let stage = Stage::open(Options {
            sandbox,
            profile_changes: vec![HORIZON],
            ..Options::default()
        })
        .await?;
        let identity = stage.type_number(PERSON).await?;
        let stay = stay("ZY-SHARE");
        done(&stage, "stay.admit", stay.admit("a", &identity)).await?;
        done(&stage, "stay.charge", stay.charge("l", &[line(&stay.began)])).await?;
        done(&stage, "stay.discharge", stay.discharge("d")).await?;
        let quote = done(&stage, "stay.quote", stay.quote("q", &identity, TOTAL_FEN)).await?;
        let split = &quote["quote"]["split"];
        let of = |member: &str| split[member].as_i64().unwrap();
        assert_eq!(of("hospital_fen"), hospital, "{bears}: {split}");
        assert_eq!(
            of("fund_total_fen") + of("account_fen") + of("cash_fen") + of("hospital_fen"),
            TOTAL_FEN,
            "{bears}: {split}"
        );
        stage
            .admin()
            .fault("2304", "drop_after_commit", json!({ "visit": stay.number }))
            .await?;
        let told = stage.call("stay.settle", stay.settle("s", &quote)).await?;
        assert_eq!(told["outcome"], "not_known", "{bears}: {told}");
        let known = stage
            .status_until(json!({ "request_id": "s" }), |status| {
                status["outcome"] != "not_known"
            })
            .await?;
        let settled = &known["answer"];
        let found = &settled["settlement"]["split"];
        for member in [
            "total_fen",
            "fund_total_fen",
            "account_fen",
            "cash_fen",
            "hospital_fen",
        ] {
            assert_eq!(found[member], split[member], "{bears} {member}: {settled}");
        }
        let refund = done(&stage, "stay.cancel", stay.cancel("c", settled)).await?;
        assert_eq!(refund["refund"]["total_fen"], -TOTAL_FEN, "{bears}: {refund}");
        assert_eq!(refund["refund"]["cash_fen"], -of("cash_fen"), "{bears}: {refund}");
        assert_eq!(stage.admin().standing("ZY-SHARE").await?, 0);
    }
    Ok(())
}
