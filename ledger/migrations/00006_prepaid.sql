-- +goose Up

-- The shop's own prepaid cards: the balance, and the movements it is the sum
-- of. The check is a second lock behind the law of the books.
CREATE TABLE prepaid (
    entry   INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    balance INTEGER NOT NULL CHECK (balance >= 0),
    tail    TEXT NOT NULL, -- the number's last four digits
    doc     TEXT NOT NULL
) STRICT;
CREATE INDEX prepaid_tail ON prepaid (tail);

CREATE TABLE prepaid_moves (
    entry   INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    prepaid TEXT NOT NULL,
    amount  INTEGER NOT NULL,
    doc     TEXT NOT NULL
) STRICT;
CREATE INDEX prepaid_moves_of ON prepaid_moves (prepaid, entry);

-- Hashes of PINs are in no entry, so that a copy of the journal says nothing
-- about them. The entry that sets one holds a seal of the hash.
CREATE TABLE prepaid_pins (
    prepaid TEXT PRIMARY KEY,
    hash    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the shop owes on all cards is the sum of what each shift changed.
ALTER TABLE tallies ADD COLUMN prepaid INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 6;
