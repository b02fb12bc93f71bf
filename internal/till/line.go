package till

import (
	"context"

	"abacus/internal/goods"
	"abacus/internal/money"
	"abacus/ledger"
)

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
	if err := aloneOnSale(s, line); err != nil {
		return s, err
	}
	line.No = len(s.Lines) + 1
	if line.Amount.Currency() != s.Currency || !s.Total.Add(line.Amount).Valid() {
		return s, fault(FaultBadAmount, line.Amount.String())
	}
	if err := t.countable(s.Total.Add(line.Amount)); err != nil {
		return s, err
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
			return ledger.Line{}, fault(FaultUnknownGoods, shown(c.Code))
		}
		return lineOf(item, quantity)
	}
	return t.lineByName(c.Name, quantity)
}

func (t *Till) lineByName(name string, quantity ledger.Quantity) (ledger.Line, error) {
	found := t.parts.Goods.Search(name, 3)
	switch len(found) {
	case 0:
		return ledger.Line{}, fault(FaultUnknownGoods, shown(name))
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
	if l.Prepaid != "" {
		return s, fault(FaultTopUpAlone)
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
	case s.Paid.Positive() && total.Less(s.Paid.Sub(s.Refunded)):
		return fault(FaultSalePaid, s.ID)
	case total.Negative():
		return fault(FaultBadDiscount) // a discount of the sale is more than what is left
	}
	return t.countable(total)
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
	if s.TopUp() != "" {
		return s, fault(FaultTopUpAlone)
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
