//! The steps, in an order in which each finds what it needs.

mod filings;
mod lists;
mod money;
mod statement;
mod stays;

use jiff::SignedDuration;
use zhijie_model::{
    AccountUse, Bill, Call, Credential, FixedPointKind, InsuranceChoice, MessageId, Payer, Person, QueryRow,
    Refund, Reply, Settlement, SettlementId, Traces, Transaction, Trial, Visit, VisitId, VisitNumber,
    business_day,
};
use zhijie_wire::{
    Compared, Fetched, FileTicket, Inquiry, InquiryReply, Stored, Totals, draft_fetch, draft_totals,
    draft_upload, read_fetch, read_totals, read_upload,
};

use super::case::Case;
use super::line::{Line, Stop, refused, unreadable};
use super::report::{Report, Step, Verdict};

type Done = Result<(), Stop>;

const MONEY: &str = "会动资金或改变登记；需 --move-money moves money or changes records, needs --move-money";
const EARLIER: &str = "前一步未成 an earlier step did not succeed";

/// What the steps so far have brought.
struct Run<'a> {
    line: &'a mut Line,
    case: &'a Case,
    credential: Credential,
    visits: u32,
    person: Option<Person>,
    payer: Option<Payer>,
    open: Option<Open>,
    settled: Option<(Open, Settlement, MessageId)>,
    refund: Option<Refund>,
}

/// A visit with a trial.
#[derive(Clone)]
struct Open {
    visit: Visit,
    bill: Bill,
    id: VisitId,
    trial: Trial,
}

/// Runs every step once. Money moves only when `move_money` says so, and everything that was settled is refunded or
/// reversed again.
pub async fn run(line: &mut Line, case: &Case, move_money: bool) -> Report {
    let credential = case.credential();
    let mut run = Run {
        line,
        case,
        credential,
        visits: 0,
        person: None,
        payer: None,
        open: None,
        settled: None,
        refund: None,
    };
    let mut report = Report::default();
    macro_rules! step {
        ($name:literal, $ready:expr, $act:expr) => {{
            let before = run.line.exchanges;
            let verdict = if let Some(why) = $ready {
                Verdict::LeftOut(why)
            } else {
                match $act.await {
                    Ok(()) => Verdict::Passed,
                    Err(Stop::NotSupported(why)) => Verdict::NotSupported(why),
                    Err(Stop::Failed(why) | Stop::Refused(why) | Stop::Unclear(why)) => Verdict::Failed(why),
                }
            };
            report.0.push(Step {
                name: $name,
                exchanges: (before, run.line.exchanges),
                verdict,
            });
        }};
    }
    let money = (!move_money).then_some(MONEY);
    let needs = |there: bool| (!there).then_some(EARLIER);
    step!("签到 sign-in", None::<&str>, run.sign_in());
    step!("人员信息 person lookup", None::<&str>, run.person());
    step!("电子凭证解码 e-voucher", None::<&str>, run.voucher());
    step!(
        "待遇检查 benefit check",
        needs(run.payer.is_some()),
        run.benefits()
    );
    step!(
        "慢特病登记查询 chronic diseases",
        needs(run.payer.is_some()),
        run.chronic()
    );
    step!(
        "定点与备案查询 fixed places",
        needs(run.payer.is_some()),
        run.fixed_places()
    );
    step!("转院查询 referrals", needs(run.payer.is_some()), run.referrals());
    step!("审批查询 approvals", needs(run.payer.is_some()), run.approvals());
    step!(
        "年度累计 totals of the year",
        needs(run.payer.is_some()),
        run.totals_of_year()
    );
    step!("医药机构查询 institutions", None::<&str>, run.institutions());
    step!("字典查询 code tables", None::<&str>, run.dictionary());
    step!(
        "目录文件 a list of the catalogue by file",
        None::<&str>,
        run.catalogue_file()
    );
    step!(
        "目录分页 lists of the catalogue in pages",
        None::<&str>,
        run.catalogue_pages()
    );
    step!(
        "规则审核 rules of the insurance",
        needs(run.payer.is_some()),
        run.rules()
    );
    step!(
        "挂号到预结算 visit up to the trial",
        needs(run.payer.is_some()),
        run.prepare()
    );
    step!(
        "就诊查询 visit query",
        needs(run.open.is_some()),
        run.find_visit()
    );
    step!(
        "未结算查询 query of an unsettled visit",
        needs(run.open.is_some()),
        run.find_nothing()
    );
    step!(
        "费用与挂号撤销 lines and visit withdrawn",
        needs(run.payer.is_some()),
        run.withdraw()
    );
    step!(
        "结算 settlement",
        money.or(needs(run.open.is_some())),
        run.settle()
    );
    let settled = run.settled.is_some();
    step!(
        "结算查询 settlement query",
        money.or(needs(settled)),
        run.find_settlement()
    );
    step!(
        "总额对账 totals of the day",
        money.or(needs(settled)),
        run.totals()
    );
    step!("退费 refund", money.or(needs(settled)), run.refund());
    step!(
        "退费后查询 query after the refund",
        money.or(needs(run.refund.is_some())),
        run.find_refunded()
    );
    step!(
        "已退费不可冲正 no reversal of what is refunded",
        money.or(needs(run.refund.is_some())),
        run.reverse_refunded()
    );
    step!(
        "结算后冲正 reversal of a settlement",
        money.or(needs(run.payer.is_some())),
        run.reverse()
    );
    step!(
        "无原交易的冲正 reversal of nothing",
        money.or(needs(run.payer.is_some())),
        run.reverse_nothing()
    );
    step!(
        "药店预结算结算退费 pharmacy",
        money.or(needs(run.payer.is_some())),
        run.pharmacy()
    );
    step!(
        "明细对账 rows of the day",
        money.or(needs(settled)),
        run.statement()
    );
    step!(
        "住院全程与撤销 a stay and every undo",
        money.or(needs(run.payer.is_some())),
        run.stay()
    );
    step!(
        "入院冲正 reversal of an admission",
        money.or(needs(run.payer.is_some())),
        run.reverse_admission()
    );
    step!(
        "目录对照与撤销 mapping of an own item",
        money.or(needs(run.payer.is_some())),
        run.mapping()
    );
    step!(
        "慢特病备案与撤销 a chronic disease registered",
        money.or(needs(run.payer.is_some())),
        run.file_disease()
    );
    step!(
        "转院备案与撤销 a referral",
        money.or(needs(run.payer.is_some())),
        run.refer()
    );
    step!("文件上传下载 file up and down", None::<&str>, run.files());
    step!("签退 sign-out", needs(run.line.sign_in.is_some()), run.sign_out());
    report
}

