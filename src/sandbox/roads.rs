//! The roads to the insured regions: upgrades, delays, outages, and what a region says differently after an upgrade.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use zhijie_model::Area;

use crate::filing::reaches;
use crate::refusal::Refusal;

/// How the road to one insured region is. Only calls that need the region notice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Road {
    /// While it lasts everything is refused, and nothing done.
    pub upgrade: Option<Upgrade>,
    /// Milliseconds every call takes longer.
    pub delay_ms: u64,
    pub down: Option<Down>,
    /// Whether the region spells its answers the new way, whatever the upgrade says.
    pub new_values: bool,
}

/// An upgrade of a region's system. Beijing wall clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Upgrade {
    /// Inclusive; left out, it has begun.
    pub from: Option<DateTime>,
    /// Exclusive; left out, it lasts until it is taken away.
    pub until: Option<DateTime>,
    /// Whether the region spells its answers the new way once it is over.
    pub new_values: bool,
}

/// A region that does not answer, while the platform and all other regions do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// Nothing done; the national hub says that it cannot reach the region.
    Unreachable,
    /// Nothing done; the national hub says that the region gave no answer.
    Silent,
    /// Done; the national hub says that the region gave no answer.
    AnswersLost,
}

/// All roads that are not as usual.
#[derive(Debug, Default)]
pub(crate) struct Roads(Mutex<BTreeMap<Area, Road>>);

impl Upgrade {
    fn is_on(&self, now: DateTime) -> bool {
        self.from.is_none_or(|from| from <= now) && !self.is_over(now)
    }

    fn is_over(&self, now: DateTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl Road {
    /// The refusal of everything that needs the region, where there is one.
    pub(crate) fn refusal(&self, region: &str, now: DateTime) -> Option<Refusal> {
        if let Some(upgrade) = self.upgrade.as_ref().filter(|upgrade| upgrade.is_on(now)) {
            let back = upgrade.until.map_or_else(
                || String::from("恢复时间另行通知"),
                |until| format!("预计{}恢复", until.strftime("%Y-%m-%d %H:%M:%S")),
            );
            let text = format!("参保地系统升级中,暂停办理异地就医业务,{back}");
            return Some(Refusal::insured_region(region, text));
        }
        match self.down? {
            Down::Unreachable => Some(Refusal::hub(format!("参保地[{region}]网络连接异常,请稍后再试"))),
            Down::Silent => Some(unanswered(region)),
            Down::AnswersLost => None,
        }
    }

    /// The text that takes the place of an answer that was lost on the way back.
    pub(crate) fn lost_answer(&self, region: &str) -> Option<Refusal> {
        (self.down == Some(Down::AnswersLost)).then(|| unanswered(region))
    }

    pub(crate) fn speaks_new(&self, now: DateTime) -> bool {
        let upgraded = |upgrade: &Upgrade| upgrade.new_values && upgrade.is_over(now);
        self.new_values || self.upgrade.as_ref().is_some_and(upgraded)
    }

    pub(crate) const fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }
}

fn unanswered(region: &str) -> Refusal {
    Refusal::hub(format!("等待参保地[{region}]应答超时"))
}

impl Roads {
    pub(crate) fn new(roads: BTreeMap<Area, Road>) -> Self {
        Self(Mutex::new(roads))
    }

    /// The road to the region an area belongs to; a road of a whole province holds for its cities too.
    pub(crate) fn to(&self, area: Area) -> Road {
        let found = |roads: &mut BTreeMap<Area, Road>| {
            let exact = roads.iter().find(|(key, _)| key.city() == area.city());
            let wide = || roads.iter().find(|(key, _)| reaches(**key, area));
            exact.or_else(wide).map(|(_, road)| road.clone())
        };
        self.with(found).unwrap_or_default()
    }

    pub(crate) fn set(&self, area: Area, road: Road) {
        self.with(|roads| roads.insert(area, road));
    }

    /// Back to usual, old spelling included.
    pub(crate) fn clear(&self, area: Area) {
        self.with(|roads| roads.remove(&area));
    }

    pub(crate) fn list(&self) -> BTreeMap<Area, Road> {
        self.with(|roads| roads.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<Area, Road>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn an_upgrade_begins_ends_and_leaves_new_values() {
        let road: Road = serde_json::from_str(
            r#"{"upgrade":{"from":"2026-11-22 00:00:00","until":"2026-11-22 06:00:00","new_values":true}}"#,
        )
        .unwrap();
        for (now, refused, new) in [
            ("2026-11-21 23:59:59", false, false),
            ("2026-11-22 00:00:00", true, false),
            ("2026-11-22 05:59:59", true, false),
            ("2026-11-22 06:00:00", false, true),
        ] {
            let refusal = road.refusal("阜阳市", clock(now));
            assert_eq!(
                (refusal.is_some(), road.speaks_new(clock(now))),
                (refused, new),
                "{now}"
            );
        }
        let open: Road = serde_json::from_str(r#"{"upgrade":{}}"#).unwrap();
        assert!(open.refusal("阜阳市", clock("2099-01-01 00:00:00")).is_some());
        assert!(serde_json::from_str::<Road>(r#"{"upgrades":{}}"#).is_err());
    }

    #[test]
    fn a_road_is_found_by_city_before_province() {
        let area = |text| Area::new(text).unwrap();
        let slow = |delay_ms| Road {
            delay_ms,
            ..Road::default()
        };
        let roads = Roads::new(BTreeMap::from([
            (area("340000"), slow(1)),
            (area("341200"), slow(2)),
            (area("310000"), slow(3)),
        ]));
        let found = ["341225", "340100", "310115", "330400"].map(|text| roads.to(area(text)).delay_ms);
        assert_eq!(found, [2, 1, 3, 0]);
    }

    #[test]
    fn only_an_answer_lost_lets_the_call_through() {
        let now = clock("2026-11-22 00:00:00");
        for (down, through) in [
            (Down::Unreachable, false),
            (Down::Silent, false),
            (Down::AnswersLost, true),
        ] {
            let road = Road {
                down: Some(down),
                ..Road::default()
            };
            assert_eq!(road.refusal("阜阳市", now).is_none(), through);
            assert_eq!(road.lost_answer("阜阳市").is_some(), through);
        }
    }
}
