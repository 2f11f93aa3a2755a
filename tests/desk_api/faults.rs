//! Errors and faults the page names, provoked.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use zhijie_tests::{Options, Order, Stage, order, purchase};

use crate::desk::Desk;
use crate::faults_stays::stays;
use crate::page::text;

/// Codes of the page's table that no sandbox person or no patient test can bring about.
const NOT_HERE: [&str; 4] = ["AGENT-BUSY", "DESK-007", "DESK-010", "DESK-028"];
/// Codes of closed routes; the scenarios `routes` and `outages` bring each of them about.
const CLOSED: [&str; 6] = [
    "GATE-004", "GATE-005", "PLAT-014", "PLAT-015", "REGN-002", "REGN-003",
];

/// Rows of the table of faults a desk program should know: codes, and the methods they come from.
fn table() -> Vec<(Vec<String>, String)> {
    let text = text();
    let begin = text.find("| code | from | your program |").unwrap();
    let rows = text[begin..]
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let codes = cells[1].split_whitespace().map(|code| code.replace('`', ""));
        (codes.collect(), String::from(cells[2]))
    })
    .collect()
}

/// What came back: the fault's code, and whether it came as an answer `not_done` or as an error.
fn code(answer: Result<Value, Value>) -> String {
    let fault = match &answer {
        Ok(result) => {
            assert_eq!(result["outcome"], "not_done", "{result}");
            &result["fault"]
        }
        Err(error) => {
            assert_eq!(error["code"], -32000, "{error}");
            &error["data"]
        }
    };
    for member in ["cashier", "engineer", "marker"] {
        assert!(
            fault[member].as_str().is_some_and(|text| !text.is_empty()),
            "{fault}"
        );
    }
    String::from(fault["code"].as_str().unwrap())
}

pub struct Provoked {
    pub desk: Desk,
    seen: BTreeSet<(String, String)>,
}

impl Provoked {
    pub async fn expect(&mut self, wanted: &str, method: &str, params: Value) -> anyhow::Result<()> {
        let answer = self.desk.call(method, &params).await?;
        assert_eq!(code(answer), wanted, "{method}");
        self.seen.insert((String::from(wanted), String::from(method)));
        Ok(())
    }
}

fn changed(params: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut params = params.clone();
    params[name] = value.into();
    params
}

#[tokio::test]
async fn every_fault_of_the_table_comes_from_its_method() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        scanner: true,
        ..Options::default()
    })
    .await?;
    let desk = Desk::connect(&stage.socket()).await?;
    let mut provoked = Provoked {
        desk,
        seen: BTreeSet::new(),
    };
    reads(&stage, &mut provoked).await?;
    let identity = stage.type_number("fuyang-employee").await?;
    let bill = order("MZ0001");
    let settle = quotes(&mut provoked, &bill, &identity).await?;
    settlements(&stage, &mut provoked, &bill, &identity, &settle).await?;
    filings(&stage, &mut provoked, &identity).await?;
    drop(stage);
    deferrals(&mut provoked).await?;
    purchases(&mut provoked).await?;
    stays(&mut provoked).await?;
    money(&mut provoked).await?;

    let table = table();
    for (code, method) in &provoked.seen {
        let row = table.iter().find(|(codes, _)| codes.contains(code));
        let (_, from) = row.unwrap_or_else(|| panic!("{code} is not in the table"));
        let told = from.contains(&format!("`{method}`"))
            || from.contains("any")
            || (from.contains("`stay.*`") && method.starts_with("stay."))
            || (from.contains("`request_id`") && method.starts_with("visit."));
        assert!(told, "{code} comes from {method}, the page says {from}");
    }
    let seen: BTreeSet<&str> = provoked
        .seen
        .iter()
        .map(|(code, _)| &**code)
        .chain(NOT_HERE)
        .chain(CLOSED)
        .collect();
    let named: BTreeSet<&str> = table
        .iter()
        .flat_map(|(codes, _)| codes)
        .map(|code| &**code)
        .collect();
    assert_eq!(seen, named);
    Ok(())
}

