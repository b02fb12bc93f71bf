package till

import (
	"context"
	"encoding/json"
	"strings"

	"abacus/ledger"
	"abacus/payment"
	"abacus/scanner"
)

// scan decides what a scanned text is by what it is and by what the till is
// doing, and does it. A pay code never leaves this function whole.
func (t *Till) scan(ctx context.Context, c SaleScan, st stamp) (Scanned, error) {
	if scanner.IsStripe(c.Text) {
		return t.scanStripe(ctx, c, st)
	}
	code := scanner.Parse(c.Text, t.parts.Formats)
	if channel, ok := payment.Recognise(code.Text); ok {
		return t.scanPayCode(ctx, c, channel, code.Text, st)
	}
	switch code.Kind {
	case scanner.Unreadable:
		return Scanned{Kind: ScanUnreadable, Problem: string(code.Problem)}, nil
	case scanner.MerchantURL:
		return Scanned{Kind: ScanMerchantURL}, nil
	case scanner.Member:
		return t.scanOther(ctx, code.Number)
	case scanner.Prepaid:
		return t.scanPrepaid(ctx, code)
	case scanner.Coupon, scanner.Badge:
		return Scanned{Kind: ScanKind(code.Kind), Mask: ending(code.Number)}, nil
	}
	// The full code first: some shops register in-store codes as fixed goods.
	for _, number := range []string{code.Text, code.GTIN} {
		if item, ok := t.parts.Goods.Find(number); ok && (!item.Weighed || c.Quantity != 0) {
			line, err := t.lineFor(SaleAdd{Code: item.Code, Quantity: c.Quantity})
			if err != nil {
				return Scanned{}, err
			}
			return t.scanGoods(ctx, c.Sale, ScanGoods, line, st)
		}
	}
	if code.Kind == scanner.Weighed {
		return t.scanWeighed(ctx, c, code, st)
	}
	return t.scanOther(ctx, code.Text)
}

// scanOther is for what is neither goods nor a way to pay: a member, by any
// number, or a receipt, by any number that stands on it.
func (t *Till) scanOther(ctx context.Context, text string) (Scanned, error) {
	if m, ok := t.parts.Goods.FindMember(text); ok {
		return Scanned{Kind: ScanMember, Mask: m.Name}, nil
	}
	unknown := Scanned{Kind: ScanUnknownItem, Mask: shown(text)}
	if len(text) < leastNumber || len(text) > longestText {
		return unknown, nil
	}
	s, ok, err := t.saleOfNumber(ctx, text)
	if err != nil || !ok {
		return unknown, err
	}
	return Scanned{Kind: ScanReceipt, Mask: s.ID, Sale: &s}, nil
}

// leastNumber is shorter than any number on a receipt.
const leastNumber = 8

// saleOfNumber finds a sale by its own number or by one of a payment of it.
func (t *Till) saleOfNumber(ctx context.Context, number string) (ledger.Sale, bool, error) {
	s, ok, err := found(t.parts.Books.Sale(ctx, number))
	if err != nil || ok {
		return s, ok, t.bookFault(err)
	}
	payments, err := t.inBook(ctx, number)
	if err != nil || len(payments) == 0 {
		return s, false, err
	}
	s, err = t.sale(ctx, payments[0].Sale)
	return s, err == nil, err
}

// shown is what may be shown of a text nobody knows: a long number may be most
// of a pay code.
func shown(text string) string {
	const longestBarcode = 14
	if len(text) > longestBarcode && strings.Trim(text, "0123456789") == "" {
		return payment.Mask(text)
	}
	return clip(text)
}

// ending is what may be shown of a number that is worth money or opens doors.
func ending(number string) string {
	const digits = 4
	if runes := []rune(number); len(runes) > digits {
		return "…" + string(runes[len(runes)-digits:])
	}
	return "…"
}

// scanGoods adds the line, or one more piece to a line of the same goods at
// the same price.
func (t *Till) scanGoods(ctx context.Context, sale string, kind ScanKind, l ledger.Line, st stamp) (Scanned, error) {
	r := Scanned{Kind: kind, Line: 1}
	if sale != "" || !t.addsAnew(ctx) {
		s, err := t.changeable(ctx, sale)
		if err != nil {
			return Scanned{}, err
		}
		for _, old := range standing(s) {
			if kind == ScanGoods && old.Code == l.Code && old.Price.Equal(l.Price) && !old.Weighed {
				r.Line, st.scan = old.No, &r
				s, err = t.setQuantity(ctx, SaleSetQuantity{Sale: s.ID, Line: old.No, Quantity: old.Quantity + l.Quantity}, st)
				r.Sale = &s
				return r, err
			}
		}
		r.Line = len(s.Lines) + 1
	}
	st.scan = &r
	s, err := t.putLine(ctx, sale, l, st)
	if err != nil {
		return Scanned{}, err
	}
	r.Sale = &s
	return r, nil
}

// kept is of a scan's answer what stays with its key; the rest is read again.
type kept struct {
	Kind    ScanKind        `json:"kind"`
	Channel payment.Channel `json:"channel,omitempty"`
	Mask    string          `json:"mask,omitempty"`
	Line    int             `json:"line,omitempty"`
	Of      string          `json:"of"` // the sale or payment
}

// pack makes the object of a scan's key.
func (r *Scanned) pack(of string) string {
	b, err := json.Marshal(kept{r.Kind, r.Channel, r.Mask, r.Line, of})
	if err != nil {
		return of
	}
	return string(b)
}

// unpack reads it; false: the key is of something else.
func unpack(object string) (r Scanned, of string, ok bool) {
	var k kept
	if !strings.HasPrefix(object, "{") || json.Unmarshal([]byte(object), &k) != nil {
		return Scanned{}, "", false
	}
	return Scanned{Kind: k.Kind, Channel: k.Channel, Mask: k.Mask, Line: k.Line}, k.Of, true
}

// rescanned answers a scan again, with its sale and payment as they are now.
func (t *Till) rescanned(ctx context.Context, r Scanned, of string) (Scanned, error) {
	p, paid, err := found(t.parts.Books.Payment(ctx, of))
	if err != nil {
		return r, t.bookFault(err)
	}
	if paid {
		r.Payment, of = &p, p.Sale
	}
	s, err := t.sale(ctx, of)
	r.Sale = &s
	return r, err
}

// scanWeighed reads a scale's label: its amount binds and the weight is for
// show, or its weight binds and the amount follows.
func (t *Till) scanWeighed(ctx context.Context, c SaleScan, code scanner.Code, st stamp) (Scanned, error) {
	if c.Quantity != 0 && c.Quantity != ledger.One {
		return Scanned{}, fault(FaultBadQuantity) // the label has its own
	}
	label := code.Label
	item, ok := t.parts.Goods.Find(label.Item)
	if !ok {
		return Scanned{Kind: ScanUnknownItem, Mask: shown(code.Text)}, nil
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
	if err := t.roomToCharge(s); err != nil {
		return r, err // before anybody confirms in vain
	}
	if t.set.ConfirmAbove.Positive() && t.set.ConfirmAbove.Less(s.Due()) {
		r.Confirm = s.Due()
		return r, nil
	}
	st.scan = &r
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
	if _, err := t.inside(ctx, func(ctx context.Context) (Result, error) {
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
