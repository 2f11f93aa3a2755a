//! Lines of catalogue files: columns by position, TAB between them, no header (interface reference, 3.17).

use serde::Deserialize;
use thiserror::Error;
use zhijie_model::{CatalogueList, CatalogueRow};

use crate::profile::Profile;
use crate::scalar::day;

/// Where in a line what is understood of it stands, from 0. New editions append columns; those here did not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    pub code: usize,
    pub name: usize,
    /// Used where the name is empty.
    #[serde(default)]
    pub other_name: Option<usize>,
    #[serde(default)]
    pub pinyin: Option<usize>,
    #[serde(default)]
    pub spec: Option<usize>,
    #[serde(default)]
    pub maker: Option<usize>,
    #[serde(default)]
    pub unit: Option<usize>,
    #[serde(default)]
    pub class: Option<usize>,
    #[serde(default)]
    pub from: Option<usize>,
    #[serde(default)]
    pub until: Option<usize>,
    pub valid: usize,
    #[serde(default)]
    pub id: Option<usize>,
    #[serde(default)]
    pub version: Option<usize>,
}

/// A line that is no row of its list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowFault {
    #[error("a row has {found} columns, at least {needed} are needed")]
    TooFewColumns { found: usize, needed: usize },
    #[error("a row has no code")]
    NoCode,
    /// Neither 0 nor 1: whether the row stands cannot be told.
    #[error("a row does not say whether it stands")]
    NoValidity,
}

const fn plain(code: usize, name: usize, valid: usize, id: usize, version: usize) -> Columns {
    Columns {
        code,
        name,
        other_name: None,
        pinyin: None,
        spec: None,
        maker: None,
        unit: None,
        class: None,
        from: None,
        until: None,
        valid,
        id: Some(id),
        version: Some(version),
    }
}

/// The positions that were read. Of 1313 to 1315 only the ends were: which code is the narrowest is concluded from the
/// order of the others. 1320 and 1321 were read nowhere; a profile names their positions.
const fn known(list: CatalogueList) -> Option<Columns> {
    Some(match list {
        CatalogueList::Drugs => Columns {
            other_name: Some(3),
            pinyin: Some(50),
            spec: Some(13),
            maker: Some(53),
            unit: Some(45),
            class: Some(91),
            from: Some(36),
            until: Some(37),
            ..plain(0, 7, 78, 79, 82)
        },
        CatalogueList::HerbPieces => Columns {
            from: Some(11),
            until: Some(12),
            ..plain(0, 1, 13, 14, 17)
        },
        CatalogueList::Preparations => Columns {
            spec: Some(10),
            maker: Some(40),
            from: Some(65),
            until: Some(66),
            ..plain(0, 1, 64, 67, 70)
        },
        CatalogueList::Services => Columns {
            unit: Some(2),
            from: Some(11),
            until: Some(12),
            ..plain(0, 9, 6, 13, 14)
        },
        CatalogueList::Consumables => Columns {
            spec: Some(9),
            maker: Some(59),
            from: Some(46),
            until: Some(47),
            ..plain(0, 1, 67, 68, 69)
        },
        CatalogueList::Diagnoses | CatalogueList::Operations => plain(10, 11, 18, 19, 22),
        CatalogueList::ChronicDiseases => plain(0, 14, 5, 6, 9),
        CatalogueList::CaseDiseases => plain(1, 2, 5, 6, 9),
        CatalogueList::DaySurgeries => plain(1, 2, 3, 4, 7),
        CatalogueList::Tumours => plain(3, 4, 5, 6, 9),
        CatalogueList::ChineseDiseases | CatalogueList::ChineseSyndromes => plain(5, 6, 8, 9, 12),
        CatalogueList::EthnicDrugs
        | CatalogueList::Covered
        | CatalogueList::Matches
        | CatalogueList::Mappings
        | CatalogueList::Ceilings
        | CatalogueList::FirstOwn
        | CatalogueList::HerbGranules
        | CatalogueList::NewServices => return None,
    })
}

/// The columns of a list that comes as a file, as this province fills them; `None` where nobody told them.
#[must_use]
pub fn catalogue_columns(list: CatalogueList, profile: &Profile) -> Option<Columns> {
    let told = profile.catalogue.columns.get(&list).copied();
    told.or_else(|| known(list))
}

impl Columns {
    /// Reads one line. More columns than are known are fine, and so are fewer, while it can be told what the row is
    /// about and whether it stands. `None` for a blank line.
    ///
    /// # Errors
    /// [`RowFault`]; the file is not the one of this list, or of an edition that moved its columns.
    pub fn read(&self, line: &str, profile: &Profile) -> Result<Option<CatalogueRow>, RowFault> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let cells: Vec<&str> = line.split('\t').collect();
        let needed = self.code.max(self.valid).saturating_add(1);
        if cells.len() < needed {
            return Err(RowFault::TooFewColumns {
                found: cells.len(),
                needed,
            });
        }
        let cell = |at: usize| cells.get(at).map(|text| text.trim()).filter(|text| is_said(text));
        let optional = |at: Option<usize>| at.and_then(cell);
        let owned = |at: Option<usize>| optional(at).map(str::to_owned);
        let valid = match cell(self.valid) {
            Some("1") => true,
            Some("0") => false,
            _ => return Err(RowFault::NoValidity),
        };
        Ok(Some(CatalogueRow {
            code: cell(self.code).ok_or(RowFault::NoCode)?.to_owned(),
            points_to: None,
            kind: None,
            institution: None,
            id: owned(self.id),
            name: cell(self.name)
                .or_else(|| optional(self.other_name))
                .map(str::to_owned),
            pinyin: owned(self.pinyin),
            spec: owned(self.spec),
            maker: owned(self.maker),
            unit: owned(self.unit),
            class: optional(self.class).map(|class| profile.item_class(class)),
            ceiling: None,
            first_own: None,
            from: optional(self.from).and_then(day),
            until: optional(self.until).and_then(day),
            valid,
            version: owned(self.version),
        }))
    }
}

/// The literal word stands for nothing.
fn is_said(text: &str) -> bool {
    !text.is_empty() && text != "null"
}
