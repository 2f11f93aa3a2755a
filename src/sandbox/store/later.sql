CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, record TEXT NOT NULL
) STRICT;
-- Filings and entries that were taken away; what they said stays.
CREATE TABLE IF NOT EXISTS removal (number TEXT PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
-- What a visit has beside it when it is a hospital stay.
CREATE TABLE IF NOT EXISTS stay (
    visit TEXT PRIMARY KEY, msgid TEXT NOT NULL, hospital TEXT NOT NULL, ended TEXT, discharge TEXT
) STRICT;
