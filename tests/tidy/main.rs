//! The rules of the house as tests: where dependencies point, where names and clocks may stand, what must have a page.
//!
//! Each module holds one rule, the check as a plain function over text, and a proof that the check can fail.
//! Only the repository and cargo's own view of it are read; nothing is built.

mod arrows;
mod clocks;
mod documents;
mod fault_pages;
mod floats;
mod house;
mod interface_names;
mod lex;
mod licences;
mod purity;
mod shape;
mod unused;
