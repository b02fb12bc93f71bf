package ledger

import (
	"errors"
	"fmt"
	"testing"

	"abacus/internal/money"
)

// code is the refusal's code, "" for none, and the error itself for others.
func code(err error) string {
	var r *Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return r.Code
	}
	return err.Error()
}

// state brings a payment to a state by legal steps.
func (s *shop) paymentIn(state PaymentState) (sale, payment string) {
	s.t.Helper()
	s.sale++
	sale = fmt.Sprintf("20261121-%04d", s.sale)
	payment = sale + "-1"
	s.must(opened(sale), line(sale, 1, 1000), started(sale, payment, 1000, PaymentWaiting))
	if state != PaymentWaiting {
		s.must(moved(payment, state))
	}
	return sale, payment
}

func TestPaymentMoves(t *testing.T) {
	all := []PaymentState{PaymentWaiting, PaymentChecking, PaymentPaid, PaymentDeclined, PaymentReversed}
	legal := map[PaymentState]string{ // one letter a state, in the order above
		PaymentWaiting: "wcpdr", PaymentChecking: "wcpdr", PaymentPaid: "p", PaymentDeclined: "cpd", PaymentReversed: "cpr",
	}
	s := newShop(t)
	for _, from := range all {
		for i, to := range all {
			sale, payment := s.paymentIn(from)
			want := RefuseTransition
			for _, letter := range legal[from] {
				if string(letter) == "wcpdr"[i:i+1] {
					want = ""
				}
			}
			if got := code(s.try(moved(payment, to))); got != want {
				t.Errorf("%s to %s: %q, want %q", from, to, got, want)
			}
			state := to
			if want != "" {
				state = from
			}
			pay, err := s.l.Payment(t.Context(), payment)
			if err != nil || pay.State != state || pay.State.Final() == pay.EndedAt.IsZero() {
				t.Errorf("%s to %s: payment %+v, %v", from, to, pay, err)
			}
			after, err := s.l.Sale(t.Context(), sale)
			paid, open := fen(0), payment
			if state == PaymentPaid {
				paid = fen(1000)
			}
			if state.Final() {
				open = ""
			}
			if err != nil || !after.Paid.Equal(paid) || after.Open != open {
				t.Errorf("%s to %s: sale %+v, %v", from, to, after, err)
			}
		}
	}
}

func TestRefundMoves(t *testing.T) {
	all := []RefundState{RefundChecking, RefundPending, RefundAbnormal, RefundDone, RefundRefused}
	s := newShop(t)
	for _, from := range all {
		for _, to := range all {
			sale, payment := s.paymentIn(PaymentPaid)
			id := payment + "-R1"
			s.must(refund(payment, id, 400, RefundChecking))
			if from != RefundChecking {
				s.must(refundMoved(id, from))
			}
			want := ""
			if from.final() && from != to {
				want = RefuseTransition
			}
			if got := code(s.try(refundMoved(id, to))); got != want {
				t.Errorf("%s to %s: %q, want %q", from, to, got, want)
			}
			left := fen(400)
			if from == RefundRefused || want == "" && to == RefundRefused {
				left = fen(0)
			}
			after, err := s.l.Sale(t.Context(), sale)
			if err != nil || !after.Refunded.Equal(left) {
				t.Errorf("%s to %s: refunded %s, want %s, %v", from, to, after.Refunded, left, err)
			}
		}
	}
}

