//! One file: what is on the disk for certain, and what was written since.

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

#[derive(Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
    Delete,
}

/// A file as the disk would have it after a power cut. `durable` is `None` while the file is not there for certain.
#[derive(Debug)]
pub(super) struct Image {
    durable: Option<Vec<u8>>,
    pending: Vec<Change>,
}

impl Image {
    /// A file whose content counts as flushed.
    pub(super) const fn flushed(content: Option<Vec<u8>>) -> Self {
        Self {
            durable: content,
            pending: Vec::new(),
        }
    }

    pub(super) const fn is_flushed(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        self.pending.push(Change::Write {
            at,
            bytes: bytes.to_vec(),
        });
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.pending.push(Change::Length(length));
    }

    /// `for_certain`: the folder was flushed too.
    pub(super) fn delete(&mut self, for_certain: bool) {
        self.pending.push(Change::Delete);
        if for_certain {
            self.flush();
        }
    }

    pub(super) fn is_deleted(&self) -> bool {
        matches!(self.pending.last(), Some(Change::Delete))
    }

    pub(super) fn flush(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            apply(&mut self.durable, &change);
        }
    }

    /// What a power cut leaves; from then on it is what was flushed. Changes of the length or the name reach the disk
    /// in their order; of the writes between them any sectors may.
    pub(super) fn after_power_cut(&mut self, chance: &mut dyn FnMut() -> bool) -> Option<Vec<u8>> {
        let pending = std::mem::take(&mut self.pending);
        let (nothing, in_order) = (chance() && chance(), chance());
        let mut stopped = nothing;
        for change in pending {
            if stopped {
                break;
            }
            match change {
                Change::Write { at, bytes } => {
                    let whole = in_order && (chance() || chance());
                    for (n, sector) in sectors(at, &bytes) {
                        if whole || chance() {
                            put(self.durable.get_or_insert_default(), n, sector);
                        }
                    }
                    stopped = in_order && !whole;
                }
                change @ (Change::Length(_) | Change::Delete) => {
                    stopped = chance();
                    if !stopped {
                        apply(&mut self.durable, &change);
                    }
                }
            }
        }
        self.durable.clone()
    }
}

/// The parts of a write that lie in one sector each, with their places.
fn sectors(at: usize, bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let mut parts = Vec::new();
    let (mut place, mut rest) = (at, bytes);
    while !rest.is_empty() {
        let length = (SECTOR - place % SECTOR).min(rest.len());
        let (part, others) = rest.split_at(length);
        parts.push((place, part));
        (place, rest) = (place + length, others);
    }
    parts
}

fn apply(content: &mut Option<Vec<u8>>, change: &Change) {
    match change {
        Change::Write { at, bytes } => put(content.get_or_insert_default(), *at, bytes),
        Change::Length(length) => content.get_or_insert_default().resize(*length, 0),
        Change::Delete => *content = None,
    }
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}
