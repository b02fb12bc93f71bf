package ledger

import (
	"slices"
	"strings"

	"abacus/internal/money"
)

// books is the state the fold works on: every projection, and the little that
// is known besides. One fold serves Append, Rebuild and Verify, so what was
// kept while selling and what the journal gives cannot differ by design.
type books struct {
	currency money.Currency

	sales    *drawer[Sale]
	payments *drawer[Payment]
	refunds  *drawer[Refund]
	shifts   *drawer[Shift]
	reports  *drawer[Report] // stored Zs, by number
	tallies  *drawer[tally]
	receipts *drawer[receipt]
	prepaid  *drawer[Prepaid]
	moves    *drawer[PrepaidMove] // of prepaid cards, by the number of their entry
	holds    *drawer[Hold]

	desk desk
	kept desk // what desk was when the last batch was accepted
	all  *grandTotal
}

// desk is what the fold knows besides the objects.
type desk struct {
	shift       string // the open one
	closing     string // closed, its Z must follow
	shiftNumber int64  // the last one
	z           int64  // the last one
	days        []string
}

// grandTotal is the sum of all time. It is kept in memory only while replaying
// a journal; a selling till sums the tallies when a report asks.
type grandTotal struct{ gross, refunds, prepaid money.Amount }

func newBooks(c money.Currency, s *shelf) *books {
	return &books{
		currency: c,
		sales: newDrawer(s.sale, func(x *Sale) bool { return x.State == SaleOpen || x.State == SaleHeld }, func(x Sale) Sale {
			x.Lines, x.Payments = slices.Clone(x.Lines), slices.Clone(x.Payments)
			return x
		}),
		payments: newDrawer(s.payment, func(x *Payment) bool { return !x.State.Final() || x.Watch }, func(x Payment) Payment {
			x.Refunds = slices.Clone(x.Refunds)
			return x
		}),
		refunds:  newDrawer(s.refund, func(x *Refund) bool { return x.Open() }, same[Refund]),
		shifts:   newDrawer(s.shift, func(x *Shift) bool { return x.ClosedAt.IsZero() }, same[Shift]),
		reports:  newDrawer(s.report, func(*Report) bool { return false }, same[Report]),
		tallies:  newDrawer(s.tally, func(*tally) bool { return false }, tally.clone),
		receipts: newDrawer(s.receipt, func(x *receipt) bool { return x.Result == "" }, same[receipt]),
		prepaid:  newDrawer(s.prepaidCard, func(*Prepaid) bool { return false }, same[Prepaid]),
		moves:    newDrawer(s.prepaidMove, func(*PrepaidMove) bool { return false }, same[PrepaidMove]),
		holds:    newDrawer(s.hold, func(x *Hold) bool { return x.State.Open() || x.Watch }, same[Hold]),
	}
}

func same[T any](x T) T { return x }

func (b *books) accept() {
	b.sales.accept()
	b.payments.accept()
	b.refunds.accept()
	b.shifts.accept()
	b.reports.accept()
	b.tallies.accept()
	b.receipts.accept()
	b.prepaid.accept()
	b.moves.accept()
	b.holds.accept()
	b.kept = b.desk
}

func (b *books) discard() {
	b.sales.discard()
	b.payments.discard()
	b.refunds.discard()
	b.shifts.discard()
	b.reports.discard()
	b.tallies.discard()
	b.receipts.discard()
	b.prepaid.discard()
	b.moves.discard()
	b.holds.discard()
	b.desk = b.kept
}

// zero is nothing, in the book's currency.
func (b *books) zero() money.Amount { return money.New(0, b.currency) }

// accepts checks that an amount can stand in this book.
func (b *books) accepts(object string, amounts ...money.Amount) error {
	for _, a := range amounts {
		if !a.Valid() {
			return refuse(RefuseAmount, object, "an amount out of range")
		}
		if a.Currency() != b.currency && !(a.IsZero() && a.Currency() == "") {
			return refuse(RefuseCurrency, object, "%s in a book of %s", a.Currency(), b.currency)
		}
	}
	return nil
}

// final reports whether a refund has come to its end.
func (s RefundState) final() bool { return s == RefundDone || s == RefundRefused }

// receipt is the projection of one receipt job.
type receipt struct {
	Queued ReceiptQueued `json:"queued"`
	Sale   string        `json:"sale,omitempty"`
	Begun  bool          `json:"begun,omitempty"`
	Result string        `json:"result,omitempty"`
	Detail string        `json:"detail,omitempty"`
}

// tally is what happened on one business day in one shift. Shift is empty for
// what happened while none was open.
type tally struct {
	Day       string        `json:"day"`
	Shift     string        `json:"shift,omitempty"`
	Sales     int           `json:"sales"`
	Voided    int           `json:"voided"`
	Removed   int           `json:"removed"`
	Gross     money.Amount  `json:"gross"`
	Refunds   money.Amount  `json:"refunds"`
	Discounts money.Amount  `json:"discounts"`
	Channels  []Total       `json:"channels"`  // by name
	Operators []Total       `json:"operators"` // by name
	Drawer    int           `json:"drawer"`
	Copies    int           `json:"copies"`
	Prepaid   PrepaidTotals `json:"prepaid,omitzero"`
}

func (t tally) clone() tally {
	t.Channels, t.Operators = slices.Clone(t.Channels), slices.Clone(t.Operators)
	return t
}

func tallyID(day, shift string) string { return day + "/" + shift }

// tally is today's in the shift of the entry, to be changed.
func (b *books) tally(e *Entry) (*tally, error) {
	id := tallyID(e.Day, e.Shift)
	t, err := b.tallies.edit(id)
	if t != nil || err != nil {
		return t, err
	}
	if e.Shift != "" && e.Shift == b.desk.shift {
		b.desk.days = append(slices.Clip(b.desk.days), e.Day)
	}
	zero := b.zero()
	return b.tallies.add(id, e.Number, tally{Day: e.Day, Shift: e.Shift, Gross: zero, Refunds: zero, Discounts: zero}), nil
}

// took books money that has become certain.
func (b *books) took(e *Entry, channel, operator string, amount money.Amount) error {
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Gross = t.Gross.Add(amount)
	for _, row := range [...]*Total{totalOf(&t.Channels, channel, b.zero()), totalOf(&t.Operators, operator, b.zero())} {
		row.Count++
		row.Amount = row.Amount.Add(amount)
	}
	if b.all != nil {
		b.all.gross = b.all.gross.Add(amount)
	}
	return nil
}

// gaveBack books a refund that has become certain.
func (b *books) gaveBack(e *Entry, channel, operator string, amount money.Amount) error {
	t, err := b.tally(e)
	if err != nil {
		return err
	}
	t.Refunds = t.Refunds.Add(amount)
	for _, row := range [...]*Total{totalOf(&t.Channels, channel, b.zero()), totalOf(&t.Operators, operator, b.zero())} {
		row.RefundCount++
		row.Refunds = row.Refunds.Add(amount)
	}
	if b.all != nil {
		b.all.refunds = b.all.refunds.Add(amount)
	}
	return nil
}

// totalOf finds the row of a name, put in by name if it is new.
func totalOf(rows *[]Total, name string, zero money.Amount) *Total {
	i, found := slices.BinarySearchFunc(*rows, name, func(t Total, name string) int { return strings.Compare(t.Name, name) })
	if !found {
		*rows = slices.Insert(*rows, i, Total{Name: name, Amount: zero, Refunds: zero})
	}
	return &(*rows)[i]
}
