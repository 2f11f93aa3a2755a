//! The agent dies at a system call, starts again, and tells the truth. Real process, real SQLite, real sockets; strace
//! traces the calls and sends SIGKILL on entering the chosen one.
//!
//! Start reading at `lane.rs`: one kill, one restart, and everything that must hold afterwards. `ZHIJIE_CRASH=whole`
//! takes every call (`make crash`); without it every sixth write to the ledger and all other calls are taken. Where
//! tracing is forbidden the tests say `SKIPPED` on standard error, and fail when everything was asked for.

mod again;
mod board;
mod calls;
mod dose;
mod flushes;
mod formats;
mod kill;
mod lane;
mod power;
mod records;
mod records_play;
mod scenes;
mod setup;
mod tracer;
mod twice;
