//! The two definitions of the fund total, told apart by arithmetic (interface reference, 3.6.1).

use zhijie_model::{Fen, SplitError};

use crate::unreadable::Unreadable;

/// The amounts that divide a bill, as answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    pub(crate) total: Fen,
    pub(crate) fund: Fen,
    pub(crate) person: Fen,
    pub(crate) cash: Fen,
    pub(crate) hospital: Fen,
}

pub(crate) fn sum(parts: &[Fen]) -> Result<Fen, Unreadable> {
    Fen::sum(parts.iter().copied()).ok_or(Unreadable::DoesNotAddUp(SplitError::OutOfRange))
}

fn less(from: Fen, parts: &[Fen]) -> Result<Fen, Unreadable> {
    from.checked_sub(sum(parts)?)
        .ok_or(Unreadable::DoesNotAddUp(SplitError::OutOfRange))
}

/// The fund total without the personal account. An exact identity decides before one that holds within a fen, and
/// `declared_including` decides only where both hold. Where neither holds the fund total stays as answered, and the
/// split refuses it.
pub(crate) fn fund_without_account(whole: &Whole, declared_including: bool) -> Result<Fen, Unreadable> {
    let Whole {
        total,
        fund,
        person,
        cash,
        hospital,
    } = *whole;
    let beside = total.abs_diff(sum(&[fund, person, hospital])?);
    let inside = total.abs_diff(sum(&[fund, cash, hospital])?);
    let including = match (beside, inside) {
        (0 | 1, 0 | 1) if beside == inside => declared_including,
        (0 | 1, 0 | 1) => inside < beside,
        (_, 0 | 1) => true,
        _ => false,
    };
    if including {
        less(fund, &[less(person, &[cash])?])
    } else {
        Ok(fund)
    }
}

/// The hospital's share where the answer has none: what funds and person leave of the total.
pub(crate) fn left_for_hospital(
    total: Fen,
    fund: Fen,
    person: Fen,
    cash: Fen,
    declared_including: bool,
) -> Result<Fen, Unreadable> {
    let beside = less(total, &[fund, person])?;
    let inside = less(total, &[fund, cash])?;
    let fits = |left: Fen| left.is_zero() || left.is_negative() == total.is_negative();
    if inside.is_zero() || beside.is_zero() || !fits(inside) {
        return Ok(Fen::ZERO);
    }
    Ok(if declared_including || !fits(beside) {
        inside
    } else {
        beside
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(value: i64) -> Fen {
        Fen::new(value).unwrap()
    }

    #[test]
    fn the_amounts_tell_which_definition_it_is() {
        // total, fund as answered, person, cash, hospital, declared including, fund without account
        let table = [
            (10_000, 6_000, 4_000, 3_000, 0, false, 6_000),
            (10_000, 6_000, 4_000, 3_000, 0, true, 6_000),
            (10_000, 7_000, 4_000, 3_000, 0, false, 6_000),
            (10_000, 7_000, 4_000, 3_000, 0, true, 6_000),
            (10_000, 6_900, 4_000, 3_000, 100, false, 5_900),
            (10_000, 6_000, 4_000, 4_000, 0, true, 6_000),
            (10_000, 6_000, 4_000, 3_999, 0, true, 6_000),
            (10_000, 6_001, 4_000, 3_999, 0, false, 6_000),
            (10_000, 5_000, 4_000, 3_000, 0, true, 5_000),
            (-10_000, -7_000, -4_000, -3_000, 0, false, -6_000),
        ];
        for (total, fund, person, cash, hospital, declared, expected) in table {
            let whole = Whole {
                total: fen(total),
                fund: fen(fund),
                person: fen(person),
                cash: fen(cash),
                hospital: fen(hospital),
            };
            assert_eq!(
                fund_without_account(&whole, declared),
                Ok(fen(expected)),
                "{whole:?} {declared}"
            );
        }
    }

    #[test]
    fn the_hospital_gets_what_is_left() {
        // total, fund, person, cash, declared including, hospital
        let table = [
            (10_000, 6_000, 4_000, 3_000, false, 0),
            (10_000, 7_000, 4_000, 3_000, false, 0),
            (10_000, 5_500, 4_000, 3_000, false, 500),
            (10_000, 6_500, 4_000, 3_000, true, 500),
            (10_000, 6_500, 4_000, 3_000, false, 500),
            (10_000, 9_000, 4_000, 3_000, false, 0),
            (-10_000, -5_500, -4_000, -3_000, false, -500),
        ];
        for (total, fund, person, cash, declared, expected) in table {
            assert_eq!(
                left_for_hospital(fen(total), fen(fund), fen(person), fen(cash), declared),
                Ok(fen(expected)),
                "{total} {fund} {person} {cash}"
            );
        }
    }
}
