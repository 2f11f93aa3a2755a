//! `catalog.sync`, `catalog.status`, `catalog.lookup`, `catalog.check`: the local copy of the catalogue.

use jiff::Timestamp;
use jiff::civil::Date;
use zhijie_catalogue::{Found, LineToCheck, ListState, Search};
use zhijie_desk::RpcError;
use zhijie_desk::api::{
    CatalogCheckLine, CatalogCheckParams, CatalogCheckResult, CatalogCheckedLine, CatalogItem,
    CatalogListView, CatalogLookupParams, CatalogLookupResult, CatalogProgressView, CatalogSource,
    CatalogStatusResult, CatalogSyncParams, CatalogSyncResult, EmptyParams,
};
use zhijie_model::{CatalogueList, Fen, Quantity, UnitPrice, business_day, rfc3339_beijing};
use zhijie_wire::Inquiry;

use super::catalog_words::problem_view;
use super::{Services, error};
use crate::catalogue::SyncProblem;
use crate::faults::{self, CATL_009};

const LIMIT: u32 = 20;

impl Services {
    /// Begins a sync, or joins the one under way.
    pub(super) async fn sync_catalogue(
        &self,
        asked: CatalogSyncParams,
    ) -> Result<CatalogSyncResult, RpcError> {
        let mut lists = asked.to_lists()?;
        if lists.is_empty() {
            lists = self.lists_offered();
        }
        let under_way = self.catalogue.progress().waiting;
        if !under_way.is_empty() {
            return Ok(CatalogSyncResult {
                started: false,
                lists: names(&under_way),
            });
        }
        let told = names(&lists);
        let syncer = self.syncer();
        let begun = syncer.begin(&lists);
        if begun {
            tokio::spawn(async move { syncer.run(lists, asked.whole).await });
        }
        Ok(CatalogSyncResult {
            started: begun,
            lists: told,
        })
    }

    pub(super) async fn catalogue_status(
        &self,
        _asked: EmptyParams,
    ) -> Result<CatalogStatusResult, RpcError> {
        let held = self.catalogue_lists().await?;
        let progress = self.catalogue.progress();
        let now = self.clock.now();
        let view = |list: CatalogueList| {
            let state = held.iter().find(|state| state.list == list);
            CatalogListView {
                list: list.to_string(),
                version: state.and_then(|state| state.version.clone()),
                rows: state.map_or(0, |state| state.rows),
                synced_at: state.map(|state| rfc3339_beijing(state.synced_at)),
                age_s: state.map(|state| age(state, now)),
                trouble: progress.troubles.get(&list).map(|(_, fault)| fault.clone()),
            }
        };
        let mut waiting = progress.waiting.iter();
        Ok(CatalogStatusResult {
            lists: self.lists_offered().into_iter().map(view).collect(),
            under_way: waiting.next().map(|list| CatalogProgressView {
                list: list.to_string(),
                rows: progress.rows,
                of: progress.of,
                waiting: waiting.map(ToString::to_string).collect(),
            }),
        })
    }

    pub(super) async fn look_catalogue_up(
        &self,
        asked: CatalogLookupParams,
    ) -> Result<CatalogLookupResult, RpcError> {
        let (list, day) = (asked.to_list()?, asked.to_day()?);
        let day = day.unwrap_or_else(|| business_day(self.clock.now()));
        let limit = usize::try_from(asked.limit.unwrap_or(LIMIT)).unwrap_or(1);
        let held = self.catalogue_held("lookup").await?;
        let found = self.catalogue.look(move |reader| {
            let search = match (&asked.own_code, &asked.code, &asked.text) {
                (Some(own), ..) => Search::OwnCode(own),
                (None, Some(code), _) => Search::Code(code),
                (None, None, text) => Search::Text(text.as_deref().unwrap_or_default()),
            };
            reader.find(search, list, day, limit)
        });
        let found = found.await.map_err(|problem| trouble(&problem))?;
        Ok(CatalogLookupResult {
            items: found.into_iter().map(item).collect(),
            sources: self.sources(&held),
        })
    }

