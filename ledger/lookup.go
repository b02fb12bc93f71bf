package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
)

// PaymentByReference is the attempt that an acquirer knows under its own
// number; ErrNotFound if there is none.
func (l *Ledger) PaymentByReference(ctx context.Context, reference string) (Payment, error) {
	return l.paymentBy(ctx, "SELECT id FROM payments WHERE reference = ? AND reference <> ''", reference)
}

// mostRefunds is how many of the newest refunds PaymentByRefund looks through:
// ten a day for five years. An index for what is asked once a week would cost
// every refund.
const mostRefunds = 20_000

// PaymentByRefund is the attempt of which a refund gave back that an acquirer
// knows under its own number, of the newest 20,000; ErrNotFound if there is none.
func (l *Ledger) PaymentByRefund(ctx context.Context, reference string) (Payment, error) {
	if err := l.lock(ctx); err != nil {
		return Payment{}, err
	}
	quoted, err := json.Marshal(reference)
	if err != nil {
		l.mu.Unlock()
		return Payment{}, err
	}
	cards, err := list[Refund](l.shelf, "SELECT entry, id, doc FROM (SELECT entry, id, doc FROM refunds ORDER BY entry DESC LIMIT ?) WHERE instr(doc, ?) > 0",
		int64(mostRefunds), `"acquirer_reference":`+string(quoted))
	l.mu.Unlock()
	if err != nil {
		return Payment{}, err
	}
	for _, c := range cards {
		if reference != "" && c.doc.AcquirerReference == reference {
			return l.Payment(ctx, c.doc.Payment)
		}
	}
	return Payment{}, fmt.Errorf("payment of the refund %q: %w", reference, ErrNotFound)
}

// Days are business days (yyyy-mm-dd), both included. A window without a day has
// none in it.
type Days struct{ First, Last string }

func (d Days) has(day string) bool { return d.First <= day && day <= d.Last }

// mostPaid is how many of the newest attempts PaidSince looks through: more than
// the longest time that is asked for holds, and no more than a moment's work,
// whatever the clock said while the book was written.
const mostPaid = 20_000

// PaidSince are the paid attempts that began with an entry or later, an entry of
// 0 being none, and those since the book came to any of some days, oldest first,
// of the newest 20,000. Where the book came to them is found once and taken as
// an entry: what was written later belongs to it, also under a clock that was
// wrong for a while.
func (l *Ledger) PaidSince(ctx context.Context, entry int64, days Days) ([]Payment, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	const never = int64(1)<<62 - 1
	var since int64
	if _, err := l.c.one("SELECT coalesce(min(entry), ?) FROM tallies WHERE day BETWEEN ? AND ?", []any{never, days.First, days.Last}, &since); err != nil {
		return nil, err
	}
	if entry > 0 {
		since = min(since, entry)
	}
	const page = 500
	var paid []Payment
	for before, left := never, mostPaid; left > 0; left -= page {
		cards, err := list[Payment](l.shelf, "SELECT entry, id, doc FROM payments WHERE entry < ? ORDER BY entry DESC LIMIT ?", before, int64(page))
		if err != nil {
			return nil, err
		}
		some := false
		for _, c := range cards {
			// A day's tally begins when the first money is certain, behind the entries
			// its attempts began with.
			if within := c.entry >= since || days.has(c.doc.Day); within {
				some = true
				if c.doc.State == PaymentPaid {
					paid = append(paid, c.doc)
				}
			}
			before = c.entry
		}
		if len(cards) < page || !some {
			break
		}
	}
	slices.Reverse(paid)
	return paid, nil
}

// PaymentEntry is the number of the entry that an attempt began with;
// ErrNotFound if there is none.
func (l *Ledger) PaymentEntry(ctx context.Context, id string) (int64, error) {
	return beginning(ctx, l, paymentsOf, id)
}

// RefundEntry is the same of a refund.
func (l *Ledger) RefundEntry(ctx context.Context, id string) (int64, error) {
	return beginning(ctx, l, refundsOf, id)
}

