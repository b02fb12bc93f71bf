-- +goose Up

-- Payments are looked up by the acquirer's own number, which a customer reads
-- off the phone.
CREATE INDEX payments_reference ON payments (json_extract(doc, '$.acquirer_reference'))
    WHERE json_extract(doc, '$.acquirer_reference') IS NOT NULL;
PRAGMA user_version = 2;
