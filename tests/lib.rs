//! A whole desk for tests and the demo: sandbox province, card service, reader, scanner and agent, each a process or
//! device of its own.
//!
//! This floor owns how the parts are started, found and ended. It decides nothing and fakes nothing: what it starts
//! is what a hospital or a vendor runs. Start reading at [`Stage`].

mod admin;
mod bill;
mod calls;
pub mod disk;
mod dress;
mod fault_line;
mod fault_proxy;
mod patient;
mod process;
mod programs;
mod stage;
mod stay;
mod wire;

pub use admin::Admin;
pub use bill::{Order, order, purchase};
pub use fault_line::{At, Fault, Trace, Way};
pub use fault_proxy::FaultProxy;
pub use process::Process;
pub use programs::{here, program};
pub use stage::{Options, Stage};
pub use stay::{Stay, stay, stay_line};
pub use wire::Wire;
