//! Stories through the real socket, with the sandbox province, real devices and real processes.

mod devices;
mod doubt;
mod doubt_restart;
mod identities;
mod platform_answers;
mod road;
