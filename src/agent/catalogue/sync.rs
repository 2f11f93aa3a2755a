//! Bringing lists up to date: asked for, fetched, read in batches beside everything else, shown when whole. Whatever
//! breaks off goes on where it was, also after a restart.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use zhijie_catalogue::{Begun, Source, Store, StoreError};
use zhijie_desk::api::{Event, EventKind};
use zhijie_model::{
    CatalogueFile, CatalogueList, HandedOut, MessageId, beijing, from_beijing, rfc3339_beijing,
};
use zhijie_settlement::Operator;
use zhijie_wire::{Columns, Inquiry, InquiryReply, Profile, ZipLimits, ZipText, catalogue_columns, own_page};

use super::aside::aside;
use super::{Catalogue, SyncProblem};
use crate::clock::Clock;
use crate::core::CoreHandle;
use crate::events::Events;
use crate::memory;
use crate::platform::{Platform, Trouble};

/// Rows in one commit: small, so that the disk is never busy for long.
const BATCH: usize = 250;
/// Rows between two events.
const TELL_EVERY: u64 = 20_000;
/// Pages of one list.
const PAGES_MAX: u32 = 20_000;
/// How long after a failure that passes a sync is tried again, at first; doubled up to [`AGAIN_MAX`].
const AGAIN: Duration = Duration::from_secs(60);
const AGAIN_MAX: Duration = Duration::from_secs(3600);
/// How often it is looked whether lists are due.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Fetches lists. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Syncer {
    pub catalogue: Arc<Catalogue>,
    pub platform: Arc<Platform>,
    pub core: Arc<CoreHandle>,
    pub clock: Arc<dyn Clock>,
    pub events: Events,
    pub operator: Operator,
    /// Age at which lists that are here are brought up to date by themselves; zero: never.
    pub refresh: SignedDuration,
}

type Shared = Arc<Mutex<Store>>;

impl Syncer {
    /// Goes on with what the last run left, then keeps lists fresh, for as long as the program runs.
    pub(crate) async fn keep(self) {
        let mut again = AGAIN;
        loop {
            let due = self.due().await;
            let passed = due.is_empty() || self.run(due, false).await;
            again = if passed {
                AGAIN
            } else {
                again.saturating_mul(2).min(AGAIN_MAX)
            };
            tokio::time::sleep(if passed { LOOK_EVERY } else { again }).await;
        }
    }

