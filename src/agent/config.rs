//! The configuration: one file, unknown keys refused, everything checked before the start.

use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use thiserror::Error;
use zhijie_ledger::Machine;
use zhijie_model::{Area, InstitutionCode, OperatorCode};
use zhijie_settlement::Unconfirmed;
use zhijie_wire::Profile;

use crate::routes;

mod catalogue;
mod deferred;
mod devices;
mod filing;
mod platform;
mod reconciliation;
mod secret;

pub use catalogue::Catalogue;
pub use deferred::{Deferred, Deposit, RegionPolicy};
pub use devices::{Devices, Vendor};
pub use filing::Filing;
pub use platform::{Header, Platform, Signing, Voucher};
pub use reconciliation::Reconciliation;
pub use secret::SecretRef;

/// Why the agent will not start with this configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// The parser's text names line, column and key.
    #[error("{path}: {problem}")]
    Malformed { path: PathBuf, problem: String },
    #[error("{path}: {}", told(problems))]
    Invalid {
        path: PathBuf,
        /// All of them, in the order of the file's description.
        problems: Vec<Problem>,
    },
    #[error("{key}: secret reference {problem}")]
    Secret { key: &'static str, problem: String },
}

/// A value that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From 1; of the key, or of its section when the key is not there.
    pub line: Option<usize>,
    pub key: &'static str,
    pub problem: String,
}

fn told(problems: &[Problem]) -> String {
    let one = |problem: &Problem| match problem.line {
        Some(line) => format!("line {line}: {}: {}", problem.key, problem.problem),
        None => format!("{}: {}", problem.key, problem.problem),
    };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The whole configuration as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub institution: Institution,
    pub desk: Desk,
    pub platform: Platform,
    pub ledger: Ledger,
    #[serde(default)]
    pub devices: Devices,
    #[serde(default)]
    pub settlement: Settlement,
    /// The offline policy.
    #[serde(default)]
    pub deferred: Deferred,
    #[serde(default)]
    pub filing: Filing,
    /// The day's reconciliation.
    #[serde(default)]
    pub reconciliation: Reconciliation,
    #[serde(default)]
    pub catalogue: Catalogue,
    #[serde(default)]
    pub routes: routes::config::Routes,
    #[serde(default)]
    pub outages: Option<routes::config::Outages>,
    #[serde(default)]
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institution {
    pub code: InstitutionCode,
    pub name: String,
    /// Area the institution settles in.
    pub area: Area,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// 0 to 99, different on every desk of the institution: it is part of every message id.
    pub slot: u8,
    /// The PC the slot was given to, as `zhijie setup` wrote it; unknown: every PC may start with this configuration.
    #[serde(default, deserialize_with = "machine")]
    pub machine: Machine,
    pub operator_code: OperatorCode,
    pub operator_name: String,
    /// Address of this PC as told at sign-in.
    #[serde(default = "default_address")]
    pub address: String,
    #[serde(default = "default_socket")]
    pub socket: PathBuf,
    #[serde(default)]
    pub socket_group: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    pub path: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settlement {
    /// How long a quote may be settled.
    pub quote_valid_s: u32,
    /// How long the agent asks by itself before a person is called.
    pub doubt_max_s: u32,
    /// How long the desk software may take to confirm a settlement; 0: for ever.
    pub confirm_within_s: u32,
    /// What happens to a settlement that is not confirmed in time.
    pub unconfirmed: Unconfirmed,
    /// How long what was prepared for a quote may lie at the centre unused; 0: for ever.
    pub undo_after_s: u32,
    /// How long a read card may be used.
    pub card_valid_s: u32,
    /// How long an e-voucher token may be used.
    pub voucher_valid_s: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Settlement {
    fn default() -> Self {
        Self {
            quote_valid_s: 600,
            doubt_max_s: 86_400,
            confirm_within_s: 1800,
            undo_after_s: 7200,
            unconfirmed: Unconfirmed::KeepAndAlarm,
            card_valid_s: 1800,
            voucher_valid_s: 600,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: String::from("info"),
            format: LogFormat::Text,
        }
    }
}

fn machine<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Machine, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}

fn default_address() -> String {
    String::from("127.0.0.1")
}

fn default_socket() -> PathBuf {
    crate::paths::default_socket()
}

/// A configuration that has been read and checked, with its profile.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    pub profile: Profile,
}

/// Reads and checks a configuration and the province profile it names. Relative paths inside are taken from the
/// folder of the file.
///
/// # Errors
/// [`ConfigError`] naming file, line and key; nothing was started or written.
pub fn load(path: &Path) -> Result<Loaded, ConfigError> {
    load_with(path, None)
}

/// As [`load`], under another province profile than the file names.
///
/// # Errors
/// As [`load`].
pub fn load_with(path: &Path, profile: Option<&Path>) -> Result<Loaded, ConfigError> {
    let text = read(path)?;
    let mut config: Config = parse(path, &text)?;
    let base = path.parent().unwrap_or_else(|| Path::new("."));
    config.resolve(base);
    if let Some(profile) = profile {
        config.platform.profile = profile.to_path_buf();
    }
    refuse(path, &text, config.problems())?;
    let profile_path = &config.platform.profile;
    let profile_text = read(profile_path)?;
    let profile: Profile = parse(profile_path, &profile_text)?;
    profile.check().map_err(|problem| ConfigError::Malformed {
        path: profile_path.clone(),
        problem: match line_of(&profile_text, &problem.key()) {
            Some(line) => format!("line {line}: {problem}"),
            None => problem.to_string(),
        },
    })?;
    refuse(path, &text, config.platform.missing_for(&profile))?;
    if profile.medium.is_some() && config.devices.control.is_none() {
        let problem = "cards of this province are read by a control: its program is needed";
        refuse(path, &text, vec![("devices.control", problem)])?;
    }
    Ok(Loaded { config, profile })
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_path_buf(),
        source,
    })
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError::Malformed {
        path: path.to_path_buf(),
        problem: error.to_string().trim_end().to_owned(),
    })
}

