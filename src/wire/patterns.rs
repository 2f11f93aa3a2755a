//! Reading of failure texts: there are no machine-readable business codes, so words decide, per province.

use serde::Deserialize;
use zhijie_model::{CallClass, InHospital, Transaction};

use crate::profile_check::ProfileError;

/// Text patterns. A pattern matches when it occurs anywhere in the text; `…` inside it stands for any text between
/// its two halves. For calls that leave doubt behind `doubt` outweighs every other list: a text that says both proves
/// neither.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patterns {
    /// The sign-in is gone; the call was refused before anything was done.
    pub sign_in_lost: Vec<String>,
    /// The call may have been executed.
    pub doubt: Vec<String>,
    /// Checks of the message itself, before anything is executed, whatever the call.
    pub refused: Vec<String>,
    /// A settlement that was certainly not executed; asked for settlements only.
    pub settle_refused: Vec<String>,
    /// A refund that was certainly not executed; asked for refunds only.
    pub cancel_refused: Vec<String>,
    /// Layer names that every refusal of a reversal carries; taken out of the text of a reversal before it is weighed.
    pub reversal_layers: Vec<String>,
    /// A reversal that was certainly not done; asked for reversals only.
    pub reversal_refused: Vec<String>,
    /// A change of filings that was certainly not executed; asked for those only.
    #[serde(default)]
    pub filing_refused: Vec<String>,
    /// The platform or the region does not work at present and will again; says nothing about what was executed.
    #[serde(default)]
    pub unavailable: Vec<String>,
    /// Reply codes that by themselves mean "not executed"; `-1` never does.
    #[serde(default)]
    pub refused_codes: Vec<String>,
    /// The insured region, or the national hub on the way to it, was not reached or is closed. Says nothing about
    /// whether the call was executed.
    #[serde(default)]
    pub region_down: Vec<String>,
    /// An admission, a discharge or the undo of one that was certainly not executed; asked for those only.
    #[serde(default)]
    pub stay_refused: Vec<String>,
    /// The patient lies in hospital; the name of the institution stands between the halves. Says nothing about
    /// whether the call was executed.
    #[serde(default)]
    pub in_hospital: Vec<String>,
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
        let text = self.said(transaction, text);
        let any = |list: &[String]| list.iter().any(|pattern| matches(pattern, &text));
        if transaction.class().leaves_doubt() && any(&self.doubt) {
            Verdict::Doubt
        } else if any(&self.sign_in_lost) {
            Verdict::SignInLost
        } else if any(&self.doubt) {
            Verdict::Doubt
        } else if any(&self.refused)
            || any(self.refused_of(transaction))
            || self.refused_codes.iter().any(|known| known == code)
        {
            Verdict::Refused
        } else {
            Verdict::Unrecognised
        }
    }

    /// Whether the text says that somebody does not work at present.
    pub(crate) fn speaks_of_unavailability(&self, text: &str) -> bool {
        let mut lists = self.unavailable.iter().chain(&self.region_down);
        lists.any(|pattern| matches(pattern, text))
    }

    /// Whether the failure `text` says that the insured region cannot be reached at present.
    #[must_use]
    pub fn says_region_down(&self, text: &str) -> bool {
        self.region_down.iter().any(|pattern| matches(pattern, text))
    }

    /// That the patient lies in hospital, and where, when the failure `text` says so.
    pub(crate) fn in_hospital(&self, text: &str) -> Option<InHospital> {
        let pattern = self.in_hospital.iter().find(|pattern| matches(pattern, text))?;
        let between = || {
            let (before, after) = pattern.split_once('…')?;
            let rest = text.get(text.find(before)? + before.len()..)?;
            let name = rest.get(..rest.find(after)?)?.trim_matches(BRACKETS);
            (!name.is_empty()).then(|| name.to_owned())
        };
        Some(InHospital {
            institution: between(),
        })
    }

    fn said(&self, transaction: Transaction, text: &str) -> String {
        let mut said = String::from(text);
        if transaction == Transaction::Reverse {
            for layer in &self.reversal_layers {
                said = said.replace(layer.as_str(), "");
            }
        }
        said
    }

    fn refused_of(&self, transaction: Transaction) -> &[String] {
        use Transaction::{
            Cancel, CancelPurchase, CancelSlip, CancelStay, Purchase, Settle, SettleSlip, SettleStay,
        };
        if matches!(transaction, Settle | Purchase | SettleSlip | SettleStay) {
            &self.settle_refused
        } else if matches!(transaction, Cancel | CancelPurchase | CancelSlip | CancelStay) {
            &self.cancel_refused
        } else if transaction == Transaction::Reverse {
            &self.reversal_refused
        } else if transaction.class() == CallClass::Files {
            &self.filing_refused
        } else if transaction.class() == CallClass::MovesStay {
            &self.stay_refused
        } else {
            &[]
        }
    }

    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        let lists = [
            ("sign_in_lost", &self.sign_in_lost),
            ("doubt", &self.doubt),
            ("refused", &self.refused),
            ("settle_refused", &self.settle_refused),
            ("cancel_refused", &self.cancel_refused),
            ("reversal_layers", &self.reversal_layers),
            ("reversal_refused", &self.reversal_refused),
            ("filing_refused", &self.filing_refused),
            ("unavailable", &self.unavailable),
            ("refused_codes", &self.refused_codes),
            ("region_down", &self.region_down),
            ("stay_refused", &self.stay_refused),
            ("in_hospital", &self.in_hospital),
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

/// What a name may stand in.
const BRACKETS: [char; 8] = ['[', ']', '【', '】', '"', '“', '”', ' '];

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
            doubt: list(&["超时", "调用…失败"]),
            refused: list(&["格式错误"]),
            settle_refused: list(&["已在院"]),
            cancel_refused: list(&["不能退费"]),
            reversal_layers: list(&["调用业务基础子系统冲正失败"]),
            reversal_refused: list(&["不为未退费"]),
            filing_refused: list(&["未查询到备案"]),
            unavailable: list(&["系统升级"]),
            refused_codes: list(&["-2"]),
            region_down: list(&["参保地…超时", "参保地…升级"]),
            stay_refused: list(&["已在…住院"]),
            in_hospital: list(&["已在…住院", "已在院"]),
        }
    }

    #[test]
    fn doubt_outweighs_everything_where_money_moves() {
        use Transaction::{Cancel, Register, Reverse, Settle};
        let table = [
            (Settle, "-1", "FSI-人员已在院", Verdict::Refused),
            (Settle, "-1", "调用参保地超时:人员已在院", Verdict::Doubt),
            (Settle, "-1", "FSI-调用业务基础子系统结算失败", Verdict::Doubt),
            (Settle, "-1", "失败:调用", Verdict::Unrecognised),
            (Settle, "-2", "任何话", Verdict::Refused),
            (Settle, "-2", "超时", Verdict::Doubt),
            (Settle, "-1", "", Verdict::Unrecognised),
            (Settle, "-1", "会话无效,请重新签到", Verdict::SignInLost),
            (Settle, "-1", "调用超时,请重新签到", Verdict::Doubt),
            (Cancel, "-1", "请重新签到,调用超时", Verdict::Doubt),
            (Register, "-1", "请重新签到,调用超时", Verdict::SignInLost),
            (Reverse, "-1", "请重新签到,调用超时", Verdict::Doubt),
        ];
        for (transaction, code, text, verdict) in table {
            assert_eq!(patterns().weigh(transaction, code, text), verdict, "{text}");
        }
    }

    #[test]
    fn a_refusal_belongs_to_its_transaction() {
        use Transaction::{Cancel, Reverse, Settle};
        for (text, certain) in [
            ("已在院", &[Settle][..]),
            ("不能退费", &[Cancel]),
            ("不为未退费", &[Reverse]),
            ("报文格式错误", &[Settle, Cancel, Reverse]),
        ] {
            for transaction in [Settle, Cancel, Reverse] {
                let expected = if certain.contains(&transaction) {
                    Verdict::Refused
                } else {
                    Verdict::Unrecognised
                };
                assert_eq!(
                    patterns().weigh(transaction, "-1", text),
                    expected,
                    "{transaction:?} {text}"
                );
            }
        }
    }

    #[test]
    fn the_layer_a_reversal_names_is_no_doubt_by_itself() {
        let said = |text: &str| format!("FSI-调用业务基础子系统冲正失败:{text}");
        let weigh = |transaction, text: &str| patterns().weigh(transaction, "-1", &said(text));
        assert_eq!(
            weigh(Transaction::Reverse, "结算信息退费结算标志不为未退费"),
            Verdict::Refused
        );
        assert_eq!(weigh(Transaction::Reverse, "超时,不为未退费"), Verdict::Doubt);
        assert_eq!(weigh(Transaction::Reverse, "没见过的话"), Verdict::Unrecognised);
        assert_eq!(weigh(Transaction::Settle, "不为未退费"), Verdict::Doubt);
    }

    #[test]
    fn a_closed_region_is_known_by_its_words() {
        for (text, down) in [
            ("FSI-FMI返回：参保地[阜阳市]返回:系统升级中", true),
            ("调用参保地超时", true),
            ("FSI-FMI返回：参保地[阜阳市]返回:该人员未参保", false),
            ("就医地系统升级中", false),
        ] {
            assert_eq!(patterns().says_region_down(text), down, "{text}");
        }
    }

    #[test]
    fn the_other_hospital_is_named_where_the_text_names_one() {
        for (text, institution) in [
            (
                "FSI-FMI返回：该人员已在[合肥市第一医院]住院,HospitalRegisterBO",
                Some(Some("合肥市第一医院")),
            ),
            ("该人员已在合肥市第一医院住院", Some(Some("合肥市第一医院"))),
            ("该人员已在[]住院", Some(None)),
            ("人员已在院", Some(None)),
            ("该人员未参保", None),
        ] {
            let told = patterns().in_hospital(text);
            let told = told.as_ref().map(|told| told.institution.as_deref());
            assert_eq!(told, institution, "{text}");
        }
    }

    #[test]
    fn a_refused_admission_is_certain_only_in_its_own_words() {
        for (transaction, text, verdict) in [
            (Transaction::Admit, "已在[甲医院]住院", Verdict::Refused),
            (
                Transaction::Admit,
                "调用参保地超时,已在[甲医院]住院",
                Verdict::Doubt,
            ),
            (Transaction::Discharge, "没见过的话", Verdict::Unrecognised),
            (Transaction::SettleStay, "人员已在院", Verdict::Refused),
            (Transaction::CancelStay, "不能退费", Verdict::Refused),
            (Transaction::CancelStay, "人员已在院", Verdict::Unrecognised),
        ] {
            assert_eq!(
                patterns().weigh(transaction, "-1", text),
                verdict,
                "{transaction:?} {text}"
            );
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
