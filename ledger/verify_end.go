package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
)

// How much of a long book VerifyEnd reads: a till that never makes a Z would
// otherwise start the later the longer it is used.
const (
	leastOfTheEnd = 5_000
	mostOfTheEnd  = 50_000
)

// VerifyEnd checks what a till builds upon before its first sale, in a time
// that does not grow with the book: every entry since the last Z, at least
// 5,000 and at most 50,000, by its hash and its link, and that everything live
// can be read. The law, the totals and what is older are Verify's.
func VerifyEnd(ctx context.Context, o Options) (Verdict, error) {
	c, err := openReader(o)
	if err != nil {
		return unreadableBook(err, nil, o)
	}
	v, err := verifyEnd(ctx, c)
	if isDamaged(err) {
		v, err = unreadableBook(err, nil, o)
	}
	return v, errors.Join(err, c.close())
}

func verifyEnd(ctx context.Context, c *conn) (Verdict, error) {
	r := &replay{c: c}
	var end, from int64
	if _, err := c.one("SELECT mark FROM installation", nil, &r.mark); err != nil {
		return Verdict{}, err
	}
	_, err := c.one("SELECT coalesce(max(number), 0) FROM journal", nil, &end)
	if err == nil {
		_, err = c.one("SELECT coalesce(max(entry), 0) FROM reports", nil, &from)
	}
	if err != nil {
		return Verdict{}, err
	}
	from = max(min(from, end-leastOfTheEnd), end-mostOfTheEnd, 0)
	r.head = Head{Number: from, Hash: genesis(r.mark)}
	if from > 0 {
		if _, err := c.one("SELECT hash FROM journal WHERE number = ?", []any{from}, &r.head.Hash); err != nil {
			return Verdict{}, err
		}
	}
	err = c.each("SELECT "+entryColumns+" FROM journal WHERE number > ? ORDER BY number", []any{from}, func(row []driver.Value) error {
		e, err := readEntry(row)
		if err != nil {
			return r.bad(r.head.Number+1, WhyHash, err.Error())
		}
		return errors.Join(ctx.Err(), r.link(&e))
	})
	if err != nil && !errors.Is(err, errBad) {
		return Verdict{}, err
	}
	if err == nil {
		err = r.live()
	}
	r.verdict.Entries, r.verdict.Head, r.verdict.OK = r.head.Number-from, r.head, r.verdict.Why == ""
	if errors.Is(err, errBad) {
		err = nil
	}
	return r.verdict, err
}

// link checks an entry without letting it act.
func (r *replay) link(e *Entry) error {
	if why, detail := checkLink(r.head, e, r.buffer); why != "" {
		return r.bad(r.head.Number+1, why, detail)
	}
	if _, err := e.read(); err != nil {
		return r.bad(e.Number, WhyLaw, err.Error())
	}
	r.head = Head{e.Number, e.Hash}
	return nil
}

// live reads what the till takes up, by the till's own statements: what passes
// here is what it can read.
func (r *replay) live() error {
	s := newShelf(r.c, "")
	b := newBooks("", s)
	err := s.restore(b)
	if err == nil {
		_, sales := b.sales.lives()
		_, payments := b.payments.lives()
		_, refunds := b.refunds.lives()
		_, holds := b.holds.lives()
		_, receipts := b.receipts.lives()
		err = errors.Join(sales, payments, refunds, holds, receipts)
	}
	if err == nil || sqliteCode(err) != 0 {
		return err
	}
	return r.bad(0, WhyProjection, err.Error())
}
