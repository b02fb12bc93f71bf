-- +goose Up

-- One tree less for a sale's last step to write: an order number made of the
-- payment's identity is found, and known to be unique, by that identity.
CREATE TABLE payments_lean (
    entry        INTEGER PRIMARY KEY,
    id           TEXT NOT NULL,
    odd          INTEGER NOT NULL, -- 1: the identity does not name the sale
    state        TEXT NOT NULL,
    order_number TEXT NOT NULL,
    odd_order    INTEGER NOT NULL, -- 1: the order number does not name the payment
    watch        INTEGER NOT NULL,
    code_hash    TEXT NOT NULL,
    doc          TEXT NOT NULL,
    reference    TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO payments_lean SELECT entry, id, odd, state, order_number, 1, watch, code_hash, doc, reference FROM payments;
DROP TABLE payments;
ALTER TABLE payments_lean RENAME TO payments;
CREATE UNIQUE INDEX payments_odd ON payments (id) WHERE odd = 1;
CREATE UNIQUE INDEX payments_order ON payments (order_number) WHERE odd_order = 1;
CREATE INDEX payments_state ON payments (state) WHERE state <> 'paid';
CREATE INDEX payments_watch ON payments (watch) WHERE watch = 1;
CREATE INDEX payments_reference ON payments (reference) WHERE reference <> '';

PRAGMA user_version = 5;
