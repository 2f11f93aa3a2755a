//! What a refusal's text says about the filing. There are no machine-readable codes; words decide, per province.

use crate::observation::RefusalClass;

/// Text patterns. One matches when it occurs anywhere in the text; `…` inside it stands for any text between its
/// halves. A text that fits both lists speaks of an expired filing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub expired: Vec<String>,
    pub missing: Vec<String>,
}

impl Default for Words {
    fn default() -> Self {
        let list = |words: &[&str]| words.iter().map(|word| String::from(*word)).collect();
        Self {
            expired: list(&[
                "备案已过期",
                "备案…过期",
                "备案…失效",
                "备案…已到期",
                "不在备案有效期",
                "备案有效期…外",
            ]),
            missing: list(&[
                "未备案",
                "未办理…备案",
                "没有…备案",
                "无…备案",
                "未查询到…备案",
                "未找到…备案",
                "先办理…备案",
                "备案…不存在",
            ]),
        }
    }
}

impl Words {
    /// What `text` says about the filing.
    #[must_use]
    pub fn classify(&self, text: &str) -> RefusalClass {
        let any = |list: &[String]| list.iter().any(|pattern| occurs(pattern, text));
        if any(&self.expired) {
            RefusalClass::FilingExpired
        } else if any(&self.missing) {
            RefusalClass::FilingMissing
        } else {
            RefusalClass::Other
        }
    }
}

fn occurs(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    pattern.split('…').all(|piece| {
        let Some(found) = rest.find(piece) else {
            return false;
        };
        rest = rest.get(found.saturating_add(piece.len())..).unwrap_or_default();
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_about_the_filing_count() {
        let table = [
            (
                "未查询到有效的跨省异地就医备案信息,不能享受异地就医直接结算待遇,请先办理备案",
                RefusalClass::FilingMissing,
            ),
            (
                "异地就医备案已过期(有效期至2026-01-31),不能享受异地就医直接结算待遇",
                RefusalClass::FilingExpired,
            ),
            ("该参保人未办理异地就医备案", RefusalClass::FilingMissing),
            ("备案记录已于上月失效", RefusalClass::FilingExpired),
            ("暂停参保", RefusalClass::Other),
            ("已备案人员本年度限额用完", RefusalClass::Other),
            ("", RefusalClass::Other),
        ];
        for (text, class) in table {
            assert_eq!(Words::default().classify(text), class, "{text}");
        }
    }
}
