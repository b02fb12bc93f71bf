package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
)

// numberScreen asks for one thing: an amount, a percentage, a number.
type numberScreen struct {
	*desk
	title, hint words
	entry       field
	small       bool // a number that is no sum: not in large digits
	submit      func(f *field) tea.Cmd
	keys        []binding
}

func newNumber(d *desk, k kind, title, hint words, submit func(*field) tea.Cmd) *numberScreen {
	n := &numberScreen{desk: d, title: title, hint: hint, entry: field{kind: k}, submit: submit}
	n.keys = append([]binding{
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyTake }, run: func() tea.Cmd { return n.submit(&n.entry) }, bar: true},
		{keys: []string{"esc", "-"}, label: func(t *lang.Screen) string { return t.KeyBack }, run: n.escape, bar: true},
	}, d.everywhere()...)
	return n
}

func (n *numberScreen) bindings() []binding { return n.keys }

func (n *numberScreen) forget() { n.entry.clear() }

// escape clears the field first, then leaves.
func (n *numberScreen) escape() tea.Cmd {
	if n.entry.text != "" {
		n.entry.clear()
		return nil
	}
	return n.back()
}

func (n *numberScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		return n.refuseScan()
	case keyMsg:
		if n.entry.key(m) {
			return nil
		}
		cmd, _ := press(m, n.keys)
		return cmd
	}
	return nil
}

func (n *numberScreen) view(a area, _ *till.Snapshot) string {
	t := &n.words.Screen
	text := n.entry.shown(n.held)
	lines := []string{spaces(a.w), n.look.Head.Paint(left("  "+n.title(t), a.w)), spaces(a.w)}
	if !n.small && (n.entry.kind == amount || n.entry.kind == count) {
		digits := text
		if digits == "" || len(digits) > 12 || !numeric(digits) {
			digits = "0"
		}
		lines = append(lines, n.bigAmount(a.w, 6, digits, n.look.Strong)...)
		lines = append(lines, spaces(a.w))
	}
	lines = append(lines, newRow(a.w).to(6).put(n.look.Key, ">").add(" ").put(n.look.Typed, " "+text+"_ ").end(), spaces(a.w))
	for _, line := range wrap(n.hint(t), a.w-12) {
		lines = append(lines, newRow(a.w).to(6).put(n.look.Dim, line).end())
	}
	return n.page(a, lines, n.keys)
}

func numeric(text string) bool {
	for _, r := range text {
		if (r < '0' || r > '9') && r != '.' {
			return false
		}
	}
	return true
}

// wanted is the amount typed; an unclear one is refused and the field cleared.
func (d *desk) wanted(f *field) (money.Amount, tea.Cmd, bool) {
	a, ok := f.value(d.currency())
	if !ok {
		f.clear()
		return a, d.refuse(d.words.Screen.InputUnclear), false
	}
	return a, nil, true
}