/// In doubt, there already, not there.
async fn filings(stage: &Stage, provoked: &mut Provoked, identity: &str) -> anyhow::Result<()> {
    let chronic = json!({
        "request_id": "a-1", "identity_id": identity, "disease": { "code": "M04900", "name": "慢性阻塞性肺疾病" },
        "attested_on": "2026-11-20", "doctor": { "code": "D310101000001", "name": "张伟" }, "from": "2026-11-22",
    });
    provoked.desk.done("filing.register_chronic", &chronic).await?;
    let again = changed(&chronic, "request_id", "a-2");
    provoked
        .expect("DESK-051", "filing.register_chronic", again)
        .await?;
    let back = json!({
        "request_id": "a-3", "identity_id": identity, "what": "referral", "number": "1", "reason": "重复",
    });
    provoked.expect("DESK-052", "filing.withdraw", back).await?;
    let place = json!({
        "request_id": "a-4", "identity_id": identity, "kind": "institution", "from": "2026-11-22",
    });
    stage
        .admin()
        .fault("2505", "drop_before_commit", json!({}))
        .await?;
    provoked.desk.done("filing.fix_place", &place).await?;
    let again = changed(&place, "request_id", "a-5");
    provoked.expect("DESK-050", "filing.fix_place", again).await
}

/// Cancelled, nobody came, two at once. The waiting read is on a connection of its own.
async fn reads(stage: &Stage, provoked: &mut Provoked) -> anyhow::Result<()> {
    let mut waiting = Desk::connect(&stage.socket()).await?;
    provoked.desk.done("events.subscribe", &json!({})).await?;
    let read = tokio::spawn(async move {
        waiting
            .call("identity.read", &json!({ "source": "code", "timeout_s": 300 }))
            .await
    });
    provoked
        .desk
        .event(|event| event["detail"] == "waiting_for_card_or_code")
        .await?;
    let asked = json!({ "source": "code", "timeout_s": 1 });
    provoked
        .expect("DESK-003", "identity.read", asked.clone())
        .await?;
    let cancelled = provoked.desk.done("identity.cancel", &json!({})).await?;
    assert_eq!(cancelled, json!({ "cancelled": true }));
    assert_eq!(code(read.await??), "DESK-001");
    provoked
        .seen
        .insert((String::from("DESK-001"), String::from("identity.read")));
    provoked.expect("DESK-002", "identity.read", asked).await?;
    let papers = json!({ "source": "papers", "papers": { "kind": "02", "number": "1" } });
    provoked.expect("DESK-055", "identity.read", papers).await
}

