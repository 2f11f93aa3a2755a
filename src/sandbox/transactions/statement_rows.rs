//! 3202: the hospital's rows of some days, fetched from the file it stored before, against the journal; what differs goes into
//! a file of the province's.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zhijie_model::Fen;

use crate::json::Object;
use crate::listing::Trick;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Settlement};
use crate::transactions::files::keep;
use crate::transactions::sheet::clearing_kind;
use crate::transactions::{Context, Done};
use crate::zip;

/// One row of the hospital's file.
#[derive(Debug)]
struct Theirs {
    visit: String,
    person: String,
    amounts: [Fen; 3],
    flag: String,
}

/// Which rows are compared.
struct Group {
    kind: String,
    office: String,
    days: (Date, Date),
}

pub(super) fn rows(context: &Context<'_>) -> Done {
    let node = context.data_node(&[
        "setl_optins",
        "file_qury_no",
        "stmt_begndate",
        "stmt_enddate",
        "medfee_sumamt",
        "fund_pay_sumamt",
        "cash_payamt",
        "fixmedins_setl_cnt",
        "clr_type",
    ])?;
    let group = Group {
        kind: node.text("clr_type")?,
        office: node.text("setl_optins")?,
        days: (node.date("stmt_begndate")?, node.date("stmt_enddate")?),
    };
    if group.days.0 > group.days.1 {
        return Err(node.wrong("stmt_enddate").into());
    }
    let theirs = uploaded(context, &node.text("file_qury_no")?)?;
    let total = Fen::sum(theirs.values().map(|row| row.amounts[0]));
    let counted = node.text("fixmedins_setl_cnt")?;
    if total != Some(node.fen("medfee_sumamt")?) || counted != theirs.len().to_string() {
        return Err(Refusal::business("对账合计与对账文件不一致").into());
    }
    let lines = differences(context, &group, theirs)?;
    let serial = context.new_id()?;
    let content = packed(&lines, context.trick).map_err(|_| Refusal::front("文件过大"))?;
    let name = format!("{serial}.zip");
    let ticket = keep(context, &format!("M00/00/02/{serial}"), &name, &content)?;
    Ok(Some(Object::new().with("fileinfo", ticket.unwrap_or_default())))
}

/// The rows of a file the hospital stored, by settlement.
fn uploaded(context: &Context<'_>, number: &str) -> Result<BTreeMap<String, Theirs>, Fail> {
    let expires = store::file_expires(context.db, number, &context.request.institution)?
        .filter(|expires| *expires > context.now.as_second());
    if expires.is_none() {
        return Err(Refusal::front(format!("文件[{number}]不存在")).into());
    }
    let file = store::file_content(context.db, number)?;
    let text = zip::unpack(&file).ok_or_else(|| Refusal::front("对账文件不是ZIP格式"))?;
    let text = String::from_utf8(text).map_err(|_| Refusal::front("对账文件不是UTF-8编码"))?;
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [id, visit, person, total, funds, account, flag, ..] = cells.as_slice() else {
            return Err(Refusal::front("对账文件列数不足").into());
        };
        let yuan = |text: &str| Fen::from_yuan(text).map_err(|_| Refusal::front("对账文件金额格式不正确"));
        let row = Theirs {
            visit: String::from(*visit),
            person: String::from(*person),
            amounts: [yuan(total)?, yuan(funds)?, yuan(account)?],
            flag: String::from(*flag),
        };
        rows.insert(String::from(*id), row);
    }
    Ok(rows)
}

fn differences(
    context: &Context<'_>,
    group: &Group,
    mut theirs: BTreeMap<String, Theirs>,
) -> Result<Vec<String>, Fail> {
    let mut lines = Vec::new();
    for row in store::settlements(context.db, None)? {
        if !is_in(context, group, &row)? {
            continue;
        }
        let ours = amounts(context, &row);
        let verdict = match theirs.remove(&row.id) {
            None => "1",
            Some(theirs) if theirs.amounts != ours => "3",
            Some(_) => continue,
        };
        let undone = row.refunded || row.refund_of.is_some();
        let who = [
            row.person.as_str(),
            row.visit.as_str(),
            row.id.as_str(),
            row.msgid.as_str(),
        ];
        lines.push(line(context, who, verdict, if undone { "1" } else { "0" }, ours));
    }
    for (id, row) in theirs {
        let who = [row.person.as_str(), row.visit.as_str(), id.as_str(), "null"];
        lines.push(line(context, who, "2", &row.flag, row.amounts));
    }
    Ok(lines)
}

fn is_in(context: &Context<'_>, group: &Group, row: &Settlement) -> Result<bool, Fail> {
    let visit = store::visit_by_id(context.db, &row.visit)?;
    let Some(visit) = visit.filter(|visit| visit.institution == context.request.institution) else {
        return Ok(false);
    };
    let day = row.at.get(..10).and_then(|day| day.parse::<Date>().ok());
    Ok(group.kind == clearing_kind(&row.facts.kind)
        && group.office == visit.area
        && day.is_some_and(|day| group.days.0 <= day && day <= group.days.1))
}

fn amounts(context: &Context<'_>, row: &Settlement) -> [Fen; 3] {
    let split = &row.split;
    let funds = if context.options.fund_includes_account {
        split.funds.checked_add(split.account).unwrap_or(split.funds)
    } else {
        split.funds
    };
    [split.total, funds, split.account]
}

/// Person, visit, settlement, message; verdict and mark of refund in the order the province has them; memo; amounts where it
/// tells them.
fn line(
    context: &Context<'_>,
    [person, visit, id, mut message]: [&str; 4],
    verdict: &str,
    flag: &str,
    amounts: [Fen; 3],
) -> String {
    if context.trick == Some(Trick::OtherMessage) {
        message = "H31010100001202001010000009999";
    }
    let verdict = match context.options.statement_codes {
        crate::StatementCodes::Short => String::from(verdict),
        crate::StatementCodes::Long => format!("00010{verdict}"),
    };
    let swapped = context.options.statement_refund_first ^ (context.trick == Some(Trick::OtherOrder));
    let (fifth, sixth) = if swapped {
        (flag, verdict.as_str())
    } else {
        (verdict.as_str(), flag)
    };
    let mut line = [person, visit, id, message, fifth, sixth, "null"].join("\t");
    if context.options.statement_amounts {
        for amount in amounts {
            line.push('\t');
            line.push_str(&amount.to_string());
        }
    }
    line
}

fn packed(lines: &[String], trick: Option<Trick>) -> std::io::Result<Vec<u8>> {
    let mut text = lines.join("\n");
    if !lines.is_empty() {
        text.push('\n');
    }
    let mut file = match trick {
        Some(Trick::NotZip) => return Ok(b"this is no zip".to_vec()),
        Some(Trick::NotText) => return zip::pack("result.txt", b"X1\t\xff\xfe\n"),
        Some(Trick::ShortRows) => return zip::pack("result.txt", b"X1\tX2\tX3\n"),
        _ => zip::pack("result.txt", text.as_bytes())?,
    };
    if trick == Some(Trick::Cut) {
        file.truncate(file.len() / 2);
    }
    Ok(file)
}
