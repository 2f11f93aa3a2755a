//! 1201 and 1901: institutions and code tables.

use crate::json::Object;
use crate::refusal::Refusal;
use crate::transactions::person::flag;
use crate::transactions::{Context, Done};

pub(super) fn institutions(context: &Context<'_>) -> Done {
    let input = &context.request.input;
    let node = input.node("medinsinfo").or_else(|_| input.node("medinsInfo"))?;
    let kind = node.text("fixmedins_type")?;
    let name = node.optional("fixmedins_name")?;
    let code = node.optional("fixmedins_code")?;
    if name.is_none() && code.is_none() {
        return Err(Refusal::business("医药机构名称和编号不能同时为空").into());
    }
    let rows = context.data.institutions.iter().filter(|known| {
        known.kind == kind
            && name
                .as_ref()
                .is_none_or(|part| known.name.contains(part.as_str()))
            && code.as_ref().is_none_or(|code| known.code == *code)
    });
    let rows: Vec<Object> = rows
        .map(|known| {
            Object::new()
                .with("fixmedins_code", known.code.as_str())
                .with("fixmedins_name", known.name.as_str())
                .with("uscc", known.credit.as_str())
                .with("fixmedins_type", known.kind.as_str())
                .with("hosp_lv", known.level.clone())
        })
        .collect();
    Ok(Some(Object::new().with("medinsinfo", rows)))
}

pub(super) fn dictionary(context: &Context<'_>) -> Done {
    let node = context.data_node(&["type", "admdvs", "date", "valiFlag"])?;
    let (table, parent) = (node.text("type")?, node.optional("parentValue")?);
    node.area("admdvs")?;
    let day = node.date("date")?;
    let wanted = node.text("valiFlag")? == "1";
    let known = context.data.tables.iter().find(|known| known.name == table);
    let known = known.ok_or_else(|| Refusal::business(format!("字典类型[{table}]不存在")))?;
    let valid = |until: Option<jiff::civil::Date>| until.is_none_or(|until| day <= until);
    let entries = known.entry.iter().filter(|entry| {
        valid(entry.until) == wanted
            && parent
                .as_ref()
                .is_none_or(|parent| entry.parent.as_ref() == Some(parent))
    });
    let rows: Vec<Object> = entries
        .zip(1_i64..)
        .map(|(entry, sort)| {
            Object::new()
                .with("type", table.as_str())
                .with("label", entry.name.as_str())
                .with("value", entry.code.as_str())
                .with("parentValue", entry.parent.clone())
                .with("sort", sort.to_string())
                .with("valiFlag", flag(valid(entry.until)))
                .with("version", "1")
        })
        .collect();
    Ok(Some(Object::new().with("list", rows)))
}
