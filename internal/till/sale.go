package till

import (
	"context"
	"fmt"

	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/ledger"
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
)

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

func clip(s string) string {
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
	d, err := t.openingDraft(ctx, c.Reference)
	if err != nil {
		return ledger.Sale{}, err
	}
	return t.record(ctx, d.Sale, s, d)
}

// openingDraft mints the next sale number.
func (t *Till) openingDraft(ctx context.Context, reference string) (ledger.Draft, error) {
	if t.set.ShiftRequired && t.parts.shift == "" {
		return ledger.Draft{}, fault(FaultNoShift)
	}
	day := t.set.Day(t.now())
	if t.saleSeq.day != day {
		last, err := t.parts.Books.LastSaleNumber(ctx, day)
		if err != nil {
			return ledger.Draft{}, t.bookFault(err)
		}
		t.saleSeq = sequence{day, last}
	}
	t.saleSeq.last++
	id := fmt.Sprintf("%s-%04d", compact(day), t.saleSeq.last)
	t.putInFront(id)
	return t.draft(ledger.KindSaleOpened, id, ledger.SaleOpened{Reference: reference, Currency: t.set.Currency}), nil
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
	t.front = sale
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
	if id == "" && t.frontFree(ctx) {
		d, err := t.openingDraft(ctx, "")
		if err != nil {
			return ledger.Sale{}, nil, err
		}
		return ledger.Sale{ID: d.Sale, State: ledger.SaleOpen, Currency: t.set.Currency, Total: t.zero(), Paid: t.zero()}, []ledger.Draft{d}, nil
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

// addLine adds goods by code, name or bare amount.
func (t *Till) addLine(ctx context.Context, c SaleAdd, st stamp) (ledger.Sale, error) {
	line, err := t.lineFor(c)
	if err != nil {
		return ledger.Sale{}, err
	}
	return t.putLine(ctx, c.Sale, line, st)
}

func (t *Till) putLine(ctx context.Context, sale string, line ledger.Line, st stamp) (ledger.Sale, error) {
	s, drafts, err := t.forAdding(ctx, sale)
	if err != nil {
		return s, err
	}
	if len(s.Lines) >= mostLines {
		return s, fault(FaultBadQuantity)
	}
	line.No = len(s.Lines) + 1
	if line.Amount.Currency() != s.Currency || !s.Total.Add(line.Amount).Valid() {
		return s, fault(FaultBadAmount, line.Amount.String())
	}
	drafts = append(drafts, t.draft(ledger.KindLineAdded, s.ID, ledger.LineAdded{Line: line}))
	return t.record(ctx, s.ID, st, drafts...)
}

func (t *Till) lineFor(c SaleAdd) (ledger.Line, error) {
	quantity := c.Quantity
	if quantity == 0 {
		quantity = ledger.One
	}
	if quantity < 0 || quantity > mostQuantity {
		return ledger.Line{}, fault(FaultBadQuantity)
	}
	given := 0
	for _, set := range []bool{c.Code != "", c.Name != "", !c.Amount.IsZero()} {
		if set {
			given++
		}
	}
	switch {
	case given != 1:
		return ledger.Line{}, fault(FaultBadInput, "code, name or amount")
	case !c.Amount.IsZero():
		if !c.Amount.Positive() || c.Amount.Currency() != t.set.Currency {
			return ledger.Line{}, fault(FaultBadAmount, c.Amount.String())
		}
		return ledger.Line{Name: "", Quantity: quantity, Price: c.Amount, Amount: c.Amount.MulDiv(int64(quantity), int64(ledger.One))}, nil
	case c.Code != "":
		item, ok := t.parts.Goods.Find(c.Code)
		if !ok {
			return ledger.Line{}, fault(FaultUnknownGoods, clip(c.Code))
		}
		return lineOf(item, quantity)
	}
	return t.lineByName(c.Name, quantity)
}

func (t *Till) lineByName(name string, quantity ledger.Quantity) (ledger.Line, error) {
	found := t.parts.Goods.Search(name, 3)
	switch len(found) {
	case 0:
		return ledger.Line{}, fault(FaultUnknownGoods, clip(name))
	case 1:
		return lineOf(found[0], quantity)
	}
	for _, item := range found {
		if item.Name == name || item.NameEn == name || item.Initials == name {
			return lineOf(item, quantity)
		}
	}
	return ledger.Line{}, fault(FaultSeveralGoods, clip(name), len(t.parts.Goods.Search(name, 100)))
}

func lineOf(item goods.Item, quantity ledger.Quantity) (ledger.Line, error) {
	if !item.Weighed && quantity%ledger.One != 0 {
		return ledger.Line{}, fault(FaultBadQuantity)
	}
	return ledger.Line{
		Code: item.Code, Name: item.Name, NameEn: item.NameEn, Unit: item.Unit, Weighed: item.Weighed,
		Quantity: quantity, Price: item.Price, Amount: item.Price.MulDiv(int64(quantity), int64(ledger.One)),
	}, nil
}

// line finds a line that still stands; number 0 is the last one.
func line(s ledger.Sale, number int) (ledger.Line, error) {
	for i := len(s.Lines) - 1; i >= 0; i-- {
		if l := s.Lines[i]; !l.Removed && (number == 0 || l.No == number) {
			return l, nil
		}
	}
	return ledger.Line{}, fault(FaultNoLine, number)
}

func (t *Till) setQuantity(ctx context.Context, c SaleSetQuantity, st stamp) (ledger.Sale, error) {
	s, err := t.changeable(ctx, c.Sale)
	if err != nil {
		return s, err
	}
	l, err := line(s, c.Line)
	if err != nil {
		return s, err
	}
	if c.Quantity <= 0 || c.Quantity > mostQuantity || !l.Weighed && c.Quantity%ledger.One != 0 {
		return s, fault(FaultBadQuantity)
	}
	amount := l.Price.MulDiv(int64(c.Quantity), int64(ledger.One))
	if !amount.Valid() || amount.Less(l.Discount) {
		return s, fault(FaultBadQuantity)
	}
	changed := ledger.LineChanged{No: l.No, Quantity: c.Quantity, Price: l.Price, Amount: amount}
	if err := t.keepsPaid(s, s.Total.Sub(l.Amount).Add(amount)); err != nil {
		return s, err
	}
	return t.record(ctx, s.ID, st, t.draft(ledger.KindLineChanged, s.ID, changed))
}

// keepsPaid refuses a change that would leave less to pay than has been paid.
func (t *Till) keepsPaid(s ledger.Sale, total money.Amount) error {
	switch {
	case !total.Valid():
		return fault(FaultBadAmount, total.String())
	case s.Paid.Positive() && total.Less(s.Paid):
		return fault(FaultSalePaid, s.ID)
	case total.Negative():
		return fault(FaultBadDiscount) // a discount of the sale is more than what is left
	}
	return nil
}

func (t *Till) removeLine(ctx context.Context, c SaleRemove, st stamp) (ledger.Sale, error) {
	s, err := t.changeable(ctx, c.Sale)
	if err != nil {
		return s, err
	}
	l, err := line(s, c.Line)
	if err != nil {
		return s, err
	}
	rest := s.Total.Sub(l.Amount).Add(l.Discount)
	if err := t.keepsPaid(s, rest); err != nil {
		return s, err
	}
	removed := ledger.LineRemoved{No: l.No, Amount: l.Amount}
	return t.record(ctx, s.ID, st, t.draft(ledger.KindLineRemoved, s.ID, removed))
}

// discount takes an amount or a percentage off a line or the sale; an amount
// of nothing takes an earlier discount away.
func (t *Till) discount(ctx context.Context, c SaleDiscount, st stamp) (ledger.Sale, error) {
	s, err := t.changeable(ctx, c.Sale)
	if err != nil {
		return s, err
	}
	if len([]rune(c.Reason)) > longestText {
		return s, fault(FaultBadInput, "reason")
	}
	base, before := s.Total.Add(s.Discount), s.Discount
	if c.Line != 0 {
		l, err := line(s, c.Line)
		if err != nil {
			return s, err
		}
		base, before = l.Amount, l.Discount
	}
	off := c.Amount
	if c.Percent != 0 {
		if c.Percent < 0 || c.Percent > 100 || !c.Amount.IsZero() {
			return s, fault(FaultBadDiscount)
		}
		off = base.MulDiv(int64(c.Percent), 100)
	}
	if !off.Valid() || off.Negative() || base.Less(off) || !off.IsZero() && off.Currency() != s.Currency {
		return s, fault(FaultBadDiscount)
	}
	if err := t.keepsPaid(s, s.Total.Add(before).Sub(off)); err != nil {
		return s, err
	}
	d := ledger.Discounted{No: c.Line, Amount: money.New(off.Minor(), s.Currency), Reason: c.Reason}
	return t.record(ctx, s.ID, st, t.draft(ledger.KindDiscounted, s.ID, d))
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
		if s, err := t.sale(ctx, t.front); err == nil && s.Open == "" && len(standing(s)) > 0 && s.ID != c.Sale {
			return s, fault(FaultSaleClosed, s.ID, string(s.State))
		}
	}
	id := c.Sale
	if id == "" {
		live, err := t.parts.Books.LiveSales(ctx)
		if err != nil {
			return ledger.Sale{}, t.bookFault(err)
		}
		for _, s := range live {
			if s.ID != t.front && s.ID > id {
				id = s.ID
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
