//! `identity.compare`: card and code side by side in one visit.

use zhijie_desk::RpcError;
use zhijie_desk::api::{CompareStanding, IdentityCompareParams, IdentityCompareResult, Notice, typed};
use zhijie_model::{IdentityId, Private};

use super::identity::unfit_fault;
use super::{Services, error};
use crate::identities::Identity;

impl Services {
    /// Asks nobody: what reading and lookups told is compared. A log line says what differs, never how.
    pub(super) fn compare_identities(
        &self,
        asked: &IdentityCompareParams,
    ) -> Result<IdentityCompareResult, RpcError> {
        let now = self.clock.now();
        let get = |name: &'static str, text: &str| {
            let id: IdentityId = typed(name, text)?;
            let found = self.identities.get(&id, now);
            found.map_err(|unfit| error(&unfit_fault(unfit, "identity.compare")))
        };
        let one = get("identity_id", &asked.identity_id)?;
        let other = get("other_identity_id", &asked.other_identity_id)?;
        let compared = compare(&one, &other);
        if compared.standing == CompareStanding::Differ {
            let codes: Vec<&str> = compared.differences.iter().map(|notice| &*notice.code).collect();
            tracing::warn!(?codes, "Two identities of one visit differ");
        }
        Ok(compared)
    }
}

/// One thing both may tell.
struct Trait {
    same: Option<bool>,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
}

fn compare(one: &Identity, other: &Identity) -> IdentityCompareResult {
    let person = |identity: &Identity| identity.person.as_ref().map(|looked| looked.person.clone());
    let (first, second) = (person(one), person(other));
    let certificate = |identity: &Identity| {
        person(identity)
            .map(|person| person.certificate)
            .or_else(|| identity.credential.certificate.clone())
    };
    let name = |identity: &Identity| {
        person(identity)
            .map(|person| person.name)
            .or_else(|| identity.credential.name.clone())
    };
    let traits = [
        Trait {
            same: first
                .zip(second)
                .map(|(first, second)| first.number == second.number),
            code: "DIFFERENT-PERSON",
            zh: "两次读到的参保人不是同一人，请核对卡和码是否都是患者本人的",
            en: "the platform knows them as two persons",
        },
        Trait {
            same: same(certificate(one), certificate(other), plain_number),
            code: "DIFFERENT-NUMBER",
            zh: "卡和码的证件号码不同，请核对患者身份证件",
            en: "their certificate numbers differ",
        },
        Trait {
            same: same(name(one), name(other), plain_name),
            code: "DIFFERENT-NAME",
            zh: "卡和码的姓名不同，请核对患者姓名",
            en: "their names differ",
        },
    ];
    let notice = |told: &Trait| Notice {
        code: String::from(told.code),
        text_zh: String::from(told.zh),
        text_en: String::from(told.en),
    };
    let differs = |told: &&Trait| told.same == Some(false);
    let mut differences: Vec<Notice> = traits.iter().filter(differs).map(notice).collect();
    let standing = if !differences.is_empty() {
        CompareStanding::Differ
    } else if traits.iter().any(|told| told.same == Some(true)) {
        CompareStanding::Agree
    } else {
        CompareStanding::NotComparable
    };
    // Somebody who moved holds a card of the old region: worth knowing, no reason to doubt who it is.
    let regions = one.area_hint.zip(other.area_hint);
    if regions.is_some_and(|(one, other)| one != other) {
        differences.push(Notice {
            code: String::from("DIFFERENT-REGION"),
            text_zh: String::from("发卡地区与医保码的参保地区不同，以平台查询的参保地为准"),
            text_en: String::from("the card was issued in another region than the code names"),
        });
    }
    IdentityCompareResult {
        standing,
        differences,
    }
}

/// `None` where one of them does not tell it.
fn same(one: Option<Private>, other: Option<Private>, plain: fn(&str) -> String) -> Option<bool> {
    let (one, other) = (plain(one?.reveal()), plain(other?.reveal()));
    let told =
        !one.is_empty() && !other.is_empty() && !one.contains('\u{FFFD}') && !other.contains('\u{FFFD}');
    told.then(|| one == other)
}

fn plain_number(number: &str) -> String {
    number.trim().to_uppercase()
}

/// Without blanks and the dots of long names, which every source writes in its own way.
fn plain_name(name: &str) -> String {
    name.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '·' | '•' | '．' | '.' | '・'))
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use zhijie_model::{Area, Credential, CredentialKind};

    use super::*;

    fn identity(number: Option<&str>, name: Option<&str>, region: Option<&str>) -> Identity {
        Identity {
            credential: Credential {
                kind: CredentialKind::Card,
                papers: None,
                number: Private::new("K12345677"),
                card_identification: None,
                certificate: number.map(Private::new),
                name: name.map(Private::new),
            },
            area_hint: region.map(|region| Area::new(region).unwrap()),
            card_proof: None,
            read_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: jiff::Timestamp::UNIX_EPOCH,
            person: None,
            bill: None,
        }
    }

    #[test]
    fn what_differs_is_named_and_never_shown() {
        use CompareStanding::{Agree, Differ, NotComparable};
        let card = || identity(Some("34120019680214002X"), Some("艾力·买买提"), Some("341200"));
        let table = [
            (card(), Agree, &[][..]),
            (
                identity(Some("34120019680214002x"), Some("艾力．买买提 "), None),
                Agree,
                &[],
            ),
            (identity(None, Some("艾力买买提"), None), Agree, &[]),
            (
                identity(Some("341200195803120026"), Some("艾力·买买提"), None),
                Differ,
                &["DIFFERENT-NUMBER"],
            ),
            (
                identity(Some("341200195803120026"), Some("李桂兰"), None),
                Differ,
                &["DIFFERENT-NUMBER", "DIFFERENT-NAME"],
            ),
            (
                identity(None, Some("李桂兰"), Some("371100")),
                Differ,
                &["DIFFERENT-NAME", "DIFFERENT-REGION"],
            ),
            (
                identity(Some("34120019680214002X"), None, Some("371100")),
                Agree,
                &["DIFFERENT-REGION"],
            ),
            (identity(None, None, None), NotComparable, &[]),
            (identity(None, Some("艾\u{FFFD}"), None), NotComparable, &[]),
        ];
        for (other, standing, codes) in table {
            let compared = compare(&card(), &other);
            let told: Vec<&str> = compared.differences.iter().map(|notice| &*notice.code).collect();
            assert_eq!((compared.standing, told.as_slice()), (standing, codes));
            assert_eq!(compare(&other, &card()).standing, standing, "either way round");
            let shown = format!("{compared:?}");
            assert!(!shown.contains("0214002") && !shown.contains("艾力") && !shown.contains("李桂兰"));
        }
    }
}
