//! The transactions of the interface: one function each, one SQL transaction around each.

mod benefit;
mod checks;
mod detail;
mod files;
mod filing;
mod lines;
mod listing;
mod lookups;
mod mapping;
mod person;
mod purchase;
mod query;
mod refund;
mod registers;
mod reverse;
mod session;
mod settle;
mod sheet;
mod slip;
mod statement;
mod statement_rows;
mod stay;
mod stay_lines;
mod stay_query;
mod stay_settle;
mod traces;
mod visit;
pub(crate) mod voucher;

use jiff::Timestamp;
use jiff::civil::DateTime;
use rusqlite::Connection;
use zhijie_model::{Area, Distance, beijing};

use crate::data::Data;
use crate::envelope::Request;
use crate::fields::Fields;
use crate::json::Object;
use crate::listing::Trick;
use crate::options::Options;
use crate::people::{Insurance, Person};
use crate::policy::{Region, region_of};
use crate::refusal::{Fail, Refusal};
use crate::store::{self, Visit};

/// What a transaction may look at besides its request.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) data: &'a Data,
    pub(crate) options: &'a Options,
    pub(crate) now: Timestamp,
    pub(crate) request: &'a Request,
    /// What a file or a page of the catalogue is to be like.
    pub(crate) trick: Option<Trick>,
}

pub(crate) type Done = Result<Option<Object>, Fail>;

/// Runs one transaction.
pub(crate) fn run(context: &Context<'_>) -> Done {
    match context.request.infno.as_str() {
        "9001" => session::sign_in(context),
        "9002" => session::sign_out(context),
        "1101" => person::lookup(context),
        "1160" => registers::detail(context),
        "1162" => voucher::decode(context),
        "1201" => lookups::institutions(context),
        "1901" => lookups::dictionary(context),
        "1301" | "1302" | "1303" | "1305" | "1306" | "1307" | "1308" | "1309" | "1310" | "1311" | "1313"
        | "1314" | "1315" | "1320" | "1321" => listing::file(context),
        "1304" | "1312" | "1316" | "1317" | "1318" | "1319" => listing::page(context),
        "3301" => mapping::map(context),
        "3302" => mapping::withdraw(context),
        "9101" => files::upload(context),
        "9102" => listing::fetch(context),
        "2001" => benefit::check(context),
        "2101" => purchase::trial(context),
        "2102" => purchase::settle(context),
        "2103" => purchase::cancel(context),
        "2201" => visit::register(context),
        "2202" => visit::withdraw(context),
        "2203" | "2203A" => visit::describe(context),
        "2204" => lines::upload(context),
        "2205" => lines::withdraw(context),
        "2206" | "2206A" => settle::trial(context),
        "2207" | "2207A" => settle::settle(context),
        "2208" => refund::refund(context),
        "2260" => slip::try_or_settle(context),
        "2261" => slip::cancel(context),
        "2301" => stay_lines::upload(context),
        "2302" => stay_lines::withdraw(context),
        "2303" | "2303A" => stay_settle::trial(context),
        "2304" | "2304A" => stay_settle::settle(context),
        "2305" => stay_settle::cancel(context),
        "2401" => stay::admit(context),
        "2402" => stay::discharge(context),
        "2403" => stay::change(context),
        "2404" => stay::undo_admission(context),
        "2405" => stay::undo_discharge(context),
        "2601" => reverse::reverse(context),
        "2501" | "2501A" => filing::refer(context),
        "2502" => filing::withdraw_referral(context),
        "2503" => filing::register_disease(context),
        "2504" => filing::withdraw_disease(context),
        "2505" => filing::fix_place(context),
        "2506" => filing::withdraw_place(context),
        "3101" | "3102" => checks::check(context),
        "3103" => checks::answer(context),
        "3201" => statement::totals(context),
        "3202" => statement_rows::rows(context),
        "5201" => query::visits(context),
        "5202" => detail::diagnoses(context),
        "5203" => query::settlement(context),
        "5204" => detail::lines(context),
        "5205" => detail::dispensed(context),
        "5206" => query::totals(context),
        "5260" | "5265" => detail::sheet_home(context),
        "5269" | "5270" => detail::sheet_elsewhere(context),
        "5301" => registers::chronic(context),
        "5302" => registers::fixed_points(context),
        "5303" => stay_query::in_hospital(context),
        "5304" => registers::referrals(context),
        "5360" => registers::approvals(context),
        other => Err(unknown(other).into()),
    }
}

pub(crate) use sheet::nothing;

/// The refusal of a transaction number that does not exist or does not belong to the address it was sent to.
pub(crate) fn unknown(infno: &str) -> Refusal {
    Refusal::front(format!("FSI-未找到交易编号[{infno}]对应的服务"))
}

/// The insured region without which a call cannot be answered. Visits, fee lines and the queries of settlements and
/// visits are the treatment place's own.
pub(crate) fn region_needed(db: &Connection, data: &Data, request: &Request, now: Timestamp) -> Option<Area> {
    match request.infno.as_str() {
        "1101" => {
            let node = request.input.node("data").ok()?;
            person::whose(db, data, &node, now)?.region()
        }
        "1160" | "2001" | "2101" | "2102" | "2103" | "2201" | "2206" | "2206A" | "2207" | "2207A"
        | "2208" | "2260" | "2261" | "2303" | "2303A" | "2304" | "2304A" | "2305" | "2401" | "2501"
        | "2501A" | "2502" | "2503" | "2504" | "2505" | "2506" | "2601" | "5205" | "5206" | "5301"
        | "5302" | "5304" | "5360" => request.insured_area,
        _ => None,
    }
}

