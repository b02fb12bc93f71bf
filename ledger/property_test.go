package ledger

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// naive is what a shopkeeper would count with pencil and paper, from the
// drafts the ledger took.
type naive struct {
	gross, back   int64
	sales, voided int
	cash          int64
}

// clerk draws drafts, sensible and senseless ones, and counts what is taken.
type clerk struct {
	s        *shop
	sales    []string
	payments []string
	refunds  []string
	amounts  map[string]int64 // of payments and refunds
	channels map[string]string
	final    map[string]bool // payments paid, refunds done
	lines    map[string]int
	total    map[string]int64
	shift    int64            // the last one
	counts   map[int64]*naive // by shift; 0 is what happened without one
	open     int64            // the open one, 0 for none
	grand    int64
}

func (c *clerk) count() *naive {
	if c.counts[c.open] == nil {
		c.counts[c.open] = &naive{}
	}
	return c.counts[c.open]
}

func (c *clerk) draft(r *rapid.T) Draft {
	sale := "none"
	if len(c.sales) > 0 {
		sale = rapid.SampledFrom(c.sales[max(0, len(c.sales)-4):]).Draw(r, "sale")
	}
	pick := func(list []string) string {
		if len(list) == 0 {
			return "none"
		}
		return rapid.SampledFrom(list[max(0, len(list)-5):]).Draw(r, "which")
	}
	amount := int64(rapid.IntRange(1, 40).Draw(r, "amount")) * 50
	switch rapid.IntRange(0, 15).Draw(r, "what") {
	case 0, 1:
		return opened(fmt.Sprintf("20261121-%04d", len(c.sales)+1))
	case 2, 3, 4:
		return line(sale, c.lines[sale]+1, amount)
	case 5:
		return Draft{Kind: KindLineRemoved, Sale: sale, Payload: LineRemoved{No: rapid.IntRange(1, 4).Draw(r, "no"), Amount: fen(1)}}
	case 6, 7:
		id := fmt.Sprintf("%s-%d", sale, len(c.payments)+1)
		if rapid.Bool().Draw(r, "cash") {
			return cash(sale, id, max(1, c.total[sale]))
		}
		return started(sale, id, max(1, c.total[sale]), PaymentWaiting)
	case 8, 9:
		state := rapid.SampledFrom([]PaymentState{PaymentChecking, PaymentPaid, PaymentPaid, PaymentDeclined, PaymentReversed}).Draw(r, "state")
		return moved(pick(c.payments), state)
	case 10:
		return saleMoved(sale, rapid.SampledFrom([]Kind{KindSaleDone, KindSaleDone, KindSaleVoided, KindSaleHeld, KindSaleRecalled}).Draw(r, "move"))
	case 11:
		return refund(pick(c.payments), fmt.Sprintf("R%d", len(c.refunds)+1), amount, rapid.SampledFrom([]RefundState{RefundChecking, RefundDone}).Draw(r, "refund"))
	case 12:
		return refundMoved(pick(c.refunds), rapid.SampledFrom([]RefundState{RefundPending, RefundDone, RefundRefused}).Draw(r, "refund state"))
	case 13:
		return owed(pick(c.payments), fmt.Sprintf("R%d", len(c.refunds)+1), amount)
	case 14:
		return instead(pick(c.refunds), "out of the drawer")
	}
	return shiftOpened(c.shift+1, 100)
}

// taken counts a draft the ledger took.
func (c *clerk) taken(d Draft) {
	switch p := d.Payload.(type) {
	case SaleOpened:
		c.sales = append(c.sales, d.Sale)
	case LineAdded:
		c.lines[d.Sale]++
		c.total[d.Sale] += p.Line.Amount.Minor()
	case PaymentStarted:
		c.payments = append(c.payments, p.Payment)
		c.amounts[p.Payment], c.channels[p.Payment] = p.Amount.Minor(), p.Channel
		if p.State == PaymentPaid {
			c.paid(p.Payment)
		}
	case PaymentMoved:
		if p.State == PaymentPaid && !c.final[p.Payment] {
			c.paid(p.Payment)
		}
	case RefundStarted:
		c.refunds = append(c.refunds, p.Refund)
		c.amounts[p.Refund] = p.Amount.Minor()
		if p.State == RefundDone {
			c.done(p.Refund)
		}
	case RefundMoved:
		if p.State == RefundDone && !c.final[p.Refund] {
			c.done(p.Refund)
		}
	case SaleMoved:
		switch d.Kind {
		case KindSaleDone:
			c.count().sales++
		case KindSaleVoided:
			c.count().voided++
		}
	case ShiftOpened:
		c.shift, c.open = p.Number, p.Number
	}
}

