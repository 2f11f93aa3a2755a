//! The province as a whole: one call goes in, one answer comes out, everything between is one SQL transaction.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use zhijie_model::beijing;

use crate::calls::Calls;
use crate::data::Data;
use crate::dress::{Dress, Gate};
use crate::envelope::{Answer, Request};
use crate::faults::{Fault, FaultKind, Faults};
use crate::json::{Json, Object};
use crate::listing::Trick;
use crate::options::{DuplicateMsgid, Options};
use crate::policy::region_of;
use crate::refusal::{Fail, Refusal};
use crate::roads::{Road, Roads};
use crate::spelling;
use crate::store::{self, Message};
use crate::transactions::{self, Context};

/// Everything a running sandbox holds.
#[derive(Debug)]
pub(crate) struct Province {
    pub(crate) options: Options,
    pub(crate) data: Data,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) roads: Roads,
    gate: Mutex<Gate>,
    /// What the next files and pages of the catalogue are to be like.
    pub(crate) trick: Mutex<Option<Trick>>,
    db: Mutex<Connection>,
}

/// An answer ready to be written.
#[derive(Debug)]
pub(crate) struct Executed {
    pub(crate) body: String,
    pub(crate) done: bool,
    /// Goes out instead of the body.
    pub(crate) file: Option<Vec<u8>>,
}

impl Province {
    pub(crate) fn new(options: Options, data: Data, db: Connection) -> Self {
        Self {
            roads: Roads::new(options.roads.clone()),
            options,
            data,
            faults: Faults::default(),
            calls: Calls::default(),
            gate: Mutex::default(),
            trick: Mutex::default(),
            db: Mutex::new(db),
        }
    }