// TestLaw tells small stories whose last step must be refused with a code, or
// taken when it is empty.
func TestLaw(t *testing.T) {
	const a, b = "20261121-9001", "20261121-9002"
	ring := []Draft{opened(a), line(a, 1, 1000), line(a, 2, 500)}
	with := func(more ...Draft) []Draft { return append(append([]Draft{}, ring...), more...) }
	forced := Draft{Kind: KindPaymentMoved, Approver: "2001", Payload: PaymentMoved{Payment: a + "-1", State: PaymentChecking, Forced: true}}
	paidOnce := with(started(a, a+"-1", 1500, PaymentChecking), moved(a+"-1", PaymentPaid))
	after := func(before []Draft, more ...Draft) []Draft { return append(append([]Draft{}, before...), more...) }
	discount := func(no int, n int64) Draft {
		return Draft{Kind: KindDiscounted, Sale: a, Payload: Discounted{No: no, Amount: fen(n), Reason: "dented"}}
	}
	remove := func(no int) Draft {
		return Draft{Kind: KindLineRemoved, Sale: a, Payload: LineRemoved{No: no, Amount: fen(1)}}
	}
	change := func(no int, q Quantity, n int64) Draft {
		return Draft{Kind: KindLineChanged, Sale: a, Payload: LineChanged{No: no, Quantity: q, Price: fen(500), Amount: fen(n)}}
	}
	sameOrder := started(b, b+"-1", 100, PaymentWaiting)
	reused := sameOrder.Payload.(PaymentStarted)
	reused.Order = "O" + a + "-1"
	sameOrder.Payload = reused
	sameNumber := refund(a+"-1", "R2", 100, RefundChecking)
	again := sameNumber.Payload.(RefundStarted)
	again.Number = "NR1"
	sameNumber.Payload = again
	short := cash(a, a+"-1", 1500)
	given := short.Payload.(PaymentStarted)
	given.Change = fen(501)
	short.Payload = given
	dollars := line(a, 3, 100)
	dollars.Payload = LineAdded{Line{No: 3, Name: "x", Quantity: One, Price: money.New(1, "USD"), Amount: money.New(1, "USD")}}

	for _, c := range []struct {
		name  string
		want  string
		story []Draft
	}{
		{"a sale opened twice", RefuseExists, with(opened(a))},
		{"a sale without identity", RefuseNoSale, []Draft{opened("")}},
		{"a line on no sale", RefuseNoSale, []Draft{line(a, 1, 1)}},
		{"a line number skipped", RefuseLine, with(line(a, 4, 100))},
		{"a line number used twice", RefuseLine, with(line(a, 2, 100))},
		{"another currency", RefuseCurrency, with(dollars)},
		{"a negative line", RefuseAmount, with(line(a, 3, -100))},
		{"quantity nothing", RefuseLine, with(change(2, 0, 0))},
		{"quantity changed", "", with(change(2, 2*One, 1000))},
		{"change of a removed line", RefuseLine, with(remove(2), change(2, One, 500))},
		{"a line removed twice", RefuseLine, with(remove(2), remove(2))},
		{"discount above the line", RefuseAmount, with(discount(2, 501))},
		{"discount above the total", RefuseAmount, with(discount(0, 1501))},
		{"discount that removal leaves above the total", RefuseAmount, with(discount(0, 1000), remove(1))},
		{"discount of nothing takes it back", "", with(discount(0, 100), discount(0, 0))},
		{"a line on a held sale", RefuseSaleState, with(saleMoved(a, KindSaleHeld), line(a, 3, 100))},
		{"payment on a held sale", RefuseSaleState, with(saleMoved(a, KindSaleHeld), started(a, a+"-1", 1500, PaymentWaiting))},
		{"recalled", "", with(saleMoved(a, KindSaleHeld), saleMoved(a, KindSaleRecalled), line(a, 3, 100))},
		{"held twice", RefuseSaleState, with(saleMoved(a, KindSaleHeld), saleMoved(a, KindSaleHeld))},
		{"recalled though open", RefuseSaleState, with(saleMoved(a, KindSaleRecalled))},
		{"a line while an attempt is open", RefusePaymentOpen, with(started(a, a+"-1", 100, PaymentWaiting), line(a, 3, 1))},
		{"a line while a forced attempt is open", "", with(started(a, a+"-1", 100, PaymentWaiting), forced, line(a, 3, 1))},
		{"a second attempt", RefusePaymentOpen, with(started(a, a+"-1", 100, PaymentWaiting), started(a, a+"-2", 100, PaymentWaiting))},
		{"a second attempt, forced", "", with(started(a, a+"-1", 100, PaymentWaiting), forced, started(a, a+"-2", 100, PaymentWaiting))},
		{"a third beside a forced one", RefusePaymentOpen, with(started(a, a+"-1", 100, PaymentWaiting), forced,
			started(a, a+"-2", 100, PaymentWaiting), started(a, a+"-3", 100, PaymentWaiting))},
		{"a second attempt after a declined one", "", with(started(a, a+"-1", 100, PaymentWaiting), moved(a+"-1", PaymentDeclined),
			started(a, a+"-2", 100, PaymentWaiting))},
		{"more than is due", RefuseAmount, with(started(a, a+"-1", 1501, PaymentWaiting))},
		{"nothing to pay", RefuseAmount, with(started(a, a+"-1", 0, PaymentWaiting))},
		{"a payment begun as declined", RefuseTransition, with(started(a, a+"-1", 100, PaymentDeclined))},
		{"wrong change", RefuseAmount, with(short)},
		{"an order number used before", RefuseOrderUsed, with(started(a, a+"-1", 100, PaymentWaiting), opened(b), line(b, 1, 100), sameOrder)},
		{"a payment used before", RefuseExists, after(paidOnce, line(a, 3, 5), started(a, a+"-1", 5, PaymentWaiting))},
		{"payment of no sale", RefuseNoSale, []Draft{started(a, a+"-1", 100, PaymentWaiting)}},
		{"movement of no payment", RefuseNoPayment, []Draft{moved("nobody", PaymentPaid)}},
		{"movement under another sale", RefuseEntry, with(started(a, a+"-1", 100, PaymentWaiting),
			Draft{Kind: KindPaymentMoved, Sale: b, Payload: PaymentMoved{Payment: a + "-1", State: PaymentPaid}})},
		{"done though due", RefuseDue, with(saleMoved(a, KindSaleDone))},
		{"done while an attempt is open", RefusePaymentOpen, with(started(a, a+"-1", 1500, PaymentWaiting), saleMoved(a, KindSaleDone))},
		{"done without a line", RefuseSaleEmpty, []Draft{opened(a), saleMoved(a, KindSaleDone)}},
		{"done", "", after(paidOnce, saleMoved(a, KindSaleDone))},
		{"done while held", "", after(paidOnce, saleMoved(a, KindSaleHeld), saleMoved(a, KindSaleDone))},
		{"done twice", RefuseSaleState, after(paidOnce, saleMoved(a, KindSaleDone), saleMoved(a, KindSaleDone))},
		{"a line after done", RefuseSaleState, after(paidOnce, saleMoved(a, KindSaleDone), line(a, 3, 1))},
		{"void after done", RefuseSaleState, after(paidOnce, saleMoved(a, KindSaleDone), saleMoved(a, KindSaleVoided))},
		{"less than was paid", RefuseSalePaid, after(paidOnce, remove(2))},
		{"void with money on it", RefuseSalePaid, after(paidOnce, saleMoved(a, KindSaleVoided))},
		{"void after the refund", "", after(paidOnce, refund(a+"-1", "R1", 1500, RefundDone), saleMoved(a, KindSaleVoided))},
		{"void in the air", RefusePaymentOpen, with(started(a, a+"-1", 100, PaymentWaiting), saleMoved(a, KindSaleVoided))},
		{"void with a forced attempt in the air", RefusePaymentOpen, with(started(a, a+"-1", 100, PaymentWaiting), forced, saleMoved(a, KindSaleVoided))},
		{"void", "", with(saleMoved(a, KindSaleVoided))},
		{"done again due after a refund", RefuseDue, after(paidOnce, refund(a+"-1", "R1", 1500, RefundDone), saleMoved(a, KindSaleDone))},
		{"paid anew after a refund", "", after(paidOnce, refund(a+"-1", "R1", 1500, RefundDone), cash(a, a+"-2", 1500), saleMoved(a, KindSaleDone))},
		{"late success of a void sale", "", with(started(a, a+"-1", 1500, PaymentChecking), moved(a+"-1", PaymentReversed), saleMoved(a, KindSaleVoided), moved(a+"-1", PaymentPaid), refund(a+"-1", "R1", 1500, RefundChecking))},
		{"done with a late success too much", "", with(started(a, a+"-1", 1500, PaymentChecking), moved(a+"-1", PaymentReversed),
			cash(a, a+"-2", 1500), moved(a+"-1", PaymentPaid), saleMoved(a, KindSaleDone))},
		{"refund of a payment not paid", RefuseTransition, with(started(a, a+"-1", 100, PaymentWaiting), refund(a+"-1", "R1", 100, RefundChecking))},
		{"refund of no payment", RefuseNoPayment, []Draft{refund("nobody", "R1", 100, RefundChecking)}},
		{"refund too much", RefuseRefundAmount, after(paidOnce, refund(a+"-1", "R1", 1501, RefundChecking))},
		{"refunds together too much", RefuseRefundAmount, after(paidOnce, refund(a+"-1", "R1", 1000, RefundChecking), refund(a+"-1", "R2", 501, RefundChecking))},
		{"refund after a refused one", "", after(paidOnce, refund(a+"-1", "R1", 1500, RefundChecking), refundMoved("R1", RefundRefused), refund(a+"-1", "R2", 1500, RefundChecking))},
		{"an abnormal refund still counts", RefuseRefundAmount, after(paidOnce, refund(a+"-1", "R1", 1500, RefundChecking), refundMoved("R1", RefundAbnormal), refund(a+"-1", "R2", 1, RefundChecking))},
		{"a refund number used before", RefuseOrderUsed, after(paidOnce, refund(a+"-1", "R1", 100, RefundChecking), sameNumber)},
		{"refund of nothing", RefuseRefundAmount, after(paidOnce, refund(a+"-1", "R1", 0, RefundChecking))},
		{"movement of no refund", RefuseNoRefund, []Draft{refundMoved("R9", RefundDone)}},
		{"two shifts at once", RefuseShiftOpen, []Draft{shiftOpened(1, 0), shiftOpened(2, 0)}},
		{"a shift number skipped", RefuseNumber, []Draft{shiftOpened(2, 0)}},
		{"cash without a shift", RefuseNoShift, []Draft{{Kind: KindShiftCash, Payload: ShiftCash{Amount: fen(1), Reason: "change"}}}},
		{"no cash moved", RefuseAmount, []Draft{shiftOpened(1, 0), {Kind: KindShiftCash, Payload: ShiftCash{Reason: "change"}}}},
		{"a shift closed by hand", RefuseEntry, []Draft{shiftOpened(1, 0), {Kind: KindShiftClosed, Payload: ShiftClosed{Shift: "S000001"}}}},
		{"a receipt twice", RefuseExists, []Draft{{Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j"}}, {Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j"}}}},
		{"an unknown receipt printed", RefuseNoJob, []Draft{{Kind: KindReceiptPrinted, Payload: ReceiptPrinted{Job: "j", Result: "printed"}}}},
		{"a payload of another kind", RefuseEntry, []Draft{{Kind: KindSaleHeld, Sale: a, Payload: Note{}}}},
		{"an unknown kind", RefuseEntry, []Draft{{Kind: "sale.dreamt", Payload: Note{}}}},
		{"text that is no UTF-8", RefuseEntry, []Draft{{Kind: KindNote, Operator: "\xff", Payload: Note{}}}},
		{"nothing at all", RefuseEntry, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			apart, whole := newShop(t), newShop(t)
			for i, d := range c.story {
				want := ""
				if i == len(c.story)-1 {
					want = c.want
				}
				if got := code(apart.try(d)); got != want {
					t.Fatalf("step %d, %s: %q, want %q", i+1, d.Kind, got, want)
				}
			}
			// The same in one batch: taken whole, or refused whole.
			before := whole.l.Head()
			if got := code(whole.try(c.story...)); got != c.want {
				t.Fatalf("as one batch: %q, want %q", got, c.want)
			}
			if c.want != "" && whole.l.Head() != before {
				t.Error("something of the refused batch was written")
			}
			apart.sound()
			whole.sound()
		})
	}
}

// sound checks that the book verifies.
func (s *shop) sound() {
	s.t.Helper()
	v, err := Verify(s.t.Context(), s.opt)
	if err != nil || !v.OK {
		s.t.Fatalf("verify: %+v, %v", v, err)
	}
}
