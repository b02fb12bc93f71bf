-- +goose Up

-- Payments are looked up by the acquirer's own number, which a customer reads
-- off the phone. A document that cannot be read counts as one without, here and
-- below: rebuilding makes it anew, once the book has been brought up to date.
CREATE INDEX payments_reference ON payments (CASE WHEN json_valid(doc) THEN json_extract(doc, '$.acquirer_reference') END)
    WHERE CASE WHEN json_valid(doc) THEN json_extract(doc, '$.acquirer_reference') END IS NOT NULL;
PRAGMA user_version = 2;
