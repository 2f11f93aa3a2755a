//! Long work that nobody waits for, on a thread that gives way to those of a settlement.

use core::time::Duration;
use std::time::Instant;

use super::SyncProblem;

/// How far it steps back, in steps of the system's own scale: 0 is like everyone, 19 only where nobody else wants to run.
#[cfg(target_os = "linux")]
const STEPS: i32 = 15;
/// The longest pause between two commits.
const PAUSE_MAX: Duration = Duration::from_millis(20);

/// Does `work` on a thread of its own, which ends with it: one that gave way cannot be raised again.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SyncProblem> + Send + 'static,
) -> Result<T, SyncProblem> {
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name(String::from("catalogue"))
        .spawn(move || {
            give_way();
            drop(tell.send(work()));
        })?;
    told.await.map_err(|_| SyncProblem::Broken)?
}

/// From now on this thread runs when no other wants to. Linux counts this by thread; other systems of this kind do so
/// by process, and there it is not done.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(STEPS) {
        tracing::debug!(%error, "The catalogue's thread runs like the others");
    }
}

/// Waits, when it is called, as long as it was not called before: half of the time belongs to others. At most 20 ms, for what
/// lay between two calls may have been no work.
#[expect(
    clippy::disallowed_methods,
    reason = "how long the work took is what it goes by"
)]
pub fn by_halves() -> impl FnMut() + Send + 'static {
    let mut began = Instant::now();
    move || {
        std::thread::sleep(began.elapsed().min(PAUSE_MAX));
        began = Instant::now();
    }
}
