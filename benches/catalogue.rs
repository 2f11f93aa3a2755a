//! The copy of the catalogue at 300,000 rows: bringing it in, looking into it, and what a settlement's commits notice of it.

#![expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]
#![expect(clippy::print_stdout, reason = "so is telling it")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use zhijie_agent::catalogue::{by_halves, give_way, import};
use zhijie_benches::{median, percentile};
use zhijie_catalogue::{Reader, Search, Source, Store};
use zhijie_ledger::{Commit, Ledger, Machine, NewRecord, Opening};
use zhijie_model::{BillId, CatalogueList, InstitutionCode};
use zhijie_sandbox::zip::pack;
use zhijie_wire::{Profile, ZipLimits, ZipText, catalogue_columns};

const ROWS: usize = 300_000;
const LIST: CatalogueList = CatalogueList::Drugs;
/// Settlements of a round; each is two commits.
const SETTLEMENTS: usize = 400;
/// Idle and busy by turns, so that both see the same disk.
const ROUNDS: u32 = 4;

fn main() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let profile: Profile = toml::from_str(include_str!("../config/provinces/sandbox.toml"))?;
    let file = pack("1301.txt", lines().as_bytes())?;
    println!(
        "bench: catalogue file of {ROWS} rows, {} MB packed",
        file.len() / 1_000_000
    );

    let path = dir.path().join("catalogue.sqlite");
    let began = Instant::now();
    bring_in(&path, &file, &profile)?;
    let ours = began.elapsed();
    let began = Instant::now();
    bare(&dir.path().join("bare.sqlite"), &file)?;
    let plain = began.elapsed();
    let ratio = ours.as_secs_f64() / plain.as_secs_f64();
    println!("bench: catalogue import {ours:?} (goal 10 s), bare insert {plain:?}, ratio {ratio:.2}");

    look(&path)?;
    let (mut idle, mut during) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        idle.extend(settle(&dir.path().join(format!("idle-{round}.sqlite")))?);
        let measured = AtomicBool::new(false);
        let busy = std::thread::scope(|scope| {
            let importer = scope.spawn(|| -> anyhow::Result<()> {
                give_way();
                for times in 0.. {
                    if measured.load(Ordering::Relaxed) {
                        break;
                    }
                    let copy = dir.path().join(format!("again-{round}-{times}.sqlite"));
                    bring_in(&copy, &file, &profile)?;
                }
                Ok(())
            });
            let busy = settle(&dir.path().join(format!("busy-{round}.sqlite")));
            measured.store(true, Ordering::Relaxed);
            importer.join().ok().context("the import broke off")??;
            busy
        })?;
        during.extend(busy);
    }
    let (during, idle) = (percentile(&mut during, 99), percentile(&mut idle, 99));
    let ratio = during.as_secs_f64() / idle.as_secs_f64();
    println!(
        "bench: settlement commits while importing p99 {during:?}, idle p99 {idle:?}, ratio {ratio:.2} (no goal: what a settlement notices is `beside`)"
    );
    Ok(())
}

