//! 1101: who this is, by card, ID number or voucher token; and the check that a credential is a person's.

use jiff::Timestamp;
use rusqlite::Connection;
use zhijie_model::Distance;

use crate::data::Data;
use crate::fields::Fields;
use crate::json::{Json, Object};
use crate::options::PapersShown;
use crate::people::{Insurance, Person};
use crate::refusal::{Fail, Refusal};
use crate::store;
use crate::transactions::{Context, Done};

pub(super) fn lookup(context: &Context<'_>) -> Done {
    let node = context.data_node(&["mdtrt_cert_type", "mdtrt_cert_no"])?;
    let person = holder(context, &node)?;
    let named = |member: &str, known: &str| -> Result<(), Refusal> {
        match node.optional(member)? {
            Some(given) if given != known => Err(Refusal::business(format!("[{member}]与人员信息不一致"))),
            _ => Ok(()),
        }
    };
    named("certno", &person.certificate)?;
    named("psn_cert_type", &person.certificate_kind)?;
    named("psn_name", &person.name)?;
    let base = describe(person, context).with("exp_content", r#"{"crtYearBalc":0,"calYearBalc":0}"#);
    let mut insurances = Vec::new();
    for insurance in &person.insurance {
        insurances.push(insured(context, person, insurance)?);
    }
    let identities = if person.aided {
        vec![
            Object::new()
                .with("psn_idet_type", "2301")
                .with("psn_type_lv", "1")
                .with("memo", "最低生活保障对象")
                .with("begntime", "2020-01-01 00:00:00")
                .with("endtime", Json::Null),
        ]
    } else {
        Vec::new()
    };
    Ok(Some(
        Object::new()
            .with("baseinfo", base)
            .with("insuinfo", insurances)
            .with("idetinfo", identities),
    ))
}

/// Whose credential the node carries.
fn holder<'a>(context: &'a Context<'_>, node: &Fields) -> Result<&'a Person, Fail> {
    let kind = node.text("mdtrt_cert_type")?;
    let value = node.text("mdtrt_cert_no")?;
    let mut people = context.data.people.iter();
    match kind.as_str() {
        "01" => {
            let number = store::token_person(context.db, &value, context.now)?
                .ok_or_else(|| Refusal::business("医保电子凭证令牌无效或已过期,请重新扫码"))?;
            Ok(context
                .data
                .person(&number)
                .ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?)
        }
        "02" if !shows_papers(context, node)? => {
            let person = people
                .find(|person| person.certificate == value && !has_papers(person))
                .ok_or_else(|| Refusal::business("未查询到该证件的参保信息"))?;
            let visitor = person
                .insurance
                .iter()
                .all(|insurance| context.distance(insurance.area) == Distance::OtherProvince);
            if visitor && context.options.visitors_need_card {
                return Err(Refusal::business("跨省异地就医人员请使用社会保障卡或医保电子凭证").into());
            }
            Ok(person)
        }
        "03" => {
            node.need(&["card_sn"])?;
            let identification = node.text("card_sn")?;
            let person = people
                .find(|person| person.card.number == value)
                .ok_or_else(|| Refusal::business("未查询到该社会保障卡的持卡人信息"))?;
            if !person.card.identification.eq_ignore_ascii_case(&identification) {
                return Err(Refusal::business("卡识别码与社会保障卡不一致").into());
            }
            check_medium(context, node, &value)?;
            Ok(person)
        }
        code if shown_as_papers(context, code) => {
            node.need(&["psn_cert_type", "certno"])?;
            let papers = node.text("psn_cert_type")?;
            Ok(people
                .filter(|person| has_papers(person) && person.certificate_kind == papers)
                .find(|person| person.certificate == value)
                .ok_or_else(|| Refusal::business("未查询到该证件的参保信息"))?)
        }
        _ => Err(node.wrong("mdtrt_cert_type").into()),
    }
}

const RESIDENT_CARD: &str = "01";

/// Whether the person has other papers than a resident ID.
fn has_papers(person: &Person) -> bool {
    person.certificate_kind != RESIDENT_CARD
}

/// Whether a lookup by number is one of papers.
fn shows_papers(context: &Context<'_>, node: &Fields) -> Result<bool, Refusal> {
    let kind = node.optional("psn_cert_type")?;
    Ok(shown_as_papers(context, "02") && kind.is_some_and(|kind| kind != RESIDENT_CARD))
}

/// Whether papers are shown as this here.
fn shown_as_papers(context: &Context<'_>, code: &str) -> bool {
    match context.options.papers {
        PapersShown::Other => code == "99",
        PapersShown::IdNumber => code == "02",
        PapersShown::OwnKind => {
            let people = &context.data.people;
            people
                .iter()
                .any(|person| has_papers(person) && person.certificate_kind == code)
        }
    }
}

/// Whose credential a node carries, as far as that can be told without refusing it.
pub(super) fn whose<'a>(
    db: &Connection,
    data: &'a Data,
    node: &Fields,
    now: Timestamp,
) -> Option<&'a Person> {
    let value = node.text("mdtrt_cert_no").ok()?;
    let mut people = data.people.iter();
    match node.text("mdtrt_cert_type").ok()?.as_str() {
        "01" => data.person(&store::token_person(db, &value, now).ok()??),
        "02" => people.find(|person| person.certificate == value),
        "03" => people.find(|person| person.card.number == value),
        _ => people.find(|person| has_papers(person) && person.certificate == value),
    }
}

