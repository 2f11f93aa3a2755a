//! The sheet for an 80 mm printer.

use super::Receipt;
use super::layout::{centre, pair, wrap};
use super::sheet::{Item, Row, Sheet, Words};

/// Half-width columns of an 80 mm printer in its normal font.
pub const COLUMNS: usize = 48;
const COLUMNS_MIN: usize = 32;

/// The sheet as lines of at most `columns` half-width characters (at least 32; see [`COLUMNS`]), each ending in a
/// line feed. Holds the patient's name: never write it to a log.
#[must_use]
pub fn text(receipt: &Receipt, columns: usize) -> String {
    let columns = columns.max(COLUMNS_MIN);
    let sheet = Sheet::new(receipt);
    let mut lines = Vec::new();
    lines.extend(banner(sheet.banner, columns));
    lines.extend(centre(sheet.title.chinese, columns));
    lines.extend(centre(sheet.title.english, columns));
    lines.extend(centre(&sheet.head, columns));
    for block in [
        rows(&sheet.about, columns),
        items(&sheet.items, columns),
        rows(&sheet.amounts, columns),
        rows(&sheet.references, columns),
    ] {
        if !block.is_empty() {
            lines.push("-".repeat(columns));
            lines.extend(block);
        }
    }
    lines.push("-".repeat(columns));
    lines.extend(sheet.notes.iter().flat_map(|note| wrap(note, columns)));
    lines.extend(banner(sheet.banner, columns));
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn banner(words: Option<Words>, columns: usize) -> Vec<String> {
    let Some(words) = words else { return Vec::new() };
    let frame = "*".repeat(columns);
    let mut lines = vec![frame.clone()];
    lines.extend(centre(words.chinese, columns));
    lines.extend(centre(words.english, columns));
    lines.push(frame);
    lines
}

fn rows(rows: &[Row], columns: usize) -> Vec<String> {
    rows.iter()
        .flat_map(|row| {
            let indent = if row.part { "  " } else { "" };
            let mark = if row.strong { ">> " } else { "" };
            let label = format!("{mark}{indent}{} {}", row.label.chinese, row.label.english);
            pair(&label, &row.value, columns)
        })
        .collect()
}

fn items(items: &[Item], columns: usize) -> Vec<String> {
    if items.is_empty() {
        return Vec::new();
    }
    let mut lines = pair("项目 Item（数量 x 单价 Qty x price）", "金额 Amount", columns);
    for item in items {
        lines.extend(wrap(&item.name, columns));
        let class = if item.class.is_empty() {
            String::new()
        } else {
            format!("{} ", item.class)
        };
        let count = format!("  {class}{} x {}", item.quantity, item.unit_price);
        lines.extend(pair(&count, &item.amount, columns));
        if let Some(own) = &item.own_part {
            lines.extend(pair("    目录外及先行自付 Own part", own, columns));
        }
    }
    lines
}
