//! One desk with everything around it, in a folder of its own, on free ports.

use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use zhijie_desk::Client;
use zhijie_twin::{PrivatePcscd, VirtualScanner};
use zhijie_twin_vendor::TwinVendor;

use crate::admin::Admin;
use crate::dress;
use crate::fault_proxy::FaultProxy;
use crate::process::Process;
use crate::programs::{agent, program, stands_in};

pub(crate) const INSTITUTION: &str = "H31010100001";
/// A story whose desk socket is still taken then goes on and says what it misses.
const CALLS_MAX: u32 = 1000;

/// What the desk has.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A card service with a virtual reader.
    pub card: bool,
    /// A vendor's library in place of card service and reader; see [`Stage::vendor`].
    pub vendor: bool,
    /// The province's key service opens cards of the third generation.
    pub card_keys: bool,
    /// A reader of resident ID cards; [`Stage::vendor`] tells it what to do.
    pub id_reader: bool,
    /// A library that scans and decodes e-vouchers; [`Stage::vendor`] tells it what to do.
    pub voucher_library: bool,
    /// A scanner on a pseudo-terminal.
    pub scanner: bool,
    /// File name of the province profile under `config/provinces`.
    pub profile: Option<&'static str>,
    /// Lines of the profile to change: text to find, text to put there.
    pub profile_changes: Vec<(&'static str, &'static str)>,
    /// Whether the sandbox speaks that profile too, with the secrets it needs on both sides.
    pub dressed: bool,
    /// More arguments for `zhijie-sandbox serve`.
    pub sandbox: Vec<&'static str>,
    /// More lines for the agent's configuration.
    pub config: &'static str,
    /// A line to the platform that fails on demand; see [`Stage::proxy`].
    pub fault_proxy: bool,
    /// Keep everything in this folder instead of a temporary one.
    pub folder: Option<PathBuf>,
}

/// The stage. Everything it started ends with it.
#[derive(Debug)]
pub struct Stage {
    pub(crate) agent: Option<Process>,
    pub(crate) card: Option<Process>,
    pub(crate) scanner: Option<VirtualScanner>,
    sandbox: Option<Process>,
    pub(crate) pcscd: Option<PrivatePcscd>,
    vendor: Option<TwinVendor>,
    pub(crate) admin: Admin,
    platform: String,
    proxy: Option<FaultProxy>,
    folder: PathBuf,
    options: Options,
    _temporary: Option<TempDir>,
}

impl Stage {
    /// Starts the sandbox and, where wanted, card service and scanner; writes the agent's configuration; starts the
    /// agent and waits until it greets.
    ///
    /// # Errors
    /// When any part does not start; the text says which.
    pub async fn open(options: Options) -> anyhow::Result<Self> {
        let mut stage = Self::without_agent(options).await?;
        stage.start_agent().await?;
        Ok(stage)
    }

    /// As [`Stage::open`], the agent not started.
    ///
    /// # Errors
    /// When any part does not start.
    pub async fn without_agent(options: Options) -> anyhow::Result<Self> {
        let (temporary, folder) = match &options.folder {
            Some(folder) => (None, folder.clone()),
            None => {
                let made = tempfile::Builder::new().prefix("zhijie-").tempdir()?;
                let path = made.path().to_path_buf();
                (Some(made), path)
            }
        };
        let profile = options.profile.unwrap_or("sandbox.toml");
        dress::write_profile(&folder, profile, &options.profile_changes)?;
        let (sandbox, ready) = start_sandbox(&folder, &options, &[]).await.context("sandbox")?;
        let admin = Admin::new(ready["admin"].as_str().context("no admin address")?)?;
        let platform = ready["platform"].as_str().context("no platform address")?;
        let pcscd = if options.card {
            Some(PrivatePcscd::start().context("card service")?)
        } else {
            None
        };
        let scanner = if options.scanner {
            Some(VirtualScanner::new()?)
        } else {
            None
        };
        let proxy = options
            .fault_proxy
            .then(|| FaultProxy::open(platform))
            .transpose()?;
        let stage = Self {
            agent: None,
            card: None,
            scanner,
            sandbox: Some(sandbox),
            pcscd,
            vendor: (options.vendor || options.id_reader || options.voucher_library).then(TwinVendor::new),
            admin,
            platform: String::from(platform),
            proxy,
            folder,
            options,
            _temporary: temporary,
        };
        stage.write_config()?;
        Ok(stage)
    }

    #[must_use]
    pub const fn admin(&self) -> &Admin {
        &self.admin
    }

    /// The line between agent and platform.
    ///
    /// # Errors
    /// When the stage has none.
    pub fn proxy(&self) -> anyhow::Result<&FaultProxy> {
        self.proxy.as_ref().context("no fault proxy")
    }

    /// The vendor's library, to tell it how to behave.
    ///
    /// # Errors
    /// When the stage has none.
    pub fn vendor(&self) -> anyhow::Result<&TwinVendor> {
        self.vendor.as_ref().context("no vendor library")
    }

