package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
)

// listScreen is a table with a chosen row. Rows are drawn anew for every
// frame, so they follow the snapshot, the language and the width.
type listScreen struct {
	*desk
	title   words
	heading func(w int) string
	rows    func(w int) []string
	foot    func(w, at int) []string // more about the chosen row, nil for none
	enter   func(at int) tea.Cmd     // nil: nothing to open
	pick    int
	keys    []binding
}

func newList(d *desk, title words, more ...binding) *listScreen {
	l := &listScreen{desk: d, title: title}
	page := func(by int) func() tea.Cmd { return func() tea.Cmd { return l.move(by) } }
	l.keys = append(more, []binding{
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyTake }, run: l.take, bar: true,
			live: func() bool { return l.enter != nil }},
		{keys: []string{"up"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: page(-1), bar: true},
		{keys: []string{"down"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: page(+1)},
		{keys: []string{"pgup"}, label: func(t *lang.Screen) string { return t.KeyPage }, run: page(-10)},
		{keys: []string{"pgdown"}, label: func(t *lang.Screen) string { return t.KeyPage }, run: page(+10)},
		{keys: []string{"0", "esc"}, label: func(t *lang.Screen) string { return t.KeyBack }, run: d.back, bar: true},
	}...)
	l.keys = append(l.keys, d.everywhere()...)
	return l
}

func (l *listScreen) bindings() []binding { return l.keys }

func (l *listScreen) move(by int) tea.Cmd {
	l.pick = min(max(l.pick+by, 0), max(len(l.rows(leastWidth))-1, 0))
	return nil
}

func (l *listScreen) take() tea.Cmd {
	if l.pick >= len(l.rows(leastWidth)) {
		return nil
	}
	return l.enter(l.pick)
}

func (l *listScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		return l.leaveFor(m)
	case keyMsg:
		cmd, _ := press(m, l.keys)
		return cmd
	}
	return nil
}

func (l *listScreen) view(a area, _ *till.Snapshot) string {
	t := &l.words.Screen
	rows := l.rows(a.w)
	l.pick = min(l.pick, max(len(rows)-1, 0))
	lines := []string{l.look.Head.Paint(left("  "+l.title(t), a.w))}
	if l.heading != nil {
		lines = append(lines, l.look.Dim.Paint(l.heading(a.w)))
	}
	if len(rows) == 0 {
		return l.page(a, append(lines, spaces(a.w), l.look.Dim.Paint(left("    "+t.NothingHere, a.w))), l.keys)
	}
	var foot []string
	if l.foot != nil {
		foot = append([]string{l.rule(a.w, 0, "")}, l.foot(a.w, l.pick)...)
	}
	room := a.h - 4 - len(lines) - len(foot)
	rows[l.pick] = l.look.Chosen.Paint(rows[l.pick])
	lines = fill(area{a.w, a.h - 4 - len(foot)}, append(lines, window(rows, l.pick, room)...))
	return l.page(a, append(lines, foot...), l.keys)
}

// textScreen is text to be read, with scrolling.
type textScreen struct {
	*desk
	title words
	lines func(t *lang.Screen, w int) []string
	top   int
	room  int // lines seen at once, as last drawn
	count int
	keys  []binding
}

func newText(d *desk, title words, lines func(t *lang.Screen, w int) []string, more ...binding) *textScreen {
	s := &textScreen{desk: d, title: title, lines: lines}
	page := func(pages, by int) func() tea.Cmd {
		return func() tea.Cmd {
			s.top = min(max(s.top+pages*s.room+by, 0), max(s.count-s.room, 0))
			return nil
		}
	}
	s.keys = append(more, []binding{
		{keys: []string{"up"}, label: func(t *lang.Screen) string { return t.KeyScroll }, run: page(0, -1), bar: true},
		{keys: []string{"down"}, label: func(t *lang.Screen) string { return t.KeyScroll }, run: page(0, +1)},
		{keys: []string{"pgup", "-"}, label: func(t *lang.Screen) string { return t.KeyPage }, run: page(-1, 0), bar: true},
		{keys: []string{"pgdown", "+", " "}, label: func(t *lang.Screen) string { return t.KeyPage }, run: page(+1, 0)},
		{keys: []string{"enter", "esc", "0"}, label: func(t *lang.Screen) string { return t.KeyBack }, run: d.back, bar: true},
	}...)
	s.keys = append(s.keys, d.everywhere()...)
	return s
}

// onEnter gives Enter something to do; Esc and 0 still go back.
func (s *textScreen) onEnter(b binding) {
	for i := range s.keys {
		if s.keys[i].keys[0] == "enter" {
			s.keys[i].keys = []string{"esc", "0"}
		}
	}
	s.keys = append([]binding{b}, s.keys...)
}

func (s *textScreen) bindings() []binding { return s.keys }

func (s *textScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		return s.leaveFor(m)
	case keyMsg:
		cmd, _ := press(m, s.keys)
		return cmd
	}
	return nil
}

func (s *textScreen) view(a area, _ *till.Snapshot) string {
	t := &s.words.Screen
	all := s.lines(t, a.w-8)
	s.room, s.count = a.h-6, len(all)
	s.top = min(s.top, max(s.count-s.room, 0))
	more := ""
	if s.count > s.room {
		more = fmt.Sprintf("%d-%d / %d", s.top+1, min(s.top+s.room, s.count), s.count)
	}
	lines := []string{
		newRow(a.w).put(s.look.Head, "  "+s.title(t)+" ").far(s.look.Dim, more, 2).end(), spaces(a.w),
	}
	for _, line := range all[s.top:min(s.top+s.room, len(all))] {
		lines = append(lines, newRow(a.w).to(4).add(line).end())
	}
	return s.page(a, lines, s.keys)
}
