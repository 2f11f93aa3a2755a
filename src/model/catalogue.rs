//! The treatment place's catalogue: which lists there are, and what one row of any of them says.

use core::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::quantity::{Ratio, UnitPrice};
use crate::reply::{PlatformWords, Refusal};
use crate::transaction::Transaction;

macro_rules! lists {
    ($($(#[doc = $doc:literal])+ $variant:ident $slug:literal $delivery:ident,)+) => {
        /// One list of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum CatalogueList {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl CatalogueList {
            /// Every list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name for programs; never changes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $slug,)+
                }
            }

            /// How the platform hands it out.
            #[must_use]
            pub const fn handed_out(self) -> HandedOut {
                match self {
                    $(Self::$variant => HandedOut::$delivery,)+
                }
            }
        }
    };
}

/// How the platform hands a list out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedOut {
    /// One file with everything newer than a version.
    ByFile,
    /// Pages of rows changed since a moment.
    ByPage,
}

lists! {
    /// Western drugs and patent Chinese medicines (1301).
    Drugs "drugs" ByFile,
    /// Pieces of Chinese herbs (1302).
    HerbPieces "herb_pieces" ByFile,
    /// Preparations made by institutions (1303).
    Preparations "preparations" ByFile,
    /// Drugs of ethnic groups (1304).
    EthnicDrugs "ethnic_drugs" ByPage,
    /// Medical services (1305).
    Services "services" ByFile,
    /// Consumables (1306).
    Consumables "consumables" ByFile,
    /// Diagnoses, ICD-10 in the insurance edition (1307).
    Diagnoses "diagnoses" ByFile,
    /// Operations, ICD-9-CM-3 in the insurance edition (1308).
    Operations "operations" ByFile,
    /// Chronic and special diseases of outpatients (1309).
    ChronicDiseases "chronic_diseases" ByFile,
    /// Diseases paid by the case (1310).
    CaseDiseases "case_diseases" ByFile,
    /// Diseases of day surgery (1311).
    DaySurgeries "day_surgeries" ByFile,
    /// What the treatment place's insurance covers, with the class of each item (1312).
    Covered "covered" ByPage,
    /// Tumour morphology (1313).
    Tumours "tumours" ByFile,
    /// Diseases of Chinese medicine (1314).
    ChineseDiseases "chinese_diseases" ByFile,
    /// Syndromes of Chinese medicine (1315).
    ChineseSyndromes "chinese_syndromes" ByFile,
    /// Which national code is which code of the insurance catalogue (1316).
    Matches "matches" ByPage,
    /// Which own code of this institution is which national code (1317).
    Mappings "mappings" ByPage,
    /// Ceiling prices (1318).
    Ceilings "ceilings" ByPage,
    /// Shares the person pays first (1319).
    FirstOwn "first_own" ByPage,
    /// Granules of Chinese herbs (1320).
    HerbGranules "herb_granules" ByFile,
    /// Medical services, new edition (1321).
    NewServices "new_services" ByFile,
}

impl CatalogueList {
    /// The list of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|list| list.name() == name)
    }

    /// Whether its codes are what a fee line is charged under.
    #[must_use]
    pub const fn holds_items(self) -> bool {
        matches!(
            self,
            Self::Drugs
                | Self::HerbPieces
                | Self::Preparations
                | Self::EthnicDrugs
                | Self::Services
                | Self::Consumables
                | Self::HerbGranules
                | Self::NewServices
        )
    }
}

impl fmt::Display for CatalogueList {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// One row of a list, as far as it is understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogueRow {
    /// What the row is about: a national code, a code of the insurance catalogue, an own code.
    pub code: String,
    /// What it points to: for matches the code of the insurance catalogue, for mappings the national code.
    pub points_to: Option<String>,
    /// Tells several rows of one code apart: the kind of a price ceiling or of a first-own share.
    pub kind: Option<String>,
    /// Whose mapping it is, where the row tells.
    pub institution: Option<String>,
    /// The platform's own number of the row.
    pub id: Option<String>,
    pub name: Option<String>,
    /// Initials of the name, as the platform spells them.
    pub pinyin: Option<String>,
    pub spec: Option<String>,
    pub maker: Option<String>,
    pub unit: Option<String>,
    /// Item class in the national spelling: 01 A, 02 B, 03 own expense.
    pub class: Option<String>,
    /// Highest price of one unit that counts; none: no ceiling.
    pub ceiling: Option<UnitPrice>,
    /// Share the person pays first.
    pub first_own: Option<Ratio>,
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Whether the row stands; one that does not withdraws the code.
    pub valid: bool,
    pub version: Option<String>,
}

/// What the platform hands out instead of a list: a file to fetch before a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueFile {
    /// Any length.
    pub number: String,
    pub name: String,
    /// Beijing wall clock; afterwards the file is gone.
    pub until: Option<jiff::civil::DateTime>,
    /// How many rows are announced.
    pub rows: Option<u64>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CataloguePage {
    pub rows: Vec<CatalogueRow>,
    /// From 1.
    pub number: u32,
    /// Of the whole answer, where told.
    pub pages: Option<u32>,
    pub rows_in_all: Option<u64>,
    /// Whether the platform says that no page follows.
    pub last: bool,
}

/// An own item of the institution and the national code it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnMapping {
    pub own_code: String,
    pub own_name: String,
    /// The item list the national code stands in.
    pub list: CatalogueList,
    pub national_code: String,
    pub from: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A change of what the centre knows of an own item. Moves no money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum MappingCall {
    /// Tells which national code an own item is (3301).
    Map { mapping: OwnMapping },
    /// Takes that back (3302).
    Withdraw {
        own_code: String,
        list: CatalogueList,
        national_code: String,
    },
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingReply {
    Done { platform: PlatformWords },
    Refused { refusal: Refusal },
}

impl MappingCall {
    #[must_use]
    pub const fn transaction(&self) -> Transaction {
        match self {
            Self::Map { .. } => Transaction::MapItem,
            Self::Withdraw { .. } => Transaction::WithdrawMapping,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for list in CatalogueList::ALL {
            assert_eq!(CatalogueList::parse(list.name()), Some(*list));
        }
        assert_eq!(CatalogueList::ALL.len(), 21);
        assert_eq!(CatalogueList::parse("1301"), None);
        let items = CatalogueList::ALL.iter().filter(|list| list.holds_items());
        assert_eq!(items.count(), 8);
    }
}
