//! A stay as a hospital would tell it, from the admission to the last undo.

use serde_json::{Value, json};

use crate::stage::INSTITUTION;

/// What is asked for in a test. Times are RFC 3339 with offset.
#[derive(Debug, Clone)]
pub struct Stay {
    pub number: String,
    pub kind: String,
    pub began: String,
    pub ended: String,
}

/// An ordinary stay of a morning: three lines can be charged, the last of which gives a part of the first one back.
#[must_use]
pub fn stay(number: &str) -> Stay {
    Stay {
        number: String::from(number),
        kind: String::from("21"),
        began: String::from("2026-11-22T08:00:00+08:00"),
        ended: String::from("2026-11-22T09:30:00+08:00"),
    }
}

fn doctor() -> Value {
    json!({ "code": "D310101000231", "name": "周医生" })
}

fn department() -> Value {
    json!({ "code": "0301", "name": "消化内科", "category": "A03" })
}

fn diagnoses() -> Value {
    json!([{ "code": "K29.500", "name": "慢性胃炎" }])
}

/// `fen` of 0.95 yuan each, charged `at`.
#[must_use]
pub fn stay_line(serial: &str, quantity: &str, fen: i64, at: &str) -> Value {
    json!({
        "serial": serial, "national_code": "XA02BCA217A012010100483", "own_code": "Y1187",
        "name": "奥美拉唑肠溶胶囊", "quantity": quantity, "unit_price": "0.95", "amount_fen": fen, "at": at,
    })
}

impl Stay {
    /// What [`Stay::lines`] come to.
    pub const TOTAL_FEN: i64 = 11_400;

    /// The stay id the agent will give it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{INSTITUTION}/{}", self.number)
    }

    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let mut back = stay_line("3", "-40", -3_800, &self.began);
        back["refunds"] = json!("1");
        vec![
            stay_line("1", "140", 13_300, &self.began),
            stay_line("2", "20", 1_900, &self.began),
            back,
        ]
    }

    fn told(&self) -> Value {
        json!({
            "number": self.number, "kind": self.kind, "began": self.began,
            "doctor": doctor(), "department": department(), "bed": "12",
            "complaint": "上腹痛三日", "diagnoses": diagnoses(),
        })
    }

    #[must_use]
    pub fn admit(&self, request: &str, identity: &str) -> Value {
        json!({ "request_id": request, "identity_id": identity, "stay": self.told() })
    }

    /// Into another bed.
    #[must_use]
    pub fn change(&self, request: &str) -> Value {
        let mut told = self.told();
        told["bed"] = json!("14");
        json!({ "request_id": request, "stay_id": self.id(), "stay": told })
    }

    #[must_use]
    pub fn charge(&self, request: &str, lines: &[Value]) -> Value {
        json!({ "request_id": request, "stay_id": self.id(), "lines": lines })
    }

    /// All lines that are not settled, or those named.
    #[must_use]
    pub fn withdraw(&self, request: &str, serials: Option<&[&str]>) -> Value {
        let mut asked = json!({ "request_id": request, "stay_id": self.id() });
        if let Some(serials) = serials {
            asked["serials"] = json!(serials);
        }
        asked
    }

    #[must_use]
    pub fn discharge(&self, request: &str) -> Value {
        json!({
            "request_id": request, "stay_id": self.id(), "ended": self.ended, "way": "1",
            "doctor": doctor(), "department": department(), "bed": "12", "diagnoses": diagnoses(),
        })
    }

    #[must_use]
    pub fn quote(&self, request: &str, identity: &str, total_fen: i64) -> Value {
        json!({
            "request_id": request, "stay_id": self.id(), "identity_id": identity, "total_fen": total_fen,
        })
    }

    /// Accepts `quote`, an answer of `stay.quote`.
    #[must_use]
    pub fn settle(&self, request: &str, quote: &Value) -> Value {
        json!({
            "request_id": request, "stay_id": self.id(), "bill_id": quote["bill_id"],
            "quote_id": quote["quote"]["quote_id"], "total_fen": quote["quote"]["split"]["total_fen"],
            "cash_fen": quote["quote"]["split"]["cash_fen"],
        })
    }

    /// Refunds `settled`, an answer of `stay.settle`.
    #[must_use]
    pub fn cancel(&self, request: &str, settled: &Value) -> Value {
        json!({
            "request_id": request, "stay_id": self.id(), "bill_id": settled["bill_id"],
            "settlement_id": settled["settlement"]["settlement_id"], "reason": "费用有误",
        })
    }

    /// Takes discharge or admission back.
    #[must_use]
    pub fn undo(&self, request: &str) -> Value {
        json!({ "request_id": request, "stay_id": self.id(), "reason": "费用有误" })
    }
}