    /// Lists that broke off, and lists that are too old.
    async fn due(&self) -> Vec<CatalogueList> {
        let catalogue = Arc::clone(&self.catalogue);
        let begun =
            tokio::task::spawn_blocking(move || Ok::<_, SyncProblem>(catalogue.store()?.under_way()?));
        let mut due: Vec<CatalogueList> = match begun.await {
            Ok(Ok(begun)) => begun.into_iter().map(|begun| begun.list).collect(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
        if self.refresh.is_positive()
            && let Ok(lists) = self.catalogue.look(zhijie_catalogue::Reader::lists).await
        {
            if lists.is_empty() {
                self.catalogue.close();
            }
            let now = self.clock.now();
            let old = lists
                .into_iter()
                .filter(|state| now.duration_since(state.synced_at) >= self.refresh);
            due.extend(old.map(|state| state.list));
        }
        due.sort_unstable();
        due.dedup();
        due
    }

    /// Notes that these lists are wanted; false when others are under way.
    pub(crate) fn begin(&self, lists: &[CatalogueList]) -> bool {
        let mut begun = false;
        self.catalogue.note(|progress| {
            begun = progress.waiting.is_empty();
            if begun {
                progress.waiting = lists.to_vec();
            }
        });
        begun
    }

    /// Brings lists up to date one after the other, `whole` from the start; whether none failed in a way that passes.
    pub(crate) async fn run(&self, lists: Vec<CatalogueList>, whole: bool) -> bool {
        let _gate = self.catalogue.gate.lock().await;
        let mut good = true;
        self.catalogue
            .note(|progress| progress.waiting.clone_from(&lists));
        for list in lists {
            let now = self.clock.now();
            self.catalogue.note(|progress| {
                (progress.rows, progress.of, progress.since) = (0, None, Some(now));
            });
            let told = match self.one(list, whole).await {
                Ok(rows) => {
                    tracing::info!(%list, rows, "A list of the catalogue is up to date");
                    self.catalogue
                        .note(|progress| drop(progress.troubles.remove(&list)));
                    format!("{list} done {rows}")
                }
                Err(problem) => {
                    tracing::warn!(%list, error = %problem, "A list of the catalogue could not be brought up to date");
                    let fault = problem.fault(list.name());
                    let told = format!("{list} failed {}", fault.code);
                    let at = self.clock.now();
                    self.catalogue
                        .note(|progress| drop(progress.troubles.insert(list, (at, fault))));
                    good = good && !problem.passes();
                    told
                }
            };
            self.catalogue
                .note(|progress| progress.waiting.retain(|waiting| *waiting != list));
            self.tell(told);
        }
        self.catalogue.note(|progress| progress.since = None);
        memory::worked();
        good
    }

    fn tell(&self, detail: String) {
        let mut event = Event::new(rfc3339_beijing(self.clock.now()), EventKind::CatalogSync);
        event.detail = Some(detail);
        self.events.send(event);
    }

    async fn one(&self, list: CatalogueList, whole: bool) -> Result<u64, SyncProblem> {
        let catalogue = Arc::clone(&self.catalogue);
        let store = blocking(move || Ok(catalogue.store()?)).await?;
        let store: Shared = Arc::new(Mutex::new(store));
        let done = match list.handed_out() {
            HandedOut::ByFile => self.by_file(list, whole, &store).await,
            HandedOut::ByPage => self.by_page(list, whole, &store).await,
        };
        if let Err(problem) = &done
            && !problem.may_go_on()
        {
            let file = self.catalogue.file(list);
            on(&store, move |store| {
                let _gone = std::fs::remove_file(file);
                store.give_up(list)
            })
            .await?;
        }
        done
    }

    /// What was begun before, unless everything is wanted anew.
    async fn begun(
        &self,
        list: CatalogueList,
        whole: bool,
        store: &Shared,
    ) -> Result<Option<Begun>, SyncProblem> {
        if whole {
            return Ok(None);
        }
        let begun = on(store, |store| store.under_way()).await?;
        Ok(begun.into_iter().find(|begun| begun.list == list))
    }

    async fn version(&self, list: CatalogueList, whole: bool) -> Result<Option<String>, SyncProblem> {
        if whole {
            return Ok(None);
        }
        let lists = self.catalogue.look(zhijie_catalogue::Reader::lists).await?;
        let state = lists.into_iter().find(|state| state.list == list);
        Ok(state
            .and_then(|state| state.version)
            .filter(|version| !version.is_empty()))
    }

    async fn by_file(&self, list: CatalogueList, whole: bool, store: &Shared) -> Result<u64, SyncProblem> {
        let path = self.catalogue.file(list);
        let before = self.begun(list, whole, store).await?;
        let before = before.filter(|begun| {
            begun
                .file
                .as_ref()
                .is_some_and(|file| begun.fetched && path.exists() || !expired(file, self.clock.now()))
        });
        let mut begun = match before {
            Some(begun) => begun,
            None => {
                let version = self.version(list, whole).await?;
                let from_the_start = version.is_none();
                let Some(file) = self.announced(list, version).await? else {
                    let now = self.clock.now();
                    return on(store, move |store| store.nothing_new(list, now).map(|()| 0)).await;
                };
                on(store, move |store| {
                    store.begin(list, from_the_start, Source::File(file))
                })
                .await?
            }
        };
        if !(begun.fetched && path.exists()) {
            let file = begun.file.clone().ok_or(SyncProblem::Broken)?;
            if expired(&file, self.clock.now()) {
                return Err(SyncProblem::Expired {
                    until: file.until.unwrap_or_default(),
                });
            }
            let bytes = self.fetched(&file).await?;
            let to = path.clone();
            begun = on(store, move |store| {
                keep(&to, &bytes).map_err(SyncProblem::from)?;
                let mut begun = begun;
                store.fetched(&mut begun)?;
                Ok::<_, SyncProblem>(begun)
            })
            .await?;
        }
        self.catalogue
            .note(|progress| progress.of = begun.file.as_ref().and_then(|file| file.rows));
        let columns = catalogue_columns(list, self.platform.profile()).ok_or(SyncProblem::Broken)?;
        let syncer = self.clone();
        let store = Arc::clone(store);
        aside(move || {
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            syncer.import(&mut store, &mut begun, &path, &columns)
        })
        .await
    }

    async fn announced(
        &self,
        list: CatalogueList,
        version: Option<String>,
    ) -> Result<Option<CatalogueFile>, SyncProblem> {
        match self.ask(&Inquiry::CatalogueFile { list, version }).await? {
            InquiryReply::CatalogueFile(file) => Ok(file),
            _ => Err(SyncProblem::Platform(Trouble::OtherAnswer)),
        }
    }

    /// The file's bytes; a refusal after its deadline is told as that.
    async fn fetched(&self, file: &CatalogueFile) -> Result<Vec<u8>, SyncProblem> {
        let message_id = self.signed_in().await?;
        match self.platform.fetch(file, &self.operator, message_id).await {
            Err(Trouble::Refused(_)) if expired(file, self.clock.now()) => Err(SyncProblem::Expired {
                until: file.until.unwrap_or_default(),
            }),
            Err(Trouble::Lost(how)) => Err(SyncProblem::BrokenOff(how)),
            fetched => Ok(fetched?),
        }
    }

    /// Reads a fetched file from where it was left. On a thread that may block and gives way to all others.
    fn import(
        &self,
        store: &mut Store,
        begun: &mut Begun,
        path: &Path,
        columns: &Columns,
    ) -> Result<u64, SyncProblem> {
        let bytes = std::fs::read(path)?;
        let told = import(store, begun, &bytes, columns, self.platform.profile(), |begun| {
            self.catalogue.note(|progress| progress.rows = begun.rows);
            if begun.rows % TELL_EVERY == 0 {
                self.tell(format!("{} rows {}", begun.list, begun.rows));
            }
        });
        told?;
        store.finish(begun, self.clock.now())?;
        std::fs::remove_file(path)?;
        Ok(begun.rows)
    }

    async fn by_page(&self, list: CatalogueList, whole: bool, store: &Shared) -> Result<u64, SyncProblem> {
        let version = self.version(list, whole).await?;
        let since = version.as_deref().and_then(changed_at);
        let mut begun = match self.begun(list, whole, store).await? {
            Some(begun) => begun,
            None => {
                on(store, move |store| {
                    store.begin(list, since.is_none(), Source::Pages)
                })
                .await?
            }
        };
        let changed_since = since.filter(|_| !begun.whole);
        loop {
            let page = u32::try_from(begun.done).unwrap_or(PAGES_MAX).saturating_add(1);
            let inquiry = Inquiry::CataloguePage {
                list,
                changed_since,
                page,
            };
            let InquiryReply::CataloguePage(told) = self.ask(&inquiry).await? else {
                return Err(SyncProblem::Platform(Trouble::OtherAnswer));
            };
            let told = own_page(told, self.platform.institution())
                .map_err(|foreign| SyncProblem::Platform(Trouble::Unreadable(foreign)))?;
            let rows = begun
                .rows
                .saturating_add(u64::try_from(told.rows.len()).unwrap_or(u64::MAX));
            let too_many = told.rows_in_all.is_some_and(|all| rows > all);
            if told.number != page || page >= PAGES_MAX || too_many || told.rows.is_empty() && !told.last {
                return Err(SyncProblem::Endless { page });
            }
            let (last, in_all) = (told.last, told.rows_in_all);
            begun = on(store, move |store| {
                let mut begun = begun;
                store.take(&mut begun, &told.rows, u64::from(page))?;
                Ok::<_, StoreError>(begun)
            })
            .await?;
            self.catalogue
                .note(|progress| (progress.rows, progress.of) = (begun.rows, in_all));
            if last {
                if let Some(announced) = in_all.filter(|all| *all != begun.rows) {
                    let found = begun.rows;
                    return Err(StoreError::Incomplete { announced, found }.into());
                }
                let now = self.clock.now();
                let rows = begun.rows;
                on(store, move |store| store.finish(&begun, now)).await?;
                return Ok(rows);
            }
        }
    }

    /// Signs in where that is not done, as after a restart; the number of the message that follows.
    async fn signed_in(&self) -> Result<MessageId, SyncProblem> {
        let sign_in = self.core.new_message_id().await.map_err(SyncProblem::Core)?;
        self.platform.sign_in(&self.operator, sign_in).await?;
        self.core.new_message_id().await.map_err(SyncProblem::Core)
    }

    async fn ask(&self, inquiry: &Inquiry) -> Result<InquiryReply, SyncProblem> {
        let message_id = self.signed_in().await?;
        let area = self.platform.sender().care_area;
        match self
            .platform
            .inquire(inquiry, area, &self.operator, message_id)
            .await?
        {
            InquiryReply::Refused(refusal) => Err(SyncProblem::Platform(Trouble::Refused(refusal))),
            reply => Ok(reply),
        }
    }
}

/// Takes the lines of a zip in batches, those that are in already passed over; `tell` hears of every batch.
///
/// # Errors
/// When the file is not what it says. What was taken so far is not shown.
pub fn import(
    store: &mut Store,
    begun: &mut Begun,
    bytes: &[u8],
    columns: &Columns,
    profile: &Profile,
    mut tell: impl FnMut(&Begun),
) -> Result<(), SyncProblem> {
    let mut text = ZipText::open(bytes, ZipLimits::default())?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut line = 0_u64;
    while let Some(found) = text.next_line().map_err(SyncProblem::Zip)? {
        line = line.saturating_add(1);
        if line <= begun.done {
            continue;
        }
        let row = columns.read(found, profile);
        batch.extend(row.map_err(|source| SyncProblem::Row { line, source })?);
        if batch.len() == BATCH {
            store.take(begun, &batch, line)?;
            batch.clear();
            tell(begun);
        }
    }
    store.take(begun, &batch, line)?;
    tell(begun);
    Ok(())
}

/// Whether the platform has given the file up.
fn expired(file: &CatalogueFile, now: Timestamp) -> bool {
    file.until.is_some_and(|until| until <= beijing(now))
}

/// The moment a row says it was changed at.
fn changed_at(version: &str) -> Option<Timestamp> {
    let wall = DateTime::strptime("%Y-%m-%d %H:%M:%S", version).ok()?;
    from_beijing(wall)
}

/// Half a file is never found under its name.
fn keep(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let draft = path.with_extension("part");
    std::fs::write(&draft, bytes)?;
    std::fs::rename(draft, path)
}

async fn on<T, E>(
    store: &Shared,
    work: impl FnOnce(&mut Store) -> Result<T, E> + Send + 'static,
) -> Result<T, SyncProblem>
where
    T: Send + 'static,
    E: Into<SyncProblem> + Send + 'static,
{
    let store = Arc::clone(store);
    blocking(move || work(&mut store.lock().unwrap_or_else(PoisonError::into_inner)).map_err(Into::into))
        .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SyncProblem> + Send + 'static,
) -> Result<T, SyncProblem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| SyncProblem::Broken)?
}
