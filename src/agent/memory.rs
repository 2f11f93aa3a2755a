//! What the agent keeps of the PC's memory while the desk is quiet. The C library keeps what was freed for the next busy
//! moment; a registration desk has few of those, and other programs.

#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "only the C library's own calls steer what it keeps")
)]

use std::time::Duration;

use tokio::sync::Notify;

/// Nothing done for so long: what is free is given back.
const QUIET: Duration = Duration::from_secs(5);

/// Something was done since it was looked last.
static WORKED: Notify = Notify::const_new();

/// Notes that something was done that may have left memory behind. Cheap.
pub(crate) fn worked() {
    WORKED.notify_one();
}

/// Gives back what is free once nothing was done for [`QUIET`], for as long as the program runs. It sleeps while nothing is done.
pub(crate) async fn keep() {
    loop {
        while tokio::time::timeout(QUIET, WORKED.notified()).await.is_ok() {}
        give_back();
        WORKED.notified().await;
    }
}

/// Does it on a stack of its own, which is given back with it. A start takes more of a stack than all that comes later, and
/// the main thread's never shrinks.
///
/// # Errors
/// When the thread cannot be had.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, work)?;
        Ok(thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// One store of freed memory for all threads instead of one each: the loop does what takes memory, and threads that looked at
/// something once would keep what they gave back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn keep_little() {
    // SAFETY: called before there is a second thread; the value is one the call knows. A refusal changes nothing.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_back() {
    // SAFETY: takes the store's own lock and touches only what nobody holds.
    unsafe { libc::malloc_trim(0) };
}

/// The stores of other systems give back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) const fn keep_little() {}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
const fn give_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_apart_comes_back_with_its_value() {
        assert_eq!(apart(|| 7).unwrap(), 7);
    }

    #[test]
    fn a_panic_apart_is_one_here() {
        let caught = std::panic::catch_unwind(|| apart(|| std::panic::resume_unwind(Box::new("apart"))));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"apart"));
    }

    /// Memory of this process that no file stands behind, in kB.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn held() -> u64 {
        let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:"));
        line.unwrap().split_whitespace().next().unwrap().parse().unwrap()
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn what_lies_free_below_what_is_held_is_given_back() {
        let mut pieces: Vec<Vec<u8>> = (0..20_000).map(|_| vec![1; 2000]).collect();
        let last = pieces.pop(); // keeps the end of the store, so that it does not shrink by itself
        drop(pieces);
        let before = held();
        give_back();
        let after = held();
        drop(last);
        assert!(after + 30_000 < before, "{before} kB, then {after} kB");
    }
}
