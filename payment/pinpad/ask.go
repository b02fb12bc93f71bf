package pinpad

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

// ask makes one exchange. The caller has the turn; what the error says decides
// nothing about money, except errNotSent.
func (t *Terminal) ask(ctx context.Context, operator string, q request) (Record, error) {
	check, err := t.nextCheck()
	if err != nil {
		return Record{}, errors.Join(errNotSent, err)
	}
	if operator == "" {
		operator = t.set.Operator
	}
	data, err := q.encode(t.set.Till, operator, check)
	if err != nil {
		return Record{}, errors.Join(errNotSent, err)
	}
	var record Record
	_, err = t.line.exchange(ctx, data, q.kind == kindLast, func(answer []byte) bool {
		r, bad := parse(answer)
		clear(answer)
		if bad != nil || r.check != check {
			return false
		}
		record = r
		return true
	})
	return record, err
}

// nextCheck is the check digits of a request, by which its answer is known. They
// are counted on from a drawn number: an answer to any of the last 999 requests
// is not taken for this one's, as it could be if each were drawn.
func (t *Terminal) nextCheck() (string, error) {
	if t.checks == 0 {
		var draw [2]byte
		if _, err := io.ReadFull(t.set.Random, draw[:]); err != nil {
			return "", err
		}
		t.checks = 1000 + (int(draw[0])<<8+int(draw[1]))%1000
	}
	t.checks++
	return fmt.Sprintf("%03d", t.checks%1000), nil
}

// quickly takes the turn for what needs no customer.
func (t *Terminal) quickly(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, quick)
	defer cancel()
	return t.inTurn(ctx, ctx, do)
}

// search takes the turn to look through what the terminal has done since a mark.
func (t *Terminal) search(ctx context.Context, do func(context.Context) error) error {
	turn, cancel := context.WithTimeout(ctx, quick)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, quick+mostSince*slowest)
	defer stop()
	return t.inTurn(turn, ctx, do)
}

func (t *Terminal) inTurn(turn, ctx context.Context, do func(context.Context) error) error {
	if err := t.line.take(turn); err != nil {
		return err
	}
	defer t.line.give()
	return do(ctx)
}

// reasonOf is what a failed exchange means.
func reasonOf(err error) payment.Reason {
	switch {
	case errors.Is(err, errNotSent):
		return payment.TerminalAway
	case errors.Is(err, errBusy):
		return payment.SystemBusy
	case errors.Is(err, errGarbage), errors.Is(err, errRefused):
		return payment.BadAnswer
	case errors.Is(err, errUnclear):
		return payment.TerminalUnsure
	case errors.Is(err, errAmbiguous):
		return payment.Ambiguous
	}
	return payment.TerminalSilent
}

// unknown is an answer that leaves the money in doubt.
func unknown(err error) payment.Answer {
	return payment.Answer{Reason: reasonOf(err), Detail: err.Error(), Err: err}
}

var errAmbiguous = errors.New("several transactions on the terminal may be this one; compare its slips")

// errSettled: what was done since may have gone with the batch.
var errSettled = fmt.Errorf("the terminal's batch has been settled since: %w", errAmbiguous)

// errUntold: whether it has gone, nothing tells.
var errUntold = fmt.Errorf("the terminal listed nothing before, and tells no batch by which a settlement would be seen: %w", errAmbiguous)

// errUnclear: the terminal has it, and does not know its end either; that may
// pass, and the transaction be gone then.
var errUnclear = errors.New("the terminal itself does not know what became of it")

// last is the last transaction; ok is false when the terminal has none.
func (t *Terminal) last(ctx context.Context) (r Record, ok bool, err error) { return t.look(ctx, 0) }

// look is the transaction of a trace, 0 for the last; ok is false when the
// terminal has none such.
func (t *Terminal) look(ctx context.Context, trace int) (r Record, ok bool, err error) {
	r, err = t.ask(ctx, "", request{kind: kindLast, trace: trace})
	switch {
	case err != nil:
		return r, false, err
	case r.Code == noOriginal:
		return r, false, nil
	case trace != 0 && r.Trace != 0 && r.Trace != trace:
		return r, false, fmt.Errorf("asked for transaction %06d the terminal tells %06d: %w", trace, r.Trace, errGarbage)
	case r.Trace == 0, r.Code != approved && !r.Amount.Positive():
		// Else the code is that of a transaction; this is the question's own.
		return r, false, fmt.Errorf("the terminal answers %s %s: %w", r.Code, r.Text, errGarbage)
	}
	return r, true, nil
}

