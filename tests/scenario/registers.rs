//! Filings as `zhijie-wire` says them and as the sandbox understands them: two readings of one interface.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use zhijie_model::*;
use zhijie_tests::{Options, Stage};
use zhijie_uplink::{Delivery, HeaderFamily, Uplink, UplinkConfig};
use zhijie_wire::{Head, Inquiry, InquiryReply, Message, Profile};

const HOSPITAL: &str = "H31010100001";

/// A date or an instant.
fn told<T: FromStr<Err = jiff::Error>>(text: &str) -> anyhow::Result<T> {
    text.parse().map_err(anyhow::Error::msg)
}

/// A hospital that asks the sandbox through the product's own wire and uplink.
struct Hospital {
    stage: Stage,
    uplink: Uplink,
    profile: Profile,
    payer: Payer,
    sent: u32,
}

impl Hospital {
    async fn open(key: &str) -> anyhow::Result<Self> {
        let stage = Stage::without_agent(Options {
            sandbox: vec!["--no-sign-in"],
            ..Options::default()
        })
        .await?;
        let ready: Value = serde_json::from_slice(&std::fs::read(stage.folder().join("sandbox.json"))?)?;
        let certs = stage.folder().join("certs");
        let uplink = Uplink::new(&UplinkConfig {
            base_url: ready["platform"].as_str().context("no address")?.to_owned(),
            ca_pem: std::fs::read(certs.join("ca.pem"))?,
            client_cert_pem: std::fs::read(certs.join("client.pem"))?,
            client_key_pem: std::fs::read(certs.join("client.key"))?,
            header: HeaderFamily::None,
            content_type: zhijie_wire::ContentType::Json,
            connect_timeout: Duration::from_secs(10),
            answer_bytes_max: zhijie_wire::ANSWER_BYTES_MAX,
        })?;
        let person = stage.admin().person(key).await?;
        let text = |of: &Value, name: &str| of[name].as_str().map(String::from).context("no such member");
        let insurance = &person["insurance"][0];
        let payer = Payer {
            number: PersonNumber::new(text(&person, "number")?)?,
            name: Private::new(text(&person, "name")?),
            certificate_kind: String::from("01"),
            certificate: Private::new(text(&person, "certificate")?),
            insurance: InsuranceType::new(text(insurance, "kind")?)?,
            category: text(insurance, "category")?,
            area: Area::new(&text(insurance, "area")?)?,
            credential: CredentialKind::IdNumber,
        };
        Ok(Self {
            stage,
            uplink,
            profile: toml::from_str(include_str!("../../config/provinces/sandbox.toml"))?,
            payer,
            sent: 0,
        })
    }

    fn head(&mut self) -> anyhow::Result<Head> {
        self.sent += 1;
        Ok(Head {
            message_id: MessageId::new(format!("{HOSPITAL}20261122100000{:04}", self.sent))?,
            institution: InstitutionCode::new(HOSPITAL)?,
            institution_name: String::from("示例医院"),
            care_area: Area::new("310000")?,
            insured_area: Area::new("310000")?,
            operator_code: OperatorCode::new("0001")?,
            operator_name: String::from("收费员"),
            sign_in: None,
            medium_token: None,
            at: told("2026-11-22T02:00:00Z")?,
        })
    }

    async fn send(&self, message: &Message) -> anyhow::Result<Vec<u8>> {
        let class = message.transaction.class();
        let now = told("2026-11-22T02:00:00Z")?;
        let sent = self.uplink.send(message, class, Duration::from_secs(30), now);
        match sent.await {
            Delivery::Answered { body, .. } => Ok(body),
            other => bail!("{other:?}"),
        }
    }

    async fn ask(&mut self, inquiry: Inquiry) -> anyhow::Result<InquiryReply> {
        let message = zhijie_wire::encode_inquiry(&inquiry, &self.head()?, &self.profile)?;
        let body = self.send(&message).await?;
        Ok(zhijie_wire::read_inquiry(&inquiry, &body, &self.profile)?)
    }

    async fn file(&mut self, call: FilingCall) -> anyhow::Result<FilingReply> {
        let message = zhijie_wire::encode_filing(&call, &self.head()?, &self.profile)?;
        let body = self.send(&message).await?;
        Ok(zhijie_wire::read_filing(&call, &body, &self.profile)?)
    }

