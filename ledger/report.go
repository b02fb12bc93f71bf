package ledger

import (
	"context"
	"fmt"
	"strconv"

	"abacus/internal/money"
)

// Report is an X: the open shift so far, or, when none is open, what today did
// without a shift. It writes nothing.
func (l *Ledger) Report(ctx context.Context) (Report, error) {
	if err := l.lock(ctx); err != nil {
		return Report{}, err
	}
	defer l.mu.Unlock()
	all, err := l.grandTotal()
	if err != nil {
		return Report{}, err
	}
	now := l.opt.Now()
	r, err := l.books.report("X", l.opt.Day(now), l.head, all)
	r.Store, r.Till, r.At = l.opt.Store, l.opt.Till, now.Round(0)
	return r, err
}

// CloseShift closes the open shift with the drawer as counted and stores its Z,
// with the batch's key and entries behind them, all in one transaction. It never
// waits for open attempts: they are counted as doubtful, and their end falls to
// the shift open then. How many charges may have been taken twice is for the
// caller to find, and only kept here. Errors are those of Append; a *Refusal with RefuseNoShift
// when none is open.
func (l *Ledger) CloseShift(ctx context.Context, operator string, counted money.Amount, doubles int, with Batch) (Report, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w, err := l.begin(ctx)
	if err != nil {
		return Report{}, err
	}
	all, err := l.grandTotal()
	if err != nil {
		return Report{}, notWritten(err)
	}
	closed := Draft{Kind: KindShiftClosed, Operator: operator, Payload: ShiftClosed{Shift: l.books.desk.shift, Counted: counted}}
	if err := l.add(w, &closed); err != nil {
		return Report{}, l.giveUp(err)
	}
	r, err := l.books.report("Z", w.day, w.after, all)
	if err != nil {
		return Report{}, l.giveUp(err)
	}
	r.Number, r.Store, r.Till, r.At = l.books.desk.z+1, l.opt.Store, l.opt.Till, w.at
	r.Doubles = doubles
	z := Draft{Kind: KindZ, Operator: operator, Payload: ZMade{Number: r.Number, Report: r}}
	for _, d := range append([]Draft{z}, with.Drafts...) {
		if err := l.add(w, &d); err != nil {
			return Report{}, l.giveUp(err)
		}
	}
	if err := l.commit(w, &with); err != nil {
		return Report{}, err
	}
	return r, nil
}

// Z is a stored Z report, 0 meaning the last; ErrNotFound if there is none.
func (l *Ledger) Z(ctx context.Context, number int64) (Report, error) {
	if err := l.lock(ctx); err != nil {
		return Report{}, err
	}
	defer l.mu.Unlock()
	if number == 0 {
		number = l.books.desk.z
	}
	r, err := l.books.reports.see(strconv.FormatInt(number, 10))
	switch {
	case err != nil:
		return Report{}, err
	case r == nil:
		return Report{}, fmt.Errorf("Z %d: %w", number, ErrNotFound)
	}
	return *r, nil
}

// grandTotal sums up all days and shifts there ever were: some thousand rows
// in ten years, and only reports ask.
func (l *Ledger) grandTotal() (grandTotal, error) {
	var gross, refunds, prepaid int64
	_, err := l.c.one("SELECT coalesce(sum(gross), 0), coalesce(sum(refunds), 0), coalesce(sum(prepaid), 0) FROM tallies", nil, &gross, &refunds, &prepaid)
	c := l.opt.Currency
	return grandTotal{money.New(gross, c), money.New(refunds, c), money.New(prepaid, c)}, err
}
