package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
	"abacus/tui/theme"
)

// resultScreen says how a payment ended: paid, a part of it paid, or not paid.
// The next scan or digit starts what comes next; no key is needed in between.
type resultScreen struct {
	*desk
	keys []binding
}

func newResult(d *desk) *resultScreen {
	r := &resultScreen{desk: d}
	done := func() bool { return r.nextSale(d.snap) }
	open := func() bool { return !done() }
	r.keys = append([]binding{
		{keys: []string{"enter", "esc", " ", "+", "-"}, label: func(t *lang.Screen) string { return t.KeyNextSale }, run: r.goOn, bar: true, live: done},
		{keys: []string{"enter", "esc", " ", "+", "-"}, label: func(t *lang.Screen) string { return t.KeyBackToSale }, run: r.goOn, bar: true, live: open},
		{keys: []string{"f2"}, label: func(t *lang.Screen) string { return t.KeyCash }, run: r.then(d.openCash), bar: true, live: open},
		{keys: []string{"f3"}, label: func(t *lang.Screen) string { return t.KeyPresent }, run: r.then(d.openPresent), bar: true, live: open},
		{keys: []string{"f7", "/"}, label: func(t *lang.Screen) string { return t.KeyReprint }, run: r.reprint, bar: true, live: done},
		{keys: []string{"f8"}, label: func(t *lang.Screen) string { return t.KeyRefund }, run: d.openRefund, bar: true, live: done},
		{keys: []string{"f9", "."}, label: func(t *lang.Screen) string { return t.KeyMenu }, run: d.openMenu, bar: true},
		{keys: []string{"*"}, label: func(t *lang.Screen) string { return t.KeyCustomer }, run: r.then(d.openCustomer),
			live: func() bool { return open() && d.snap.Identity.Sandbox }},
	}, d.everywhere()...)
	return r
}

func (r *resultScreen) bindings() []binding { return r.keys }

// nextSale reports whether the sale is done, so that what comes next is a new
// one.
func (r *resultScreen) nextSale(s *till.Snapshot) bool {
	return s.Sale != nil && s.Sale.State == ledger.SaleDone
}

// goOn takes note of the end.
func (r *resultScreen) goOn() tea.Cmd {
	r.seen = ended(r.snap)
	if !r.nextSale(r.snap) {
		return nil
	}
	r.sell.reset()
	return r.ask(till.SaleDismiss{}, nil)
}

// then takes note of the end and goes on with something.
func (r *resultScreen) then(next func() tea.Cmd) func() tea.Cmd {
	return func() tea.Cmd {
		r.goOn()
		return next()
	}
}

func (r *resultScreen) reprint() tea.Cmd { return r.printCopy(r.snap.Sale.ID) }

func (r *resultScreen) update(m tea.Msg, snap *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		// The core starts the next sale by itself when the last is done, and a
		// quantity typed for that one is not the next one's.
		if r.nextSale(snap) {
			r.sell.reset()
		}
		r.seen = ended(snap)
		return r.sell.scanned(m)
	case keyMsg:
		if cmd, ok := press(m, r.keys); ok {
			return cmd
		}
		if m.name == "" && m.r > ' ' { // the first character of what comes next
			return tea.Batch(r.goOn(), r.sell.update(m, snap))
		}
	}
	return nil
}

func (r *resultScreen) view(a area, snap *till.Snapshot) string {
	p := ledger.Payment{State: ledger.PaymentPaid}
	var phase payment.Phase
	if snap.Attempt != nil {
		p, phase = snap.Attempt.Payment, snap.Attempt.Phase
	}
	style, mark := r.look.Bad, theme.Failed
	if p.State == ledger.PaymentPaid {
		style, mark = r.look.Good, theme.Done
	}
	in := func(s theme.Style, text string) string { return newRow(a.w).to(6).put(s, text).end() }
	lines := []string{spaces(a.w), spaces(a.w)}
	lines = append(lines, r.bigAmount(a.w, 6, p.Amount.Decimal(), style)...)
	say, hint := r.saysOf(p, phase)
	lines = append(lines, spaces(a.w))
	for i, line := range wrap(say, a.w-14) {
		if i == 0 {
			line = mark + " " + line
		}
		lines = append(lines, in(style, line))
	}
	if !r.nextSale(snap) { // nothing is left to be done about a sale that is done
		for _, line := range wrap(hint, a.w-12) {
			lines = append(lines, in(r.look.Text, line))
		}
	}
	lines = append(lines, spaces(a.w))
	lines = append(lines, r.facts(a.w, snap, p)...)
	return r.page(a, lines, r.keys)
}

// facts are the numbers that belong to the end of a payment.
func (r *resultScreen) facts(w int, snap *till.Snapshot, p ledger.Payment) []string {
	t := &r.words.Screen
	var lines []string
	pair := func(a, av, b, bv string) {
		line := newRow(w).to(6).put(r.look.Dim, a+" ").put(r.look.Strong, av)
		if b != "" && 44+width(b)+1+width(bv) > w { // an acquirer's number is needed whole
			lines, line = append(lines, line.end()), newRow(w).to(6)
			line.put(r.look.Dim, b+" ").put(r.look.Strong, bv)
		} else if b != "" {
			line.to(44).put(r.look.Dim, b+" ").put(r.look.Strong, bv)
		}
		lines = append(lines, line.end())
	}
	how := r.channel(p.Channel)
	if p.Instalments > 0 {
		how += " " + fmt.Sprintf(t.Instalments, p.Instalments)
	}
	pair(t.Method, how, t.Payer, orNone(p.Payer))
	pair(t.Order, p.ID, t.AcquirerNumber, orNone(p.AcquirerReference))
	if p.Channel == "cash" {
		pair(t.Tendered, cash(p.Tendered), "", "")
		lines = append(lines, newRow(w).to(6).put(r.look.Dim, t.Change).end())
		lines = append(lines, r.bigAmount(w, 6, p.Change.Decimal(), r.look.Strong)...)
	}
	if p.Prepaid != "" {
		pair(t.PrepaidCard, p.CodeMask, t.PrepaidLeft, cash(p.PrepaidLeft))
	}
	if snap.Sale != nil && !r.nextSale(snap) {
		lines = append(lines, newRow(w).to(6).put(r.look.Wait, t.StillDue+" "+cash(snap.Sale.Due())).end())
	}
	if text := r.receiptState(snap.Printing); text != "" {
		pair(t.Receipt, text, "", "")
	}
	if r.nextSale(snap) {
		lines = append(lines, spaces(w), newRow(w).to(6).put(r.look.Dim, t.NextScanStarts).end())
	}
	return lines
}

func (d *desk) receiptState(state string) string {
	t := &d.words.Screen
	switch state {
	case "queued":
		return t.PrintQueued
	case "printed":
		return t.PrintDone
	case "failed":
		return t.PrintFailed
	case "unknown":
		return t.PrintUnknown
	}
	return ""
}

func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
