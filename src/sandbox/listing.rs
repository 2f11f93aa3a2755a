//! What the province hands out of its catalogue: rows of every list, computed from the items bills are split by, and the
//! lines of the files they go into.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Class, Item};

/// When the first version was published.
pub(crate) const FIRST_DAY: &str = "2021-01-01";
/// How an item without a ceiling is written.
pub(crate) const NO_CEILING: &str = "99999999.000000";

/// A file or a page that is not as it should be, on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Trick {
    /// A file that unfolds to a thousand times its size.
    Bomb,
    /// A name inside the zip that leads out of the folder.
    Path,
    /// Two texts in one zip.
    TwoTexts,
    /// Rows with three columns.
    ShortRows,
    /// Text that is not UTF-8.
    NotText,
    /// One row fewer than announced.
    RowMissing,
    /// A file that is no zip.
    NotZip,
    /// A statement whose file breaks off in the middle.
    Cut,
    /// A statement with its columns in the order of other provinces.
    OtherOrder,
    /// A statement that names another message in every row.
    OtherMessage,
    /// A file that is gone before it can be fetched.
    Gone,
    /// Pages that never end.
    EndlessPages,
    /// The first page again and again.
    SamePage,
    /// Mappings of another hospital.
    OtherHospital,
}

/// One item as the lists tell it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) item: Item,
    pub(crate) stands: bool,
    /// Number of the version the row came with; 1 at first.
    pub(crate) version: u32,
    /// Beijing wall clock.
    pub(crate) updated: String,
}

/// The file list an item stands in.
pub(crate) fn list_of(item: &Item) -> &'static str {
    match item.code.chars().next() {
        Some('X' | 'Z') => "1301",
        Some('T') => "1302",
        Some('C') => "1306",
        _ => "1305",
    }
}

/// `list_type` of a mapping.
pub(crate) fn kind_of(item: &Item) -> &'static str {
    match list_of(item) {
        "1301" => "101",
        "1302" => "102",
        "1306" => "301",
        _ => "201",
    }
}

/// `ver` of a version: its text sorts as its number.
pub(crate) fn version_text(version: u32) -> String {
    format!("V{version:08}")
}

/// Number of a `ver`; nothing and `0` are before the first.
pub(crate) fn version_number(text: &str) -> u32 {
    text.trim_start_matches('V').parse().unwrap_or(0)
}

/// Made-up drugs, to fill a list.
pub(crate) fn filler(count: u32) -> impl Iterator<Item = Item> {
    (0..count).map(|n| Item {
        code: format!("XS{n:021}"),
        name: format!("示例药品{n}号片"),
        class: if n % 3 == 0 { Class::B } else { Class::A },
        first_own: None,
        ceiling: None,
        kind: String::from("09"),
        negotiated: false,
    })
}

/// One line of the file of `list`, with `width` columns where that can be chosen.
pub(crate) fn line(list: &str, listed: &Listed, drug_columns: usize) -> String {
    let item = &listed.item;
    let valid = if listed.stands { "1" } else { "0" };
    let version = version_text(listed.version);
    let id = format!("R{}", item.code);
    let common: [(&str, &str); 4] = [
        ("valid", valid),
        ("id", &id),
        ("version", &version),
        ("from", FIRST_DAY),
    ];
    let (width, places): (usize, &[(usize, &str)]) = match list {
        "1301" => (
            drug_columns,
            &[
                (0, "code"),
                (7, "name"),
                (36, "from"),
                (45, "unit"),
                (50, "initials"),
                (78, "valid"),
                (79, "id"),
                (81, "updated"),
                (82, "version"),
                (91, "class"),
            ],
        ),
        "1302" => (
            29,
            &[
                (0, "code"),
                (1, "name"),
                (11, "from"),
                (13, "valid"),
                (14, "id"),
                (16, "updated"),
                (17, "version"),
            ],
        ),
        "1306" => (
            71,
            &[
                (0, "code"),
                (1, "name"),
                (46, "from"),
                (67, "valid"),
                (68, "id"),
                (69, "version"),
            ],
        ),
        _ => (
            16,
            &[
                (0, "code"),
                (2, "unit"),
                (6, "valid"),
                (9, "name"),
                (11, "from"),
                (13, "id"),
                (14, "version"),
            ],
        ),
    };
    let mut cells = vec!["null"; width];
    for (at, what) in places {
        let text = match *what {
            "code" => item.code.as_str(),
            "name" => item.name.as_str(),
            "unit" => "盒",
            "initials" => "",
            "updated" => listed.updated.as_str(),
            "class" => item.class.code(),
            other => common
                .iter()
                .find(|(name, _)| *name == other)
                .map_or("", |(_, text)| *text),
        };
        if let Some(cell) = cells.get_mut(*at) {
            *cell = text;
        }
    }
    cells.join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_columns_they_are_asked_for() {
        let item = filler(1).next().unwrap();
        let listed = Listed {
            item,
            stands: false,
            version: 7,
            updated: String::from("2026-11-22 10:00:00"),
        };
        for (list, width) in [
            ("1301", 92),
            ("1301", 97),
            ("1302", 29),
            ("1305", 16),
            ("1306", 71),
        ] {
            let line = line(list, &listed, width);
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), width, "{list}");
            assert!(cells.contains(&"V00000007") && cells.contains(&"0"), "{list}");
        }
        assert_eq!(version_number(&version_text(7)), 7);
        assert_eq!((version_number("0"), version_number("")), (0, 0));
    }
}
