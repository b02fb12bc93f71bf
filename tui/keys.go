package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
)

// binding is one key of a screen. Key bar and help are made from bindings, so
// a key that works is a key that is told.
type binding struct {
	keys  []string // as keyMsg names them; the first is shown
	label func(*lang.Screen) string
	run   func() tea.Cmd
	bar   bool        // also on the key bar, not only in the help
	live  func() bool // nil: always
}

func (b binding) works() bool { return b.live == nil || b.live() }

// press runs the binding of a key; ok is false if there is none.
func press(k keyMsg, bindings []binding) (cmd tea.Cmd, ok bool) {
	for _, b := range bindings {
		if b.works() && slices.Contains(b.keys, k.String()) {
			return b.run(), true
		}
	}
	return nil, false
}

// keyName is a key as it is written for people.
func keyName(key string) string {
	switch key {
	case "enter", "esc", "tab", "backspace", "home", "end":
		return strings.ToUpper(key[:1]) + key[1:]
	case "up", "down":
		return "Up/Down"
	case "pgup", "pgdown":
		return "PgUp/PgDn"
	}
	if key[0] == 'f' && len(key) > 1 {
		return "F" + key[1:]
	}
	if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return "Ctrl+" + strings.ToUpper(rest)
	}
	return key
}

// keyBar is the line of keys at the bottom of a screen. What does not fit is
// left out from the right: it stays in the menu and in the help.
func (d *desk) keyBar(w int, bindings []binding) string {
	r := newRow(w).add(" ")
	for _, b := range bindings {
		if !b.bar || !b.works() {
			continue
		}
		name, label := keyName(b.keys[0]), b.label(&d.words.Screen)
		if r.used+width(name)+width(label)+3 > w {
			break
		}
		r.add(" ").put(d.look.Key, name).add(" ").put(d.look.Text, label).add(" ")
	}
	return r.end()
}

// everywhere are the keys of every screen, after its own.
func (d *desk) everywhere() []binding {
	return []binding{
		{keys: []string{"?"}, label: func(t *lang.Screen) string { return t.KeyHelp }, run: d.openHelp},
		{keys: []string{"f9"}, label: func(t *lang.Screen) string { return t.KeyMenu }, run: d.openMenu},
		{keys: []string{"ctrl+d", "f12"}, label: func(t *lang.Screen) string { return t.KeyDoubt }, run: d.openDoubt},
		{keys: []string{"ctrl+l"}, label: func(t *lang.Screen) string { return t.KeyLanguage }, run: d.switchLanguage},
		{keys: []string{"ctrl+t"}, label: func(t *lang.Screen) string { return t.KeyTheme }, run: d.switchTheme},
		{keys: []string{"ctrl+c"}, label: func(t *lang.Screen) string { return t.KeyQuit }, run: d.openQuit},
	}
}
