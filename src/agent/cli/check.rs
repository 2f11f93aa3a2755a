//! `zhijie check`.

use std::path::Path;

use super::print;
use crate::config::load;

pub(super) fn check(path: &Path) -> anyhow::Result<()> {
    let loaded = load(path)?;
    let config = &loaded.config;
    if let Some(header) = &config.platform.header {
        header.paasid.fetch("platform.header.paasid")?;
        header.secret.fetch("platform.header.secret")?;
    }
    for (key, file) in [
        ("platform.ca", &config.platform.ca),
        ("platform.client_certificate", &config.platform.client_certificate),
        ("platform.client_key", &config.platform.client_key),
    ] {
        std::fs::File::open(file).map_err(|error| {
            anyhow::anyhow!(
                "{}: {key}: cannot read {}: {error}",
                path.display(),
                file.display()
            )
        })?;
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
         socket       {}",
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
    ))
}
