//! `zhijie devices`: card readers and scanner on the bench, through the running agent or without one.
//!
//! Nothing personal is printed: numbers are masked, a name is told by its length.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use jiff::civil::Date;
use serde_json::json;
use zhijie_desk::api::{AgentHealthResult, Event, IdentityReadResult, mask_number};
use zhijie_desk::{Client, ClientError};
use zhijie_devicelink::{
    DeviceConfig, DeviceEvent, DeviceReading, Devices, DevicesState, HelperState, KeySender, ScannerState,
    Want,
};
use zhijie_model::Fault;
use zhijie_ports::{BasicFields, DeviceFault};

use super::preflight::key_service;
use super::run::device_config;
use super::{ConfigArg, news, print, trouble};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, load};
use crate::faults;

/// What the helper takes its log's level from.
const HELPER_LOG: &str = "ZHIJIE_DEVICES_LOG";
const SCANNER_READY: &str = "已连接 ready";
/// How long somebody at the bench may take to show a card or a code.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a helper just started may take to find what is connected.
const SURVEY: Duration = Duration::from_secs(3);
/// How long the first look at a reader may take until it is said that no card is there.
const FIRST_LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Subcommand)]
pub(super) enum DevicesCommand {
    /// Show card readers and scanner as they are now.
    List(ConfigArg),
    /// Tell what happens at the devices until interrupted.
    Watch(ConfigArg),
    /// Wait for a card and read it; numbers are masked.
    Read(ConfigArg),
    /// Wait for a code and say what it is; its text is not shown.
    Scan(ConfigArg),
}

/// Who answers.
enum Bench {
    /// The running agent, which holds the devices.
    Agent(Client),
    /// A helper of our own, for as long as the command runs.
    Helper(Devices, tokio::sync::mpsc::Receiver<DeviceEvent>),
}

/// Fails when there is no device, no card, no code.
pub(super) fn devices(command: &DevicesCommand) -> anyhow::Result<ExitCode> {
    let (DevicesCommand::List(arg)
    | DevicesCommand::Watch(arg)
    | DevicesCommand::Read(arg)
    | DevicesCommand::Scan(arg)) = command;
    let loaded = load(&arg.config).map_err(trouble::of_config)?;
    let config = &loaded.config;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Only a card that is read asks for a proof.
        let keys = match command {
            DevicesCommand::Read(_) => key_service(config, &loaded.profile)?,
            DevicesCommand::List(_) | DevicesCommand::Watch(_) | DevicesCommand::Scan(_) => None,
        };
        let mut bench = Bench::open(config, keys).await?;
        let done = match command {
            DevicesCommand::List(_) => bench.list(config).await,
            DevicesCommand::Watch(_) => bench.watch().await,
            DevicesCommand::Read(_) => bench.read().await,
            DevicesCommand::Scan(_) => bench.scan().await,
        };
        if let Bench::Helper(devices, _) = &bench {
            devices.shutdown().await;
        }
        done
    })
}

impl Bench {
    async fn open(config: &Config, keys: Option<KeySender>) -> anyhow::Result<Self> {
        let socket: &Path = &config.desk.socket;
        match Client::connect(socket).await {
            Ok(client) => {
                print("经运行中的直结程序 through the running agent")?;
                Ok(Self::Agent(client))
            }
            Err(ClientError::Connect { source, .. }) if nobody_is_there(&source) => {
                print(
                    "直结程序没有运行，直接启动读卡程序 no agent runs, the device helper is started directly",
                )?;
                let (devices, news) = Devices::start_with(quiet(device_config(config)), keys);
                Ok(Self::Helper(devices, news))
            }
            // An agent is there and holds the devices: a second helper would only fight it.
            Err(error) => Err(trouble::of_client(socket, error).into()),
        }
    }

