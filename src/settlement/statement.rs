//! What a statement of the centre says about one message in doubt: the rows of some days, compared with ours.

use serde::{Deserialize, Serialize};
use zhijie_model::{MessageId, SettlementId, StatedTotals, VisitId};

use crate::doubt::Doubt;
use crate::event::Moment;
use crate::state::Quote;

/// Statements asked for while a doubt lasts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statements {
    /// The one that is waited for; void with the next question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Where the clock nobody can set stood when the doubt's age was counted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_uptime_s: Option<u64>,
}

/// A statement that is being asked for, and how old the doubt was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The message that asks for it.
    pub statement: MessageId,
    pub age_s: u32,
}

/// What was found about the message in doubt, by its id alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stated", rename_all = "snake_case")]
pub enum Stated {
    /// A row names the message: it was executed.
    Listed(Box<Listed>),
    /// No row names it.
    Unlisted {
        /// The statement shows every row of the group the message would belong to, on every day it may have been executed, and
        /// the profile says that a missing row counts.
        complete: bool,
    },
}

impl Stated {
    /// The kind, for logs and lists.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Listed(listed) if listed.refunded => "listed as refunded",
            Self::Listed(_) => "listed",
            Self::Unlisted { complete: true } => "not listed",
            Self::Unlisted { complete: false } => "not listed, which proves nothing",
        }
    }
}

/// The row that names the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub settlement: Option<SettlementId>,
    pub visit: Option<VisitId>,
    /// A refund, or a settlement that was refunded.
    pub refunded: bool,
    /// The centre's amounts, where the statement has them.
    pub totals: Option<StatedTotals>,
}

/// Whether these are the amounts of the quote.
pub(crate) fn are_those_of(totals: &StatedTotals, quote: &Quote) -> bool {
    let parts = quote.trial.split.parts();
    (totals.total, totals.funds, totals.account) == (parts.total, parts.fund_total, parts.account)
}

impl Doubt {
    /// Notes that a statement is being asked for. Time that passed since the latest one counts, by the clock nobody can set.
    pub(crate) fn ask_statement(&mut self, statement: &MessageId, moment: &Moment) {
        let statements = self.statements.get_or_insert_default();
        if let (Some(counted), Some(now)) = (statements.counted_uptime_s, moment.uptime_s) {
            let since = self
                .planned_uptime_s
                .map_or(counted, |planned| planned.max(counted));
            let passed = now.saturating_sub(since);
            let passed = u32::try_from(passed).unwrap_or(u32::MAX);
            self.age_s = self.age_s.saturating_add(passed);
        }
        statements.counted_uptime_s = moment.uptime_s;
        statements.asked = Some(Asked {
            statement: statement.clone(),
            age_s: self.age_s,
        });
    }

    /// A question goes out: no statement from before it counts any more. Gives where the age was counted last.
    pub(crate) fn void_statement(&mut self, moment: &Moment) -> Option<u64> {
        let statements = self.statements.as_mut()?;
        statements.asked = None;
        core::mem::replace(&mut statements.counted_uptime_s, moment.uptime_s)
    }

    /// Lets the time up to now count for nothing, where a statement has begun to count.
    pub(crate) fn count_from(&mut self, moment: &Moment) {
        if let Some(statements) = &mut self.statements {
            statements.counted_uptime_s = moment.uptime_s;
        }
    }

    /// How old the doubt was when this statement was asked for; `None` when it is another one, or something was asked or done
    /// since.
    pub(crate) fn age_at_statement(&self, statement: &MessageId) -> Option<u32> {
        let asked = self.statements.as_ref()?.asked.as_ref()?;
        (asked.statement == *statement).then_some(asked.age_s)
    }
}
