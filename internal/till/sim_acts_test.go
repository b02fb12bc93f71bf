package till_test

import (
	"context"
	"math/rand/v2"
	"slices"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// Acts that have more than one form.

// takeCash is a customer paying with coins that fit, or with a note.
func (s *sim) takeCash(r *rand.Rand) {
	c := till.SalePay{Sale: s.sale(), Method: "cash"}
	if r.IntN(3) == 0 {
		c.Tendered = money.Fen(pick(r, int64(1000), 10000, 50000))
	}
	got, fault := s.do(c)
	if p, ok := got.(ledger.Payment); ok && fault == "" && !c.Tendered.IsZero() && p.Change != c.Tendered.Sub(p.Amount) {
		s.fail("change", "%v of %v are taken, and %v given back", p.Amount, c.Tendered, p.Change)
	}
}

// addGoods is one thing more, or more of the first.
func (s *sim) addGoods(r *rand.Rand) {
	more := price(r)
	if r.IntN(4) == 0 {
		s.lessen(till.SaleSetQuantity{Sale: s.sale(), Line: 1, Quantity: ledger.Quantity(1+r.IntN(3)) * ledger.One})
		return
	}
	s.do(till.SaleAdd{Sale: s.sale(), Amount: more})
}

// lessen changes what the sale costs, for all that is known.
func (s *sim) lessen(c till.Command) {
	if _, code := s.do(c); code == "" || code == "off" || code == till.FaultJournalStopped {
		s.lessened[s.sale()] = true
	}
}

// askNow is somebody who cannot wait for what the till asks by itself.
func (s *sim) askNow(r *rand.Rand) {
	payment := s.somePayment(r)
	if v := s.latest(); v != nil && len(v.Refunds) > 0 && r.IntN(2) == 0 {
		s.do(till.RefundQuery{Refund: v.Refunds[len(v.Refunds)-1].ID})
		return
	}
	s.do(till.PaymentQuery{Payment: payment})
}

// lookUp is a customer back with a number: ours, or the acquirer's as it stands
// in the bill on the telephone.
func (s *sim) lookUp(r *rand.Rand) {
	id := s.somePayment(r)
	number := id
	if s.off() {
		return
	}
	if p, err := s.run.books.Payment(context.Background(), id); err == nil && r.IntN(2) == 0 {
		if e, made := s.order(p.Order); made && e.Reference != "" {
			number = e.Reference
		}
	}
	got, fault := s.do(till.PaymentFind{Number: number})
	if list, ok := got.([]ledger.Payment); ok && fault == "" && number != id && len(list) > 0 &&
		!slices.ContainsFunc(list, func(p ledger.Payment) bool { return p.ID == id }) {
		s.fail("found", "the acquirer's number of %s finds %s", id, list[0].ID)
	}
}

// refund gives a payment back, or what is left of a sale's.
func (s *sim) refund(r *rand.Rand) {
	c := till.RefundCreate{Payment: s.somePayment(r), Reason: "不要了"}
	if r.IntN(4) == 0 {
		c.Sale, c.Payment = s.sale(), ""
	}
	s.do(c)
}
