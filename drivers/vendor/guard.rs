//! A buffer lent to foreign code, with marked ground before and behind it.

use core::ffi::c_char;

/// Marked bytes on either side. A library that writes further than this hits what it hits.
const GROUND: usize = 8_192;

/// The library wrote where it was not to. Nothing in this process can be trusted any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overrun;

pub(crate) struct Guarded {
    bytes: Vec<u8>,
    size: usize,
}

impl Guarded {
    /// A zeroed buffer of `size` bytes.
    pub(crate) fn new(size: usize) -> Self {
        let length = size.saturating_add(2 * GROUND);
        let inside = GROUND..GROUND.saturating_add(size);
        let bytes = (0..length)
            .map(|at| if inside.contains(&at) { 0 } else { mark(at) })
            .collect();
        Self { bytes, size }
    }

    /// Where the library may write `size` bytes, for as long as `self` lives and is not touched.
    pub(crate) fn lend(&mut self) -> *mut c_char {
        self.bytes
            .get_mut(GROUND..)
            .map_or(core::ptr::null_mut(), |inside| inside.as_mut_ptr().cast())
    }

    /// What was written: the bytes before the first zero.
    ///
    /// # Errors
    /// [`Overrun`] when a mark is gone, or when no zero ends the text: the library then counts on more room.
    pub(crate) fn text(&self) -> Result<&[u8], Overrun> {
        let inside = self.bytes()?;
        let end = inside.iter().position(|byte| *byte == 0).ok_or(Overrun)?;
        inside.get(..end).ok_or(Overrun)
    }

    /// All of the buffer, for libraries that tell the length themselves.
    ///
    /// # Errors
    /// [`Overrun`] when a mark is gone.
    pub(crate) fn bytes(&self) -> Result<&[u8], Overrun> {
        let (before, rest) = self.bytes.split_at_checked(GROUND).ok_or(Overrun)?;
        let (inside, behind) = rest.split_at_checked(self.size).ok_or(Overrun)?;
        let behind_at = GROUND.saturating_add(self.size);
        let untouched = |part: &[u8], from: usize| {
            part.iter()
                .enumerate()
                .all(|(at, byte)| *byte == mark(from.saturating_add(at)))
        };
        if !untouched(before, 0) || !untouched(behind, behind_at) {
            return Err(Overrun);
        }
        Ok(inside)
    }
}

/// Never zero, and no run of one value a library could write by chance.
fn mark(at: usize) -> u8 {
    u8::try_from(at.wrapping_mul(37) % 251)
        .unwrap_or(0)
        .wrapping_add(1)
}

impl Drop for Guarded {
    /// The answer names a person.
    fn drop(&mut self) {
        self.bytes.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(size: usize, from: isize, bytes: &[u8]) -> Result<Vec<u8>, Overrun> {
        let mut buffer = Guarded::new(size);
        let start = GROUND.checked_add_signed(from).unwrap();
        buffer.bytes[start..start + bytes.len()].copy_from_slice(bytes);
        buffer.text().map(<[u8]>::to_vec)
    }

    #[test]
    fn only_what_stays_inside_is_taken() {
        assert_eq!(written(8, 0, b""), Ok(vec![]));
        assert_eq!(written(8, 0, b"abc"), Ok(b"abc".to_vec()));
        assert_eq!(written(8, 0, b"abcdefg\0"), Ok(b"abcdefg".to_vec()));
        for (from, bytes) in [
            (0, &b"abcdefgh"[..]),
            (0, b"abcdefgh\0"),
            (-1, b"a"),
            (8, b"\0"),
            (8_191, b"\0"),
        ] {
            assert_eq!(written(8, from, bytes), Err(Overrun), "{from} {bytes:?}");
        }
        assert!((0..70_000).all(|at| mark(at) != 0));
    }
}
