//! `identity.read` and `identity.cancel`.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use zhijie_desk::api::EmptyParams;
use zhijie_desk::api::{
    Business, CardFieldsView, CardView, CodeName, IdentityCancelResult, IdentityGrade, IdentityKind,
    IdentityReadParams, IdentityReadResult, IdentitySource, Notice, mask_number,
};
use zhijie_desk::{Peer, RpcError};
use zhijie_devicelink::{DeviceReading, Want};
use zhijie_model::{Area, Credential, CredentialKind, Fault, Private, rfc3339_beijing};
use zhijie_ports::{BasicFields, CardReading, CodeKind, DeviceFault, ScannedCode, citizen_number_is_sound};
use zhijie_settlement::Operator;
use zhijie_wire::{Counter, Inquiry, InquiryReply, Voucher, VoucherRoad, VoucherUse};

use super::{Services, core_fault, error};
use crate::faults::{self, DESK_006, DESK_018, DESK_019};
use crate::identities::{CardProof, Identity, Unfit};

/// The fault of an identity that cannot serve.
pub(super) fn unfit_fault(unfit: Unfit, marker: &str) -> Fault {
    match unfit {
        Unfit::Gone => faults::fault(&DESK_006, "", None, marker),
        Unfit::OtherBill => faults::fault(&DESK_018, "", None, marker),
    }
}

/// Counts the reads that wait, for `identity.cancel` to say whether there was one.
pub(super) struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    pub(super) fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What was shown, before the platform is asked about it.
pub(super) struct Shown {
    pub(super) kind: IdentityKind,
    pub(super) grade: IdentityGrade,
    pub(super) credential: Credential,
    pub(super) area_hint: Option<Area>,
    pub(super) card: Option<CardView>,
    pub(super) card_proof: Option<CardProof>,
    /// Only the card is wanted: nobody is asked about the person.
    pub(super) card_alone: bool,
}

impl Services {
    pub(super) async fn read_identity(
        &self,
        peer: &Peer,
        asked: IdentityReadParams,
    ) -> Result<IdentityReadResult, RpcError> {
        let given = asked
            .operator
            .as_ref()
            .map(|operator| operator.to_operator("operator"))
            .transpose()?;
        let operator = self.operator(given);
        let usage = match asked.business {
            Business::Register => VoucherUse::Register,
            Business::Settle => VoucherUse::Settle,
        };
        let shown = match (asked.source, &asked.id_number) {
            (IdentitySource::IdNumber, Some(number)) if self.platform.profile().id_number_allowed => {
                typed_number(number)?
            }
            (IdentitySource::IdNumber, Some(_)) => {
                return Err(error(&faults::fault(&DESK_019, "", None, "identity.read")));
            }
            (IdentitySource::Papers, _) => self.shown_papers(asked.papers.as_ref())?,
            (IdentitySource::IdCard, _) => {
                let _waiting = Waiting::begin(&self.waiting);
                self.read_id_card(peer, asked.timeout()).await?
            }
            (IdentitySource::Card, _) if let Some(shown) = self.card_of_control().await => shown?,
            (IdentitySource::Code, _) if self.platform.profile().voucher.road == VoucherRoad::Library => {
                let _waiting = Waiting::begin(&self.waiting);
                self.voucher_by_library(peer, usage, &operator, asked.timeout())
                    .await
                    .map_err(|fault| error(&fault))?
            }
            (source, _) => {
                let by_library = self.platform.profile().voucher.road == VoucherRoad::Library;
                let by_control = self.platform.profile().medium.is_some();
                let want = Want {
                    card: matches!(source, IdentitySource::Any | IdentitySource::Card) && !by_control,
                    code: matches!(source, IdentitySource::Any | IdentitySource::Code) && !by_library,
                    today: zhijie_model::business_day(self.clock.now()),
                };
                let _waiting = Waiting::begin(&self.waiting);
                let read = self.devices.read(want, asked.timeout());
                let reading = tokio::select! {
                    reading = read => reading,
                    () = peer.hung_up() => Err(DeviceFault::Cancelled),
                };
                match reading.map_err(|fault| error(&faults::of_device(&fault, "identity.read")))? {
                    DeviceReading::Card(card) => of_card(&card, asked.card_fields),
                    DeviceReading::Pin(_) | DeviceReading::IdCard(_) | DeviceReading::Voucher(_) => {
                        let fault = DeviceFault::HelperProtocol;
                        return Err(error(&faults::of_device(&fault, "identity.read")));
                    }
                    DeviceReading::Code(code) => self
                        .of_code(code, usage, &operator)
                        .await
                        .map_err(|fault| error(&fault))?,
                }
            }
        };
        self.remember(shown, &operator)
            .await
            .map_err(|fault| error(&fault))
    }

