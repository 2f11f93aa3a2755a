//! Looking up: by code, by any part of a name, by initials, by the institution's own code.

use jiff::civil::Date;
use rusqlite::params;
use zhijie_model::{CatalogueList, CatalogueRow, Ratio, UnitPrice};

use crate::error::StoreError;
use crate::letters::{Question, letters, question, quoted};
use crate::reader::Reader;
use crate::rows::{self, COLUMNS, FOUND, Kept, SHOWN};

/// Rows looked at before the best are chosen.
const LOOKED_AT: usize = 300;
/// Above every letter a code or initials can have.
const BEYOND: char = '\u{10FFFF}';

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search<'a> {
    /// Code, part of a name, or initials, whichever fits.
    Text(&'a str),
    Code(&'a str),
    /// The institution's own code, through its mappings.
    OwnCode(&'a str),
}

/// An entry with what the insurance says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub list: CatalogueList,
    pub row: CatalogueRow,
    /// Whether it stands and is in force on the day asked about.
    pub in_force: bool,
    pub terms: Terms,
    /// The institution's own codes that are mapped to it.
    pub own_codes: Vec<String>,
}

/// What the treatment place's insurance says of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Its code in the insurance catalogue, where it is known to have one.
    pub insurance_code: Option<String>,
    /// 01 A, 02 B, 03 own expense.
    pub class: Option<String>,
    /// The highest of the ceilings in force: which of several applies is not told.
    pub ceiling: Option<UnitPrice>,
    /// Where all shares in force agree.
    pub first_own: Option<Ratio>,
}

