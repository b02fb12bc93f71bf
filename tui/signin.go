package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
	"abacus/internal/till"
	"abacus/scanner"
)

// signInScreen asks who works here now. Operators the till names are chosen
// with the arrows; anybody else types a number after a slash.
type signInScreen struct {
	*desk
	pick   int
	number field // operator, when typed
	badge  string
	typing bool // the number is being typed
	pin    field
	keys   []binding
}

func newSignIn(d *desk) *signInScreen {
	s := &signInScreen{desk: d, number: field{kind: count}, pin: field{kind: secret}}
	s.keys = append([]binding{
		{keys: []string{"enter"}, label: func(t *lang.Screen) string { return t.KeySignIn }, run: s.submit, bar: true},
		{keys: []string{"up"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: func() tea.Cmd { return s.move(-1) }, bar: true},
		{keys: []string{"down"}, label: func(t *lang.Screen) string { return t.KeyChoose }, run: func() tea.Cmd { return s.move(+1) }},
		{keys: []string{"/", "tab"}, label: func(t *lang.Screen) string { return t.KeyOtherOperator }, run: s.other, bar: true},
		{keys: []string{"esc"}, label: func(t *lang.Screen) string { return t.KeyClear }, run: s.clear, bar: true},
		{keys: []string{"f9", "."}, label: func(t *lang.Screen) string { return t.MenuTill }, run: d.openTillMenu, bar: true},
	}, d.everywhere()...)
	return s
}

func (s *signInScreen) bindings() []binding { return s.keys }

// reset forgets what was typed, the PIN first of all.
func (s *signInScreen) reset() {
	s.pin.clear()
	s.number.clear()
	s.badge, s.typing = "", false
}

func (s *signInScreen) forget() { s.reset() }

func (s *signInScreen) clear() tea.Cmd {
	s.reset()
	return nil
}

func (s *signInScreen) other() tea.Cmd {
	s.reset()
	s.typing = true
	return nil
}

func (s *signInScreen) move(by int) tea.Cmd {
	s.reset()
	s.pick = min(max(s.pick+by, 0), max(len(s.snap.SignIn)-1, 0))
	return nil
}

// who is the operator about to sign in.
func (s *signInScreen) who() string {
	if s.badge != "" {
		return s.badge
	}
	if s.number.text != "" || s.typing || len(s.snap.SignIn) == 0 {
		return s.number.text
	}
	return s.snap.SignIn[min(s.pick, len(s.snap.SignIn)-1)].Operator.ID
}

func (s *signInScreen) submit() tea.Cmd {
	who, pin := s.who(), s.pin.text
	switch {
	case who == "":
		s.typing = true
		return nil
	case s.typing:
		s.typing = false // on to the PIN
		return nil
	case pin == "":
		return s.refuse(s.words.Screen.PINMissing)
	}
	s.pin.clear()
	return s.ask(till.Login{Operator: who, PIN: pin}, func(till.Result) tea.Cmd {
		s.reset()
		return nil
	})
}

func (s *signInScreen) update(m tea.Msg, snap *till.Snapshot) tea.Cmd {
	switch m := m.(type) {
	case scanMsg:
		return s.burst(m)
	case keyMsg:
		in := &s.pin
		if s.typing || len(snap.SignIn) == 0 && s.number.text == "" {
			in, s.typing = &s.number, true
		}
		if in.key(m) {
			return nil
		}
		cmd, _ := press(m, s.keys)
		return cmd
	}
	return nil
}

// burst takes a PIN that came as fast as a scanner, as from a programmable
// keypad: digits that are the code of no goods and too few for a pay code.
func (s *signInScreen) burst(m scanMsg) tea.Cmd {
	const longestPIN = 12
	code := scanner.Parse(m.text, scanner.Formats{})
	switch {
	case m.torn || s.pin.text != "":
		return s.refuse(s.words.Screen.ScanNoSignIn)
	case strings.ContainsFunc(code.Text, unicode.IsLetter): // whose it is the till says, and only with the PIN
		s.reset()
		s.badge = code.Text
		return s.ring(soundScanned)
	case s.typing || code.Kind != scanner.Digits || len(code.Text) > longestPIN:
		return s.refuse(s.words.Screen.ScanNoSignIn)
	}
	s.pin.text = code.Text
	return s.submit()
}

func (s *signInScreen) view(a area, snap *till.Snapshot) string {
	t := &s.words.Screen
	lines := []string{spaces(a.w), newRow(a.w).to(6).put(s.look.Strong, t.Name).end(), spaces(a.w)}
	var rows []string
	for i, o := range snap.SignIn {
		text := " " + left(o.Operator.ID, 8) + left(o.Operator.Name, 16) + left(s.channel(string(o.Operator.Role)), 10)
		if o.PIN != "" {
			text += " PIN " + o.PIN + " "
		}
		style, mark := s.look.Text, "  "
		if i == s.pick && s.number.text == "" && s.badge == "" && !s.typing {
			style, mark = s.look.Chosen, "> "
		}
		rows = append(rows, newRow(a.w).to(6).put(style, mark+text).end())
	}
	lines = append(lines, window(rows, s.pick, a.h-14)...)
	number, pin, heldNumber, heldPIN := s.who(), s.pin, s.held, s.held
	if s.badge != "" {
		number = t.Badge
	}
	if s.typing {
		heldPIN = ""
		number = s.number.shown(heldNumber)
	} else {
		heldNumber = ""
	}
	lines = append(lines, spaces(a.w),
		newRow(a.w).to(6).put(s.look.Dim, left(t.OperatorNumber, 12)).put(s.look.Typed, " "+number+cursor(s.typing)+" ").end(),
		newRow(a.w).to(6).put(s.look.Dim, left(t.PIN, 12)).put(s.look.Typed, " "+pin.shown(heldPIN)+cursor(!s.typing)+" ").end())
	if snap.Identity.Sandbox {
		hint := t.SandboxOwnPIN
		if slices.ContainsFunc(snap.SignIn, func(o till.SignIn) bool { return o.PIN != "" }) {
			hint = t.SandboxSignIn
		}
		lines = append(lines, spaces(a.w), newRow(a.w).to(6).put(s.look.Dim, hint).end())
	}
	return s.page(a, lines, s.keys)
}

func cursor(here bool) string {
	if here {
		return "_"
	}
	return ""
}
