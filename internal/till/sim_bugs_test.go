package till_test

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
)

// simBug is a known mistake, put in to see whether the simulation finds it: a
// trap of tills in the field, or a safeguard of this one taken away.
type simBug struct {
	name   string
	common bool // found in few days
	// answer is what the channel's client makes of an acquirer's answer; nil: as
	// it should be.
	answer func(p *simClient, ctx context.Context, op payment.Op, c payment.Charge, a payment.Answer) payment.Answer
	refund func(p *simClient, ctx context.Context, r payment.Refund, a payment.RefundAnswer) payment.RefundAnswer
	// unsent are calls that are taken for done and never made.
	unsent []payment.Op
	timing func(*payment.Timing)
	// enter stands between the till and its book.
	enter func(s *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error)

	// view is what the screen makes of a snapshot.
	view func(s *sim, v *till.Snapshot)

	noHead    bool // the head file is not kept
	forgetful bool // what was open is not taken up at the start
	unsynced  bool // commits do not wait for the disk
	ghosts    bool // what a failed commit has left in the log stays there

	cardBug
}

type enterFunc = func(context.Context, ledger.Batch) ([]ledger.Entry, error)

// codeBugs are those of pay codes and of the book. Where a name quotes, it is a
// middle layer in use.
var codeBugs = []*simBug{
	{name: "a time-out is taken for a refusal", common: true, answer: onCharge(payment.Declined, payment.NoAnswer, payment.NotSent)},
	{name: "an acquirer's own fault is taken for a refusal", common: true, answer: onCharge(payment.Declined, payment.SystemBusy, payment.BadAnswer)},
	{name: "a customer who must act is taken for paid", common: true, answer: func(_ *simClient, _ context.Context, op payment.Op, _ payment.Charge, a payment.Answer) payment.Answer {
		if op == payment.OpCharge && a.Outcome == payment.Waiting {
			a.Outcome = payment.Paid
		}
		return a
	}},
	{name: "expired orders are closed in the book only", common: true, unsent: []payment.Op{payment.OpReverse, payment.OpClose}},
	{name: "a reversal is sent once and believed", common: true, answer: func(_ *simClient, _ context.Context, op payment.Op, _ payment.Charge, a payment.Answer) payment.Answer {
		if op == payment.OpReverse && a.Outcome == payment.Unknown {
			a.Outcome = payment.Reversed
		}
		return a
	}},
	{name: "paid is believed after a reversal has left", answer: func(p *simClient, ctx context.Context, op payment.Op, c payment.Charge, a payment.Answer) payment.Answer {
		if op != payment.OpReverse || a.Outcome != payment.Unknown {
			return a
		}
		again, cancel := oneMoreCall(ctx)
		defer cancel()
		if p.fullProvider.Query(again, orderOf(c)).Outcome == payment.Paid {
			return payment.Answer{Outcome: payment.Declined} // so that the next "paid" counts
		}
		return a
	}},
	{name: "a late success is ignored", answer: ignoreLate},
	{name: "a refusal is believed at once", answer: ignoreRefused},
	{name: "a charge is tried again under a new number", common: true, answer: func(p *simClient, ctx context.Context, op payment.Op, c payment.Charge, a payment.Answer) payment.Answer {
		if op != payment.OpCharge || a.Reason != payment.NoAnswer {
			return a
		}
		c.Order += "b"
		again, cancel := oneMoreCall(ctx)
		defer cancel()
		return p.fullProvider.Charge(again, c)
	}},
	{name: "answers are not matched to their orders", answer: believe(payment.WrongOrder)},
	{name: "amounts are not compared", answer: believe(payment.WrongAmount)},
	{name: "a refund's time-out is taken for a refusal", refund: func(_ *simClient, _ context.Context, _ payment.Refund, a payment.RefundAnswer) payment.RefundAnswer {
		if a.Outcome == payment.RefundUnknown && a.Reason == payment.NoAnswer {
			a.Outcome = payment.RefundRefused
		}
		return a
	}},
	{name: "a refund is tried again under a new number", refund: func(p *simClient, ctx context.Context, r payment.Refund, a payment.RefundAnswer) payment.RefundAnswer {
		if a.Outcome != payment.RefundUnknown || a.Reason != payment.NoAnswer {
			return a
		}
		r.Number += "b"
		again, cancel := oneMoreCall(ctx)
		defer cancel()
		return p.fullProvider.Refund(again, r)
	}},
	{name: "a customer has for ever", common: true, timing: func(t *payment.Timing) { t.Deadline = 1000 * time.Hour }},
	{name: "what was open is forgotten at the start", common: true, forgetful: true},
	{name: "the head file is not compared", common: true, noHead: true},
	{name: "commits do not wait for the disk", common: true, unsynced: true},
	{name: "the intent is written behind the sending", common: true, enter: writeBehind},
	{name: "after a failed commit nobody looks", common: true, ghosts: true},
	{name: "the projections have a transaction of their own", enter: projectLater},
	{name: "the receipt is printed before the commit", common: true, enter: printFirst},
	{name: "what was paid too much is kept", enter: keepSurplus},
	{name: "a charge in doubt is sent again", common: true, answer: func(p *simClient, ctx context.Context, op payment.Op, c payment.Charge, a payment.Answer) payment.Answer {
		if op != payment.OpCharge || a.Reason != payment.NoAnswer {
			return a
		}
		again, cancel := oneMoreCall(ctx)
		defer cancel()
		return p.fullProvider.Charge(again, c)
	}},
	{name: "what is paid is shown before it is written", common: true, view: func(s *sim, v *till.Snapshot) {
		if a := v.Attempt; a != nil && s.line.has(s.line.sure, a.Payment.Order) && s.captured(a.Payment.Order) {
			a.Payment.State = ledger.PaymentPaid
		}
	}},
	{name: "what was forced past is no longer shown", view: func(_ *sim, v *till.Snapshot) {
		v.Doubt = slices.DeleteFunc(v.Doubt, func(a till.Attempt) bool { return a.Payment.Forced })
		v.DoubtCount = len(v.Doubt)
	}},
	{name: "a refused refund of late money is forgotten", enter: func(_ *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
		for i, d := range b.Drafts {
			switch r := d.Payload.(type) {
			case ledger.RefundStarted:
				r.Owed = false
				b.Drafts[i].Payload = r
			case ledger.RefundMoved:
				r.BySale = false
				b.Drafts[i].Payload = r
			}
		}
		return next(ctx, b)
	}},
	{name: "requests' keys are not written down", common: true, enter: func(_ *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
		b.Key = ""
		return next(ctx, b)
	}},
}

