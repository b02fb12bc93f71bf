-- +goose Up

-- Every page that a commit touches is written whole, so a sale's last step
-- shall touch few. Two trees less: a finished sale leaves the index of live
-- sales when the next one enters it, and a payment whose identity is its sale's,
-- a dash and more is found, and known to be unique, by that sale.
ALTER TABLE sales ADD COLUMN live INTEGER NOT NULL DEFAULT 1;
UPDATE sales SET live = 0 WHERE state NOT IN ('open', 'held');
DROP INDEX sales_live;
CREATE INDEX sales_live ON sales (entry) WHERE live = 1;

CREATE TABLE payments_lean (
    entry        INTEGER PRIMARY KEY,
    id           TEXT NOT NULL,
    odd          INTEGER NOT NULL, -- 1: the identity does not name the sale
    state        TEXT NOT NULL,
    order_number TEXT NOT NULL UNIQUE,
    watch        INTEGER NOT NULL,
    code_hash    TEXT NOT NULL,
    doc          TEXT NOT NULL
) STRICT;
INSERT INTO payments_lean SELECT entry, id, 1, state, order_number, watch, code_hash, doc FROM payments;
DROP TABLE payments;
ALTER TABLE payments_lean RENAME TO payments;
CREATE UNIQUE INDEX payments_odd ON payments (id) WHERE odd = 1;
CREATE INDEX payments_state ON payments (state) WHERE state <> 'paid';
CREATE INDEX payments_watch ON payments (watch) WHERE watch = 1;
CREATE INDEX payments_reference ON payments (CASE WHEN json_valid(doc) THEN json_extract(doc, '$.acquirer_reference') END)
    WHERE CASE WHEN json_valid(doc) THEN json_extract(doc, '$.acquirer_reference') END IS NOT NULL;

PRAGMA user_version = 3;
