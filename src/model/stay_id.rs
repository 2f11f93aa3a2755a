//! How a stay and its settlements are named among bills. A bill's id has three parts; a stay's has two, and a settlement
//! of a stay has four, so that none is ever taken for another.

use crate::bill::{Bill, part};
use crate::fen::Fen;
use crate::ids::{BillId, ChargeBatch, IdError, InstitutionCode, VisitNumber};

impl BillId {
    /// The id of a stay: institution and the hospital's own stay number.
    ///
    /// # Errors
    /// When both together are too long.
    pub fn of_stay(institution: &InstitutionCode, number: &VisitNumber) -> Result<Self, IdError> {
        Self::new(format!(
            "{}/{}",
            part(institution.as_str()),
            part(number.as_str())
        ))
    }

    /// The id of the stay's settlement number `n`, counted from 1.
    ///
    /// # Errors
    /// When it gets too long.
    pub fn of_stay_bill(stay: &Self, n: u32) -> Result<Self, IdError> {
        Self::new(format!("{stay}/stay/{n}"))
    }

    /// Whether this is the id of a stay.
    #[must_use]
    pub fn is_stay(&self) -> bool {
        self.as_str().matches('/').count() == 1
    }

    /// The stay whose settlement this is, and its number.
    #[must_use]
    pub fn stay(&self) -> Option<(Self, u32)> {
        let (stay, n) = self.as_str().split_once("/stay/")?;
        let stay = Self::new(stay).ok().filter(Self::is_stay)?;
        Some((stay, n.parse().ok()?))
    }
}

impl Bill {
    /// Settlement number `n` of a stay. Its lines lie at the centre already; the bill knows their sum alone.
    ///
    /// # Errors
    /// When the id gets too long.
    pub fn of_stay(stay: &BillId, n: u32, total: Fen) -> Result<Self, IdError> {
        let batch = ChargeBatch::new(format!("{n}"))?;
        Ok(Self::whole(BillId::of_stay_bill(stay, n)?, batch, total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_is_never_taken_for_a_bill() {
        let institution = InstitutionCode::new("H31010100001").unwrap();
        let of = |number: &str| BillId::of_stay(&institution, &VisitNumber::new(number).unwrap()).unwrap();
        let stay = of("ZY1");
        assert_eq!(stay.as_str(), "H31010100001/ZY1");
        assert!(stay.is_stay() && of("A/stay/1").is_stay());
        assert_eq!(stay.stay(), None);
        let bill = BillId::of_stay_bill(&stay, 2).unwrap();
        assert_eq!(bill.as_str(), "H31010100001/ZY1/stay/2");
        assert!(!bill.is_stay());
        assert_eq!(bill.stay(), Some((stay, 2)));
        for other in ["H1/MZ1/B1", "H1/stay/1", "H1/MZ1/stay", "H1/A/stay/x"] {
            assert_eq!(BillId::new(other).unwrap().stay(), None, "{other}");
            assert!(!BillId::new(other).unwrap().is_stay(), "{other}");
        }
    }
}
