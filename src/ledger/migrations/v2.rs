//! Format 2: what was seen of persons' filings. Frozen once a ledger in the field was made with it.

pub(super) const SQL: &str = "
CREATE TABLE observations (
    seq INTEGER NOT NULL REFERENCES journal (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL,
    person BLOB NOT NULL CHECK (length(person) = 32),
    certificate BLOB CHECK (length(certificate) = 32),
    bill TEXT,
    at_ms INTEGER NOT NULL,
    source TEXT NOT NULL,
    message_id TEXT,
    platform_message_id TEXT,
    answer_digest BLOB CHECK (length(answer_digest) = 32),
    version INTEGER NOT NULL,
    keep INTEGER NOT NULL CHECK (keep IN (0, 1)),
    scheme INTEGER NOT NULL,
    body BLOB NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    erased_ms INTEGER,
    CHECK (erased_ms IS NULL OR (length(body) = 0 AND keep = 0)),
    PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX observations_person ON observations (person);
CREATE INDEX observations_certificate ON observations (certificate) WHERE certificate IS NOT NULL;
CREATE INDEX observations_bill ON observations (bill) WHERE bill IS NOT NULL;
CREATE INDEX observations_personal ON observations (at_ms) WHERE erased_ms IS NULL AND keep = 0;

CREATE TRIGGER observations_update
BEFORE UPDATE OF seq, n, person, certificate, bill, at_ms, source, message_id, platform_message_id, answer_digest,
    version, keep, scheme, digest ON observations
BEGIN SELECT RAISE(ABORT, 'observations is append-only'); END;
CREATE TRIGGER observations_erase
BEFORE UPDATE ON observations WHEN OLD.erased_ms IS NOT NULL OR NEW.erased_ms IS NULL
BEGIN SELECT RAISE(ABORT, 'an observation can only be erased, and once'); END;
CREATE TRIGGER observations_delete
BEFORE DELETE ON observations BEGIN SELECT RAISE(ABORT, 'observations is append-only'); END;
";
