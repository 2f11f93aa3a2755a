//! The steps that move money, what they leave behind, and what follows them.

use super::*;

impl Run<'_> {
    /// Settles by the trial's amounts.
    pub(super) async fn made(&mut self, open: &Open) -> Result<(Settlement, MessageId), Stop> {
        let call = Call::Settle {
            payer: self.payer()?,
            visit_id: open.id.clone(),
            kind: open.visit.kind.clone(),
            batch: open.bill.batch().clone(),
            total: open.bill.total(),
            account: AccountUse::Use,
            amounts: open.trial.amounts,
            invoice: None,
            traces: Traces::default(),
        };
        match self.line.call(&call, Some(&self.credential)).await? {
            (Reply::Settled { settlement }, message_id) => Ok((settlement, message_id)),
            _ => Err(other()),
        }
    }

    pub(super) async fn settle(&mut self) -> Done {
        let open = self.open.clone().ok_or_else(other)?;
        let (settlement, message_id) = self.made(&open).await?;
        let same = settlement.split.pays_as(&open.trial.split);
        self.settled = Some((open, settlement, message_id));
        if same {
            Ok(())
        } else {
            Err(failed("the settlement has other amounts than its trial"))
        }
    }

    pub(super) fn settled(&self) -> Result<(Open, Settlement, MessageId), Stop> {
        self.settled.clone().ok_or_else(other)
    }

    pub(super) async fn find_settlement(&mut self) -> Done {
        let (open, settlement, message_id) = self.settled()?;
        let rows = self.rows(&open, None).await?;
        let found = rows
            .iter()
            .find(|row| row.settlement.id == settlement.id && !row.refunded);
        let found = found.ok_or_else(|| failed("the settlement just made is not found"))?;
        if found
            .settlement
            .message_id
            .as_ref()
            .is_some_and(|echo| *echo != message_id)
        {
            return Err(failed("the settlement names another message"));
        }
        if found.settlement.split.pays_as(&settlement.split) {
            Ok(())
        } else {
            Err(failed("the query has other amounts than the settlement"))
        }
    }

    /// Whether the centre compares totals at all: those of this one settlement need not be those of the day.
    pub(super) async fn totals(&mut self) -> Done {
        let (_, settlement, _) = self.settled()?;
        let day = business_day(self.line.clock.now());
        let (Some(kind), Some(office)) = (settlement.clearing.kind, settlement.clearing.office) else {
            return Err(Stop::NotSupported(String::from(
                "结算未给清算类别 no kind of clearing",
            )));
        };
        let parts = settlement.split.parts();
        let totals = Totals {
            insurance: self.payer()?.insurance,
            kind,
            office,
            days: (day, day),
            total: parts.total,
            funds: parts.fund_total,
            account: parts.account,
            count: 1,
        };
        let head = self.line.head(self.line.sender.care_area)?;
        let drafted = draft_totals(&totals, &head, &self.line.profile);
        let heard = self.line.exchange(drafted).await?;
        match read_totals(&heard.body, &self.line.profile).map_err(unreadable)? {
            Compared::Balanced | Compared::Unequal(_) => Ok(()),
            Compared::Refused(refusal) => Err(refused(&refusal)),
        }
    }

    pub(super) async fn refund(&mut self) -> Done {
        let (open, settlement, _) = self.settled()?;
        let call = Call::Cancel {
            payer: self.payer()?,
            visit_id: open.id,
            settlement: settlement.id.clone(),
        };
        let Reply::Cancelled { refund } = self.line.call(&call, None).await?.0 else {
            return Err(other());
        };
        self.refund = Some(refund.clone());
        if refund.id == settlement.id {
            return Err(failed("the refund has the number of what it refunds"));
        }
        if refund.total == open.bill.total().negated() {
            Ok(())
        } else {
            Err(failed("the refund is not the whole bill"))
        }
    }

    pub(super) async fn find_refunded(&mut self) -> Done {
        let (open, settlement, _) = self.settled()?;
        let rows = self.rows(&open, Some(&settlement.id)).await?;
        if rows
            .iter()
            .any(|row| row.settlement.id == settlement.id && !row.refunded)
        {
            Err(failed("the refunded settlement still stands"))
        } else {
            Ok(())
        }
    }

    pub(super) async fn reverse_refunded(&mut self) -> Done {
        let (_, _, message_id) = self.settled()?;
        self.must_refuse(message_id).await
    }

    pub(super) async fn reverse_nothing(&mut self) -> Done {
        let never_sent = self.line.head(self.line.sender.care_area)?.message_id;
        self.must_refuse(never_sent).await
    }

    pub(super) async fn must_refuse(&mut self, target: MessageId) -> Done {
        let call = self.reversal(target)?;
        match self.line.call(&call, None).await {
            Ok(_) => Err(failed("the reversal was accepted")),
            Err(Stop::Refused(_)) => Ok(()),
            Err(Stop::Unclear(why)) => Err(Stop::NotSupported(format!(
                "以档案不认识的措辞拒绝，见 words.reversal_refused refused in words the profile does not know: {why}"
            ))),
            Err(stop) => Err(stop),
        }
    }

    pub(super) fn reversal(&self, target: MessageId) -> Result<Call, Stop> {
        Ok(Call::Reverse {
            payer: self.payer()?,
            target,
            transaction: Transaction::Settle,
        })
    }

    pub(super) async fn reverse(&mut self) -> Done {
        let open = self.opened().await?;
        let (settlement, message_id) = self.made(&open).await?;
        let call = self.reversal(message_id)?;
        self.line.call(&call, None).await?;
        let rows = self.rows(&open, None).await?;
        if rows
            .iter()
            .any(|row| row.settlement.id == settlement.id && !row.refunded)
        {
            Err(failed("the reversed settlement still stands"))
        } else {
            Ok(())
        }
    }

    pub(super) async fn pharmacy(&mut self) -> Done {
        let Some(kind) = self.case.pharmacy_kind.clone() else {
            return Err(Stop::NotSupported(String::from(
                "案例未写 pharmacy_kind not in the case",
            )));
        };
        let payer = self.payer()?;
        let mut visit = self.new_visit()?;
        visit.kind = kind;
        let bill = self.case.bill(self.line.institution(), &visit);
        let bill = bill.map_err(|error| failed(&error.to_string()))?;
        let account = AccountUse::Use;
        let trial = Call::TryPurchase {
            payer: payer.clone(),
            visit: visit.clone(),
            bill: bill.clone(),
            account,
        };
        self.line.call(&trial, Some(&self.credential)).await?;
        let purchase = Call::Purchase {
            payer: payer.clone(),
            visit,
            bill,
            account,
            invoice: None,
        };
        let Reply::Settled { settlement } = self.line.call(&purchase, Some(&self.credential)).await?.0 else {
            return Err(other());
        };
        let cancel = Call::CancelPurchase {
            payer,
            visit_id: settlement.visit_id,
            settlement: settlement.id,
        };
        self.line.call(&cancel, None).await.map(|_| ())
    }

    /// A file goes up and comes back as it went.
    pub(super) async fn files(&mut self) -> Done {
        const FILE: &[u8] = b"zhijie conformance\n";
        let ticket = self.stored("conformance.txt", FILE).await?;
        if self.fetched(&ticket).await? == FILE {
            Ok(())
        } else {
            Err(failed("another file came back"))
        }
    }

    pub(super) async fn stored(&mut self, name: &str, file: &[u8]) -> Result<FileTicket, Stop> {
        let head = self.line.head(self.line.sender.care_area)?;
        let drafted = draft_upload(name, file, &head, &self.line.profile);
        let heard = self.line.exchange(drafted).await?;
        match read_upload(&heard.body, &self.line.profile).map_err(unreadable)? {
            Stored::Ticket(ticket) => Ok(ticket),
            Stored::Refused(refusal) => Err(refused(&refusal)),
        }
    }
}
