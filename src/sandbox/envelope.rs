//! The envelope around every call and every answer.

use jiff::Timestamp;
use zhijie_model::{Area, beijing};

use crate::dress::Letter;
use crate::fields::Fields;
use crate::json::{Json, Object};
use crate::options::InfcodeMode;
use crate::refusal::Refusal;

/// A call whose envelope is whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) infno: String,
    pub(crate) msgid: String,
    pub(crate) care_area: Area,
    /// There whenever the input names a person.
    pub(crate) insured_area: Option<Area>,
    pub(crate) operator: String,
    pub(crate) operator_name: String,
    pub(crate) institution: String,
    pub(crate) institution_name: String,
    pub(crate) sign_no: Option<String>,
    pub(crate) input: Fields,
    /// Asked by way of a service that has no sign-in.
    pub(crate) from_service: bool,
}

/// The members of a body that can be told before the envelope is known to be whole.
#[derive(Debug, Default)]
pub(crate) struct Glimpse {
    pub(crate) infno: String,
    pub(crate) msgid: String,
}

const MANDATORY: [&str; 12] = [
    "infno",
    "msgid",
    "mdtrtarea_admvs",
    "recer_sys_code",
    "infver",
    "opter_type",
    "opter",
    "opter_name",
    "inf_time",
    "fixmedins_code",
    "fixmedins_name",
    "input",
];

/// Longest text of the members that have a length.
const LENGTHS: [(&str, usize); 14] = [
    ("infno", 6),
    ("msgid", 30),
    ("recer_sys_code", 10),
    ("dev_no", 100),
    ("dev_safe_info", 2000),
    ("cainfo", 1024),
    ("signtype", 10),
    ("infver", 6),
    ("opter_type", 3),
    ("opter", 30),
    ("opter_name", 50),
    ("fixmedins_code", 12),
    ("fixmedins_name", 200),
    ("sign_no", 30),
];

/// Message and transaction number of a body, as far as it has any.
pub(crate) fn glimpse(body: &str) -> Glimpse {
    let Ok(fields) = Fields::parse("envelope", body) else {
        return Glimpse::default();
    };
    let text = |name: &str| fields.optional(name).ok().flatten().unwrap_or_default();
    Glimpse {
        infno: text("infno"),
        msgid: text("msgid"),
    }
}

/// Reads and checks an envelope.
///
/// # Errors
/// Naming the members that are missing or malformed.
pub(crate) fn read(body: &str, input_chars_max: Option<usize>) -> Result<Request, Refusal> {
    let fields = Fields::parse("envelope", body)?;
    fields.need(&MANDATORY)?;
    for (name, length) in LENGTHS {
        if fields
            .optional(name)?
            .is_some_and(|text| text.chars().count() > length)
        {
            return Err(Refusal::front(format!("参数校验失败:[{name}]长度超过{length}")));
        }
    }
    let msgid = fields.text("msgid")?;
    if msgid.len() != 30 {
        return Err(Refusal::front("报文ID[msgid]长度不为30"));
    }
    let institution = fields.text("fixmedins_code")?;
    if institution.len() != 12 {
        return Err(Refusal::front("医药机构编号[fixmedins_code]长度不为12"));
    }
    if !matches!(fields.text("opter_type")?.as_str(), "1" | "2" | "3") {
        return Err(fields.wrong("opter_type"));
    }
    fields.time("inf_time")?;
    let input = fields.node("input")?;
    let source = input.source();
    if input_chars_max.is_some_and(|limit| source.chars().count() > limit) {
        return Err(Refusal::front("交易输入[input]长度超过限制"));
    }
    let insured_area = match fields.optional("insuplc_admdvs")? {
        Some(_) => Some(fields.area("insuplc_admdvs")?),
        None if source.contains("\"psn_no\"") => {
            return Err(Refusal::front(
                "参数校验失败:节点[envelope]缺少必填项[insuplc_admdvs]",
            ));
        }
        None => None,
    };
    Ok(Request {
        infno: fields.text("infno")?,
        msgid,
        care_area: fields.area("mdtrtarea_admvs")?,
        insured_area,
        operator: fields.text("opter")?,
        operator_name: fields.text("opter_name")?,
        institution,
        institution_name: fields.text("fixmedins_name")?,
        sign_no: fields.optional("sign_no")?,
        input,
        from_service: false,
    })
}

/// The members a province wants besides, with their constant text.
///
/// # Errors
/// Naming the first that is missing or another.
pub(crate) fn check_extras<'a>(
    body: &str,
    extras: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), Refusal> {
    let fields = Fields::parse("envelope", body)?;
    for (name, text) in extras {
        if fields.optional(name)?.unwrap_or_default() != text {
            return Err(Refusal::front(format!(
                "参数校验失败:节点[envelope]必填项[{name}]缺少或有误"
            )));
        }
    }
    Ok(())
}

