//! The dispute packet as a page to be printed.

use core::fmt::Write as _;

use zhijie_desk::api::{FilingEntry, FilingView};
use zhijie_model::Private;

use super::packet::Packet;
use super::view::{kind_zh, source_zh};

const STYLE: &str = "body{font:14px/1.5 sans-serif;margin:2em;max-width:60em}h1{font-size:1.3em}\
    table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.3em .5em;text-align:left;\
    vertical-align:top}.id{font-family:monospace;font-size:11px;word-break:break-all}.gone{background:#fdd}";

/// The whole page, without anything fetched from elsewhere.
pub(super) fn html(packet: &Packet) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>异地就医备案争议材料</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>异地就医备案争议材料 Filing dispute</h1>\n<table>\n"
    );
    let private = |text: Option<&str>| text.map(String::from).unwrap_or_default();
    let patient = &packet.patient;
    let rows = [
        (
            "医疗机构",
            format!(
                "{} {}",
                packet.institution.name.as_deref().unwrap_or_default(),
                packet.institution.code
            ),
        ),
        ("收费台", packet.desk.clone()),
        ("患者", private(patient.name.as_ref().map(Private::reveal))),
        (
            "证件号",
            private(patient.certificate.as_ref().map(Private::reveal)),
        ),
        (
            "人员编号",
            private(
                patient
                    .person_number
                    .as_ref()
                    .map(zhijie_model::PersonNumber::as_str),
            ),
        ),
        (
            "参保地",
            packet
                .check
                .insured_area
                .as_ref()
                .map_or_else(String::new, |area| {
                    format!("{} {}", area.name.as_deref().unwrap_or_default(), area.code)
                }),
        ),
        ("最后一次见到", last_seen(packet)),
        ("争议事项", packet.reason.clone()),
        ("目前所知", packet.check.text_zh.clone()),
        ("制作时间", packet.made_at.clone()),
    ];
    for (label, value) in rows {
        let _ = writeln!(page, "<tr><th>{label}</th><td>{}</td></tr>", escaped(&value));
    }
    page.push_str("</table>\n<h2>全部记录 Everything seen</h2>\n<table>\n");
    page.push_str("<tr><th>时间</th><th>来源</th><th>内容</th><th>报文号与摘要</th></tr>\n");
    for entry in &packet.entries {
        row(&mut page, entry);
    }
    if packet.cut {
        page.push_str("<tr><td colspan=\"4\">更早的记录没有列出 Older entries are left out.</td></tr>\n");
    }
    let _ = write!(
        page,
        "</table>\n<p>摘要为国密 SM3；原件保存在本机账本（至第 {} 条记录），可凭报文号和摘要核对。\
         Digests are SM3; the originals are in the ledger.</p>\n</body>\n</html>\n",
        packet.ledger_seq
    );
    page
}

/// When the filing that is gone was last seen, by which answer, under which messages.
fn last_seen(packet: &Packet) -> String {
    let Some(gone) = &packet.check.vanished else {
        return String::new();
    };
    let seen = &gone.last_seen;
    let id = |label: &str, id: Option<&String>| id.map(|id| format!("，{label} {id}")).unwrap_or_default();
    let filings = gone.filings.iter().map(filing_text);
    let mut lines = vec![format!(
        "{}，{} {}{}{}；发现查不到：{}",
        seen.at,
        source_zh(&seen.source),
        seen.transaction.as_deref().unwrap_or_default(),
        id("发送方报文", seen.message_id.as_ref()),
        id("平台报文", seen.platform_message_id.as_ref()),
        gone.noticed_at
    )];
    lines.extend(filings);
    lines.join("；")
}

fn row(page: &mut String, entry: &FilingEntry) {
    let evidence = &entry.evidence;
    let class = if entry.said == "vanished" {
        " class=\"gone\""
    } else {
        ""
    };
    let mut ids = Vec::new();
    for (label, id) in [
        ("发送方报文", evidence.message_id.as_deref()),
        ("平台报文", evidence.platform_message_id.as_deref()),
        ("单据", entry.bill_id.as_deref()),
        ("应答摘要", entry.answer_digest.as_deref()),
        ("记录摘要", Some(evidence.digest.as_str())),
    ] {
        ids.extend(id.map(|id| format!("{label} {}", escaped(id))));
    }
    let mut told = vec![escaped(&entry.text_zh)];
    told.extend(entry.filings.iter().map(|filing| escaped(&filing_text(filing))));
    let transaction = evidence.transaction.as_deref().unwrap_or_default();
    let _ = writeln!(
        page,
        "<tr{class}><td>{}</td><td>{} {transaction}</td><td>{}</td><td class=\"id\">{}</td></tr>",
        escaped(&evidence.at),
        source_zh(&evidence.source),
        told.join("<br>"),
        ids.join("<br>")
    );
}

fn filing_text(filing: &FilingView) -> String {
    let area = filing.area.as_ref().map_or_else(String::new, |area| {
        format!(
            "，就医地 {} {}",
            area.name.as_deref().unwrap_or_default(),
            area.code
        )
    });
    let number = filing
        .number
        .as_ref()
        .map_or_else(String::new, |number| format!("，编号 {}", number.reveal()));
    let until = filing.until.as_deref().unwrap_or("长期");
    format!(
        "{}，{} 至 {until}{area}{number}",
        kind_zh(filing.kind),
        filing.from
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ if letter.is_control() => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        assert_eq!(
            escaped("<b a='1'>&\"\u{7}"),
            "&lt;b a=&#39;1&#39;&gt;&amp;&quot; "
        );
    }
}