    pub(super) async fn cancel_identity(&self, _asked: EmptyParams) -> IdentityCancelResult {
        let cancelled = self.waiting.load(Ordering::SeqCst) > 0;
        self.devices.cancel().await;
        if let Some(id_reader) = &self.id_reader {
            id_reader.cancel().await;
        }
        if let Some(voucher) = &self.voucher_library {
            voucher.library.cancel().await;
        }
        IdentityCancelResult { cancelled }
    }

    /// Asks the platform who it is. A platform that cannot be reached does not undo the reading of card or code:
    /// they then carry what they say themselves, and what this desk saw of the person before. A typed number says nothing
    /// itself, so without an answer and without an earlier lookup there is no identity; neither is there one when the platform answers about somebody else.
    async fn remember(&self, shown: Shown, operator: &Operator) -> Result<IdentityReadResult, Fault> {
        let now = self.clock.now();
        let expires_at = self.expiry(shown.credential.kind, now);
        let identity = Identity {
            credential: shown.credential.clone(),
            area_hint: shown.area_hint,
            card_proof: shown.card_proof,
            read_at: now,
            expires_at,
            person: None,
            bill: None,
        };
        let id = self
            .identities
            .remember(identity.clone())
            .ok_or_else(|| faults::fault(&faults::AGENT_BUSY, "", None, "identity.read"))?;
        let mut known_at = None;
        let asked = if shown.card_alone {
            Ok(None)
        } else {
            self.ask_who(&id, identity.clone(), operator).await.map(Some)
        };
        let looked = match asked {
            Ok(looked) => looked,
            Err(nobody)
                if nobody.silent
                    && let Some(known) = self.person_from_disk(&identity).await =>
            {
                known_at = Some(rfc3339_beijing(known.at));
                Some(std::sync::Arc::new(known))
            }
            Err(nobody) if nobody.somebody_else || shown.grade == IdentityGrade::Typed => {
                self.identities.forget(&id);
                return Err(nobody.fault);
            }
            Err(nobody) => {
                tracing::warn!(
                    code = nobody.fault.code,
                    "Person lookup after reading brought nothing"
                );
                None
            }
        };
        let person = looked.as_deref().map(|looked| &looked.person);
        let name = person.map(|person| person.name.clone()).or(shown.credential.name);
        let certificate = person
            .map(|person| person.certificate.clone())
            .or(shown.credential.certificate);
        let area = person.and_then(|person| match person.choose_insurance(None, None) {
            zhijie_model::InsuranceChoice::One(row) => Some(row.area),
            zhijie_model::InsuranceChoice::Several(_) | zhijie_model::InsuranceChoice::None => None,
        });
        Ok(IdentityReadResult {
            identity_id: String::from(id.as_str()),
            kind: shown.kind,
            name: name.unwrap_or_else(|| Private::new("")),
            certificate_masked: certificate.as_ref().map(mask_number).unwrap_or_default(),
            grade: shown.grade,
            insured_area: area.map(|area| CodeName {
                code: area.to_string(),
                name: None,
            }),
            card: shown.card,
            expires_at: rfc3339_beijing(expires_at),
            known_at,
        })
    }

    fn expiry(&self, kind: CredentialKind, now: Timestamp) -> Timestamp {
        let seconds = match kind {
            CredentialKind::Voucher => self.config.settlement.voucher_valid_s,
            CredentialKind::Card | CredentialKind::IdNumber | CredentialKind::Papers => {
                self.config.settlement.card_valid_s
            }
        };
        now.saturating_add(SignedDuration::from_secs(i64::from(seconds)))
            .unwrap_or(now)
    }

