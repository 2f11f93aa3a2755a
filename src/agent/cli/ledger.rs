//! `zhijie ledger verify|show|list|init|accept`.

use std::path::{Path, PathBuf};

use anyhow::bail;
use zhijie_ledger::{Entry, Ledger, Reader, verify};
use zhijie_model::{BillId, rfc3339_beijing};
use zhijie_settlement::{Doubt, Event, State, StayEvent, StayState, advance, stay_advance};

use super::run::opening;
use super::{ConfigArg, print, trouble};
use crate::clock::SystemClock;
use crate::config::load;
use crate::core::{read_record, read_stay_record};

#[derive(Debug, clap::Subcommand)]
pub(super) enum LedgerCommand {
    /// Check the whole chain: every record, message, answer and reply.
    Verify(LedgerArg),
    /// Print the history of one bill and where it stands. Shows no patient data.
    Show {
        /// Bill id, as `visit.quote` answered it: institution/visit/batch.
        bill: String,
        #[command(flatten)]
        ledger: LedgerArg,
    },
    /// List bills, the open ones marked.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        count: u32,
        #[command(flatten)]
        ledger: LedgerArg,
    },
    /// Make a new, empty ledger where the old one was lost; only after the insurance office agreed.
    ///
    /// Bills of the lost ledger are unknown afterwards. What is left of it is renamed. Refused when there is a ledger.
    Init(InitArg),
    /// Take a ledger that was put back from a copy; only after the insurance office compared it with the platform.
    ///
    /// Bills settled after the copy was made are unknown afterwards.
    Accept(InitArg),
}

/// Which ledger. Never the file alone: a new ledger belongs to institution and desk of a configuration.
#[derive(Debug, clap::Args)]
pub(super) struct InitArg {
    /// Configuration file.
    #[arg(long, value_name = "FILE", env = "ZHIJIE_CONFIG")]
    config: PathBuf,
}

/// Which ledger.
#[derive(Debug, clap::Args)]
pub(super) struct LedgerArg {
    /// Ledger file; taken from the configuration when not given.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArg,
}

impl LedgerArg {
    fn open(&self) -> anyhow::Result<Reader> {
        let path: PathBuf = match &self.ledger {
            Some(path) => path.clone(),
            None => {
                let loaded = load(&self.config.config).map_err(trouble::of_config)?;
                loaded.config.ledger.path
            }
        };
        Ledger::open_read_only(&path).map_err(|error| trouble::of_ledger(&path, error).into())
    }
}

pub(super) fn ledger(command: &LedgerCommand) -> anyhow::Result<()> {
    match command {
        LedgerCommand::Verify(arg) => verify_all(arg),
        LedgerCommand::Show { bill, ledger } => show(bill, ledger),
        LedgerCommand::List { count, ledger } => list(*count, ledger),
        LedgerCommand::Init(arg) => init(&arg.config),
        LedgerCommand::Accept(arg) => accept(&arg.config),
    }
}

fn init(config: &Path) -> anyhow::Result<()> {
    let config = load(config).map_err(trouble::of_config)?.config;
    let path = &config.ledger.path;
    let (ledger, renamed) = Ledger::init(path, &opening(&config, &SystemClock::default()))
        .map_err(|error| trouble::of_ledger(path, error))?;
    drop(ledger);
    for name in renamed {
        print(&format!("留存 kept  {}", name.display()))?;
    }
    print(&format!("新建空账本 new empty ledger  {}", path.display()))
}

fn accept(config: &Path) -> anyhow::Result<()> {
    let config = load(config).map_err(trouble::of_config)?.config;
    let path = &config.ledger.path;
    let ledger = Ledger::accept(path, &opening(&config, &SystemClock::default()))
        .map_err(|error| trouble::of_ledger(path, error))?;
    print(&format!(
        "已接受账本 accepted ledger  {}  {} records",
        path.display(),
        ledger.head().seq
    ))
}

fn verify_all(arg: &LedgerArg) -> anyhow::Result<()> {
    let reader = arg.open()?;
    match verify(&reader, |_, _| {}) {
        Ok(report) => print(&format!(
            "账本完整 ledger is whole: {} records, head {}",
            report.records,
            hex::encode(report.head.digest)
        )),
        Err(error) => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            bail!("账本损坏 ledger is damaged: {text}")
        }
    }
}

fn list(count: u32, arg: &LedgerArg) -> anyhow::Result<()> {
    let reader = arg.open()?;
    for row in reader.bills(count)? {
        let mark = if row.open { "*" } else { " " };
        print(&format!("{mark} {}  record {}", row.bill, row.last_seq))?;
    }
    Ok(())
}

