package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/payment"
	"abacus/tui/theme"
)

// confirm asks before something that cannot be taken back. Only + says yes:
// no scanner sends it alone, and Enter may belong to a scan.
type confirm struct {
	*desk
	title words
	lines func(*lang.Screen) []string
	yes   func() tea.Cmd
	keys  []binding
}

func newConfirm(d *desk, title words, lines func(*lang.Screen) []string, yes func() tea.Cmd) *confirm {
	c := &confirm{desk: d, title: title, lines: lines, yes: yes}
	c.keys = append([]binding{
		{keys: []string{"+"}, label: func(t *lang.Screen) string { return t.KeyYes }, run: c.agree, bar: true},
		{keys: []string{"-", "esc"}, label: func(t *lang.Screen) string { return t.KeyNo }, run: c.leave, bar: true},
	}, d.everywhere()...)
	return c
}

func (c *confirm) bindings() []binding { return c.keys }

func (c *confirm) agree() tea.Cmd {
	yes := c.yes
	c.leave()
	return yes()
}

// leave forgets what the dialog would have done: it may hold a pay code.
func (c *confirm) leave() tea.Cmd {
	c.yes = func() tea.Cmd { return nil }
	c.close(c)
	return nil
}

func (c *confirm) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		return c.refuseScan()
	case keyMsg:
		cmd, _ := press(m, c.keys)
		return cmd
	}
	return nil
}

func (c *confirm) view(a area, _ *till.Snapshot) string {
	t := &c.words.Screen
	lines := []string{spaces(a.w), newRow(a.w).add("  ").put(c.look.Wait, " "+c.title(t)+" ").end(), spaces(a.w)}
	for _, text := range c.lines(t) {
		for _, line := range wrap(text, a.w-12) {
			lines = append(lines, newRow(a.w).to(6).put(c.look.Strong, line).end())
		}
	}
	lines = append(lines, spaces(a.w),
		newRow(a.w).to(6).put(c.look.Key, "+").add("  "+t.KeyYes).end(),
		newRow(a.w).to(6).put(c.look.Key, "-").add("  "+t.KeyNo).end())
	return c.page(a, lines, c.keys)
}

// newConfirmPay is the one confirmation of an amount above the shop's
// threshold.
func newConfirmPay(d *desk, what till.Scanned, code string) *confirm {
	masked, key, sale := payment.Mask(code), d.mint(), ""
	if what.Sale != nil { // what was asked about is paid, whatever is in front by then
		sale = what.Sale.ID
	}
	return newConfirm(d, func(t *lang.Screen) string { return t.ConfirmPay },
		func(t *lang.Screen) []string {
			return []string{fmt.Sprintf(t.ConfirmPayText, d.channel(string(what.Channel)), cash(what.Confirm), masked)}
		},
		func() tea.Cmd {
			return d.pay(key, till.SalePay{Sale: sale, Method: "auto", Amount: what.Confirm, Code: code})
		})
}

// openQuit asks before leaving. All money in the air is told, and that it goes on.
func (d *desk) openQuit() tea.Cmd {
	if _, open := d.top().(*quitScreen); open {
		return nil
	}
	return d.open(newQuit(d))
}

// asks reports whether a screen is a question.
func asks(s screen) bool {
	switch s.(type) {
	case *confirm, *quitScreen:
		return true
	}
	return false
}

// quitScreen is a confirm that Ctrl+C finds open.
type quitScreen struct{ *confirm }

func newQuit(d *desk) *quitScreen {
	q := &quitScreen{}
	q.confirm = newConfirm(d, func(t *lang.Screen) string { return t.QuitTitle },
		func(t *lang.Screen) []string {
			lines := []string{t.QuitText}
			if n := d.doubts(); n > 0 {
				lines = append(lines, theme.Doubt+" "+fmt.Sprintf(t.QuitInFlight, n))
			}
			if front(d.snap) != nil {
				lines = append(lines, t.QuitSaleStays)
			}
			return lines
		}, func() tea.Cmd { return tea.Quit })
	q.keys[0].run = func() tea.Cmd { d.close(q); return tea.Quit }
	q.keys[1].run = func() tea.Cmd { d.close(q); return nil }
	return q
}
