package till

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"abacus/internal/money"
	"abacus/ledger"
	"abacus/scanner"
)

// sequence counts the day's sales.
type sequence struct {
	day  string
	last int
}

// Limits of one line, against slips of the finger.
const (
	mostQuantity = 99_999 * ledger.One
	mostLines    = 500
	longestText  = 64

	// Of one sale, float or count. A report adds up a shift and all time, and one
	// that cannot be written would never let the shift be closed.
	mostMoney = money.Limit / 100
)

// countable refuses more than mostMoney, either way.
func (t *Till) countable(a money.Amount) error {
	if most := money.New(mostMoney, t.set.Currency); most.Less(a) || most.Less(a.Neg()) {
		return fault(FaultTooMuch, most)
	}
	return nil
}

func (t *Till) sale(ctx context.Context, id string) (ledger.Sale, error) {
	if id == "" {
		id = t.front
	}
	s, ok, err := found(t.parts.Books.Sale(ctx, id))
	if err != nil {
		return s, t.bookFault(err)
	}
	if !ok {
		return s, fault(FaultNoSale, clip(id))
	}
	return s, nil
}

// reasoned reports whether a reason says anything, and fits where it is written.
func reasoned(reason string) bool {
	return strings.TrimSpace(reason) != "" && len([]rune(reason)) <= longestText
}

func clip(s string) string {
	if scanner.IsStripe(s) {
		return "…"
	}
	if r := []rune(s); len(r) > longestText {
		return string(r[:longestText]) + "…"
	}
	return s
}

// openSale starts a sale and puts it in front; what was in front stays in the
// book, and in the list of held sales if it is not finished.
func (t *Till) openSale(ctx context.Context, c SaleOpen, s stamp) (ledger.Sale, error) {
	if len([]rune(c.Reference)) > longestText {
		return ledger.Sale{}, fault(FaultBadInput, "reference")
	}
	if err := t.room(); err != nil {
		return ledger.Sale{}, err
	}
	drafts, err := t.openingDrafts(ctx, c.Reference)
	if err != nil {
		return ledger.Sale{}, err
	}
	return t.record(ctx, t.front, s, drafts...)
}

// openingDrafts mint the next sale number and put the sale in front. An abandoned
// one is given up before.
func (t *Till) openingDrafts(ctx context.Context, reference string) ([]ledger.Draft, error) {
	if err := t.onShift(); err != nil {
		return nil, err
	}
	day := t.set.Day(t.now())
	if t.saleSeq.day != day {
		last, err := t.parts.Books.LastSaleNumber(ctx, day)
		if err != nil {
			return nil, t.bookFault(err)
		}
		t.saleSeq = sequence{day, last}
	}
	t.saleSeq.last++
	id := fmt.Sprintf("%s-%04d", compact(day), t.saleSeq.last)
	emptied := t.givesUpEmpty(ctx)
	t.putInFront(id)
	return append(emptied, t.draft(ledger.KindSaleOpened, id, ledger.SaleOpened{Reference: reference, Currency: t.set.Currency})), nil
}

// compact is a business day without its hyphens.
func compact(day string) string {
	out := make([]byte, 0, len(day))
	for i := range len(day) {
		if day[i] != '-' {
			out = append(out, day[i])
		}
	}
	return string(out)
}

func (t *Till) putInFront(sale string) {
	t.front, t.lastEnd = sale, ""
	clear(t.lastSeen)
}

// record writes entries of one sale and reads the sale back.
func (t *Till) record(ctx context.Context, sale string, s stamp, drafts ...ledger.Draft) (ledger.Sale, error) {
	if _, err := t.write(s.batch(sale, drafts...)); err != nil {
		t.saleSeq = sequence{} // counted anew from the book
		if t.front == sale {
			if _, ok, _ := found(t.parts.Books.Sale(ctx, sale)); !ok {
				t.front = ""
			}
		}
		return ledger.Sale{}, err
	}
	return t.sale(ctx, sale)
}

// changeable is the sale to work on: named or in front, open, and with no
// attempt in the air.
func (t *Till) changeable(ctx context.Context, id string) (ledger.Sale, error) {
	s, err := t.sale(ctx, id)
	if err != nil {
		return s, err
	}
	if s.State != ledger.SaleOpen {
		return s, fault(FaultSaleClosed, s.ID, string(s.State))
	}
	return s, t.nothingOpen(ctx, s)
}

// nothingOpen refuses what an attempt in the air forbids, unless a manager has
// let the sale go past exactly that attempt.
func (t *Till) nothingOpen(ctx context.Context, s ledger.Sale) error {
	if s.Open == "" {
		return nil
	}
	p, err := t.payment(ctx, s.Open)
	if err == nil && !p.Forced {
		err = fault(FaultPaymentOpen, s.Open)
	}
	return err
}

// forAdding is the sale a scan or an entry goes to: the one named, the one in
// front, or a new one when the front is empty or finished.
func (t *Till) forAdding(ctx context.Context, id string) (ledger.Sale, []ledger.Draft, error) {
	if id == "" && t.addsAnew(ctx) {
		if err := t.room(); err != nil {
			return ledger.Sale{}, nil, err
		}
		drafts, err := t.openingDrafts(ctx, "")
		if err != nil {
			return ledger.Sale{}, nil, err
		}
		return ledger.Sale{ID: t.front, State: ledger.SaleOpen, Currency: t.set.Currency, Total: t.zero(), Paid: t.zero()}, drafts, nil
	}
	s, err := t.changeable(ctx, id)
	return s, nil, err
}

