//! Shares of amounts: integer fen, half up, one rounding per share.

use serde::Deserialize;
use zhijie_model::{Fen, FenError, Ratio};

/// A stretch of a running yearly amount and the share paid of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Tier {
    /// Upper end of the stretch; the last tier has none.
    #[serde(default, with = "crate::share::yuan::optional")]
    pub up_to: Option<Fen>,
    pub ratio: Ratio,
}

/// `amount` times `ratio`, rounded half up to the fen. `amount` is not negative.
///
/// # Errors
/// When the result leaves the range of [`Fen`].
pub fn share(amount: Fen, ratio: Ratio) -> Result<Fen, FenError> {
    round(i128::from(amount.get()) * i128::from(ratio.scaled()))
}

/// The share of the stretch from `start` to `start + amount` of a running amount, rounded once at the end.
/// `less` is taken off every tier's ratio.
///
/// # Errors
/// When the result leaves the range of [`Fen`].
pub fn tiered(start: Fen, amount: Fen, tiers: &[Tier], less: Option<Ratio>) -> Result<Fen, FenError> {
    let end = i128::from(start.get()) + i128::from(amount.get());
    let mut from = i128::from(start.get());
    let mut scaled: i128 = 0;
    for tier in tiers {
        let upper = tier.up_to.map_or(end, |limit| i128::from(limit.get()).min(end));
        if upper > from {
            let ratio = tier
                .ratio
                .scaled()
                .saturating_sub(less.map_or(0, Ratio::scaled))
                .max(0);
            scaled += (upper - from) * i128::from(ratio);
            from = upper;
        }
    }
    round(scaled)
}

fn round(scaled: i128) -> Result<Fen, FenError> {
    let fen = i64::try_from((scaled + 5_000) / 10_000).map_err(|_| FenError::OutOfRange)?;
    Fen::new(fen)
}

/// Amounts in the data files are decimal yuan texts.
pub(crate) mod yuan {
    use serde::{Deserialize, Deserializer, de::Error};
    use zhijie_model::Fen;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Fen, D::Error> {
        Fen::from_yuan(&String::deserialize(from)?).map_err(D::Error::custom)
    }

    pub(crate) mod optional {
        use serde::{Deserialize, Deserializer, de::Error};
        use zhijie_model::Fen;

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Fen>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|yuan| Fen::from_yuan(&yuan).map_err(D::Error::custom))
                .transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(value: i64) -> Fen {
        Fen::new(value).unwrap()
    }

    fn tiers() -> Vec<Tier> {
        let tier = |up_to: Option<i64>, ratio: &str| Tier {
            up_to: up_to.map(fen),
            ratio: Ratio::parse(ratio).unwrap(),
        };
        vec![
            tier(Some(1_000), "0.5"),
            tier(Some(2_000), "0.6"),
            tier(None, "0.7"),
        ]
    }

    #[test]
    fn shares_round_half_up() {
        let table = [(1, "0.5", 1), (1, "0.4999", 0), (333, "0.3333", 111), (0, "1", 0)];
        for (amount, ratio, expected) in table {
            assert_eq!(
                share(fen(amount), Ratio::parse(ratio).unwrap()),
                Ok(fen(expected))
            );
        }
    }

    #[test]
    fn tiers_go_by_the_running_amount() {
        let table = [
            (0, 500, 250),
            (0, 1_000, 500),
            (0, 3_000, 500 + 600 + 700),
            (1_500, 1_000, 300 + 350),
            (9_000, 10, 7),
        ];
        for (start, amount, expected) in table {
            assert_eq!(
                tiered(fen(start), fen(amount), &tiers(), None),
                Ok(fen(expected)),
                "{start}+{amount}"
            );
        }
        let less = Ratio::parse("0.1").ok();
        assert_eq!(tiered(fen(0), fen(1_000), &tiers(), less), Ok(fen(400)));
    }
}
