//! `zhijie-sandbox serve`.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use zhijie_model::{Area, Private, Ratio};

use crate::clock::AheadClock;
use crate::dress::{Dress, Gateway};
use crate::options::{
    DuplicateMsgid, InfcodeMode, MutualAid, Options, PapersShown, StatementCodes, TifSecret, TotalsCount,
    TraceWish, Unmapped,
};
use crate::scenario::Scenario;
use crate::{ready, serve};

/// Addresses, folders and switches of one sandbox.
#[derive(Debug, Args)]
pub(crate) struct ServeCommand {
    /// Platform address; port 0 lets the system choose
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Admin address, loopback only
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    admin: SocketAddr,
    /// Folder of the store; without it everything is forgotten at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder with ca.pem, server.pem and server.key, as `certs` makes it
    #[arg(long, value_name = "DIR")]
    certs: PathBuf,
    /// File that tells the addresses as JSON once both accept connections
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Treatment place
    #[arg(long, value_name = "CODE", default_value = "310000", value_parser = area)]
    area: Area,
    /// How infcode is written
    #[arg(long, value_enum, default_value = "number")]
    infcode: InfcodeMode,
    /// What a message id that was seen before leads to
    #[arg(long, value_enum, default_value = "refuse")]
    duplicate_msgid: DuplicateMsgid,
    /// Require the x-tif-* headers, signed with this secret
    #[arg(long, value_name = "PAASID:SECRET", value_parser = tif)]
    tif: Option<TifSecret>,
    /// Province profile whose addresses, headers, signatures and envelopes to speak
    #[arg(long, value_name = "FILE", conflicts_with = "tif")]
    profile: Option<PathBuf>,
    /// Who the caller is at the gateway of that province; also the id its encryption keys are made of
    #[arg(long, value_name = "ID:SECRET", value_parser = pair, requires = "profile")]
    gateway: Option<(String, Private)>,
    /// Name and password at the token service of that province
    #[arg(long, value_name = "USER:PASSWORD", value_parser = pair, requires = "profile")]
    gateway_user: Option<(String, Private)>,
    /// File that tells people, filings, roads and faults from the first minute, TOML or JSON
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Seconds by which the province's clock is ahead
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_ahead: i64,
    /// Accept calls without a sign-in number
    #[arg(long)]
    no_sign_in: bool,
    /// Count the personal account into fund_pay_sumamt
    #[arg(long)]
    fund_includes_account: bool,
    /// Let 5203 find nothing for patients from other provinces
    #[arg(long)]
    empty_5203_for_visitors: bool,
    /// Refuse patients from other provinces who come with the ID number only
    #[arg(long)]
    visitors_need_card: bool,
    /// Let 2001 answer without looking at the filings
    #[arg(long)]
    no_filing_hint: bool,
    /// Settle stays (2304) before the discharge (2402), not after
    #[arg(long)]
    settle_before_discharge: bool,
    /// Take fee lines of a stay's new year (2301) when those of the old one are settled only
    #[arg(long)]
    settle_at_year_end: bool,
    /// The hospital's share of what lies above a ceiling, in stays
    #[arg(long, value_name = "RATIO", default_value = "0.5", value_parser = Ratio::parse)]
    hospital_bears: Ratio,
    /// As what people without an ID number show their papers (mdtrt_cert_type); left out, as the profile says
    #[arg(long, value_enum)]
    papers: Option<PapersShown>,
    /// What is made of the trace codes of a settlement; left out, as the profile says
    #[arg(long, value_enum)]
    traces: Option<TraceWish>,
    /// How a family member's share of a settlement is told
    #[arg(long, value_enum, default_value = "beside")]
    mutual_aid: MutualAid,
    /// Never draw on a personal account across provinces
    #[arg(long)]
    account_stays_home: bool,
    /// TOML file with the roads to insured regions, one table a region: upgrade, delay_ms, down, new_values
    #[arg(long, value_name = "FILE")]
    regions: Option<PathBuf>,
    /// Refuse an input longer than this many characters
    #[arg(long, value_name = "CHARS")]
    input_limit: Option<usize>,
    /// Columns of the drug list (1301): 92 as first published, or 97
    #[arg(long, value_name = "COUNT", default_value_t = 97, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(92..=200))]
    drug_columns: usize,
    /// Made-up drugs besides the built-in items, to make the drug list long
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    filler_drugs: u32,
    /// Seconds a file that was handed out can be fetched
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    file_life: u64,
    /// Put the mark of refund in front of the verdict in the result file of 3202
    #[arg(long)]
    statement_refund_first: bool,
    /// Leave the centre's amounts out of the result file of 3202
    #[arg(long)]
    statement_without_amounts: bool,
    /// Code list of the verdicts in the result file of 3202, and of the result of 3201
    #[arg(long, value_enum, default_value = "short")]
    statement_codes: StatementCodes,
    /// What a refund is in the count of 3201: one more row, or one less
    #[arg(long, value_enum, default_value = "rows")]
    totals_count: TotalsCount,
    /// What a fee line of an item without a mapping (3301) meets
    #[arg(long, value_enum, default_value = "accept")]
    unmapped: Unmapped,
    /// Refuse to map an own code that is mapped to another national code
    #[arg(long)]
    remap_needs_withdrawal: bool,
    /// Seconds a voucher code lives
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    voucher_life: u64,
    /// Seconds the token of a decoded voucher lives
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    token_life: u64,
}

