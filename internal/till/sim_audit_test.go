package till_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"abacus/ledger"
	"abacus/printer"
)

// What is seen of the till must be in its book: on the screen, and on paper.

// inBook: what is shown as paid or done is on disk as that.
func (s *sim) inBook(where string, p ledger.Payment) {
	kept, err := s.run.books.Payment(context.Background(), p.ID)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return // the disk fails
	}
	if err != nil || kept.State != ledger.PaymentPaid {
		s.fail("shown", "%s shows %s as paid, and the book has it as %q", where, p.ID, kept.State)
	}
}

// saleSeen: a sale that is shown as done is that in the book, and has what it
// shows as paid in payments of which each is paid.
func (s *sim) saleSeen(where string, sale ledger.Sale) {
	if done := sale.State == ledger.SaleDone; !done && !sale.Paid.Positive() || !s.once(fmt.Sprint("sale ", sale.ID, done, sale.Paid)) {
		return
	}
	kept, err := s.run.books.Sale(context.Background(), sale.ID)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return // the disk fails
	}
	paid := int64(0)
	for _, id := range kept.Payments {
		p, err := s.run.books.Payment(context.Background(), id)
		if err != nil {
			return
		}
		if p.State == ledger.PaymentPaid {
			s.paidSeen(where, p)
			paid += p.Amount.Minor()
		}
	}
	if sale.State == ledger.SaleDone && kept.State != ledger.SaleDone || sale.Paid.Minor() > paid {
		s.fail("shown", "%s shows sale %s as %s, %v paid; the book has it as %q, and %d fen of it", where, sale.ID, sale.State, sale.Paid, kept.State, paid)
	}
}

// refundSeen: a refund that is shown as done is that in the book.
func (s *sim) refundSeen(where string, r ledger.Refund) {
	if r.State != ledger.RefundDone {
		return
	}
	kept, err := s.run.books.Refund(context.Background(), r.ID)
	if (err == nil || errors.Is(err, ledger.ErrNotFound)) && kept.State != ledger.RefundDone {
		s.fail("shown", "%s shows refund %s as done, and the book has it as %q", where, r.ID, kept.State)
	}
}

// beingReopened: while a completion is being undone the bank is ahead.
func (s *sim) beingReopened(h ledger.Hold) bool {
	if h.State != ledger.HoldCompleted {
		return false
	}
	open, err := s.run.books.OpenRefunds(context.Background())
	return err != nil || slices.ContainsFunc(open, func(r ledger.Refund) bool { return r.Reopens == h.ID })
}

// holdSeen: what a hold is shown to be, where that is certain, it is at the bank.
func (s *sim) holdSeen(where string, h ledger.Hold) {
	if h.State.InDoubt() || !isHoldState(string(h.State)) || s.beingReopened(h) || !s.once(fmt.Sprint("hold ", h.ID, h.State)) {
		return
	}
	if e, _ := s.order(h.ID); e.State != string(h.State) {
		s.fail("shown", "%s shows hold %s as %s, and the bank has it as %q", where, h.ID, h.State, e.State)
	}
}

// keptPaid: what was once shown as paid never turns back, over any restart.
func (s *sim) keptPaid(payments []ledger.Payment) {
	s.mu.Lock()
	believed := maps.Clone(s.believed)
	s.mu.Unlock()
	for _, p := range payments {
		if p.State == ledger.PaymentPaid {
			delete(believed, "paid "+p.ID)
		}
	}
	for what := range believed {
		if id, paid := strings.CutPrefix(what, "paid "); paid {
			s.fail("lost", "%s was shown as paid, and the book does not have it as that", id)
		}
	}
}

// doubtShown: what is in doubt in the book is on the screen, at every moment,
// and all of it is counted.
func (s *sim) doubtShown() {
	v, ctx := s.latest(), context.Background()
	if v == nil || v.Trouble != nil || !v.Ready {
		return // the book cannot be read
	}
	payments, err := s.run.books.OpenPayments(ctx)
	refunds, bad := s.run.books.OpenRefunds(ctx)
	holds, worse := s.run.books.OpenHolds(ctx)
	today, worst := s.run.books.Today(ctx, v.Today.Date)
	if errors.Join(err, bad, worse, worst) != nil {
		return
	}
	if t := v.Today; t.Sales != today.Sales || t.Gross != today.Gross || t.Refunds != today.Refunds {
		s.fail("hidden", "the screen has %+v of today, and the book %+v", t, today)
	}
	all, listed := map[string]string{}, map[string]bool{}
	for _, p := range payments {
		if !p.State.Final() {
			all[p.ID] = string(p.State)
		}
	}
	if v.DoubtCount != len(all) || v.RefundCount != len(refunds) {
		s.fail("hidden", "the book has %d payments in doubt and %d refunds, the screen counts %d and %d", len(all), len(refunds), v.DoubtCount, v.RefundCount)
	}
	if v.DoubtCount > len(v.Doubt) {
		clear(all) // a restart has not yet come to all
	}
	for _, r := range refunds {
		all[r.ID] = string(r.State)
	}
	for _, h := range holds {
		if h.State.Open() {
			all[h.ID] = string(h.State)
		}
	}
	for _, a := range v.Doubt {
		listed[a.Payment.ID] = true
	}
	for _, r := range v.Refunds {
		listed[r.ID] = true
	}
	for _, h := range v.Holds {
		listed[h.ID] = true
	}
	for id, state := range all {
		if !listed[id] {
			s.fail("hidden", "the book has %s as %s, and the screen does not list it", id, state)
		}
	}
}

// laidOut remembers what a receipt must say of a payment: it is laid out now, and
// printed when its turn comes.
func (s *sim) laidOut(job string, p ledger.Payment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own(p) || p.Forced { // one that is forced past may be paid by now, and late
		return
	}
	if s.papers[job] == nil {
		s.papers[job] = map[string]bool{}
	}
	s.papers[job][p.Order] = p.State == ledger.PaymentPaid
}

// paperFits: a receipt names the orders that were paid, and no others.
func (s *sim) paperFits(job printer.Job) {
	s.mu.Lock()
	orders := s.papers[job.ID]
	s.mu.Unlock()
	for order, paid := range orders {
		_, after, named := bytes.Cut(job.Data, []byte(order))
		if named = named && (len(after) == 0 || after[0] < '0' || after[0] > '9'); named != paid {
			s.fail("printed", "%s: %s was paid: %v, and it stands on the paper: %v", job.ID, order, paid, named)
		}
	}
}
