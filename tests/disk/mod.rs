//! A disk that forgets: a layer between SQLite and the file system that knows of every file below one folder what
//! was flushed and what was only written.
//!
//! Written bytes lie in the real file, where every reader sees them, as they do in the page cache of a PC. A power cut
//! leaves what was flushed and, of the rest, whatever chance lets through: nothing, a beginning, or single sectors.
//! Any operation, by its number, can be the one at which the power goes or that fails. Start reading at [`Disk`].
//!
//! Not under it: what the ledger does without SQLite (its lock file, giving a new ledger its name).

mod image;
mod vfs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use image::Image;

/// What becomes of the operation chosen with [`Disk::fail_at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The power goes in the middle of it: a write may be there in part. Everything after it fails.
    PowerGoes,
    /// It fails, once.
    Error,
    /// It fails, once, with half of a write done.
    TornError,
    /// The disk is full, once.
    Full,
}

/// Why the programs on the PC ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// The program alone died: what it wrote is there.
    Killed,
    /// The power went: what was not flushed may be gone.
    PowerCut,
}

/// The disk of one folder. Dropping it takes the layer away; open files keep it until they are closed.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    state: Shared,
}

type Shared = Arc<Mutex<State>>;

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Image>,
    operations: u64,
    fails_at: Option<(u64, Failure)>,
    off: bool,
    lies: bool,
}

/// What the layer does with one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Does,
    /// Does the first half of it and fails.
    Half,
    Fails,
    Full,
}

impl State {
    /// Counts an operation that changes something and says what becomes of it.
    fn next(&mut self) -> Verdict {
        if self.off {
            return Verdict::Fails;
        }
        self.operations += 1;
        match self.fails_at {
            Some((at, failure)) if at <= self.operations => {
                self.fails_at = None;
                self.off = failure == Failure::PowerGoes;
                match failure {
                    Failure::PowerGoes | Failure::TornError => Verdict::Half,
                    Failure::Error => Verdict::Fails,
                    Failure::Full => Verdict::Full,
                }
            }
            Some(_) | None => Verdict::Does,
        }
    }

    /// A flush of one file. What became of names before it is certain too: file systems keep that order.
    fn flush(&mut self, file: &Path) {
        if self.lies {
            return;
        }
        for (path, image) in &mut self.files {
            if path == file || image.is_deleted() {
                image.flush();
            }
        }
    }
}

static DISKS: Mutex<BTreeMap<PathBuf, Shared>> = Mutex::new(BTreeMap::new());

/// The disk a file lies on, if it is one of ours.
fn disk_of(file: &Path) -> Option<Shared> {
    DISKS.lock().unwrap().get(file.parent()?).cloned()
}

impl Disk {
    /// Puts the layer under every file that SQLite opens in `folder` from now on, in this process. What lies there
    /// counts as flushed.
    ///
    /// # Panics
    /// When the folder does not exist.
    #[must_use]
    pub fn under(folder: &Path) -> Self {
        vfs::install();
        let folder = folder.canonicalize().unwrap();
        let state = Shared::default();
        DISKS.lock().unwrap().insert(folder.clone(), Arc::clone(&state));
        Self { folder, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Writes, truncations, flushes and deletions so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Lets the operation `after` the present ones (1: the next) end with `failure`.
    pub fn fail_at(&self, after: u64, failure: Failure) {
        let mut state = self.state();
        state.fails_at = Some((state.operations + after.max(1), failure));
    }

    /// No operation fails any more of those still to come.
    pub fn heal(&self) {
        self.state().fails_at = None;
    }

    /// From now on flushes are acknowledged and do nothing.
    pub fn lie(&self) {
        self.state().lies = true;
    }

    /// Whether the power is off: nothing can be written.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.state().off
    }

    /// Takes the power away. Programs that still run get errors.
    pub fn switch_off(&self) {
        self.state().off = true;
    }

    /// Whether everything written to files whose name ends with `suffix` is flushed.
    #[must_use]
    pub fn is_flushed(&self, suffix: &str) -> bool {
        let state = self.state();
        let mut files = state.files.iter();
        files.all(|(path, image)| !path.to_string_lossy().ends_with(suffix) || image.is_flushed())
    }

    /// Puts a file there, flushed, or takes it away; nobody may have it open.
    ///
    /// # Panics
    /// When the real file cannot be written.
    pub fn put(&self, file: &Path, content: Option<Vec<u8>>) {
        match &content {
            Some(content) => std::fs::write(file, content).unwrap(),
            None if file.exists() => std::fs::remove_file(file).unwrap(),
            None => {}
        }
        self.state()
            .files
            .insert(file.to_owned(), Image::flushed(content));
    }

    /// Gives the power back after every file was closed. `chance` says how a coin falls.
    ///
    /// # Panics
    /// When the real files cannot be written.
    pub fn switch_on(&self, outage: Outage, chance: &mut dyn FnMut() -> bool) {
        let mut state = self.state();
        state.off = false;
        state.fails_at = None;
        if outage == Outage::Killed {
            return;
        }
        for (path, image) in &mut state.files {
            match image.after_power_cut(chance) {
                Some(content) => std::fs::write(path, content).unwrap(),
                None if path.exists() => std::fs::remove_file(path).unwrap(),
                None => {}
            }
        }
        // The shared index of the log is memory that looks like a file.
        for path in state.files.keys() {
            let mut index = path.as_os_str().to_owned();
            index.push("-shm");
            let _ = std::fs::remove_file(PathBuf::from(index));
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        DISKS.lock().unwrap().remove(&self.folder);
    }
}

#[cfg(test)]
mod tests;
