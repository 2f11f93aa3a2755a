//! Rules of the insurance, as data, and what of a bill breaks them.

use serde::Deserialize;
use zhijie_model::{Fen, Quantity};

/// One rule. Exactly one of the conditions says when it is broken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) severity: String,
    #[serde(default)]
    pub(crate) basis: Option<String>,
    #[serde(flatten)]
    pub(crate) condition: Condition,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Condition {
    /// Covered for illnesses whose code begins so.
    Indication { code: String, diagnosis: String },
    /// No more than this of one item in a bill.
    Quantity { code: String, at_most: Quantity },
    /// One item on several lines.
    Repeated {},
    /// A drug that was settled for this person within these days.
    AgainWithin { days: i64 },
    /// An item that no catalogue has.
    Outside {},
}

/// A line as a check sees it.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) serial: String,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) quantity: Quantity,
    pub(crate) amount: Fen,
    /// Whether the catalogue has it.
    pub(crate) known: bool,
    /// Day of the newest settlement of this drug, where there is one, as many days ago.
    pub(crate) settled_ago: Option<i64>,
}

/// A rule that is broken, with the lines that break it.
#[derive(Debug)]
pub(crate) struct Broken<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) text: String,
    pub(crate) lines: Vec<&'a Checked>,
}

/// Everything the lines break. `diagnoses` are codes.
pub(crate) fn broken<'a>(rules: &'a [Rule], lines: &'a [Checked], diagnoses: &[String]) -> Vec<Broken<'a>> {
    let found = rules.iter().filter_map(|rule| breach(rule, lines, diagnoses));
    found.collect()
}

fn breach<'a>(rule: &'a Rule, lines: &'a [Checked], diagnoses: &[String]) -> Option<Broken<'a>> {
    let of = |code: &str| -> Vec<&'a Checked> { lines.iter().filter(|line| line.code == code).collect() };
    let (lines, text) = match &rule.condition {
        Condition::Indication { code, diagnosis } => {
            let fits = diagnoses
                .iter()
                .any(|known| known.starts_with(diagnosis.as_str()));
            let lines = if fits { Vec::new() } else { of(code) };
            let text = format!("{}限{diagnosis}类诊断使用,本次诊断不符", names(&lines));
            (lines, text)
        }
        Condition::Quantity { code, at_most } => {
            let lines = of(code);
            let sum: i64 = lines.iter().map(|line| line.quantity.scaled()).sum();
            let lines = if sum > at_most.scaled() { lines } else { Vec::new() };
            let text = format!("{}数量超过单次限量{at_most}", names(&lines));
            (lines, text)
        }
        Condition::Repeated {} => {
            let twice = |line: &&Checked| lines.iter().filter(|other| other.code == line.code).count() > 1;
            let lines: Vec<&Checked> = lines.iter().filter(twice).collect();
            let text = format!("{}在同一单据中重复", names(&lines));
            (lines, text)
        }
        Condition::AgainWithin { days } => {
            let soon = |line: &&Checked| line.settled_ago.is_some_and(|ago| ago < *days);
            let lines: Vec<&Checked> = lines.iter().filter(soon).collect();
            let text = format!("{}在{days}日内已结算过", names(&lines));
            (lines, text)
        }
        Condition::Outside {} => {
            let lines: Vec<&Checked> = lines.iter().filter(|line| !line.known).collect();
            let text = format!("{}不在医保目录内,按全自费处理", names(&lines));
            (lines, text)
        }
    };
    (!lines.is_empty()).then_some(Broken { rule, text, lines })
}

fn names(lines: &[&Checked]) -> String {
    let mut names: Vec<String> = lines.iter().map(|line| format!("【{}】", line.name)).collect();
    names.dedup();
    names.join("、")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    fn line(serial: &str, code: &str, quantity: &str) -> Checked {
        Checked {
            serial: String::from(serial),
            code: String::from(code),
            name: String::from("药"),
            quantity: Quantity::parse(quantity).unwrap(),
            amount: Fen::ZERO,
            known: true,
            settled_ago: None,
        }
    }

    #[test]
    fn each_rule_is_broken_by_what_it_is_about_and_by_nothing_else() {
        let rules = Data::load().unwrap().rules;
        let (lung, pain) = ("XL01EBA334A001010178900", "XN02BEB038A001010203410");
        let outside = Checked {
            known: false,
            ..line("1", "OWN", "1")
        };
        let again = |ago| Checked {
            settled_ago: Some(ago),
            ..line("1", "XC08", "1")
        };
        let table: [(Vec<Checked>, &str, &[&str]); 9] = [
            (vec![line("1", lung, "1")], "C34.900", &[]),
            (vec![line("1", lung, "1")], "I10.x00", &["R0101"]),
            (vec![line("1", pain, "200")], "R51", &[]),
            (vec![line("1", pain, "200.5")], "R51", &["R0201"]),
            (
                vec![line("1", pain, "150"), line("2", pain, "60")],
                "R51",
                &["R0201", "R0301"],
            ),
            (vec![line("1", "A", "1"), line("2", "B", "1")], "R51", &[]),
            (vec![again(6)], "R51", &["R0302"]),
            (vec![again(7)], "R51", &[]),
            (vec![outside], "R51", &["R0901"]),
        ];
        for (lines, diagnosis, expected) in table {
            let found = broken(&rules, &lines, &[String::from(diagnosis)]);
            let found: Vec<&str> = found.iter().map(|found| found.rule.id.as_str()).collect();
            assert_eq!(found, expected, "{lines:?}");
        }
    }
}
