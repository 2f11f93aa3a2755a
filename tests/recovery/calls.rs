//! What strace wrote down.

use std::collections::BTreeMap;

/// System calls that change a file or send something; a question mark stands before those not every processor has.
pub(crate) const CHANGING: &str = "write,pwrite64,writev,pwritev,?pwritev2,sendto,sendmsg,?sendmmsg,fsync,fdatasync,\
    sync_file_range,msync,ftruncate,truncate,fallocate,?rename,renameat,?renameat2,?unlink,unlinkat,connect,shutdown";

/// The calls among [`CHANGING`] that wait for the disk.
pub(crate) const FLUSHES: [&str; 4] = ["fsync", "fdatasync", "sync_file_range", "msync"];

/// One system call, in the order in which they began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) thread: u32,
    pub(crate) name: String,
    /// What it was made on.
    pub(crate) on: On,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum On {
    /// The ledger itself, or its folder.
    Ledger,
    /// The ledger's log (`-wal`).
    LedgerLog,
    Platform,
    Desk,
    Log,
    /// Threads of the agent waking each other.
    Itself,
    Other,
}

impl Call {
    /// One line of `strace -f -yy`; `None` for everything but the beginning of a call.
    fn parse(line: &str) -> Option<Self> {
        let (thread, rest) = line.trim_start().split_once(char::is_whitespace)?;
        let (name, args) = rest.trim_start().split_once('(')?;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(word) {
            return None;
        }
        let args = args.split(") = ").next().unwrap_or(args);
        let on = if args.contains("-wal") {
            On::LedgerLog
        } else if args.contains("ledger") {
            On::Ledger
        } else if args.contains("agent.log") {
            On::Log
        } else if args.contains("eventfd") {
            On::Itself
        } else if args.contains("TCP") || args.contains("AF_INET") {
            On::Platform
        } else if args.contains("UNIX") {
            On::Desk
        } else {
            On::Other
        };
        Some(Self {
            thread: thread.parse().ok()?,
            name: String::from(name),
            on,
        })
    }

    pub(crate) fn is_flush(&self) -> bool {
        FLUSHES.contains(&self.name.as_str()) && matches!(self.on, On::Ledger | On::LedgerLog)
    }
}

pub(crate) fn parse(trace: &str) -> Vec<Call> {
    trace.lines().filter_map(Call::parse).collect()
}

/// For each call by name, the most that one thread made: strace counts for each thread and name on its own.
pub(crate) fn most_by_a_thread(calls: &[Call]) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<(u32, &str), u32> = BTreeMap::new();
    let mut most: BTreeMap<String, u32> = BTreeMap::new();
    for call in calls {
        let count = counts.entry((call.thread, &call.name)).or_default();
        *count += 1;
        let most = most.entry(call.name.clone()).or_default();
        *most = (*most).max(*count);
    }
    most
}

/// A place on the road, e.g. the third `writev` to the platform, whichever thread made it.
pub(crate) type Point = (String, On, u32);

/// Every place of a trace, but for threads that wake each other: how often they do is left to chance.
pub(crate) fn points(calls: &[Call]) -> Vec<Point> {
    let mut counts: BTreeMap<(&str, On), u32> = BTreeMap::new();
    let mut points = Vec::new();
    for call in calls.iter().filter(|call| call.on != On::Itself) {
        let count = counts.entry((&call.name, call.on)).or_default();
        *count += 1;
        points.push((call.name.clone(), call.on, *count));
    }
    points
}

/// The call at which a kill struck, counted as strace does, with what went before.
pub(crate) fn until_struck<'a>(calls: &'a [Call], name: &str, n: u32) -> &'a [Call] {
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for (at, call) in calls.iter().enumerate().filter(|(_, call)| call.name == name) {
        let count = counts.entry(call.thread).or_default();
        *count += 1;
        if *count == n {
            return &calls[..=at];
        }
    }
    calls
}

/// Writes to the ledger before the first flush of a settlement.
pub(crate) fn writes_of_intent(calls: &[Call]) -> u32 {
    let writes = calls.iter().take_while(|call| !call.is_flush());
    u32::try_from(writes.filter(|call| call.name == "pwrite64").count()).unwrap_or(0)
}

#[test]
fn a_trace_is_read() {
    let trace = "\
41 write(4<anon_inode:[eventfd]>, \"\"..., 8) = 8
42 pwrite64(12</x/ledger.sqlite-wal>, \"\"..., 24, 32) = 24
42 fsync(12</x/ledger.sqlite-wal> <unfinished ...>
41 writev(20<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base=\"\"..., iov_len=309}], 1) = 309
42 <... fsync resumed>) = 0
41 sendto(18<UNIX-STREAM:[1->2]>, \"\"..., 753, MSG_NOSIGNAL, NULL, 0) = 753
42 rename(\"/x/ledger.sqlite.creating\", \"/x/ledger.sqlite\") = ?
42 +++ killed by SIGKILL +++
";
    let calls = parse(trace);
    let told: Vec<(u32, &str, On)> = calls
        .iter()
        .map(|call| (call.thread, call.name.as_str(), call.on))
        .collect();
    assert_eq!(
        told,
        [
            (41, "write", On::Itself),
            (42, "pwrite64", On::LedgerLog),
            (42, "fsync", On::LedgerLog),
            (41, "writev", On::Platform),
            (41, "sendto", On::Desk),
            (42, "rename", On::Ledger),
        ]
    );
    assert_eq!(calls.iter().filter(|call| call.is_flush()).count(), 1);
    assert_eq!(until_struck(&calls, "fsync", 1).len(), 3);
    assert_eq!(points(&calls).len(), 5);
    assert_eq!(most_by_a_thread(&calls)["write"], 1);
}
