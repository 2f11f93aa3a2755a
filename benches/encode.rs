//! What making a message costs: written as JSON and signed, against plain JSON and the bare signature.

use std::hint::black_box;

use serde_json::{Value, json};
use zhijie_benches::Contest;
use zhijie_model::{
    AccountUse, Area, Call, ChargeBatch, Credential, CredentialKind, Fen, InstitutionCode, InsuranceType,
    MessageId, OperatorCode, Payer, PersonNumber, Private, SignIn, Traces, TrialAmounts, VisitId, VisitType,
    beijing,
};
use zhijie_ports::PrivateKey as _;
use zhijie_signer::{FileKey, STANDARD_USER_ID, sm3, sm4};
use zhijie_wire::{Channel, Head, Profile, Seal, SealError, SecurityFamily, UserId, draft};

/// The keys of one hospital, as the agent holds them.
#[derive(Debug)]
struct Keys(FileKey);

const APPLICATION: [u8; 16] = *b"sandbox-hospital";

impl Seal for Keys {
    fn digest(&self, clear: &[u8]) -> Result<[u8; 32], SealError> {
        Ok(sm3(clear))
    }

    fn sign(&self, _: Channel, _: UserId, text: &[u8]) -> Result<[u8; 64], SealError> {
        self.0
            .sign(STANDARD_USER_ID, text)
            .map_err(|_| SealError::KeyRefused)
    }

    fn verify(&self, _: Channel, _: UserId, _: &[u8], _: &[u8]) -> Result<(), SealError> {
        Ok(())
    }

    fn encrypt(&self, _: Channel, clear: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok(sm4::encrypt(&APPLICATION, clear))
    }

    fn decrypt(&self, _: Channel, cipher: &[u8]) -> Result<Vec<u8>, SealError> {
        sm4::decrypt(&APPLICATION, cipher).map_err(|_| SealError::NotDecipherable)
    }

    fn application(&self, _: Channel) -> Result<&str, SealError> {
        Ok("sandbox-hospital")
    }
}

/// How often a message is made in one round.
const TIMES: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut profile: Profile = toml::from_str(include_str!("../config/provinces/sandbox.toml"))?;
    let (call, credential, head) = (settle()?, card(), head()?);
    let plain: Value =
        serde_json::from_slice(&draft(&call, Some(&credential), &head, &profile)?.plain()?.body)?;
    let input = plain.get("input").map(Value::to_string).unwrap_or_default();
    let key = FileKey::from_scalar(&[7; 32])?;
    let keys = Keys(FileKey::from_scalar(&[7; 32])?);
    for (name, family) in [
        ("encode, no signature", SecurityFamily::None),
        ("encode and digest", SecurityFamily::Digest),
        ("encode, sign and encrypt", SecurityFamily::Sealed),
    ] {
        profile.security.family = family;
        let ours = || {
            for _ in 0..TIMES {
                let drafted = draft(&call, Some(&credential), &head, &profile);
                let _ = black_box(drafted.and_then(|draft| draft.seal(&keys)));
            }
        };
        let proof = || {
            let text = input.as_bytes();
            match family {
                SecurityFamily::None => {}
                SecurityFamily::Digest => {
                    black_box(sm3(text));
                }
                SecurityFamily::Sealed => {
                    let _ = black_box(key.sign(STANDARD_USER_ID, text));
                    black_box(sm4::encrypt(&APPLICATION, text));
                }
            }
        };
        let plain_json = || {
            for _ in 0..TIMES {
                let _ = black_box(serde_json::to_vec(&by_hand(&call, &credential, &head)));
                proof();
            }
        };
        Contest::new(name, 1.2).play(ours, plain_json);
        let written_already = || {
            for _ in 0..TIMES {
                let _ = black_box(serde_json::to_vec(&plain));
                proof();
            }
        };
        let name = format!("{name}, against a value that lies there");
        Contest::new(&name, f64::INFINITY).play(ours, written_already);
    }
    Ok(())
}

