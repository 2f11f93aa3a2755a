//! The slip of a bill that is settled later, and the sheet of one the queue has settled.

use super::tests::{fen, parsed, receipt, settled};
use super::*;

pub(super) fn deferred() -> DeferredPart {
    DeferredPart {
        deposit: fen(36_850),
        estimate: Some(EstimatePart {
            cash: fen(15_421),
            by_policy: false,
            seen_at: "2026-11-20T01:00:00Z".parse().unwrap(),
        }),
        hospital_bears: true,
        since: "2026-11-21T01:30:01Z".parse().unwrap(),
        words_zh: String::from("尚未医保结算。线路恢复后补办结算，多退少补，请保留本单。"),
        words_en: String::from("Not settled yet; keep this slip."),
    }
}

/// Settled from the queue, with this deposit.
fn settled_later(deposit: i64) -> Receipt {
    receipt(Standing::Settled(SettledPart {
        deposit: Some(fen(deposit)),
        ..settled()
    }))
}

#[test]
fn a_slip_for_a_deferred_bill() {
    let expected = r"
************************************************
     尚未医保结算，已收押金，多退少补
        NOT SETTLED YET - DEPOSIT TAKEN
************************************************
             待结算单（非结算凭证）
             Deferred, not settled
";
    let slip = receipt(Standing::Deferred(deferred()));
    let text = text(&slip, COLUMNS);
    let frame: Vec<&str> = text.lines().take(6).collect();
    let words: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    let shown: Vec<&str> = frame.iter().map(|line| line.trim()).collect();
    assert_eq!(shown, words);
    assert!(text.trim_end().ends_with(&"*".repeat(COLUMNS)));
    let page = html(&slip);
    assert_eq!(page.matches("class=\"banner\"").count(), 2, "above and below");
    assert!(page.contains("data-standing=\"deferred\""));
    // Long sentences are broken over lines.
    for printed in [text.replace('\n', ""), page] {
        assert!(printed.matches("尚未医保结算，已收押金").count() == 2);
        assert!(printed.contains("368.50") && printed.contains("154.21") && printed.contains("仅供参考"));
        assert!(printed.contains("差额由医院承担") && printed.contains("请保留本单"));
        for word in [
            "医保结算单",
            "现金支付",
            "统筹基金",
            "个人账户",
            "基金支付",
            "结算号",
            "应退",
            "补收",
        ] {
            assert!(!printed.contains(word), "{word} on a slip that settles nothing");
        }
    }
}

#[test]
fn a_deferred_slip_without_an_estimate_shows_none() {
    let part = DeferredPart {
        estimate: None,
        hospital_bears: false,
        ..deferred()
    };
    let slip = receipt(Standing::Deferred(part));
    let text = text(&slip, COLUMNS);
    let flat = text.replace('\n', "");
    assert!(
        !flat.contains("估算") && flat.contains("费用由患者承担"),
        "{text}"
    );
    assert!(parsed(&slip)["deferred"]["estimate"].is_null());
}

#[test]
fn an_estimate_by_policy_says_so() {
    let mut part = deferred();
    part.estimate = part.estimate.map(|estimate| EstimatePart {
        by_policy: true,
        ..estimate
    });
    let slip = receipt(Standing::Deferred(part));
    let flat = text(&slip, COLUMNS).replace(['\n', ' '], "");
    assert!(flat.contains("的参保地政策，仅供参考"), "{flat}");
    assert_eq!(parsed(&slip)["deferred"]["estimate"]["source"], "policy");
}

#[test]
fn the_deferred_slip_for_programs() {
    let slip = parsed(&receipt(Standing::Deferred(deferred())));
    assert_eq!(slip["standing"], "deferred");
    assert!(slip["settlement"].is_null() && slip["refund"].is_null() && slip["ticket"].is_null());
    let expected = serde_json::json!({
        "since": "2026-11-21T09:30:01+08:00",
        "deposit_fen": 36_850,
        "estimate": { "cash_fen": 15_421, "source": "settlement", "seen_at": "2026-11-20T09:00:00+08:00" },
        "bears_loss": "hospital",
        "words_zh": "尚未医保结算。线路恢复后补办结算，多退少补，请保留本单。",
        "words_en": "Not settled yet; keep this slip.",
    });
    assert_eq!(slip["deferred"], expected);
}

#[test]
fn the_difference_stands_below_a_settlement_from_the_queue() {
    let table = [
        (
            36_850,
            ">> 应退患者 To hand back                  214.30",
            "应补收",
        ),
        (
            10_000,
            ">> 应补收 To collect                       54.20",
            "应退患者",
        ),
    ];
    for (deposit, row, other) in table {
        let text = text(&settled_later(deposit), COLUMNS);
        assert!(text.contains(row), "{text}");
        assert!(!text.contains(other) && text.contains("已收押金"), "{text}");
        assert!(
            text.contains("  现金支付 Cash "),
            "no second demand for cash: {text}"
        );
        assert_eq!(text.matches(">>").count(), 1, "one amount to act on: {text}");
    }
    let even = text(&settled_later(15_420), COLUMNS);
    assert!(
        !even.contains("应退") && !even.contains("补收") && !even.contains(">>"),
        "{even}"
    );
    assert_eq!(
        parsed(&settled_later(10_000))["settlement"]["deposit_fen"],
        10_000
    );
}
