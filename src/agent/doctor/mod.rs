//! `zhijie doctor`: what keeps this desk from working, in words its IT desk understands.
//!
//! [`devices`] judges what was seen and decides; looking is done elsewhere, so every case is a row of a table.

mod advice;
mod devices;
mod finding;

pub(crate) use devices::{Running, Seen, devices};
pub(crate) use finding::Mark;
