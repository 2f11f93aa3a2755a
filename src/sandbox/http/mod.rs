//! Tests over real mutual TLS, with a plain client that knows nothing of the sandbox's own reading.

mod catalogue;
mod faults;
mod front;
mod money;
mod regions;
mod registers;
mod road;
mod rules;
mod statement;
mod stays;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tempfile::TempDir;
use zhijie_model::Fen;

use crate::people::Person;
use crate::{HandClock, Handle, Options, certs, persons, serve};

pub(super) const HOSPITAL: &str = "H31010100001";

/// A running sandbox and a hospital that calls it.
pub(super) struct Rig {
    pub(super) handle: Handle,
    pub(super) dir: TempDir,
    pub(super) clock: Arc<HandClock>,
    pub(super) client: reqwest::Client,
    sign_no: String,
    serial: AtomicU32,
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

/// A visit that is open, with lines of one batch.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) person: Person,
    pub(super) insurance: String,
    pub(super) id: String,
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) total: Fen,
}

pub(super) fn person(key: &str) -> Person {
    let mut people = persons().unwrap().into_iter();
    people.find(|person| person.key == key).unwrap()
}

/// A client with the certificate from one folder that trusts the authority of another.
pub(super) fn client(own: Option<&Path>, trusted: &Path) -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(trusted.join("ca.pem")).unwrap())
        .unwrap();
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        None => config.with_no_client_auth(),
        Some(dir) => config
            .with_client_auth_cert(
                vec![CertificateDer::from_pem_file(dir.join("client.pem")).unwrap()],
                PrivateKeyDer::from_pem_file(dir.join("client.key")).unwrap(),
            )
            .unwrap(),
    };
    reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(config)
        .build()
        .unwrap()
}

impl Rig {
    pub(super) async fn start(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        certs::make(&dir.path().join("certs")).unwrap();
        let start: Timestamp = "2026-11-22T02:00:00Z".parse().unwrap();
        Self::restart(dir, Arc::new(HandClock::at(start)), change).await
    }

    /// A sandbox over what is in `dir`.
    pub(super) async fn restart(
        dir: TempDir,
        clock: Arc<HandClock>,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let certs = dir.path().join("certs");
        let mut options = Options::new(&certs).unwrap();
        options.clock = Arc::<HandClock>::clone(&clock);
        change(&mut options);
        let sign_in = options.sign_in && options.tif.is_none();
        let mut rig = Self {
            handle: serve(options).await.unwrap(),
            client: client(Some(&certs), &certs),
            dir,
            clock,
            sign_no: String::new(),
            serial: AtomicU32::new(0),
        };
        if sign_in {
            rig.sign_no = rig.sign_in().await;
        }
        rig
    }

    pub(super) async fn sign_in(&self) -> String {
        let input = json!({"signIn": {"opter_no": "0001", "mac": "", "ip": "127.0.0.1"}});
        let answer = self.call("9001", "310000", input).await.done();
        answer.text_at("output/signinoutb/sign_no")
    }

    pub(super) fn msgid(&self) -> String {
        // The serials of a rig begin where the clock stands, so that a restarted rig does not repeat them.
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        self.clock.advance(SignedDuration::from_secs(1));
        let now = zhijie_model::beijing(crate::Clock::now(&*self.clock));
        format!("{HOSPITAL}{}{serial:04}", now.strftime("%Y%m%d%H%M%S"))
    }

    pub(super) fn envelope(&self, infno: &str, insured: &str, input: Value) -> Value {
        json!({
            "infno": infno, "msgid": self.msgid(), "mdtrtarea_admvs": "310000", "insuplc_admdvs": insured,
            "recer_sys_code": "MBS_LOCAL", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "",
            "infver": "V1.0", "opter_type": "1", "opter": "0001", "opter_name": "收费员",
            "inf_time": "2026-11-22 10:00:00", "fixmedins_code": HOSPITAL, "fixmedins_name": "示例医院",
            "sign_no": self.sign_no, "input": input, "extra_member": {"ignored": true},
        })
    }

