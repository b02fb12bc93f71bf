package till_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"abacus/ledger"
	"abacus/payment"
)

// cardBug is a known mistake with cards.
type cardBug struct {
	// desk is what the terminal's client makes of an answer.
	desk       func(p *simPinpad, ctx context.Context, op payment.Op, o payment.Order, a payment.Answer) payment.Answer
	deskRefund func(p *simPinpad, ctx context.Context, r payment.Refund, a payment.RefundAnswer) payment.RefundAnswer
	strangers  bool // the terminal is taken for another one at every call
	keyless    bool // a request that is sent again is done again
	// host is what the card host's client makes of an answer.
	host           func(op payment.Op, a payment.Answer) payment.Answer
	unsyncedRecord bool // the card terminal's record does not wait for the disk
}

// simBugs are all known mistakes.
var simBugs = slices.Concat(codeBugs, cardBugs)

var cardBugs = []*simBug{
	{name: "a terminal's lost answer is taken for a refusal", common: true, cardBug: cardBug{desk: func(_ *simPinpad, _ context.Context, op payment.Op, _ payment.Order, a payment.Answer) payment.Answer {
		if op == payment.OpCharge && a.Reason == payment.TerminalSilent {
			a.Outcome = payment.Declined
		}
		return a
	}}},
	{name: "the terminal's last transaction is taken for this one", common: true, cardBug: cardBug{desk: lastIsOurs}},
	{name: "a reversal at the terminal is believed without its word", cardBug: cardBug{desk: func(_ *simPinpad, _ context.Context, op payment.Op, _ payment.Order, a payment.Answer) payment.Answer {
		if op == payment.OpReverse && a.Outcome == payment.Unknown {
			a.Outcome = payment.Reversed
		}
		return a
	}}},
	{name: "a terminal's silence about a refund is taken for a refusal", cardBug: cardBug{deskRefund: func(_ *simPinpad, _ context.Context, _ payment.Refund, a payment.RefundAnswer) payment.RefundAnswer {
		if a.Outcome == payment.RefundUnknown && a.Reason == payment.TerminalSilent {
			a.Outcome = payment.RefundRefused
		}
		return a
	}}},
	{name: "the next customer goes to a terminal that owes an answer", cardBug: cardBug{strangers: true}},
	{name: "a reversal to the card host is not repeated", cardBug: cardBug{host: func(op payment.Op, a payment.Answer) payment.Answer {
		if op == payment.OpReverse && a.Outcome == payment.Unknown {
			a.Outcome = payment.Reversed
		}
		return a
	}}},
	{name: "the card terminal's record does not wait for the disk", cardBug: cardBug{unsyncedRecord: true}},
	{name: "a prepaid card pays and keeps its money", common: true, enter: func(_ *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
		if d := kindIn(b, ledger.KindPaymentStarted); d != nil {
			p := d.Payload.(ledger.PaymentStarted)
			p.Prepaid = "" // taken off later, if nothing comes between
			d.Payload = p
		}
		return next(ctx, b)
	}},
	{name: "a prepaid card's money has a transaction of its own", enter: chargeCardLater},
	{name: "a prepaid payment sent again is made again", cardBug: cardBug{keyless: true}},
	{name: "a frozen prepaid card pays until the book is told", enter: func(s *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
		if kindIn(b, ledger.KindPrepaidFrozen) == nil {
			return next(ctx, b)
		}
		s.wires.Go(func() {
			time.Sleep(10 * time.Minute)
			_, _ = next(ctx, b)
		})
		return make([]ledger.Entry, len(b.Drafts)), nil
	}},
}

// lastIsOurs believes a terminal that tells its last transaction, whosever it
// is.
func lastIsOurs(p *simPinpad, ctx context.Context, op payment.Op, o payment.Order, a payment.Answer) payment.Answer {
	if op != payment.OpQuery || a.Outcome != payment.Declined {
		return a
	}
	again, cancel := oneMoreCall(ctx)
	defer cancel()
	r, ok, err := p.Last(again)
	if err != nil || !ok || r.Code != "00" || !r.Amount.Positive() {
		return a
	}
	return payment.Answer{Outcome: payment.Paid, Reference: r.Reference, Mark: fmt.Sprintf("done:%s:%06d:%s:%s", o.Mark[len("open:"):], r.Trace, r.Reference, r.Date)}
}

func (p *simPinpad) bend(ctx context.Context, op payment.Op, o payment.Order, a payment.Answer) payment.Answer {
	if p.d.s.bug.desk != nil {
		return p.d.s.bug.desk(p, ctx, op, o, a)
	}
	return a
}

// Desk implements payment.Preparer.
func (p *simPinpad) Desk() string {
	if !p.d.s.bug.strangers {
		return p.Provider.Desk()
	}
	p.d.note(func() { p.d.names++ })
	return fmt.Sprint("line ", p.d.names)
}

// chargeCardLater takes a payment off its card in a second transaction, when
// there is time.
func chargeCardLater(s *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
	d := kindIn(b, ledger.KindPaymentStarted)
	if d == nil || d.Payload.(ledger.PaymentStarted).Prepaid == "" {
		return next(ctx, b)
	}
	db, err := sql.Open("sqlite", "file:"+simBooks+"?vfs="+s.disk.VFS())
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	id, run := d.Payload.(ledger.PaymentStarted).Prepaid, s.run
	before, after := cardRow(db, id), [2]any{}
	entries, err := next(ctx, b)
	if err == nil {
		after = cardRow(db, id)
	}
	if before[1] == nil || after[1] == nil {
		return entries, err
	}
	writeCard(db, id, before)
	vfs := s.disk.VFS()
	s.wires.Go(func() {
		time.Sleep(5 * time.Second)
		if run.power.Err() != nil {
			return
		}
		if db, err := sql.Open("sqlite", "file:"+simBooks+"?vfs="+vfs); err == nil {
			writeCard(db, id, after)
			_ = db.Close()
		}
	})
	return entries, err
}

func writeCard(db *sql.DB, id string, row [2]any) {
	_, _ = db.Exec("PRAGMA synchronous = FULL") // a careless program is careless about errors
	_, _ = db.Exec("UPDATE prepaid SET balance = ?, doc = ? WHERE id = ?", row[0], row[1], id)
}

func cardRow(db *sql.DB, id string) (row [2]any) {
	var balance int64
	var doc string
	if db.QueryRow("SELECT balance, doc FROM prepaid WHERE id = ?", id).Scan(&balance, &doc) != nil {
		return row // the disk fails
	}
	return [2]any{balance, doc}
}
