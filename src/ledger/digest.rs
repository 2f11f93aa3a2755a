//! SM3 and the one way in which fields are laid out before they are hashed.

use sm3::{Digest as _, Sm3};

/// An SM3 digest.
pub type Digest = [u8; 32];

/// SM3 of `bytes`.
#[must_use]
pub fn digest(bytes: &[u8]) -> Digest {
    Sm3::digest(bytes).into()
}

/// Hashes fields one after the other so that no two different lists of fields give the same octets.
///
/// Absent: `00`. Integer: `01`, eight octets, two's complement, big endian. Text and octets: `02`, length in eight
/// octets big endian, then the octets.
pub(crate) struct Canon(Sm3);

impl Canon {
    /// Starts with `tag` as the first text field.
    pub(crate) fn new(tag: &str) -> Self {
        Self(Sm3::new()).text(tag)
    }

    /// Starts with the bare octets of `prev`, then `tag`.
    pub(crate) fn after(prev: &Digest, tag: &str) -> Self {
        Self(Sm3::new_with_prefix(prev)).text(tag)
    }

    pub(crate) fn int(mut self, value: i64) -> Self {
        self.0.update([1]);
        self.0.update(value.to_be_bytes());
        self
    }

    pub(crate) fn bytes(mut self, value: &[u8]) -> Self {
        self.0.update([2]);
        self.0
            .update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(value);
        self
    }

    pub(crate) fn text(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    fn absent(mut self) -> Self {
        self.0.update([0]);
        self
    }

    pub(crate) fn maybe_int(self, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.int(value),
            None => self.absent(),
        }
    }

    pub(crate) fn maybe_text(self, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(value),
            None => self.absent(),
        }
    }

    pub(crate) fn maybe_bytes(self, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) => self.bytes(value),
            None => self.absent(),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sm3_is_the_published_one() {
        let expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(hex::encode(digest(b"abc")), expected);
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let split = |a: &str, b: &str| Canon::new("t").text(a).text(b).finish();
        assert_ne!(split("ab", "c"), split("a", "bc"));
        assert_ne!(
            Canon::new("t").maybe_text(None).finish(),
            Canon::new("t").maybe_text(Some("")).finish()
        );
        assert_ne!(
            Canon::new("t").maybe_int(None).finish(),
            Canon::new("t").maybe_int(Some(0)).finish()
        );
    }

    #[test]
    fn layout_is_what_the_page_says() {
        let mut octets = vec![7; 32];
        octets.extend([2, 0, 0, 0, 0, 0, 0, 0, 1, b't']);
        octets.extend([1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
        octets.push(0);
        let canon = Canon::after(&[7; 32], "t").int(-2).maybe_text(None).finish();
        assert_eq!(canon, digest(&octets));
    }
}
