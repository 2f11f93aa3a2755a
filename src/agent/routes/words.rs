//! A closed route in words, for cashiers and engineers.

use jiff::Timestamp;
use zhijie_model::rfc3339_beijing;

use super::closed::{Blame, Closed, Route, Why};
use crate::areas::area_name;

/// The same in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

impl Closed {
    /// Which route, since when, and why; no advice.
    #[must_use]
    pub fn words(&self) -> Words {
        let (zh, en) = (route_zh(self.route), route_en(self.route));
        let since = minute(self.since);
        match &self.why {
            Why::Failures { blame } => Words {
                zh: format!("{zh}自{since}起{}", blame_zh(*blame)),
                en: format!("{en} is closed since {since}: {}", blame_en(*blame)),
            },
            Why::Announced { issuer } => {
                let until = self.until.map(minute).unwrap_or_default();
                Words {
                    zh: format!("{zh}按公告停机（{issuer}），{since}至{until}"),
                    en: format!("{en} is closed by announcement of {issuer}, {since} to {until}"),
                }
            }
        }
    }
}

/// `gateway`, `province` or `region:341200`, as the calendar spells it.
#[must_use]
pub fn route_name(route: Route) -> String {
    match route {
        Route::Gateway => String::from("gateway"),
        Route::Province => String::from("province"),
        Route::Region(area) => format!("region:{area}"),
    }
}

fn route_zh(route: Route) -> String {
    match route {
        Route::Gateway => String::from("医保平台的接入线路"),
        Route::Province => String::from("医保平台"),
        Route::Region(area) => format!("参保地{}", area_name(area)),
    }
}

fn route_en(route: Route) -> String {
    match route {
        Route::Gateway => String::from("the gateway"),
        Route::Province => String::from("the province's platform"),
        Route::Region(area) => format!("the insured region {area}"),
    }
}

const fn blame_zh(blame: Blame) -> &'static str {
    match blame {
        Blame::Unreachable => "连不上",
        Blame::Handshake => "安全连接失败",
        Blame::Silent => "没有应答",
        Blame::Unreadable => "应答无法识别",
        Blame::Said => "不可用（平台原话）",
    }
}

const fn blame_en(blame: Blame) -> &'static str {
    match blame {
        Blame::Unreachable => "no connection",
        Blame::Handshake => "the TLS handshake fails",
        Blame::Silent => "no answer",
        Blame::Unreadable => "answers are not valid",
        Blame::Said => "the platform says that it cannot be reached",
    }
}

/// Month, day, hour and minute in Beijing.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    let text = rfc3339_beijing(at);
    text.get(5..16).unwrap_or_default().replace('T', " ")
}
