package till

import (
	"context"

	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
)

// scan decides what a scanned text is by what it is and by what the till is
// doing, and does it. A pay code never leaves this function whole.
func (t *Till) scan(ctx context.Context, c SaleScan, st stamp) (Scanned, error) {
	code := scanner.Parse(c.Text, t.parts.Formats)
	if channel, ok := payment.Recognise(code.Text); ok {
		return t.scanPayCode(ctx, c, channel, code.Text, st)
	}
	switch code.Kind {
	case scanner.Unreadable:
		return Scanned{Kind: ScanUnreadable}, nil
	case scanner.MerchantURL:
		return Scanned{Kind: ScanMerchantURL}, nil
	case scanner.Member:
		return t.scanMember(code.Member)
	}
	// The full code first: some shops register in-store codes as fixed goods.
	for _, number := range []string{code.Text, code.GTIN} {
		if item, ok := t.parts.Goods.Find(number); ok && !item.Weighed {
			line, err := lineOf(item, ledger.One)
			if err != nil {
				return Scanned{}, err
			}
			return t.scanGoods(ctx, c.Sale, ScanGoods, line, st)
		}
	}
	if code.Kind == scanner.Weighed {
		return t.scanWeighed(ctx, c, code, st)
	}
	return t.scanMember(code.Text)
}

func (t *Till) scanMember(text string) (Scanned, error) {
	if m, ok := t.parts.Goods.FindMember(text); ok {
		return Scanned{Kind: ScanMember, Mask: m.Name}, nil
	}
	return Scanned{Kind: ScanUnknownItem, Mask: clip(text)}, nil
}

// scanGoods adds the line, or one more piece to a line of the same goods at
// the same price.
func (t *Till) scanGoods(ctx context.Context, sale string, kind ScanKind, l ledger.Line, st stamp) (Scanned, error) {
	if sale != "" || !t.frontFree(ctx) {
		s, err := t.changeable(ctx, sale)
		if err != nil {
			return Scanned{}, err
		}
		for _, old := range standing(s) {
			if kind == ScanGoods && old.Code == l.Code && old.Price.Equal(l.Price) && !old.Weighed {
				s, err = t.setQuantity(ctx, SaleSetQuantity{Sale: s.ID, Line: old.No, Quantity: old.Quantity + l.Quantity}, st)
				return Scanned{Kind: kind, Line: old.No, Sale: &s}, err
			}
		}
	}
	s, err := t.putLine(ctx, sale, l, st)
	if err != nil {
		return Scanned{}, err
	}
	return Scanned{Kind: kind, Line: len(s.Lines), Sale: &s}, nil
}

// scanWeighed reads a scale's label: its amount binds and the weight is for
// show, or its weight binds and the amount follows.
func (t *Till) scanWeighed(ctx context.Context, c SaleScan, code scanner.Code, st stamp) (Scanned, error) {
	label := code.Label
	item, ok := t.parts.Goods.Find(label.Item)
	if !ok {
		return Scanned{Kind: ScanUnknownItem, Mask: clip(code.Text)}, nil
	}
	l := ledger.Line{Code: item.Code, Name: item.Name, NameEn: item.NameEn, Unit: item.Unit, Weighed: true, Price: item.Price, Quantity: ledger.Quantity(label.Grams)}
	if label.ByWeight {
		l.Amount = item.Price.MulDiv(label.Grams, int64(ledger.One))
	} else {
		l.Amount = label.Amount
		if l.Quantity == 0 && item.Price.Positive() {
			thousandfold := label.Amount.MulDiv(int64(ledger.One), item.Price.Minor())
			l.Quantity = ledger.Quantity(thousandfold.Minor())
		}
	}
	if !l.Amount.Positive() || l.Quantity <= 0 {
		return Scanned{}, fault(FaultBadQuantity)
	}
	return t.scanGoods(ctx, c.Sale, ScanWeighed, l, st)
}

// scanPayCode pays the sale in front with the code, above the threshold only
// after one confirmation.
func (t *Till) scanPayCode(ctx context.Context, c SaleScan, channel payment.Channel, code string, st stamp) (Scanned, error) {
	r := Scanned{Kind: ScanPayCode, Channel: channel, Mask: payment.Mask(code)}
	p, seen, err := found(t.parts.Books.PaymentByCodeHash(ctx, payment.HashCode(t.parts.Books.Mark(), code)))
	if err != nil {
		return r, t.bookFault(err)
	}
	if seen && (!p.State.Final() || p.State == ledger.PaymentPaid) {
		r.Kind, r.Payment = ScanRepeat, &p
		return r, nil
	}
	if !c.Pay {
		return r, nil
	}
	s, err := t.payable(ctx, c.Sale)
	if err != nil {
		return r, err
	}
	r.Sale = &s
	if t.set.ConfirmAbove.Positive() && t.set.ConfirmAbove.Less(s.Due()) {
		r.Confirm = s.Due()
		return r, nil
	}
	paid, err := t.pay(ctx, SalePay{Sale: s.ID, Method: "auto", Code: code}, st)
	if err != nil {
		return r, err
	}
	r.Payment = &paid
	return r, nil
}

// customerPlays lets the sandbox's customer act at the counter.
func (t *Till) customerPlays(ctx context.Context, c CustomerPlays) (Result, error) {
	var customer Customer
	var code, scanned string
	if _, err := t.inside(ctx, func() (Result, error) {
		if err := t.permit(c); err != nil {
			return nil, err
		}
		if !t.set.Sandbox || t.parts.Customer == nil {
			return nil, fault(FaultSandboxOnly)
		}
		customer = t.parts.Customer
		if c.Order != "" {
			p, ok, err := found(t.parts.Books.PaymentByOrder(ctx, c.Order))
			if err != nil {
				return nil, t.bookFault(err)
			}
			a := t.attempts[p.ID]
			if !ok || a == nil || a.code == "" {
				return nil, fault(FaultNoPayment, clip(c.Order))
			}
			code, scanned = a.code, p.ID
		}
		return nil, nil
	}); err != nil {
		return nil, err
	}
	if c.Order != "" {
		if err := customer.Scan(ctx, code, c.Behaviour); err != nil {
			return nil, faultOf(err, FaultInternal, "sandbox")
		}
		return t.Do(ctx, PaymentGet{Payment: scanned})
	}
	shown, err := customer.Wallet(ctx, c.Channel, c.Behaviour)
	if err != nil {
		return nil, faultOf(err, FaultInternal, "sandbox")
	}
	return t.Do(ctx, SaleScan{Text: shown, Pay: true})
}
