//! The control of a security medium, and the tokens it gave: each for one card and one transaction, in memory alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use zhijie_model::{Credential, CredentialKind, Private};
use zhijie_ports::{MediumAsk, MediumFault, MediumReading, SecurityControl};

/// Tokens kept at once; the first of them leaves then.
const TOKENS_MAX: usize = 64;

/// The control, where the desk has one.
#[derive(Debug, Default)]
pub(crate) struct Media {
    control: Option<Arc<dyn SecurityControl>>,
    /// By transaction number and card.
    tokens: Mutex<BTreeMap<(String, String), Private>>,
}

impl Media {
    pub(crate) fn new(control: Option<Arc<dyn SecurityControl>>) -> Self {
        Self {
            control,
            tokens: Mutex::default(),
        }
    }

    /// Has the control read the card that lies in it, and keeps the token for the transaction it was asked for.
    pub(crate) async fn read(&self, ask: MediumAsk) -> Result<MediumReading, MediumFault> {
        let control = self.control.clone().ok_or(MediumFault::NoControl)?;
        let number = ask.transaction.clone();
        let read = tokio::task::spawn_blocking(move || control.read(&ask)).await;
        let reading = read.map_err(|_| MediumFault::Silent)??;
        let card = String::from(reading.card_number.reveal());
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert((number, card), reading.token.clone());
        while tokens.len() > TOKENS_MAX {
            tokens.pop_first();
        }
        drop(tokens);
        Ok(reading)
    }

    /// The token of this card for a transaction; a settlement's is given once.
    pub(crate) fn token(&self, number: &str, credential: &Credential, once: bool) -> Option<Private> {
        if credential.kind != CredentialKind::Card {
            return None;
        }
        let key = (String::from(number), String::from(credential.number.reveal()));
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if once {
            tokens.remove(&key)
        } else {
            tokens.get(&key).cloned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A control in which this card lies.
    #[derive(Debug)]
    struct Lies(&'static str);

    impl SecurityControl for Lies {
        fn read(&self, ask: &MediumAsk) -> Result<MediumReading, MediumFault> {
            Ok(MediumReading {
                card_number: Private::new(self.0),
                identification: Private::new(""),
                name: Private::new(""),
                certificate: Private::new(""),
                token: Private::new(format!("{} for {}", self.0, ask.transaction)),
            })
        }
    }

    fn ask(transaction: &str) -> MediumAsk {
        MediumAsk {
            transaction: String::from(transaction),
            institution: String::new(),
            care_area: String::new(),
            at: String::new(),
        }
    }

    fn card(number: &str, kind: CredentialKind) -> Credential {
        Credential {
            kind,
            papers: None,
            number: Private::new(number),
            card_identification: None,
            certificate: None,
            name: None,
        }
    }

    #[tokio::test]
    async fn a_token_serves_its_card_and_its_transaction() {
        let media = Media::new(Some(Arc::new(Lies("D1"))));
        media.read(ask("1101")).await.unwrap();
        media.read(ask("2207A")).await.unwrap();
        let own = card("D1", CredentialKind::Card);
        let said = |number, credential: &Credential, once| {
            let token = media.token(number, credential, once);
            token.map(|token| String::from(token.reveal()))
        };
        for credential in [
            card("D2", CredentialKind::Card),
            card("D1", CredentialKind::IdNumber),
        ] {
            assert_eq!(said("2207A", &credential, false), None);
        }
        assert_eq!(said("1101", &own, false).as_deref(), Some("D1 for 1101"));
        assert_eq!(said("1101", &own, false).as_deref(), Some("D1 for 1101"));
        assert_eq!(said("2207A", &own, true).as_deref(), Some("D1 for 2207A"));
        assert_eq!(said("2207A", &own, true), None, "once");
    }

    #[tokio::test]
    async fn without_a_control_nothing_is_read() {
        let media = Media::default();
        assert_eq!(media.read(ask("1101")).await, Err(MediumFault::NoControl));
    }
}
