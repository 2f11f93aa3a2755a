//! `zhijie conformance`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use super::{ConfigArg, preflight, print, secrets, trouble};
use crate::clock::{Clock, SystemClock};
use crate::config::load_with;
use crate::conformance::{self, Case, Line};
use crate::platform::Sender;

#[derive(Debug, Args)]
pub(super) struct ConformanceArgs {
    #[command(flatten)]
    config: ConfigArg,
    /// Test patient, visit and fee lines, TOML; see `config/conformance.sandbox.toml`.
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Another province profile than the configuration's.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Another address than the configuration's.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Folder for the exchanges, persons and proofs blacked out; made when it is not there, else it must be empty.
    #[arg(long, value_name = "DIR", default_value = "conformance")]
    out: PathBuf,
    /// Settle, refund and reverse too. Only for a test platform or the sandbox, and the case must say that it is one.
    #[arg(long)]
    move_money: bool,
}

/// Success when no step failed; 3 when one did.
pub(super) fn conformance(args: &ConformanceArgs) -> anyhow::Result<ExitCode> {
    let loaded = load_with(&args.config.config, args.profile.as_deref());
    let mut loaded = loaded.map_err(trouble::of_config)?;
    if let Some(url) = &args.url {
        loaded.config.platform.url.clone_from(url);
    }
    let case = Case::read(&args.case).with_context(|| format!("{}", args.case.display()))?;
    if args.move_money && !case.test_platform {
        bail!(
            "{0}：未声明 test_platform = true，不会动资金\n  {0}: does not say test_platform = true, so no money moves",
            args.case.display()
        );
    }
    if std::fs::read_dir(&args.out).is_ok_and(|mut held| held.next().is_some()) {
        bail!(
            "{0}：文件夹不为空\n  {0}: the folder is not empty",
            args.out.display()
        );
    }
    let config = &loaded.config;
    if config.desk.slot == conformance::SLOT {
        bail!("desk.slot：99 号留给符合性测试\n  desk.slot: 99 is kept for conformance runs");
    }
    let sender = Sender {
        institution: config.institution.code.clone(),
        institution_name: config.institution.name.clone(),
        care_area: config.institution.area,
        address: config.desk.address.clone(),
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let mut line = Line::new(
        sender,
        (
            config.desk.operator_code.clone(),
            config.desk.operator_name.clone(),
        ),
        loaded.profile.clone(),
        preflight::open_uplink(config, &loaded.profile)?,
        Arc::new(secrets::keys(config, &loaded.profile)?),
        clock,
        args.out.clone(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(conformance::run(&mut line, &case, args.move_money));
    print(&format!(
        "符合性 conformance: {} {}\n\n{report}\n往来 exchanges: {}",
        loaded.profile.name,
        loaded.config.platform.url,
        args.out.display()
    ))?;
    let [_, failed, _, _] = report.counts();
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}
