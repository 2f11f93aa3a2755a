//! Settlements over a real line that fails at every place: the desk's answer is never false.

mod bills;
mod modes;
mod sweep;
