//! Lists of the catalogue that come in pages: 1304, 1312, 1316 to 1319 (interface reference, 3.17).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zhijie_model::{CatalogueList, CataloguePage, CatalogueRow, InstitutionCode, Ratio, UnitPrice};

use crate::context::Context;
use crate::envelope::Output;
use crate::message::wall_clock;
use crate::profile::Profile;
use crate::rows::Rows;
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

/// How an item without a ceiling price is written: eight nines before the point.
const NO_CEILING: &str = "99999999";
/// From when changes are asked for where everything is wanted.
const BEGINNING: &str = "1970-01-01 00:00:00";

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    query_date: String, // 查询时间点
    #[serde(skip_serializing_if = "Option::is_none")]
    insu_admdvs: Option<String>, // 参保机构医保区划
    #[serde(skip_serializing_if = "Option::is_none")]
    fixmedins_code: Option<&'a str>, // 定点医药机构编号
    updt_time: String,  // 更新时间
    page_num: u32,      // 当前页数
    page_size: u32,     // 本页数据量
}

/// The treatment place's own catalogue; mappings are this institution's.
pub(crate) fn input<'a>(
    context: &Context<'a>,
    list: CatalogueList,
    changed_since: Option<Timestamp>,
    page: u32,
) -> Input<'a> {
    let head = context.head;
    let mapping = list == CatalogueList::Mappings;
    let ethnic = list == CatalogueList::EthnicDrugs;
    Input {
        data: Data {
            query_date: wall_clock(head.at).chars().take(10).collect(),
            insu_admdvs: (!ethnic).then(|| head.care_area.to_string()),
            fixmedins_code: mapping.then(|| head.institution.as_str()),
            updt_time: changed_since.map_or_else(|| String::from(BEGINNING), wall_clock),
            page_num: page,
            page_size: context.profile.catalogue.page_rows,
        },
    }
}

const NODE: &str = "data";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound = "")]
struct Nodes {
    data: Rows<Box<RawValue>>,
    page_num: Text,
    pages: Text,
    record_counts: Text,
    last_page: Text,
}

/// The members of all lists; a row has those of its own.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    fixmedins_code: Text,        // 定点医药机构编号, 1317
    med_list_codg: Text,         // 医疗目录编码
    hilist_code: Text,           // 医保目录编码
    hilist_name: Text,           // 医保目录名称
    medins_list_codg: Text,      // 医药机构目录编码
    medins_list_name: Text,      // 医药机构目录名称
    drug_genname: Text,          // 药品通用名
    drug_prodname: Text,         // 药品商品名
    chrgitm_lv: Text,            // 收费项目等级
    list_type: Text,             // 目录类别
    pinyin: Text,                // 拼音助记码
    spec: Text,                  // 规格
    prcunt: Text,                // 计价单位
    hilist_lmtpric_type: Text,   // 医保目录限价类型
    hilist_pric_uplmt_amt: Text, // 医保目录定价上限金额
    selfpay_prop_psn_type: Text, // 自付比例人员类别
    selfpay_prop_type: Text,     // 自付比例类别
    selfpay_prop: Text,          // 自付比例
    begndate: Text,              // 开始日期
    enddate: Text,               // 结束日期
    vali_flag: Text,             // 有效标志
    rid: Text,                   // 唯一记录号
    updt_time: Text,             // 更新时间
}

/// Reads one page. The number the answer gives is believed, so that a server that repeats a page is seen.
pub(crate) fn read(
    output: &Output,
    list: CatalogueList,
    asked: u32,
    profile: &Profile,
) -> Result<CataloguePage, Unreadable> {
    let nodes: Nodes = output.read_or_empty(NODE)?;
    let number = |text: &Text, field| -> Result<Option<u64>, Unreadable> {
        Ok(text
            .get(at("output", field))?
            .and_then(|count| count.parse().ok()))
    };
    let rows = nodes.data.0.iter();
    let rows = rows
        .map(|raw| row(raw.get(), list, profile))
        .collect::<Result<Vec<_>, _>>()?;
    let this = number(&nodes.page_num, "pageNum")?;
    let this = this.and_then(|page| u32::try_from(page).ok()).unwrap_or(asked);
    let pages = number(&nodes.pages, "pages")?.and_then(|pages| u32::try_from(pages).ok());
    let said = match nodes.last_page.get(at("output", "lastPage"))? {
        Some("true") => Some(true),
        Some("false") | None => None,
        Some(last) => last
            .parse::<u32>()
            .ok()
            .filter(|last| *last > 0)
            .map(|last| this >= last),
    };
    let size = usize::try_from(profile.catalogue.page_rows).unwrap_or(usize::MAX);
    let last = match pages {
        Some(pages) => this >= pages,
        None => said.unwrap_or(rows.len() < size),
    };
    Ok(CataloguePage {
        last,
        number: this,
        pages,
        rows_in_all: number(&nodes.record_counts, "recordCounts")?,
        rows,
    })
}

