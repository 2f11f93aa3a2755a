//! The bill as the desk sends it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zhijie_model::{
    Bill, BillError, ChargeLine, Department, InstitutionCode, Quantity, Staff, TraceCode, UnitPrice, Visit,
};

use super::check::{ParamError, amount, instant, text, typed};
use super::common::{DepartmentParams, StaffParams};

/// The fee lines of one charge batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BillParams {
    /// Charge batch, unique within the visit; one settlement each.
    pub batch: String,
    pub total_fen: i64,
    /// 1 to 1000.
    pub lines: Vec<BillLineParams>,
}

/// One fee line; what is left out is taken from the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BillLineParams {
    /// Unique within the visit.
    pub serial: String,
    /// National catalogue code.
    pub national_code: String,
    /// The institution's own item code.
    pub own_code: String,
    pub name: String,
    /// Plain decimal text without sign, blank or exponent, at most four places.
    pub quantity: String,
    /// Yuan as plain decimal text, at most six places.
    pub unit_price: String,
    /// Quantity times unit price, rounded to the fen.
    pub amount_fen: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Prescription number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prescription: Option<String>,
    /// Whether the patient takes the prescription to a pharmacy outside.
    #[serde(default)]
    pub outside_prescription: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doctor: Option<StaffParams>,
    /// Trace codes of the packages handed out, at most 200; sent where the province wants them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace_codes: Vec<TraceCodeParams>,
    /// Codes there ought to be, one for each smallest package; as many as there are, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_codes_due: Option<u32>,
}

/// The trace code of one package (追溯码).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceCodeParams {
    pub code: String,
    /// Whether the package was opened and a part of it handed out (拆零).
    #[serde(default)]
    pub opened: bool,
    /// Kind of the smallest unit it is counted in, as the province codes it.
    pub unit: String,
}

impl TraceCodeParams {
    fn to_code(&self, path: &str) -> Result<TraceCode, ParamError> {
        Ok(TraceCode {
            code: text(format!("{path}.code"), &self.code, 50)?,
            opened: self.opened,
            unit: text(format!("{path}.unit"), &self.unit, 20)?,
        })
    }
}

/// Trace codes of one line.
const TRACE_CODES_MAX: usize = 200;

/// Why what the desk sent is no bill. Nothing was sent on.
#[derive(Debug, Error)]
pub enum BillParamsError {
    /// A member is not acceptable; answered as invalid parameters.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Well formed, but it does not add up; answered as a fault with the lines named.
    #[error(transparent)]
    Bill(#[from] BillError),
}

impl BillParams {
    /// The bill, checked; paths begin with `bill.`. Lines without time, department or doctor take the visit's.
    ///
    /// # Errors
    /// [`BillParamsError::Param`] for the first member that is not acceptable, [`BillParamsError::Bill`] when the
    /// lines do not add up.
    pub fn to_bill(&self, institution: &InstitutionCode, visit: &Visit) -> Result<Bill, BillParamsError> {
        let batch = typed("bill.batch", &self.batch)?;
        let total = amount("bill.total_fen", self.total_fen)?;
        let lines = self
            .lines
            .iter()
            .enumerate()
            .map(|(at, line)| line.to_line(&format!("bill.lines[{at}]"), &LineDefaults::of_visit(visit)))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Bill::new(institution, &visit.number, batch, lines, total)?)
    }
}

/// What a line takes where it leaves something out.
#[derive(Debug, Clone, Copy)]
pub struct LineDefaults<'a> {
    pub at: Timestamp,
    pub department: &'a Department,
    pub doctor: &'a Staff,
}

impl<'a> LineDefaults<'a> {
    const fn of_visit(visit: &'a Visit) -> Self {
        Self {
            at: visit.began,
            department: &visit.department,
            doctor: &visit.doctor,
        }
    }
}