    pub(super) async fn call(&self, infno: &str, insured: &str, input: Value) -> Answer {
        self.send(&self.envelope(infno, insured, input)).await
    }

    pub(super) async fn send(&self, envelope: &Value) -> Answer {
        self.post("/fsi/api/callService", envelope.to_string())
            .await
            .unwrap()
    }

    pub(super) async fn post(&self, path: &str, body: String) -> reqwest::Result<Answer> {
        let response = self
            .client
            .post(format!("{}{path}", self.handle.platform_url()))
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await?;
        let status = response.status().as_u16();
        Ok(Answer {
            status,
            text: response.text().await?,
        })
    }

    pub(super) async fn admin(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        crate::admin_client::AdminClient::new(&self.handle.admin_url())
            .unwrap()
            .send(method, path, body.as_ref())
            .await
            .unwrap()
    }

    /// The text with which the admin listener refuses.
    pub(super) async fn admin_fails(&self, method: &str, path: &str, body: Value) -> String {
        crate::admin_client::AdminClient::new(&self.handle.admin_url())
            .unwrap()
            .send(method, path, Some(&body))
            .await
            .unwrap_err()
            .to_string()
    }

    /// 2201, 2203A and 2204 for a person with the ID number.
    pub(super) async fn open(&self, key: &str, kind: &str, lines: Value) -> Open {
        let person = person(key);
        let insurance = person
            .insurance
            .iter()
            .find(|insurance| insurance.status == "1")
            .unwrap()
            .clone();
        let number = format!("MZ{}", self.serial.load(Ordering::Relaxed));
        let area = insurance.area.to_string();
        let register = json!({"data": {
            "psn_no": person.number, "insutype": insurance.kind, "begntime": "2026-11-22 09:30:00",
            "mdtrt_cert_type": "02", "mdtrt_cert_no": person.certificate, "ipt_otp_no": number,
            "atddr_no": "D310101000001", "dr_name": "张医生", "dept_code": "01", "dept_name": "内科", "caty": "A03",
        }});
        let id = self
            .call("2201", &area, register)
            .await
            .done()
            .text_at("output/data/mdtrt_id");
        let mut open = Open {
            insurance: insurance.kind,
            id,
            number,
            kind: String::from(kind),
            total: Fen::ZERO,
            person,
        };
        self.call("2203A", &area, open.description()).await.done();
        let (rows, total) = open.lines(&lines);
        open.total = total;
        if !total.is_zero() {
            self.call("2204", &area, rows).await.done();
        }
        open
    }

    pub(super) async fn settle(&self, open: &Open) -> Answer {
        self.call("2207A", &open.area(), open.settlement()).await
    }

    pub(super) async fn query(&self, open: &Open) -> Answer {
        let input = json!({"data": {"psn_no": open.person.number, "mdtrt_id": open.id, "setl_id": ""}});
        self.call("5203", &open.area(), input).await.done()
    }

    pub(super) async fn reverse(&self, open: &Open, msgid: &str, infno: &str) -> Answer {
        let input = json!({"data": {"psn_no": open.person.number, "omsgid": msgid, "oinfno": infno}});
        self.call("2601", &open.area(), input).await
    }
}

impl Open {
    pub(super) fn area(&self) -> String {
        self.person.insured(&self.insurance).unwrap().area.to_string()
    }

    pub(super) fn description(&self) -> Value {
        json!({
            "mdtrtinfo": {
                "mdtrt_id": self.id, "psn_no": self.person.number, "med_type": self.kind,
                "begntime": "2026-11-22 09:30:00", "main_cond_dscr": "",
            },
            "diseinfo": [{
                "diag_type": "1", "diag_srt_no": 1, "diag_code": "I10.x00", "diag_name": "高血压",
                "diag_dept": "01", "dise_dor_no": "D310101000001", "dise_dor_name": "张医生",
                "diag_time": "2026-11-22 09:40:00", "vali_flag": "1",
            }],
        })
    }

