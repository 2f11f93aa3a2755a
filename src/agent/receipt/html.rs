//! The sheet as one page of HTML that needs nothing else.

use core::fmt::Write as _;

use super::Receipt;
use super::sheet::{Item, Row, Sheet, Words};

const STYLE: &str = "body{font:15px/1.5 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:34rem;margin:1rem auto;\
padding:0 1rem;color:#111}h1{font-size:1.4rem;text-align:center;margin:.5rem 0 0}small{color:#555;font-weight:normal}\
p.head{text-align:center;margin:.2rem 0 1rem}table{width:100%;border-collapse:collapse;border-top:1px solid #999;\
margin-top:.6rem}th{text-align:left;font-weight:normal;padding-right:1rem}td{text-align:right;word-break:break-all}\
tr.part th{padding-left:1.2rem;color:#444}tr.strong{font-size:1.25rem;font-weight:bold}tr.strong th{font-weight:bold}\
td.name{text-align:left}.banner{border:3px solid #b00;color:#b00;text-align:center;font-size:1.3rem;font-weight:bold;\
padding:.4rem;margin:.6rem 0}.banner small{display:block;color:#b00}@media print{body{margin:0;max-width:none}}";

/// The sheet as a complete document: no script, no outside resource, all text escaped. Holds the patient's name:
/// never write it to a log.
#[must_use]
pub fn html(receipt: &Receipt) -> String {
    let sheet = Sheet::new(receipt);
    let mut page = String::with_capacity(8192);
    page.push_str("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    put(
        &mut page,
        format_args!("<title>{}</title>\n<style>{STYLE}</style>\n", sheet.title.chinese),
    );
    put(
        &mut page,
        format_args!("</head>\n<body data-standing=\"{}\">\n", receipt.standing.word()),
    );
    banner(&mut page, sheet.banner);
    put(&mut page, format_args!("<h1>{}</h1>\n", both(sheet.title)));
    put(
        &mut page,
        format_args!("<p class=\"head\">{}</p>\n", escaped(&sheet.head)),
    );
    rows(&mut page, &sheet.about);
    items(&mut page, &sheet.items);
    rows(&mut page, &sheet.amounts);
    rows(&mut page, &sheet.references);
    for note in &sheet.notes {
        put(
            &mut page,
            format_args!("<p><small>{}</small></p>\n", escaped(note)),
        );
    }
    banner(&mut page, sheet.banner);
    page.push_str("</body>\n</html>\n");
    page
}

/// Writing to a `String` cannot fail.
fn put(page: &mut String, text: core::fmt::Arguments<'_>) {
    let _: Result<(), core::fmt::Error> = page.write_fmt(text);
}

fn banner(page: &mut String, words: Option<Words>) {
    if let Some(words) = words {
        put(
            page,
            format_args!("<div class=\"banner\">{}</div>\n", both(words)),
        );
    }
}

fn rows(page: &mut String, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    page.push_str("<table>\n");
    for row in rows {
        let class = match (row.part, row.strong) {
            (_, true) => " class=\"strong\"",
            (true, false) => " class=\"part\"",
            (false, false) => "",
        };
        let value = escaped(&row.value);
        put(
            page,
            format_args!("<tr{class}><th>{}</th><td>{value}</td></tr>\n", both(row.label)),
        );
    }
    page.push_str("</table>\n");
}

fn items(page: &mut String, items: &[Item]) {
    if items.is_empty() {
        return;
    }
    page.push_str("<table>\n<tr><th>项目 <small>Item</small></th><td>类别 <small>Class</small></td>");
    page.push_str("<td>数量 <small>Qty</small></td><td>单价 <small>Price</small></td>");
    page.push_str(
        "<td>金额 <small>Amount</small></td><td>目录外及先行自付 <small>Own part</small></td></tr>\n",
    );
    for item in items {
        put(
            page,
            format_args!("<tr><td class=\"name\">{}</td>", escaped(&item.name)),
        );
        let own = item.own_part.as_deref().unwrap_or_default();
        for cell in [&item.class, &item.quantity, &item.unit_price, &item.amount] {
            put(page, format_args!("<td>{}</td>", escaped(cell)));
        }
        put(page, format_args!("<td>{}</td></tr>\n", escaped(own)));
    }
    page.push_str("</table>\n");
}

fn both(words: Words) -> String {
    format!(
        "{} <small>{}</small>",
        escaped(words.chinese),
        escaped(words.english)
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
