//! A copy in a temporary folder, filled by hand.

use jiff::Timestamp;
use jiff::civil::Date;
use tempfile::TempDir;
use zhijie_model::{CatalogueList, CatalogueRow, Ratio, UnitPrice};

use crate::{Reader, Source, Store};

pub(crate) struct Kit {
    pub(crate) store: Store,
    pub(crate) reader: Reader,
    pub(crate) dir: TempDir,
}

pub(crate) fn kit() -> Kit {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalogue.sqlite");
    let store = Store::open(&path).unwrap();
    Kit {
        store,
        reader: Reader::open(&path).unwrap(),
        dir,
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-11-22T02:00:00Z".parse().unwrap()
}

pub(crate) fn day() -> Date {
    "2026-11-22".parse().unwrap()
}

/// A row that stands.
pub(crate) fn row(code: &str, name: &str) -> CatalogueRow {
    CatalogueRow {
        code: String::from(code),
        name: Some(String::from(name)),
        valid: true,
        ..CatalogueRow::default()
    }
}

pub(crate) fn pointing(code: &str, to: &str) -> CatalogueRow {
    CatalogueRow {
        points_to: Some(String::from(to)),
        ..row(code, "x")
    }
}

pub(crate) fn classed(code: &str, class: &str) -> CatalogueRow {
    CatalogueRow {
        class: Some(String::from(class)),
        ..row(code, "x")
    }
}

pub(crate) fn ceiling(code: &str, kind: &str, price: Option<&str>) -> CatalogueRow {
    CatalogueRow {
        kind: Some(String::from(kind)),
        ceiling: price.map(|price| UnitPrice::parse(price).unwrap()),
        ..row(code, "x")
    }
}

pub(crate) fn share(code: &str, kind: &str, ratio: &str) -> CatalogueRow {
    CatalogueRow {
        kind: Some(String::from(kind)),
        first_own: Some(Ratio::parse(ratio).unwrap()),
        ..row(code, "x")
    }
}

impl Kit {
    pub(crate) fn sync(&mut self, list: CatalogueList, whole: bool, rows: &[CatalogueRow]) {
        let mut begun = self.store.begin(list, whole, Source::Pages).unwrap();
        self.store.take(&mut begun, rows, 1).unwrap();
        self.store.finish(&begun, now()).unwrap();
    }

    /// Codes that are shown for a text, in order.
    pub(crate) fn codes(&self, text: &str) -> Vec<String> {
        let found = self
            .reader
            .find(crate::Search::Text(text), None, day(), 20)
            .unwrap();
        found.into_iter().map(|found| found.row.code).collect()
    }
}
