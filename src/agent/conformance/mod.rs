//! Whether a platform does what the product expects of it: a battery of steps against any end point, by the product's own
//! messages and its own line. It keeps every exchange and judges by what comes back; it opens no ledger.

mod battery;
mod case;
mod line;
mod report;

pub use battery::run;
pub use case::{Case, CaseError};
pub use line::Line;
pub(crate) use line::SLOT;
pub use report::{Report, Verdict};
