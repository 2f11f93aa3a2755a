//! What was scanned: told from the shape of the text alone.

use serde::{Deserialize, Serialize};
use zhijie_model::Private;

use crate::check::citizen_number_is_sound;
use crate::goods::is_goods_number;

/// One scanned code. The text may be money for a minute (payment codes) and is never logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScannedCode {
    pub kind: CodeKind,
    pub text: Private,
}

/// Kinds of code people hold under a desk scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// Medical-insurance e-voucher: 28 digits starting 424. Only its shape is known here, never the person.
    EVoucher,
    /// Authorisation given by face at a service terminal.
    TerminalAuthorisation,
    /// A sound citizen identity number. One random WeChat code in some 18 000 has the same shape.
    CitizenId,
    WeChatPay,
    Alipay,
    UnionPay,
    OtherWallet,
    DrugTrace,
    /// GS1 label of a drug or device.
    Gs1Label,
    /// Goods number (EAN).
    Goods,
    /// Electronic health card.
    EHealthCard,
    WebAddress,
    /// Nothing known; the number of characters is all that may be shown.
    Unknown {
        length: u16,
    },
}

impl CodeKind {
    /// Payment codes are as good as money until they expire.
    #[must_use]
    pub const fn is_payment(self) -> bool {
        matches!(
            self,
            Self::WeChatPay | Self::Alipay | Self::UnionPay | Self::OtherWallet
        )
    }

    /// Whether the code can identify a patient at the platform.
    #[must_use]
    pub const fn identifies(self) -> bool {
        matches!(self, Self::EVoucher | Self::TerminalAuthorisation)
    }

    /// For the cashier, Chinese.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::EVoucher => "医保码",
            Self::TerminalAuthorisation => "终端刷脸授权码",
            Self::CitizenId => "身份证号码",
            Self::WeChatPay => "微信付款码",
            Self::Alipay => "支付宝付款码",
            Self::UnionPay => "银联付款码",
            Self::OtherWallet => "其他付款码",
            Self::DrugTrace => "药品追溯码",
            Self::Gs1Label => "药品或器械标签（GS1）",
            Self::Goods => "商品条码",
            Self::EHealthCard => "电子健康卡",
            Self::WebAddress => "网址二维码",
            Self::Unknown { .. } => "无法识别的条码",
        }
    }
}

/// Names the kind of a cleaned text (no AIM prefix, no control characters). `symbology` is the AIM prefix the
/// scanner sent, if any, e.g. `]Q3`. The order of the tests matters: shapes overlap.
#[must_use]
pub fn classify(text: &str, symbology: Option<&str>) -> CodeKind {
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let length = text.len();
    if all_digits && length == 28 && text.starts_with("424") {
        return CodeKind::EVoucher;
    }
    if text
        .strip_prefix("ano")
        .is_some_and(|rest| is_digits(rest, 25..=25))
    {
        return CodeKind::TerminalAuthorisation;
    }
    if citizen_number_is_sound(text) {
        return CodeKind::CitizenId;
    }
    if all_digits && let Some(kind) = wallet(text) {
        return kind;
    }
    if all_digits && length == 20 {
        return CodeKind::DrugTrace;
    }
    let gs1_symbology = matches!(symbology, Some("]C1" | "]d2" | "]Q3"));
    let gs1_text = text
        .strip_prefix("01")
        .and_then(|rest| rest.get(..14))
        .is_some_and(|number| is_digits(number, 14..=14));
    if gs1_symbology || gs1_text {
        return CodeKind::Gs1Label;
    }
    if is_goods_number(text) {
        return CodeKind::Goods;
    }
    if is_health_card(text) {
        return CodeKind::EHealthCard;
    }
    let head = text.get(..4).unwrap_or_default();
    if head.eq_ignore_ascii_case("http") {
        return CodeKind::WebAddress;
    }
    CodeKind::Unknown {
        length: u16::try_from(text.chars().count()).unwrap_or(u16::MAX),
    }
}