func (c *clerk) paid(id string) {
	c.final[id] = true
	c.grand += c.amounts[id]
	c.count().gross += c.amounts[id]
	if c.channels[id] == "cash" {
		c.count().cash += c.amounts[id]
	}
}

func (c *clerk) done(id string) {
	c.final[id] = true
	c.count().back += c.amounts[id]
}

// TestBooksAgree lets random batches, legal or not, act on the book, closes
// shifts and restarts in between, and holds at the end: the totals are those of
// a naive count, a rebuild gives what was kept, and the book verifies.
func TestBooksAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newShop(t)
		defer s.l.Close()
		s.careless()
		c := &clerk{s: s, amounts: map[string]int64{}, channels: map[string]string{}, final: map[string]bool{},
			lines: map[string]int{}, total: map[string]int64{}, counts: map[int64]*naive{}}
		for range rapid.IntRange(20, 120).Draw(r, "steps") {
			switch rapid.IntRange(0, 40).Draw(r, "event") {
			case 0:
				s.reopen()
				s.careless()
			case 1:
				if c.open != 0 {
					c.agrees(r, s.z(0))
					c.open = 0
				}
			default:
				batch := []Draft{c.draft(r)}
				if rapid.IntRange(0, 4).Draw(r, "more") == 0 {
					batch = append(batch, c.draft(r))
				}
				if s.try(batch...) == nil {
					for _, d := range batch {
						c.taken(d)
					}
				}
			}
		}
		c.agrees(r, s.x())
		v, err := Verify(t.Context(), s.opt)
		if err != nil || !v.OK {
			r.Fatalf("verify: %+v, %v", v, err)
		}
		if found, err := s.l.Rebuild(t.Context()); err != nil || len(found) != 0 {
			r.Fatalf("rebuild: %q, %v", found, err)
		}
		c.lawful(r)
	})
}

func (c *clerk) agrees(r *rapid.T, report Report) {
	got := naive{report.Gross.Minor(), report.Refunds.Minor(), report.Sales, report.Voided, report.Cash.Sales.Minor()}
	if got != *c.count() || report.GrandTotal.Minor() != c.grand {
		r.Fatalf("%s: %+v of all time %s, counted by hand %+v of all time %d", report.Kind, got, report.GrandTotal, *c.count(), c.grand)
	}
}

// lawful looks at every object for what must never be.
func (c *clerk) lawful(r *rapid.T) {
	ctx := c.s.t.Context()
	orders := []string{}
	payments, err := c.s.l.Payments(ctx, "", MaxList)
	if err != nil {
		r.Fatal(err)
	}
	for _, pay := range payments {
		orders = append(orders, pay.Order)
		if pay.Amount.Less(pay.Refunded) || pay.Refunded.Negative() || pay.State != PaymentPaid && !pay.Refunded.IsZero() {
			r.Fatalf("refunded more than paid: %+v", pay)
		}
	}
	slices.Sort(orders)
	if len(slices.Compact(orders)) != len(payments) {
		r.Fatal("an order number was used twice")
	}
	sales, err := c.s.l.Sales(ctx, MaxList)
	if err != nil {
		r.Fatal(err)
	}
	for _, sale := range sales {
		c.owes(r, sale)
		if sale.Total.Negative() || sale.State == SaleDone && (sale.ClosedAt.IsZero() || len(sale.Payments) == 0) {
			r.Fatalf("impossible sale %+v", sale)
		}
	}
}

// owes: of one payment at most one refund waits for its money to go back, and
// the list of sales that hold too much is what the sales say.
func (c *clerk) owes(r *rapid.T, sale Sale) {
	ctx := c.s.t.Context()
	for _, id := range sale.Payments {
		pay, err := c.s.l.Payment(ctx, id)
		if err != nil {
			r.Fatal(err)
		}
		waiting := 0
		for _, id := range pay.Refunds {
			back, err := c.s.l.Refund(ctx, id)
			if err != nil {
				r.Fatal(err)
			}
			if back.Owed && back.Open() {
				waiting++
			}
		}
		if waiting > 1 {
			r.Fatalf("%d refunds wait for the money of %s", waiting, pay.ID)
		}
	}
	over, err := c.s.l.Overpaid(ctx)
	if err != nil {
		r.Fatal(err)
	}
	listed := slices.ContainsFunc(over, func(s Sale) bool { return s.ID == sale.ID })
	if listed != sale.Surplus().Positive() {
		r.Fatalf("holds %s too much, listed: %v: %+v", sale.Surplus(), listed, sale)
	}
}