    async fn list(&mut self, config: &Config) -> anyhow::Result<ExitCode> {
        let (helper, readers, card_present, scanner) = match self {
            Self::Agent(client) => {
                let health = client.call("agent.health", &json!({})).await?;
                let health: AgentHealthResult = serde_json::from_str(health.get())?;
                let devices = health.devices;
                (
                    devices.helper,
                    devices.readers,
                    devices.card_present,
                    String::from(if devices.scanner {
                        SCANNER_READY
                    } else {
                        "无 none"
                    }),
                )
            }
            Self::Helper(devices, _) => {
                let cards = reads_cards(config);
                let found = devices.wait_for(|state| {
                    let readers = !cards || !state.devices.readers.is_empty();
                    let scanner =
                        config.devices.scanner.is_none() || state.devices.scanner == ScannerState::Ready;
                    matches!(state.helper, HelperState::Up { .. }) && readers && scanner
                });
                // With something missing it is the time that ends the wait.
                let _ = tokio::time::timeout(SURVEY, found).await;
                if cards {
                    // A reader is named a moment before it is looked at for a card.
                    let card = devices.wait_for(DevicesState::card_present);
                    let _ = tokio::time::timeout(FIRST_LOOK, card).await;
                }
                let state = devices.state();
                let up = matches!(state.helper, HelperState::Up { .. });
                let mut names: Vec<String> = Vec::new();
                names.extend(state.devices.readers.iter().map(|reader| reader.reader.clone()));
                if up && cards && !state.devices.card_service {
                    let fault = faults::of_device(&DeviceFault::CardServiceDown, "zhijie devices");
                    names.push(format!("{} {}", fault.code, fault.cashier));
                }
                names.extend(vendor_words(config));
                let scanner = scanner_words(&state.devices.scanner);
                (up, names, state.card_present(), scanner)
            }
        };
        let yes = |holds: bool, yes: &'static str, no: &'static str| if holds { yes } else { no };
        let readers = if readers.is_empty() {
            String::from("无 none")
        } else {
            readers.join(", ")
        };
        print(&format!(
            "读卡程序 helper   {}\n读卡器 readers    {readers}\n卡 card           {}\n扫码枪 scanner    {scanner}",
            yes(helper, "运行中 up", "没有运行 down"),
            yes(card_present, "有卡 in", "无卡 none"),
        ))?;
        Ok(if helper {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn watch(&mut self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Agent(client) => {
                let mut news = client.notifications();
                client.call("events.subscribe", &json!({})).await?;
                while let Ok(told) = news.recv().await {
                    let event: Event = serde_json::from_str(told.params.get())?;
                    if let Some(words) = news::of_agent(&event) {
                        print(&format!("{} {words}", event.at))?;
                    }
                }
                anyhow::bail!("直结程序停止了\n  the agent stopped")
            }
            Self::Helper(_, news) => {
                while let Some(event) = news.recv().await {
                    if let Some(words) = news::of_helper(&event) {
                        let at = zhijie_model::rfc3339_beijing(SystemClock::default().now());
                        print(&format!("{at} {words}"))?;
                    }
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    async fn read(&mut self) -> anyhow::Result<ExitCode> {
        print("请插卡 insert a card")?;
        match self {
            Self::Agent(client) => {
                let asked = json!({ "source": "card", "card_fields": true, "timeout_s": PATIENCE.as_secs() });
                match client.call("identity.read", &asked).await {
                    Ok(answer) => {
                        let read: IdentityReadResult = serde_json::from_str(answer.get())?;
                        let card = read.card.context("no card in the answer")?;
                        let warnings = card.warnings.iter().map(|warning| warning.text_en.clone());
                        let fields = card.fields.context("no fields in the answer")?;
                        let shown = Card {
                            region: &fields.region,
                            number: mask_number(&fields.number),
                            name: fields.name.reveal(),
                            version: &fields.version,
                            valid_until: &fields.valid_until,
                            terminal: &fields.terminal,
                            warnings: warnings.collect(),
                        };
                        shown.print()
                    }
                    Err(error) => refused(error),
                }
            }
            Self::Helper(devices, _) => match devices.read(want(true), PATIENCE).await {
                Ok(DeviceReading::Card(card)) => {
                    let fields = BasicFields::of(&card);
                    let shown = Card {
                        region: &fields.region,
                        number: mask_number(&card.number),
                        name: card.name.reveal(),
                        version: &fields.version,
                        valid_until: &fields.valid_until,
                        terminal: &fields.terminal,
                        warnings: card
                            .warnings
                            .iter()
                            .map(|warning| format!("{warning:?}"))
                            .collect(),
                    };
                    shown.print()
                }
                Ok(
                    DeviceReading::Code(_)
                    | DeviceReading::IdCard(_)
                    | DeviceReading::Pin(_)
                    | DeviceReading::Voucher(_),
                ) => failed(&DeviceFault::HelperProtocol),
                Err(fault) => failed(&fault),
            },
        }
    }

    async fn scan(&mut self) -> anyhow::Result<ExitCode> {
        print("请扫码 scan a code")?;
        match self {
            Self::Agent(client) => {
                let asked = json!({ "source": "code", "timeout_s": PATIENCE.as_secs() });
                match client.call("identity.read", &asked).await {
                    Ok(_) => {
                        print("医保码，平台已识别 an e-voucher, decoded by the platform")?;
                        Ok(ExitCode::SUCCESS)
                    }
                    Err(error) => refused(error),
                }
            }
            Self::Helper(devices, _) => match devices.read(want(false), PATIENCE).await {
                Ok(DeviceReading::Code(code)) => {
                    print(&format!(
                        "{}，{} 个字符；没有发给平台 {:?}, not sent to the platform",
                        code.kind.title(),
                        code.text.reveal().len(),
                        code.kind
                    ))?;
                    Ok(ExitCode::SUCCESS)
                }
                Ok(
                    DeviceReading::Card(_)
                    | DeviceReading::IdCard(_)
                    | DeviceReading::Pin(_)
                    | DeviceReading::Voucher(_),
                ) => failed(&DeviceFault::HelperProtocol),
                Err(fault) => failed(&fault),
            },
        }
    }
}

/// What may be shown of a card.
struct Card<'a> {
    region: &'a str,
    number: String,
    name: &'a str,
    version: &'a str,
    valid_until: &'a str,
    terminal: &'a str,
    warnings: Vec<String>,
}

impl Card<'_> {
    fn print(&self) -> anyhow::Result<ExitCode> {
        print(&format!(
            "读到社会保障卡 a social-security card\n\
             发卡地区 region     {}\n\
             证件号 number       {}\n\
             姓名 name           {} 个字 characters\n\
             版本 version        {}    有效期至 valid until {}\n\
             安全模块 module     {}",
            self.region,
            self.number,
            self.name.chars().count(),
            self.version,
            self.valid_until,
            self.terminal,
        ))?;
        for warning in &self.warnings {
            print(&format!("! {warning}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What the helper tells its log by the day is no answer to whoever stands at the bench.
fn quiet(mut config: DeviceConfig) -> DeviceConfig {
    if std::env::var_os(HELPER_LOG).is_none() {
        let level = String::from("warn");
        config.environment.push((String::from(HELPER_LOG), level));
    }
    config
}

/// Whether cards are read over the card service here.
const fn reads_cards(config: &Config) -> bool {
    config.devices.card && config.devices.vendor.is_none()
}

fn vendor_words(config: &Config) -> Option<String> {
    let vendor = config.devices.vendor.as_ref()?;
    Some(format!("读卡库 library {}", vendor.library.display()))
}

fn scanner_words(scanner: &ScannerState) -> String {
    match scanner {
        ScannerState::Ready => String::from(SCANNER_READY),
        ScannerState::NotConfigured => String::from("没有配置 not configured"),
        ScannerState::Lost(fault) => {
            let told = faults::of_device(fault, "zhijie devices");
            format!("{} {}", told.code, told.cashier)
        }
    }
}

pub(super) fn nobody_is_there(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionRefused, NotFound};
    matches!(error.kind(), NotFound | ConnectionRefused)
}

fn want(card: bool) -> Want {
    Want {
        card,
        code: !card,
        today: today(),
    }
}

fn today() -> Date {
    zhijie_model::business_day(SystemClock::default().now())
}

fn failed(cause: &DeviceFault) -> anyhow::Result<ExitCode> {
    told(&faults::of_device(cause, "zhijie devices"))
}

fn refused(error: ClientError) -> anyhow::Result<ExitCode> {
    match error {
        ClientError::Rpc(error) => match error.data.clone().map(serde_json::from_value::<Fault>) {
            Some(Ok(fault)) => told(&fault),
            _ => Err(ClientError::Rpc(error).into()),
        },
        other => Err(other.into()),
    }
}

fn told(fault: &Fault) -> anyhow::Result<ExitCode> {
    print(&format!(
        "{}  {}\n  {}",
        fault.code, fault.cashier, fault.engineer
    ))?;
    Ok(ExitCode::FAILURE)
}
