//! `zhijie-sandbox region`: upgrades, delays and outages of one insured region.

use clap::Args;
use jiff::civil::DateTime;
use serde_json::Value;
use zhijie_model::Area;

use crate::admin_client::AdminClient;
use crate::cli_filing::{area, civil};
use crate::roads::{Down, Road, Upgrade};

#[derive(Debug, Args)]
pub(crate) struct RegionArgs {
    /// Admin address of the running sandbox, as in its ready file
    #[arg(long, value_name = "URL", env = "ZHIJIE_SANDBOX_ADMIN")]
    admin: String,
    /// Which region; without it, print all roads that are not as usual
    #[arg(long, value_name = "CODE", value_parser = area)]
    area: Option<Area>,
    /// Refuse everything that needs the region, until the next `region` command unless --until says otherwise
    #[arg(long)]
    upgrade: bool,
    /// Begin of the upgrade, Beijing time, e.g. 2026-11-22T22:00:00; now if left out
    #[arg(long, value_name = "TIME", requires = "upgrade", value_parser = civil::<DateTime>)]
    from: Option<DateTime>,
    /// End of the upgrade, Beijing time
    #[arg(long, value_name = "TIME", requires = "upgrade", value_parser = civil::<DateTime>)]
    until: Option<DateTime>,
    /// Spell answers the new way: once the upgrade is over, or from now on without one
    #[arg(long)]
    new_values: bool,
    /// Milliseconds every call takes longer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    delay: u64,
    /// Let the region not answer
    #[arg(long, value_enum)]
    down: Option<Down>,
}

impl RegionArgs {
    /// Sets the whole road; without switches it is as usual again. Returns what is to be printed.
    pub(crate) async fn run(self) -> anyhow::Result<Value> {
        let client = AdminClient::new(&self.admin)?;
        let Some(area) = self.area else {
            return client.send("GET", "/regions", None).await;
        };
        let path = format!("/regions/{area}");
        let road = self.road();
        if road == Road::default() {
            return client.send("DELETE", &path, None).await;
        }
        client
            .send("PUT", &path, Some(&serde_json::to_value(&road)?))
            .await
    }

    fn road(&self) -> Road {
        Road {
            upgrade: self.upgrade.then_some(Upgrade {
                from: self.from,
                until: self.until,
                new_values: self.new_values,
            }),
            delay_ms: self.delay,
            down: self.down,
            new_values: self.new_values && !self.upgrade,
        }
    }
}
