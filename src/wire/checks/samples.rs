//! One patient, one visit, one bill, and every call made of them.

use jiff::Timestamp;
use zhijie_model::*;

use crate::{Head, Profile};

pub(super) const PERSON: &str = "34120000000000000000012345";
pub(super) const VISIT: &str = "310000202611221000000000000001";
pub(super) const MESSAGE: &str = "H31010100001202611221010100001";

pub(super) fn profile() -> Profile {
    toml::from_str(include_str!("../../../config/provinces/sandbox.toml")).unwrap()
}

pub(super) fn real_profile() -> Profile {
    toml::from_str(include_str!("../../../config/provinces/hebei.toml")).unwrap()
}

/// Every profile under `config/provinces`.
pub(super) fn every_profile() -> Vec<Profile> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/provinces");
    let files = std::fs::read_dir(folder).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    texts.map(|text| toml::from_str(&text).unwrap()).collect()
}

pub(super) fn fen(value: i64) -> Fen {
    Fen::new(value).unwrap()
}

pub(super) fn now() -> Timestamp {
    "2026-11-22T02:03:04Z".parse().unwrap()
}

pub(super) fn head() -> Head {
    Head {
        message_id: message_id(),
        institution: InstitutionCode::new("H31010100001").unwrap(),
        institution_name: String::from("示例医院"),
        care_area: Area::new("310000").unwrap(),
        insured_area: Area::new("310000").unwrap(),
        operator_code: OperatorCode::new("S001").unwrap(),
        operator_name: String::from("收费员"),
        sign_in: Some(SignIn::new("310000202611220800000000000007").unwrap()),
        at: now(),
    }
}

pub(super) fn message_id() -> MessageId {
    MessageId::new(MESSAGE).unwrap()
}

pub(super) fn payer() -> Payer {
    Payer {
        number: PersonNumber::new(PERSON).unwrap(),
        name: Private::new("王秀英"),
        certificate_kind: String::from("01"),
        certificate: Private::new("341200195001011226"),
        insurance: InsuranceType::new("390").unwrap(),
        category: String::from("16"),
        area: Area::new("341200").unwrap(),
        credential: CredentialKind::Card,
    }
}

pub(super) fn card() -> Credential {
    Credential {
        kind: CredentialKind::Card,
        number: Private::new("F12345678"),
        card_identification: Some(Private::new("341200D156000005ABCDEF0123456789")),
        certificate: Some(Private::new("341200195001011226")),
        name: Some(Private::new("王秀英")),
    }
}

pub(super) fn voucher() -> Credential {
    Credential {
        kind: CredentialKind::Voucher,
        number: Private::new("341200ec0123456789abcdefghijklmnopqrst"),
        card_identification: None,
        certificate: None,
        name: None,
    }
}

pub(super) fn doctor() -> Staff {
    Staff {
        code: String::from("D310101000011"),
        name: String::from("李医生"),
    }
}

pub(super) fn department() -> Department {
    Department {
        code: String::from("0301"),
        name: String::from("内科"),
        category: String::from("A03"),
    }
}

pub(super) fn visit() -> Visit {
    Visit {
        number: VisitNumber::new("MZ20261122001").unwrap(),
        kind: VisitType::new("11").unwrap(),
        began: now(),
        doctor: doctor(),
        department: department(),
        complaint: String::from("咳嗽三天"),
        disease: None,
        diagnoses: vec![Diagnosis {
            kind: DiagnosisKind::Western,
            rank: 1,
            code: String::from("J06.900"),
            name: String::from("急性上呼吸道感染"),
            department: String::from("内科"),
            doctor: doctor(),
            at: now(),
            admission_condition: None,
        }],
    }
}

pub(super) fn line(serial: usize, quantity: &str, price: &str, amount: i64) -> ChargeLine {
    ChargeLine {
        serial: LineSerial::new(format!("L{serial:04}")).unwrap(),
        national_code: String::from("XA02BCA211B001010104251"),
        own_code: String::from("YP0001"),
        name: String::from("奥美拉唑"),
        quantity: Quantity::parse(quantity).unwrap(),
        unit_price: UnitPrice::parse(price).unwrap(),
        amount: fen(amount),
        at: now(),
        prescription: Some(String::from("CF1")),
        outside_prescription: false,
        department: department(),
        doctor: doctor(),
    }
}

pub(super) fn bill_of(lines: Vec<ChargeLine>) -> Bill {
    let total = Fen::sum(lines.iter().map(|line| line.amount)).unwrap();
    Bill::new(
        &InstitutionCode::new("H31010100001").unwrap(),
        &VisitNumber::new("MZ20261122001").unwrap(),
        ChargeBatch::new("B1").unwrap(),
        lines,
        total,
    )
    .unwrap()
}

/// 100.00 yuan.
pub(super) fn bill() -> Bill {
    bill_of(vec![line(1, "2", "12.5", 2500), line(2, "1", "75", 7500)])
}

pub(super) fn visit_id() -> VisitId {
    VisitId::new(VISIT).unwrap()
}

pub(super) fn register() -> Call {
    Call::Register {
        payer: payer(),
        visit: visit(),
    }
}

pub(super) fn upload() -> Call {
    Call::Upload {
        payer: payer(),
        visit_id: visit_id(),
        visit: visit(),
        bill: bill(),
        first: 0,
    }
}

pub(super) fn trial() -> Call {
    Call::Trial {
        payer: payer(),
        visit_id: visit_id(),
        kind: VisitType::new("11").unwrap(),
        batch: ChargeBatch::new("B1").unwrap(),
        total: fen(10_000),
        account: AccountUse::Use,
    }
}

pub(super) fn settle() -> Call {
    Call::Settle {
        payer: payer(),
        visit_id: visit_id(),
        kind: VisitType::new("11").unwrap(),
        batch: ChargeBatch::new("B1").unwrap(),
        total: fen(10_000),
        account: AccountUse::Use,
        amounts: TrialAmounts {
            own_expense: fen(1000),
            over_ceiling: fen(0),
            first_own: fen(500),
            in_scope: fen(8500),
        },
        invoice: Some(String::from("FP1")),
    }
}

pub(super) fn cancel() -> Call {
    Call::Cancel {
        payer: payer(),
        visit_id: visit_id(),
        settlement: SettlementId::new("S1").unwrap(),
    }
}

pub(super) fn reverse() -> Call {
    Call::Reverse {
        payer: payer(),
        target: message_id(),
        transaction: Transaction::Settle,
    }
}

pub(super) fn query() -> Call {
    Call::QuerySettlement {
        payer: payer(),
        visit_id: visit_id(),
        settlement: None,
    }
}

/// Every kind of call.
pub(super) fn calls() -> Vec<Call> {
    vec![
        register(),
        Call::Describe {
            payer: payer(),
            visit_id: visit_id(),
            visit: visit(),
        },
        upload(),
        Call::WithdrawLines {
            payer: payer(),
            visit_id: visit_id(),
            batch: ChargeBatch::new("B1").unwrap(),
        },
        Call::WithdrawVisit {
            payer: payer(),
            visit_id: visit_id(),
            number: VisitNumber::new("MZ20261122001").unwrap(),
        },
        trial(),
        settle(),
        cancel(),
        reverse(),
        query(),
    ]
}
