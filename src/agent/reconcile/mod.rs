//! The day's reconciliation: what neither query nor reversal could tell is looked for in the centre's statement of the days.
//!
//! It asks, compares and tells the bills what was found; what that means for money is the saga's to decide. Every failure
//! on the way teaches nothing, and the next run asks anew. Start reading at `judge.rs`.

mod doubtful;
mod judge;
#[cfg(test)]
mod judge_tests;
mod own;
mod schedule;
mod totals;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use thiserror::Error;
use zhijie_model::{Area, BillId, MessageId, OwnRow, RowVerdict, SettlementId, StatementRow, business_day};
use zhijie_settlement::{Event, Operator, State, Stated};
use zhijie_wire::{EncodeError, RowsAsked, StatementFault, StatementRules, read_statement, rows_file};

use crate::clock::Clock;
use crate::core::{CoreGone, CoreHandle, Key};
use crate::platform::{Platform, Trouble};

pub use doubtful::{Doubtful, Group, Placed, Refunds, Sure, Whose};
pub use judge::{Reach, judge};
pub use schedule::{Past, Times, due};
pub use totals::TotalsReport;

use own::Own;

/// Asks for statements. One run at a time.
#[derive(Debug)]
pub struct Reconciler {
    pub platform: Arc<Platform>,
    pub core: Arc<CoreHandle>,
    pub clock: Arc<dyn Clock>,
    /// The ledger's file; read through a connection of its own.
    pub ledger: PathBuf,
    pub care: Area,
    /// Who asks when nobody says so.
    pub operator: Operator,
    pub times: Times,
    one: tokio::sync::Mutex<()>,
}