impl ServeCommand {
    /// Runs until it is interrupted or told to end.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let ready_file = self.ready_file.clone();
        let handle = serve(self.options()?).await?;
        if let Some(path) = &ready_file {
            ready::write(path, &handle.platform_url(), &handle.admin_url())
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        tracing::info!(
            platform = handle.platform_url(),
            admin = handle.admin_url(),
            "Sandbox province is open"
        );
        interrupted().await?;
        tracing::info!("Sandbox province closes");
        handle.stop().await;
        Ok(())
    }

    fn gateway(&self) -> Gateway {
        let mut gateway = Gateway::default();
        if let Some((id, secret)) = &self.gateway {
            (gateway.id, gateway.secret) = (id.clone(), secret.clone());
        }
        if let Some((user, password)) = &self.gateway_user {
            (gateway.user, gateway.password) = (user.clone(), password.clone());
        }
        gateway
    }

    fn options(self) -> anyhow::Result<Options> {
        let roads = match &self.regions {
            None => BTreeMap::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.with_context(|| format!("cannot read {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("{} is malformed", path.display()))?
            }
        };
        let dress = match &self.profile {
            None => None,
            Some(profile) => Some(Dress::of(profile, self.gateway(), &self.certs)?),
        };
        let scenario = self.scenario.as_deref().map(Scenario::read).transpose()?;
        let infcode = dress.as_ref().map_or(self.infcode, Dress::infcode);
        let sign_in = dress.as_ref().is_none_or(Dress::sign_in_needed);
        let papers = dress.as_ref().map(Dress::papers);
        let traces = dress.as_ref().map(Dress::traces);
        let refund_first = dress.as_ref().is_some_and(Dress::refund_first);
        let account = dress.as_ref().is_some_and(Dress::fund_includes_account);
        Ok(Options {
            listen: self.listen,
            admin: self.admin,
            data_dir: self.data,
            area: self.area,
            infcode,
            duplicate_msgid: self.duplicate_msgid,
            tif: self.tif,
            dress,
            scenario,
            clock: Arc::new(AheadClock(self.clock_ahead)),
            sign_in: sign_in && !self.no_sign_in,
            fund_includes_account: account || self.fund_includes_account,
            empty_5203_for_visitors: self.empty_5203_for_visitors,
            visitors_need_card: self.visitors_need_card,
            filing_hint: !self.no_filing_hint,
            settles_before_discharge: self.settle_before_discharge,
            settles_at_year_end: self.settle_at_year_end,
            hospital_bears: Some(self.hospital_bears),
            papers: self.papers.or(papers).unwrap_or(PapersShown::Other),
            traces: self.traces.or(traces).unwrap_or(TraceWish::Checked),
            mutual_aid: self.mutual_aid,
            account_stays_home: self.account_stays_home,
            roads,
            input_chars_max: self.input_limit,
            drug_columns: self.drug_columns,
            filler_drugs: self.filler_drugs,
            file_life: Duration::from_secs(self.file_life),
            statement_refund_first: refund_first || self.statement_refund_first,
            statement_amounts: !self.statement_without_amounts,
            statement_codes: self.statement_codes,
            totals_count: self.totals_count,
            unmapped: self.unmapped,
            remap_needs_withdrawal: self.remap_needs_withdrawal,
            voucher_life: Duration::from_secs(self.voucher_life),
            token_life: Duration::from_secs(self.token_life),
            ..Options::new(self.certs)?
        })
    }
}

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn area(text: &str) -> Result<Area, String> {
    Area::new(text).map_err(|error| error.to_string())
}

fn tif(text: &str) -> Result<TifSecret, String> {
    let (paasid, secret) = pair(text)?;
    Ok(TifSecret { paasid, secret })
}

fn pair(text: &str) -> Result<(String, Private), String> {
    let (name, secret) = text
        .split_once(':')
        .ok_or("write two parts with a colon between")?;
    Ok((String::from(name), Private::new(secret)))
}
