//! A scenario: who lives in the province, what is filed, how the roads are and what goes wrong, told in one file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;
use zhijie_model::Area;

use crate::faults::Fault;
use crate::filing::{Entry, Filing};
use crate::options::{DuplicateMsgid, InfcodeMode, MutualAid, Options, TraceWish};
use crate::people::Person;
use crate::roads::Road;

/// A scenario file. Unknown keys are refused, so that a misspelt one is no scenario without it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    pub switches: Switches,
    /// People beside those of the sandbox, or instead of those with the same key.
    pub person: Vec<Person>,
    /// Filings and register entries on the first day, beside those of the person.
    pub filed: Vec<Filed>,
    pub entered: Vec<Entered>,
    /// People whose own filings are not there on the first day.
    pub unfiled: Vec<String>,
    /// Roads to insured regions that are not as usual.
    pub region: BTreeMap<Area, Road>,
    /// Faults that wait from the start, in this order.
    pub fault: Vec<Fault>,
}

/// How the platform behaves. What is left out stays as the command line says.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    pub infcode: Option<InfcodeMode>,
    pub duplicate_msgid: Option<DuplicateMsgid>,
    pub sign_in: Option<bool>,
    pub fund_includes_account: Option<bool>,
    pub empty_5203_for_visitors: Option<bool>,
    pub visitors_need_card: Option<bool>,
    pub filing_hint: Option<bool>,
    pub traces: Option<TraceWish>,
    pub mutual_aid: Option<MutualAid>,
    pub account_stays_home: Option<bool>,
}

/// A filing of somebody.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filed {
    pub person: String,
    pub filing: Filing,
}

/// An entry of somebody in another register.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entered {
    pub person: String,
    pub entry: Entry,
}

impl Scenario {
    /// Reads a TOML file, or a JSON file when its name ends so.
    ///
    /// # Errors
    /// When it cannot be read, or says something no province can do; names line and key where the parser knows them.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let at = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {at}"))?;
        let json = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let scenario: Self = if json {
            serde_json::from_str(&text).with_context(|| format!("{at} is no scenario"))?
        } else {
            toml::from_str(&text).with_context(|| format!("{at} is no scenario"))?
        };
        for fault in &scenario.fault {
            fault
                .check()
                .with_context(|| format!("{at}: a fault can do nothing"))?;
        }
        Ok(scenario)
    }

    /// What it says about the platform itself.
    pub(crate) fn switch(&self, options: &mut Options) {
        let switches = &self.switches;
        set(&mut options.infcode, switches.infcode);
        set(&mut options.duplicate_msgid, switches.duplicate_msgid);
        set(&mut options.sign_in, switches.sign_in);
        set(&mut options.fund_includes_account, switches.fund_includes_account);
        set(
            &mut options.empty_5203_for_visitors,
            switches.empty_5203_for_visitors,
        );
        set(&mut options.visitors_need_card, switches.visitors_need_card);
        set(&mut options.filing_hint, switches.filing_hint);
        set(&mut options.traces, switches.traces);
        set(&mut options.mutual_aid, switches.mutual_aid);
        set(&mut options.account_stays_home, switches.account_stays_home);
        options.roads.extend(self.region.clone());
    }

    /// The people as they are on the first day.
    ///
    /// # Errors
    /// When it speaks of somebody who does not live here.
    pub(crate) fn settle_in(&self, people: &mut Vec<Person>) -> anyhow::Result<()> {
        for new in &self.person {
            people.retain(|person| person.key != new.key);
            people.push(new.clone());
        }
        for key in &self.unfiled {
            find(people, key)?.filing.clear();
        }
        for filed in &self.filed {
            find(people, &filed.person)?.filing.push(filed.filing.clone());
        }
        for entered in &self.entered {
            find(people, &entered.person)?.entry.push(entered.entry.clone());
        }
        Ok(())
    }
}

fn set<T>(held: &mut T, wanted: Option<T>) {
    if let Some(wanted) = wanted {
        *held = wanted;
    }
}

fn find<'a>(people: &'a mut [Person], key: &str) -> anyhow::Result<&'a mut Person> {
    let found = people.iter_mut().find(|person| person.key == key);
    let Some(found) = found else {
        bail!("the scenario speaks of {key}, whom nobody knows; `zhijie-sandbox persons` lists the people");
    };
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::persons;
    use crate::faults::FaultKind;

    fn written(name: &str, text: &str) -> anyhow::Result<Scenario> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        Scenario::read(&path)
    }

    #[test]
    fn the_shipped_scenario_is_read_and_its_people_live_there() {
        let scenario = Scenario::read(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../config/scenario.example.toml"
        )))
        .unwrap();
        let mut people = persons().unwrap();
        let before = people.len();
        scenario.settle_in(&mut people).unwrap();
        assert_eq!(people.len(), before + 1);
        let resident = people
            .iter()
            .find(|person| person.key == "fuyang-resident")
            .unwrap();
        assert_eq!(resident.filing.len(), 1);
        let kinds: Vec<FaultKind> = scenario.fault.iter().map(|fault| fault.kind).collect();
        assert!(kinds.contains(&FaultKind::LateExecution), "{kinds:?}");
        let mut options = Options::new("certs").unwrap();
        scenario.switch(&mut options);
        assert!(options.empty_5203_for_visitors);
        assert_eq!(options.infcode, InfcodeMode::String);
        assert_eq!(options.roads.len(), 1);
    }

    #[test]
    fn json_says_the_same() {
        let scenario = written(
            "s.json",
            r#"{"switches":{"infcode":"string"},"fault":[{"infno":"2207","kind":"duplicate","after":1}]}"#,
        )
        .unwrap();
        assert_eq!(scenario.fault.first().map(|fault| fault.after), Some(1));
    }

    #[test]
    fn what_cannot_be_is_told() {
        let table = [
            ("s.toml", "[[fualt]]\ninfno = \"2207\"", "fualt"),
            ("s.toml", "[switches]\ninfcode = \"both\"", "infcode"),
            (
                "s.toml",
                "[[fault]]\ninfno = \"2204\"\nkind = \"other_person\"",
                "2204",
            ),
            ("s.json", "{", "s.json"),
        ];
        for (name, text, named) in table {
            let told = format!("{:#}", written(name, text).unwrap_err());
            assert!(told.contains(named), "{told}");
        }
        let stranger = Scenario {
            unfiled: vec![String::from("nobody")],
            ..Scenario::default()
        };
        let told = stranger.settle_in(&mut persons().unwrap()).unwrap_err();
        assert!(told.to_string().contains("nobody"), "{told}");
    }
}