/// Checks the token of the card's medium, where this province wants one.
fn check_medium(context: &Context<'_>, node: &Fields, card_number: &str) -> Result<(), Refusal> {
    let token = node.optional("card_token")?;
    let fits = |dress: &crate::dress::Dress| {
        dress.medium_fits(&context.request.infno, card_number, token.as_deref())
    };
    if context.options.dress.as_ref().is_none_or(fits) {
        Ok(())
    } else {
        Err(Refusal::business("校验介质[card_token]缺少或无效"))
    }
}

/// Checks that the credential a node carries is this person's and still lives.
pub(super) fn check_credential(context: &Context<'_>, node: &Fields, person: &Person) -> Result<(), Fail> {
    let value = node.text("mdtrt_cert_no")?;
    let own = match node.text("mdtrt_cert_type")?.as_str() {
        "01" => match store::token_person(context.db, &value, context.now)? {
            None => return Err(Refusal::business("医保电子凭证令牌无效或已过期,请重新扫码").into()),
            Some(number) => number == person.number,
        },
        "02" if !has_papers(person) => person.certificate == value,
        "03" => {
            let chip = node.optional("card_sn")?;
            let same_chip = chip
                .as_deref()
                .is_none_or(|chip| person.card.identification.eq_ignore_ascii_case(chip));
            check_medium(context, node, &value)?;
            person.card.number == value && same_chip
        }
        code if shown_as_papers(context, code) => {
            let own_kind = context.options.papers != PapersShown::OwnKind || person.certificate_kind == code;
            has_papers(person) && person.certificate == value && own_kind
        }
        "02" => false,
        _ => return Err(node.wrong("mdtrt_cert_type").into()),
    };
    if own {
        Ok(())
    } else {
        Err(Refusal::business("就诊凭证与人员编号不一致").into())
    }
}

/// The members every answer about a person begins with.
pub(super) fn describe(person: &Person, context: &Context<'_>) -> Object {
    Object::new()
        .with("psn_no", person.number.as_str())
        .with("psn_cert_type", person.certificate_kind.as_str())
        .with("certno", person.certificate.as_str())
        .with("psn_name", person.name.as_str())
        .with("gend", person.sex.as_str())
        .with("naty", person.ethnic_group.as_str())
        .with("brdy", person.born.to_string())
        .with(
            "age",
            Json::Number(format!("{}.0", person.age(context.civil().date()))),
        )
}

/// What is on the personal account now.
pub(super) fn balance(
    context: &Context<'_>,
    person: &Person,
    insurance: &Insurance,
) -> Result<zhijie_model::Fen, Fail> {
    let paid = store::account_paid(context.db, &person.number, &insurance.kind)?;
    Ok(insurance
        .balance
        .checked_sub(paid)
        .ok_or_else(|| Refusal::business("个人账户余额超出范围"))?)
}

/// What is left in the family member's account that pays for this person.
pub(super) fn family_balance(context: &Context<'_>, person: &Person) -> Result<zhijie_model::Fen, Fail> {
    let Some(family) = &person.family else {
        return Ok(zhijie_model::Fen::ZERO);
    };
    let paid = store::family_paid(context.db, &person.number)?;
    Ok(family
        .balance
        .checked_sub(paid)
        .ok_or_else(|| Refusal::business("个人账户余额超出范围"))?)
}

fn insured(context: &Context<'_>, person: &Person, insurance: &Insurance) -> Result<Object, Fail> {
    Ok(Object::new()
        .with("balc", balance(context, person, insurance)?)
        .with("insutype", insurance.kind.as_str())
        .with("psn_type", insurance.category.as_str())
        .with("psn_insu_stas", insurance.status.as_str())
        .with("psn_insu_date", insurance.since.to_string())
        .with("paus_insu_date", insurance.paused.map(|day| day.to_string()))
        .with("cvlserv_flag", flag(insurance.civil_servant))
        .with("insuplc_admdvs", insurance.area.to_string())
        .with("emp_name", insurance.employer.as_str()))
}

pub(super) const fn flag(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}
