//! Patients and bills that exist nowhere.

use jiff::Timestamp;
use zhijie_model::{
    AccountUse, Bill, ChargeBatch, ChargeLine, Credential, CredentialKind, Department, Diagnosis,
    DiagnosisKind, Fen, IdentityId, InstitutionCode, InsuranceType, LineSerial, OperatorCode, Payer,
    PersonNumber, Private, Quantity, Road, Staff, UnitPrice, Visit, VisitNumber, VisitType,
};
use zhijie_settlement::{Operator, Order, Policy};

use crate::policy::Rules;
use crate::rng::Rng;

pub(crate) const INSTITUTION: &str = "H31010100001";
pub(crate) const OPERATOR: &str = "0007";

/// What must never stand in a log line.
pub(crate) const PRIVATE: [&str; 4] = [
    "虞望舒",
    "341200195801011238",
    "34120000000000000000009876",
    "A1234567X",
];

/// Bill number `n` of the hospital.
pub(crate) fn order(rules: &Rules, n: usize, rng: &mut Rng) -> Order {
    let at = Timestamp::from_second(crate::clock::START_MS / 1000 - 3600).unwrap();
    let number = VisitNumber::new(format!("MZ{n:04}")).unwrap();
    let lines: Vec<ChargeLine> = (0..=rng.index(3))
        .map(|line| charge(line, rng.between(1, 90_000), at))
        .collect();
    let total = Fen::sum(lines.iter().map(|line| line.amount)).unwrap();
    let batch = ChargeBatch::new("B1").unwrap();
    let road = if rng.percent(rules.purchases) {
        if n.is_multiple_of(2) {
            Road::Pharmacy
        } else {
            Road::Slip
        }
    } else {
        Road::Outpatient
    };
    let bill = Bill::new(
        &InstitutionCode::new(INSTITUTION).unwrap(),
        &number,
        batch,
        lines,
        total,
    )
    .unwrap();
    let visit = visit(number, &road, at);
    let policy = Policy {
        irreversible: road == Road::Slip && n % 4 == 3,
        ..rules.policy()
    };
    Order {
        road,
        payer: Payer {
            number: PersonNumber::new(format!("{}{}", PRIVATE[2], n % rules.persons)).unwrap(),
            name: Private::new(PRIVATE[0]),
            certificate_kind: String::from("01"),
            certificate: Private::new(PRIVATE[1]),
            insurance: InsuranceType::new("390").unwrap(),
            category: String::from("15"),
            area: rules.area,
            credential: CredentialKind::Card,
        },
        identity: card(n),
        visit,
        bill,
        account: AccountUse::Use,
        operator: Operator {
            code: OperatorCode::new(OPERATOR).unwrap(),
            name: String::from("柜员"),
        },
        policy,
        opened: None,
        checked: None,
        credential: None,
    }
}

/// The card of bill number `n`.
pub(crate) fn card(n: usize) -> IdentityId {
    IdentityId::new(format!("card-{n}")).unwrap()
}

pub(crate) fn credential() -> Credential {
    Credential {
        kind: CredentialKind::Card,
        papers: None,
        number: Private::new(PRIVATE[3]),
        card_identification: Some(Private::new("34120000000000000000000000000001")),
        certificate: Some(Private::new(PRIVATE[1])),
        name: Some(Private::new(PRIVATE[0])),
    }
}

fn visit(number: VisitNumber, road: &Road, at: Timestamp) -> Visit {
    let kind = match road {
        Road::Outpatient | Road::Slip => "11",
        Road::Pharmacy => "41",
        Road::Stay(_) => "21",
    };
    Visit {
        number,
        kind: VisitType::new(kind).unwrap(),
        began: at,
        doctor: doctor(),
        department: department(),
        complaint: String::new(),
        disease: None,
        diagnoses: vec![Diagnosis {
            kind: DiagnosisKind::Western,
            rank: 1,
            code: String::from("K29.500"),
            name: String::from("慢性胃炎"),
            department: String::from("内科"),
            doctor: doctor(),
            at,
            admission_condition: None,
        }],
    }
}

fn charge(n: usize, amount: i64, at: Timestamp) -> ChargeLine {
    let amount = Fen::new(amount).unwrap();
    ChargeLine {
        serial: LineSerial::new(format!("{n}")).unwrap(),
        national_code: String::from("XA02BCA001A001010100001"),
        own_code: String::from("Y1"),
        name: String::from("药品"),
        quantity: Quantity::parse("1").unwrap(),
        unit_price: UnitPrice::parse(&amount.to_string()).unwrap(),
        amount,
        at,
        prescription: None,
        outside_prescription: false,
        department: department(),
        doctor: doctor(),
        traces: Vec::new(),
        traces_due: None,
    }
}

fn doctor() -> Staff {
    Staff {
        code: String::from("D310101000001"),
        name: String::from("医师"),
    }
}

fn department() -> Department {
    Department {
        code: String::from("03"),
        name: String::from("内科"),
        category: String::from("A03"),
    }
}
