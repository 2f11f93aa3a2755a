//! Format 1. Frozen: a ledger in the field was made with exactly this text.

pub(super) const SQL: &str = "
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    bill TEXT,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    scheme INTEGER NOT NULL,
    body BLOB NOT NULL,
    attachments TEXT NOT NULL,
    prev BLOB NOT NULL CHECK (length(prev) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;
CREATE INDEX journal_bill ON journal (bill, seq) WHERE bill IS NOT NULL;

CREATE TABLE outbox (
    message_id TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL REFERENCES journal (seq) DEFERRABLE INITIALLY DEFERRED,
    bill TEXT,
    transaction_name TEXT NOT NULL,
    class TEXT NOT NULL,
    scheme INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    stale_after_ms INTEGER,
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    ending TEXT,
    CHECK ((closed_ms IS NULL) = (ending IS NULL))
) STRICT;
CREATE INDEX outbox_open ON outbox (seq) WHERE ending IS NULL;

CREATE TABLE attempts (
    message_id TEXT NOT NULL REFERENCES outbox (message_id),
    n INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES journal (seq) DEFERRABLE INITIALLY DEFERRED,
    at_ms INTEGER NOT NULL,
    ending TEXT NOT NULL,
    PRIMARY KEY (message_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE replies (
    message_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES journal (seq) DEFERRABLE INITIALLY DEFERRED,
    at_ms INTEGER NOT NULL,
    scheme INTEGER NOT NULL,
    body BLOB NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (message_id, n),
    FOREIGN KEY (message_id, n) REFERENCES attempts (message_id, n)
) STRICT;

CREATE TABLE requests (
    request_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES journal (seq) DEFERRABLE INITIALLY DEFERRED,
    method TEXT NOT NULL,
    body_digest BLOB NOT NULL CHECK (length(body_digest) = 32),
    bill TEXT,
    outcome TEXT NOT NULL,
    scheme INTEGER NOT NULL,
    answer BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (request_id, n)
) STRICT;

CREATE TABLE bills (
    bill TEXT NOT NULL PRIMARY KEY,
    state_scheme INTEGER,
    state BLOB,
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    last_seq INTEGER NOT NULL REFERENCES journal (seq) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((state IS NULL) = (state_scheme IS NULL))
) STRICT;
CREATE INDEX bills_by_seq ON bills (last_seq);
CREATE INDEX bills_open ON bills (last_seq) WHERE open = 1;

CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    second INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence BETWEEN 0 AND 99)
) STRICT;
INSERT INTO counter (id, second, sequence) VALUES (1, 0, 0);

CREATE TRIGGER journal_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER outbox_update
BEFORE UPDATE OF message_id, seq, bill, transaction_name, class, scheme, bytes, digest, stale_after_ms, opened_ms ON outbox
BEGIN SELECT RAISE(ABORT, 'outbox is append-only'); END;
CREATE TRIGGER outbox_delete BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'outbox is append-only'); END;
CREATE TRIGGER attempts_update BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'attempts is append-only'); END;
CREATE TRIGGER attempts_delete BEFORE DELETE ON attempts BEGIN SELECT RAISE(ABORT, 'attempts is append-only'); END;
CREATE TRIGGER replies_update BEFORE UPDATE ON replies BEGIN SELECT RAISE(ABORT, 'replies is append-only'); END;
CREATE TRIGGER replies_delete BEFORE DELETE ON replies BEGIN SELECT RAISE(ABORT, 'replies is append-only'); END;
CREATE TRIGGER requests_update BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'requests is append-only'); END;
CREATE TRIGGER requests_delete BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'requests is append-only'); END;
";
