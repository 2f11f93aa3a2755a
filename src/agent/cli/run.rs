//! `zhijie run`: everything is checked before the ledger is opened, and all is open before the socket
//! appears.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use zhijie_control::ProgramControl;
use zhijie_desk::api::Hello;
use zhijie_desk::{Server, ServerError};
use zhijie_devicelink::{DeviceConfig, Devices};
use zhijie_ledger::{Ledger, OpenError, Opening};
use zhijie_ports::SecurityControl;
use zhijie_settlement::Operator;

use super::{log, preflight, secrets, service, trouble};
use crate::catalogue::Catalogue;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Loaded, Vendor, load};
use crate::core;
use crate::device_events;
use crate::events::Events;
use crate::filing::Policy;
use crate::identities::Identities;
use crate::machine;
use crate::memory;
use crate::methods::{Services, VoucherDesk};
use crate::platform::{Platform, Sender};
use crate::reconcile::Reconciler;
use crate::routes::config::Outages;
use crate::routes::{Keeper, Routes};

/// How long a stop may wait for the platform.
const SIGN_OUT_MAX: Duration = Duration::from_secs(2);
/// How long a start waits for what seems to belong to another agent. One that was killed while it started its device
/// helper leaves a child that holds socket and lock until it has become the helper.
const PREDECESSOR_MAX: Duration = Duration::from_secs(2);
/// How long a control may take for one card.
const CONTROL_MAX: Duration = Duration::from_secs(30);
const PREDECESSOR_LOOK_EVERY: Duration = Duration::from_millis(20);

pub(super) fn run(path: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let result = memory::apart(|| open(path, &runtime))
        .context("cannot start a thread")
        .flatten()
        .and_then(|desk| runtime.block_on(desk.serve()));
    runtime.shutdown_background();
    result
}

fn open(path: &Path, runtime: &Runtime) -> anyhow::Result<Box<Desk>> {
    let loaded = load(path).map_err(trouble::of_config)?;
    start_log(&loaded.config)?;
    Ok(Box::new(runtime.block_on(Desk::open(loaded))?))
}

/// An agent that is ready for the desk.
struct Desk {
    server: Server,
    services: Arc<Services>,
    asked_to_stop: service::StopSignals,
    /// What runs beside the requests.
    beside: Vec<JoinHandle<()>>,
}

impl Desk {
    async fn open(loaded: Loaded) -> anyhow::Result<Self> {
        let config = Arc::new(loaded.config);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let started_at = clock.now();
        let asked_to_stop = service::StopSignals::listen()?;
        preflight::this_pc(&config)?;
        let uplink = preflight::open_uplink(&config, &loaded.profile)?;
        let key_service = preflight::key_service(&config, &loaded.profile)?;
        let keys = secrets::keys(&config, &loaded.profile)?;
        let socket = &config.desk.socket;
        free(
            || Server::check(socket),
            |error| matches!(error, ServerError::InUse(_)),
        )
        .await
        .map_err(|error| trouble::of_socket(socket, error))?;
        let ledger = open_ledger(&config, clock.as_ref()).await?;
        let identities = Arc::new(Identities::default());
        let sender = Sender {
            institution: config.institution.code.clone(),
            institution_name: config.institution.name.clone(),
            care_area: config.institution.area,
            address: config.desk.address.clone(),
        };
        let filing = Policy {
            care: config.institution.area,
            rules: config.filing.rules(&loaded.profile.filing),
            keep_details_days: config.filing.keep_details_days,
        };
        let events = Events::default();
        let routes = Routes::new(
            config.institution.area,
            config.desk.slot,
            config.routes.rules(),
            config.outages.as_ref().map(Outages::source),
            events.clone(),
        );
        let platform = Platform::new(
            sender,
            loaded.profile,
            uplink,
            Arc::clone(&clock),
            Arc::clone(&identities),
            Arc::new(routes),
        );
        let platform = Arc::new(platform.with_keys(Arc::new(keys)).with_control(control(&config)));
        let (devices, device_news) = Devices::start_with(device_config(&config), key_service);
        device_events::forward(device_news, events.clone(), Arc::clone(&clock));
        let id_reader = id_reader_config(&config).map(|id_config| {
            let (id_reader, news) = Devices::start(id_config);
            device_events::forward(news, events.clone(), Arc::clone(&clock));
            id_reader
        });
        let voucher_library = voucher_config(&config).map(|voucher_config| {
            let (library, news) = Devices::start(voucher_config);
            device_events::forward(news, events.clone(), Arc::clone(&clock));
            VoucherDesk::new(library)
        });
        let server = Server::bind(socket, config.desk.socket_group.as_deref())
            .map_err(|error| trouble::of_socket(socket, error))?;
        let core = core::start(
            ledger,
            Arc::clone(&clock),
            Arc::clone(&platform),
            events.clone(),
            filing.clone(),
        )
        .context("cannot start the core thread")?;
        let core = Arc::new(core);
        let keeper = Keeper {
            platform: Arc::clone(&platform),
            core: Arc::clone(&core),
            clock: Arc::clone(&clock),
            operator: Operator {
                code: config.desk.operator_code.clone(),
                name: config.desk.operator_name.clone(),
            },
            probe_pause: Duration::from_secs(u64::from(config.routes.probe_s)),
            woken: service::woken(),
        };
        let keeper = tokio::spawn(keeper.keep());
        let reconciler = Arc::new(Reconciler::new(
            Arc::clone(&platform),
            Arc::clone(&core),
            Arc::clone(&clock),
            config.ledger.path.clone(),
            (
                config.institution.area,
                Operator {
                    code: config.desk.operator_code.clone(),
                    name: config.desk.operator_name.clone(),
                },
                config.reconciliation.times(config.desk.slot),
            ),
        ));
        let reconciling = tokio::spawn(Arc::clone(&reconciler).keep());
        let alive = tokio::spawn(service::keep_alive(Arc::clone(&core)));
        tracing::info!(socket = %server.path().display(), "Ready for the desk");
        service::ready().await;
        let catalogue = config.catalogue.path(&config.ledger.path);
        let services = Services {
            config,
            clock,
            core: Arc::clone(&core),
            platform: Arc::clone(&platform),
            devices: devices.clone(),
            id_reader,
            voucher_library,
            identities,
            events,
            filing: Arc::new(filing),
            catalogue: Arc::new(Catalogue::new(catalogue)),
            dictionary: Arc::default(),
            reconciler,
            started_at,
            waiting: Arc::default(),
        };
        let lists = tokio::spawn(services.syncer().keep());
        Ok(Self {
            server,
            services: Arc::new(services),
            asked_to_stop,
            beside: vec![keeper, reconciling, alive, lists, tokio::spawn(memory::keep())],
        })
    }

