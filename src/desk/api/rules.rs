//! `visit.check`, and what a quote tells of the rules of the insurance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::{Bill, CheckStage, Checked, IdentityId, Severity, Violation};

use super::bill::BillParams;
use super::check::{ParamError, Params, typed};
use super::common::OperatorParams;
use super::quote::InsuranceParams;
use super::visit::VisitParams;

/// Parameters of `visit.check`: those of `visit.quote`, without a request id, for nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisitCheckParams {
    pub identity_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorParams>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceParams>,
    #[serde(default)]
    pub stage: CheckStageWord,
    pub visit: VisitParams,
    pub bill: BillParams,
}

/// When the bill is checked; a province may have one check and not the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStageWord {
    /// While it is prescribed or charged.
    #[default]
    Before,
    /// While it is being settled.
    During,
}

impl From<CheckStageWord> for CheckStage {
    fn from(word: CheckStageWord) -> Self {
        match word {
            CheckStageWord::Before => Self::Before,
            CheckStageWord::During => Self::During,
        }
    }
}

impl Params for VisitCheckParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<IdentityId>("identity_id", &self.identity_id)?;
        if let Some(operator) = &self.operator {
            operator.to_operator("operator")?;
        }
        if let Some(insurance) = &self.insurance {
            insurance.to_choice()?;
        }
        if self.bill.lines.len() > Bill::LINES_MAX {
            return Err(ParamError::new(
                "bill.lines",
                format!("must be 1 to {}", Bill::LINES_MAX),
            ));
        }
        self.visit.to_visit().map(|_| ())
    }
}

/// What the rules of the insurance say against a bill. Answer of `visit.check`, and part of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleCheckView {
    pub stage: CheckStageWord,
    pub standing: RuleStanding,
    /// Every violation, the severest first.
    pub violations: Vec<ViolationView>,
    /// Our message that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// Whether the bill may be settled as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleStanding {
    /// No rule is broken that asks for anything.
    Free,
    /// `visit.settle` needs an `override_reason`.
    NeedsReason,
    /// `visit.settle` refuses it; change the bill and quote again.
    Forbidden,
    /// Nobody could be asked; says nothing about the bill and keeps nothing from being settled.
    NotChecked,
}

/// One rule that is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ViolationView {
    pub violation_id: String,
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_name: Option<String>,
    pub severity: SeverityWord,
    /// Severity as the platform coded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_code: Option<String>,
    /// The platform's words, unchanged.
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    /// Serials of the lines it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// What a violation asks of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeverityWord {
    Tells,
    Asks,
    Forbids,
}

impl From<&Checked> for RuleCheckView {
    fn from(checked: &Checked) -> Self {
        let mut found: Vec<&Violation> = checked.violations.iter().collect();
        found.sort_by_key(|violation| core::cmp::Reverse(violation.severity));
        let standing = match (checked.worst(), &checked.message_id) {
            (None, None) => RuleStanding::NotChecked,
            (Some(Severity::Forbids), _) => RuleStanding::Forbidden,
            (Some(Severity::Asks), _) => RuleStanding::NeedsReason,
            (Some(Severity::Tells) | None, _) => RuleStanding::Free,
        };
        Self {
            stage: match checked.stage {
                CheckStage::Before => CheckStageWord::Before,
                CheckStage::During => CheckStageWord::During,
            },
            standing,
            violations: found.into_iter().map(ViolationView::from).collect(),
            message_id: checked.message_id.as_ref().map(|id| String::from(id.as_str())),
        }
    }
}

impl From<&Violation> for ViolationView {
    fn from(violation: &Violation) -> Self {
        Self {
            violation_id: violation.id.clone(),
            rule: violation.rule.clone(),
            rule_name: violation.rule_name.clone(),
            severity: match violation.severity {
                Severity::Tells => SeverityWord::Tells,
                Severity::Asks => SeverityWord::Asks,
                Severity::Forbids => SeverityWord::Forbids,
            },
            severity_code: violation.code.clone(),
            text: String::from(violation.text.reveal()),
            basis: violation.basis.as_ref().map(|basis| String::from(basis.reveal())),
            amount_fen: violation.amount.map(zhijie_model::Fen::get),
            lines: violation
                .lines
                .iter()
                .map(|serial| String::from(serial.as_str()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use zhijie_model::{MessageId, Private};

    use super::*;

    fn violation(severity: Severity) -> Violation {
        Violation {
            id: String::from("1"),
            rule: String::from("R1"),
            rule_name: None,
            text: Private::new("重复开药"),
            severity,
            code: None,
            amount: None,
            basis: None,
            lines: Vec::new(),
        }
    }

    #[test]
    fn the_severest_violation_decides_and_stands_first() {
        use Severity::{Asks, Forbids, Tells};
        let message = || MessageId::new("H31010100001202611220900000001").ok();
        let table = [
            (None, vec![], RuleStanding::NotChecked),
            (message(), vec![], RuleStanding::Free),
            (message(), vec![Tells], RuleStanding::Free),
            (message(), vec![Tells, Asks], RuleStanding::NeedsReason),
            (message(), vec![Asks, Forbids, Tells], RuleStanding::Forbidden),
        ];
        for (message_id, severities, standing) in table {
            let worst = severities.iter().max().copied();
            let checked = Checked {
                stage: CheckStage::During,
                message_id,
                violations: severities.into_iter().map(violation).collect(),
            };
            let view = RuleCheckView::from(&checked);
            assert_eq!(view.standing, standing);
            let first = view.violations.first().map(|first| first.severity);
            let worst = worst.map(|worst| ViolationView::from(&violation(worst)).severity);
            assert_eq!(first, worst);
        }
    }
}
