package printer

import (
	"fmt"
	"time"

	"abacus/internal/lang"
	"abacus/internal/money"
)

// Report is an X (so far) or a Z (closed, numbered).
type Report struct {
	Heading
	Z           int64 // number of the Z; 0 makes it an X
	Shift       string
	OpenedBy    string
	OpenedAt    time.Time // all times in the shop's time zone
	ClosedAt    time.Time
	At          time.Time
	From, To    int64 // first and last journal entry covered
	Sales       int
	Voided      int
	Removed     int
	Openings    int // of the drawer
	Reprints    int
	Gross       money.Amount
	Refunds     money.Amount
	Net         money.Amount
	Discounts   money.Amount
	Channels    []Total // named by their words in the journal
	Operators   []Total
	Cash        *CashCount // nil leaves it out: whoever counts blind must not read it here first
	Holds       int        // pre-authorisations open at this moment; their money is no turnover
	HoldSum     money.Amount
	Doubtful    int // payments and refunds not certain at this moment
	Doubles     int // charges that may have been taken twice, sales that hold too much
	DoubtSum    money.Amount
	Head        Journal      // of the chain; printed whole
	Between     money.Amount // came while no shift was open, since the last Z
	BetweenBack money.Amount
	GrandTotal  money.Amount
	GrandBack   money.Amount
	Prepaid     *PrepaidTotals // nil: the shop has no prepaid cards
}

// PrepaidTotals is what happened on the shop's prepaid cards, and what is on
// them all.
type PrepaidTotals struct {
	Issued                                                                int
	ToppedUp, TakenBack, Redeemed, Returned, Expired, Liability, Turnover money.Amount
}

// Total is one row of a report.
type Total struct {
	Name        string
	Count       int
	Amount      money.Amount
	RefundCount int
	Refunds     money.Amount
}

// CashCount is the drawer. Counted and Variance are printed on a Z only.
type CashCount struct {
	Float, Sales, In, Out, Refunds, Expected, Counted, Variance money.Amount
}

// Document lays the report out in a language.
func (r Report) Document(texts *lang.Paper) Document {
	s := &sheet{texts: texts}
	s.open(r.Heading)
	title := texts.XTitle
	if r.Z > 0 {
		title = fmt.Sprintf(texts.ZTitle, r.Z)
	}
	s.centred(title, Style{Double: true, Bold: true})
	s.add(Rule{Strong: true})
	s.period(r)
	s.sums(r)
	s.totalsBy(texts.ByChannel, r.Channels, texts.Channel)
	s.totalsBy(texts.ByOperator, r.Operators, func(name string) string { return name })
	s.prepaid(r.Prepaid)
	s.drawer(r)
	s.proof(r)
	s.centred(texts.EndOfPaper, Style{})
	return s.close(r.Heading)
}

func (s *sheet) period(r Report) {
	s.pair(joined(s.texts.Till, r.Till), joined(s.texts.Shift, r.Shift))
	s.pair(s.texts.OpenedBy, r.OpenedBy)
	s.pair(s.texts.OpenedAt, stamp(r.OpenedAt))
	s.pair(s.texts.ClosedAt, stamp(r.ClosedAt))
	s.pair(s.texts.PrintedAt, stamp(r.At))
	s.pair(s.texts.Entries, fmt.Sprintf("#%d - #%d", r.From, r.To))
}

func (s *sheet) sums(r Report) {
	s.add(Rule{})
	s.count(s.texts.Sales, r.Sales)
	s.count(s.texts.Voided, r.Voided)
	s.count(s.texts.Removed, r.Removed)
	s.count(s.texts.DrawerOpenings, r.Openings)
	s.count(s.texts.Copies, r.Reprints)
	s.amount(s.texts.Discounts, r.Discounts)
	s.add(Rule{})
	s.amount(s.texts.Gross, r.Gross)
	s.amount(s.texts.Refunds, r.Refunds.Neg())
	s.large(s.texts.Net, r.Net)
}

