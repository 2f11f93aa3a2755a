//! The patient and the bill a battery is run with.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;
use zhijie_model::{
    Area, Bill, BillError, ChargeBatch, ChargeLine, Credential, CredentialKind, Department, Diagnosis,
    DiagnosisKind, Fen, FenError, IdError, InstitutionCode, InsuranceType, LineSerial, Private, Quantity,
    Staff, UnitPrice, Visit, VisitNumber, VisitType, line_amount,
};

/// A case file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The author's word that the platform is a test platform or the sandbox. Without it no money moves.
    #[serde(default)]
    pub test_platform: bool,
    /// Visit kind of a purchase at a pharmacy; left out, none is tried.
    #[serde(default)]
    pub pharmacy_kind: Option<VisitType>,
    /// Visit kind of a hospital stay; left out, none is tried.
    #[serde(default)]
    pub stay_kind: Option<VisitType>,
    /// Name of a code table, as the province names it; left out, none is read.
    #[serde(default)]
    pub code_table: Option<String>,
    /// What an e-voucher shows, a code of minutes; left out, none is decoded.
    #[serde(default)]
    pub voucher_code: Option<Private>,
    /// A chronic disease the patient is not registered for; left out, none is registered.
    #[serde(default)]
    pub chronic_disease: Option<Coded>,
    /// Kind of a referral, as the province codes it; left out, nobody is referred.
    #[serde(default)]
    pub referral_kind: Option<String>,
    pub patient: Patient,
    pub visit: VisitFacts,
    pub line: Vec<Line>,
}

/// The test patient the platform's operator named.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patient {
    pub credential: CredentialKind,
    /// Identity number, card number or token.
    pub number: Private,
    #[serde(default)]
    pub card_identification: Option<Private>,
    #[serde(default)]
    pub certificate: Option<Private>,
    #[serde(default)]
    pub name: Option<Private>,
    /// Which insurance pays, where she has several.
    #[serde(default)]
    pub insurance: Option<InsuranceType>,
    #[serde(default)]
    pub area: Option<Area>,
}

/// Everything about the visits but their numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitFacts {
    pub kind: VisitType,
    pub doctor: Staff,
    pub department: Department,
    /// ICD-10, insurance edition.
    pub diagnosis: Coded,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    pub code: String,
    pub name: String,
}

/// One fee line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub national_code: String,
    pub own_code: String,
    pub name: String,
    /// Decimal text.
    pub quantity: String,
    /// Decimal text, yuan.
    pub unit_price: String,
}

/// Why a case is none.
#[derive(Debug, Error)]
pub enum CaseError {
    #[error("cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// The parser's text names line and key.
    #[error("{0}")]
    Malformed(String),
    #[error("line {line}: quantity or price is no decimal number in range")]
    Line { line: usize },
    #[error("amounts are out of range")]
    Amount(#[from] FenError),
    #[error(transparent)]
    Id(#[from] IdError),
    #[error(transparent)]
    Bill(#[from] BillError),
}

impl Case {
    /// # Errors
    /// When the file cannot be read or is no case.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let text = std::fs::read_to_string(path).map_err(CaseError::Unreadable)?;
        toml::from_str(&text).map_err(|error| CaseError::Malformed(error.to_string()))
    }

    pub(super) fn credential(&self) -> Credential {
        let patient = &self.patient;
        Credential {
            kind: patient.credential,
            papers: None,
            number: patient.number.clone(),
            card_identification: patient.card_identification.clone(),
            certificate: patient.certificate.clone(),
            name: patient.name.clone(),
        }
    }

    pub(super) fn visit(&self, number: VisitNumber, now: Timestamp) -> Visit {
        let facts = &self.visit;
        Visit {
            number,
            kind: facts.kind.clone(),
            began: now,
            doctor: facts.doctor.clone(),
            department: facts.department.clone(),
            complaint: String::new(),
            disease: None,
            diagnoses: vec![Diagnosis {
                kind: DiagnosisKind::Western,
                rank: 1,
                code: facts.diagnosis.code.clone(),
                name: facts.diagnosis.name.clone(),
                department: facts.department.code.clone(),
                doctor: facts.doctor.clone(),
                at: now,
                admission_condition: None,
            }],
        }
    }

    pub(super) fn bill(&self, institution: &InstitutionCode, visit: &Visit) -> Result<Bill, CaseError> {
        let mut lines = Vec::new();
        for (n, line) in (1..).zip(&self.line) {
            lines.push(self.charge(n, line, visit)?);
        }
        let total = Fen::sum(lines.iter().map(|line| line.amount)).ok_or(FenError::OutOfRange)?;
        let batch = ChargeBatch::new("B1")?;
        Ok(Bill::new(institution, &visit.number, batch, lines, total)?)
    }

    fn charge(&self, n: usize, line: &Line, visit: &Visit) -> Result<ChargeLine, CaseError> {
        let wrong = || CaseError::Line { line: n };
        let quantity = Quantity::parse(&line.quantity).map_err(|_| wrong())?;
        let unit_price = UnitPrice::parse(&line.unit_price).map_err(|_| wrong())?;
        Ok(ChargeLine {
            serial: LineSerial::new(format!("{}-{n}", visit.number.as_str()))?,
            national_code: line.national_code.clone(),
            own_code: line.own_code.clone(),
            name: line.name.clone(),
            quantity,
            unit_price,
            amount: line_amount(quantity, unit_price).map_err(|_| wrong())?,
            at: visit.began,
            prescription: None,
            outside_prescription: false,
            department: self.visit.department.clone(),
            doctor: self.visit.doctor.clone(),
            traces: Vec::new(),
            traces_due: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_case_makes_a_bill() {
        let case = Case::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../config/conformance.sandbox.toml"
        )))
        .unwrap();
        assert!(case.test_platform);
        let visit = case.visit(VisitNumber::new("C1").unwrap(), Timestamp::UNIX_EPOCH);
        let institution = InstitutionCode::new("H31010100001").unwrap();
        let bill = case.bill(&institution, &visit).unwrap();
        assert_eq!((bill.lines().len(), bill.total().get()), (2, 8_320));
        let shown = format!("{case:?}");
        assert!(!shown.contains(case.patient.number.reveal()), "{shown}");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("case.toml");
        std::fs::write(&path, "test_platfrom = true").unwrap();
        let told = Case::read(&path).unwrap_err().to_string();
        assert!(
            told.contains("test_platfrom") && told.contains("line 1"),
            "{told}"
        );
        assert!(matches!(Case::read(dir.path()), Err(CaseError::Unreadable(_))));
    }
}
