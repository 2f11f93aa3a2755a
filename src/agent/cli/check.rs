//! `zhijie check`.

use std::path::Path;

use anyhow::bail;

use super::{preflight, print, profile_words, trouble};
use crate::config::load;

pub(super) fn check(path: &Path) -> anyhow::Result<()> {
    let loaded = load(path).map_err(trouble::of_config)?;
    let config = &loaded.config;
    let problems = preflight::problems(&loaded);
    if !problems.is_empty() {
        bail!(
            "配置 {0} 有 {1} 处问题：\n  {0} has {1} problem(s):\n{2}",
            path.display(),
            problems.len(),
            problems.join("\n")
        );
    }
    let signed = if config.platform.header.is_some() {
        "signed headers"
    } else {
        "no header signature"
    };
    print(&format!(
        "配置可用 configuration is good: {}\n\
         institution  {} {} ({})\n\
         desk         slot {:02}, operator {}\n\
         platform     {} with profile {} ({signed})\n\
         ledger       {}\n\
         socket       {}\n\
         outages      {}\n\n{}",
        path.display(),
        config.institution.code,
        config.institution.name,
        config.institution.area,
        config.desk.slot,
        config.desk.operator_code,
        config.platform.url,
        loaded.profile.name,
        config.ledger.path.display(),
        config.desk.socket.display(),
        super::outages::in_one_line(config),
        profile_words::explain(&loaded.profile, config),
    ))
}
