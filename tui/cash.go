package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/payment"
	"abacus/tui/theme"
)

// cashScreen asks what the customer gave and shows the change while it is
// typed.
type cashScreen struct {
	*desk
	part  money.Amount // zero: all that is due
	key   string
	entry field
	keys  []binding
}

// openCash is the shortcut to paying in cash.
func (d *desk) openCash() tea.Cmd {
	if d.givenAway() {
		return d.giveAway()
	}
	if !d.payable() {
		return d.refuse(d.words.Screen.NothingToPay)
	}
	return d.open(newCash(d, money.Amount{}))
}

func newCash(d *desk, part money.Amount) *cashScreen {
	c := &cashScreen{desk: d, part: part, key: d.mint(), entry: field{kind: amount}}
	c.keys = append([]binding{
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyTakeCash }, run: c.submit, bar: true},
		{keys: []string{"+"}, label: func(t *lang.Screen) string { return t.KeyTakePart }, run: c.takePart, bar: true, live: c.short},
		{keys: []string{"esc", "-"}, label: func(t *lang.Screen) string { return t.KeyBack }, run: c.escape, bar: true},
	}, d.everywhere()...)
	return c
}

func (c *cashScreen) bindings() []binding { return c.keys }

func (c *cashScreen) forget() { c.entry.clear() }

func (c *cashScreen) escape() tea.Cmd {
	if c.entry.text != "" {
		c.entry.clear()
		return nil
	}
	return c.back()
}

// given is what has been typed; nothing typed means exactly the amount.
func (c *cashScreen) given() (money.Amount, bool) {
	if c.entry.text == "" {
		return c.toPay(c.part), true
	}
	return c.entry.value(c.currency())
}

// short reports that less was given than is due.
func (c *cashScreen) short() bool {
	given, ok := c.given()
	return ok && given.Positive() && given.Less(c.toPay(c.part))
}

func (c *cashScreen) submit() tea.Cmd {
	given, ok := c.given()
	switch {
	case front(c.snap) == nil: // done meanwhile, by a payment that was in doubt
		return c.home()
	case !ok || !given.Positive():
		c.entry.clear()
		return c.refuse(c.words.Screen.InputUnclear)
	case c.short():
		return c.refuse(fmt.Sprintf(c.words.Screen.CashShort, cash(c.toPay(c.part).Sub(given))))
	case c.entry.text == "" && c.repeats: // Enter held down got here through the menu
		return nil
	case c.entry.text == "":
		given = money.Amount{}
	}
	return c.pay(c.key, till.SalePay{Method: string(payment.Cash), Amount: c.part, Tendered: given})
}

// takePart takes what was given as a part of the sale.
func (c *cashScreen) takePart() tea.Cmd {
	given, ok := c.given()
	if front(c.snap) == nil {
		return c.home()
	}
	if !ok {
		return c.refuse(c.words.Screen.InputUnclear)
	}
	return c.pay(c.key, till.SalePay{Method: string(payment.Cash), Amount: given, Tendered: given})
}

func (c *cashScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		if m.payCode() && c.entry.text == "" && c.part.IsZero() {
			return c.leaveFor(m) // the customer prefers the phone after all
		}
		return c.refuseScan()
	case keyMsg:
		if c.entry.key(m) {
			return nil
		}
		cmd, _ := press(m, c.keys)
		return cmd
	}
	return nil
}

func (c *cashScreen) view(a area, _ *till.Snapshot) string {
	t := &c.words.Screen
	due := c.toPay(c.part)
	lines := []string{spaces(a.w), newRow(a.w).to(4).put(c.look.Dim, t.Due).end()}
	lines = append(lines, c.bigAmount(a.w, 4, due.Decimal(), c.look.Strong)...)
	lines = append(lines, spaces(a.w),
		newRow(a.w).to(4).put(c.look.Dim, t.Tendered+"  ").put(c.look.Typed, " "+c.entry.shown(c.held)+"_ ").end(), spaces(a.w))
	given, ok := c.given()
	switch {
	case c.entry.text == "" || !ok:
		lines = append(lines, newRow(a.w).to(4).put(c.look.Dim, t.CashHint).end())
	case c.short():
		lines = append(lines, newRow(a.w).to(4).put(c.look.Wait, theme.Doubt+" "+t.StillMissing).end())
		lines = append(lines, c.bigAmount(a.w, 4, due.Sub(given).Decimal(), c.look.Wait)...)
	default:
		lines = append(lines, newRow(a.w).to(4).put(c.look.Good, t.Change).end())
		lines = append(lines, c.bigAmount(a.w, 4, given.Sub(due).Decimal(), c.look.Good)...)
	}
	return c.page(a, lines, c.keys)
}
