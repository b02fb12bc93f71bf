package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/tui/theme"
)

// startScreen is shown while the books are being opened and checked, and when
// the till does not sell: it says why and what to do.
type startScreen struct {
	*desk
	keys []binding
}

func newStart(d *desk) *startScreen {
	s := &startScreen{desk: d}
	s.keys = append([]binding{
		{keys: []string{"f9", "."}, label: func(t *lang.Screen) string { return t.MenuTill }, run: d.openTillMenu, bar: true},
	}, d.everywhere()...)
	return s
}

func (s *startScreen) bindings() []binding { return s.keys }

func (s *startScreen) update(m tea.Msg, _ *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		if s.snap.Trouble != nil {
			return s.refuse(s.words.Screen.SellsNothing)
		}
		return s.refuse(s.words.Screen.NotReadyYet)
	case keyMsg:
		cmd, _ := press(m, s.keys)
		return cmd
	}
	return nil
}

func (s *startScreen) view(a area, snap *till.Snapshot) string {
	t := &s.words.Screen
	lines := []string{spaces(a.w), spaces(a.w), newRow(a.w).to(6).put(s.look.Strong, t.Name).end(), spaces(a.w)}
	if snap.Trouble == nil {
		lines = append(lines, newRow(a.w).to(6).put(s.look.Wait, theme.Doubt+" "+t.OpeningBooks).end())
		return s.page(a, lines, s.keys)
	}
	say, hint := s.words.Fault(snap.Trouble.Code, snap.Trouble.Args)
	for _, line := range wrap(theme.Failed+" "+say, a.w-12) {
		lines = append(lines, newRow(a.w).to(6).put(s.look.Bad, line).end())
	}
	lines = append(lines, spaces(a.w))
	for _, line := range wrap(hint, a.w-12) {
		lines = append(lines, newRow(a.w).to(6).put(s.look.Strong, line).end())
	}
	return s.page(a, lines, s.keys)
}