    async fn number(&mut self, call: FilingCall) -> anyhow::Result<FilingNumber> {
        match self.file(call).await? {
            FilingReply::Filed { number, .. } => Ok(number),
            other => bail!("{other:?}"),
        }
    }

    async fn points(&mut self, register: FixedPointKind) -> anyhow::Result<Vec<FixedPoint>> {
        let payer = self.payer.clone();
        match self.ask(Inquiry::FixedPoints { payer, register }).await? {
            InquiryReply::FixedPoints(points) => Ok(points),
            other => bail!("{other:?}"),
        }
    }

    async fn referrals(&mut self) -> anyhow::Result<Vec<Referral>> {
        let inquiry = Inquiry::Referrals {
            payer: self.payer.clone(),
            began: told("2026-11-01T00:00:00Z")?,
            ended: told("2026-11-30T00:00:00Z")?,
        };
        match self.ask(inquiry).await? {
            InquiryReply::Referrals(referrals) => Ok(referrals),
            other => bail!("{other:?}"),
        }
    }

    async fn withdraw(&mut self, what: FilingRecord, number: FilingNumber) -> anyhow::Result<FilingReply> {
        let payer = self.payer.clone();
        let reason = Private::new("重复");
        self.file(FilingCall::Withdraw {
            payer,
            what,
            register: None,
            number,
            reason,
        })
        .await
    }
}

fn hospital() -> anyhow::Result<NamedInstitution> {
    Ok(NamedInstitution {
        code: InstitutionCode::new(HOSPITAL)?,
        name: String::from("示例医院"),
    })
}