/// Refuses a page with rows of another institution: an own code there is not ours.
///
/// # Errors
/// [`Unreadable::OtherPersons`] with the member that names it.
pub fn own_page(page: CataloguePage, institution: &InstitutionCode) -> Result<CataloguePage, Unreadable> {
    let is_ours = |row: &CatalogueRow| {
        row.institution
            .as_deref()
            .is_none_or(|code| code == institution.as_str())
    };
    if page.rows.iter().all(is_ours) {
        Ok(page)
    } else {
        Err(Unreadable::OtherPersons {
            node: NODE,
            field: "fixmedins_code",
        })
    }
}

fn row(raw: &str, list: CatalogueList, profile: &Profile) -> Result<CatalogueRow, Unreadable> {
    let row: Row = serde_json::from_str(raw).map_err(|_| Unreadable::Malformed { node: NODE })?;
    let (code, field) = match list {
        CatalogueList::Covered | CatalogueList::Ceilings | CatalogueList::FirstOwn => {
            (&row.hilist_code, "hilist_code")
        }
        CatalogueList::Mappings => (&row.medins_list_codg, "medins_list_codg"),
        _ => (&row.med_list_codg, "med_list_codg"),
    };
    let points_to = match list {
        CatalogueList::Matches => row.hilist_code.need(at(NODE, "hilist_code")).map(Some)?,
        CatalogueList::Mappings => row.med_list_codg.need(at(NODE, "med_list_codg")).map(Some)?,
        _ => None,
    };
    let text = |member: &Text, field| member.owned(at(NODE, field));
    let name = [
        text(&row.hilist_name, "hilist_name")?,
        text(&row.medins_list_name, "medins_list_name")?,
        text(&row.drug_genname, "drug_genname")?,
        text(&row.drug_prodname, "drug_prodname")?,
    ];
    let valid = match row.vali_flag.need(at(NODE, "vali_flag"))? {
        "1" => true,
        "0" => false,
        _ => return Err(at(NODE, "vali_flag").bad()),
    };
    let class = row.chrgitm_lv.get(at(NODE, "chrgitm_lv"))?;
    Ok(CatalogueRow {
        code: code.need(at(NODE, field))?.to_owned(),
        points_to: points_to.map(str::to_owned),
        kind: kind(&row, list)?,
        institution: text(&row.fixmedins_code, "fixmedins_code")?,
        id: text(&row.rid, "rid")?,
        name: name.into_iter().flatten().next(),
        pinyin: text(&row.pinyin, "pinyin")?,
        spec: text(&row.spec, "spec")?,
        maker: None,
        unit: text(&row.prcunt, "prcunt")?,
        class: class.map(|class| profile.item_class(class)),
        ceiling: ceiling(&row)?,
        first_own: first_own(&row)?,
        from: row.begndate.date(at(NODE, "begndate"))?,
        until: row.enddate.date(at(NODE, "enddate"))?,
        valid,
        version: text(&row.updt_time, "updt_time")?,
    })
}

/// What tells several rows of one code apart.
fn kind(row: &Row, list: CatalogueList) -> Result<Option<String>, Unreadable> {
    match list {
        CatalogueList::Ceilings => row.hilist_lmtpric_type.owned(at(NODE, "hilist_lmtpric_type")),
        CatalogueList::FirstOwn => {
            let person = row
                .selfpay_prop_psn_type
                .owned(at(NODE, "selfpay_prop_psn_type"))?;
            let kind = row.selfpay_prop_type.owned(at(NODE, "selfpay_prop_type"))?;
            Ok(match (person, kind) {
                (Some(person), Some(kind)) => Some(format!("{person}/{kind}")),
                (one, other) => one.or(other),
            })
        }
        _ => row.list_type.owned(at(NODE, "list_type")),
    }
}

fn ceiling(row: &Row) -> Result<Option<UnitPrice>, Unreadable> {
    let place = at(NODE, "hilist_pric_uplmt_amt");
    let Some(text) = row.hilist_pric_uplmt_amt.get(place)? else {
        return Ok(None);
    };
    let price = UnitPrice::parse(text).map_err(|_| place.bad())?;
    let none = UnitPrice::parse(NO_CEILING).map_err(|_| place.bad())?;
    Ok(Some(price).filter(|price| *price < none))
}

fn first_own(row: &Row) -> Result<Option<Ratio>, Unreadable> {
    let place = at(NODE, "selfpay_prop");
    row.selfpay_prop
        .get(place)?
        .map(|text| Ratio::parse(text).map_err(|_| place.bad()))
        .transpose()
}
