//! The day's rows against the centre's: ours are stored, compared, and what differs is fetched and read.

use zhijie_model::{OwnRow, StatedTotals};
use zhijie_wire::{RowsAsked, RowsCompared, draft_rows, read_rows, read_statement, rows_file};

use super::lists::none;
use super::*;

impl Run<'_> {
    /// The settlement of this battery and its refund. Others of the day may differ; these may not.
    pub(super) async fn statement(&mut self) -> Done {
        if self.line.profile.reconciliation.is_none() {
            return Err(none("档案未写 reconciliation not in the profile"));
        }
        let (open, settlement, _) = self.settled()?;
        let (Some(kind), Some(office)) = (
            settlement.clearing.kind.clone(),
            settlement.clearing.office.clone(),
        ) else {
            return Err(none("结算未给清算类别 no kind of clearing"));
        };
        let rows = self.own_rows(&open, &settlement)?;
        let file = rows_file(&rows, &self.line.profile).map_err(|error| failed(&error.to_string()))?;
        let stored = self.stored("statement.zip", &file).await?;
        let day = settlement.settled_at.date();
        let asked = RowsAsked {
            kind: &kind,
            office: &office,
            days: (day, day),
            rows: &rows,
            file: &stored,
        };
        let head = self.line.head(self.line.sender.care_area)?;
        let drafted = draft_rows(&asked, &head, &self.line.profile);
        let heard = self.line.exchange(drafted).await?;
        let ticket = match read_rows(&heard.body, &self.line.profile).map_err(unreadable)? {
            RowsCompared::File(ticket, _) => ticket,
            RowsCompared::Refused(refusal) => return Err(refused(&refusal)),
        };
        let told = self.fetched(&ticket).await?;
        let told = read_statement(&told, &self.line.profile).map_err(|fault| failed(&fault.to_string()))?;
        let ours = |row: &zhijie_model::StatementRow| {
            row.settlement
                .as_ref()
                .is_some_and(|id| rows.iter().any(|own| own.settlement == *id))
        };
        if told
            .iter()
            .any(|row| ours(row) && row.verdict != zhijie_model::RowVerdict::Balanced)
        {
            Err(failed("the statement differs from the settlement and its refund"))
        } else {
            Ok(())
        }
    }

    fn own_rows(&self, open: &Open, settlement: &Settlement) -> Result<Vec<OwnRow>, Stop> {
        let parts = settlement.split.parts();
        let totals = StatedTotals {
            total: parts.total,
            funds: parts.fund_total,
            account: parts.account,
        };
        let person = self.payer()?.number;
        let row = |id: &SettlementId, totals: StatedTotals, refund: bool| OwnRow {
            settlement: id.clone(),
            visit: open.id.clone(),
            person: person.clone(),
            totals,
            refund,
        };
        let negated = StatedTotals {
            total: totals.total.negated(),
            funds: totals.funds.negated(),
            account: totals.account.negated(),
        };
        let refund = self.refund.as_ref().map(|refund| row(&refund.id, negated, true));
        let settled = row(&settlement.id, totals, false);
        Ok(core::iter::once(settled).chain(refund).collect())
    }
}
