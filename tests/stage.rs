//! One desk with everything around it, in a folder of its own, on free ports.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use zhijie_desk::{Client, ClientError};
use zhijie_twin::{PrivatePcscd, VirtualScanner};

use crate::admin::Admin;
use crate::process::Process;
use crate::programs::program;

pub(crate) const INSTITUTION: &str = "H31010100001";

/// What the desk has.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A card service with a virtual reader.
    pub card: bool,
    /// A scanner on a pseudo-terminal.
    pub scanner: bool,
    /// File name of the province profile under `config/provinces`.
    pub profile: Option<&'static str>,
    /// Lines of the profile to change: text to find, text to put there.
    pub profile_changes: Vec<(&'static str, &'static str)>,
    /// More arguments for `zhijie-sandbox serve`.
    pub sandbox: Vec<&'static str>,
    /// More lines for the agent's configuration.
    pub config: &'static str,
    /// Keep everything in this folder instead of a temporary one.
    pub folder: Option<PathBuf>,
}

/// The stage. Everything it started ends with it.
#[derive(Debug)]
pub struct Stage {
    agent: Option<Process>,
    card: Option<Process>,
    scanner: Option<VirtualScanner>,
    sandbox: Option<Process>,
    pcscd: Option<PrivatePcscd>,
    admin: Admin,
    platform: String,
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
        let stage = Self {
            agent: None,
            card: None,
            scanner,
            sandbox: Some(sandbox),
            pcscd,
            admin,
            platform: String::from(platform),
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
        let config = self.config();
        let args: [&OsStr; 3] = ["run".as_ref(), "--config".as_ref(), config.as_os_str()];
        let socket = self.pcscd.as_ref().map(PrivatePcscd::socket);
        let env: Vec<(&str, &OsStr)> = socket
            .iter()
            .map(|path| (PrivatePcscd::CLIENT_VARIABLE, path.as_os_str()))
            .collect();
        let mut agent = Process::start(&program("zhijie")?, &args, &env, self.folder.join("agent.log"))?;
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

    /// SIGKILL to the agent; the device helper follows because its pipe closes.
    pub fn kill_agent(&mut self) {
        if let Some(agent) = self.agent.take() {
            agent.kill();
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
                let pid = process.file_name();
                let status = std::process::Command::new("kill")
                    .arg("-KILL")
                    .arg(pid)
                    .status()?;
                ensure!(status.success(), "the signal was not sent");
                return Ok(());
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
        let status = std::process::Command::new("kill")
            .args(["-TERM", &agent.id().to_string()])
            .status()?;
        ensure!(status.success(), "the signal was not sent");
        agent.wait()
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

    /// A connection to the agent.
    ///
    /// # Errors
    /// When the agent does not answer.
    pub async fn client(&self) -> Result<Client, ClientError> {
        Client::connect(&self.socket()).await
    }

    /// One call over a connection of its own.
    ///
    /// # Errors
    /// A JSON-RPC error, or no answer.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, ClientError> {
        let answer = self.raw(method, &params).await?;
        Ok(serde_json::from_str(&answer).unwrap_or(Value::Null))
    }

    /// As [`Stage::call`]; the answer as it came, byte for byte.
    ///
    /// # Errors
    /// As [`Stage::call`].
    pub async fn raw(&self, method: &str, params: &Value) -> Result<String, ClientError> {
        let answer = self.client().await?.call(method, params).await?;
        Ok(String::from(answer.get()))
    }

    /// One call that must end in an error; gives the error's `data`.
    ///
    /// # Errors
    /// When it ends otherwise.
    pub async fn refused(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        match self.call(method, params).await {
            Err(ClientError::Rpc(error)) => error.data.context("an error without data"),
            Err(other) => Err(other.into()),
            Ok(answer) => bail!("answered: {answer}"),
        }
    }

    /// Runs `zhijie` with these arguments and gives status and both outputs.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn zhijie<A: AsRef<OsStr>>(&self, args: &[A]) -> anyhow::Result<std::process::Output> {
        let mut command = std::process::Command::new(program("zhijie")?);
        command
            .args(args)
            .env("ZHIJIE_CONFIG", self.config())
            .env("ZHIJIE_SOCKET", self.socket());
        Ok(command.output()?)
    }

    /// Puts a person's card into the reader; the service sees it within half a second.
    ///
    /// # Errors
    /// When there is no reader or the card cannot be put in.
    pub fn insert_card(&mut self, person: &str) -> anyhow::Result<()> {
        self.insert(&["--person", person])
    }

    /// Puts a card described by a file into the reader.
    ///
    /// # Errors
    /// As [`Stage::insert_card`].
    pub fn insert_card_file(&mut self, file: &Path) -> anyhow::Result<()> {
        let file = file.to_str().context("path is no text")?;
        self.insert(&["--data", file])
    }

    fn insert(&mut self, which: &[&str]) -> anyhow::Result<()> {
        self.pull_card();
        let address = self
            .pcscd
            .as_ref()
            .context("no card service")?
            .driver_address(0)
            .to_string();
        let mut args = vec!["card", "--vpcd", &address];
        args.extend_from_slice(which);
        let log = self.folder.join("card.log");
        self.card = Some(Process::start(&program("zhijie-sandbox")?, &args, &[], log)?);
        Ok(())
    }

    /// Pulls the card.
    pub fn pull_card(&mut self) {
        self.card = None;
    }

    /// Pulls the card and waits until the agent has seen it go.
    ///
    /// # Errors
    /// When the agent does not see it in a minute.
    pub async fn take_card_back(&mut self) -> anyhow::Result<()> {
        self.pull_card();
        self.health_until(|health| health["devices"]["card_present"] == json!(false))
            .await
            .map(|_| ())
    }

    /// Sends a text as the scanner would.
    ///
    /// # Errors
    /// When there is no scanner.
    pub fn scan(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.scanner.as_mut().context("no scanner")?.scan_line(text)?)
    }