impl BillLineParams {
    pub(super) fn to_line(&self, path: &str, defaults: &LineDefaults<'_>) -> Result<ChargeLine, ParamError> {
        let at = |member: &str| format!("{path}.{member}");
        if self.trace_codes.len() > TRACE_CODES_MAX {
            let problem = format!("must be at most {TRACE_CODES_MAX}");
            return Err(ParamError::new(at("trace_codes"), problem));
        }
        let codes = self.trace_codes.iter().enumerate();
        let traces = codes.map(|(n, code)| code.to_code(&at(&format!("trace_codes[{n}]"))));
        Ok(ChargeLine {
            traces: traces.collect::<Result<_, _>>()?,
            traces_due: self.trace_codes_due,
            serial: typed(&at("serial"), &self.serial)?,
            national_code: text(at("national_code"), &self.national_code, 50)?,
            own_code: text(at("own_code"), &self.own_code, 150)?,
            name: text(at("name"), &self.name, 100)?,
            quantity: Quantity::parse_plain(&self.quantity)
                .map_err(|error| ParamError::new(at("quantity"), error.to_string()))?,
            unit_price: UnitPrice::parse_plain(&self.unit_price)
                .map_err(|error| ParamError::new(at("unit_price"), error.to_string()))?,
            amount: amount(&at("amount_fen"), self.amount_fen)?,
            at: match &self.at {
                Some(time) => instant(&at("at"), time)?,
                None => defaults.at,
            },
            prescription: match &self.prescription {
                Some(number) => Some(text(at("prescription"), number, 30)?),
                None => None,
            },
            outside_prescription: self.outside_prescription,
            department: match &self.department {
                Some(department) => department.to_department(&at("department"))?,
                None => defaults.department.clone(),
            },
            doctor: match &self.doctor {
                Some(doctor) => doctor.to_staff(&at("doctor"))?,
                None => defaults.doctor.clone(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::VisitParams;
    use serde_json::{Value, json};

    fn visit() -> Value {
        json!({
            "number": "MZ1", "kind": "11", "began": "2026-11-22T09:00:00+08:00",
            "doctor": {"code": "D310101000001", "name": "周医生"},
            "department": {"code": "0301", "name": "消化内科", "category": "A03"},
            "diagnoses": [{"code": "K29.500", "name": "慢性胃炎"}]
        })
    }

    fn bill() -> Value {
        json!({
            "batch": "B1", "total_fen": 2601, "lines": [
                {"serial": "1", "national_code": "X1", "own_code": "A1", "name": "药", "quantity": "2",
                 "unit_price": "12.50", "amount_fen": 2500},
                {"serial": "2", "national_code": "X2", "own_code": "A2", "name": "药", "quantity": "1",
                 "unit_price": "1.01", "amount_fen": 101, "at": "2026-11-22T09:30:00+08:00",
                 "doctor": {"code": "D2", "name": "王医生"}}
            ]
        })
    }

    fn convert(visit: Value, bill: Value) -> Result<Bill, BillParamsError> {
        let visit: VisitParams = serde_json::from_value(visit).unwrap();
        let bill: BillParams = serde_json::from_value(bill).unwrap();
        bill.to_bill(&InstitutionCode::new("H31010100001").unwrap(), &visit.to_visit()?)
    }

    #[test]
    fn what_a_line_leaves_out_comes_from_the_visit() {
        let made = convert(visit(), bill()).unwrap();
        assert_eq!(made.id().as_str(), "H31010100001/MZ1/B1");
        let [first, second] = made.lines() else {
            panic!("two lines")
        };
        assert_eq!(first.at.to_string(), "2026-11-22T01:00:00Z");
        assert_eq!(second.at.to_string(), "2026-11-22T01:30:00Z");
        assert_eq!(
            (first.doctor.name.as_str(), second.doctor.name.as_str()),
            ("周医生", "王医生")
        );
        assert_eq!(first.department.category, "A03");
    }

    #[test]
    fn the_member_at_fault_is_named() {
        let table = [
            ("/bill/batch", json!(""), "bill.batch"),
            ("/bill/total_fen", json!(i64::MAX), "bill.total_fen"),
            (
                "/bill/lines/1/amount_fen",
                json!(i64::MIN),
                "bill.lines[1].amount_fen",
            ),
            ("/bill/lines/1/quantity", json!("zwei"), "bill.lines[1].quantity"),
            (
                "/bill/lines/0/unit_price",
                json!("1.0000001"),
                "bill.lines[0].unit_price",
            ),
            ("/bill/lines/0/quantity", json!("+2"), "bill.lines[0].quantity"),
            (
                "/bill/lines/0/quantity",
                json!("2.00000"),
                "bill.lines[0].quantity",
            ),
            ("/bill/lines/0/quantity", json!("2."), "bill.lines[0].quantity"),
            (
                "/bill/lines/0/unit_price",
                json!("1.25e1"),
                "bill.lines[0].unit_price",
            ),
            (
                "/bill/lines/0/unit_price",
                json!(" 12.50"),
                "bill.lines[0].unit_price",
            ),
            ("/bill/lines/0/name", json!("药\u{200B}"), "bill.lines[0].name"),
            ("/bill/lines/0/serial", json!("1\u{202E}"), "bill.lines[0].serial"),
            ("/visit/began", json!("1900-01-01T00:00:00+08:00"), "visit.began"),
            (
                "/bill/lines/1/at",
                json!("0000-01-01T00:00:00+08:00"),
                "bill.lines[1].at",
            ),
            (
                "/visit/diagnoses/0/at",
                json!("2100-01-01T00:00:00+08:00"),
                "visit.diagnoses[0].at",
            ),
            (
                "/bill/lines/0/trace_codes",
                json!([{"code": "8123", "unit": "1"}, {"code": " ", "unit": "1"}]),
                "bill.lines[0].trace_codes[1].code",
            ),
            (
                "/bill/lines/1/trace_codes",
                json!(vec![json!({"code": "8123", "unit": "1"}); 201]),
                "bill.lines[1].trace_codes",
            ),
            ("/bill/lines/0/name", json!(" "), "bill.lines[0].name"),
            (
                "/bill/lines/1/at",
                json!("2026-11-22T09:30:00"),
                "bill.lines[1].at",
            ),
            (
                "/bill/lines/1/doctor/code",
                json!("a\tb"),
                "bill.lines[1].doctor.code",
            ),
            ("/visit/number", json!("x".repeat(31)), "visit.number"),
            ("/visit/began", json!("gestern"), "visit.began"),
            ("/visit/diagnoses", json!([]), "visit.diagnoses"),
            ("/visit/diagnoses/0/code", json!(""), "visit.diagnoses[0].code"),
            (
                "/visit/department/category",
                json!("A030000"),
                "visit.department.category",
            ),
        ];
        for (pointer, value, path) in table {
            let mut both = json!({"visit": visit(), "bill": bill()});
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            match both.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.insert(String::from(member), value)),
                other => panic!("{pointer}: {other}"),
            }
            let found = convert(both["visit"].take(), both["bill"].take());
            assert!(
                matches!(&found, Err(BillParamsError::Param(error)) if error.path == path),
                "{path}: {found:?}"
            );
        }
    }

    #[test]
    fn a_bill_that_does_not_add_up_is_another_kind_of_error() {
        let mut wrong = bill();
        wrong["total_fen"] = json!(2600);
        assert!(matches!(
            convert(visit(), wrong),
            Err(BillParamsError::Bill(BillError::DoesNotAddUp(_)))
        ));
    }
}
