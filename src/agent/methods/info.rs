//! `agent.info` and `agent.health`.

use zhijie_desk::RpcError;
use zhijie_desk::api::{
    AgentHealthResult, AgentInfoResult, DevicesView, EmptyParams, HealthState, INTERFACE_VERSION, LedgerInfo,
    Notice, PlatformView, RouteKind, RouteStanding, RouteView,
};
use zhijie_devicelink::{DevicesState, HelperState};
use zhijie_ledger::FREE_SPACE_MIN;
use zhijie_model::rfc3339_beijing;
use zhijie_ports::ScannerState;

use super::{Services, core_gone};
use crate::core::Figures;
use crate::faults;
use crate::routes::{Closed, Refused, Route, RouteState, Standing};

impl Services {
    pub(super) async fn info(&self, _asked: EmptyParams) -> Result<AgentInfoResult, RpcError> {
        let figures = self.core.figures().await.map_err(core_gone)?;
        Ok(AgentInfoResult {
            product: String::from("zhijie"),
            version: String::from(env!("CARGO_PKG_VERSION")),
            interface: String::from(INTERFACE_VERSION),
            ledger: LedgerInfo {
                schema: u32::try_from(zhijie_ledger::VERSION).unwrap_or_default(),
                head_seq: figures.head_seq,
            },
            sqlite: String::from(zhijie_ledger::sqlite_version()),
            profile: self.platform.profile().name.clone(),
            institution: String::from(self.config.institution.code.as_str()),
            desk_slot: format!("{:02}", self.config.desk.slot),
            started_at: rfc3339_beijing(self.started_at),
        })
    }

    pub(super) async fn health(&self, _asked: EmptyParams) -> Result<AgentHealthResult, RpcError> {
        let figures = self.core.figures().await.map_err(core_gone)?;
        let devices = self.devices.state();
        let now = self.clock.now();
        let signed_in = self.platform.anybody_signed_in(now);
        let mut reasons = Vec::new();
        note_ledger(&figures, &mut reasons);
        let full = is_full(self.free_space().await);
        if full && !figures.ledger_down {
            reasons.push(notice(
                "AGENT-003",
                "磁盘空间不足，已停止结算，请联系信息科清理磁盘",
                "too little free space for the ledger; nothing is sent until there is more",
            ));
        }
        note_devices(&devices, &mut reasons);
        if let Some((since, code)) = self.platform.last_trouble() {
            reasons.push(of_platform(code, since));
        }
        if let Some(words) = faults::clock_words(self.platform.clock_offset_s()) {
            let entry = &faults::GATE_010;
            reasons.push(notice(entry.code, entry.cashier, &words));
        }
        let routes = self.platform.routes().states(now);
        reasons.extend(routes.iter().filter_map(of_route));
        if let Some(refused) = self.platform.routes().calendar_refused(now) {
            reasons.push(of_calendar(&refused));
        }
        let state = if figures.ledger_down || full {
            HealthState::Down
        } else if reasons.is_empty() {
            HealthState::Ok
        } else {
            HealthState::Degraded
        };
        let age = |since: jiff::Timestamp| {
            let seconds = now.as_second().saturating_sub(since.as_second());
            u64::try_from(seconds).unwrap_or_default()
        };
        Ok(AgentHealthResult {
            state,
            reasons,
            open_doubts: figures.open_doubts,
            oldest_doubt_age_s: figures.oldest_doubt.map(age),
            queued: figures.queued,
            oldest_queued_age_s: figures.oldest_queued.map(age),
            devices: view(&devices),
            platform: PlatformView {
                signed_in,
                last_ok_at: self.platform.last_ok().map(rfc3339_beijing),
                clock_offset_s: self.platform.clock_offset_s(),
            },
            routes: routes.iter().map(route_view).collect(),
        })
    }
}

impl Services {
    /// Free bytes where the ledger lies; nothing when the system does not tell.
    async fn free_space(&self) -> Option<u64> {
        let folder = self.config.ledger.path.parent()?.to_path_buf();
        let asked = tokio::task::spawn_blocking(move || zhijie_ledger::free_space(&folder));
        asked.await.ok()?.ok()?
    }
}

