//! The local copy of the catalogue as the agent uses it: looked into while the desk waits, brought up to date beside it.
//! Nothing here touches the ledger's thread; a settlement never waits for a list.

mod aside;
mod problem;
mod state;
mod sync;

pub use aside::{by_halves, give_way};
pub use problem::SyncProblem;
pub(crate) use state::Catalogue;
pub(crate) use sync::Syncer;
pub use sync::import;
