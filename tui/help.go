package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/internal/lang"
)

// openHelp explains the screen on top: its keys, made from its bindings, and
// how the input line is read.
func (d *desk) openHelp() tea.Cmd {
	if help, open := d.top().(*helpScreen); open {
		d.close(help)
		return nil
	}
	keys, selling := d.top().bindings(), d.top() == screen(d.sell)
	h := &helpScreen{}
	h.textScreen = newText(d, func(t *lang.Screen) string { return t.KeyHelp }, func(t *lang.Screen, w int) []string {
		var lines, told []string
		for _, b := range keys {
			if !b.works() || slices.Contains(told, b.keys[0]) {
				continue // the screen's own meaning of a key hides the general one
			}
			told = append(told, b.keys...)
			lines = append(lines, left(helpKeys(b.keys), 20)+b.label(t))
		}
		if selling {
			lines = append(append(lines, ""), strings.Split(t.HelpSelling, "\n")...)
		}
		lines = append(lines, "")
		for _, rule := range strings.Split(t.HelpRules, "\n") {
			lines = append(lines, wrap(rule, w)...)
		}
		return lines
	})
	return d.open(h)
}

// helpScreen is a text that its own key closes again.
type helpScreen struct{ *textScreen }

func helpKeys(keys []string) string {
	names := make([]string, 0, len(keys))
	for _, k := range keys {
		if k == " " {
			continue
		}
		names = append(names, keyName(k))
	}
	return strings.Join(names, "  ")
}
