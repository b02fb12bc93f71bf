package tui

import (
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// sellScreen is where a sale is put together. One line of input does it all,
// on the number pad: see submit.
type sellScreen struct {
	*desk
	entry    field
	selected int // line number, 0: the last line

	asked    string
	found    []goods.Item // what the search for foundFor gave: until it answers, the one before
	foundFor string
	pick     int // of found

	keys []binding
}

func newSell(d *desk) *sellScreen {
	s := &sellScreen{desk: d}
	empty := func() bool { return s.entry.text == "" }
	s.keys = append([]binding{
		{keys: []string{"f2"}, label: func(t *lang.Screen) string { return t.KeyCash }, run: d.openCash, bar: true},
		{keys: []string{"f3"}, label: func(t *lang.Screen) string { return t.KeyPresent }, run: d.openPresent, bar: true},
		{keys: []string{"f4"}, label: func(t *lang.Screen) string { return t.KeyCard }, run: func() tea.Cmd { return d.payByCard(d.mint(), money.Amount{}) }, bar: true},
		{keys: []string{"f5"}, label: func(t *lang.Screen) string { return t.KeyMember }, run: d.openMember, bar: true},
		{keys: []string{"f6"}, label: func(t *lang.Screen) string { return t.KeyDiscount }, run: d.openDiscount, bar: true},
		{keys: []string{"f7"}, label: func(t *lang.Screen) string { return t.KeyHold }, run: d.holdOrRecall, bar: true},
		{keys: []string{"f8"}, label: func(t *lang.Screen) string { return t.KeyRefund }, run: d.openRefund, bar: true},
		{keys: []string{"f9", "."}, label: func(t *lang.Screen) string { return t.KeyMenu }, run: d.openMenu, bar: true, live: empty},
		{keys: []string{"+", "enter"}, label: func(t *lang.Screen) string { return t.KeyPay }, run: d.openPay, live: empty},
		{keys: []string{"-"}, label: func(t *lang.Screen) string { return t.KeyRemove }, run: s.remove, live: empty},
		{keys: []string{"up"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: func() tea.Cmd { return s.move(-1) }},
		{keys: []string{"down"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: func() tea.Cmd { return s.move(+1) }},
		{keys: []string{"*"}, label: func(t *lang.Screen) string { return t.KeyCustomer }, run: d.openCustomer,
			live: func() bool { return empty() && d.snap.Identity.Sandbox }},
		{keys: []string{"esc"}, label: func(t *lang.Screen) string { return t.KeyClear }, run: s.escape},
	}, d.everywhere()...)
	return s
}

func (s *sellScreen) bindings() []binding { return s.keys }

// reset forgets what one operator had begun to type.
func (s *sellScreen) reset() {
	s.entry.clear()
	s.selected, s.pick, s.found, s.foundFor, s.asked = 0, 0, nil, "", ""
}

func (s *sellScreen) forget() { s.reset() }

func (s *sellScreen) escape() tea.Cmd {
	s.reset()
	return nil
}

func (s *sellScreen) update(m tea.Msg, snap *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		return s.scanned(m)
	case keyMsg:
		if s.entry.text != "" {
			if cmd, mine := s.typing(m); mine {
				return cmd
			}
		}
		if cmd, ok := press(m, s.keys); ok {
			return cmd
		}
		if s.entry.key(m) {
			return s.search()
		}
	}
	return nil
}

// typing handles a key while something stands in the input line.
func (s *sellScreen) typing(k keyMsg) (cmd tea.Cmd, mine bool) {
	number := s.entry.text != "" && strings.Trim(s.entry.text, "0123456789.*") == ""
	switch {
	case k.name == "enter", k.r == '+' && number:
		return s.submit(), true
	case k.r == '?':
		return nil, false
	case number && k.r == '-', k.r == '*' && strings.Trim(s.entry.text, "0123456789.") != "":
		return nil, true // no meaning here: rather nothing than a surprise
	case s.entry.key(k):
		return s.search(), true
	}
	return nil, false
}

// scanned takes a scan. What was typed before stays, and "5*" before a scan of
// goods is their quantity.
func (s *sellScreen) scanned(m scanMsg) tea.Cmd {
	q, rest, ok := splitQuantity(s.entry.text)
	if ok && q != 0 && rest == "" {
		s.entry.clear()
		return s.scan(m.text, q)
	}
	return s.scan(m.text, 0)
}

// search looks goods up as their name or initials are typed.
func (s *sellScreen) search() tea.Cmd {
	_, text, ok := splitQuantity(s.entry.text)
	if !ok || strings.HasPrefix(text, "/") || !strings.ContainsFunc(text, unicode.IsLetter) {
		s.found, s.foundFor, s.asked = nil, "", ""
		return nil
	}
	s.asked, s.pick = text, 0
	return s.lookUp(till.GoodsSearch{Text: text, Limit: 40}, func(r till.Result) tea.Cmd {
		if items, ok := r.([]goods.Item); ok && s.asked == text { // not overtaken by the next key
			s.found, s.foundFor, s.pick = items, text, 0
		}
		return nil
	})
}

func (s *sellScreen) searching() bool { return s.asked != "" }

// move chooses a line of the sale, or of what was found.
func (s *sellScreen) move(by int) tea.Cmd {
	if s.searching() {
		s.pick = min(max(s.pick+by, 0), max(len(s.found)-1, 0))
		return nil
	}
	sale := front(s.snap)
	if sale == nil {
		return nil
	}
	lines := standing(sale)
	at := len(lines) - 1
	for i, l := range lines {
		if l.No == s.selected {
			at = i
		}
	}
	if at += by; at >= 0 && at < len(lines) {
		s.selected = lines[at].No
	}
	return nil
}

func (s *sellScreen) remove() tea.Cmd {
	if front(s.snap) == nil {
		return s.refuse(s.words.Screen.NothingToRemove)
	}
	line := s.selected
	s.selected = 0
	return s.ask(till.SaleRemove{Line: line}, nil)
}

// front is the sale being put together, nil between two sales.
func front(s *till.Snapshot) *ledger.Sale {
	if s.Sale != nil && s.Sale.State == ledger.SaleOpen {
		return s.Sale
	}
	return nil
}

// standing are the lines of a sale that have not been removed.
func standing(sale *ledger.Sale) []ledger.Line {
	lines := make([]ledger.Line, 0, len(sale.Lines))
	for _, l := range sale.Lines {
		if !l.Removed {
			lines = append(lines, l)
		}
	}
	return lines
}
