//! 9101: a file of the hospital's is kept until it expires.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zhijie_model::beijing;

use crate::json::Object;
use crate::refusal::Refusal;
use crate::store;
use crate::transactions::{Context, Done};

/// Largest file that is taken.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// Takes a file, its bytes as a JSON array of numbers or as Base64 text.
pub(super) fn upload(context: &Context<'_>) -> Done {
    let node = context.request.input.node("fsUploadIn")?;
    node.need(&["in", "filename", "fixmedins_code"])?;
    if node.text("fixmedins_code")? != context.request.institution {
        return Err(Refusal::business("医药机构编号不一致").into());
    }
    let content = match node.bytes("in")? {
        Some(bytes) => bytes,
        None => STANDARD.decode(node.text("in")?).map_err(|_| node.wrong("in"))?,
    };
    if content.is_empty() || content.len() > BYTES_MAX {
        return Err(Refusal::front("文件为空或过大").into());
    }
    let serial = context.new_id()?;
    let name = node.text("filename")?;
    keep(context, &format!("M00/00/01/{serial}"), &name, &content)
}

/// Keeps a file for this institution, and tells how it is fetched: the members stand directly under the output.
pub(super) fn keep(context: &Context<'_>, number: &str, name: &str, content: &[u8]) -> Done {
    let life = jiff::SignedDuration::try_from(context.options.file_life).unwrap_or_default();
    let expires = context.now.checked_add(life).unwrap_or(context.now);
    store::add_file(context.db, number, &context.request.institution, expires, content)?;
    let until = beijing(expires).strftime("%Y-%m-%d %H:%M:%S").to_string();
    Ok(Some(
        Object::new()
            .with("file_qury_no", number)
            .with("filename", name)
            .with("fixmedins_code", context.request.institution.as_str())
            .with("dld_endtime", until),
    ))
}
