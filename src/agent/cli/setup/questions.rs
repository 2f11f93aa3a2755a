//! The questions of the setup, in their order, and which answers can be.

use zhijie_ports::ScannerAddress;

/// Two digits of every message id.
pub(super) const SLOT_MAX: u8 = 99;
/// No name, path or address is longer.
const ANSWER_CHARS_MAX: usize = 500;

type Reading = fn(&str) -> Result<Option<toml::Value>, &'static str>;

/// One question of the setup.
pub(super) struct Question {
    pub(super) key: &'static str,
    pub(super) flag: &'static str,
    pub(super) words: &'static str,
    /// Taken when nothing is said.
    pub(super) usual: Option<&'static str>,
    /// What an answer is in the configuration, `None` for nothing; or why it cannot be.
    pub(super) read: Reading,
}

const fn question(
    key: &'static str,
    flag: &'static str,
    words: &'static str,
    usual: Option<&'static str>,
    read: Reading,
) -> Question {
    Question {
        key,
        flag,
        words,
        usual,
        read,
    }
}

pub(super) static QUESTIONS: [Question; 13] = [
    question(
        "institution.code",
        "--institution-code",
        "定点医药机构编号（12位） institution code",
        None,
        institution_code,
    ),
    question(
        "institution.name",
        "--institution-name",
        "机构名称 institution name",
        None,
        text,
    ),
    question(
        "institution.area",
        "--area",
        "就医地医保区划（6位） area code",
        None,
        area,
    ),
    question(
        "desk.slot",
        "--slot",
        "收费台编号（0-99，各台不同） desk slot",
        None,
        slot,
    ),
    question(
        "desk.operator_code",
        "--operator-code",
        "经办人编号 operator code",
        None,
        text,
    ),
    question(
        "desk.operator_name",
        "--operator-name",
        "经办人姓名 operator name",
        None,
        text,
    ),
    question(
        "platform.profile",
        "--profile",
        "省平台配置文件 province profile",
        None,
        text,
    ),
    question(
        "platform.url",
        "--url",
        "平台地址（https://…） platform address",
        None,
        address,
    ),
    question(
        "platform.ca",
        "--ca",
        "CA 证书文件 authority",
        Some("tls/ca.pem"),
        text,
    ),
    question(
        "platform.client_certificate",
        "--client-certificate",
        "机构证书文件 certificate",
        Some("tls/client.pem"),
        text,
    ),
    question(
        "platform.client_key",
        "--client-key",
        "机构私钥文件 key",
        Some("tls/client.key"),
        text,
    ),
    question(
        "devices.card",
        "--card",
        "有读卡器吗 is there a card reader (true/false)",
        Some("true"),
        yes_or_no,
    ),
    question(
        "devices.scanner",
        "--scanner",
        "扫码枪端口，auto 自动查找，none 没有 scanner",
        Some("auto"),
        scanner,
    ),
];

fn text(answer: &str) -> Result<Option<toml::Value>, &'static str> {
    if answer.trim().is_empty() {
        return Err("不能为空 must not be empty");
    }
    if answer.trim().chars().any(char::is_control) {
        return Err("不能有控制字符 must have no control characters");
    }
    if answer.chars().count() > ANSWER_CHARS_MAX {
        return Err("太长 must not be longer than 500 characters");
    }
    Ok(Some(toml::Value::from(answer.trim())))
}

fn slot(answer: &str) -> Result<Option<toml::Value>, &'static str> {
    match answer.trim().parse::<u8>() {
        Ok(slot) if slot <= SLOT_MAX => Ok(Some(toml::Value::from(i64::from(slot)))),
        _ => Err("应为 0 到 99 的数 must be a number from 0 to 99"),
    }
}

fn institution_code(answer: &str) -> Result<Option<toml::Value>, &'static str> {
    let code = answer.trim();
    if code.len() == 12 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        text(code)
    } else {
        Err("请填12位字母和数字 must be 12 letters and digits")
    }
}

fn area(answer: &str) -> Result<Option<toml::Value>, &'static str> {
    let area = answer.trim();
    if area.len() == 6 && area.bytes().all(|byte| byte.is_ascii_digit()) {
        text(area)
    } else {
        Err("请填6位数字 must be 6 digits")
    }
}

fn address(answer: &str) -> Result<Option<toml::Value>, &'static str> {
    match answer.trim().strip_prefix("https://") {
        Some("") => Err("缺少主机名 names no host"),
        Some(rest) if rest.contains(char::is_whitespace) => Err("不能有空格 must have no blanks"),
        Some(_) => text(answer),
        None => Err("请以 https:// 开头 must begin with https://"),
    }
}

fn yes_or_no(answer: &str) -> Result<Option<toml::Value>, &'static str> {
    match answer.trim() {
        "true" | "yes" | "y" | "是" | "有" => Ok(Some(toml::Value::from(true))),
        "false" | "no" | "n" | "否" | "没有" => Ok(Some(toml::Value::from(false))),
        _ => Err("请答 true 或 false must be true or false"),
    }
}

fn scanner(answer: &str) -> Result<Option<toml::Value>, &'static str> {
    match answer.trim() {
        "none" | "没有" => Ok(None),
        other if other.parse::<ScannerAddress>().is_ok() => text(other),
        _ => Err("应为端口、auto、usb:VVVV:PPPP 或 none must be a port, auto, usb:VVVV:PPPP or none"),
    }
}
