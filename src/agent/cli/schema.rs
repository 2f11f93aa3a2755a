//! `zhijie schema`.

use super::print;

/// Prints the description of the desk interface that is made from its types.
pub(super) fn schema() -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(&zhijie_desk::api::schema())?)
}
