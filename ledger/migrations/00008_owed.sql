-- +goose Up

-- A refund of money that came late is not over when the acquirer refuses it, so
-- its state alone no longer says whether it is.
ALTER TABLE refunds ADD COLUMN open INTEGER NOT NULL DEFAULT 0;
UPDATE refunds SET open = 1 WHERE state IN ('checking', 'pending', 'abnormal');
DROP INDEX refunds_live;
CREATE INDEX refunds_open ON refunds (entry) WHERE open = 1;

-- Sales that hold more than they are to, in minor units: seldom any, so the
-- index stays empty and the double-charge radar needs no walk over the sales.
ALTER TABLE sales ADD COLUMN surplus INTEGER NOT NULL DEFAULT 0;
-- A document without them, or none at all, is rebuilding's to mend.
UPDATE sales SET surplus = CASE WHEN json_valid(doc) THEN CAST(coalesce(max(0,
    json_extract(doc, '$.paid.minor') - json_extract(doc, '$.refunded.minor')
    - CASE state WHEN 'void' THEN 0 ELSE json_extract(doc, '$.total.minor') END), 0) AS INTEGER) ELSE 0 END;
CREATE INDEX sales_surplus ON sales (entry) WHERE surplus > 0;

PRAGMA user_version = 8;