    /// Reads the card of `person`: inserts it, asks, pulls it.
    ///
    /// # Errors
    /// When reading fails.
    pub async fn read_card(&mut self, person: &str) -> anyhow::Result<Value> {
        self.insert_card(person)?;
        let read = self
            .call("identity.read", json!({ "source": "card", "timeout_s": 30 }))
            .await;
        self.take_card_back().await?;
        Ok(read?)
    }

    /// Types a person's identity number in; for stories in which the device does not matter.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn type_number(&self, person: &str) -> anyhow::Result<String> {
        let number = self.admin.person(person).await?;
        let params = json!({ "source": "id_number", "id_number": number["certificate"] });
        let answer = self.call("identity.read", params).await?;
        answer["identity_id"]
            .as_str()
            .map(String::from)
            .context("no identity")
    }

    /// Scans a fresh e-voucher of `person` once the agent waits for it.
    ///
    /// # Errors
    /// When reading fails.
    pub async fn show_voucher(&mut self, person: &str) -> anyhow::Result<Value> {
        let code = self.admin.voucher(person).await?;
        self.scan_when_asked(&code).await.map_err(anyhow::Error::from)
    }

    /// Asks for a code and scans `text` when the agent waits for it.
    ///
    /// # Errors
    /// What the agent answered instead of an identity.
    pub async fn scan_when_asked(&mut self, text: &str) -> Result<Value, ClientError> {
        let client = self.client().await?;
        let mut news = client.notifications();
        client.call("events.subscribe", &json!({})).await?;
        let asked = json!({ "source": "code", "timeout_s": 30 });
        let read = client.call("identity.read", &asked);
        tokio::pin!(read);
        loop {
            tokio::select! {
                answer = &mut read => {
                    return Ok(serde_json::from_str(answer?.get()).unwrap_or(Value::Null));
                }
                event = news.recv() => {
                    let waiting = event.is_ok_and(|event| event.params.get().contains("waiting_for_card_or_code"));
                    if waiting && self.scan(text).is_err() {
                        return Ok(Value::Null);
                    }
                }
            }
        }
    }

    /// Asks `visit.status` until `wanted` holds.
    ///
    /// # Errors
    /// When it does not hold within a minute; the text holds the last answer.
    pub async fn status_until(&self, key: Value, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        self.until("visit.status", key, wanted).await
    }

    /// Asks `agent.health` until `wanted` holds.
    ///
    /// # Errors
    /// As [`Stage::status_until`].
    pub async fn health_until(&self, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        self.until("agent.health", json!({}), wanted).await
    }

    async fn until(
        &self,
        method: &str,
        params: Value,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let mut last = Value::Null;
        for _ in 0..1200 {
            last = self.call(method, params.clone()).await?;
            if wanted(&last) {
                return Ok(last);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{method} never said what was waited for: {last}")
    }

    fn write_config(&self) -> anyhow::Result<()> {
        let platform = &self.platform;
        let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/provinces");
        let profile = self.options.profile.unwrap_or("sandbox.toml");
        let mut text = std::fs::read_to_string(profiles.join(profile))?;
        for (from, to) in &self.options.profile_changes {
            ensure!(text.contains(from), "the profile does not say {from}");
            text = text.replace(from, to);
        }
        std::fs::write(self.folder.join("profile.toml"), text)?;
        let scanner = match &self.scanner {
            Some(scanner) => format!("scanner = \"{}\"\n", scanner.port().display()),
            None => String::new(),
        };
        let config = format!(
            "[institution]\ncode = \"{INSTITUTION}\"\nname = \"上海市示范医院\"\narea = \"310000\"\n\
             [desk]\nslot = 1\noperator_code = \"0001\"\noperator_name = \"收费员\"\nsocket = \"desk.sock\"\n\
             [platform]\nprofile = \"profile.toml\"\nurl = \"{platform}\"\nca = \"certs/ca.pem\"\n\
             client_certificate = \"certs/client.pem\"\nclient_key = \"certs/client.key\"\n\
             [ledger]\npath = \"ledger.sqlite\"\n\
             [devices]\ncard = {}\n{scanner}\n{}",
            self.options.card, self.options.config,
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
