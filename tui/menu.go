package tui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
)

// words picks a text of the screen's language, so that a change of language is
// seen at once on every screen that is open.
type words func(*lang.Screen) string

// item is one row of a menu.
type item struct {
	label words
	run   func() tea.Cmd
	live  func() bool // nil: always; otherwise the row is dim and does nothing
	stays bool        // the menu stays open behind what the row does
}

// menuScreen is a numbered choice: a digit acts, so does Enter on the chosen
// row, and 0 or Esc goes back. Up to nine rows have a digit.
type menuScreen struct {
	*desk
	title words
	head  func(w int) []string // lines above the rows, nil for none
	items []item
	pick  int
	keys  []binding
	self  screen // what is on the stack, when this is part of another screen
}

func newMenu(d *desk, title words, items ...item) *menuScreen {
	m := &menuScreen{desk: d, title: title, items: items}
	m.self = m
	m.keys = append([]binding{
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyTake }, run: m.take, bar: true},
		{keys: []string{"up"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: func() tea.Cmd { return m.move(-1) }, bar: true},
		{keys: []string{"down"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: func() tea.Cmd { return m.move(+1) }},
		{keys: []string{"0", "esc", "-"}, label: func(t *lang.Screen) string { return t.KeyBack }, run: d.back, bar: true},
	}, d.everywhere()...)
	return m
}

func (m *menuScreen) bindings() []binding { return m.keys }

func (m *menuScreen) update(msg tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch msg := msg.(type) {
	case scanMsg:
		return m.leaveFor(msg)
	case keyMsg:
		if n := int(msg.r - '1'); n >= 0 && n < min(len(m.items), 9) {
			m.pick = n
			return m.take()
		}
		cmd, _ := press(msg, m.keys)
		return cmd
	}
	return nil
}

func (m *menuScreen) move(by int) tea.Cmd {
	m.pick = (m.pick + by + len(m.items)) % max(len(m.items), 1)
	return nil
}

func (m *menuScreen) take() tea.Cmd {
	if m.pick >= len(m.items) {
		return nil
	}
	it := m.items[m.pick]
	if it.live != nil && !it.live() {
		return m.refuse(m.words.Screen.NotNow)
	}
	if !it.stays {
		m.close(m.self)
	}
	return it.run()
}

func (m *menuScreen) view(a area, _ *till.Snapshot) string {
	t := &m.words.Screen
	lines := []string{spaces(a.w), m.look.Head.Paint(left("  "+m.title(t), a.w)), spaces(a.w)}
	if m.head != nil {
		lines = append(lines, m.head(a.w)...)
	}
	rows := make([]string, 0, len(m.items))
	for i, it := range m.items {
		digit := " "
		if i < 9 {
			digit = strconv.Itoa(i + 1)
		}
		r := newRow(a.w).add("    ").put(m.look.Key, digit).add("  ")
		dead := it.live != nil && !it.live()
		switch {
		case i == m.pick:
			r.put(m.look.Chosen, "> "+it.label(t)+" ")
			if dead {
				r.put(m.look.Dim, t.Unavailable)
			}
		case dead:
			r.put(m.look.Dim, "  "+it.label(t)+" "+t.Unavailable)
		default:
			r.add("  " + it.label(t))
		}
		rows = append(rows, r.end())
	}
	room := a.h - 4 - len(lines)
	return m.page(a, append(lines, window(rows, m.pick, room)...), m.keys)
}

// leaveFor takes a scan from a screen on which nothing has been entered to the
// sale, so that no mode key stands between two gestures.
func (d *desk) leaveFor(m scanMsg) tea.Cmd {
	d.home()
	if d.base == screen(d.sell) {
		return d.sell.scanned(m)
	}
	return d.base.update(m, d.snap)
}

// refuseScan is for screens with a number or a question: there a scan must do
// nothing at all.
func (d *desk) refuseScan() tea.Cmd { return d.refuse(d.words.Screen.ScanNotHere) }
