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
        medium_token: None,
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
        papers: None,
        number: Private::new("F12345678"),
        card_identification: Some(Private::new("341200D156000005ABCDEF0123456789")),
        certificate: Some(Private::new("341200195001011226")),
        name: Some(Private::new("王秀英")),
    }
}

pub(super) fn voucher() -> Credential {
    Credential {
        kind: CredentialKind::Voucher,
        papers: None,
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
        traces: Vec::new(),
        traces_due: None,
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
        traces: Traces::default(),
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

/// A stay with everything a stay can tell.
pub(super) fn admission() -> Admission {
    let mut told = visit().diagnoses;
    told[0].admission_condition = Some(String::from("1"));
    Admission {
        number: VisitNumber::new("ZY20261122001").unwrap(),
        kind: VisitType::new("21").unwrap(),
        began: now(),
        doctor: doctor(),
        department: visit().department,
        bed: String::from("0312"),
        complaint: String::from("发热三日"),
        disease: Some(Disease {
            code: String::from("RJ001"),
            name: String::from("日间手术一"),
        }),
        diagnoses: told,
        contact: Some(Private::new("李家人")),
        phone: Some(Private::new("13900000000")),
        injury: Some(true),
        third_party: Some(false),
        extras: StayExtras {
            record: Some(String::from("BL1")),
            crowd: Some(String::from("01")),
            disease_sort: Some(String::from("3")),
            operation: Some(Disease {
                code: String::from("47.0100"),
                name: String::from("腹腔镜下阑尾切除术"),
            }),
            maternity: Some(Box::new(Maternity {
                certificate: Some(Private::new("SY1")),
                kind: Some(String::from("1")),
                control: Some(String::from("2")),
                late: Some(false),
                weeks: Some(39),
                pregnancies: Some(1),
                children: Some(2),
                premature: Some(true),
                on: Some(jiff::civil::date(2026, 11, 22)),
                complicated: Some(false),
            })),
        },
    }
}

pub(super) fn discharge() -> Discharge {
    Discharge {
        ended: now(),
        department: visit().department,
        bed: String::from("0312"),
        way: String::from("5"),
        died: Some(jiff::civil::date(2026, 11, 22)),
        diagnoses: visit().diagnoses,
    }
}

/// A line of a stay; with `refunds` it gives that line back.
pub(super) fn stay_line(
    number: usize,
    quantity: &str,
    price: &str,
    fen: i64,
    refunds: Option<usize>,
) -> StayLine {
    let mut charge = line(number, quantity, price, fen);
    charge.prescription = Some(String::from("YZ1"));
    StayLine {
        charge,
        refunds: refunds.map(|number| line(number, "1", "1", 100).serial),
    }
}

pub(super) fn part(interim: bool) -> StayPart {
    StayPart {
        kind: VisitType::new("21").unwrap(),
        total: fen(10_000),
        cuts: TrialAmounts {
            own_expense: fen(1000),
            over_ceiling: fen(0),
            first_own: fen(500),
            in_scope: fen(8500),
        },
        interim,
        discharged_on: Some(jiff::civil::date(2026, 11, 22)),
    }
}

pub(super) fn admit() -> Call {
    Call::Admit {
        payer: payer(),
        admission: admission(),
    }
}

pub(super) fn charge(lines: Vec<StayLine>) -> Call {
    Call::ChargeStay {
        payer: payer(),
        visit_id: visit_id(),
        kind: VisitType::new("21").unwrap(),
        lines,
    }
}

pub(super) fn settle_stay(interim: bool) -> Call {
    Call::SettleStay {
        payer: payer(),
        visit_id: visit_id(),
        part: part(interim),
        account: AccountUse::Use,
        amounts: part(interim).cuts,
        invoice: Some(String::from("FP1")),
    }
}

/// Every call of a stay.
pub(super) fn stay_calls() -> Vec<Call> {
    let (payer, visit_id) = (payer(), visit_id());
    vec![
        admit(),
        Call::ChangeStay {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            admission: admission(),
        },
        charge(vec![
            stay_line(1, "2", "12.5", 2500, None),
            stay_line(2, "-1", "12.5", -1250, Some(1)),
        ]),
        Call::WithdrawCharges {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            serials: None,
        },
        Call::Discharge {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            admission: admission(),
            discharge: discharge(),
        },
        Call::WithdrawDischarge {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
        },
        Call::WithdrawAdmission {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
        },
        Call::TryStay {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            part: part(false),
            account: AccountUse::Keep,
        },
        settle_stay(false),
        settle_stay(true),
        Call::CancelStay {
            payer: payer.clone(),
            visit_id,
            settlement: SettlementId::new("S1").unwrap(),
        },
        Call::QueryInHospital {
            payer,
            from: now(),
            until: now(),
        },
    ]
}

/// Every kind of call.
pub(super) fn calls() -> Vec<Call> {
    let mut calls = vec![
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
    ];
    calls.extend(stay_calls());
    calls
}