func (s *sheet) count(label string, n int) { s.pair(label, fmt.Sprint(n)) }

func (s *sheet) section(title string) {
	s.add(Rule{}, Paragraph{Text: title, Style: Style{Bold: true}})
}

func (s *sheet) totalsBy(title string, totals []Total, name func(string) string) {
	if len(totals) == 0 {
		return
	}
	s.section(title)
	for _, t := range totals {
		s.amount(fmt.Sprintf(s.texts.Count, name(t.Name), t.Count), t.Amount)
		if t.RefundCount > 0 || !t.Refunds.IsZero() {
			label := fmt.Sprintf(s.texts.Count, s.texts.Refund, t.RefundCount)
			s.add(Columns{Left: label, Right: t.Refunds.Neg().String(), Indent: 2})
		}
	}
}

// prepaid adds up to what the shop owes on cards, and says what of the money
// taken is turnover.
func (s *sheet) prepaid(p *PrepaidTotals) {
	if p == nil {
		return
	}
	s.section(s.texts.Prepaid)
	s.count(s.texts.PrepaidIssued, p.Issued)
	s.amount(s.texts.ToppedUp, p.ToppedUp)
	s.amount(s.texts.TakenBack, p.TakenBack.Neg())
	s.amount(s.texts.Redeemed, p.Redeemed.Neg())
	s.amount(s.texts.Returned, p.Returned)
	s.amount(s.texts.PrepaidExpired, p.Expired.Neg())
	s.add(Columns{Left: s.texts.Liability, Right: p.Liability.String(), Style: Style{Bold: true}})
	s.add(Columns{Left: s.texts.TurnoverOnly, Right: p.Turnover.String(), Style: Style{Bold: true}})
}

func (s *sheet) drawer(r Report) {
	if r.Cash == nil {
		return
	}
	s.section(s.texts.Drawer)
	s.amount(s.texts.Float, r.Cash.Float)
	s.amount(s.texts.CashSales, r.Cash.Sales)
	s.amount(s.texts.CashIn, r.Cash.In)
	s.amount(s.texts.CashOut, r.Cash.Out.Neg())
	s.amount(s.texts.CashRefunds, r.Cash.Refunds.Neg())
	s.amount(s.texts.Expected, r.Cash.Expected)
	if r.Z > 0 {
		s.amount(s.texts.Counted, r.Cash.Counted)
		s.add(Columns{Left: s.texts.Variance, Right: r.Cash.Variance.String(), Style: Style{Bold: true}})
	}
}

// proof is what ties the paper to the file: doubt, all-time totals and the
// whole hash of the chain's head.
func (s *sheet) proof(r Report) {
	s.add(Rule{})
	if r.Doubtful > 0 {
		s.add(Columns{Left: fmt.Sprintf(s.texts.Doubtful, r.Doubtful), Right: r.DoubtSum.String(), Style: Style{Bold: true}})
	} else {
		s.add(Paragraph{Text: s.texts.NothingInDoubt})
	}
	if r.Doubles > 0 {
		s.add(Paragraph{Text: fmt.Sprintf(s.texts.Doubles, r.Doubles), Style: Style{Bold: true}})
	}
	if r.Holds > 0 {
		s.amount(fmt.Sprintf(s.texts.OpenHolds, r.Holds), r.HoldSum)
	}
	if !r.Between.IsZero() {
		s.amount(s.texts.Between, r.Between)
	}
	if !r.BetweenBack.IsZero() {
		s.amount(s.texts.BetweenBack, r.BetweenBack.Neg())
	}
	s.amount(s.texts.GrandTotal, r.GrandTotal)
	s.amount(s.texts.GrandRefunds, r.GrandBack.Neg())
	s.pair(s.texts.ChainHead, fmt.Sprintf("#%d", r.Head.Number))
	s.add(Paragraph{Text: r.Head.Hash})
	s.add(Rule{Strong: true})
}