func beginning[T any](ctx context.Context, l *Ledger, from func(*books) *drawer[T], id string) (int64, error) {
	if err := l.lock(ctx); err != nil {
		return 0, err
	}
	defer l.mu.Unlock()
	c, err := from(l.books).find(id)
	switch {
	case err != nil:
		return 0, err
	case c == nil:
		return 0, fmt.Errorf("%q: %w", id, ErrNotFound)
	}
	return c.entry, nil
}

// Overpaid are the sales that hold more than they are to, oldest first, from
// whichever day.
func (l *Ledger) Overpaid(ctx context.Context) ([]Sale, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	cards, err := each(l.c, l.books.sales, "SELECT id FROM sales WHERE surplus > 0 ORDER BY entry LIMIT ?", int64(MaxList))
	return docs(cards), err
}

// OpenCount is what an earlier run left.
type OpenCount struct {
	Payments int // not ended
	Watched  int // ended, and still asked about for a late success
	Refunds  int // not ended, or refused and still owed
}

// CountOpen is how much has not ended.
func (l *Ledger) CountOpen(ctx context.Context) (OpenCount, error) {
	if err := l.lock(ctx); err != nil {
		return OpenCount{}, err
	}
	defer l.mu.Unlock()
	var payments, watched, refunds int64
	_, err := l.c.one(`SELECT (SELECT count(*) FROM payments WHERE state IN ('waiting', 'checking') AND state <> 'paid'),
		(SELECT count(*) FROM payments WHERE watch = 1 AND state NOT IN ('waiting', 'checking')),
		(SELECT count(*) FROM refunds WHERE open = 1)`, nil, &payments, &watched, &refunds)
	return OpenCount{int(payments), int(watched), int(refunds)}, err
}

// OpenPaymentsAfter are at most limit of the payments that have not ended or
// are watched, oldest first, beginning behind cursor; next is the cursor of the
// following page, 0 when this was the last. The first cursor is 0.
func (l *Ledger) OpenPaymentsAfter(ctx context.Context, cursor int64, limit int) (page []Payment, next int64, err error) {
	if err := l.lock(ctx); err != nil {
		return nil, 0, err
	}
	defer l.mu.Unlock()
	cards, err := list[Payment](l.shelf, `SELECT entry, id, doc FROM payments WHERE state IN ('waiting', 'checking') AND state <> 'paid' AND entry > ?1
		UNION SELECT entry, id, doc FROM payments WHERE watch = 1 AND entry > ?1 ORDER BY entry LIMIT ?2`, cursor, int64(limit))
	if len(cards) == limit {
		next = cards[limit-1].entry
	}
	return docs(cards), next, err
}

// NewestLive are at most limit of the open and held sales, newest first. The
// index is of those that are live, and also holds the last finished ones; see
// shelf.retire.
func (l *Ledger) NewestLive(ctx context.Context, limit int) ([]Sale, error) {
	if err := l.lock(ctx); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	cards, err := each(l.c, l.books.sales, "SELECT id FROM sales WHERE live = 1 AND state IN ('open', 'held') ORDER BY entry DESC LIMIT ?", int64(limit))
	return docs(cards), err
}

// each looks up the objects whose identities a query gives. Most are in memory:
// reading their documents again would cost more than all else of the answer.
func each[T any](c *conn, from *drawer[T], query string, args ...any) ([]*card[T], error) {
	ids, err := identities(c, query, args...)
	if err != nil {
		return nil, err
	}
	return cardsOf(from, ids)
}

func identities(c *conn, query string, args ...any) ([]string, error) {
	var ids []string
	err := c.each(query, args, func(row []driver.Value) error {
		id, _ := row[0].(string)
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

func cardsOf[T any](from *drawer[T], ids []string) ([]*card[T], error) {
	cards := make([]*card[T], 0, len(ids))
	for _, id := range ids {
		found, err := from.find(id)
		if err == nil && found == nil {
			err = fmt.Errorf("%q: %w", id, ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		cards = append(cards, found)
	}
	return cards, nil
}