    /// Rows of 2204 from `[serial, national code, quantity, price, amount]`.
    pub(super) fn lines(&self, lines: &Value) -> (Value, Fen) {
        let mut total = Fen::ZERO;
        let rows: Vec<Value> = lines
            .as_array()
            .unwrap()
            .iter()
            .map(|line| {
                let amount = line[4].as_str().unwrap();
                total = total
                    .checked_add(Fen::from_yuan(amount).unwrap_or_default())
                    .unwrap();
                json!({
                    "feedetl_sn": line[0], "mdtrt_id": self.id, "psn_no": self.person.number, "chrg_bchno": "B1",
                    "rx_circ_flag": "0", "fee_ocur_time": "2026-11-22 09:50:00", "med_list_codg": line[1],
                    "medins_list_codg": "own", "det_item_fee_sumamt": line[4], "cnt": line[2], "pric": line[3],
                    "bilg_dept_codg": "01", "bilg_dept_name": "内科", "bilg_dr_codg": "D310101000001",
                    "bilg_dr_name": "张医生", "hosp_appr_flag": "0",
                })
            })
            .collect();
        (json!({ "feedetail": rows }), total)
    }

    /// Input of 2206 and 2207.
    pub(super) fn settlement(&self) -> Value {
        json!({"data": {
            "psn_no": self.person.number, "mdtrt_cert_type": "02", "mdtrt_cert_no": self.person.certificate,
            "med_type": self.kind, "medfee_sumamt": self.total.to_string(), "psn_setlway": "01",
            "mdtrt_id": self.id, "chrg_bchno": "B1", "acct_used_flag": "1", "insutype": self.insurance,
            "invono": "", "fulamt_ownpay_amt": "", "overlmt_selfpay": 0, "preselfpay_amt": "0.00",
        }})
    }
}

impl Answer {
    /// The answer, which must be a success.
    pub(super) fn done(self) -> Self {
        assert_eq!(
            (self.status, self.at("infcode").as_str()),
            (200, "0"),
            "{}",
            self.text
        );
        self
    }

    /// The refusal's text.
    pub(super) fn refused(self) -> String {
        assert_eq!(
            (self.status, self.at("infcode").as_str()),
            (200, "-1"),
            "{}",
            self.text
        );
        self.text_at("err_msg")
    }

    /// The JSON text at a path of member names and indices; empty where there is nothing.
    pub(super) fn at(&self, path: &str) -> String {
        let mut here: Box<RawValue> = serde_json::from_str(&self.text).unwrap();
        for step in path.split('/') {
            let next = match step.parse::<usize>() {
                Ok(index) => serde_json::from_str::<Vec<Box<RawValue>>>(here.get())
                    .ok()
                    .and_then(|list| list.into_iter().nth(index)),
                Err(_) => serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(here.get())
                    .ok()
                    .and_then(|mut object| object.remove(step)),
            };
            let Some(next) = next else {
                return String::new();
            };
            here = next;
        }
        String::from(here.get())
    }

    pub(super) fn text_at(&self, path: &str) -> String {
        serde_json::from_str(&self.at(path)).unwrap_or_default()
    }

    /// The amount at a path, which must be a JSON number.
    pub(super) fn fen(&self, path: &str) -> Fen {
        let raw = self.at(path);
        Fen::from_yuan(&raw).unwrap_or_else(|_| panic!("{path} is {raw:?} in {}", self.text))
    }

    pub(super) fn count(&self, path: &str) -> usize {
        serde_json::from_str::<Vec<Box<RawValue>>>(&self.at(path)).map_or(0, |list| list.len())
    }
}

/// A bill with a class A and a class B item, one above its ceiling, one outside the catalogue.
pub(super) fn bill() -> Value {
    json!([
        ["1", "001101000010000-110100001", "1", "30", "30.00"],
        ["2", "XC10AAA257A001020101033", "28", "1.95", "54.60"],
        ["3", "002103000010000-210300001", "1", "220", "220.00"],
        ["4", "C1404090020000204411", "2", "19.99", "39.98"],
        ["5", "XX-unknown", "1", "5", "5.00"],
    ])
}
