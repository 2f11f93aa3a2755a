//! The way to the agent: its socket, or its pipe on Windows. Whoever serves it is looked at before a word is said.

#[cfg(windows)]
mod owner;
#[cfg(windows)]
mod pipe;
#[cfg(unix)]
mod socket;

#[cfg(windows)]
pub(crate) use pipe::Line;
#[cfg(unix)]
pub(crate) use socket::Line;
