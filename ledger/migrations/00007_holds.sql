-- +goose Up

-- Pre-authorisations: money of customers' that the bank keeps aside. Some stand
-- for weeks; the index holds those only that are not over.
CREATE TABLE holds (
    entry INTEGER PRIMARY KEY,
    id    TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    open  INTEGER NOT NULL,
    doc   TEXT NOT NULL
) STRICT;
CREATE INDEX holds_open ON holds (entry) WHERE open = 1;

PRAGMA user_version = 7;
