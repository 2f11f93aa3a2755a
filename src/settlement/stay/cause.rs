//! Why the desk gets no "done" for a stay: one variant per next move of the cashier.

use serde::{Deserialize, Serialize};
use zhijie_model::{Fen, LineSerial};

use crate::cause::Cause;

/// Why a stay is not, or not yet, where the desk wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum StayCause {
    /// As it can befall a bill too: not sent, refused, lost, waiting for a person.
    Of {
        why: Cause,
    },
    /// The stay is not admitted: nothing of it lies at the centre.
    NotAdmitted,
    /// Admitted already, for another person or with other papers.
    AlreadyAdmitted,
    /// A step of the stay is under way or in doubt.
    Locked,
    /// A settlement or refund of the stay is under way or in doubt.
    SettlementBusy,
    /// Discharged: take the discharge back first.
    Discharged,
    NotDischarged,
    /// The final settlement stands: refund it first.
    FinalSettled,
    /// A settlement of the stay stands, an interim one perhaps: refund it first.
    SettlementStands,
    /// Fee lines lie at the centre: withdraw them first.
    LinesLieThere,
    /// The fate of uploaded lines is not known: upload or withdraw once more first.
    ChargesUncertain,
    /// No such line lies at the centre.
    UnknownLine {
        serial: LineSerial,
    },
    /// A line of this serial lies there with other content.
    LineChanged {
        serial: LineSerial,
    },
    /// The line is settled already.
    LineSettled {
        serial: LineSerial,
    },
    /// More would be refunded of this line than was charged.
    RefundedTooMuch {
        serial: LineSerial,
    },
    /// Fees of that year wait to be settled, and these lines are of another one.
    YearToSettle {
        year: i16,
    },
    /// No fee line waits to be settled, or nothing is left after refunds.
    NothingToSettle,
    /// The hospital's sum and that of the lines at the centre differ.
    ChargesDiffer {
        at_centre: Fen,
        given: Fen,
    },
    /// The stay changed after the quote: quote again.
    QuoteOutdated,
    /// The quote was made for the other sort of settlement.
    OtherSort,
    /// A later settlement of the stay stands: refund that one first.
    LaterSettlementStands,
    /// The step was never executed; everything is as it was before.
    StepNeverExecuted,
}

impl From<Cause> for StayCause {
    fn from(why: Cause) -> Self {
        Self::Of { why }
    }
}
