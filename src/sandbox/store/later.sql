CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, record TEXT NOT NULL
) STRICT;
-- Filings and entries that were taken away; what they said stays.
CREATE TABLE IF NOT EXISTS removal (number TEXT PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
-- Items withdrawn or brought back since the first version of the catalogue, one row a version.
CREATE TABLE IF NOT EXISTS catalogue_change (
    version INTEGER PRIMARY KEY, code TEXT NOT NULL, stands INTEGER NOT NULL, at TEXT NOT NULL
) STRICT;
-- Files that can be fetched until they expire.
CREATE TABLE IF NOT EXISTS handed_out (
    number TEXT PRIMARY KEY, institution TEXT NOT NULL, expires INTEGER NOT NULL, content BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS mapping (
    institution TEXT NOT NULL, own TEXT NOT NULL, national TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    begin TEXT NOT NULL, ends TEXT, stands INTEGER NOT NULL, updated TEXT NOT NULL,
    PRIMARY KEY (institution, own, national, kind)
) STRICT;
-- What a visit has beside it when it is a hospital stay.
CREATE TABLE IF NOT EXISTS stay (
    visit TEXT PRIMARY KEY, msgid TEXT NOT NULL, hospital TEXT NOT NULL, ended TEXT, discharge TEXT
) STRICT;
-- Packages that settlements handed out, by their trace codes.
CREATE TABLE IF NOT EXISTS package (
    settlement TEXT NOT NULL, serial TEXT NOT NULL, code TEXT NOT NULL, opened INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS package_code ON package (code);
-- Violations of the insurance's rules that checks told, and what desks did about them.
CREATE TABLE IF NOT EXISTS warning (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, visit TEXT NOT NULL, rule TEXT NOT NULL, at TEXT NOT NULL, way TEXT,
    reason TEXT
) STRICT;