/// Why no run was made.
#[derive(Debug, Error)]
pub enum NoRun {
    #[error("the profile has no [reconciliation]")]
    NoRules,
    #[error("a run is under way")]
    UnderWay,
    #[error(transparent)]
    Core(#[from] CoreGone),
    #[error("the ledger cannot be read: {0}")]
    Ledger(String),
    #[error(transparent)]
    SignIn(Trouble),
}

/// Why a statement taught nothing.
#[derive(Debug, Error)]
pub enum Failed {
    #[error("{0}")]
    Trouble(#[from] Trouble),
    #[error("the statement is not believed: {0}")]
    Statement(#[from] StatementFault),
    #[error("the rows cannot be sent: {0}")]
    Rows(#[from] EncodeError),
    #[error(transparent)]
    Core(#[from] CoreGone),
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    pub groups: Vec<Compared>,
    /// Doubts that ended.
    pub ended: Vec<Ended>,
    /// Doubts that are left, with what a statement said of them.
    pub left: Vec<(Doubtful, Option<Stated>)>,
}

/// One group as it was compared.
#[derive(Debug)]
pub struct Compared {
    pub group: Group,
    pub days: (Date, Date),
    /// Rows of this desk.
    pub own: usize,
    /// Rows only the centre has; other desks' are among them.
    pub centre_more: usize,
    pub hospital_more: usize,
    pub differ: usize,
    /// Messages numbered as this desk's that it never sent.
    pub strangers: Vec<MessageId>,
    pub failed: Option<Failed>,
}

/// A doubt that ended.
#[derive(Debug, Clone)]
pub struct Ended {
    pub bill: BillId,
    pub subject: MessageId,
    /// Whether what the desk had asked for is done.
    pub done: bool,
    pub settlement: Option<SettlementId>,
    pub state: Arc<State>,
}

/// What is asked for at once.
#[derive(Debug)]
struct Asking {
    group: Group,
    from: Date,
    placed: Vec<Placed>,
}

impl Reconciler {
    #[must_use]
    pub fn new(
        platform: Arc<Platform>,
        core: Arc<CoreHandle>,
        clock: Arc<dyn Clock>,
        ledger: PathBuf,
        (care, operator, times): (Area, Operator, Times),
    ) -> Self {
        Self {
            platform,
            core,
            clock,
            ledger,
            care,
            operator,
            times,
            one: tokio::sync::Mutex::default(),
        }
    }

    /// Doubts a statement may end.
    ///
    /// # Errors
    /// [`CoreGone`].
    pub async fn doubts(&self) -> Result<Vec<Doubtful>, CoreGone> {
        let open = self.core.open().await?;
        Ok(open
            .iter()
            .filter_map(|(bill, state)| Doubtful::of(bill, state))
            .collect())
    }

    /// Asks for the statements of all doubts that are left; with a day, also of this desk's own groups since that day. Asks
    /// nothing where there is nothing to compare.
    ///
    /// # Errors
    /// [`NoRun`]; nothing was asked.
    pub async fn run(&self, day: Option<Date>, operator: &Operator) -> Result<Report, NoRun> {
        let rules = self.platform.profile().reconciliation.clone();
        let rules = rules.ok_or(NoRun::NoRules)?;
        let _one = self.one.try_lock().map_err(|_| NoRun::UnderWay)?;
        let doubts = self.doubts().await?;
        if doubts.is_empty() && day.is_none() {
            return Ok(Report::default());
        }
        let own = self.own(&doubts).await?;
        let mut report = Report::default();
        let plan = self.plan(&doubts, &own, (day, &rules));
        if !plan.is_empty() {
            let message_id = self.core.new_message_id().await?;
            let signed = self.platform.sign_in(operator, message_id).await;
            signed.map_err(NoRun::SignIn)?;
        }
        let mut said: Vec<(MessageId, Stated)> = Vec::new();
        for asking in plan {
            let compared = self.ask(&asking, &own, (operator, &rules), &mut said).await;
            tracing::info!(
                office = compared.group.office, kind = compared.group.kind, own = compared.own,
                centre_more = compared.centre_more, failed = ?compared.failed.as_ref().map(ToString::to_string),
                "Statement compared"
            );
            report.groups.push(compared);
        }
        for doubt in doubts {
            match self.ended(&doubt).await? {
                Some(ended) => report.ended.push(ended),
                None => {
                    let stated = said.iter().find(|(subject, _)| *subject == doubt.subject);
                    let stated = stated.map(|(_, stated)| stated.clone());
                    report.left.push((doubt, stated));
                }
            }
        }
        Ok(report)
    }

    async fn own(&self, doubts: &[Doubtful]) -> Result<Own, NoRun> {
        let (path, doubts) = (self.ledger.clone(), doubts.to_vec());
        let read =
            tokio::task::spawn_blocking(move || own::read(&path, &doubts).map_err(|error| error.to_string()));
        let read = read.await.map_err(|error| NoRun::Ledger(error.to_string()))?;
        read.map_err(NoRun::Ledger)
    }

    /// One question for each group: from the first day one of its doubts may have been executed on.
    fn plan(
        &self,
        doubts: &[Doubtful],
        own: &Own,
        (day, rules): (Option<Date>, &StatementRules),
    ) -> Vec<Asking> {
        let today = business_day(self.clock.now());
        let mut plan: Vec<Asking> = Vec::new();
        let mut add = |group: Group, from: Date, placed: Option<Placed>| {
            let known = plan.iter_mut().find(|asking| asking.group == group);
            match known {
                Some(asking) => {
                    asking.from = asking.from.min(from);
                    asking.placed.extend(placed);
                }
                None => plan.push(Asking {
                    group,
                    from,
                    placed: placed.into_iter().collect(),
                }),
            }
        };
        for doubt in doubts {
            let Some((group, sure)) = doubt.group(&own.seen, rules, self.care) else {
                continue;
            };
            let tried = own.tried.iter().find(|(subject, _)| *subject == doubt.subject);
            let from = tried.and_then(|(_, day)| *day);
            let placed = Placed {
                doubtful: doubt.clone(),
                group: group.clone(),
                sure,
                from,
            };
            // Without the centre's own word for the day nothing missing counts; a day more than the PC's clock says is asked for.
            let from = from.or_else(|| today.yesterday().ok()).unwrap_or(today);
            add(group, from, Some(placed));
        }
        if let Some(day) = day {
            for dated in own.rows.iter().filter(|dated| dated.day >= day) {
                add(dated.group.clone(), day, None);
            }
        }
        plan
    }

    /// Asks for one statement and tells its doubts what it says.
    async fn ask(
        &self,
        asking: &Asking,
        own: &Own,
        (operator, rules): (&Operator, &StatementRules),
        said: &mut Vec<(MessageId, Stated)>,
    ) -> Compared {
        let rows = own.of(&asking.group, asking.from);
        let mut compared = Compared {
            group: asking.group.clone(),
            days: (asking.from, asking.from),
            own: rows.len(),
            centre_more: 0,
            hospital_more: 0,
            differ: 0,
            strangers: Vec::new(),
            failed: None,
        };
        match self.statement(asking, &rows, operator, &mut compared).await {
            Ok((statement, differing, reach)) => {
                let count =
                    |verdict: RowVerdict| differing.iter().filter(|row| row.verdict == verdict).count();
                compared.centre_more = count(RowVerdict::CentreMore);
                compared.hospital_more = count(RowVerdict::HospitalMore);
                compared.differ = count(RowVerdict::Differs);
                compared.strangers = self.strangers(&differing).await;
                if !compared.strangers.is_empty() {
                    tracing::warn!(
                        code = "AGENT-021", messages = ?compared.strangers,
                        "The centre holds settlements under this desk's slot that this ledger never sent"
                    );
                }
                for placed in &asking.placed {
                    let Some((behind_s, stated)) = judge(placed, &differing, reach, rules) else {
                        tracing::warn!(bill = %placed.doubtful.bill, "The statement contradicts itself about this bill");
                        continue;
                    };
                    said.push((placed.doubtful.subject.clone(), stated.clone()));
                    let event = Event::StatementTold {
                        statement: statement.clone(),
                        behind_s,
                        stated,
                    };
                    if let Err(gone) = self.core.tell(placed.doubtful.bill.clone(), event).await {
                        compared.failed = Some(Failed::Core(gone));
                    }
                }
            }
            Err(failed) => {
                tracing::warn!(%failed, "No statement; it is asked for again later");
                compared.failed = Some(failed);
            }
        }
        compared
    }

    /// Rows made under this desk's slot that its ledger knows nothing of. A ledger that cannot be read now says so elsewhere.
    async fn strangers(&self, rows: &[StatementRow]) -> Vec<MessageId> {
        let (path, rows) = (self.ledger.clone(), rows.to_vec());
        let found = tokio::task::spawn_blocking(move || own::strangers(&path, &rows)).await;
        found.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Stores our rows, has them compared, and fetches what differs. That it is asked for is on record before.
    async fn statement(
        &self,
        asking: &Asking,
        rows: &[OwnRow],
        operator: &Operator,
        compared: &mut Compared,
    ) -> Result<(MessageId, Vec<StatementRow>, Reach), Failed> {
        let statement = self.core.new_message_id().await?;
        for placed in &asking.placed {
            let event = Event::StatementAsked {
                statement: statement.clone(),
            };
            self.core.tell(placed.doubtful.bill.clone(), event).await?;
        }
        let profile = self.platform.profile();
        let file = rows_file(rows, profile)?;
        // Answered after the records above were made.
        let message_id = self.core.new_message_id().await?;
        let name = format!("{}.zip", statement.as_str());
        let stored = self
            .platform
            .store_file((&name, &file), operator, message_id)
            .await?;
        let (ticket, taken_at) = stored;
        let today = taken_at.map_or_else(|| business_day(self.clock.now()), DateTime::date);
        let days = (asking.from.min(today), today);
        compared.days = days;
        let asked = RowsAsked {
            kind: &asking.group.kind,
            office: &asking.group.office,
            days,
            rows,
            file: &ticket,
        };
        let (ticket, made_at) = self
            .platform
            .compare_rows(&asked, operator, statement.clone())
            .await?;
        let message_id = self.core.new_message_id().await?;
        let file = self
            .platform
            .fetch_statement(&ticket, operator, message_id)
            .await?;
        let differing = read_statement(&file, profile)?;
        Ok((statement, differing, Reach { days, made_at }))
    }

    /// How a doubt ended; `None` while it is left.
    async fn ended(&self, doubt: &Doubtful) -> Result<Option<Ended>, CoreGone> {
        let Some(found) = self.core.find(Key::Bill(doubt.bill.clone())).await? else {
            return Ok(None);
        };
        let state = found.state;
        if state.doubt().is_some_and(|open| open.subject == doubt.subject) {
            return Ok(None);
        }
        let done = match (&*state, &doubt.refunds) {
            (State::Settled(settled), None) => settled.message_id == doubt.subject,
            (State::Cancelled { refunded_by, .. }, Some(_)) => *refunded_by == doubt.subject,
            _ => false,
        };
        let settlement = state.settled().map(|settled| settled.settlement.id.clone());
        Ok(Some(Ended {
            bill: doubt.bill.clone(),
            subject: doubt.subject.clone(),
            done,
            settlement,
            state,
        }))
    }
}