    pub(super) async fn check_catalogue(
        &self,
        asked: CatalogCheckParams,
    ) -> Result<CatalogCheckResult, RpcError> {
        let day = asked.to_day()?.unwrap_or_else(|| business_day(self.clock.now()));
        let held = self.catalogue_held("check").await?;
        let offered = self.lists_offered();
        let missing = offered
            .iter()
            .filter(|list| held.iter().all(|state| state.list != **list));
        let missing = missing.map(ToString::to_string).collect();
        let lines: Vec<LineToCheck> = asked
            .lines
            .iter()
            .map(|line| to_check(line, day))
            .collect::<Option<_>>()
            .ok_or_else(RpcError::internal)?;
        let checked = self.catalogue.look(move |reader| reader.check(&lines, &offered));
        let checked = checked.await.map_err(|problem| trouble(&problem))?;
        let at_stake = Fen::sum(checked.iter().map(|line| line.at_stake));
        let wrong = asked
            .lines
            .iter()
            .zip(checked)
            .filter(|(_, line)| !line.complaints.is_empty());
        let lines = wrong.map(|(line, checked)| CatalogCheckedLine {
            serial: line.serial.clone(),
            problems: checked
                .complaints
                .iter()
                .map(|complaint| problem_view(complaint, line))
                .collect(),
            at_stake_fen: checked.at_stake.get(),
        });
        Ok(CatalogCheckResult {
            lines: lines.collect(),
            lines_checked: u32::try_from(asked.lines.len()).unwrap_or(u32::MAX),
            at_stake_fen: at_stake.ok_or_else(RpcError::internal)?.get(),
            sources: self.sources(&held),
            missing,
        })
    }

    /// Lists this province has, in the order they are fetched.
    fn lists_offered(&self) -> Vec<CatalogueList> {
        let profile = self.platform.profile();
        let offered = |list: &CatalogueList| {
            let asked = [
                Inquiry::CatalogueFile {
                    list: *list,
                    version: None,
                },
                Inquiry::CataloguePage {
                    list: *list,
                    changed_since: None,
                    page: 1,
                },
            ];
            asked.iter().any(|inquiry| inquiry.is_offered(profile))
        };
        CatalogueList::ALL.iter().copied().filter(offered).collect()
    }

    async fn catalogue_lists(&self) -> Result<Vec<ListState>, RpcError> {
        let lists = self.catalogue.look(zhijie_catalogue::Reader::lists).await;
        lists.map_err(|problem| trouble(&problem))
    }

    /// The lists that are here; a fault while there is none.
    async fn catalogue_held(&self, marker: &str) -> Result<Vec<ListState>, RpcError> {
        let held = self.catalogue_lists().await?;
        if held.is_empty() {
            return Err(error(&faults::fault(&CATL_009, "", None, marker)));
        }
        Ok(held)
    }

    fn sources(&self, held: &[ListState]) -> Vec<CatalogSource> {
        let now = self.clock.now();
        let source = |state: &ListState| CatalogSource {
            list: state.list.to_string(),
            version: state.version.clone().filter(|version| !version.is_empty()),
            synced_at: rfc3339_beijing(state.synced_at),
            age_s: age(state, now),
        };
        held.iter().map(source).collect()
    }
}

fn age(state: &ListState, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(state.synced_at).as_secs()).unwrap_or(0)
}

fn names(lists: &[CatalogueList]) -> Vec<String> {
    lists.iter().map(ToString::to_string).collect()
}

fn trouble(problem: &SyncProblem) -> RpcError {
    error(&problem.fault("catalogue"))
}

fn to_check(line: &CatalogCheckLine, day: Date) -> Option<LineToCheck> {
    Some(LineToCheck {
        national_code: line.national_code.clone(),
        own_code: line.own_code.clone(),
        quantity: Quantity::parse_plain(&line.quantity).ok()?,
        unit_price: UnitPrice::parse_plain(&line.unit_price).ok()?,
        amount: Fen::new(line.amount_fen).ok()?,
        class: line.class.clone(),
        day,
    })
}

fn item(found: Found) -> CatalogItem {
    let Found {
        list,
        row,
        in_force,
        terms,
        own_codes,
    } = found;
    CatalogItem {
        list: list.to_string(),
        code: row.code,
        name: row.name,
        pinyin: row.pinyin,
        spec: row.spec,
        maker: row.maker,
        unit: row.unit,
        in_force,
        from: row.from.map(|day| day.to_string()),
        until: row.until.map(|day| day.to_string()),
        class: terms.class,
        insurance_code: terms.insurance_code,
        ceiling: terms.ceiling.map(|price| price.to_string()),
        first_own: terms.first_own.map(|share| share.to_string()),
        own_codes,
    }
}
