//! Bugs planted in a copy of the agent, to see whether the simulator notices each of them.
//!
//! A bug is an entry of a table beside this file: which text of the product's source is replaced by what. The sources
//! themselves know nothing of it (`docs/adr/0013-planted-bugs.md`). `make mutants` copies the workspace, makes every
//! replacement depend on a switch, builds the copy once and lets it look for one bug after the other. What runs in
//! `cargo test` only checks that the tables still fit the sources. Start reading at `table.rs`.

mod build;
mod fits;
mod hunt;
mod plant;
mod table;
