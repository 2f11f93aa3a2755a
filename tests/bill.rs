//! A visit and a bill as a hospital would send them.

use serde_json::{Value, json};

/// What is asked for in a test.
#[derive(Debug, Clone)]
pub struct Order {
    pub visit: String,
    pub batch: String,
    pub visit_kind: String,
    /// National code, name, quantity, unit price in yuan, amount in fen.
    pub lines: Vec<(String, String, String, String, i64)>,
}

/// An ordinary outpatient bill of four items, 412.60 yuan.
#[must_use]
pub fn order(visit: &str) -> Order {
    let line = |code: &str, name: &str, quantity: &str, price: &str, fen: i64| {
        (
            String::from(code),
            String::from(name),
            String::from(quantity),
            String::from(price),
            fen,
        )
    };
    Order {
        visit: String::from(visit),
        batch: String::from("B1"),
        visit_kind: String::from("11"),
        lines: vec![
            line("001101000010000-110100001", "普通门诊诊察费", "1", "30.00", 3_000),
            line(
                "002203010010000-220301001",
                "腹部彩色多普勒超声",
                "1",
                "138.00",
                13_800,
            ),
            line("XA02BCA217A012010100483", "奥美拉唑肠溶胶囊", "56", "0.95", 5_320),
            line("XV06DXR012B002010100909", "肠内营养乳剂", "3", "63.80", 19_140),
        ],
    }
}

/// A purchase of two items at a pharmacy, 244.60 yuan.
#[must_use]
pub fn purchase(number: &str) -> Order {
    let mut bought = order(number);
    bought.visit_kind = String::from("41");
    bought.lines.drain(..2);
    bought
}

impl Order {
    /// Parameters of `pharmacy.quote`.
    #[must_use]
    pub fn purchase(&self, request: &str, identity: &str) -> Value {
        let mut asked = self.quote(request, identity);
        let visit = &asked["visit"];
        asked["purchase"] =
            json!({ "number": visit["number"], "kind": visit["kind"], "began": visit["began"] });
        if let Some(members) = asked.as_object_mut() {
            members.remove("visit");
        }
        asked
    }

    /// What the sandbox calls the purchase: the serial of its first line.
    #[must_use]
    pub fn first_line(&self) -> String {
        format!("{}-{}-1", self.visit, self.batch)
    }

    #[must_use]
    pub fn total_fen(&self) -> i64 {
        self.lines.iter().map(|line| line.4).sum()
    }

    /// The bill id the agent will give it.
    #[must_use]
    pub fn bill_id(&self) -> String {
        format!("{}/{}/{}", crate::stage::INSTITUTION, self.visit, self.batch)
    }

    /// Parameters of `visit.quote`.
    #[must_use]
    pub fn quote(&self, request: &str, identity: &str) -> Value {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .enumerate()
            .map(|(n, line)| self.line(n, line))
            .collect();
        json!({
            "request_id": request,
            "identity_id": identity,
            "visit": {
                "number": self.visit,
                "kind": self.visit_kind,
                "began": "2026-11-22T09:00:00+08:00",
                "doctor": { "code": "D310101000001", "name": "周医生" },
                "department": { "code": "0301", "name": "消化内科", "category": "A03" },
                "complaint": "上腹不适",
                "diagnoses": [{ "code": "K29.500", "name": "慢性胃炎" }],
            },
            "bill": { "batch": self.batch, "total_fen": self.total_fen(), "lines": lines },
        })
    }

    /// Parameters of `visit.settle` that accept `quote`, an answer of `visit.quote`.
    #[must_use]
    pub fn settle(&self, request: &str, quote: &Value) -> Value {
        json!({
            "request_id": request,
            "bill_id": self.bill_id(),
            "quote_id": quote["quote"]["quote_id"],
            "total_fen": quote["quote"]["split"]["total_fen"],
            "cash_fen": quote["quote"]["split"]["cash_fen"],
        })
    }

    /// Parameters of `visit.confirm`.
    #[must_use]
    pub fn confirm(&self, request: &str, settlement: &str) -> Value {
        json!({
            "request_id": request,
            "bill_id": self.bill_id(),
            "settlement_id": settlement,
            "booked": true,
        })
    }

    /// Parameters of `visit.cancel`.
    #[must_use]
    pub fn cancel(&self, request: &str, settlement: &str) -> Value {
        json!({
            "request_id": request,
            "bill_id": self.bill_id(),
            "settlement_id": settlement,
            "reason": "开错",
        })
    }

    fn line(&self, n: usize, line: &(String, String, String, String, i64)) -> Value {
        let (code, name, quantity, price, fen) = line;
        json!({
            "serial": format!("{}-{}-{}", self.visit, self.batch, n + 1),
            "national_code": code,
            "own_code": format!("OWN{}", n + 1),
            "name": name,
            "quantity": quantity,
            "unit_price": price,
            "amount_fen": fen,
        })
    }
}
