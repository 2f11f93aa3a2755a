//! What a battery found.

use core::fmt;

use unicode_width::UnicodeWidthStr;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed(String),
    /// The platform or the profile does not offer it.
    NotSupported(String),
    /// Left out, because it moves money or because an earlier step failed.
    LeftOut(&'static str),
}

/// One step with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    /// Numbers of the exchanges it made, first and last; equal when there was none.
    pub exchanges: (usize, usize),
    pub verdict: Verdict,
}

/// All steps in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report(pub Vec<Step>);

impl Report {
    /// Passed, failed, not supported, left out.
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        let of = |wanted: fn(&Verdict) -> bool| self.0.iter().filter(|step| wanted(&step.verdict)).count();
        [
            of(|verdict| matches!(verdict, Verdict::Passed)),
            of(|verdict| matches!(verdict, Verdict::Failed(_))),
            of(|verdict| matches!(verdict, Verdict::NotSupported(_))),
            of(|verdict| matches!(verdict, Verdict::LeftOut(_))),
        ]
    }
}

const NAME_WIDTH: usize = 44;

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            let pad = " ".repeat(NAME_WIDTH.saturating_sub(step.name.width()));
            let (word, why) = match &step.verdict {
                Verdict::Passed => ("通过 pass", ""),
                Verdict::Failed(why) => ("失败 FAIL", why.as_str()),
                Verdict::NotSupported(why) => ("不支持 not supported", why.as_str()),
                Verdict::LeftOut(why) => ("未做 left out", *why),
            };
            let (first, last) = step.exchanges;
            let kept = match last.checked_sub(first) {
                None | Some(0) => String::new(),
                Some(1) => format!("  [{last:03}]"),
                Some(_) => format!("  [{:03}-{last:03}]", first + 1),
            };
            let colon = if why.is_empty() { "" } else { ": " };
            writeln!(out, "{}{pad} {word}{colon}{why}{kept}", step.name)?;
        }
        let [passed, failed, unsupported, left_out] = self.counts();
        write!(
            out,
            "共 {} 项：{passed} passed, {failed} failed, {unsupported} not supported, {left_out} left out",
            self.0.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_and_says_where_to_look() {
        let step = |name, exchanges, verdict| Step {
            name,
            exchanges,
            verdict,
        };
        let report = Report(vec![
            step("签到 sign-in", (0, 1), Verdict::Passed),
            step(
                "结算 settlement",
                (1, 4),
                Verdict::Failed(String::from("no answer")),
            ),
            step("对账 totals", (4, 4), Verdict::NotSupported(String::from("x"))),
            step("退费 refund", (4, 4), Verdict::LeftOut("moves money")),
        ]);
        assert_eq!(report.counts(), [1, 1, 1, 1]);
        let text = report.to_string();
        for part in [
            "pass  [001]",
            "FAIL: no answer  [002-004]",
            "left out: moves money\n",
            "1 passed, 1 failed",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