// mostSince is how many transactions are looked through, and slowest how long a
// terminal at 9600 baud may think about each.
const (
	mostSince = 30
	slowest   = 2 * time.Second
)

// mayHaveMoved reports whether a transaction is approved, or the terminal itself
// does not know: one that was refused moved nothing.
func mayHaveMoved(r Record) bool { return r.Code == approved || !verdictOf(r.Code).certain }

// since is every transaction after a mark that may have moved money, in order.
// A settlement empties the list: whatever it says from then on proves nothing. It is seen by
// another batch or, where the terminal tells none, by the transaction of the
// mark, which is no longer listed; where there was none either, it cannot be seen.
func (t *Terminal) since(ctx context.Context, m mark) ([]Record, error) {
	newest, ok, err := t.last(ctx)
	if err != nil {
		return nil, err
	}
	told := m.batch != "" && batchOf(newest) != ""
	switch {
	case m.settledBy(newest), !ok && m.since != 0:
		return nil, errSettled
	case m.since == 0 && !told:
		return nil, errUntold
	case !ok || newest.Trace == m.since:
		return nil, nil
	case m.since == 0:
		return t.whole(ctx, m, newest)
	}
	all, err := t.between(ctx, m, newest)
	if err != nil {
		return all, err
	}
	// Last: a settlement while the list was read is seen too, and one by which the
	// number of the batch did not change.
	if _, ok, err = t.look(ctx, m.since); err == nil && !ok {
		err = errSettled
	}
	return all, err
}

// between is the transactions after a mark's that may have moved money, up to the newest.
func (t *Terminal) between(ctx context.Context, m mark, newest Record) ([]Record, error) {
	n, forward := ahead(m.since, newest.Trace)
	if !forward || n > mostSince {
		return nil, fmt.Errorf("the terminal stood at %06d and stands at %06d: %w", m.since, newest.Trace, errAmbiguous)
	}
	var all []Record
	for i := 1; i < n; i++ {
		r, ok, err := t.lookIn(ctx, m, after(m.since, i))
		if err != nil {
			return nil, err
		}
		if ok && mayHaveMoved(r) {
			all = append(all, r)
		}
	}
	if mayHaveMoved(newest) {
		all = append(all, newest)
	}
	return all, nil
}

// lookIn is look in the batch of a mark: one that is not there because that was
// settled a moment ago is not taken for one that never was.
func (t *Terminal) lookIn(ctx context.Context, m mark, trace int) (r Record, ok bool, err error) {
	r, ok, err = t.look(ctx, trace)
	if err == nil && !ok && m.settledBy(r) {
		err = errSettled
	}
	return r, ok, err
}

// whole is the same of a terminal that had none before, whose first may have any
// trace: looked for backwards, until there are no more.
func (t *Terminal) whole(ctx context.Context, m mark, newest Record) ([]Record, error) {
	all, missing := []Record{newest}, 0
	for back := 1; missing < mostGap; back++ {
		if back > mostSince {
			return nil, fmt.Errorf("more than %d transactions: %w", mostSince, errAmbiguous)
		}
		r, ok, err := t.lookIn(ctx, m, after(newest.Trace, lastTrace-back)) // before 1 comes the last of all
		switch {
		case err != nil:
			return nil, err
		case !ok:
			missing++
		default:
			missing = 0
			all = append([]Record{r}, all...)
		}
	}
	return slices.DeleteFunc(all, func(r Record) bool { return !mayHaveMoved(r) }), nil
}

// mostGap is how many traces in a row may have nothing to tell: some terminals
// count voids and refunds, and do not list them.
const mostGap = 3

// found is what the terminal knows of one of our requests.
type found struct {
	record Record
	there  bool
	voided bool // by a later transaction with the same reference
}

// find looks for the one transaction of an amount after a mark. A later one
// with the same reference is its void. Two that could be it are an error, and so
// is one of which the terminal itself does not know, whatever its amount: of a
// part that was approved it tells the part.
func (t *Terminal) find(ctx context.Context, m mark, amount money.Amount) (found, error) {
	all, err := t.since(ctx, m)
	if err != nil {
		return found{}, err
	}
	var f found
	for _, r := range all {
		void := f.there && r.Reference != "" && r.Reference == f.record.Reference
		switch {
		case r.Code != approved:
			return found{}, fmt.Errorf("%06d ended as %s: %w", r.Trace, r.Code, errUnclear)
		case !void && !r.Amount.Equal(amount):
		case void:
			f.voided = true
		case f.there:
			return found{}, fmt.Errorf("%06d and %06d: %w", f.record.Trace, r.Trace, errAmbiguous)
		default:
			f.record, f.there = r, true
		}
	}
	return f, nil
}
