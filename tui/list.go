package tui

import (
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
)

// listScreen is a table with a chosen row. Rows are drawn anew for every
// frame, so they follow the snapshot, the language and the width.
//
// Where rows come and go with the snapshot, the bar stays on what it was put on,
// wherever that moves: no key may reach a row that came under the bar by itself.
// When that row is gone the bar goes to one beside it, and the first key that
// could act there only tells.
type listScreen struct {
	*desk
	title   words
	heading func(w int) string
	rows    func(w int) []string
	foot    func(w, at int) []string // more about the chosen row, nil for none
	enter   func(at int) tea.Cmd     // nil: nothing to open
	ids     func() []string          // what each row is, where rows follow the snapshot; nil: they do not
	pick    int                      // the chosen row as last known; see at
	keys    []binding

	chosen  string    // what the bar was put on
	known   []string  // the rows as last known
	changed time.Time // when those came or went
	unsure  bool      // nobody has chosen the row under the bar
}

func newList(d *desk, title words, more ...binding) *listScreen {
	l := &listScreen{desk: d, title: title}
	page := func(by int) func() tea.Cmd { return func() tea.Cmd { return l.move(by) } }
	for i := range more {
		more[i].run = l.sure(more[i].run)
	}
	l.keys = append(more, []binding{
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeyTake }, run: l.sure(l.take), bar: true,
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

// at is the row under the bar. It looks the chosen one up each time, so that
// neither a key nor a frame can be ahead of the snapshot.
func (l *listScreen) at() int {
	if l.ids == nil {
		return l.pick
	}
	before, opens := l.known, l.known == nil
	l.known = append([]string{}, l.ids()...)
	switch i := slices.Index(l.known, l.chosen); {
	case opens:
		l.choose(l.pick)
	case slices.Equal(before, l.known):
	case i >= 0:
		l.pick, l.changed = i, l.now()
	default:
		l.choose(l.pick)
		l.changed, l.unsure = l.now(), true
	}
	return l.pick
}

// choose puts the bar on a row.
func (l *listScreen) choose(at int) {
	l.pick = min(max(at, 0), max(l.count()-1, 0))
	if l.chosen = ""; l.pick < len(l.known) {
		l.chosen = l.known[l.pick]
	}
}

func (l *listScreen) count() int {
	if l.ids != nil {
		return len(l.known)
	}
	return len(l.rows(leastWidth))
}

// move goes on from the row under the bar. Where rows have only just come or
// gone, the one it reaches may not be the one that was meant.
func (l *listScreen) move(by int) tea.Cmd {
	l.choose(l.at() + by)
	l.unsure = l.pressed().Sub(l.changed) < quiet
	return nil
}

// sure lets a key act only on a row that somebody has chosen. The first that
// would act on another makes that the chosen one; the keyboard must then be
// quiet, so that a key held down does not act either.
func (l *listScreen) sure(run func() tea.Cmd) func() tea.Cmd {
	return func() tea.Cmd {
		if l.at(); !l.unsure {
			return run()
		}
		l.unsure = false
		l.openedAt, l.armed = l.now(), false
		return l.refuse(l.words.Screen.RowGone)
	}
}

func (l *listScreen) take() tea.Cmd {
	if at := l.at(); at < l.count() {
		return l.enter(at)
	}
	return nil
}

// numbers are what the rows of a list are known by.
func numbers[T any](rows []T, number func(*T) string) []string {
	all := make([]string, 0, len(rows))
	for i := range rows {
		all = append(all, number(&rows[i]))
	}
	return all
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
	at := min(l.at(), max(len(rows)-1, 0))
	lines := []string{l.look.Head.Paint(left("  "+l.title(t), a.w))}
	if l.heading != nil {
		lines = append(lines, l.look.Dim.Paint(l.heading(a.w)))
	}
	if len(rows) == 0 {
		return l.page(a, append(lines, spaces(a.w), l.look.Dim.Paint(left("    "+t.NothingHere, a.w))), l.keys)
	}
	var foot []string
	if l.foot != nil {
		foot = append([]string{l.rule(a.w, 0, "")}, l.foot(a.w, at)...)
	}
	room := a.h - 4 - len(lines) - len(foot)
	rows[at] = l.look.Chosen.Paint(rows[at])
	lines = fill(area{a.w, a.h - 4 - len(foot)}, append(lines, window(rows, at, room)...))
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
