CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE message (
    msgid TEXT PRIMARY KEY, infno TEXT NOT NULL, person TEXT, visit TEXT, done INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE sign_in (
    number TEXT PRIMARY KEY, operator TEXT NOT NULL, institution TEXT NOT NULL, at TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE filing (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, record TEXT NOT NULL
) STRICT;
CREATE TABLE voucher (code TEXT PRIMARY KEY, person TEXT NOT NULL, expires INTEGER NOT NULL) STRICT;
CREATE TABLE token (token TEXT PRIMARY KEY, person TEXT NOT NULL, expires INTEGER NOT NULL) STRICT;
CREATE TABLE visit (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, insurance TEXT NOT NULL, area TEXT NOT NULL, number TEXT NOT NULL,
    institution TEXT NOT NULL, began TEXT NOT NULL, credential TEXT NOT NULL, registration TEXT NOT NULL,
    kind TEXT, description TEXT, cancelled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visit_number ON visit (number);
CREATE INDEX visit_person ON visit (person);
CREATE TABLE diagnosis (
    visit TEXT NOT NULL REFERENCES visit (id), rank INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (visit, rank)
) STRICT;
CREATE TABLE line (
    visit TEXT NOT NULL REFERENCES visit (id), serial TEXT NOT NULL, batch TEXT NOT NULL, disease TEXT,
    amount INTEGER NOT NULL, own_expense INTEGER NOT NULL, over_ceiling INTEGER NOT NULL,
    first_own INTEGER NOT NULL, in_scope INTEGER NOT NULL, record TEXT NOT NULL, settlement TEXT,
    PRIMARY KEY (visit, serial)
) STRICT;
CREATE TABLE settlement (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, msgid TEXT NOT NULL,
    visit TEXT NOT NULL REFERENCES visit (id), batch TEXT NOT NULL, person TEXT NOT NULL, insurance TEXT NOT NULL,
    setting TEXT NOT NULL, year INTEGER NOT NULL, refund_of TEXT, refunded INTEGER NOT NULL DEFAULT 0,
    reversed INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL, split TEXT NOT NULL, facts TEXT NOT NULL,
    deductible INTEGER NOT NULL, base INTEGER NOT NULL, pool INTEGER NOT NULL, burden INTEGER NOT NULL,
    supplement INTEGER NOT NULL, aid INTEGER NOT NULL, account INTEGER NOT NULL
) STRICT;
CREATE INDEX settlement_visit ON settlement (visit);
CREATE INDEX settlement_message ON settlement (msgid);
CREATE INDEX settlement_person ON settlement (person, insurance, year);
