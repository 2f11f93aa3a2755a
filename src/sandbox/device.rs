//! Software devices that hold what a person of the sandbox holds.

use std::io::Write;

use anyhow::Context;
use clap::Args;

use zhijie_ports::{MediumAsk, SecurityControl as _};
use zhijie_twin::{ControlCard, VirtualControl};

use crate::data::persons;
use crate::people::Person;

/// `zhijie-sandbox card`.
#[derive(Debug, Args)]
pub(crate) struct CardCommand {
    /// Whose card, e.g. fuyang-resident; `zhijie-sandbox persons` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    person: Option<String>,
    #[command(flatten)]
    card: zhijie_twin::cli::CardArgs,
}

impl CardCommand {
    /// Blocks until stdin closes.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix("sandbox-card-")
            .suffix(".toml")
            .tempfile()?;
        if let Some(key) = &self.person {
            file.write_all(describe(&find(key)?)?.as_bytes())?;
            self.card.data = Some(file.path().to_path_buf());
        }
        Ok(self.card.run()?)
    }
}

/// `zhijie-sandbox control`: one question on stdin, one answer on stdout.
#[derive(Debug, Args)]
pub(crate) struct ControlCommand {
    /// Whose card lies in the control; none when left out
    #[arg(long, value_name = "NAME", env = "ZHIJIE_SANDBOX_CONTROL_PERSON")]
    person: Option<String>,
}

impl ControlCommand {
    pub(crate) fn answer(&self, question: &str) -> anyhow::Result<String> {
        let ask: MediumAsk = serde_json::from_str(question).context("the question is not understood")?;
        let card = self.person.as_deref().filter(|key| !key.is_empty());
        let card = card.map(find).transpose()?.map(|person| ControlCard {
            card_number: person.card.number,
            identification: person.card.identification,
            name: person.name,
            certificate: person.certificate,
        });
        Ok(match (VirtualControl { card }).read(&ask) {
            Ok(reading) => serde_json::to_string(&reading)?,
            Err(fault) => serde_json::to_string(&fault)?,
        })
    }
}

/// A person by key.
pub(crate) fn find(key: &str) -> anyhow::Result<Person> {
    persons()?
        .into_iter()
        .find(|person| person.key == key)
        .with_context(|| format!("no person is called {key}; see `zhijie-sandbox persons`"))
}

/// The card as `zhijie-sandbox card --data` reads it.
pub(crate) fn describe(person: &Person) -> anyhow::Result<String> {
    let card = &person.card;
    let short = "card identification is too short";
    let member = |name: &str, value: &str| format!("{name} = {}\n", toml::Value::from(value));
    Ok([
        member(
            "generation",
            card.version.get(..3).context("card version is too short")?,
        ),
        member("number", &person.certificate),
        member("name", &person.name),
        member("card_number", &card.number),
        member("region", card.identification.get(..6).context(short)?),
        member("serial", card.identification.get(16..24).context(short)?),
        member("issued", &card.issued),
        member("valid_until", &card.valid_until),
        member("sex", &person.sex),
        member("ethnic", &person.ethnic_group),
        // Only an ID number begins with the place its holder comes from.
        member(
            "birthplace",
            match person.certificate_kind.as_str() {
                "01" => person.certificate.get(..6).context("certificate is too short")?,
                _ => card.identification.get(..6).context(short)?,
            },
        ),
        member("born", &person.born.strftime("%Y%m%d").to_string()),
    ]
    .concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhijie_twin::{CardData, VirtualCard};

    #[test]
    fn every_person_has_a_card_that_can_be_made() {
        for person in persons().unwrap() {
            let card = CardData::from_toml(&describe(&person).unwrap()).unwrap();
            assert_eq!(card.number, person.certificate);
            assert_eq!(
                card.card_number,
                zhijie_twin::card_number(&person.card.number[..8])
            );
            assert_eq!(
                person.card.identification,
                format!("{}D156000005{}FFFFFFFF", card.region, card.serial)
            );
            assert!(VirtualCard::new(card).is_ok(), "{}", person.key);
        }
    }
}
