//! `zhijie status`.

use std::path::Path;
use std::process::ExitCode;

use zhijie_desk::api::{
    AgentHealthResult, AgentInfoResult, HealthState, RouteKind, RouteStanding, RouteView,
};

use super::print;
use super::through::with_agent;

/// Fails when the agent cannot settle.
pub(super) fn status(socket: &Path) -> anyhow::Result<ExitCode> {
    let (info, health) = with_agent(socket, async |client| {
        let info = client.call("agent.info", &serde_json::json!({})).await?;
        let health = client.call("agent.health", &serde_json::json!({})).await?;
        anyhow::Ok((info, health))
    })?;
    let info: AgentInfoResult = serde_json::from_str(info.get())?;
    let health: AgentHealthResult = serde_json::from_str(health.get())?;
    print(&text(&info, &health))?;
    Ok(match health.state {
        HealthState::Down => ExitCode::FAILURE,
        HealthState::Ok | HealthState::Degraded => ExitCode::SUCCESS,
    })
}

fn text(info: &AgentInfoResult, health: &AgentHealthResult) -> String {
    let state = match health.state {
        HealthState::Ok => "正常 ok",
        HealthState::Degraded => "部分可用 degraded",
        HealthState::Down => "不可用 down",
    };
    let oldest = |age: Option<u64>| {
        age.map(|age| format!("，最早 oldest {age} s"))
            .unwrap_or_default()
    };
    let readers = if health.devices.readers.is_empty() {
        String::from("无 none")
    } else {
        health.devices.readers.join(", ")
    };
    let mut lines = vec![
        format!("直结 zhijie {}    {state}", info.version),
        format!(
            "机构 institution  {}    窗口 desk {}    省份 profile {}",
            info.institution, info.desk_slot, info.profile
        ),
        format!(
            "账本 ledger       {} 条 records, SQLite {}",
            info.ledger.head_seq, info.sqlite
        ),
        format!(
            "未知 in doubt     {}{}",
            health.open_doubts,
            oldest(health.oldest_doubt_age_s)
        ),
        format!(
            "待结算 deferred   {}{}",
            health.queued,
            oldest(health.oldest_queued_age_s)
        ),
        format!("读卡器 readers    {readers}"),
        format!(
            "扫码枪 scanner    {}",
            if health.devices.scanner {
                "已连接 ready"
            } else {
                "无 none"
            }
        ),
        format!(
            "签到 signed in    {}",
            if health.platform.signed_in {
                "是 yes"
            } else {
                "否 no"
            }
        ),
    ];
    if let Some(offset) = health.platform.clock_offset_s {
        lines.push(format!("时差 clock        {offset} s"));
    }
    lines.extend(
        health
            .routes
            .iter()
            .filter(|route| route.state != RouteStanding::Up)
            .map(route_line),
    );
    lines.extend(
        health
            .reasons
            .iter()
            .map(|reason| format!("! {}  {}  {}", reason.code, reason.text_zh, reason.text_en)),
    );
    lines.join("\n")
}

fn route_line(route: &RouteView) -> String {
    let kind = match route.route {
        RouteKind::Gateway => "接入 gateway",
        RouteKind::Province => "平台 province",
        RouteKind::Region => "参保地 region",
    };
    let state = match route.state {
        RouteStanding::Up => "通 up",
        RouteStanding::Down => "停 down",
        RouteStanding::Testing => "试探 testing",
        RouteStanding::Announced => "公告停机 announced",
    };
    let area = route.area.as_deref().unwrap_or_default();
    let since = route.since.as_deref().unwrap_or_default();
    format!("线路 route        {kind} {area}    {state}    {since}")
}
