//! What differs between provinces about the catalogue.

use std::collections::BTreeMap;

use serde::Deserialize;
use zhijie_model::CatalogueList;

use crate::columns::Columns;
use crate::profile_check::ProfileError;

/// Rows of a page, as the interface allows them.
const PAGE_ROWS: (u32, u32) = (1, 9999);

/// How this province hands out its catalogue and takes mappings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CatalogueRules {
    /// Lists this province has.
    pub lists: Vec<CatalogueList>,
    /// What is said instead of a version to get a whole list: `0`, or nothing.
    pub from_the_start: String,
    /// Rows asked for at once where a list comes in pages.
    pub page_rows: u32,
    /// Positions of lists whose columns are told nowhere, or moved.
    pub columns: BTreeMap<CatalogueList, Columns>,
    /// Name of the node of a mapping.
    pub mapping_node: MappingNode,
    /// Whether a mapping is sent as an array with one row in it.
    pub mapping_as_array: bool,
    /// The same for the withdrawal of one.
    pub withdrawal_as_array: bool,
    /// Last day that is sent for a mapping without one, where the province insists; empty where it does not.
    pub mapping_open_until: String,
    /// Whether an own code is withdrawn before it is mapped anew.
    pub withdraw_before_mapping: bool,
    /// Code of each item list in a mapping.
    pub list_kinds: BTreeMap<CatalogueList, String>,
}

/// Name of the node of a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingNode {
    Data,
    Catalogcompin,
}

impl Default for CatalogueRules {
    fn default() -> Self {
        let untold =
            |list: &CatalogueList| !matches!(list, CatalogueList::HerbGranules | CatalogueList::NewServices);
        let kinds = [
            (CatalogueList::Drugs, "101"),
            (CatalogueList::HerbPieces, "102"),
            (CatalogueList::Preparations, "103"),
            (CatalogueList::EthnicDrugs, "104"),
            (CatalogueList::Services, "201"),
            (CatalogueList::Consumables, "301"),
        ];
        Self {
            lists: CatalogueList::ALL.iter().copied().filter(untold).collect(),
            from_the_start: String::from("0"),
            page_rows: 500,
            columns: BTreeMap::new(),
            mapping_node: MappingNode::Data,
            mapping_as_array: true,
            withdrawal_as_array: false,
            mapping_open_until: String::new(),
            withdraw_before_mapping: false,
            list_kinds: kinds.map(|(list, code)| (list, String::from(code))).into(),
        }
    }
}

impl CatalogueRules {
    /// The item list a mapping of this kind code points into.
    #[must_use]
    pub fn list_of_kind(&self, code: &str) -> Option<CatalogueList> {
        let mut kinds = self.list_kinds.iter();
        kinds.find(|(_, known)| *known == code).map(|(list, _)| *list)
    }

    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        let (min, max) = PAGE_ROWS;
        if !(min..=max).contains(&self.page_rows) {
            return Err(ProfileError::OutOfRange {
                key: "catalogue.page_rows",
                min: u64::from(min),
                max: u64::from(max),
            });
        }
        if self.from_the_start.chars().count() > 20 {
            return Err(ProfileError::TooLong {
                key: "catalogue.from_the_start",
                max: 20,
            });
        }
        if self.list_kinds.keys().any(|list| !list.holds_items()) {
            return Err(ProfileError::NotOneOf {
                key: "catalogue.list_kinds",
                allowed: "the lists that hold items",
            });
        }
        Ok(())
    }
}