    pub(crate) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) const fn dress(&self) -> Option<&Dress> {
        self.options.dress.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// Beijing wall clock.
    pub(crate) fn time(&self) -> String {
        beijing(self.now()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    pub(crate) fn with_db<T>(&self, act: impl FnOnce(&mut Connection) -> T) -> T {
        act(&mut self.db.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The region a call needs, by name, and the road there.
    pub(crate) fn road(&self, db: &Connection, request: &Request) -> Option<(String, Road)> {
        let area = transactions::region_needed(db, &self.data, request, self.now())?;
        let known = region_of(&self.data.regions, area).map(|region| region.name.clone());
        Some((known.unwrap_or_else(|| area.to_string()), self.roads.to(area)))
    }

    /// Answers with a refusal without doing anything.
    pub(crate) fn refuse(&self, refusal: &Refusal, received: Timestamp) -> Executed {
        Executed {
            body: text(&self.envelope(None, received, Err(refusal.to_string()))),
            done: false,
            file: None,
        }
    }

    /// Executes a call. Blocks on the store.
    pub(crate) fn execute(&self, request: &Request, received: Timestamp, fault: Option<&Fault>) -> Executed {
        match self.with_db(|db| self.in_transaction(db, request, received, fault)) {
            Ok(executed) => executed,
            Err(Fail::Refused(refusal)) => self.refuse(&refusal, received),
            Err(Fail::Store(error)) => self.broken(&error, received),
            Err(Fail::Record(error)) => self.broken(&error, received),
        }
    }

    fn in_transaction(
        &self,
        db: &mut Connection,
        request: &Request,
        received: Timestamp,
        fault: Option<&Fault>,
    ) -> Result<Executed, Fail> {
        let mut transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(before) = store::find_message(&transaction, &request.msgid)? {
            match self.options.duplicate_msgid {
                DuplicateMsgid::Execute => {}
                DuplicateMsgid::Refuse => return Err(Refusal::front("报文ID[msgid]重复").into()),
                DuplicateMsgid::Repeat => {
                    return Ok(Executed {
                        body: before.body,
                        done: before.done,
                        file: None,
                    });
                }
            }
        }
        self.admit(&transaction, request)?;
        let road = self.road(&transaction, request);
        let now = beijing(self.now());
        if let Some(refusal) = road.as_ref().and_then(|(region, road)| road.refusal(region, now)) {
            return Err(refusal.into());
        }
        let visit = transactions::visit_number(&transaction, &request.input);
        let savepoint = transaction.savepoint()?;
        let context = Context {
            db: &savepoint,
            data: &self.data,
            options: &self.options,
            now: self.now(),
            request,
            trick: *self.trick.lock().unwrap_or_else(PoisonError::into_inner),
        };
        let stale = fault.is_some_and(|fault| fault.kind == FaultKind::StaleQuery);
        let outcome = match transactions::run(&context) {
            Ok(mut output) => {
                if stale {
                    output = Some(transactions::nothing());
                }
                let renewed = road.as_ref().is_some_and(|(_, road)| road.speaks_new(now));
                if let Some(output) = output.as_mut().filter(|_| renewed) {
                    spelling::renew(output);
                }
                let reference = context.new_id()?;
                savepoint.commit()?;
                Ok((reference, output))
            }
            Err(Fail::Refused(refusal)) => {
                drop(savepoint);
                Err(refusal.to_string())
            }
            Err(Fail::Store(error)) => return Err(Fail::Store(error)),
            Err(Fail::Record(error)) => return Err(Fail::Record(error)),
        };
        let done = outcome.is_ok();
        let mut answer = match outcome {
            Ok((reference, output)) => self.envelope(Some(reference), received, Ok(output)),
            Err(text) => self.envelope(None, received, Err(text)),
        };
        let message = Message {
            infno: request.infno.clone(),
            person: transactions::person_number(&request.input),
            visit,
            done,
            body: text(&answer),
        };
        store::add_message(&transaction, &request.msgid, &message)?;
        let number = answer
            .text("file_qury_no")
            .filter(|_| done && request.infno == "9102");
        let file = number
            .map(|number| store::file_content(&transaction, number))
            .transpose()?;
        transaction.commit()?;
        self.distort(&mut answer, fault, message.person.as_deref());
        Ok(Executed {
            body: text(&answer),
            done,
            file,
        })
    }

    /// The checks of the front service.
    fn admit(&self, db: &Connection, request: &Request) -> Result<(), Fail> {
        if self.options.area.city() != request.care_area.city() {
            return Err(Refusal::front(format!("就医地医保区划[{}]不属于本平台", request.care_area)).into());
        }
        if !self.options.sign_in || request.infno == "9001" || request.from_service {
            return Ok(());
        }
        let number = request
            .sign_no
            .as_deref()
            .ok_or_else(|| Refusal::front("交易签到流水号[sign_no]为空,请先签到"))?;
        if store::signed_in(db, number, &request.operator, &request.institution)? {
            Ok(())
        } else {
            Err(Refusal::front("交易签到流水号[sign_no]无效或已过期,请重新签到").into())
        }
    }

    fn envelope(
        &self,
        reference: Option<String>,
        received: Timestamp,
        outcome: Result<Option<Object>, String>,
    ) -> Object {
        Answer {
            mode: self.options.infcode,
            reference,
            received,
            answered: self.now(),
            outcome,
        }
        .object()
    }

    /// The faults that change what an answer says.
    fn distort(&self, answer: &mut Object, fault: Option<&Fault>, person: Option<&str>) {
        match fault.map(|fault| fault.kind) {
            Some(FaultKind::OtherPerson) => {
                let named = answer.text("psn_no").map(String::from);
                let asked = named.as_deref().or(person);
                let other = self
                    .data
                    .people
                    .iter()
                    .find(|other| Some(other.number.as_str()) != asked);
                if let Some(other) = other {
                    let age = other.age(beijing(self.now()).date());
                    answer.replace("psn_no", &Json::from(other.number.as_str()));
                    answer.replace("psn_name", &Json::from(other.name.as_str()));
                    answer.replace("certno", &Json::from(other.certificate.as_str()));
                    answer.replace("gend", &Json::from(other.sex.as_str()));
                    answer.replace("naty", &Json::from(other.ethnic_group.as_str()));
                    answer.replace("brdy", &Json::from(other.born.to_string()));
                    answer.replace("age", &Json::Number(format!("{age}.0")));
                }
            }
            Some(FaultKind::WrongAmounts) => {
                let found = ["fund_pay_sumamt", "inscp_scp_amt"]
                    .into_iter()
                    .find_map(|name| Some((name, answer.number(name)?.replace('-', ""))));
                if let Some((name, amount)) = found {
                    answer.replace(name, &Json::Number(format!("1{amount}")));
                }
            }
            _ => {}
        }
    }

    fn broken(&self, error: &(dyn std::error::Error + 'static), received: Timestamp) -> Executed {
        tracing::error!(error, "Store of the sandbox failed");
        let serial = received.as_millisecond();
        self.refuse(
            &Refusal::front(format!("FSI-系统异常,异常流水号:{serial}")),
            received,
        )
    }
}

pub(crate) fn text(answer: &Object) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}