fn refuse(path: &Path, text: &str, problems: Vec<(&'static str, &str)>) -> Result<(), ConfigError> {
    if problems.is_empty() {
        return Ok(());
    }
    let placed = |(key, problem): (&'static str, &str)| Problem {
        line: line_of(text, key),
        key,
        problem: String::from(problem),
    };
    Err(ConfigError::Invalid {
        path: path.to_path_buf(),
        problems: problems.into_iter().map(placed).collect(),
    })
}

/// The line of a dotted key, or of the last part of it that is there.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let parsed = toml::de::DeTable::parse(text).ok()?;
    let mut table = Some(parsed.get_ref());
    let mut at = None;
    for part in key.split('.') {
        let Some((name, value)) = table.and_then(|table| {
            let mut entries = table.iter();
            entries.find(|(name, _)| name.get_ref().as_ref() == part)
        }) else {
            break;
        };
        at = Some(name.span().start);
        table = value.get_ref().as_table();
    }
    let before = text.get(..at?)?;
    Some(before.matches('\n').count().saturating_add(1))
}

impl Config {
    fn resolve(&mut self, base: &Path) {
        self.platform.resolve(base);
        for path in [&mut self.desk.socket, &mut self.ledger.path] {
            *path = base.join(&*path);
        }
        let library = self.devices.vendor.as_mut().map(|vendor| &mut vendor.library);
        let id_reader = self.devices.id_reader.as_mut();
        let id_library = id_reader.map(|reader| &mut reader.library);
        let voucher = self.devices.voucher.as_mut();
        let voucher_library = voucher.map(|voucher| &mut voucher.library);
        let optional = [
            self.devices.helper.as_mut(),
            self.devices.control.as_mut(),
            self.filing.packets.as_mut(),
            self.catalogue.path.as_mut(),
            library,
            id_library,
            voucher_library,
        ];
        for path in optional.into_iter().flatten() {
            *path = base.join(&*path);
        }
        if let Some(outages) = &mut self.outages {
            outages.resolve(base);
        }
    }

    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let code = self.institution.code.as_str();
        let settlement = &self.settlement;
        let levels = ["error", "warn", "info", "debug", "trace"];
        let rules = [
            (self.desk.slot <= 99, "desk.slot", "must be 0 to 99"),
            (
                code.chars().count() == 12,
                "institution.code",
                "must have 12 characters",
            ),
            (
                code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "institution.code",
                "must be letters and digits",
            ),
            (
                !self.institution.name.trim().is_empty(),
                "institution.name",
                "must not be empty",
            ),
            (
                self.platform.url.starts_with("https://"),
                "platform.url",
                "must begin with https://",
            ),
            (
                (1..=86_400).contains(&settlement.quote_valid_s),
                "settlement.quote_valid_s",
                "must be 1 to 86400 seconds",
            ),
            (
                settlement.doubt_max_s >= 3600,
                "settlement.doubt_max_s",
                "must be at least 3600 seconds",
            ),
            (
                settlement.card_valid_s > 0,
                "settlement.card_valid_s",
                "must not be 0",
            ),
            (
                settlement.voucher_valid_s > 0,
                "settlement.voucher_valid_s",
                "must not be 0",
            ),
            (
                levels.contains(&self.log.level.as_str()),
                "log.level",
                "must be error, warn, info, debug or trace",
            ),
        ];
        let outages = self.outages.as_ref().and_then(routes::config::Outages::problem);
        let rules = rules
            .into_iter()
            .chain(self.deferred.problems())
            .chain(self.filing.problems())
            .chain(self.reconciliation.problems())
            .chain(self.devices.problems());
        let broken = rules.filter(|(holds, _, _)| !holds);
        let broken = broken.map(|(_, key, problem)| (key, problem));
        broken.chain(self.routes.problem()).chain(outages).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[institution]
code = "H31010100001"
name = "示例医院"
area = "310000"
[desk]
slot = 1
operator_code = "0001"
operator_name = "收费员"
[platform]
profile = "p.toml"
url = "https://127.0.0.1:1"
ca = "ca.pem"
client_certificate = "c.pem"
client_key = "k.pem"
[ledger]
path = "ledger.sqlite"
"#;

