-- +goose Up

-- The journal is the book. Everything below it derives from it and can be
-- rebuilt; the keys of callers' requests are the one exception.
CREATE TABLE journal (
    number   INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    time     TEXT NOT NULL,
    mono     INTEGER NOT NULL,
    day      TEXT NOT NULL,
    till     TEXT NOT NULL,
    operator TEXT NOT NULL,
    approver TEXT NOT NULL,
    shift    TEXT NOT NULL,
    sale     TEXT NOT NULL,
    payload  TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash     BLOB NOT NULL
) STRICT;

-- INSERT OR REPLACE fires the delete trigger because every connection of the
-- till sets recursive_triggers.
-- +goose StatementBegin
CREATE TRIGGER journal_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'nothing is ever deleted from the journal'); END;
-- +goose StatementEnd

-- Who this book belongs to, written once.
CREATE TABLE installation (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    mark     TEXT NOT NULL,
    currency TEXT NOT NULL
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER installation_update BEFORE UPDATE ON installation
BEGIN SELECT RAISE(ABORT, 'the installation never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER installation_delete BEFORE DELETE ON installation
BEGIN SELECT RAISE(ABORT, 'the installation never changes'); END;
-- +goose StatementEnd

-- Projections. The integer key is the number of the entry an object began
-- with, so that new rows go to the end of every tree.
CREATE TABLE sales (
    entry INTEGER PRIMARY KEY,
    id    TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    doc   TEXT NOT NULL
) STRICT;
CREATE INDEX sales_live ON sales (entry) WHERE state IN ('open', 'held');

CREATE TABLE payments (
    entry        INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    state        TEXT NOT NULL,
    order_number TEXT NOT NULL UNIQUE,
    watch        INTEGER NOT NULL,
    code_hash    TEXT NOT NULL,
    doc          TEXT NOT NULL
) STRICT;
CREATE INDEX payments_state ON payments (state) WHERE state <> 'paid';
CREATE INDEX payments_watch ON payments (watch) WHERE watch = 1;

CREATE TABLE refunds (
    entry         INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    state         TEXT NOT NULL,
    refund_number TEXT NOT NULL UNIQUE,
    doc           TEXT NOT NULL
) STRICT;
CREATE INDEX refunds_live ON refunds (entry) WHERE state IN ('checking', 'pending', 'abnormal');

CREATE TABLE shifts (
    entry INTEGER PRIMARY KEY,
    id    TEXT NOT NULL UNIQUE,
    doc   TEXT NOT NULL
) STRICT;

CREATE TABLE reports (
    entry  INTEGER PRIMARY KEY,
    id     TEXT NOT NULL UNIQUE,
    doc    TEXT NOT NULL
) STRICT;

-- Running totals of one business day in one shift, in minor units.
CREATE TABLE tallies (
    entry   INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    day     TEXT NOT NULL,
    shift   TEXT NOT NULL,
    gross   INTEGER NOT NULL,
    refunds INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
CREATE INDEX tallies_day ON tallies (day);
CREATE INDEX tallies_shift ON tallies (shift);

CREATE TABLE receipts (
    entry  INTEGER PRIMARY KEY,
    id     TEXT NOT NULL UNIQUE,
    result TEXT NOT NULL,
    doc    TEXT NOT NULL
) STRICT;
CREATE INDEX receipts_live ON receipts (entry) WHERE result = '';

CREATE TABLE request_keys (
    key    TEXT PRIMARY KEY,
    hash   TEXT NOT NULL,
    object TEXT NOT NULL,
    entry  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
