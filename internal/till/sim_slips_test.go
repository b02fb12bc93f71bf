package till_test

import (
	"context"
	"fmt"
	"time"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// simReading is how long after the till has first asked for a slip somebody
// looks for it: what was on its way to the terminal has come by then.
const simReading = time.Minute

// readSlips is the manager looking at the terminal's slips where it cannot tell
// by itself.
func (s *sim) readSlips() {
	v := s.latest()
	if v == nil || s.off() {
		return
	}
	s.payOwed(v)
	if s.desk == nil {
		return
	}
	for _, a := range v.Doubt {
		if a.Decide && s.longAsked(a.Payment.ID) {
			s.asManager("payment", s.slipOf(a.Payment))
		}
	}
	for _, h := range v.Holds {
		if h.Decide && s.longAsked(h.ID) {
			s.asManager("hold", s.slipOfHold(h.Hold))
		}
	}
	for _, id := range v.Decide {
		if r, err := s.run.books.Refund(context.Background(), id); err == nil && s.longAsked(id) {
			decide := s.slipOfRefund(r)
			s.asManager("refund", decide)
			if !decide.Done { // the customer still has it coming
				s.do(till.RefundCreate{Payment: r.Payment, Amount: r.Amount, Reason: r.Cause})
			}
		}
	}
}

// payOwed is the manager seeing to money that came late and that the acquirer
// would not give back: once more, or from the drawer.
func (s *sim) payOwed(v *till.Snapshot) {
	for _, r := range v.Refunds {
		if r.Next != till.RefundPerson || !s.longAsked(r.ID) {
			continue
		}
		if dice(s.plan.seed, "owed", r.ID).IntN(3) == 0 {
			s.asManager("given otherwise", till.RefundGiven{Refund: r.ID, Reason: "现金退还"})
			continue
		}
		s.asManager("tried again", till.RefundRetry{Refund: r.ID})
	}
}

func (s *sim) longAsked(id string) bool {
	if s.asked == nil {
		s.asked = map[string]time.Time{}
	}
	if s.asked[id].IsZero() {
		s.asked[id] = time.Now()
	}
	return time.Since(s.asked[id]) >= simReading
}

func (s *sim) asManager(what string, c till.Command) {
	s.do(till.Login{Operator: "1001", PIN: simPIN})
	if _, code := s.do(c); code == "" {
		s.been("manager × " + what)
	}
}

// slipOf is what the terminal's papers say of a payment. They are as good as
// its answer.
func (s *sim) slipOf(p ledger.Payment) till.Command {
	c := till.PaymentDecide{Payment: p.ID, Reason: "核对签购单"}
	e, made := s.order(p.Order)
	l := s.line
	l.mu.Lock()
	defer l.mu.Unlock()
	if !made || e.Captured == 0 || e.Reversed > 0 {
		l.gone[p.Order] = true
		return c
	}
	l.sure[p.Order] = true
	c.Done = true
	c.Slip = payment.Slip{Trace: s.desk.traceOf(p.Order), Reference: e.Reference, Date: e.History[0].At.In(time.FixedZone("CST", 8*60*60)).Format("0102")}
	return c
}

// slipOfRefund: the refund was made if the terminal gave back more than the book
// has as done.
func (s *sim) slipOfRefund(r ledger.Refund) till.RefundDecide {
	c := till.RefundDecide{Refund: r.ID, Reason: "核对签购单"}
	p, err := s.run.books.Payment(context.Background(), r.Payment)
	if err != nil {
		return c
	}
	e, _ := s.order(p.Order)
	left := e.Captured - e.Refunded - e.Reversed
	if c.Done = s.ours(p)-r.Amount.Minor() >= left; c.Done {
		c.Slip = payment.Slip{Reference: e.Reference}
	}
	return c
}

func (d *simDesk) traceOf(order string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for trace, of := range d.orders {
		if of == order {
			return fmt.Sprintf("%06d", trace)
		}
	}
	return ""
}