/// Gives the parameters that settle the bill as quoted.
async fn quotes(provoked: &mut Provoked, bill: &Order, identity: &str) -> anyhow::Result<Value> {
    provoked
        .expect("CATL-009", "catalog.lookup", json!({ "text": "奥美拉唑" }))
        .await?;
    let unknown = json!({
        "request_id": "m-1", "own_code": "Y1", "own_name": "药", "national_code": "X-none", "list": "drugs",
    });
    provoked.expect("CATL-010", "catalog.map", unknown).await?;
    provoked
        .expect("DESK-006", "person.lookup", json!({ "identity_id": "id-0-0" }))
        .await?;
    provoked
        .expect("DESK-006", "visit.quote", bill.quote("q-1", "id-0-0"))
        .await?;
    for (request, disease, code) in [
        ("q-d1", Value::Null, "DESK-053"),
        ("q-d2", json!({ "code": "M01600", "name": "糖尿病" }), "PLAT-034"),
        ("q-d3", json!({ "code": "M09900", "name": "其他" }), "PLAT-035"),
    ] {
        let mut asked = bill.quote(request, identity);
        asked["visit"]["kind"] = json!("14");
        asked["visit"]["disease"] = disease;
        provoked.expect(code, "visit.quote", asked).await?;
    }
    let mut wrong = bill.quote("q-2", identity);
    wrong["bill"]["total_fen"] = json!(bill.total_fen() + 1);
    provoked.expect("DESK-005", "visit.quote", wrong.clone()).await?;
    let asked = provoked
        .desk
        .done("visit.status", &json!({ "request_id": "q-2" }))
        .await?;
    assert_eq!(
        (&asked["outcome"], &asked["fault"]["code"]),
        (&json!("not_done"), &json!("DESK-005"))
    );
    // The answer is pinned to the request: the same one gets it again, another body is refused.
    provoked.expect("DESK-005", "visit.quote", wrong).await?;
    provoked
        .expect("DESK-004", "visit.quote", bill.quote("q-2", identity))
        .await?;
    let first = provoked
        .desk
        .done("visit.quote", &bill.quote("q-3", identity))
        .await?;
    let second = provoked
        .desk
        .done("visit.quote", &bill.quote("q-4", identity))
        .await?;
    let settle = json!({
        "request_id": "s-0",
        "bill_id": bill.bill_id(),
        "quote_id": second["quote"]["quote_id"],
        "cash_fen": second["quote"]["split"]["cash_fen"],
        "total_fen": bill.total_fen(),
    });
    let older = changed(
        &changed(&settle, "quote_id", first["quote"]["quote_id"].clone()),
        "request_id",
        "s-1",
    );
    provoked.expect("DESK-009", "visit.settle", older).await?;
    let one_more = settle["cash_fen"].as_i64().unwrap() + 1;
    let other = changed(&changed(&settle, "cash_fen", one_more), "request_id", "s-2");
    provoked.expect("DESK-011", "visit.settle", other).await?;
    provoked
        .expect("DESK-017", "visit.settle", later(bill, "s-3", identity))
        .await?;
    Ok(settle)
}

/// Parameters of `visit.settle` for a bill nobody could quote.
fn later(bill: &Order, request: &str, identity: &str) -> Value {
    let quote = bill.quote(request, identity);
    json!({
        "request_id": request,
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
    })
}

/// Another desk, with an offline policy.
async fn deferrals(provoked: &mut Provoked) -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        config: "[deferred]\nallowed = true\n",
        ..Options::default()
    })
    .await?;
    provoked.desk = Desk::connect(&stage.socket()).await?;
    let identity = stage.type_number("fuyang-resident").await?;
    provoked
        .desk
        .done("person.lookup", &json!({ "identity_id": identity }))
        .await?;
    let bill = order("MZ0002");
    provoked
        .expect("DESK-023", "visit.settle", later(&bill, "d-1", &identity))
        .await?;
    let closed = json!({ "upgrade": {} });
    stage.admin().put("/regions/341200", &closed).await?;
    let taken = provoked
        .desk
        .done("visit.settle", &later(&bill, "d-2", &identity))
        .await?;
    assert_eq!(taken["outcome"], "deferred", "{taken}");
    provoked
        .expect("DESK-024", "visit.settle", later(&bill, "d-3", &identity))
        .await?;
    provoked
        .expect("DESK-024", "visit.quote", bill.quote("d-4", &identity))
        .await
}

/// A province that takes no purchases; a purchase that would be settled later, and by the methods of visits.
async fn purchases(provoked: &mut Provoked) -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![("pharmacy = true", "pharmacy = false")],
        ..Options::default()
    })
    .await?;
    provoked.desk = Desk::connect(&stage.socket()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bought = purchase("YD0001");
    provoked
        .expect("DESK-026", "pharmacy.quote", bought.purchase("p-1", &identity))
        .await?;
    let stage = Stage::open(Options::default()).await?;
    provoked.desk = Desk::connect(&stage.socket()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    provoked
        .expect(
            "DESK-027",
            "pharmacy.settle",
            later(&order("YD0001"), "p-2", &identity),
        )
        .await?;
    provoked
        .desk
        .done("pharmacy.quote", &bought.purchase("p-3", &identity))
        .await?;
    provoked
        .expect("DESK-025", "visit.quote", order("YD0001").quote("p-4", &identity))
        .await
}

/// A province that settles no drug without a trace code, and takes no amount for the account.
async fn money(provoked: &mut Provoked) -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![
            ("traces = \"optional\"", "traces = \"required\""),
            ("account_amount = \"trial_too\"", "account_amount = \"none\""),
            ("institutions = true", "institutions = false"),
        ],
        ..Options::default()
    })
    .await?;
    provoked.desk = Desk::connect(&stage.socket()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let bare = order("MZ0001").quote("t-1", &identity);
    let part = changed(&order("MZ0002").quote("t-2", &identity), "account_fen", 100);
    let search = json!({ "name": "医院" });
    provoked.expect("DESK-072", "institution.find", search).await?;
    provoked.expect("DESK-070", "visit.quote", bare).await?;
    provoked.expect("DESK-071", "visit.quote", part).await?;
    rules(provoked).await
}

