//! What the service manager hears.

use std::time::Duration;

use anyhow::Context;
use tokio::net::UnixDatagram;
use zhijie_tests::{Options, Stage};

/// The next message that holds `word`, at most half a minute away.
async fn hear(manager: &UnixDatagram, word: &str) -> anyhow::Result<String> {
    let listen = async {
        let mut buffer = [0_u8; 4096];
        loop {
            let length = manager.recv(&mut buffer).await?;
            let text = String::from_utf8(buffer[..length].to_vec())?;
            if text.contains(word) {
                return anyhow::Ok(text);
            }
        }
    };
    let heard = tokio::time::timeout(Duration::from_secs(30), listen).await;
    heard.with_context(|| format!("never heard {word}"))?
}

#[tokio::test]
async fn the_manager_hears_ready_alive_and_stopping() -> anyhow::Result<()> {
    let mut stage = Stage::without_agent(Options::default()).await?;
    let socket = stage.folder().join("manager.sock");
    let manager = UnixDatagram::bind(&socket)?;
    let by = [
        "env".into(),
        format!("NOTIFY_SOCKET={}", socket.display()).into(),
        "WATCHDOG_USEC=3000000".into(),
    ];
    stage.start_agent_by(&by).await?;
    hear(&manager, "READY=1").await?;
    for _ in 0..2 {
        let alive = hear(&manager, "WATCHDOG=1").await?;
        assert!(alive.contains("待查 in doubt 0"), "{alive}");
    }
    let stopped = tokio::task::spawn_blocking(move || stage.stop_agent());
    hear(&manager, "STOPPING=1").await?;
    assert!(stopped.await??.success());
    Ok(())
}