// onCharge takes charges in doubt for something certain.
func onCharge(as payment.Outcome, reasons ...payment.Reason) func(*simClient, context.Context, payment.Op, payment.Charge, payment.Answer) payment.Answer {
	return func(_ *simClient, _ context.Context, op payment.Op, _ payment.Charge, a payment.Answer) payment.Answer {
		for _, reason := range reasons {
			if op == payment.OpCharge && a.Outcome == payment.Unknown && a.Reason == reason {
				a.Outcome = as
			}
		}
		return a
	}
}

// believe takes a success for one although its content does not fit.
func believe(reason payment.Reason) func(*simClient, context.Context, payment.Op, payment.Charge, payment.Answer) payment.Answer {
	return func(_ *simClient, _ context.Context, op payment.Op, _ payment.Charge, a payment.Answer) payment.Answer {
		success := strings.Contains(a.Detail, "SUCCESS") || op == payment.OpCharge && strings.HasPrefix(a.Detail, "10000")
		if a.Reason == reason && success {
			a.Outcome = payment.Paid
		}
		return a
	}
}

// ignoreLate has done with an order once its reversal is acknowledged.
func ignoreLate(p *simClient, _ context.Context, op payment.Op, c payment.Charge, a payment.Answer) payment.Answer {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if a.Outcome == payment.Reversed && op != payment.OpQuery {
		p.s.done[c.Order] = true
	}
	if op == payment.OpQuery && p.s.done[c.Order] {
		return payment.Answer{Outcome: payment.Reversed}
	}
	return a
}

// ignoreRefused has done with an order once its charge is refused.
func ignoreRefused(p *simClient, _ context.Context, op payment.Op, c payment.Charge, a payment.Answer) payment.Answer {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if op == payment.OpCharge && a.Outcome == payment.Declined && !a.Lives {
		p.s.done[c.Order] = true
	}
	if op == payment.OpQuery && p.s.done[c.Order] {
		return payment.Answer{Outcome: payment.Declined}
	}
	return a
}

