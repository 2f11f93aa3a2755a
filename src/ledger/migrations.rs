//! Formats of the ledger file, one frozen module each, applied in order.

mod v1;
mod v2;

use rusqlite::Transaction;

/// `ZHJL` in ASCII; stands in the SQLite header at offset 68.
pub const APPLICATION_ID: i32 = 0x5A48_4A4C;

/// The newest format; stands in the SQLite header at offset 60 as `user_version`.
pub const VERSION: i32 = 2;

const STEPS: [(i32, &str); 2] = [(1, v1::SQL), (2, v2::SQL)];

/// The first format with observations.
pub(crate) const WITH_OBSERVATIONS: i32 = 2;

/// Brings a ledger from format `from` (0: empty) to [`VERSION`] inside the caller's transaction.
pub(crate) fn apply(tx: &Transaction<'_>, from: i32) -> rusqlite::Result<()> {
    for (version, sql) in STEPS.iter().filter(|(version, _)| *version > from) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", version)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger in the field was made with this text: a change belongs into the next version's file.
    #[test]
    fn formats_are_frozen() {
        let frozen = [
            (
                1,
                "aa948772b2a87a11a82abd8d8d252cae7046432d4413f6b4f0c08a0f93e5ffcb",
            ),
            (
                2,
                "1314c115e8bc537b10abdd5a5bb8a63691add5adbb4bccac35f5361d27780076",
            ),
        ];
        let found = STEPS.map(|(version, sql)| (version, hex::encode(crate::digest(sql.as_bytes()))));
        assert_eq!(
            found,
            frozen.map(|(version, digest)| (version, digest.to_owned()))
        );
        assert_eq!(STEPS.last().map(|(version, _)| *version), Some(VERSION));
    }
}
