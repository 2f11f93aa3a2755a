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
    first_own TEXT, from_day TEXT, until_day TEXT, valid INTEGER NOT NULL, version TEXT
) STRICT;
-- Code (0), what a row points to (1), initials (2), filled in their order when a list is whole: row by row, each would
-- touch a page of its own.
CREATE TABLE found_by (
    what INTEGER NOT NULL, text TEXT NOT NULL, list INTEGER NOT NULL, id INTEGER NOT NULL,
    PRIMARY KEY (what, text, list, id)
) STRICT, WITHOUT ROWID;
-- Pairs of neighbouring letters of a name, by which any part of it is found.
CREATE VIRTUAL TABLE letters USING fts5 (
    pairs, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
-- Every pair there ever was, by which a single letter is found.
CREATE TABLE pair (text TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- What is under way, or swept up behind; survives the end of the program.
CREATE TABLE sync (
    list INTEGER PRIMARY KEY, generation INTEGER NOT NULL, whole INTEGER NOT NULL, file TEXT, fetched INTEGER NOT NULL,
    done INTEGER NOT NULL, rows INTEGER NOT NULL, version TEXT, first_id INTEGER NOT NULL
) STRICT;
