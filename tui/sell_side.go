package tui

import (
	"fmt"

	"abacus/internal/till"
	"abacus/ledger"
	"abacus/tui/theme"
)

// side is the panel with the amount due.
func (s *sellScreen) side(a area, snap *till.Snapshot) []string {
	t := &s.words.Screen
	sale := front(snap)
	if sale == nil {
		sale = &ledger.Sale{}
	}
	lines := []string{"", s.look.Dim.Paint(left(" "+t.Due, a.w))}
	lines = append(lines, s.bigAmount(a.w, 1, sale.Due().Decimal(), s.look.Strong)...)
	lines = append(lines, "", s.pair(a.w, fmt.Sprintf(t.Pieces, len(standing(sale))), s.discounts(sale), s.look.Text))
	if n := len(snap.Held); n > 0 {
		lines = append(lines, s.pair(a.w, t.HeldSales, fmt.Sprint(n), s.look.Text))
	}
	lines = append(lines, s.rule(a.w, 0, ""),
		s.pair(a.w, t.Total, cash(sale.Total), s.look.Text),
		s.pair(a.w, t.PaidSoFar, cash(sale.Paid), s.look.Text),
		s.pair(a.w, t.StillDue, cash(sale.Due()), s.look.Strong), "")
	for _, text := range s.advice(sale) {
		lines = append(lines, s.look.Dim.Paint(left("  "+text, a.w)))
	}
	for i := range lines {
		if lines[i] == "" {
			lines[i] = spaces(a.w)
		}
	}
	return fill(a, lines)
}

// advice is what can be done next. On a disk that is nearly full no sale can be
// begun, and one that is open is ended in cash.
func (s *sellScreen) advice(sale *ledger.Sale) []string {
	t, full := &s.words.Screen, s.full()
	switch {
	case s.givenAway():
		return []string{t.AdviceGiveAway, t.AdviceScanGoods}
	case len(standing(sale)) > 0 && full && sale.Paid.IsZero():
		return []string{t.AdviceCashOnly, t.AdviceScanGoods}
	case len(standing(sale)) > 0:
		return []string{t.AdviceScanPhone, t.AdviceScanGoods}
	case full && sale.ID == "":
		return nil
	}
	return []string{t.AdviceScanGoods}
}

func (s *sellScreen) discounts(sale *ledger.Sale) string {
	less := sale.Discount
	for _, l := range standing(sale) {
		less = less.Add(l.Discount)
	}
	if less.IsZero() {
		return ""
	}
	return s.words.Screen.Discount + " " + cash(less.Neg())
}

// pair is a label and a value at both ends of a line.
func (d *desk) pair(w int, label, value string, style theme.Style) string {
	return newRow(w).put(d.look.Dim, "  "+label).far(style, value, 1).end()
}

// bigAmount is a number three rows high, or in one row where it is too long.
func (d *desk) bigAmount(w, indent int, text string, style theme.Style) []string {
	rows := big(text, d.look)
	if width(rows[0])+indent > w {
		return []string{spaces(w), newRow(w).to(indent).put(style, text).end(), spaces(w)}
	}
	lines := make([]string, 0, len(rows))
	for _, r := range rows {
		lines = append(lines, newRow(w).to(indent).put(style, r).end())
	}
	return lines
}

// day is the business day so far.
func (s *sellScreen) day(a area, snap *till.Snapshot) []string {
	t, d := &s.words.Screen, snap.Today
	lines := []string{
		spaces(a.w),
		s.look.Head.Paint(left(" "+t.Today+" "+d.Date, a.w)),
		s.pair(a.w, t.Turnover, cash(d.Gross), s.look.Strong),
		s.pair(a.w, t.SalesCount, fmt.Sprint(d.Sales), s.look.Text),
		s.pair(a.w, t.Refunds, cash(d.Refunds), s.look.Text),
		s.pair(a.w, t.Net, cash(d.Gross.Sub(d.Refunds)), s.look.Text),
		spaces(a.w),
		s.look.Head.Paint(left(" "+t.ByMethod, a.w)),
	}
	for _, c := range d.ByChannel {
		lines = append(lines, s.pair(a.w, s.channel(c.Name)+" "+fmt.Sprint(c.Count), cash(c.Amount), s.look.Text))
	}
	if doubts := s.doubts(); doubts > 0 {
		lines = append(lines, spaces(a.w), newRow(a.w).put(s.look.Wait,
			"  "+theme.Doubt+" "+fmt.Sprintf(t.DoubtCount, doubts)).end())
	}
	return fill(a, lines)
}
