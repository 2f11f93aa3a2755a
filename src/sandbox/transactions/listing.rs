//! 1301 to 1321, and 9102 which fetches the file: the catalogue handed out as files and in pages.

use zhijie_model::beijing;

use crate::catalogue::Class;
use crate::json::{Json, Object};
use crate::listing::{self, FIRST_DAY, Listed, NO_CEILING, Trick};
use crate::refusal::{Fail, Refusal};
use crate::store;
use crate::transactions::{Context, Done};
use crate::zip;

/// Unpacked size of a bomb.
const BOMB_BYTES: usize = 256 * 1024 * 1024;

/// Rows newer than `ver`, as a file to fetch.
pub(super) fn file(context: &Context<'_>) -> Done {
    let list = context.request.infno.as_str();
    let node = context.request.input.node("data")?;
    let since = listing::version_number(&node.optional("ver")?.unwrap_or_default());
    let mut lines: Vec<String> = listed(context)?
        .into_iter()
        .filter(|listed| listing::list_of(&listed.item) == list && listed.version > since)
        .map(|listed| listing::line(list, &listed, context.options.drug_columns))
        .collect();
    if lines.is_empty() {
        return Ok(Some(
            Object::new().with("data_cnt", Json::Number(String::from("0"))),
        ));
    }
    let count = lines.len();
    let serial = context.new_id()?;
    let name = format!("{serial}.txt");
    let content = content(&name, &mut lines, context.trick).map_err(|_| Refusal::front("文件过大"))?;
    // A storage path, as some platforms answer.
    let number = format!("M00/00/00/{list}-{serial}.zip");
    let expires = context
        .now
        .checked_add(jiff::SignedDuration::try_from(context.options.file_life).unwrap_or_default())
        .unwrap_or(context.now);
    store::add_file(
        context.db,
        &number,
        &context.request.institution,
        expires,
        &content,
    )?;
    Ok(Some(
        Object::new()
            .with("file_qury_no", number)
            .with("filename", format!("{name}.zip"))
            .with(
                "dld_end_time",
                beijing(expires).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            )
            .with("data_cnt", Json::Number(count.to_string())),
    ))
}

fn content(name: &str, lines: &mut Vec<String>, trick: Option<Trick>) -> std::io::Result<Vec<u8>> {
    match trick {
        Some(Trick::Bomb) => return zip::pack(name, &vec![b'0'; BOMB_BYTES]),
        Some(Trick::NotZip) => return Ok(b"this is no zip".to_vec()),
        Some(Trick::NotText) => return zip::pack(name, b"X1\t\xff\xfe\n"),
        Some(Trick::ShortRows) => *lines = vec![String::from("XA02\tname\t1")],
        Some(Trick::RowMissing) => drop(lines.pop()),
        Some(Trick::Path)
        | Some(Trick::TwoTexts)
        | Some(Trick::EndlessPages)
        | Some(Trick::SamePage)
        | Some(Trick::OtherHospital)
        | Some(Trick::Cut)
        | Some(Trick::OtherOrder)
        | Some(Trick::OtherMessage)
        | Some(Trick::Gone)
        | None => {}
    }
    let mut text = lines.join("\n");
    text.push('\n');
    match trick {
        Some(Trick::Path) => zip::pack("../../etc/cron.d/a.txt", text.as_bytes()),
        Some(Trick::TwoTexts) => zip::pack_all(&[(name, text.as_bytes()), ("b.txt", b"x\n")]),
        _ => zip::pack(name, text.as_bytes()),
    }
}

/// 9102: whether the file may be fetched; the answer's body is the file itself.
pub(super) fn fetch(context: &Context<'_>) -> Done {
    let node = context.request.input.node("fsDownloadIn")?;
    node.need(&["file_qury_no", "filename", "fixmedins_code"])?;
    let number = node.text("file_qury_no")?;
    let institution = node.text("fixmedins_code")?;
    let expires = store::file_expires(context.db, &number, &institution)?
        .filter(|_| institution == context.request.institution)
        .ok_or_else(|| Refusal::front(format!("文件[{number}]不存在")))?;
    if expires <= context.now.as_second() || context.trick == Some(Trick::Gone) {
        return Err(Refusal::front(format!("文件[{number}]已超过下载截止时间")).into());
    }
    Ok(Some(Object::new().with("file_qury_no", number)))
}

