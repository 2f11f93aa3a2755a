-- Everything here can be fetched again: another format is answered by making the file anew.
CREATE TABLE list (
    list INTEGER PRIMARY KEY,
    -- Rows of the generations from `floor` to `current` are shown; those of a higher one are still coming in.
    floor INTEGER NOT NULL, current INTEGER NOT NULL,
    version TEXT, rows INTEGER NOT NULL, synced_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, list INTEGER NOT NULL, generation INTEGER NOT NULL, code TEXT NOT NULL,
    -- Tells rows of one code apart where a list has several.
    key TEXT,
    points_to TEXT, kind TEXT, name TEXT, pinyin TEXT, spec TEXT, maker TEXT, unit TEXT, class TEXT, ceiling TEXT,
    first_own TEXT, from_day TEXT, until_day TEXT, valid INTEGER NOT NULL, version TEXT, raw TEXT NOT NULL
) STRICT;
CREATE INDEX entry_code ON entry (code, list);
CREATE INDEX entry_points_to ON entry (points_to, list) WHERE points_to IS NOT NULL;
CREATE INDEX entry_pinyin ON entry (pinyin) WHERE pinyin IS NOT NULL;
-- Pairs of neighbouring letters of a name, by which any part of it is found.
CREATE VIRTUAL TABLE letters USING fts5 (
    pairs, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
-- What is under way, or swept up behind; survives the end of the program.
CREATE TABLE sync (
    list INTEGER PRIMARY KEY, generation INTEGER NOT NULL, whole INTEGER NOT NULL, file TEXT, fetched INTEGER NOT NULL,
    done INTEGER NOT NULL, rows INTEGER NOT NULL, version TEXT, first_id INTEGER NOT NULL
) STRICT;
