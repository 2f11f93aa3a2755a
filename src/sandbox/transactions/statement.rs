//! 3201: the hospital's totals of some days against the journal. Refunds are rows of their own with the other sign; where
//! the hospital says that its totals are without refunds, a settlement and its refund both stay out.

use jiff::civil::Date;
use zhijie_model::Fen;

use crate::json::Object;
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Settlement};
use crate::transactions::sheet::{account_told, clearing_kind};
use crate::transactions::{Context, Done};
use crate::{StatementCodes, TotalsCount};

/// One group of the journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    total: Fen,
    funds: Fen,
    account: Fen,
    count: i64,
}

impl Sums {
    fn plus(self, row: &Settlement, account: Fen, (funds_with_account, counts): (bool, i64)) -> Option<Self> {
        let split = &row.split;
        let funds = if funds_with_account {
            Fen::sum([split.funds, split.account, split.mutual])?
        } else {
            split.funds
        };
        Some(Self {
            total: self.total.checked_add(split.total)?,
            funds: self.funds.checked_add(funds)?,
            account: self.account.checked_add(account)?,
            count: self.count.checked_add(counts)?,
        })
    }
}

pub(super) fn totals(context: &Context<'_>) -> Done {
    let node = context.data_node(&[
        "insutype",
        "clr_type",
        "stmt_begndate",
        "stmt_enddate",
        "medfee_sumamt",
        "fund_pay_sumamt",
        "fixmedins_setl_cnt",
    ])?;
    // Some provinces name the office after the settlements it clears, and the account after what it is not.
    let office = one_of(&node, &["setl_optins", "clr_optins"])?;
    let account = one_of(&node, &["acct_pay", "cash_payamt"])?;
    let flag = node
        .optional("refd_setl_flag")?
        .or(node.optional("REFD_SETL_FLAG")?);
    let with_refunds = match flag.as_deref() {
        None | Some("1") => true,
        Some("0") => false,
        Some(_) => return Err(node.wrong("refd_setl_flag").into()),
    };
    let counted = node.text("fixmedins_setl_cnt")?;
    let theirs = Sums {
        total: node.fen("medfee_sumamt")?,
        funds: node.fen("fund_pay_sumamt")?,
        account: Fen::from_yuan(&account).map_err(|_| node.wrong("acct_pay"))?,
        count: counted.parse().map_err(|_| node.wrong("fixmedins_setl_cnt"))?,
    };
    let group = Group {
        insurance: node.text("insutype")?,
        kind: node.text("clr_type")?,
        office: office.clone(),
        days: (node.date("stmt_begndate")?, node.date("stmt_enddate")?),
        with_refunds,
    };
    let ours = sums(context, &group)?;
    let (digit, told) = verdict(ours, theirs);
    let result = match (context.options.statement_codes, digit) {
        (StatementCodes::Short, _) => String::from(digit),
        (StatementCodes::Long, "0") => String::from("000000"),
        (StatementCodes::Long, _) => format!("00010{digit}"),
    };
    let info = Object::new()
        .with("setl_optins", office)
        .with("stmt_rslt", result)
        .with("stmt_rslt_dscr", told);
    Ok(Some(Object::new().with("stmtinfo", info)))
}

/// What is compared: insurance, kind of clearing, office that clears, days.
struct Group {
    insurance: String,
    kind: String,
    office: String,
    days: (Date, Date),
    with_refunds: bool,
}

impl Group {
    fn holds(&self, row: &Settlement, office: &str) -> bool {
        let day = row.at.get(..10).and_then(|day| day.parse::<Date>().ok());
        let undone = row.refunded || row.refund_of.is_some();
        self.kind == clearing_kind(&row.facts.kind)
            && self.insurance == row.insurance
            && self.office == office
            && day.is_some_and(|day| self.days.0 <= day && day <= self.days.1)
            && (self.with_refunds || !undone)
    }
}

fn sums(context: &Context<'_>, group: &Group) -> Result<Sums, Fail> {
    let mut sums = Sums::default();
    for row in store::settlements(context.db, None)? {
        let visit = store::visit_by_id(context.db, &row.visit)?;
        let Some(visit) = visit.filter(|visit| visit.institution == context.request.institution) else {
            continue;
        };
        if group.holds(&row, &visit.area) {
            let counts = match context.options.totals_count {
                TotalsCount::Net if row.refund_of.is_some() => -1,
                TotalsCount::Rows | TotalsCount::Net => 1,
            };
            sums = sums
                .plus(
                    &row,
                    account_told(context, &row.split),
                    (context.options.fund_includes_account, counts),
                )
                .ok_or_else(|| Refusal::business("对账合计超出范围"))?;
        }
    }
    Ok(sums)
}

/// Code and words; the code as the shorter of the two lists that were seen has it.
fn verdict(ours: Sums, theirs: Sums) -> (&'static str, String) {
    if ours == theirs {
        return ("0", String::from("对平"));
    }
    let code = match ours.count.cmp(&theirs.count) {
        core::cmp::Ordering::Greater => "1",
        core::cmp::Ordering::Less => "2",
        core::cmp::Ordering::Equal => "3",
    };
    let told = format!(
        "中心:笔数{},总额{},基金{},个账{}",
        ours.count, ours.total, ours.funds, ours.account
    );
    (code, told)
}

fn one_of(node: &crate::fields::Fields, names: &[&str]) -> Result<String, Refusal> {
    for name in names {
        if let Some(text) = node.optional(name)? {
            return Ok(text);
        }
    }
    node.text(names.first().copied().unwrap_or_default())
}
