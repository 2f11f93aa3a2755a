//! A software control of a security medium: the card lies in it, and a token is a digest over card and transaction.

use sha2::{Digest, Sha256};
use zhijie_model::Private;
use zhijie_ports::{MediumAsk, MediumFault, MediumReading, SecurityControl};

/// A control with a card in it, or without.
#[derive(Debug, Clone, Default)]
pub struct VirtualControl {
    pub card: Option<ControlCard>,
}

/// What the control reads from the card.
#[derive(Debug, Clone)]
pub struct ControlCard {
    pub card_number: String,
    pub identification: String,
    pub name: String,
    pub certificate: String,
}

impl SecurityControl for VirtualControl {
    fn read(&self, ask: &MediumAsk) -> Result<MediumReading, MediumFault> {
        let card = self.card.as_ref().ok_or(MediumFault::NoMedium)?;
        Ok(MediumReading {
            card_number: Private::new(&*card.card_number),
            identification: Private::new(&*card.identification),
            name: Private::new(&*card.name),
            certificate: Private::new(&*card.certificate),
            token: Private::new(medium_token(&card.card_number, &ask.transaction)),
        })
    }
}

/// The token of a card for one transaction, as the province's own side makes it too.
#[must_use]
pub fn medium_token(card_number: &str, transaction: &str) -> String {
    let digest = Sha256::digest(format!("medium {card_number} {transaction}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_card_and_one_transaction() {
        let tokens = [
            medium_token("D1", "1101"),
            medium_token("D1", "2207A"),
            medium_token("D2", "1101"),
        ];
        assert_ne!(tokens[0], tokens[1]);
        assert_ne!(tokens[0], tokens[2]);
        let empty = VirtualControl::default();
        let ask = MediumAsk {
            transaction: String::from("1101"),
            institution: String::new(),
            care_area: String::new(),
            at: String::new(),
        };
        assert_eq!(empty.read(&ask), Err(MediumFault::NoMedium));
    }
}