impl Run<'_> {
    async fn sign_in(&mut self) -> Done {
        if !self.line.profile.sign_in_needed {
            return Err(Stop::NotSupported(String::from(
                "档案不要求 not needed by the profile",
            )));
        }
        let inquiry = Inquiry::SignIn {
            operator: self.line.operator.clone(),
            mac: String::new(),
            ip: self.line.sender.address.clone(),
        };
        match self.line.ask(&inquiry).await? {
            InquiryReply::SignedIn(signed) => {
                self.line.sign_in = Some(signed.number);
                Ok(())
            }
            _ => Err(other()),
        }
    }

    async fn sign_out(&mut self) -> Done {
        let Some(number) = self.line.sign_in.clone() else {
            return Err(other());
        };
        let operator = self.line.operator.clone();
        self.line.ask(&Inquiry::SignOut { operator, number }).await?;
        self.line.sign_in = None;
        Ok(())
    }

    async fn person(&mut self) -> Done {
        let credential = self.credential.clone();
        let InquiryReply::Person(person) = self
            .line
            .ask(&Inquiry::Person {
                credential,
                reading: None,
            })
            .await?
        else {
            return Err(other());
        };
        self.payer = Some(self.payer_of(&person)?);
        self.person = Some(person);
        Ok(())
    }

    fn payer_of(&self, person: &Person) -> Result<Payer, Stop> {
        let patient = &self.case.patient;
        match person.choose_insurance(patient.insurance.as_ref(), patient.area) {
            InsuranceChoice::One(insurance) => Ok(Payer::new(person, &insurance, self.credential.kind)),
            InsuranceChoice::Several(_) => Err(failed("several insurances; name one in the case")),
            InsuranceChoice::None => Err(failed("no active insurance")),
        }
    }

    fn payer(&self) -> Result<Payer, Stop> {
        self.payer.clone().ok_or_else(|| failed("no payer"))
    }

    async fn benefits(&mut self) -> Done {
        let inquiry = Inquiry::Benefits {
            payer: self.payer()?,
            kind: self.case.visit.kind.clone(),
            began: self.line.clock.now(),
            case: Box::default(),
        };
        self.line.ask(&inquiry).await.map(|_| ())
    }

    async fn chronic(&mut self) -> Done {
        let payer = self.payer()?;
        self.line
            .ask(&Inquiry::ChronicEntries { payer })
            .await
            .map(|_| ())
    }

    async fn fixed_places(&mut self) -> Done {
        let inquiry = Inquiry::FixedPoints {
            payer: self.payer()?,
            register: FixedPointKind::Elsewhere,
        };
        self.line.ask(&inquiry).await.map(|_| ())
    }

    async fn referrals(&mut self) -> Done {
        let ended = self.line.clock.now();
        let inquiry = Inquiry::Referrals {
            payer: self.payer()?,
            began: ended - SignedDuration::from_hours(24 * 365),
            ended,
        };
        self.line.ask(&inquiry).await.map(|_| ())
    }

    async fn approvals(&mut self) -> Done {
        let inquiry = Inquiry::Approvals {
            payer: self.payer()?,
            began: self.line.clock.now(),
        };
        self.line.ask(&inquiry).await.map(|_| ())
    }

    async fn prepare(&mut self) -> Done {
        let open = self.opened().await?;
        self.open = Some(open);
        Ok(())
    }

    /// A visit registered, described, charged and tried; the trial adds up to the bill.
    async fn opened(&mut self) -> Result<Open, Stop> {
        let payer = self.payer()?;
        let visit = self.new_visit()?;
        let bill = self.case.bill(self.line.institution(), &visit);
        let bill = bill.map_err(|error| failed(&error.to_string()))?;
        let register = Call::Register {
            payer: payer.clone(),
            visit: visit.clone(),
        };
        let Reply::Registered { visit_id } = self.line.call(&register, Some(&self.credential)).await?.0
        else {
            return Err(other());
        };
        let describe = Call::Describe {
            payer: payer.clone(),
            visit_id: visit_id.clone(),
            visit: visit.clone(),
        };
        self.line.call(&describe, None).await?;
        let mut first = 0;
        while first < bill.lines().len() {
            let end = zhijie_wire::chunk_end(&bill, first, &self.line.profile);
            let upload = Call::Upload {
                payer: payer.clone(),
                visit_id: visit_id.clone(),
                visit: visit.clone(),
                bill: bill.clone(),
                first,
            };
            self.line.call(&upload, None).await?;
            first = end.max(first.saturating_add(1));
        }
        let trial = Call::Trial {
            payer,
            visit_id: visit_id.clone(),
            kind: visit.kind.clone(),
            batch: bill.batch().clone(),
            total: bill.total(),
            account: AccountUse::Use,
        };
        let Reply::Tried { trial } = self.line.call(&trial, Some(&self.credential)).await?.0 else {
            return Err(other());
        };
        Ok(Open {
            visit,
            bill,
            id: visit_id,
            trial,
        })
    }

    fn new_visit(&mut self) -> Result<Visit, Stop> {
        self.visits += 1;
        let now = self.line.clock.now();
        let number = VisitNumber::new(format!("ZJ{}N{}", now.as_second(), self.visits));
        let number = number.map_err(|error| failed(&error.to_string()))?;
        Ok(self.case.visit(number, now))
    }

    async fn find_visit(&mut self) -> Done {
        let open = self.open.clone().ok_or_else(other)?;
        let day = SignedDuration::from_hours(24);
        let inquiry = Inquiry::Visits {
            payer: self.payer()?,
            began: open.visit.began - day,
            ended: open.visit.began + day,
            kind: open.visit.kind.clone(),
            visit_id: Some(open.id.clone()),
        };
        let InquiryReply::Visits(rows) = self.line.ask(&inquiry).await? else {
            return Err(other());
        };
        if rows.iter().any(|row| row.visit_id == open.id) {
            Ok(())
        } else {
            Err(failed("the visit just registered is not found"))
        }
    }

    async fn find_nothing(&mut self) -> Done {
        let open = self.open.clone().ok_or_else(other)?;
        if self.rows(&open, None).await?.iter().all(|row| row.refunded) {
            Ok(())
        } else {
            Err(failed("a settlement is found where none was made"))
        }
    }

    async fn rows(&mut self, open: &Open, id: Option<&SettlementId>) -> Result<Vec<QueryRow>, Stop> {
        let query = Call::QuerySettlement {
            payer: self.payer()?,
            visit_id: open.id.clone(),
            settlement: id.cloned(),
        };
        match self.line.call(&query, None).await?.0 {
            Reply::Queried { rows } => Ok(rows),
            _ => Err(other()),
        }
    }

    async fn withdraw(&mut self) -> Done {
        let open = self.opened().await?;
        let payer = self.payer()?;
        let lines = Call::WithdrawLines {
            payer: payer.clone(),
            visit_id: open.id.clone(),
            batch: open.bill.batch().clone(),
        };
        self.line.call(&lines, None).await?;
        let visit = Call::WithdrawVisit {
            payer,
            visit_id: open.id,
            number: open.visit.number,
        };
        self.line.call(&visit, None).await.map(|_| ())
    }
}

fn failed(why: &str) -> Stop {
    Stop::Failed(String::from(why))
}

fn other() -> Stop {
    failed("the answer is to another question")
}