/// One page.
pub(super) fn page(context: &Context<'_>) -> Done {
    let node = context.data_node(&["updt_time", "page_num", "page_size"])?;
    let count = |name: &str| -> Result<usize, Fail> {
        let number = node
            .text(name)?
            .parse::<usize>()
            .ok()
            .filter(|number| *number > 0);
        Ok(number.ok_or_else(|| node.wrong(name))?)
    };
    let (mut page, size) = (count("page_num")?, count("page_size")?);
    let since = node.text("updt_time")?;
    let rows: Vec<Object> = rows(context)?
        .into_iter()
        .filter(|(updated, _)| *updated >= since)
        .map(|(_, row)| row)
        .collect();
    let total = rows.len();
    let mut pages = total.div_ceil(size).max(1);
    match context.trick {
        Some(Trick::EndlessPages) => pages = page + 1,
        Some(Trick::SamePage) => (page, pages) = (1, 9),
        _ => {}
    }
    let begin = if context.trick == Some(Trick::EndlessPages) {
        0
    } else {
        (page - 1).saturating_mul(size)
    };
    let here: Vec<Object> = rows.into_iter().skip(begin).take(size).collect();
    let number = |count: usize| Json::Number(count.to_string());
    Ok(Some(
        Object::new()
            .with("firstPage", number(1))
            .with("lastPage", number(pages))
            .with("size", number(here.len()))
            .with("startRow", number(begin + 1))
            .with("endRow", number(begin + here.len()))
            .with("pageSize", number(size))
            .with("pageNum", number(page))
            .with("recordCounts", number(total))
            .with("pages", number(pages))
            .with("data", here),
    ))
}

/// The rows of a paged list with the moment each was changed.
fn rows(context: &Context<'_>) -> Result<Vec<(String, Object)>, Fail> {
    let list = context.request.infno.as_str();
    if list == "1317" {
        let mappings = store::mappings(context.db, &context.request.institution)?;
        let whose = if context.trick == Some(Trick::OtherHospital) {
            "H99999999999"
        } else {
            context.request.institution.as_str()
        };
        return Ok(mappings
            .into_iter()
            .map(|mapping| {
                let row = Object::new()
                    .with("fixmedins_code", whose)
                    .with("medins_list_codg", mapping.own.as_str())
                    .with("medins_list_name", mapping.name.as_str())
                    .with("list_type", mapping.kind.as_str())
                    .with("med_list_codg", mapping.national.as_str());
                let id = format!("{}-{}", mapping.own, mapping.national);
                let ends = mapping.ends.clone();
                let row = ended(row, &mapping.begin, ends, mapping.stands, &id, &mapping.updated);
                (mapping.updated, row)
            })
            .collect());
    }
    let all = listed(context)?;
    Ok(all
        .iter()
        .filter_map(|listed| Some((listed.updated.clone(), row(list, listed, context)?)))
        .collect())
}

/// The row of an item in a list that says something of it.
fn row(list: &str, listed: &Listed, context: &Context<'_>) -> Option<Object> {
    let item = &listed.item;
    let row = Object::new();
    let row = match list {
        "1312" if item.class != Class::C => row
            .with("hilist_code", item.code.as_str())
            .with("hilist_name", item.name.as_str())
            .with("med_chrgitm_type", item.kind.as_str())
            .with("chrgitm_lv", item.class.code())
            .with("lmt_used_flag", "0")
            .with("list_type", listing::kind_of(item)),
        "1316" => row
            .with("med_list_codg", item.code.as_str())
            .with("hilist_code", item.code.as_str())
            .with("list_type", listing::kind_of(item)),
        "1318" => row
            .with("hilist_code", item.code.as_str())
            .with("hilist_lmtpric_type", "101")
            .with("overlmt_dspo_way", "1")
            .with(
                "hilist_pric_uplmt_amt",
                Json::Number(
                    item.ceiling
                        .map_or_else(|| String::from(NO_CEILING), |price| price.to_string()),
                ),
            ),
        "1319" if item.class != Class::C => row
            .with("hilist_code", item.code.as_str())
            .with("selfpay_prop_psn_type", "0")
            .with("selfpay_prop_type", "1")
            .with("selfpay_prop", Json::Number(item.first_own_text())),
        _ => return None,
    };
    let row = row.with("insu_admdvs", context.options.area.to_string());
    let id = format!("{list}{}", item.code);
    Some(ended(row, FIRST_DAY, None, listed.stands, &id, &listed.updated))
}

fn ended(row: Object, begin: &str, end: Option<String>, stands: bool, id: &str, updated: &str) -> Object {
    row.with("begndate", begin)
        .with("enddate", end)
        .with("vali_flag", if stands { "1" } else { "0" })
        .with("rid", id)
        .with("updt_time", updated)
        .with("memo", Json::Null)
}

/// Every item as the newest version tells it.
fn listed(context: &Context<'_>) -> Result<Vec<Listed>, Fail> {
    let changes = store::changes(context.db)?;
    let built_in = context.data.catalogue.values().cloned();
    let all = built_in.chain(listing::filler(context.options.filler_drugs));
    Ok(all
        .map(|item| {
            let change = changes.iter().rev().find(|(_, code, ..)| *code == item.code);
            let (version, stands, updated) = change.map_or_else(
                || (1, true, format!("{FIRST_DAY} 00:00:00")),
                |(version, _, stands, at)| (*version, *stands, at.clone()),
            );
            Listed {
                item,
                stands,
                version,
                updated,
            }
        })
        .collect())
}