/// `text` is all digits.
fn wallet(text: &str) -> Option<CodeKind> {
    let length = text.len();
    let head = text.get(..2)?;
    match (head, length) {
        ("10" | "11" | "12" | "13" | "14" | "15", 18) => Some(CodeKind::WeChatPay),
        ("25" | "26" | "27" | "28" | "29" | "30", 16..=24) => Some(CodeKind::Alipay),
        ("62", 19) => Some(CodeKind::UnionPay),
        ("51", 18) | ("31", 16..=18) => Some(CodeKind::OtherWallet),
        _ => None,
    }
}

/// Colon-separated, a long hexadecimal card id first.
fn is_health_card(text: &str) -> bool {
    let mut parts = text.split(':');
    let id = parts.next().unwrap_or_default();
    let kind = parts.next().unwrap_or_default();
    id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && is_digits(kind, 1..=2)
}

fn is_digits(text: &str, length: core::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_shape() {
        let table = [
            ("4241234567890123456789340000", None, CodeKind::EVoucher),
            (
                "4251234567890123456789340000",
                None,
                CodeKind::Unknown { length: 28 },
            ),
            (
                "424123456789012345678934000",
                None,
                CodeKind::Unknown { length: 27 },
            ),
            (
                "42412345678901234567893400001",
                None,
                CodeKind::Unknown { length: 29 },
            ),
            (
                "ano1234567890123456789012345",
                None,
                CodeKind::TerminalAuthorisation,
            ),
            (
                "ano123456789012345678901234",
                None,
                CodeKind::Unknown { length: 27 },
            ),
            ("11010519491231002X", None, CodeKind::CitizenId),
            ("110105194912310021", None, CodeKind::WeChatPay),
            ("134567890123456789", None, CodeKind::WeChatPay),
            ("164567890123456789", None, CodeKind::Unknown { length: 18 }),
            ("281234567890123456", None, CodeKind::Alipay),
            ("2512345678901234", None, CodeKind::Alipay),
            ("301234567890123456789012", None, CodeKind::Alipay),
            (
                "3012345678901234567890123",
                None,
                CodeKind::Unknown { length: 25 },
            ),
            ("6212345678901234567", None, CodeKind::UnionPay),
            ("511234567890123456", None, CodeKind::OtherWallet),
            ("3112345678901234", None, CodeKind::OtherWallet),
            ("81234567890123456789", None, CodeKind::DrugTrace),
            ("81234567890123456789", Some("]C0"), CodeKind::DrugTrace),
            ("010690123456789217270101", None, CodeKind::Gs1Label),
            ("21SERIAL", Some("]d2"), CodeKind::Gs1Label),
            ("6901234567892", None, CodeKind::Goods),
            ("6901234567893", None, CodeKind::Unknown { length: 13 }),
            (
                "0123456789ABCDEF0123456789ABCDEF:1:x:y",
                None,
                CodeKind::EHealthCard,
            ),
            ("note: this is text", None, CodeKind::Unknown { length: 18 }),
            ("https://example.invalid/q", None, CodeKind::WebAddress),
            ("HTTP://EXAMPLE.INVALID", None, CodeKind::WebAddress),
            ("住院号20261122", None, CodeKind::Unknown { length: 11 }),
            ("", None, CodeKind::Unknown { length: 0 }),
        ];
        for (text, symbology, kind) in table {
            assert_eq!(classify(text, symbology), kind, "{text}");
        }
    }

    #[test]
    fn half_a_voucher_is_never_a_voucher() {
        let voucher = "4241234567890123456789340000";
        for cut in 1..voucher.len() {
            let (first, second) = voucher.split_at(cut);
            assert_ne!(classify(first, None), CodeKind::EVoucher);
            assert_ne!(classify(second, None), CodeKind::EVoucher);
        }
    }

    #[test]
    fn the_text_stays_out_of_debug() {
        let code = ScannedCode {
            kind: CodeKind::WeChatPay,
            text: Private::new("134567890123456789"),
        };
        assert!(!format!("{code:?}").contains("1345"));
    }
}
