//! Foreign bytes taken apart, the same way every time: what is found stays reproducible.

/// What is left of an input.
pub(crate) struct Bytes<'input>(&'input [u8]);

impl<'input> Bytes<'input> {
    pub(crate) const fn new(input: &'input [u8]) -> Self {
        Self(input)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Zero at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    /// At most so many.
    pub(crate) fn take(&mut self, count: usize) -> &'input [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A length byte and so many.
    pub(crate) fn counted(&mut self) -> &'input [u8] {
        let count = usize::from(self.byte());
        self.take(count)
    }

    pub(crate) const fn rest(&self) -> &'input [u8] {
        self.0
    }
}