    /// Where the scanner is connected.
    ///
    /// # Errors
    /// When the stage has none.
    pub fn scanner_port(&self) -> anyhow::Result<PathBuf> {
        let scanner = self.scanner.as_ref().context("no scanner")?;
        Ok(scanner.port().to_path_buf())
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("desk.sock")
    }

    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.join("agent.toml")
    }

    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.folder.join("ledger.sqlite")
    }

    /// What agent and device helper have logged so far, over restarts.
    #[must_use]
    pub fn agent_log(&self) -> String {
        std::fs::read_to_string(self.folder.join("agent.log")).unwrap_or_default()
    }

    /// Starts the agent and waits until it greets.
    ///
    /// # Errors
    /// When it ends instead; the text holds its log.
    pub async fn start_agent(&mut self) -> anyhow::Result<()> {
        self.start_agent_by(&[]).await
    }

    /// As [`Stage::start_agent`], by way of a program that becomes the agent; `by` is its command line, to which the
    /// agent's is added.
    ///
    /// # Errors
    /// As [`Stage::start_agent`].
    pub async fn start_agent_by(&mut self, by: &[OsString]) -> anyhow::Result<()> {
        let config = self.config();
        let zhijie = agent()?;
        let mut command: Vec<&OsStr> = by.iter().map(OsString::as_os_str).collect();
        command.extend([
            zhijie.as_os_str(),
            "run".as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
        ]);
        let socket = self.pcscd.as_ref().map(PrivatePcscd::socket);
        let script = self.vendor.as_ref().map(TwinVendor::script);
        let mut env: Vec<(&str, &OsStr)> = socket
            .iter()
            .map(|path| (PrivatePcscd::CLIENT_VARIABLE, path.as_os_str()))
            .collect();
        env.extend(script.iter().map(|path| (TwinVendor::VARIABLE, path.as_os_str())));
        let (program, args) = command.split_first().context("no command")?;
        let log = self.folder.join("agent.log");
        let mut agent = Process::start(Path::new(program), args, &env, log)?;
        loop {
            if agent.has_ended() {
                bail!("the agent ended: {}", agent.log());
            }
            if Client::connect(&self.socket()).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.agent = Some(agent);
        Ok(())
    }

    /// The agent's process id, while one is held.
    #[must_use]
    pub fn agent_id(&self) -> Option<u32> {
        self.agent.as_ref().map(Process::id)
    }

    /// Whether no agent runs.
    #[must_use]
    pub fn agent_has_ended(&mut self) -> bool {
        self.agent.as_mut().is_none_or(Process::has_ended)
    }

    /// Waits until the agent has ended by itself.
    ///
    /// # Errors
    /// When it still runs after a minute.
    pub async fn wait_for_agent_to_end(&mut self) -> anyhow::Result<()> {
        for _ in 0..6000 {
            if self.agent_has_ended() {
                self.wait_for_silence();
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the agent runs on")
    }

    /// Until nobody takes a call at the desk socket: what carries it to an agent in Wine lives a moment longer than that agent. One
    /// of this system is not waited for: what it leaves behind when it is killed is the next one's to bear.
    fn wait_for_silence(&self) {
        if !stands_in() {
            return;
        }
        let mut calls = 0;
        while calls < CALLS_MAX
            && let Ok(mut call) = UnixStream::connect(self.socket())
        {
            calls += 1;
            let _ = call.set_read_timeout(Some(Duration::from_millis(10)));
            let _ = call.read(&mut [0]);
        }
    }

    /// SIGKILL to the agent; the device helper follows because its pipe closes.
    pub fn kill_agent(&mut self) {
        if let Some(agent) = self.agent.take() {
            agent.kill();
            self.wait_for_silence();
        }
    }

    /// SIGKILL to the device helper, a child of the agent.
    ///
    /// # Errors
    /// When there is none.
    pub fn kill_helper(&self) -> anyhow::Result<()> {
        let agent = self.agent.as_ref().context("no agent runs")?.id().to_string();
        for process in std::fs::read_dir("/proc")?.flatten() {
            let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
            // pid (name) state parent ...; the name may hold blanks and brackets.
            let parent = stat
                .rsplit(')')
                .next()
                .and_then(|rest| rest.split_whitespace().nth(1));
            if parent == Some(agent.as_str()) {
                let pid = process
                    .file_name()
                    .to_string_lossy()
                    .parse()
                    .context("no process id")?;
                return signal(pid, Signal::KILL);
            }
        }
        bail!("the agent has no child")
    }

    /// SIGTERM to the agent, and waits until it has ended.
    ///
    /// # Errors
    /// When no agent runs or it cannot be waited for.
    pub fn stop_agent(&mut self) -> anyhow::Result<std::process::ExitStatus> {
        let mut agent = self.agent.take().context("no agent runs")?;
        signal(i32::try_from(agent.id())?, Signal::TERM)?;
        let ended = agent.wait();
        self.wait_for_silence();
        ended
    }

    /// Ends the card service of this desk.
    ///
    /// # Errors
    /// When there is none.
    pub fn kill_card_service(&mut self) -> anyhow::Result<()> {
        self.pcscd.as_mut().context("no card service")?.kill();
        Ok(())
    }

    /// Ends the sandbox province; its store stays.
    pub fn kill_sandbox(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            sandbox.kill();
        }
    }

    /// Starts the province again where it was, with what it had stored.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_sandbox(&mut self) -> anyhow::Result<()> {
        let admin = self.admin.address().to_string();
        let platform = self.platform.trim_start_matches("https://").to_string();
        let again = ["--admin", &admin, "--listen", &platform];
        let (sandbox, _) = start_sandbox(&self.folder, &self.options, &again).await?;
        self.sandbox = Some(sandbox);
        Ok(())
    }

    fn write_config(&self) -> anyhow::Result<()> {
        let platform = self
            .proxy
            .as_ref()
            .map_or_else(|| self.platform.clone(), FaultProxy::url);
        let (dressed, control) = if self.options.dressed {
            (
                dress::agent_sections(&self.folder)?,
                dress::control_line(&self.folder)?,
            )
        } else {
            (String::new(), "")
        };
        let scanner = match &self.scanner {
            Some(scanner) => format!("scanner = \"{}\"\n", scanner.port().display()),
            None => String::new(),
        };
        let vendor = match &self.vendor {
            Some(vendor) if self.options.id_reader => {
                format!(
                    "[devices.id_reader]\nlibrary = \"{}\"\n",
                    vendor.library().display()
                )
            }
            Some(vendor) if self.options.voucher_library => {
                format!(
                    "[devices.voucher]\nlibrary = \"{}\"\nurl = \"http://{}/voucher-library\"\nlimit_s = 3\n",
                    vendor.library().display(),
                    self.admin.address()
                )
            }
            Some(vendor) => format!("[devices.vendor]\nlibrary = \"{}\"\n", vendor.library().display()),
            None => String::new(),
        };
        let keys = if self.options.card_keys {
            format!("[devices.keys]\nurl = \"{}/card-keys\"\n", self.platform)
        } else {
            String::new()
        };
        let config = format!(
            "[institution]\ncode = \"{INSTITUTION}\"\nname = \"上海市示范医院\"\narea = \"310000\"\n\
             [desk]\nslot = 1\noperator_code = \"0001\"\noperator_name = \"收费员\"\nsocket = \"desk.sock\"\n\
             [platform]\nprofile = \"profile.toml\"\nurl = \"{platform}\"\nca = \"certs/ca.pem\"\n\
             client_certificate = \"certs/client.pem\"\nclient_key = \"certs/client.key\"\n\
             [ledger]\npath = \"ledger.sqlite\"\n\
             {dressed}[devices]\ncard = {}\n{control}{scanner}\n{vendor}{keys}{}",
            self.options.card || self.options.vendor,
            self.options.config,
        );
        Ok(std::fs::write(self.config(), config)?)
    }
}