    fn write(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::copy(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/provinces/sandbox.toml"),
            dir.path().join("p.toml"),
        )
        .unwrap();
        (dir, path)
    }

    #[test]
    fn a_good_file_loads_and_paths_are_relative_to_it() {
        let (dir, path) = write(GOOD);
        let loaded = load(&path).unwrap();
        assert_eq!(loaded.config.ledger.path, dir.path().join("ledger.sqlite"));
    }

    #[test]
    fn wrong_files_are_refused_with_file_line_and_key() {
        let table = [
            (
                GOOD.replace("slot = 1", "slot = 1\nslott = 2"),
                "slott",
                Some("line 8"),
            ),
            (
                GOOD.replace("slot = 1", "slot = 100"),
                "desk.slot",
                Some("line 7"),
            ),
            (
                GOOD.replace("https://", "http://"),
                "platform.url",
                Some("line 12"),
            ),
            (
                GOOD.replace("slot = 1", "slot = 100")
                    .replace("https://", "http://"),
                "platform.url",
                Some("line 7: desk.slot"),
            ),
            (
                format!("{GOOD}[log]\nlevel = \"loud\"\n"),
                "log.level",
                Some("line 19"),
            ),
            (
                format!("{GOOD}[deferred]\nallowed = true\nkeep_days = 0\ndeposit = {{ percent = 0 }}\n"),
                "deferred.deposit",
                Some("line 20: deferred.keep_days"),
            ),
            (
                format!("{GOOD}[devices.vendor]\nlibrary = \"a.so\"\nlimit_s = 61\n"),
                "devices.vendor.limit_s",
                Some("line 20"),
            ),
            (
                format!("{GOOD}[deferred]\nlimit_desk_fen = -1\n"),
                "deferred.limit_desk_fen",
                Some("line 19"),
            ),
            (GOOD.replace("310000", "31000"), "six digits", None),
            (GOOD.replace("[ledger]", "[ledgers]"), "ledgers", None),
            (
                GOOD.replace("H31010100001", "H3101"),
                "institution.code",
                Some("line 3"),
            ),
        ];
        for (text, needle, line) in table {
            let (_dir, path) = write(&text);
            let error = load(&path).unwrap_err().to_string();
            assert!(error.contains(needle), "{needle}: {error}");
            assert!(error.contains("agent.toml"), "{error}");
            assert!(line.is_none_or(|line| error.contains(line)), "{error}");
        }
    }
}
