//! `zhijie run`: everything is checked and opened before the socket appears.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use zhijie_desk::Server;
use zhijie_desk::api::Hello;
use zhijie_devicelink::{DeviceConfig, Devices};
use zhijie_ledger::{Ledger, Opening};
use zhijie_uplink::{HeaderFamily, Uplink, UplinkConfig};

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Loaded, LogFormat, load};
use crate::core;
use crate::device_events;
use crate::events::Events;
use crate::identities::Identities;
use crate::methods::Services;
use crate::platform::{Platform, Sender};

/// How long a stop may wait for the platform.
const SIGN_OUT_MAX: std::time::Duration = std::time::Duration::from_secs(2);

pub(super) fn run(path: &Path) -> anyhow::Result<()> {
    let loaded = load(path)?;
    start_log(&loaded.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let result = runtime.block_on(serve(loaded));
    runtime.shutdown_background();
    result
}

async fn serve(loaded: Loaded) -> anyhow::Result<()> {
    let config = Arc::new(loaded.config);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let started_at = clock.now();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let ledger = open_ledger(&config, clock.as_ref())?;
    let identities = Arc::new(Identities::default());
    let sender = Sender {
        institution: config.institution.code.clone(),
        institution_name: config.institution.name.clone(),
        care_area: config.institution.area,
        address: config.desk.address.clone(),
    };
    let uplink = open_uplink(&config, &loaded.profile)?;
    let platform = Arc::new(Platform::new(
        sender,
        loaded.profile,
        uplink,
        Arc::clone(&clock),
        Arc::clone(&identities),
    ));
    let events = Events::default();
    let (devices, device_news) = Devices::start(device_config(&config));
    device_events::forward(device_news, events.clone(), Arc::clone(&clock));
    let server = Server::bind(&config.desk.socket, config.desk.socket_group.as_deref())?;
    let core = core::start(ledger, Arc::clone(&clock), Arc::clone(&platform), events.clone())
        .context("cannot start the core thread")?;
    let core = Arc::new(core);
    tracing::info!(socket = %server.path().display(), "Ready for the desk");
    let services = Services {
        config,
        clock,
        core: Arc::clone(&core),
        platform: Arc::clone(&platform),
        devices: devices.clone(),
        identities,
        events,
        started_at,
        waiting: Arc::default(),
    };
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("Stopping");
    };
    server
        .serve(Arc::new(services), Hello::new(env!("CARGO_PKG_VERSION")), stop)
        .await;
    devices.shutdown().await;
    sign_out(&core, &platform).await;
    tokio::task::spawn_blocking(move || core.stop()).await?;
    Ok(())
}

/// Signs everybody out, if the platform answers at once; a stop does not wait for it.
async fn sign_out(core: &core::CoreHandle, platform: &Platform) {
    let mut message_ids = Vec::new();
    for _ in 0..platform.sessions_open() {
        message_ids.extend(core.new_message_id().await);
    }
    if tokio::time::timeout(SIGN_OUT_MAX, platform.sign_out(message_ids))
        .await
        .is_err()
    {
        tracing::info!("The platform did not answer the sign-out in time");
    }
}

fn open_ledger(config: &Config, clock: &dyn Clock) -> anyhow::Result<Ledger> {
    let opening = Opening {
        institution: config.institution.code.clone(),
        desk_slot: config.desk.slot,
        now: clock.now(),
    };
    Ledger::open(&config.ledger.path, &opening)
        .with_context(|| format!("cannot open the ledger {}", config.ledger.path.display()))
}

fn open_uplink(config: &Config, profile: &zhijie_wire::Profile) -> anyhow::Result<Uplink> {
    let read = |path: &Path, key: &str| {
        std::fs::read(path).with_context(|| format!("{key}: cannot read {}", path.display()))
    };
    let platform = &config.platform;
    let header = match (&platform.header, profile.header.family) {
        (Some(header), zhijie_wire::HeaderFamily::Tif) => HeaderFamily::Tif {
            paasid: String::from(header.paasid.fetch("platform.header.paasid")?.reveal()),
            secret: header.secret.fetch("platform.header.secret")?,
        },
        _ => HeaderFamily::None,
    };
    Uplink::new(&UplinkConfig {
        base_url: platform.url.clone(),
        ca_pem: read(&platform.ca, "platform.ca")?,
        client_cert_pem: read(&platform.client_certificate, "platform.client_certificate")?,
        client_key_pem: read(&platform.client_key, "platform.client_key")?,
        header,
        connect_timeout: std::time::Duration::from_millis(profile.timeouts.connect_ms),
        answer_bytes_max: zhijie_wire::ANSWER_BYTES_MAX,
    })
    .context("cannot prepare the connection to the platform")
}

fn device_config(config: &Config) -> DeviceConfig {
    let devices = &config.devices;
    let helper = devices
        .helper
        .clone()
        .unwrap_or_else(crate::paths::default_helper);
    let mut made = DeviceConfig::new(helper);
    made.scanner = devices.scanner.as_ref().map(|port| port.display().to_string());
    made.baud = devices.baud;
    made.scanner_gap_ms = devices.scanner_gap_ms;
    made.reader.clone_from(&devices.reader);
    made.card = devices.card;
    made
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.level).context("log.level")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => builder.with_ansi(false).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
