//! Where the copy lies, how to look into it, and what is under way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use zhijie_catalogue::{OpenError, Reader, Store, StoreError};
use zhijie_model::{CatalogueList, Fault};

use super::{SyncProblem, by_halves};

/// The copy. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub(crate) struct Catalogue {
    path: PathBuf,
    reader: Mutex<Option<Reader>>,
    progress: Mutex<Progress>,
    /// One sync at a time.
    pub(super) gate: tokio::sync::Mutex<()>,
}

/// What is going on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Lists that are being fetched, the first of them now.
    pub(crate) waiting: Vec<CatalogueList>,
    /// Rows of the first that are in, and how many there will be where that is known.
    pub(crate) rows: u64,
    pub(crate) of: Option<u64>,
    pub(crate) since: Option<Timestamp>,
    /// The latest failure of each list, until it succeeds.
    pub(crate) troubles: BTreeMap<CatalogueList, (Timestamp, Fault)>,
}

impl Catalogue {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            reader: Mutex::default(),
            progress: Mutex::default(),
            gate: tokio::sync::Mutex::default(),
        }
    }

    /// Opens the copy for writing, making it where there is none.
    pub(super) fn store(&self) -> Result<Store, OpenError> {
        let mut store = Store::open(&self.path)?;
        store.pause_with(by_halves());
        Ok(store)
    }

    /// Where the file of a list lies between fetching and reading.
    pub(super) fn file(&self, list: CatalogueList) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{list}.zip"));
        PathBuf::from(name)
    }

    /// Looks into the copy, on a thread where that may block.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, SyncProblem> {
        let catalogue = Arc::clone(self);
        let looked = tokio::task::spawn_blocking(move || {
            let mut held = catalogue.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let reader = match held.take() {
                Some(reader) => reader,
                None => open(&catalogue.path)?,
            };
            // A reader that failed is not kept: the file may have been put aside meanwhile.
            let found = look(&reader)?;
            *held = Some(reader);
            Ok(found)
        });
        looked.await.map_err(|_| SyncProblem::Broken)?
    }

    /// Closes the copy until somebody looks into it again, which at a desk without a catalogue nobody does.
    pub(super) fn close(&self) {
        drop(self.reader.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn note(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn open(path: &Path) -> Result<Reader, SyncProblem> {
    // Makes it where there is none.
    drop(Store::open(path)?);
    Ok(Reader::open(path)?)
}