/// A province that checks every bill against the rules of the insurance.
async fn rules(provoked: &mut Provoked) -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![
            ("# with_quote = \"during\"", "with_quote = \"during\""),
            ("\nneeded = false", "\nneeded = true"),
        ],
        ..Options::default()
    })
    .await?;
    provoked.desk = Desk::connect(&stage.socket()).await?;
    let identity = stage.type_number("shanghai-local").await?;
    let drug = |visit: &str, code: &str, quantity: &str, price: &str, fen: i64| {
        let mut bill = order(visit);
        let text = |text: &str| String::from(text);
        bill.lines = vec![(text(code), text("药"), text(quantity), text(price), fen)];
        bill
    };
    let unfit = drug("MZ0001", "XL01EBA334A001010178900", "1", "186.00", 18_600);
    let much = drug("MZ0002", "XN02BEB038A001010203410", "240", "0.10", 2_400);
    for (bill, code) in [(unfit, "DESK-073"), (much, "DESK-074")] {
        let quote = bill.quote(&format!("q-{code}"), &identity);
        let quote = provoked.desk.done("visit.quote", &quote).await?;
        let settle = bill.settle(&format!("s-{code}"), &quote);
        provoked.expect(code, "visit.settle", settle).await?;
    }
    stage.admin().fault("3102", "refuse", json!({})).await?;
    let quote = order("MZ0003").quote("q-3", &identity);
    provoked.expect("PLAT-042", "visit.quote", quote).await
}

/// The answer is lost, the bill locked; then it is known, and settled already.
async fn settlements(
    stage: &Stage,
    provoked: &mut Provoked,
    bill: &Order,
    identity: &str,
    settle: &Value,
) -> anyhow::Result<()> {
    stage
        .admin()
        .fault("2207", "drop_after_commit", json!({}))
        .await?;
    let lost = provoked.desk.done("visit.settle", settle).await?;
    assert_eq!(lost["outcome"], "not_known", "{lost}");
    let again = provoked
        .desk
        .done("visit.settle", &changed(settle, "request_id", "s-4"))
        .await?;
    assert_eq!(
        (&again["outcome"], &again["ticket"]),
        (&lost["outcome"], &lost["ticket"])
    );
    let asked = provoked
        .desk
        .done("visit.status", &json!({ "request_id": "s-4" }))
        .await?;
    assert_eq!(
        (&asked["outcome"], &asked["answer"]),
        (&again["outcome"], &again),
        "{asked}"
    );
    provoked
        .expect("DESK-012", "visit.quote", bill.quote("q-5", identity))
        .await?;
    let cancel = json!({
        "request_id": "x-1", "bill_id": bill.bill_id(), "settlement_id": "310000", "reason": "错"
    });
    provoked.expect("DESK-012", "visit.cancel", cancel).await?;
    let known = provoked
        .desk
        .event(|event| event["kind"] == "outcome_known")
        .await?;
    assert_eq!(known["ticket"], lost["ticket"]);
    let again = provoked
        .desk
        .done("visit.settle", &changed(settle, "request_id", "s-5"))
        .await?;
    assert_eq!(again["outcome"], "done", "{again}");
    let other = changed(
        &changed(settle, "quote_id", "H31010100001202611220910130000"),
        "request_id",
        "s-6",
    );
    provoked.expect("DESK-013", "visit.settle", other).await?;
    provoked
        .expect("DESK-013", "visit.quote", bill.quote("q-6", identity))
        .await
}
