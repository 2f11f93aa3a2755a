//! One bug after the other: on, and worlds are run until one of them fails.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use crate::build;
use crate::table::{Mutant, all};

/// A bug that no world shows within so many is not found.
const SEEDS_MAX: u64 = 1000;
/// Worlds of the copy with no bug on, none of which may fail.
const SEEDS_CONTROL: u64 = 48;
/// A copy that runs longer than this for one bug hangs.
const PATIENCE: Duration = Duration::from_secs(1800);

/// How a hunt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hunt {
    Found { invariant: String, seed: u64 },
    Nothing { seeds: u64 },
    Broke(String),
}

fn read(output: &str) -> Hunt {
    let last = |text: &str| text.lines().last().map(String::from).unwrap_or_default();
    let Some(line) = output.lines().find_map(|line| line.strip_prefix("hunt: ")) else {
        return Hunt::Broke(last(output));
    };
    match line.split_once(' ').map(|(what, seeds)| (what, seeds.parse())) {
        Some(("nothing", Ok(seeds))) => Hunt::Nothing { seeds },
        Some((invariant, Ok(seed))) => Hunt::Found {
            invariant: String::from(invariant),
            seed,
        },
        _ => Hunt::Broke(String::from(line)),
    }
}

async fn hunt(simulator: &Path, mutant: Option<&Mutant>, seeds: u64) -> Hunt {
    let mut command = Command::new(simulator);
    command
        .args(["--ignored", "--exact", "hunt::until_a_world_fails", "--nocapture"])
        .env("ZHIJIE_SEEDS", seeds.to_string())
        .env_remove("ZHIJIE_PLANTED")
        .env_remove("ZHIJIE_WORLDS")
        .kill_on_drop(true);
    if let Some(mutant) = mutant {
        command.env("ZHIJIE_PLANTED", &mutant.name);
        command.envs(mutant.worlds.iter().map(|worlds| ("ZHIJIE_WORLDS", worlds)));
    }
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Err(_) => Hunt::Broke(String::from("it hangs")),
        Ok(output) => read(&String::from_utf8_lossy(&output.unwrap().stdout)),
    }
}

/// The line about one bug, and the seeds it took when all is as it should be.
fn verdict(mutant: &Mutant, hunt: &Hunt) -> (String, Option<u64>) {
    let name = &mutant.name;
    match hunt {
        Hunt::Found { invariant, seed } if mutant.reports.contains(invariant) => (
            format!("{name}  found by {invariant} after {seed} seeds"),
            Some(*seed),
        ),
        Hunt::Found { invariant, seed } => (
            format!("{name}  NOT FOUND: world {seed} broke {invariant}, which the table does not name"),
            None,
        ),
        Hunt::Nothing { seeds } => (format!("{name}  NOT FOUND within {seeds} seeds"), None),
        Hunt::Broke(how) => (format!("{name}  NOT FOUND: {how}"), None),
    }
}

#[tokio::test]
#[ignore = "builds a copy of the workspace; make mutants"]
async fn every_bug_is_found() {
    let all = all();
    let folder = build::folder();
    let tree = folder.join("tree");
    std::fs::create_dir_all(&tree).unwrap();
    build::copy(&all, &tree);
    let simulator = build::simulator(&tree, &folder.join("build"));
    let control = hunt(&simulator, None, SEEDS_CONTROL).await;
    println!("mutants: no bug on: {control:?}");
    assert_eq!(control, Hunt::Nothing { seeds: SEEDS_CONTROL });

    let only = std::env::var("ZHIJIE_MUTANT")
        .ok()
        .filter(|name| !name.is_empty());
    let chosen = |mutant: &&Mutant| {
        let named = |only: &String| only.split(',').any(|name| name == mutant.name);
        only.as_ref().is_none_or(named)
    };
    let (mut planted, mut found, mut slowest, mut waiting) = (0, 0, 0, 0);
    for mutant in all.iter().filter(chosen) {
        if let Some(needs) = &mutant.needs {
            waiting += 1;
            println!("mutants: {}  waits for {needs}", mutant.name);
            continue;
        }
        planted += 1;
        let (line, seeds) = verdict(mutant, &hunt(&simulator, Some(mutant), SEEDS_MAX).await);
        println!("mutants: {line}");
        found += u32::from(seeds.is_some());
        slowest = slowest.max(seeds.unwrap_or_default());
    }
    println!("mutants: {planted} planted, {found} found, slowest after {slowest} seeds, {waiting} wait");
    assert!(planted > 0 && planted == found);
}

#[test]
fn a_hunt_is_read_from_its_line() {
    let found = Hunt::Found {
        invariant: String::from("final-is-final"),
        seed: 17,
    };
    assert_eq!(read("running 1 test\nhunt: final-is-final 17\ntest ok"), found);
    assert_eq!(read("hunt: nothing 1000"), Hunt::Nothing { seeds: 1000 });
    assert_eq!(
        read("a\nsegmentation fault"),
        Hunt::Broke(String::from("segmentation fault"))
    );
    let mutant = Mutant {
        name: String::from("m"),
        breaks: String::new(),
        reports: vec![String::from("every-saga-ends")],
        needs: None,
        worlds: None,
        edits: Vec::new(),
    };
    assert_eq!(
        verdict(&mutant, &found).1,
        None,
        "another invariant than the table's"
    );
}
