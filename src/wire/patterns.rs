//! Reading of failure texts: there are no machine-readable business codes, so words decide, per province.

use serde::Deserialize;
use zhijie_model::Transaction;

use crate::profile_check::ProfileError;

/// Text patterns. A pattern matches when it occurs anywhere in the text; `…` inside it stands for any text between
/// its two halves. Lists are asked in the order written here and the first match decides.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patterns {
    /// The sign-in is gone; the call was refused before anything was done.
    pub sign_in_lost: Vec<String>,
    /// A reversal that was certainly not done; asked for reversals only.
    pub reversal_refused: Vec<String>,
    /// Transport-like failures behind the gateway: the call may have been executed. Goes before `refused`.
    pub doubt: Vec<String>,
    /// Certainly not executed.
    pub refused: Vec<String>,
    /// Reply codes that by themselves mean "not executed"; `-1` never does.
    #[serde(default)]
    pub refused_codes: Vec<String>,
}

/// What a failure text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    SignInLost,
    Refused,
    Doubt,
    Unrecognised,
}

impl Patterns {
    /// Weighs the failure `text` of one call. `code` is the reply code as sent.
    #[must_use]
    pub fn weigh(&self, transaction: Transaction, code: &str, text: &str) -> Verdict {
        let any = |list: &[String]| list.iter().any(|pattern| matches(pattern, text));
        if any(&self.sign_in_lost) {
            Verdict::SignInLost
        } else if transaction == Transaction::Reverse && any(&self.reversal_refused) {
            Verdict::Refused
        } else if any(&self.doubt) {
            Verdict::Doubt
        } else if any(&self.refused) || self.refused_codes.iter().any(|known| known == code) {
            Verdict::Refused
        } else {
            Verdict::Unrecognised
        }
    }

    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        let lists = [
            ("sign_in_lost", &self.sign_in_lost),
            ("reversal_refused", &self.reversal_refused),
            ("doubt", &self.doubt),
            ("refused", &self.refused),
            ("refused_codes", &self.refused_codes),
        ];
        for (list, patterns) in lists {
            if patterns
                .iter()
                .any(|pattern| pattern.replace('…', "").trim().is_empty())
            {
                return Err(ProfileError::EmptyPattern { list });
            }
        }
        if self.doubt.is_empty() {
            return Err(ProfileError::Empty { key: "words.doubt" });
        }
        if self.refused_codes.iter().any(|code| code == "-1" || code == "0") {
            return Err(ProfileError::NotOneOf {
                key: "words.refused_codes",
                allowed: "codes other than 0 and -1",
            });
        }
        Ok(())
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    pattern.split('…').all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = rest.get(at + piece.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns() -> Patterns {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Patterns {
            sign_in_lost: list(&["重新签到"]),
            reversal_refused: list(&["不为未退费"]),
            doubt: list(&["超时", "调用…失败"]),
            refused: list(&["已在院"]),
            refused_codes: list(&["-2"]),
        }
    }

    #[test]
    fn doubt_goes_before_refusal() {
        let table = [
            (Transaction::Settle, "-1", "FSI-人员已在院", Verdict::Refused),
            (
                Transaction::Settle,
                "-1",
                "调用参保地超时:人员已在院",
                Verdict::Doubt,
            ),
            (
                Transaction::Settle,
                "-1",
                "FSI-调用业务基础子系统结算失败",
                Verdict::Doubt,
            ),
            (Transaction::Settle, "-1", "失败:调用", Verdict::Unrecognised),
            (Transaction::Settle, "-2", "任何话", Verdict::Refused),
            (Transaction::Settle, "-1", "", Verdict::Unrecognised),
            (
                Transaction::Settle,
                "-1",
                "会话无效,请重新签到",
                Verdict::SignInLost,
            ),
            (
                Transaction::Reverse,
                "-1",
                "调用业务基础子系统冲正失败:结算信息退费结算标志不为未退费",
                Verdict::Refused,
            ),
            (
                Transaction::Settle,
                "-1",
                "调用业务基础子系统失败:退费结算标志不为未退费",
                Verdict::Doubt,
            ),
        ];
        for (transaction, code, text, verdict) in table {
            assert_eq!(patterns().weigh(transaction, code, text), verdict, "{text}");
        }
    }

    #[test]
    fn minus_one_is_never_a_refusal_by_itself() {
        let mut wrong = patterns();
        wrong.refused_codes.push("-1".to_owned());
        assert!(wrong.check().is_err());
        let mut empty = patterns();
        empty.refused.push("…".to_owned());
        assert!(empty.check().is_err());
        assert!(patterns().check().is_ok());
    }
}
