package ledger

import (
	"errors"
	"fmt"
	"slices"
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

// story is a row of drafts whose last must be refused with a code, or taken
// when it is empty.
type story struct {
	name  string
	want  string
	steps []Draft
}

const saleA, saleB = "20261121-9001", "20261121-9002"

// rung is a sale of two lines, and more.
func rung(more ...Draft) []Draft {
	return append([]Draft{opened(saleA), line(saleA, 1, 1000), line(saleA, 2, 500)}, more...)
}

// paidUp is that sale paid in full, and more.
func paidUp(more ...Draft) []Draft {
	return rung(append([]Draft{started(saleA, saleA+"-1", 1500, PaymentChecking), moved(saleA+"-1", PaymentPaid)}, more...)...)
}

func forced() Draft {
	return Draft{Kind: KindPaymentMoved, Approver: "2001", Payload: PaymentMoved{Payment: saleA + "-1", State: PaymentChecking, Forced: true}}
}

// but is a draft with its payload changed.
func but[T any](d Draft, change func(*T)) Draft {
	payload := d.Payload.(T)
	change(&payload)
	d.Payload = payload
	return d
}

func lineStories() []story {
	discount := func(no int, n int64) Draft {
		return Draft{Kind: KindDiscounted, Sale: saleA, Payload: Discounted{No: no, Amount: fen(n), Reason: "dented"}}
	}
	remove := func(no int) Draft {
		return Draft{Kind: KindLineRemoved, Sale: saleA, Payload: LineRemoved{No: no, Amount: fen(1)}}
	}
	change := func(no int, q Quantity, n int64) Draft {
		return Draft{Kind: KindLineChanged, Sale: saleA, Payload: LineChanged{No: no, Quantity: q, Price: fen(500), Amount: fen(n)}}
	}
	dollars := but(line(saleA, 3, 100), func(p *LineAdded) { p.Line.Price, p.Line.Amount = money.New(1, "USD"), money.New(1, "USD") })
	return []story{
		{"a sale opened twice", RefuseExists, rung(opened(saleA))},
		{"a sale without identity", RefuseNoSale, []Draft{opened("")}},
		{"a line on no sale", RefuseNoSale, []Draft{line(saleA, 1, 1)}},
		{"a line number skipped", RefuseLine, rung(line(saleA, 4, 100))},
		{"a line number used twice", RefuseLine, rung(line(saleA, 2, 100))},
		{"another currency", RefuseCurrency, rung(dollars)},
		{"a negative line", RefuseAmount, rung(line(saleA, 3, -100))},
		{"quantity nothing", RefuseLine, rung(change(2, 0, 0))},
		{"quantity changed", "", rung(change(2, 2*One, 1000))},
		{"change of a removed line", RefuseLine, rung(remove(2), change(2, One, 500))},
		{"a line removed twice", RefuseLine, rung(remove(2), remove(2))},
		{"discount above the line", RefuseAmount, rung(discount(2, 501))},
		{"discount above the total", RefuseAmount, rung(discount(0, 1501))},
		{"discount that removal leaves above the total", RefuseAmount, rung(discount(0, 1000), remove(1))},
		{"goods given away", "", rung(discount(0, 1500), nothing(saleA, "cash"), saleMoved(saleA, KindSaleDone))},
		{"nothing by another way than cash", RefuseAmount, rung(discount(0, 1500), nothing(saleA, "wechat"))},
		{"nothing in cash where something is due", RefuseAmount, rung(nothing(saleA, "cash"))},
		{"discount of nothing takes it back", "", rung(discount(0, 100), discount(0, 0))},
		{"a line on a held sale", RefuseSaleState, rung(saleMoved(saleA, KindSaleHeld), line(saleA, 3, 100))},
		{"payment on a held sale", RefuseSaleState, rung(saleMoved(saleA, KindSaleHeld), started(saleA, saleA+"-1", 1500, PaymentWaiting))},
		{"recalled", "", rung(saleMoved(saleA, KindSaleHeld), saleMoved(saleA, KindSaleRecalled), line(saleA, 3, 100))},
		{"held twice", RefuseSaleState, rung(saleMoved(saleA, KindSaleHeld), saleMoved(saleA, KindSaleHeld))},
		{"recalled though open", RefuseSaleState, rung(saleMoved(saleA, KindSaleRecalled))},
		{"less than was paid", RefuseSalePaid, paidUp(remove(2))},
	}
}

func attemptStories() []story {
	short := but(cash(saleA, saleA+"-1", 1500), func(p *PaymentStarted) { p.Change = fen(501) })
	reused := but(started(saleB, saleB+"-1", 100, PaymentWaiting), func(p *PaymentStarted) { p.Order = "O" + saleA + "-1" })
	foreign := but(started(saleA, saleA+"-1", 100, PaymentWaiting), func(p *PaymentStarted) { p.Order = minted(saleA + "-2") })
	return []story{
		{"an order number of another payment", RefuseEntry, rung(foreign)},
		{"a line while an attempt is open", RefusePaymentOpen, rung(started(saleA, saleA+"-1", 100, PaymentWaiting), line(saleA, 3, 1))},
		{"a line while a forced attempt is open", "", rung(started(saleA, saleA+"-1", 100, PaymentWaiting), forced(), line(saleA, 3, 1))},
		{"a second attempt", RefusePaymentOpen, rung(started(saleA, saleA+"-1", 100, PaymentWaiting), started(saleA, saleA+"-2", 100, PaymentWaiting))},
		{"a second attempt, forced", "", rung(started(saleA, saleA+"-1", 100, PaymentWaiting), forced(), started(saleA, saleA+"-2", 100, PaymentWaiting))},
		{"a third beside a forced one", RefusePaymentOpen, rung(started(saleA, saleA+"-1", 100, PaymentWaiting), forced(),
			started(saleA, saleA+"-2", 100, PaymentWaiting), started(saleA, saleA+"-3", 100, PaymentWaiting))},
		{"a second attempt after a declined one", "", rung(started(saleA, saleA+"-1", 100, PaymentWaiting), moved(saleA+"-1", PaymentDeclined),
			started(saleA, saleA+"-2", 100, PaymentWaiting))},
		{"more than is due", RefuseAmount, rung(started(saleA, saleA+"-1", 1501, PaymentWaiting))},
		{"nothing to pay", RefuseAmount, rung(started(saleA, saleA+"-1", 0, PaymentWaiting))},
		{"a payment begun as declined", RefuseTransition, rung(started(saleA, saleA+"-1", 100, PaymentDeclined))},
		{"wrong change", RefuseAmount, rung(short)},
		{"an order number used before", RefuseOrderUsed, rung(started(saleA, saleA+"-1", 100, PaymentWaiting), opened(saleB), line(saleB, 1, 100), reused)},
		{"a payment used before", RefuseExists, paidUp(line(saleA, 3, 5), started(saleA, saleA+"-1", 5, PaymentWaiting))},
		{"payment of no sale", RefuseNoSale, []Draft{started(saleA, saleA+"-1", 100, PaymentWaiting)}},
		{"movement of no payment", RefuseNoPayment, []Draft{moved("nobody", PaymentPaid)}},
		{"movement under another sale", RefuseEntry, rung(started(saleA, saleA+"-1", 100, PaymentWaiting),
			Draft{Kind: KindPaymentMoved, Sale: saleB, Payload: PaymentMoved{Payment: saleA + "-1", State: PaymentPaid}})},
	}
}

func endingStories() []story {
	return []story{
		{"done though due", RefuseDue, rung(saleMoved(saleA, KindSaleDone))},
		{"done while an attempt is open", RefusePaymentOpen, rung(started(saleA, saleA+"-1", 1500, PaymentWaiting), saleMoved(saleA, KindSaleDone))},
		{"done without a line", RefuseSaleEmpty, []Draft{opened(saleA), saleMoved(saleA, KindSaleDone)}},
		{"done", "", paidUp(saleMoved(saleA, KindSaleDone))},
		{"done while held", "", paidUp(saleMoved(saleA, KindSaleHeld), saleMoved(saleA, KindSaleDone))},
		{"done twice", RefuseSaleState, paidUp(saleMoved(saleA, KindSaleDone), saleMoved(saleA, KindSaleDone))},
		{"a line after done", RefuseSaleState, paidUp(saleMoved(saleA, KindSaleDone), line(saleA, 3, 1))},
		{"void after done", RefuseSaleState, paidUp(saleMoved(saleA, KindSaleDone), saleMoved(saleA, KindSaleVoided))},
		{"void with money on it", RefuseSalePaid, paidUp(saleMoved(saleA, KindSaleVoided))},
		{"void after the refund", "", paidUp(refund(saleA+"-1", "R1", 1500, RefundDone), saleMoved(saleA, KindSaleVoided))},
		{"void in the air", RefusePaymentOpen, rung(started(saleA, saleA+"-1", 100, PaymentWaiting), saleMoved(saleA, KindSaleVoided))},
		{"void with a forced attempt in the air", RefusePaymentOpen, rung(started(saleA, saleA+"-1", 100, PaymentWaiting), forced(), saleMoved(saleA, KindSaleVoided))},
		{"void", "", rung(saleMoved(saleA, KindSaleVoided))},
		{"done again due after a refund", RefuseDue, paidUp(refund(saleA+"-1", "R1", 1500, RefundDone), saleMoved(saleA, KindSaleDone))},
		{"paid anew after a refund", "", paidUp(refund(saleA+"-1", "R1", 1500, RefundDone), cash(saleA, saleA+"-2", 1500), saleMoved(saleA, KindSaleDone))},
		{"late success of a void sale", "", rung(started(saleA, saleA+"-1", 1500, PaymentChecking), moved(saleA+"-1", PaymentReversed), saleMoved(saleA, KindSaleVoided), moved(saleA+"-1", PaymentPaid), refund(saleA+"-1", "R1", 1500, RefundChecking))},
		{"done with a late success too much", "", rung(started(saleA, saleA+"-1", 1500, PaymentChecking), moved(saleA+"-1", PaymentReversed),
			cash(saleA, saleA+"-2", 1500), moved(saleA+"-1", PaymentPaid), saleMoved(saleA, KindSaleDone))},
	}
}

func refundStories() []story {
	reused := but(refund(saleA+"-1", "R2", 100, RefundChecking), func(p *RefundStarted) { p.Number = "NR1" })
	return []story{
		{"refund of a payment not paid", RefuseTransition, rung(started(saleA, saleA+"-1", 100, PaymentWaiting), refund(saleA+"-1", "R1", 100, RefundChecking))},
		{"refund of no payment", RefuseNoPayment, []Draft{refund("nobody", "R1", 100, RefundChecking)}},
		{"refund too much", RefuseRefundAmount, paidUp(refund(saleA+"-1", "R1", 1501, RefundChecking))},
		{"refunds together too much", RefuseRefundAmount, paidUp(refund(saleA+"-1", "R1", 1000, RefundChecking), refund(saleA+"-1", "R2", 501, RefundChecking))},
		{"refund after a refused one", "", paidUp(refund(saleA+"-1", "R1", 1500, RefundChecking), refundMoved("R1", RefundRefused), refund(saleA+"-1", "R2", 1500, RefundChecking))},
		{"an abnormal refund still counts", RefuseRefundAmount, paidUp(refund(saleA+"-1", "R1", 1500, RefundChecking), refundMoved("R1", RefundAbnormal), refund(saleA+"-1", "R2", 1, RefundChecking))},
		{"a refund number used before", RefuseOrderUsed, paidUp(refund(saleA+"-1", "R1", 100, RefundChecking), reused)},
		{"refund of nothing", RefuseRefundAmount, paidUp(refund(saleA+"-1", "R1", 0, RefundChecking))},
		{"movement of no refund", RefuseNoRefund, []Draft{refundMoved("R9", RefundDone)}},
	}
}

func otherStories() []story {
	return []story{
		{"two shifts at once", RefuseShiftOpen, []Draft{shiftOpened(1, 0), shiftOpened(2, 0)}},
		{"a shift number skipped", RefuseNumber, []Draft{shiftOpened(2, 0)}},
		{"cash without a shift", RefuseNoShift, []Draft{{Kind: KindShiftCash, Payload: ShiftCash{Amount: fen(1), Reason: "change"}}}},
		{"no cash moved", RefuseAmount, []Draft{shiftOpened(1, 0), {Kind: KindShiftCash, Payload: ShiftCash{Reason: "change"}}}},
		{"a shift closed by hand", RefuseEntry, []Draft{shiftOpened(1, 0), {Kind: KindShiftClosed, Payload: ShiftClosed{Shift: "S000001"}}}},
		{"a receipt twice", RefuseExists, []Draft{{Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j"}}, {Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j"}}}},
		{"a receipt sent twice", RefuseExists, []Draft{{Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j"}}, {Kind: KindReceiptBegun, Payload: ReceiptBegun{Job: "j"}}, {Kind: KindReceiptBegun, Payload: ReceiptBegun{Job: "j"}}}},
		{"a receipt sent after its end", RefuseExists, []Draft{{Kind: KindReceiptQueued, Payload: ReceiptQueued{Job: "j"}}, {Kind: KindReceiptPrinted, Payload: ReceiptPrinted{Job: "j", Result: "failed"}}, {Kind: KindReceiptBegun, Payload: ReceiptBegun{Job: "j"}}}},
		{"an unknown receipt sent", RefuseNoJob, []Draft{{Kind: KindReceiptBegun, Payload: ReceiptBegun{Job: "j"}}}},
		{"an unknown receipt printed", RefuseNoJob, []Draft{{Kind: KindReceiptPrinted, Payload: ReceiptPrinted{Job: "j", Result: "printed"}}}},
		{"a payload of another kind", RefuseEntry, []Draft{{Kind: KindSaleHeld, Sale: saleA, Payload: Note{}}}},
		{"an unknown kind", RefuseEntry, []Draft{{Kind: "sale.dreamt", Payload: Note{}}}},
		{"text that is no UTF-8", RefuseEntry, []Draft{{Kind: KindNote, Operator: "\xff", Payload: Note{}}}},
		{"nothing at all", RefuseEntry, nil},
	}
}

func TestLaw(t *testing.T) {
	for _, c := range slices.Concat(lineStories(), attemptStories(), endingStories(), refundStories(), owedStories(), otherStories()) {
		t.Run(c.name, func(t *testing.T) {
			apart, whole := newShop(t), newShop(t)
			for i, d := range c.steps {
				want := ""
				if i == len(c.steps)-1 {
					want = c.want
				}
				if got := code(apart.try(d)); got != want {
					t.Fatalf("step %d, %s: %q, want %q", i+1, d.Kind, got, want)
				}
			}
			// The same in one batch: taken whole, or refused whole.
			before := whole.l.Head()
			if got := code(whole.try(c.steps...)); got != c.want {
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
