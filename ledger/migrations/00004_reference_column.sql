-- +goose Up

-- A column of its own for the acquirer's number: an index over the document
-- reads the whole document with every payment that is written.
DROP INDEX payments_reference;
ALTER TABLE payments ADD COLUMN reference TEXT NOT NULL DEFAULT '';
UPDATE payments SET reference = coalesce(CASE WHEN json_valid(doc) THEN json_extract(doc, '$.acquirer_reference') END, '');
CREATE INDEX payments_reference ON payments (reference) WHERE reference <> '';

PRAGMA user_version = 4;
