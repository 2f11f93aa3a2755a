//! How often a process wakes up, as the kernel counts it.

#![expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often the count is looked at: what happens within one look is one moment.
const LOOK: Duration = Duration::from_millis(100);

/// A process that is watched.
#[derive(Debug)]
pub struct Awake {
    pid: u32,
}

/// What was counted.
#[derive(Debug, Default)]
pub struct Counted {
    /// Tenths of a second in which any thread ran.
    pub moments: u64,
    /// Times any thread went to sleep by itself.
    pub switches: u64,
    /// The same by thread, those that slept through left out.
    pub threads: Vec<(String, u64)>,
}

impl Awake {
    #[must_use]
    pub const fn watch(pid: u32) -> Self {
        Self { pid }
    }

    /// The moment from which something is measured.
    #[must_use]
    pub fn clock() -> Instant {
        Instant::now()
    }

    /// The one child of a process.
    ///
    /// # Errors
    /// It has none.
    pub fn child_of(pid: u32) -> std::io::Result<u32> {
        for process in std::fs::read_dir("/proc")?.flatten() {
            let Ok(number) = process.file_name().to_string_lossy().parse::<u32>() else {
                continue;
            };
            let status = std::fs::read_to_string(process.path().join("status")).unwrap_or_default();
            if status.lines().any(|line| line == format!("PPid:\t{pid}")) {
                return Ok(number);
            }
        }
        Err(std::io::ErrorKind::NotFound.into())
    }

    /// Watches for so long. Blocks.
    ///
    /// # Errors
    /// The process is gone.
    pub fn count(&self, time: Duration) -> std::io::Result<Counted> {
        let first = self.switches()?;
        let (began, mut last, mut moments) = (Instant::now(), first.clone(), 0);
        while began.elapsed() < time {
            std::thread::sleep(LOOK);
            let now = self.switches()?;
            moments += u64::from(now != last);
            last = now;
        }
        let threads: Vec<(String, u64)> = last
            .into_iter()
            .map(|(thread, switches)| {
                let before = first.get(&thread).copied().unwrap_or_default();
                (thread, switches.saturating_sub(before))
            })
            .filter(|(_, switches)| *switches > 0)
            .collect();
        Ok(Counted {
            moments,
            switches: threads.iter().map(|(_, switches)| switches).sum(),
            threads,
        })
    }

    fn switches(&self) -> std::io::Result<BTreeMap<String, u64>> {
        let tasks = PathBuf::from(format!("/proc/{}/task", self.pid));
        let mut counts = BTreeMap::new();
        for task in std::fs::read_dir(tasks)?.flatten() {
            let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let value = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name));
                line.unwrap_or_default().trim().to_owned()
            };
            let thread = format!("{} {}", value("Name:"), task.file_name().to_string_lossy());
            counts.insert(
                thread,
                value("voluntary_ctxt_switches:").parse().unwrap_or_default(),
            );
        }
        Ok(counts)
    }
}
