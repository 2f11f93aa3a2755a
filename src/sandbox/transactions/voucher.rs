//! 1162: a voucher code becomes a token.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::time::Duration;

use crate::json::{Json, Object};
use crate::people::Person;
use crate::refusal::{Fail, Refusal};
use crate::store;
use crate::transactions::{Context, Done};

const CODE_DIGITS: usize = 28;

pub(super) fn decode(context: &Context<'_>) -> Done {
    let node = context.data_node(&[
        "orgId",
        "businessType",
        "operatorId",
        "operatorName",
        "officeId",
        "officeName",
        "ecQrCode",
    ])?;
    let business = node.text("businessType")?;
    if business.len() != 5 || !business.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(node.wrong("businessType").into());
    }
    let code = node.text("ecQrCode")?;
    if !is_voucher(&code) {
        return Err(Refusal::verbatim("[500159]请使用医保电子凭证码").into());
    }
    let number = store::voucher_person(context.db, &code, context.now)?
        .ok_or_else(|| Refusal::verbatim("[500160]医保电子凭证码无效或已过期,请刷新后重试"))?;
    let person = context
        .data
        .person(&number)
        .ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
    let insurance = person
        .insurance
        .iter()
        .find(|insurance| insurance.status == "1")
        .ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
    let serial = store::next(context.db, "token")?;
    let digest = digest("token", serial);
    let letters: String = digest.chars().take(30).collect();
    let token = format!("{}ec{letters}", insurance.area);
    store::add_token(
        context.db,
        &token,
        &person.number,
        after(context.now, context.options.token_life),
    )?;
    let index: String = self::digest("index", serial).chars().take(32).collect();
    let data = Object::new()
        .with("idNo", person.certificate.as_str())
        .with("idType", person.certificate_kind.as_str())
        .with("userName", person.name.as_str())
        .with("ecToken", token)
        .with("insuOrg", insurance.area.to_string())
        .with("ecIndexNo", index)
        .with("gender", Json::Null)
        .with("birthday", "null")
        .with("nationality", Json::Null)
        .with("email", Json::Null)
        .with("chnlId", "")
        .with("ecQrCode", code)
        .with("authNo", Json::Null)
        .with("extra", Json::Null);
    Ok(Some(Object::new().with("data", data)))
}

/// Makes a code for a person: `424`, 19 digits, the insured province, `0000`.
///
/// # Errors
/// When the store fails, or the person has no insurance.
pub(crate) fn issue(
    db: &Connection,
    person: &Person,
    now: Timestamp,
    life: Duration,
) -> Result<String, Fail> {
    let province = person
        .insurance
        .first()
        .map(|insurance| insurance.area.province())
        .ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
    let serial = store::next(db, "voucher")?;
    let digits: String = digest("voucher", serial)
        .bytes()
        .map(|byte| char::from(b'0' + byte % 10))
        .take(19)
        .collect();
    let code = format!("424{digits}{province:02}0000");
    store::add_voucher(db, &code, &person.number, after(now, life))?;
    Ok(code)
}

fn is_voucher(code: &str) -> bool {
    code.len() == CODE_DIGITS && code.starts_with("424") && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn digest(use_of: &str, serial: i64) -> String {
    hex::encode(Sha256::digest(format!("sandbox {use_of} {serial}")))
}

fn after(now: Timestamp, life: Duration) -> Timestamp {
    SignedDuration::try_from(life)
        .ok()
        .and_then(|life| now.checked_add(life).ok())
        .unwrap_or(Timestamp::MAX)
}