// oneMoreCall is time for a call after one that may have used up its own.
func oneMoreCall(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

func orderOf(c payment.Charge) payment.Order { return payment.Order{Number: c.Order, Amount: c.Amount} }

// fullProvider is all that both clients can do.
type fullProvider interface {
	payment.Presenter
	payment.Refunder
	payment.Finder
}

// simClient is a channel's client with a bug in it.
type simClient struct {
	fullProvider
	s *sim
}

func (p *simClient) Timing() payment.Timing {
	t := p.fullProvider.Timing()
	if p.s.bug.timing != nil {
		p.s.bug.timing(&t)
	}
	return t
}

func (p *simClient) bend(ctx context.Context, op payment.Op, c payment.Charge, do func() payment.Answer) payment.Answer {
	for _, unsent := range p.s.bug.unsent {
		if op == unsent {
			return payment.Answer{Outcome: payment.Reversed}
		}
	}
	a := do()
	if p.s.bug.answer != nil {
		a = p.s.bug.answer(p, ctx, op, c, a)
	}
	return a
}

func (p *simClient) Charge(ctx context.Context, c payment.Charge) payment.Answer {
	return p.bend(ctx, payment.OpCharge, c, func() payment.Answer { return p.fullProvider.Charge(ctx, c) })
}

func (p *simClient) Query(ctx context.Context, o payment.Order) payment.Answer {
	return p.bend(ctx, payment.OpQuery, chargeOf(o), func() payment.Answer { return p.fullProvider.Query(ctx, o) })
}

func (p *simClient) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	return p.bend(ctx, payment.OpReverse, chargeOf(o), func() payment.Answer { return p.fullProvider.Reverse(ctx, o) })
}

func (p *simClient) Close(ctx context.Context, o payment.Order) payment.Answer {
	return p.bend(ctx, payment.OpClose, chargeOf(o), func() payment.Answer { return p.fullProvider.Close(ctx, o) })
}

func (p *simClient) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	a := p.fullProvider.Refund(ctx, r)
	if p.s.bug.refund != nil {
		a = p.s.bug.refund(p, ctx, r, a)
	}
	return a
}

func chargeOf(o payment.Order) payment.Charge {
	return payment.Charge{Order: o.Number, Amount: o.Amount}
}

func kindIn(b ledger.Batch, kind ledger.Kind) *ledger.Draft {
	for i := range b.Drafts {
		if b.Drafts[i].Kind == kind {
			return &b.Drafts[i]
		}
	}
	return nil
}

// writeBehind saves the customer a moment of waiting.
func writeBehind(s *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
	moved, started := kindIn(b, ledger.KindPaymentMoved), kindIn(b, ledger.KindPaymentStarted)
	sends := moved != nil && moved.Payload.(ledger.PaymentMoved).Sent != "" ||
		started != nil && started.Payload.(ledger.PaymentStarted).State != ledger.PaymentPaid
	if !sends {
		return next(ctx, b)
	}
	s.wires.Go(func() {
		time.Sleep(time.Second)
		_, _ = next(ctx, b)
	})
	return make([]ledger.Entry, len(b.Drafts)), nil
}

// printFirst prints while the disk still works.
func printFirst(s *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
	if d := kindIn(b, ledger.KindSaleDone); d != nil {
		_ = simSpooler{s}.Submit(printer.Job{ID: "sale-" + d.Sale, Data: []byte("thank you")})
	}
	return next(ctx, b)
}

// keepSurplus leaves it to the customer to notice.
func keepSurplus(_ *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
	if kindIn(b, ledger.KindPaymentMoved) != nil && kindIn(b, ledger.KindRefundStarted) != nil {
		b.Drafts = b.Drafts[:len(b.Drafts)-1]
	}
	return next(ctx, b)
}

// projectLater adds a payment to the day's totals in a second transaction.
func projectLater(s *sim, ctx context.Context, b ledger.Batch, next enterFunc) ([]ledger.Entry, error) {
	if kindIn(b, ledger.KindPaymentMoved) == nil && kindIn(b, ledger.KindPaymentStarted) == nil {
		return next(ctx, b)
	}
	db, err := sql.Open("sqlite", "file:"+simBooks+"?vfs="+s.disk.VFS())
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	before, after := dayTotals(db), totals{}
	entries, err := next(ctx, b)
	if err == nil {
		after = dayTotals(db)
	}
	if before.entry != 0 && before.entry == after.entry && before.doc != after.doc {
		before.write(db)
		after.write(db)
	}
	return entries, err
}

// totals is a row of the day's totals.
type totals struct {
	entry, gross, refunds int64
	doc                   string
}

func dayTotals(db *sql.DB) (row totals) {
	err := db.QueryRow("SELECT entry, gross, refunds, doc FROM tallies ORDER BY entry DESC LIMIT 1").Scan(&row.entry, &row.gross, &row.refunds, &row.doc)
	if err != nil {
		return totals{} // none yet, or the disk fails
	}
	return row
}

func (row totals) write(db *sql.DB) {
	_, _ = db.Exec("PRAGMA synchronous = FULL") // a careless program is careless about errors
	_, _ = db.Exec("UPDATE tallies SET gross = ?, refunds = ?, doc = ? WHERE entry = ?", row.gross, row.refunds, row.doc, row.entry)
}