/// One after the other, over and over.
fn of<const N: usize>(texts: [&'static str; N], n: usize) -> &'static str {
    texts.get(n % N).copied().unwrap_or_default()
}

/// Rows of 97 columns, about as long as real ones.
fn lines() -> String {
    let mut text = String::new();
    for n in 0..ROWS {
        let mut cells = vec![String::from("null"); 97];
        let name = format!(
            "示例药品{}第{n}号{}",
            of(["奥美拉唑", "头孢曲松", "阿托伐他汀", "氨氯地平"], n),
            of(["片", "胶囊", "注射液"], n)
        );
        for (at, cell) in [
            (0, format!("X{:022}", n * 7_919 % 1_000_003 * 1_000 + n % 1_000)),
            (1, format!("商品名{n}")),
            (3, name.clone()),
            (7, name),
            (13, format!("{}mg*{}", n % 500, n % 60)),
            (
                33,
                String::from("用于胃溃疡、十二指肠溃疡、应激性溃疡、反流性食管炎和卓-艾综合征"),
            ),
            (36, String::from("2021-01-01 00:00:00")),
            (50, format!("SLYP{}", of(["AMLZ", "TBQS", "ATFTT", "ALDP"], n))),
            (53, format!("某某药业股份有限公司第{}厂", n % 900)),
            (62, format!("国药准字H{n:08}")),
            (78, String::from("1")),
            (79, format!("{n:032}")),
            (82, String::from("V00000001")),
            (91, format!("{}", n % 3 + 1)),
        ] {
            if let Some(place) = cells.get_mut(at) {
                *place = cell;
            }
        }
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    text
}

fn bring_in(path: &Path, file: &[u8], profile: &Profile) -> anyhow::Result<()> {
    let columns = catalogue_columns(LIST, profile).context("columns")?;
    let mut store = Store::open(path)?;
    store.pause_with(by_halves());
    let mut begun = store.begin(LIST, true, Source::Pages)?;
    import(&mut store, &mut begun, file, &columns, profile, |_| {})?;
    store.finish(&begun, Timestamp::UNIX_EPOCH)?;
    Ok(())
}

/// The same lines, unpacked and inserted with nothing but the row and its code, in one transaction.
fn bare(path: &Path, file: &[u8]) -> anyhow::Result<()> {
    let mut db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.execute_batch("CREATE TABLE entry (id INTEGER PRIMARY KEY, code TEXT NOT NULL, raw TEXT NOT NULL)")?;
    let tx = db.transaction()?;
    {
        let mut insert = tx.prepare("INSERT INTO entry (code, raw) VALUES (?1, ?2)")?;
        let mut text = ZipText::open(file, ZipLimits::default())?;
        while let Some(line) = text.next_line()? {
            insert.execute(params![line.split('\t').next(), line])?;
        }
    }
    tx.commit()?;
    Ok(())
}

fn look(path: &Path) -> anyhow::Result<()> {
    let reader = Reader::open(path)?;
    let day = "2026-11-22".parse().map_err(anyhow::Error::msg::<jiff::Error>)?;
    let code = format!("X{:022}", 150_000_usize * 7_919 % 1_000_003 * 1_000);
    for (what, search) in [
        ("code", Search::Code(&code)),
        ("beginning of a code", Search::Text("X0000000000000123")),
        ("part of a name", Search::Text("第29999")),
        ("common part of a name", Search::Text("奥美拉唑")),
        ("one letter", Search::Text("药")),
        ("nothing", Search::Text("没有这个药")),
        ("initials", Search::Text("SLYPAM")),
    ] {
        let mut taken = Vec::new();
        let mut found = 0;
        for _ in 0..200 {
            let began = Instant::now();
            found = reader.find(search, None, day, 20)?.len();
            taken.push(began.elapsed());
        }
        let worst = percentile(&mut taken, 99);
        println!(
            "bench: catalogue lookup by {what}: median {:?}, p99 {worst:?} (goal 5 ms), {found} found",
            median(taken)
        );
    }
    Ok(())
}

/// How long the commits of settlements took, two each.
fn settle(path: &Path) -> anyhow::Result<Vec<Duration>> {
    let now: Timestamp = "2026-11-22T02:00:00Z"
        .parse()
        .map_err(anyhow::Error::msg::<jiff::Error>)?;
    let opening = Opening {
        institution: InstitutionCode::new("H31010100001")?,
        desk_slot: 1,
        now,
        machine: Machine::default(),
    };
    let mut ledger = Ledger::open(path, &opening)?;
    let mut taken = Vec::new();
    for n in 0..SETTLEMENTS * 2 {
        let commit = Commit {
            bill: Some(BillId::new(format!("H31010100001/MZ{}/B1", n / 2))?),
            record: Some(NewRecord {
                kind: String::from("bench"),
                version: 1,
                body: vec![b'x'; 4096],
            }),
            ..Commit::new(now)
        };
        let began = Instant::now();
        ledger.commit(&commit)?;
        taken.push(began.elapsed());
        // A desk is not a loop: people stand between two settlements.
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(taken)
}
