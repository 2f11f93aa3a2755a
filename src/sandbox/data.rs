//! The data files compiled in: regions, catalogue, people.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;

use crate::catalogue::Item;
use crate::people::Person;
use crate::policy::Region;
use crate::rules::Rule;

/// A data file compiled into the sandbox is malformed.
#[derive(Debug, Error)]
#[error("built-in data file {file} is malformed")]
pub struct DataError {
    file: &'static str,
    #[source]
    source: toml::de::Error,
}

/// Everything that is data.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) regions: Vec<Region>,
    pub(crate) catalogue: BTreeMap<String, Item>,
    pub(crate) people: Vec<Person>,
    pub(crate) institutions: Vec<Institution>,
    pub(crate) tables: Vec<Table>,
    pub(crate) rules: Vec<Rule>,
}

/// An institution that can be searched.
#[derive(Debug, Deserialize)]
pub(crate) struct Institution {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) level: Option<String>,
    pub(crate) credit: String,
}

/// A code table.
#[derive(Debug, Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) entry: Vec<TableEntry>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TableEntry {
    pub(crate) code: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) parent: Option<String>,
    /// Last day it is valid.
    #[serde(default)]
    pub(crate) until: Option<Date>,
}

#[derive(Deserialize)]
struct Lookups {
    institution: Vec<Institution>,
    table: Vec<Table>,
}

#[derive(Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
struct Regions {
    region: Vec<Region>,
}

#[derive(Deserialize)]
struct Catalogue {
    item: Vec<Item>,
}

#[derive(Deserialize)]
struct People {
    person: Vec<Person>,
}

impl Data {
    pub(crate) fn load() -> Result<Self, DataError> {
        let catalogue: Catalogue = read("catalogue.toml", include_str!("data/catalogue.toml"))?;
        let lookups: Lookups = read("lookups.toml", include_str!("data/lookups.toml"))?;
        Ok(Self {
            institutions: lookups.institution,
            tables: lookups.table,
            rules: read::<Rules>("rules.toml", include_str!("data/rules.toml"))?.rule,
            regions: regions()?,
            catalogue: catalogue
                .item
                .into_iter()
                .map(|item| (item.code.clone(), item))
                .collect(),
            people: persons()?,
        })
    }

    pub(crate) fn person(&self, number: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.number == number)
    }
}

/// The insured regions with their policies.
///
/// # Errors
/// When the data file compiled in is malformed, which a test rules out.
pub fn regions() -> Result<Vec<Region>, DataError> {
    read::<Regions>("regions.toml", include_str!("data/regions.toml")).map(|file| file.region)
}

/// The people of the sandbox, with card data.
///
/// # Errors
/// When the data file compiled in is malformed, which a test rules out.
pub fn persons() -> Result<Vec<Person>, DataError> {
    read::<People>("persons.toml", include_str!("data/persons.toml")).map(|file| file.person)
}

fn read<T: for<'de> Deserialize<'de>>(file: &'static str, text: &str) -> Result<T, DataError> {
    toml::from_str(text).map_err(|source| DataError { file, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::region_of;

    #[test]
    fn the_data_files_fit_together() {
        let data = Data::load().unwrap();
        assert!(data.catalogue.len() >= 40);
        for person in &data.people {
            for insurance in &person.insurance {
                let region = region_of(&data.regions, insurance.area).unwrap();
                assert!(region.policy(&insurance.kind).is_some(), "{}", person.key);
            }
        }
    }

    #[test]
    fn id_numbers_carry_their_check_digit() {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let resident = |person: &Person| person.certificate_kind == "01";
        for person in persons().unwrap().into_iter().filter(resident) {
            let (digits, check) = person.certificate.split_at(17);
            let sum: u32 = digits
                .chars()
                .zip(WEIGHTS)
                .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
                .sum();
            let expected = "10X98765432".chars().nth(usize::try_from(sum % 11).unwrap());
            assert_eq!(check.chars().next(), expected, "{}", person.key);
            assert_eq!(person.card.identification.len(), 32, "{}", person.key);
            assert!(
                person
                    .certificate
                    .contains(&person.born.strftime("%Y%m%d").to_string())
            );
        }
    }
}