/// The same message as a program without a wire floor makes it: a JSON value from the same call, amounts and times in text.
fn by_hand(call: &Call, credential: &Credential, head: &Head) -> Value {
    let Call::Settle {
        payer,
        visit_id,
        kind,
        batch,
        total,
        amounts,
        ..
    } = call
    else {
        return Value::Null;
    };
    json!({
        "infno": "2207A",
        "msgid": head.message_id.as_str(),
        "mdtrtarea_admvs": head.care_area.to_string(),
        "insuplc_admdvs": payer.area.to_string(),
        "recer_sys_code": "SANDBOX",
        "dev_no": "",
        "dev_safe_info": "",
        "cainfo": "",
        "signtype": "",
        "infver": "V1.0",
        "opter_type": "1",
        "opter": head.operator_code.as_str(),
        "opter_name": head.operator_name,
        "inf_time": beijing(head.at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        "fixmedins_code": head.institution.as_str(),
        "fixmedins_name": head.institution_name,
        "sign_no": head.sign_in.as_ref().map_or("", SignIn::as_str),
        "input": { "data": {
            "psn_no": payer.number.as_str(),
            "mdtrt_cert_type": "03",
            "mdtrt_cert_no": credential.number.reveal(),
            "med_type": kind.as_str(),
            "medfee_sumamt": total.to_string(),
            "psn_setlway": "01",
            "mdtrt_id": visit_id.as_str(),
            "chrg_bchno": batch.as_str(),
            "acct_used_flag": "1",
            "insutype": payer.insurance.as_str(),
            "fulamt_ownpay_amt": amounts.own_expense.to_string(),
            "overlmt_selfpay": amounts.over_ceiling.to_string(),
            "preselfpay_amt": amounts.first_own.to_string(),
            "inscp_scp_amt": amounts.in_scope.to_string(),
            "card_sn": credential.card_identification.as_ref().map(Private::reveal),
        }},
    })
}

fn settle() -> Result<Call, Box<dyn std::error::Error>> {
    let fen = Fen::new;
    Ok(Call::Settle {
        payer: Payer {
            number: PersonNumber::new("34120000000000000000012345")?,
            name: Private::new("王秀英"),
            certificate_kind: String::from("01"),
            certificate: Private::new("341200195001011226"),
            insurance: InsuranceType::new("390")?,
            category: String::from("16"),
            area: Area::new("341200")?,
            credential: CredentialKind::Card,
        },
        visit_id: VisitId::new("310000202611221000000000000001")?,
        kind: VisitType::new("11")?,
        batch: ChargeBatch::new("B1")?,
        total: fen(41_260)?,
        account: AccountUse::Use,
        amounts: TrialAmounts {
            own_expense: fen(19_140)?,
            over_ceiling: fen(1_800)?,
            first_own: fen(1_200)?,
            in_scope: fen(19_120)?,
        },
        invoice: None,
        traces: Traces::default(),
    })
}

fn card() -> Credential {
    Credential {
        kind: CredentialKind::Card,
        papers: None,
        number: Private::new("D2143569X"),
        card_identification: Some(Private::new("310100D156000005000E2B8A49A0B12C")),
        certificate: None,
        name: None,
    }
}

fn head() -> Result<Head, Box<dyn std::error::Error>> {
    Ok(Head {
        message_id: MessageId::new("H31010100001202611221010100001")?,
        institution: InstitutionCode::new("H31010100001")?,
        institution_name: String::from("示例医院"),
        care_area: Area::new("310000")?,
        insured_area: Area::new("310000")?,
        operator_code: OperatorCode::new("S001")?,
        operator_name: String::from("收费员"),
        sign_in: Some(SignIn::new("310000202611220800000000000007")?),
        medium_token: None,
        at: "2026-11-22T02:03:04Z".parse().map_err(|_| "no time")?,
    })
}
