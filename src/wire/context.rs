//! What every request needs besides its own members.

use std::collections::BTreeMap;

use serde::Serialize;
use zhijie_model::{Credential, CredentialKind, Payer, Private, Transaction, VisitType};

use crate::message::{EncodeError, Head, filled};
use crate::person_rules::{PapersRules, PapersShown};
use crate::profile::{ExtensionName, FieldSwitches, Profile};
use crate::route;

pub(crate) struct Context<'a> {
    pub(crate) transaction: Transaction,
    pub(crate) head: &'a Head,
    pub(crate) profile: &'a Profile,
    pub(crate) credential: Option<&'a Credential>,
}

/// 字段扩展, as the province spells it; empty where none is wanted.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Extension<'a>(BTreeMap<&'static str, &'a str>);

/// A credential in interface terms.
pub(crate) struct Proof<'a> {
    pub(crate) kind: &'a str,
    pub(crate) number: &'a str,
    pub(crate) card_identification: Option<&'a str>,
}

/// Members some provinces want beside a credential, at the end of the node.
#[derive(Default, Serialize)]
pub(crate) struct Identity<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) card_sn: Option<&'a str>, // 卡识别码
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) psn_cert_type: Option<&'a str>, // 人员证件类型
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certno: Option<&'a str>, // 证件号码
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) psn_type: Option<&'a str>, // 人员类别
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) psn_name: Option<&'a str>, // 人员姓名
}

/// 就诊凭证类型; `papers` is what papers a person has, where the credential is papers.
pub(crate) fn credential_code<'a>(kind: CredentialKind, papers: &'a str, rules: &PapersRules) -> &'a str {
    match kind {
        CredentialKind::Voucher => "01",
        CredentialKind::IdNumber => "02",
        CredentialKind::Card => "03",
        CredentialKind::Papers => match rules.shown_as {
            PapersShown::Other => "99",
            PapersShown::IdNumber => "02",
            PapersShown::OwnKind => papers,
        },
    }
}

pub(crate) fn proof<'a>(credential: &'a Credential, rules: &PapersRules) -> Result<Proof<'a>, EncodeError> {
    let papers = credential.papers.as_deref().unwrap_or_default();
    Ok(Proof {
        kind: filled("mdtrt_cert_type", credential_code(credential.kind, papers, rules))?,
        number: filled("mdtrt_cert_no", credential.number.reveal())?,
        card_identification: match credential.kind {
            CredentialKind::Card => credential.card_identification.as_ref().map(Private::reveal),
            CredentialKind::Voucher | CredentialKind::IdNumber | CredentialKind::Papers => None,
        },
    })
}

impl<'a> Context<'a> {
    pub(crate) fn proof(&self) -> Result<Proof<'a>, EncodeError> {
        proof(
            self.credential.ok_or(EncodeError::CredentialMissing)?,
            &self.profile.papers,
        )
    }

    /// The extra identity members this province wants with registration, trial and settlement.
    pub(crate) fn identity(&self, payer: &'a Payer, proof: &Proof<'a>) -> Result<Identity<'a>, EncodeError> {
        let fields = &self.profile.fields;
        let mut identity = Identity::default();
        if fields.card_identification_everywhere && self.is_card() {
            identity.card_sn = Some(
                proof
                    .card_identification
                    .ok_or(EncodeError::MemberEmpty("card_sn"))?,
            );
        }
        if fields.identity_everywhere {
            identity.psn_cert_type = Some(&payer.certificate_kind);
            identity.certno = Some(payer.certificate.reveal());
            identity.psn_type = Some(&payer.category);
            identity.psn_name = Some(payer.name.reveal());
        }
        Ok(identity)
    }

    /// Whether the credential is a card.
    pub(crate) fn is_card(&self) -> bool {
        self.credential
            .is_some_and(|credential| credential.kind == CredentialKind::Card)
    }

    /// 校验介质 of the security medium, where this transaction needs one; only a card has it.
    pub(crate) fn medium_token(&self, kind: CredentialKind) -> Result<Option<&'a str>, EncodeError> {
        let needed = self.profile.medium_number(self.transaction).is_some();
        if !needed || kind != CredentialKind::Card {
            return Ok(None);
        }
        let token = self.head.medium_token.as_ref().map(Private::reveal);
        token.map(Some).ok_or(EncodeError::MemberEmpty("card_token"))
    }

    pub(crate) fn extension(&self) -> Extension<'a> {
        extension(
            route::infno(self.transaction, self.profile.variants),
            &self.profile.fields,
        )
    }

    pub(crate) fn visit_kind(&self, payer: &Payer, kind: &'a VisitType) -> &'a str {
        self.profile.visit_kind(kind, payer.area, self.head.care_area)
    }
}

/// The extension of one transaction number.
pub(crate) fn extension<'a>(infno: &str, fields: &'a FieldSwitches) -> Extension<'a> {
    let name = match fields.extension {
        ExtensionName::Snake => "exp_content",
        ExtensionName::Camel => "expContent",
    };
    Extension(
        fields
            .extension_texts
            .get(infno)
            .map(|text| (name, text.as_str()))
            .into_iter()
            .collect(),
    )
}