/// A letter to the e-voucher service as the transaction it stands for.
///
/// # Errors
/// When its data is no object.
pub(crate) fn of_letter(letter: &Letter, care_area: Area) -> Result<Request, Refusal> {
    let input = Fields::parse("input", &format!("{{\"data\":{}}}", letter.data))?;
    Ok(Request {
        infno: String::from("1162"),
        msgid: letter.id.clone(),
        care_area,
        insured_area: None,
        operator: letter.operator.clone(),
        operator_name: letter.operator_name.clone(),
        institution: letter.institution.clone(),
        institution_name: String::new(),
        sign_no: None,
        input,
        from_service: true,
    })
}

/// The answer's envelope.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) mode: InfcodeMode,
    /// `inf_refmsgid`.
    pub(crate) reference: Option<String>,
    pub(crate) received: Timestamp,
    pub(crate) answered: Timestamp,
    pub(crate) outcome: Result<Option<Object>, String>,
}

impl Answer {
    pub(crate) fn object(self) -> Object {
        let (code, text, output) = match self.outcome {
            Ok(output) => ("0", Json::Null, Json::from(output)),
            Err(text) => ("-1", Json::from(text), Json::Null),
        };
        let code = match self.mode {
            InfcodeMode::Number => Json::Number(String::from(code)),
            InfcodeMode::String => Json::from(code),
        };
        Object::new()
            .with("infcode", code)
            .with("inf_refmsgid", self.reference)
            .with("refmsg_time", stamp(self.received))
            .with("respond_time", stamp(self.answered))
            .with("err_msg", text)
            .with("warn_msg", Json::Null)
            .with("cainfo", Json::Null)
            .with("signtype", Json::Null)
            .with("enctype", Json::Null)
            .with("output", output)
    }
}

/// The short shape with which the front service answers a body that is no envelope at all.
pub(crate) fn no_envelope(refusal: &Refusal) -> Object {
    Object::new()
        .with("type", "error")
        .with("infcode", Json::Number(String::from("-1")))
        .with("err_msg", refusal.to_string())
}

/// `yyyyMMddHHmmssSSS`, Beijing.
fn stamp(at: Timestamp) -> String {
    let civil = beijing(at);
    format!(
        "{}{:03}",
        civil.strftime("%Y%m%d%H%M%S"),
        civil.subsec_nanosecond() / 1_000_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(change: impl Fn(&mut serde_json::Value)) -> String {
        let mut value = serde_json::json!({
            "infno": "1101", "msgid": "H31010100001202611220000000001", "mdtrtarea_admvs": "310000",
            "insuplc_admdvs": "341200", "recer_sys_code": "MBS_LOCAL", "dev_no": "", "dev_safe_info": "",
            "cainfo": "", "signtype": "", "infver": "V1.0", "opter_type": "1", "opter": "001",
            "opter_name": "收费员", "inf_time": "2026-11-22 00:00:00", "fixmedins_code": "H31010100001",
            "fixmedins_name": "示例医院", "sign_no": "1", "input": {"data": {}},
        });
        change(&mut value);
        value.to_string()
    }

    #[test]
    fn a_whole_envelope_is_read() {
        let request = read(&body(|_| {}), None).unwrap();
        assert_eq!(request.infno, "1101");
        assert_eq!(request.insured_area, Area::new("341200").ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut serde_json::Value);
        let table: [(Change, &str); 8] = [
            (|v| v["opter"] = "".into(), "opter"),
            (
                |v| {
                    v.as_object_mut().unwrap().remove("infver");
                    v["recer_sys_code"] = serde_json::Value::Null;
                },
                "recer_sys_code,infver",
            ),
            (|v| v["msgid"] = "123".into(), "msgid"),
            (|v| v["inf_time"] = "2026-11-22".into(), "inf_time"),
            (|v| v["mdtrtarea_admvs"] = "31".into(), "mdtrtarea_admvs"),
            (|v| v["input"] = "x".into(), "input"),
            (|v| v["opter_type"] = "9".into(), "opter_type"),
            (
                |v| {
                    v["insuplc_admdvs"] = "".into();
                    v["input"] = serde_json::json!({"data": {"psn_no": "1"}});
                },
                "insuplc_admdvs",
            ),
        ];
        for (change, named) in table {
            let text = read(&body(change), None).unwrap_err().to_string();
            assert!(text.starts_with("FSI-") && text.contains(named), "{text}");
        }
        assert!(read("[1]", None).is_err());
        assert!(read(&body(|_| {}), Some(3)).is_err());
    }
}