    /// Has the platform decode an e-voucher. Everything else that can be scanned is named as what it is.
    async fn of_code(
        &self,
        code: ScannedCode,
        usage: VoucherUse,
        operator: &Operator,
    ) -> Result<Shown, Fault> {
        let marker = "identity.read";
        if code.kind != CodeKind::EVoucher {
            return Err(faults::of_device(
                &DeviceFault::NotAVoucher { kind: code.kind },
                marker,
            ));
        }
        self.sign_in(operator, marker).await?;
        let message_id = self.core.new_message_id().await.map_err(core_fault)?;
        let inquiry = Inquiry::DecodeVoucher {
            code: code.text,
            usage,
            counter: self.counter(),
        };
        let told = self
            .ask_signed_in(&inquiry, self.care_area(), operator, message_id)
            .await;
        match told.map(|(_, told)| told.reply) {
            Ok(InquiryReply::Voucher(voucher)) => Ok(of_voucher(voucher)),
            other => Err(super::person::not_that(other, marker)),
        }
    }
}

impl Services {
    /// Where a code is shown.
    pub(super) fn counter(&self) -> Counter {
        Counter {
            code: String::from("desk"),
            name: self.config.institution.name.clone(),
            self_service: false,
        }
    }
}

pub(super) fn of_voucher(voucher: Voucher) -> Shown {
    Shown {
        kind: IdentityKind::Voucher,
        grade: IdentityGrade::Decoded,
        area_hint: voucher.area,
        credential: Credential {
            kind: CredentialKind::Voucher,
            papers: None,
            number: voucher.token,
            card_identification: None,
            certificate: voucher.certificate,
            name: voucher.name,
        },
        card: None,
        card_proof: None,
        card_alone: false,
    }
}

fn of_card(card: &CardReading, with_fields: bool) -> Shown {
    let warnings = card.warnings.iter().map(|warning| Notice {
        code: String::from("CARD-WARNING"),
        text_zh: String::from("卡内信息有异常，请核对姓名和证件"),
        text_en: format!("{warning:?}"),
    });
    Shown {
        kind: IdentityKind::Card,
        grade: IdentityGrade::Read,
        area_hint: Some(card.region),
        credential: Credential {
            kind: CredentialKind::Card,
            papers: None,
            number: card.card_number.clone(),
            card_identification: Some(card.identification.clone()),
            certificate: Some(card.number.clone()),
            name: Some(card.name.clone()),
        },
        card: Some(CardView {
            number_masked: mask_number(&card.card_number),
            valid_until: card.valid_until.map(|day| day.to_string()).unwrap_or_default(),
            warnings: warnings.collect(),
            genuine: card.genuine,
            fields: with_fields.then(|| fields(BasicFields::of(card))),
        }),
        card_proof: card.vendor.as_ref().map(|part| CardProof {
            line: part.line.clone(),
            signature: part.signature.clone(),
        }),
        card_alone: with_fields,
    }
}

fn fields(card: BasicFields) -> CardFieldsView {
    CardFieldsView {
        region: card.region,
        number: Private::new(card.number),
        card_number: Private::new(card.card_number),
        identification: Private::new(card.identification),
        name: Private::new(card.name),
        reset_info: Private::new(card.reset_info),
        version: card.version,
        issued: card.issued,
        valid_until: card.valid_until,
        terminal: card.terminal,
        device: card.device,
    }
}

fn typed_number(number: &Private) -> Result<Shown, RpcError> {
    if !citizen_number_is_sound(number.reveal()) {
        let problem = "is not a citizen identity number (18 characters with a fitting check digit)";
        return Err(RpcError::invalid_params("id_number", "not_allowed", problem));
    }
    Ok(Shown {
        kind: IdentityKind::IdNumber,
        grade: IdentityGrade::Typed,
        area_hint: None,
        credential: Credential {
            kind: CredentialKind::IdNumber,
            papers: None,
            number: number.clone(),
            card_identification: None,
            certificate: Some(number.clone()),
            name: None,
        },
        card: None,
        card_proof: None,
        card_alone: false,
    })
}