/// Starts the province and waits for its ready file.
async fn start_sandbox(folder: &Path, options: &Options, more: &[&str]) -> anyhow::Result<(Process, Value)> {
    let sandbox = program("zhijie-sandbox")?;
    let certs = folder.join("certs");
    if !certs.exists() {
        let made = std::process::Command::new(&sandbox)
            .arg("certs")
            .arg("--out")
            .arg(&certs)
            .output()?;
        ensure!(
            made.status.success(),
            "no certificates: {}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
    let ready = folder.join("sandbox.json");
    let data = folder.join("province");
    let _ = std::fs::remove_file(&ready);
    let mut args: Vec<&OsStr> = vec!["serve".as_ref(), "--certs".as_ref(), certs.as_os_str()];
    args.extend([
        "--data".as_ref(),
        data.as_os_str(),
        "--ready-file".as_ref(),
        ready.as_os_str(),
    ]);
    let dressed = options.dressed.then(|| dress::sandbox_arguments(folder));
    args.extend(dressed.iter().flatten().map(OsString::as_os_str));
    args.extend(options.sandbox.iter().chain(more).map(OsStr::new));
    let mut process = Process::start(&sandbox, &args, &[], folder.join("sandbox.log"))?;
    loop {
        if let Ok(text) = std::fs::read_to_string(&ready) {
            return Ok((process, serde_json::from_str(&text)?));
        }
        if process.has_ended() {
            bail!("it ended: {}", process.log());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends a signal to one process by its id.
fn signal(pid: i32, signal: Signal) -> anyhow::Result<()> {
    let pid = Pid::from_raw(pid).context("no process id")?;
    Ok(kill_process(pid, signal)?)
}
