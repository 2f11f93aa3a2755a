//! 1101 人员信息获取 (interface reference, 3.2).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhijie_model::{
    Area, Credential, CredentialKind, Distance, Insurance, InsuranceStatus, InsuranceType, Person,
    PersonNumber, Private, Sex,
};

use crate::context::{Context, Extension, Identity, proof};
use crate::envelope::Output;
use crate::inquiry::CardReading;
use crate::message::EncodeError;
use crate::rows::Rows;
use crate::scalar::{Amount, Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    mdtrt_cert_type: &'a str, // 就诊凭证类型
    mdtrt_cert_no: &'a str,   // 就诊凭证编号
    #[serde(skip_serializing_if = "Option::is_none")]
    card_sn: Option<&'a str>, // 卡识别码
    #[serde(skip_serializing_if = "Option::is_none")]
    card_token: Option<&'a str>, // 校验介质
    #[serde(skip_serializing_if = "Option::is_none")]
    begntime: Option<&'a str>, // 开始时间; only to ask for the past
    #[serde(skip_serializing_if = "Option::is_none")]
    orgin_card_info: Option<&'a str>, // what the reader said; spelled so
    #[serde(skip_serializing_if = "Option::is_none")]
    sign: Option<&'a str>, // and its signature
    #[serde(flatten)]
    identity: Identity<'a>, // 人员证件类型, 证件号码, 人员姓名
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn input<'a>(
    context: &Context<'a>,
    credential: &'a Credential,
    reading: Option<&'a CardReading>,
) -> Result<Input<'a>, EncodeError> {
    let proof = proof(credential, &context.profile.papers)?;
    let rules = &context.profile.person;
    let is_card = credential.kind == CredentialKind::Card;
    let head = context.head;
    let visits = head.insured_area.distance_to(head.care_area) == Distance::OtherProvince;
    let mut identity = Identity::default();
    if context.profile.fields.identity_everywhere || (rules.visitor_identity && is_card && visits) {
        identity.certno = credential.certificate.as_ref().map(Private::reveal);
        identity.psn_cert_type = identity.certno.map(|_| IDENTITY_CARD);
        identity.psn_name = credential.name.as_ref().map(Private::reveal);
    }
    if credential.kind == CredentialKind::Papers {
        identity.psn_cert_type = credential.papers.as_deref();
        identity.certno = Some(proof.number);
        identity.psn_name = credential.name.as_ref().map(Private::reveal);
    }
    let reading = reading.filter(|_| rules.card_reading && is_card);
    let card_sn = match credential.kind {
        CredentialKind::Card => Some(
            proof
                .card_identification
                .ok_or(EncodeError::MemberEmpty("card_sn"))?,
        ),
        CredentialKind::Voucher | CredentialKind::IdNumber | CredentialKind::Papers => None,
    };
    Ok(Input {
        data: Data {
            mdtrt_cert_type: proof.kind,
            mdtrt_cert_no: proof.number,
            card_sn,
            card_token: context.medium_token(credential.kind)?,
            begntime: None,
            orgin_card_info: reading.map(|reading| reading.line.reveal()),
            sign: reading.and_then(|reading| Some(reading.signature.as_ref()?.reveal())),
            identity,
            extension: context.extension(),
        },
    })
}