#[tokio::test]
async fn a_filing_is_read_as_the_office_made_it() -> anyhow::Result<()> {
    let mut desk = Hospital::open("jiaxing-employee").await?;
    let shanghai = Some(Area::new("310000")?);
    let found = desk.points(FixedPointKind::Elsewhere).await?;
    let [only] = found.as_slice() else {
        bail!("{found:?}")
    };
    assert_eq!(only.kind, FilingKind::LongTermResident);
    assert_eq!((only.area, &only.institution), (shanghai, &None));
    assert_eq!(only.from, Some(told("2025-03-01")?));
    let number = only.number.clone().context("no number")?;

    // The same record in another spelling is no other record, though no text of it is the same.
    let road = json!({ "new_values": true });
    let admin = desk.stage.admin().clone();
    admin.put("/regions/330400", &road).await?;
    let found = desk.points(FixedPointKind::Elsewhere).await?;
    let [renewed] = found.as_slice() else {
        bail!("{found:?}")
    };
    assert_eq!(renewed.number, Some(number));
    assert_eq!(
        (renewed.from, renewed.until, renewed.area),
        (only.from, only.until, only.area)
    );
    assert_eq!(renewed.kind, FilingKind::Unknown(String::from("0012")));

    admin.put("/regions/330400", &json!({"upgrade": {}})).await?;
    let payer = desk.payer.clone();
    let refused = desk.ask(Inquiry::ChronicEntries { payer }).await?;
    assert!(matches!(refused, InquiryReply::Refused(_)), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_referral_made_here_is_found_and_withdrawn() -> anyhow::Result<()> {
    let mut desk = Hospital::open("harbin-unfiled").await?;
    assert!(desk.referrals().await?.is_empty());
    let referral = NewReferral {
        diagnosis: Disease {
            code: String::from("C34.900"),
            name: String::from("肺恶性肿瘤"),
        },
        to: hospital()?,
        area: Area::new("310000")?,
        kind_code: String::from("1"),
        date: told("2026-11-20")?,
        reason: Private::new("本地无条件"),
        opinion: Private::new("同意"),
        agreed: Some(true),
        from: None,
        until: Some(told("2027-05-20")?),
        visit_before: None,
    };
    let payer = desk.payer.clone();
    let number = desk.number(FilingCall::Refer { payer, referral }).await?;
    let found = desk.referrals().await?;
    let [only] = found.as_slice() else {
        bail!("{found:?}")
    };
    assert_eq!(only.number.as_ref(), Some(&number));
    assert_eq!(only.source, FilingSource::Institution);
    assert_eq!(only.leaves_region, Some(true));
    assert_eq!(only.to, Some(hospital()?));
    assert_eq!(
        (only.referred_on, only.until),
        (Some(told("2026-11-20")?), Some(told("2027-05-20")?))
    );

    let done = desk.withdraw(FilingRecord::Referral, number.clone()).await?;
    assert!(matches!(done, FilingReply::Withdrawn { .. }));
    assert!(desk.referrals().await?.is_empty());
    // Withdrawn already: that may be the echo of our own message, so it proves nothing.
    assert!(desk.withdraw(FilingRecord::Referral, number).await.is_err());
    let unknown = FilingNumber::new("230100000000000000000000000000")?;
    let refused = desk.withdraw(FilingRecord::Chronic, unknown).await?;
    assert!(matches!(refused, FilingReply::Refused { .. }));
    Ok(())
}

#[tokio::test]
async fn entries_made_here_are_found_in_their_registers() -> anyhow::Result<()> {
    let mut desk = Hospital::open("harbin-unfiled").await?;
    let payer = desk.payer.clone();
    let entry = NewChronicEntry {
        disease: Disease {
            code: String::from("M01600"),
            name: String::from("糖尿病"),
        },
        attested_by: hospital()?,
        attested_on: told("2026-11-20")?,
        doctor: Staff {
            code: String::from("D310101000001"),
            name: String::from("张医生"),
        },
        from: told("2026-11-22")?,
        until: None,
    };
    desk.number(FilingCall::RegisterChronic { payer, entry }).await?;
    let payer = desk.payer.clone();
    let chronic = desk.ask(Inquiry::ChronicEntries { payer }).await?;
    assert!(
        matches!(&chronic, InquiryReply::ChronicEntries(rows) if rows.iter().any(|row| row.disease.code == "M01600")),
        "{chronic:?}"
    );
    let approvals = Inquiry::Approvals {
        payer: desk.payer.clone(),
        began: told("2026-11-22T02:00:00Z")?,
    };
    let approvals = desk.ask(approvals).await?;
    assert!(
        matches!(&approvals, InquiryReply::Approvals(rows) if rows.len() == 1),
        "{approvals:?}"
    );

    for register in [FixedPointKind::Institution, FixedPointKind::Elsewhere] {
        assert!(desk.points(register).await?.is_empty());
        let place = NewFixedPlace {
            register,
            rank: 1,
            institution: hospital()?,
            from: told("2026-11-22")?,
            until: None,
            memo: Some(Private::new("常驻异地工作")),
        };
        let payer = desk.payer.clone();
        let number = desk.number(FilingCall::FixPlace { payer, place }).await?;
        let found = desk.points(register).await?;
        let [only] = found.as_slice() else {
            bail!("{found:?}")
        };
        assert_eq!(only.number.as_ref(), Some(&number));
        let (institution, kind) = match register {
            FixedPointKind::Elsewhere => (None, FilingKind::PostedWorker),
            FixedPointKind::Institution | FixedPointKind::Chronic => {
                (Some(hospital()?), FilingKind::NotStated)
            }
        };
        assert_eq!((&only.institution, &only.kind), (&institution, &kind));
        desk.withdraw(FilingRecord::FixedPlace, number).await?;
        assert!(desk.points(register).await?.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn a_filing_whose_answer_was_lost_is_in_doubt_and_found() -> anyhow::Result<()> {
    let mut desk = Hospital::open("harbin-unfiled").await?;
    let place = NewFixedPlace {
        register: FixedPointKind::Elsewhere,
        rank: 1,
        institution: hospital()?,
        from: told("2026-11-22")?,
        until: None,
        memo: None,
    };
    let payer = desk.payer.clone();
    let call = FilingCall::FixPlace { payer, place };
    let admin = desk.stage.admin().clone();
    for (down, made) in [("silent", 0), ("answers_lost", 1)] {
        admin.put("/regions/230100", &json!({ "down": down })).await?;
        let told = desk.file(call.clone()).await;
        assert!(told.is_err(), "{told:?}");
        admin.put("/regions/230100", &json!({})).await?;
        assert_eq!(
            desk.points(FixedPointKind::Elsewhere).await?.len(),
            made,
            "{down}"
        );
    }
    Ok(())
}