// frontFree reports whether nothing unfinished is in front.
func (t *Till) frontFree(ctx context.Context) bool {
	if t.front == "" {
		return true
	}
	s, ok, err := found(t.parts.Books.Sale(ctx, t.front))
	return err == nil && (!ok || s.State == ledger.SaleDone || s.State == ledger.SaleVoid)
}

// addsAnew reports whether goods that name no sale begin one.
func (t *Till) addsAnew(ctx context.Context) bool {
	if t.frontFree(ctx) {
		return true
	}
	s, err := t.sale(ctx, t.front)
	return err == nil && abandoned(s)
}

// abandoned reports whether a customer has begun to pay for a sale that has no
// goods any more and keeps nothing. Money may still come for it, or its tender's
// way back be refused: goods that are put on it now would be paid with that.
func abandoned(s ledger.Sale) bool {
	return len(s.Payments) > 0 && !hasGoods(&s) && !s.Refunded.Less(s.Paid)
}

// givesUpEmpty gives an abandoned sale in front up, before another takes its
// place. One with an attempt in the air stays open until that has ended.
func (t *Till) givesUpEmpty(ctx context.Context) []ledger.Draft {
	s, ok, err := found(t.parts.Books.Sale(ctx, t.front))
	if err != nil || !ok || s.State != ledger.SaleOpen || !abandoned(s) || s.Open != "" {
		return nil
	}
	return []ledger.Draft{t.draft(ledger.KindSaleVoided, s.ID, ledger.SaleMoved{})}
}

func (t *Till) holdSale(ctx context.Context, c SaleHold, st stamp) (ledger.Sale, error) {
	s, err := t.changeable(ctx, c.Sale)
	if err != nil {
		return s, err
	}
	if len(s.Lines) == 0 {
		return s, fault(FaultSaleEmpty)
	}
	held, err := t.record(ctx, s.ID, st, t.draft(ledger.KindSaleHeld, s.ID, ledger.SaleMoved{}))
	if err == nil && t.front == s.ID {
		t.putInFront("")
	}
	return held, err
}

// recallSale brings a held sale, or one left open behind the front, back.
func (t *Till) recallSale(ctx context.Context, c SaleRecall, st stamp) (ledger.Sale, error) {
	if !t.frontFree(ctx) {
		if s, err := t.sale(ctx, t.front); err == nil && s.Open == "" && hasGoods(&s) && s.ID != c.Sale {
			return s, fault(FaultFrontOpen, s.ID)
		}
	}
	id := c.Sale
	if id == "" {
		live, err := t.parts.Books.NewestLive(ctx, 2)
		if err != nil {
			return ledger.Sale{}, t.bookFault(err)
		}
		for _, s := range live {
			if s.ID != t.front {
				id = s.ID
				break
			}
		}
		if id == "" {
			return ledger.Sale{}, fault(FaultNoSale, "")
		}
	}
	s, err := t.sale(ctx, id)
	if err != nil {
		return s, err
	}
	switch s.State {
	case ledger.SaleOpen:
	case ledger.SaleHeld:
		if s, err = t.record(ctx, s.ID, st, t.draft(ledger.KindSaleRecalled, s.ID, ledger.SaleMoved{})); err != nil {
			return s, err
		}
	default:
		return s, fault(FaultSaleClosed, s.ID, string(s.State))
	}
	t.putInFront(s.ID)
	return s, nil
}

// hasGoods reports whether a line was not removed.
func hasGoods(s *ledger.Sale) bool {
	return slices.ContainsFunc(s.Lines, func(l ledger.Line) bool { return !l.Removed })
}

// standing are the lines not removed.
func standing(s ledger.Sale) []ledger.Line {
	var out []ledger.Line
	for _, l := range s.Lines {
		if !l.Removed {
			out = append(out, l)
		}
	}
	return out
}

func (t *Till) voidSale(ctx context.Context, c SaleVoid, st stamp) (ledger.Sale, error) {
	s, err := t.sale(ctx, c.Sale)
	if err != nil {
		return s, err
	}
	switch {
	case s.State == ledger.SaleDone || s.State == ledger.SaleVoid:
		return s, fault(FaultSaleClosed, s.ID, string(s.State))
	case s.Open != "":
		return s, fault(FaultPaymentOpen, s.Open)
	case s.Refunded.Less(s.Paid):
		return s, fault(FaultSalePaid, s.ID)
	}
	void, err := t.record(ctx, s.ID, st, t.draft(ledger.KindSaleVoided, s.ID, ledger.SaleMoved{Reason: clip(c.Reason)}))
	if err == nil && t.front == s.ID {
		t.putInFront("")
	}
	return void, err
}

// dismissSale clears a finished sale off the front.
func (t *Till) dismissSale(ctx context.Context) error {
	if t.front != "" && !t.frontFree(ctx) {
		return fault(FaultSaleClosed, t.front, string(ledger.SaleOpen))
	}
	t.putInFront("")
	return nil
}