fn show(bill: &str, arg: &LedgerArg) -> anyhow::Result<()> {
    let reader = arg.open()?;
    let bill = BillId::new(bill)?;
    let history = reader.history(&bill)?;
    if history.is_empty() {
        bail!("账本中没有这张单据 no such bill in the ledger");
    }
    if bill.is_stay() {
        return show_stay(&history);
    }
    let mut state = State::Blank;
    for entry in &history {
        let step = read_record(&entry.record)?;
        if let Some((event, moment)) = &step {
            state = advance(&state, event, moment).0.next;
        }
        let why = step.as_ref().map(|(event, _)| why(event)).unwrap_or_default();
        print(&line(entry, why, state.name()))?;
    }
    print(&format!("= {}", summary(&state)))
}

fn show_stay(history: &[Entry]) -> anyhow::Result<()> {
    let mut state = StayState::Blank;
    for entry in history {
        let step = read_stay_record(&entry.record)?;
        if let Some((event, moment)) = &step {
            state = stay_advance(&state, event, moment).0.next;
        }
        let why = step
            .as_ref()
            .map(|(event, _)| why_of_stay(event))
            .unwrap_or_default();
        print(&line(entry, why, state.name()))?;
    }
    let mut text = String::from(state.name());
    if let Some(stay) = state.stay() {
        let total = stay.unsettled(None).map(|all| all.total.to_string());
        text.push_str(&format!(
            ": visit {}, {} lines, total {}, {} lines in question",
            stay.visit_id,
            stay.lines.len(),
            total.unwrap_or_default(),
            stay.uncertain.len(),
        ));
    }
    if let Some(doubt) = state.doubt() {
        text.push_str(&in_doubt(doubt));
    }
    print(&format!("= {text}"))
}

fn in_doubt(doubt: &Doubt) -> String {
    format!(
        ": message {} in doubt since {}, asked {} times",
        doubt.subject,
        rfc3339_beijing(doubt.since),
        doubt.asked
    )
}

/// Why nothing came back, where nothing did.
const fn why(event: &Event) -> &'static str {
    match event {
        Event::Lost { silence, .. } => silence.name(),
        Event::NotSent { reason, .. } => reason.name(),
        Event::SettleAsked {
            overruled: Some(_), ..
        } => "overruled",
        Event::StatementTold { stated, .. } => stated.name(),
        Event::StatementAsked { .. }
        | Event::CancelAsked { .. }
        | Event::DeferAsked { .. }
        | Event::ReplayDue
        | Event::QuoteAsked { .. }
        | Event::SettleAsked { .. }
        | Event::Confirmed { .. }
        | Event::Resolved { .. }
        | Event::Answered { .. }
        | Event::Woken
        | Event::Restarted => "",
    }
}

const fn why_of_stay(event: &StayEvent) -> &'static str {
    match event {
        StayEvent::Lost { silence, .. } => silence.name(),
        StayEvent::NotSent { reason, .. } => reason.name(),
        StayEvent::AdmitAsked { .. }
        | StayEvent::Asked { .. }
        | StayEvent::Resolved { .. }
        | StayEvent::Answered { .. }
        | StayEvent::Woken
        | StayEvent::Restarted => "",
    }
}

/// One record, told as a line without patient data.
fn line(entry: &Entry, why: &str, state: &str) -> String {
    let record = &entry.record;
    let digest = hex::encode(record.digest);
    let mut text = format!(
        "{:>6}  {}  {}  {:<20} -> {}",
        record.seq,
        digest.get(..8).unwrap_or_default(),
        rfc3339_beijing(record.at),
        record.kind,
        state,
    );
    if !why.is_empty() {
        text.push_str(&format!("  ({why})"));
    }
    if let Some(intent) = &entry.intent {
        text.push_str(&format!(
            "  sends {} as {}",
            intent.transaction, intent.message_id
        ));
    }
    if let Some(ending) = &entry.ending {
        text.push_str(&format!("  {} {}", ending.message_id, ending.how));
    }
    for answer in &entry.answers {
        text.push_str(&format!("  tells {} {}", answer.request_id, answer.outcome));
    }
    text
}

fn summary(state: &State) -> String {
    let mut text = String::from(state.name());
    if let Some(settled) = state.settled() {
        let split = &settled.settlement.split;
        text.push_str(&format!(
            ": settlement {}, total {}, funds {}, account {}, cash {}",
            settled.settlement.id,
            split.total(),
            split.parts().fund_total,
            split.parts().account,
            split.cash(),
        ));
    }
    if let Some(doubt) = state.doubt() {
        text.push_str(&in_doubt(doubt));
    }
    text
}
