package till

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/ledger"
	"abacus/payment"
	"abacus/printer"
)

// receiptText is a sale's receipt for the screen.
func (t *Till) receiptText(ctx context.Context, c ReceiptText) (string, error) {
	r, err := t.receipt(ctx, c.Sale, 0)
	if err != nil {
		return "", err
	}
	return printer.Text(r.Document(t.paperTexts()), min(max(c.Width, 32), 64)), nil
}

func (t *Till) heading(copy int) printer.Heading {
	return printer.Heading{Store: append([]string{t.set.Store}, t.set.Header...), Till: t.set.Till, Copy: copy, Sandbox: t.set.Sandbox, Training: t.set.Training}
}

func (t *Till) place() printer.Journal {
	h := t.parts.Books.Head()
	return printer.Journal{Number: h.Number, Hash: h.Hash.String()}
}

func (t *Till) receipt(ctx context.Context, sale string, copy int) (printer.Receipt, error) {
	s, err := t.sale(ctx, sale)
	if err != nil {
		return printer.Receipt{}, err
	}
	at := s.ClosedAt
	if at.IsZero() {
		at = s.OpenedAt
	}
	r := printer.Receipt{
		Heading: t.heading(copy), Number: s.ID, Reference: s.Reference, Operator: s.Operator, At: at,
		Total: s.Total, Due: s.Due(), Journal: t.place(), Code: s.ID,
	}
	english := t.parts.Paper != nil && t.parts.Paper.Texts == &lang.Must(lang.English).Paper
	for _, l := range standing(s) {
		r.Lines = append(r.Lines, paperLine(l, english, t.paperTexts()))
	}
	if r.OnCard, err = t.afterTopUp(ctx, s); err != nil {
		return r, err
	}
	if s.Discount.Positive() {
		r.Discounts = append(r.Discounts, printer.Discount{Reason: s.DiscountOf, Amount: s.Discount})
	}
	for _, id := range s.Payments {
		p, err := t.payment(ctx, id)
		if err != nil {
			return r, err
		}
		if p.State != ledger.PaymentPaid {
			continue
		}
		paid := paperPayment(p)
		paid.Sign = p.Channel == string(payment.Card) && t.set.SignAbove.Positive() && t.set.SignAbove.Less(p.Amount)
		r.Payments = append(r.Payments, paid)
		if err := t.addRefunds(ctx, &r, p); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (t *Till) addRefunds(ctx context.Context, r *printer.Receipt, p ledger.Payment) error {
	for _, id := range p.Refunds {
		back, err := t.refund(ctx, id)
		if err != nil {
			return err
		}
		r.Refunds = append(r.Refunds, printer.Refund{At: back.StartedAt, Channel: back.Channel, Amount: back.Amount, State: RefundStanding(back)})
	}
	return nil
}

// afterTopUp is what was on the card when the sale had topped it up; nil: it
// did not.
func (t *Till) afterTopUp(ctx context.Context, s ledger.Sale) (*money.Amount, error) {
	if s.TopUp() == "" || s.State != ledger.SaleDone {
		return nil, nil
	}
	m, ok, err := found(t.parts.Books.TopUpOf(ctx, s.TopUp(), s.ID))
	if err != nil || !ok {
		return nil, t.bookFault(err)
	}
	return &m.Left, nil
}

func (t *Till) paperTexts() *lang.Paper {
	if t.parts.Paper != nil {
		return t.parts.Paper.Texts
	}
	return &lang.Must(lang.Chinese).Paper
}

func paperLine(l ledger.Line, english bool, texts *lang.Paper) printer.Line {
	name := l.Name
	if english && l.NameEn != "" {
		name = l.NameEn
	}
	switch {
	case l.Prepaid != "":
		name = texts.TopUp + " " + name
	case name == "":
		name = texts.Unnamed
	}
	quantity := QuantityText(l.Quantity)
	if l.Weighed {
		quantity += " " + l.Unit
	}
	return printer.Line{Name: name, Quantity: quantity, Price: l.Price, Amount: l.Amount, Discount: l.Discount, Reason: l.Reason}
}

func paperPayment(p ledger.Payment) printer.Payment {
	out := printer.Payment{
		Channel: p.Channel, Amount: p.Amount, AcquirerRef: p.AcquirerReference, Payer: p.Payer,
		Funding: p.Funding, Instalments: p.Instalments, Tendered: p.Tendered, Change: p.Change, Hold: p.Hold,
	}
	switch p.Channel {
	case string(payment.Cash):
	case string(payment.Prepaid):
		out.Payer, out.OnCard = p.CodeMask, &p.PrepaidLeft
	default:
		out.Order = p.Order
	}
	return out
}

// QuantityText is a quantity for people: "2", "0.512".
func QuantityText(q ledger.Quantity) string {
	whole, rest := q/ledger.One, q%ledger.One
	if rest == 0 {
		return strconv.FormatInt(int64(whole), 10)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%03d", whole, rest), "0")
}
