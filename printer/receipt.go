package printer

import (
	"strings"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// Receipt is a sale as the customer gets it. It prints what it is told and
// computes nothing but the sum of the lines and of the discounts.
type Receipt struct {
	Heading
	Number    string // of the sale
	Reference string // the shop's own order number, if any
	Operator  string
	At        time.Time // in the shop's time zone
	Lines     []Line
	Discounts []Discount    // of the whole sale
	Total     money.Amount  // after all discounts
	Payments  []Payment     // certain ones only
	OnCard    *money.Amount // on the prepaid card that the sale has topped up
	Due       money.Amount  // still to be paid; not printed when nothing
	Refunds   []Refund
	Journal   Journal
	Code      string // text of the QR at the end, such as the sale's number; empty: none
}

// Line is one line of a sale.
type Line struct {
	Name     string
	Quantity string // with its unit where it is not pieces: "2", "0.512 kg"
	Price    money.Amount
	Amount   money.Amount // before the discount
	Discount money.Amount // positive
	Reason   string       // of the discount
}

// Discount is money off the whole sale.
type Discount struct {
	Reason string
	Amount money.Amount // positive
}

// Payment is money that was certainly taken.
type Payment struct {
	Channel     string // its word in the journal
	Amount      money.Amount
	Order       string // our number at the acquirer
	AcquirerRef string // the acquirer's number
	Payer       string // masked by whoever fills this
	Funding     string // the acquirer's word, e.g. PCREDIT
	Instalments int
	Tendered    money.Amount  // cash given
	Change      money.Amount  // cash handed back
	Sign        bool          // the cardholder signs the paper
	OnCard      *money.Amount // left on the prepaid card that paid
	Hold        string        // the pre-authorisation that it was taken of
}

// Refund is money given back before this receipt was printed.
type Refund struct {
	At      time.Time
	Channel string
	Amount  money.Amount
	State   string // its word in the journal; of a refused one "owed" or "instead", where that says more
}

// Document lays the receipt out in a language.
func (r Receipt) Document(texts *lang.Paper) Document {
	s := &sheet{texts: texts}
	s.open(r.Heading)
	s.add(Rule{})
	s.pair(texts.Number, r.Number)
	s.pair(texts.Reference, r.Reference)
	s.pair(texts.Time, stamp(r.At))
	s.pair(joined(texts.Till, r.Till), joined(texts.Operator, r.Operator))
	s.add(Rule{}, Columns{Left: texts.Item, Middle: texts.Price, Right: texts.Amount}, Rule{})
	for _, line := range r.Lines {
		s.line(line)
	}
	s.add(Rule{})
	s.totals(r)
	for _, p := range r.Payments {
		s.payment(p)
	}
	if r.OnCard != nil {
		s.amount(texts.OnCard, *r.OnCard)
	}
	if r.Due.Positive() {
		s.amount(texts.Due, r.Due)
	}
	for _, refund := range r.Refunds {
		s.refund(refund)
	}
	s.add(Rule{})
	s.pair(texts.Journal, r.Journal.short())
	if r.Code != "" {
		s.add(QR{r.Code})
		s.centred(texts.CodeAbove, Style{})
	}
	s.centred(texts.Thanks, Style{})
	return s.close(r.Heading)
}

func (s *sheet) line(l Line) {
	s.add(Columns{Left: l.Name, Middle: l.Quantity + " × " + l.Price.String(), Right: l.Amount.String()})
	if !l.Discount.IsZero() {
		s.add(Columns{Left: joined(s.texts.Discount, l.Reason), Right: l.Discount.Neg().String(), Indent: 2})
	}
}

// totals adds up from top to bottom: lines less their discounts, less those of
// the sale. What was saved in all stands below the sum, outside the addition.
func (s *sheet) totals(r Receipt) {
	var goods, saved money.Amount
	for _, line := range r.Lines {
		goods = goods.Add(line.Amount).Sub(line.Discount)
		saved = saved.Add(line.Discount)
	}
	if len(r.Discounts) > 0 {
		s.amount(s.texts.Subtotal, goods)
	}
	for _, d := range r.Discounts {
		saved = saved.Add(d.Amount)
		s.amount(joined(s.texts.Discount, d.Reason), d.Amount.Neg())
	}
	s.large(s.texts.Total, r.Total)
	if !saved.IsZero() {
		s.amount(s.texts.Saved, saved)
	}
}

func (s *sheet) payment(p Payment) {
	s.add(Columns{Left: joined(s.texts.Paid, s.texts.Channel(p.Channel)), Right: p.Amount.String(), Style: Style{Bold: true}})
	details := []struct{ label, value string }{
		{s.texts.Funding, s.texts.FundingOf(p.Funding, p.Instalments)},
		{s.texts.Payer, p.Payer},
		{s.texts.Order, p.Order},
		{s.texts.AcquirerRef, p.AcquirerRef},
		{s.texts.Hold, p.Hold},
	}
	for _, d := range details {
		if d.value != "" {
			s.add(Columns{Left: d.label, Right: d.value, Indent: 2})
		}
	}
	if p.Sign {
		s.add(Columns{Left: s.texts.Signature, Right: strings.Repeat("_", 16), Indent: 2})
	}
	if p.OnCard != nil {
		s.add(Columns{Left: s.texts.OnCard, Right: p.OnCard.String(), Indent: 2})
	}
	if !p.Tendered.IsZero() {
		s.add(Columns{Left: s.texts.Tendered, Right: p.Tendered.String(), Indent: 2})
		s.add(Columns{Left: s.texts.Change, Right: p.Change.String(), Indent: 2})
	}
}

func (s *sheet) refund(r Refund) {
	s.add(Columns{Left: joined(s.texts.Refund, s.texts.Channel(r.Channel)), Right: r.Amount.Neg().String(), Style: Style{Bold: true}})
	s.add(Columns{Left: s.texts.RefundState(r.State), Right: stamp(r.At), Indent: 2})
}