impl Reader {
    /// Entries that fit, the best first, at most `limit`; only of `list` where one is named. Entries that do not stand
    /// come last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn find(
        &self,
        search: Search<'_>,
        list: Option<CatalogueList>,
        day: Date,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let mut kept = match search {
            Search::Code(code) => self.of_code(code, list)?,
            Search::OwnCode(own) => self.mapped(own, list, day)?,
            Search::Text(text) => self.by_text(text.trim(), list)?,
        };
        if list.is_none() {
            kept.retain(|kept| is_entry(kept.list));
        }
        kept.sort_by_key(|kept| !kept.is_in_force(day));
        let mut found = Vec::new();
        for kept in kept {
            if found.len() == limit {
                break;
            }
            // Asked about no more rows than are shown: hundreds may fit.
            if self.is_newest(&kept)? {
                found.push(self.found(kept, day)?);
            }
        }
        Ok(found)
    }

    fn found(&self, kept: Kept, day: Date) -> Result<Found, StoreError> {
        let item = kept.list.holds_items();
        let own = if item {
            self.pointing_to(&kept.row.code, CatalogueList::Mappings)?
        } else {
            Vec::new()
        };
        Ok(Found {
            in_force: kept.is_in_force(day),
            terms: if item || kept.list == CatalogueList::Covered {
                self.terms(&kept.row.code, day)?
            } else {
                Terms::default()
            },
            own_codes: own
                .into_iter()
                .filter(|kept| kept.is_in_force(day))
                .map(|kept| kept.row.code)
                .collect(),
            list: kept.list,
            row: kept.row,
        })
    }

    /// What the insurance says of a national code on a day.
    pub(crate) fn terms(&self, code: &str, day: Date) -> Result<Terms, StoreError> {
        let matched = self.in_force(code, CatalogueList::Matches, day)?;
        let matched = matched.into_iter().find_map(|kept| kept.row.points_to);
        let insured = matched.clone().unwrap_or_else(|| code.to_owned());
        let covered = self.in_force(&insured, CatalogueList::Covered, day)?;
        let ceilings = self.in_force(&insured, CatalogueList::Ceilings, day)?;
        let shares = self.in_force(&insured, CatalogueList::FirstOwn, day)?;
        let mut shares = shares.into_iter().filter_map(|kept| kept.row.first_own);
        let first = shares.next();
        Ok(Terms {
            insurance_code: matched.or_else(|| (!covered.is_empty()).then_some(insured)),
            class: covered.into_iter().find_map(|kept| kept.row.class),
            // A row without a price is "no ceiling": then none may be complained of.
            ceiling: if ceilings.iter().any(|kept| kept.row.ceiling.is_none()) {
                None
            } else {
                ceilings.iter().filter_map(|kept| kept.row.ceiling).max()
            },
            first_own: first.filter(|first| shares.all(|share| share == *first)),
        })
    }

    /// The items an own code is mapped to.
    fn mapped(&self, own: &str, list: Option<CatalogueList>, day: Date) -> Result<Vec<Kept>, StoreError> {
        let mut items = Vec::new();
        for mapping in self.in_force(own, CatalogueList::Mappings, day)? {
            if let Some(code) = &mapping.row.points_to {
                let mut kept = self.of_code(code, list)?;
                kept.retain(|kept| kept.list.holds_items());
                items.append(&mut kept);
            }
        }
        Ok(items)
    }

    /// What may fit, the best first; rows that newer ones replaced are among it.
    fn by_text(&self, text: &str, list: Option<CatalogueList>) -> Result<Vec<Kept>, StoreError> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.of_code(text, list)?;
        if text.is_ascii() {
            self.beginning(rows::CODE, text, list, &mut found)?;
            let initials: String = letters(text).collect();
            if !initials.is_empty() {
                self.beginning(rows::PINYIN, &initials, list, &mut found)?;
            }
        }
        let mut named = self.named(text, list)?;
        named.sort_by_key(|kept| {
            let name = kept.row.name.as_deref().unwrap_or_default();
            (!name.starts_with(text), name.chars().count())
        });
        for kept in named {
            if !found.iter().any(|held| held.id == kept.id) {
                found.push(kept);
            }
        }
        Ok(found)
    }

    /// Adds rows whose code or initials begin so, in their order.
    fn beginning(
        &self,
        what: i64,
        text: &str,
        list: Option<CatalogueList>,
        found: &mut Vec<Kept>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {FOUND} WHERE f.what = {what} AND f.text >= ?1 AND f.text < ?2 AND {SHOWN}
             AND (?3 IS NULL OR f.list = ?3) ORDER BY f.text LIMIT ?4"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let most = i64::try_from(LOOKED_AT).unwrap_or(i64::MAX);
        let values = params![text, format!("{text}{BEYOND}"), list.map(rows::number), most];
        let rows = statement.query_map(values, rows::read)?;
        for kept in rows {
            let kept = kept?;
            if !found.iter().any(|held| held.id == kept.id) {
                found.push(kept);
            }
        }
        Ok(())
    }

    /// Rows with `text` anywhere in the name.
    fn named(&self, text: &str, list: Option<CatalogueList>) -> Result<Vec<Kept>, StoreError> {
        let mut found = Vec::new();
        match question(text) {
            None => {}
            Some(Question::Pairs(asked)) => self.asked(&asked, list, &mut found)?,
            // One pair after the other: rows enough stand under the first few, and no index has to be read as a whole.
            Some(Question::Letter(letter)) => {
                let sql = "SELECT text FROM pair WHERE text >= ?1 AND text < ?2";
                let mut statement = self.db.prepare_cached(sql)?;
                let mut pairs =
                    statement.query(params![String::from(letter), format!("{letter}{BEYOND}")])?;
                while let Some(pair) = pairs.next()?
                    && found.len() < LOOKED_AT
                {
                    self.asked(&quoted(&pair.get::<_, String>(0)?), list, &mut found)?;
                }
            }
        }
        let wanted: String = letters(text).collect();
        found.retain(|kept| {
            let name = kept.row.name.as_deref().unwrap_or_default();
            letters(name).collect::<String>().contains(&wanted)
        });
        Ok(found)
    }

    /// Adds rows the index names.
    fn asked(
        &self,
        question: &str,
        list: Option<CatalogueList>,
        found: &mut Vec<Kept>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM letters JOIN entry e ON e.id = letters.rowid JOIN list l USING (list)
             WHERE letters MATCH ?1 AND {SHOWN} AND (?2 IS NULL OR e.list = ?2) LIMIT ?3"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let most = i64::try_from(LOOKED_AT.saturating_sub(found.len())).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![question, list.map(rows::number), most], rows::read)?;
        for kept in rows {
            let kept = kept?;
            if !found.iter().any(|held| held.id == kept.id) {
                found.push(kept);
            }
        }
        Ok(())
    }

    /// Whether no newer row has taken its place.
    fn is_newest(&self, kept: &Kept) -> Result<bool, StoreError> {
        let all = self.of_code(&kept.row.code, Some(kept.list))?;
        Ok(all.iter().any(|newest| newest.id == kept.id))
    }
}

/// Rows that are something themselves, and not a word about another one.
const fn is_entry(list: CatalogueList) -> bool {
    !matches!(
        list,
        CatalogueList::Covered
            | CatalogueList::Matches
            | CatalogueList::Mappings
            | CatalogueList::Ceilings
            | CatalogueList::FirstOwn
    )
}