fn of_platform(code: &str, since: jiff::Timestamp) -> Notice {
    let (zh, en) = match code {
        "GATE-001" => ("连不上医保平台", "the platform could not be reached"),
        "GATE-002" => ("与医保平台的安全连接失败", "the TLS handshake failed"),
        "GATE-007" => ("医保平台入口没有放行", "the gateway turned a call away"),
        "GATE-009" => (
            "没有取得平台入口的令牌",
            "no token was to be had from the gateway",
        ),
        "GATE-011" => (
            "医保平台的证书不可信",
            "the platform's certificate is not trusted",
        ),
        "GATE-012" => ("医保平台不接受本机的证书", "the platform refuses our certificate"),
        _ => ("医保平台没有有效应答", "the platform gave no valid answer"),
    };
    let since = rfc3339_beijing(since);
    notice(code, &format!("{zh}（{since}）"), &format!("{en}, at {since}"))
}

fn of_route(state: &RouteState) -> Option<Notice> {
    let closed = state.closed.as_ref()?;
    let words = closed.words();
    Some(notice(faults::entry_of_closed(closed).code, &words.zh, &words.en))
}

fn of_calendar(refused: &Refused) -> Notice {
    let zh = "停机公告文件没有被接受，仍按之前的公告办理，请联系信息科";
    notice(
        faults::AGENT_011.code,
        zh,
        &format!("the outage calendar is refused: {refused}"),
    )
}

fn route_view(state: &RouteState) -> RouteView {
    let (route, area) = match state.route {
        Route::Gateway => (RouteKind::Gateway, None),
        Route::Province => (RouteKind::Province, None),
        Route::Region(area) => (RouteKind::Region, Some(area.to_string())),
    };
    let closed = state.closed.as_ref();
    let words = closed.map(Closed::words);
    RouteView {
        route,
        area,
        state: match state.standing {
            Standing::Up => RouteStanding::Up,
            Standing::Down => RouteStanding::Down,
            Standing::Testing => RouteStanding::Testing,
            Standing::Announced => RouteStanding::Announced,
        },
        since: closed.map(|closed| rfc3339_beijing(closed.since)),
        until: closed.and_then(|closed| closed.until).map(rfc3339_beijing),
        why_zh: words.as_ref().map(|words| words.zh.clone()),
        why_en: words.map(|words| words.en),
    }
}

/// Below this the ledger takes no intent.
fn is_full(free: Option<u64>) -> bool {
    free.is_some_and(|free| free < FREE_SPACE_MIN)
}

fn note_ledger(figures: &Figures, reasons: &mut Vec<Notice>) {
    if figures.ledger_down {
        reasons.push(notice(
            "AGENT-003",
            "本机账本无法写入，已停止结算",
            "the ledger cannot be written; restart after repair",
        ));
    }
    if figures.open_doubts > 0 {
        reasons.push(notice(
            "OPEN-DOUBT",
            "有结果未知的单据，程序正在查询",
            "bills in doubt; the agent goes on asking",
        ));
    }
    if figures.needs_clerk > 0 {
        reasons.push(notice(
            "NEEDS-CLERK",
            "有单据需要专人处理",
            "bills wait for a person",
        ));
    }
    if figures.handed_back > 0 {
        reasons.push(notice(
            "DEFERRED-WAITS",
            "有待结算单据需要患者到场或专人处理，见 work.list",
            "deferred bills wait for the patient or for a person; see work.list",
        ));
    }
}

fn note_devices(devices: &DevicesState, reasons: &mut Vec<Notice>) {
    if !matches!(devices.helper, HelperState::Up { .. }) {
        reasons.push(notice(
            "AGENT-001",
            "读卡和扫码程序没有运行",
            "the device helper is not running",
        ));
        return;
    }
    if let ScannerState::Lost(cause) = &devices.devices.scanner {
        let fault = faults::of_device(cause, "health");
        reasons.push(notice(&fault.code, &fault.cashier, &cause.to_string()));
    }
}

fn view(devices: &DevicesState) -> DevicesView {
    DevicesView {
        helper: matches!(devices.helper, HelperState::Up { .. }),
        readers: devices
            .devices
            .readers
            .iter()
            .map(|reader| reader.reader.clone())
            .collect(),
        card_present: devices.card_present(),
        scanner: matches!(devices.devices.scanner, ScannerState::Ready),
    }
}

fn notice(code: &str, zh: &str, en: &str) -> Notice {
    Notice {
        code: String::from(code),
        text_zh: String::from(zh),
        text_en: String::from(en),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_is_down_before_the_ledger_refuses_and_not_earlier() {
        assert!(is_full(Some(0)));
        assert!(is_full(Some(FREE_SPACE_MIN - 1)));
        assert!(!is_full(Some(FREE_SPACE_MIN)));
        assert!(!is_full(None));
    }
}