/// The hospital's visit number that a call is about, as far as it says.
pub(crate) fn visit_number(db: &Connection, input: &Fields) -> Option<String> {
    for name in ["data", "mdtrtinfo", "adminfo", "dscginfo"] {
        if let Ok(node) = input.node(name) {
            return number_of(db, &node);
        }
    }
    if let Ok(rows) = input.list("drugdetail") {
        // A purchase has no number of the pharmacy's; it goes by its first line.
        return rows.first()?.optional("feedetl_sn").ok().flatten();
    }
    let rows = input.list("feedetail").or_else(|_| input.list("data")).ok()?;
    number_of(db, rows.first()?)
}

/// The person a call names, as far as it names one.
pub(crate) fn person_number(input: &Fields) -> Option<String> {
    for name in ["data", "mdtrtinfo", "druginfo", "adminfo", "dscginfo", "refmedin"] {
        if let Ok(node) = input.node(name) {
            return node.optional("psn_no").ok().flatten();
        }
    }
    let rows = input.list("feedetail").or_else(|_| input.list("data")).ok()?;
    rows.first()?.optional("psn_no").ok().flatten()
}

fn number_of(db: &Connection, node: &Fields) -> Option<String> {
    for name in ["ipt_otp_no", "ipt_op_no", "ipt_no"] {
        if let Some(number) = node.optional(name).ok().flatten() {
            return Some(number);
        }
    }
    if let Some(id) = node.optional("mdtrt_id").ok().flatten() {
        return store::visit_by_id(db, &id)
            .ok()
            .flatten()
            .map(|visit| visit.number);
    }
    let original = node.optional("omsgid").ok().flatten()?;
    store::find_message(db, &original)
        .ok()
        .flatten()
        .and_then(|message| message.visit)
}

impl Context<'_> {
    pub(crate) fn civil(&self) -> DateTime {
        beijing(self.now)
    }

    /// Beijing wall clock as the interface writes it.
    pub(crate) fn time(&self) -> String {
        self.civil().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Area, time and a running number: 30 characters, unique.
    pub(crate) fn new_id(&self) -> Result<String, Fail> {
        let serial = store::next(self.db, "id")?;
        Ok(format!(
            "{}{}{serial:010}",
            self.options.area,
            self.civil().strftime("%Y%m%d%H%M%S")
        ))
    }

    /// The `data` node with its mandatory members there.
    pub(crate) fn data_node(&self, needed: &[&str]) -> Result<Fields, Refusal> {
        let node = self.request.input.node("data")?;
        node.need(needed)?;
        Ok(node)
    }

    /// The person the node names, who is insured in the region the envelope names.
    pub(crate) fn person(&self, node: &Fields) -> Result<&Person, Refusal> {
        let number = node.text("psn_no")?;
        let person = self
            .data
            .person(&number)
            .ok_or_else(|| Refusal::business("未查询到该人员的参保信息"))?;
        let insured = self.request.insured_area.is_some_and(|area| {
            person
                .insurance
                .iter()
                .any(|insurance| insurance.area.city() == area.city())
        });
        if insured {
            Ok(person)
        } else {
            Err(Refusal::business("参保地医保区划与人员参保信息不一致"))
        }
    }

    /// The person's insurance of that kind, active.
    pub(crate) fn insurance<'p>(&self, person: &'p Person, kind: &str) -> Result<&'p Insurance, Refusal> {
        let insurance = person
            .insured(kind)
            .ok_or_else(|| Refusal::business(format!("该人员无险种[{kind}]的参保信息")))?;
        if insurance.status == "1" {
            return Ok(insurance);
        }
        let region = self.region(insurance.area)?;
        Err(Refusal::insured_region(
            &region.name,
            format!("该人员险种[{kind}]参保状态不是正常参保,不能享受待遇"),
        ))
    }

    pub(crate) fn region(&self, area: Area) -> Result<&Region, Refusal> {
        region_of(&self.data.regions, area)
            .ok_or_else(|| Refusal::business(format!("参保地[{area}]未接入异地就医平台")))
    }

    /// The open visit the node names, which is this person's.
    pub(crate) fn visit(&self, node: &Fields, person: &Person) -> Result<Visit, Fail> {
        let id = node.text("mdtrt_id")?;
        let visit = store::find_visit(self.db, &id)?
            .filter(|visit| visit.institution == self.request.institution)
            .ok_or_else(|| Refusal::business(format!("未查询到就诊信息[{id}]")))?;
        if visit.person != person.number {
            return Err(Refusal::business("就诊信息与人员编号不一致").into());
        }
        Ok(visit)
    }

    /// How far the insured region lies from the treatment place.
    pub(crate) fn distance(&self, insured: Area) -> Distance {
        self.options.area.distance_to(insured)
    }
}