    /// Serves until it is asked to stop.
    async fn serve(self) -> anyhow::Result<()> {
        let asked_to_stop = self.asked_to_stop;
        let stop = async move {
            asked_to_stop.asked().await;
            tracing::info!("Stopping");
            service::stopping();
        };
        let core = Arc::clone(&self.services.core);
        let platform = Arc::clone(&self.services.platform);
        let devices = self.services.devices.clone();
        self.server
            .serve(self.services, Hello::new(env!("CARGO_PKG_VERSION")), stop)
            .await;
        for task in self.beside {
            task.abort();
        }
        devices.shutdown().await;
        sign_out(&core, &platform).await;
        tokio::task::spawn_blocking(move || core.stop()).await?;
        Ok(())
    }
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

async fn open_ledger(config: &Config, clock: &dyn Clock) -> anyhow::Result<Ledger> {
    let path = &config.ledger.path;
    free(
        || Ledger::open(path, &opening(config, clock)),
        |error| matches!(error, OpenError::InUse { .. }),
    )
    .await
    .map_err(|error| trouble::of_ledger(path, error).into())
}

/// Tries again while another process has it, for [`PREDECESSOR_MAX`] at most.
async fn free<T, E>(mut attempt: impl FnMut() -> Result<T, E>, in_use: impl Fn(&E) -> bool) -> Result<T, E> {
    let mut waited = Duration::ZERO;
    loop {
        match attempt() {
            Err(error) if in_use(&error) && waited < PREDECESSOR_MAX => {
                tokio::time::sleep(PREDECESSOR_LOOK_EVERY).await;
                waited += PREDECESSOR_LOOK_EVERY;
            }
            other => return other,
        }
    }
}

/// Whose ledger it is.
pub(super) fn opening(config: &Config, clock: &dyn Clock) -> Opening {
    Opening {
        institution: config.institution.code.clone(),
        desk_slot: config.desk.slot,
        now: clock.now(),
        machine: machine::this_pc(),
    }
}

/// The control of a security medium, where there is a program for it.
fn control(config: &Config) -> Option<Arc<dyn SecurityControl>> {
    let program = config.devices.control.clone()?;
    Some(Arc::new(ProgramControl::new(program, CONTROL_MAX)))
}

/// How the helper of this desk is started.
pub(super) fn device_config(config: &Config) -> DeviceConfig {
    let devices = &config.devices;
    let helper = match &devices.vendor {
        Some(vendor) => preflight::helper_for(config, &vendor.library),
        None => preflight::helper(config),
    };
    let mut made = DeviceConfig::new(helper);
    made.scanner.clone_from(&devices.scanner);
    made.baud = devices.baud;
    made.scanner_gap_ms = devices.scanner_gap_ms;
    made.reader.clone_from(&devices.reader);
    made.card = devices.card;
    made.vendor = devices.vendor.as_ref().map(Vendor::settings);
    made
}

/// A helper of its own for the reader of resident ID cards: a library that hangs or crashes takes no card reader along.
fn id_reader_config(config: &Config) -> Option<DeviceConfig> {
    let reader = config.devices.id_reader.as_ref()?;
    let mut made = DeviceConfig::new(preflight::helper_for(config, &reader.library));
    made.vendor = Some(reader.settings());
    Some(made)
}

/// The same for a library that scans e-vouchers.
fn voucher_config(config: &Config) -> Option<DeviceConfig> {
    let voucher = config.devices.voucher.as_ref()?;
    let mut made = DeviceConfig::new(preflight::helper_for(config, &voucher.library));
    made.vendor = Some(voucher.settings());
    Some(made)
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    #[cfg(windows)]
    if service::is_service() {
        let folder = config.ledger.path.with_file_name("log");
        return log::start(config, log::in_folder(&folder)?);
    }
    log::start(config, std::io::stderr)
}