const IDENTITY_CARD: &str = "01";
const BASE: &str = "baseinfo";
const INSURANCE: &str = "insuinfo";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Base {
    psn_no: Text,        // 人员编号
    psn_cert_type: Text, // 人员证件类型
    certno: Text,        // 证件号码
    psn_name: Text,      // 人员姓名
    gend: Text,          // 性别
    naty: Text,          // 民族
    brdy: Text,          // 出生日期
    age: Amount,         // 年龄
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Insured {
    balc: Amount,         // 余额
    insutype: Text,       // 险种类型
    psn_type: Text,       // 人员类别
    psn_insu_stas: Text,  // 人员参保状态
    psn_insu_date: Text,  // 个人参保日期
    paus_insu_date: Text, // 暂停参保日期
    cvlserv_flag: Text,   // 公务员标志
    insuplc_admdvs: Text, // 参保地医保区划
    emp_name: Text,       // 单位名称
}

#[derive(Deserialize)]
struct Nodes {
    #[serde(default)]
    baseinfo: Option<Base>,
    #[serde(default = "none")]
    insuinfo: Rows<Insured>,
}

fn none() -> Rows<Insured> {
    Rows::default()
}

/// `asked`: a certificate that differs from the one asked with is somebody else's answer.
pub(crate) fn read(output: &Output, asked: &Credential) -> Result<Person, Unreadable> {
    let nodes: Nodes = output.read(BASE)?;
    let base = nodes.baseinfo.ok_or(Unreadable::NodeMissing { node: BASE })?;
    let certificate_kind = base
        .psn_cert_type
        .owned(at(BASE, "psn_cert_type"))?
        .unwrap_or_default();
    let certificate = base.certno.need(at(BASE, "certno"))?;
    let same = match asked.kind {
        CredentialKind::Papers => same_papers(asked, &certificate_kind, certificate),
        CredentialKind::Voucher | CredentialKind::IdNumber | CredentialKind::Card => {
            certificate_kind != IDENTITY_CARD || same_certificate(asked, certificate)
        }
    };
    if !same {
        return Err(Unreadable::OtherPersons {
            node: BASE,
            field: "certno",
        });
    }
    Ok(Person {
        number: base.psn_no.need_id(at(BASE, "psn_no"), PersonNumber::new)?,
        name: Private::new(base.psn_name.need(at(BASE, "psn_name"))?),
        certificate: Private::new(certificate),
        certificate_kind,
        sex: sex(base.gend.get(at(BASE, "gend"))?),
        born: born(&base)?,
        insurances: nodes.insuinfo.0.iter().map(insurance).collect::<Result<_, _>>()?,
    })
}

fn born(base: &Base) -> Result<Option<Date>, Unreadable> {
    base.brdy.date(at(BASE, "brdy"))
}

/// Papers of another kind, or a masked number, prove nothing either way: a person may have several.
fn same_papers(asked: &Credential, kind: &str, answered: &str) -> bool {
    asked.papers.as_deref() != Some(kind)
        || answered.contains('*')
        || asked.number.reveal().eq_ignore_ascii_case(answered)
}

/// Masked numbers (`3412**********1234`) prove nothing either way.
fn same_certificate(asked: &Credential, answered: &str) -> bool {
    let known = match asked.kind {
        CredentialKind::IdNumber => Some(&asked.number),
        CredentialKind::Voucher | CredentialKind::Card | CredentialKind::Papers => asked.certificate.as_ref(),
    };
    let comparable = |text: &str| text.len() == 18 && !text.contains('*');
    known.is_none_or(|known| {
        let known = known.reveal();
        !comparable(known) || !comparable(answered) || known.eq_ignore_ascii_case(answered)
    })
}

fn sex(code: Option<&str>) -> Sex {
    match code {
        Some("1") => Sex::Male,
        Some("2") => Sex::Female,
        None | Some("9" | "0") => Sex::NotStated,
        Some(other) => Sex::Unknown(other.to_owned()),
    }
}

fn insurance(row: &Insured) -> Result<Insurance, Unreadable> {
    let area = at(INSURANCE, "insuplc_admdvs");
    Ok(Insurance {
        kind: row
            .insutype
            .need_id(at(INSURANCE, "insutype"), InsuranceType::new)?,
        status: match row.psn_insu_stas.get(at(INSURANCE, "psn_insu_stas"))? {
            None => InsuranceStatus::NotStated,
            Some("0") => InsuranceStatus::NotInsured,
            Some("1") => InsuranceStatus::Active,
            Some("2") => InsuranceStatus::Suspended,
            Some("3") => InsuranceStatus::Invalid,
            Some("4") => InsuranceStatus::Terminated,
            Some(other) => InsuranceStatus::Unknown(other.to_owned()),
        },
        area: Area::new(row.insuplc_admdvs.need(area)?).map_err(|_| area.bad())?,
        category: row.psn_type.owned(at(INSURANCE, "psn_type"))?.unwrap_or_default(),
        civil_servant: row.cvlserv_flag.get(at(INSURANCE, "cvlserv_flag"))? == Some("1"),
        employer: row.emp_name.owned(at(INSURANCE, "emp_name"))?,
        balance: row.balc.fen(at(INSURANCE, "balc"))?,
    })
}
