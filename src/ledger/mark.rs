//! Where the journal ended when this desk wrote it last, kept in the lock file, outside the ledger: a ledger that was
//! put back from a copy does not know what was settled since, and would number its messages a second time.
//!
//! Written after every commit without a flush. So it may be behind the ledger, never ahead of what the disk
//! acknowledged, and a mark that cannot be read says nothing.

use std::io::{self, Read, Seek as _, SeekFrom, Write as _};

use crate::digest::{Digest, digest};
use crate::ledger::Head;
use crate::lock::{MARK, ProcessLock};

/// The end of the journal, and up to where message ids may have been handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeadMark {
    pub(crate) head: Head,
    pub(crate) position: i64,
}

impl HeadMark {
    /// One line of always the same length, with a digest of its own that a line of two halves does not have.
    fn print(&self) -> String {
        let Head { seq, digest: end } = &self.head;
        let words = format!("{seq:020} {} {:020}", hex::encode(end), self.position);
        format!("{words} {}\n", hex::encode(digest(words.as_bytes())))
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix('\n')?.split(' ');
        let seq = words.next()?.parse().ok()?;
        let end: Digest = hex::decode(words.next()?).ok()?.try_into().ok()?;
        let position = words.next()?.parse().ok()?;
        let mark = Self {
            head: Head { seq, digest: end },
            position,
        };
        (mark.print() == line).then_some(mark)
    }
}

impl ProcessLock {
    /// The mark of the last run; `None` when there is none or it was written only in part.
    pub(crate) fn head_mark(&mut self) -> io::Result<Option<HeadMark>> {
        let mut line = String::new();
        self.file.seek(SeekFrom::Start(offset()))?;
        match Read::take(&self.file, LINE_MAX).read_to_string(&mut line) {
            Ok(_) => Ok(HeadMark::parse(&line)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes where the journal ends now.
    pub(crate) fn set_head_mark(&mut self, mark: &HeadMark) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset()))?;
        self.file.write_all(mark.print().as_bytes())
    }
}

/// More than a mark is long.
const LINE_MAX: u64 = 256;

fn offset() -> u64 {
    u64::try_from(MARK.len()).unwrap_or(u64::MAX)
}
