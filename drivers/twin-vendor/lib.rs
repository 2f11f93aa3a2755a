//! A vendor's reader library for tests and demos: it answers, refuses, overruns, hangs, crashes or garbles, as it is told.
//!
//! This floor owns the bad manners of foreign libraries. Built as a shared library it exports the basic and the signed
//! interface, a resident ID reader and an e-voucher library; what it does stands in the file named by [`TwinVendor::VARIABLE`], read anew at each call. It is a kit, never
//! part of a product program, and holds an invented person only. Start reading at [`Play`].

mod exports;
mod id_card;
mod play;
mod voucher;

pub use play::{Play, TwinVendor};
