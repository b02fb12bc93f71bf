package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"abacus/payment"
	"abacus/scanner"
)

// keyMsg is one keystroke of a person. This type, not Bubble Tea's, is what
// screens see: Bubble Tea bundles whatever one read brought into one message.
type keyMsg struct {
	r    rune   // a character, or
	name string // a key without one, "enter", "f2"
}

// String is the key as bindings name it.
func (k keyMsg) String() string {
	if k.name != "" {
		return k.name
	}
	return string(k.r)
}

// scanMsg is one code read by a scanner. It may be a customer's pay code: it
// is acted on and forgotten, never shown or logged.
type scanMsg struct {
	text  string
	torn  bool // its head may be missing: scan again
	alone bool // it came by a line of its own, past the keyboard
}

// payCode tells whether a scan is a customer's pay code, whatever the scanner
// puts around it.
func (m scanMsg) payCode() bool {
	_, pays := payment.Recognise(m.bare())
	return pays
}

// bare is the code without line ends and symbology.
func (m scanMsg) bare() string { return scanner.Parse(m.text, scanner.Formats{}).Text }

// String keeps the text out of anything that prints messages.
func (scanMsg) String() string { return "a scan" }

// GoString is String, for %#v.
func (scanMsg) GoString() string { return "a scan" }

// input turns Bubble Tea's key messages into keystrokes and scans.
type input struct {
	wedge   *scanner.Wedge
	ticking bool // a wedgeMsg is on its way
}

// feed takes one message, which came at that time.
func (in *input) feed(at time.Time, m tea.KeyMsg) []tea.Msg {
	return events(in.wedge.Feed(at, strokes(m)...))
}

// tick lets go what has been held back long enough.
func (in *input) tick(at time.Time) []tea.Msg {
	return events(in.wedge.Tick(at))
}

// strokes takes a message apart. Alt means that Escape came in the same read,
// before the first character.
func strokes(m tea.KeyMsg) []scanner.Key {
	if m.Type != tea.KeyRunes && m.Type != tea.KeySpace {
		return []scanner.Key{{Name: tea.Key{Type: m.Type}.String(), Alt: m.Alt}}
	}
	keys := make([]scanner.Key, len(m.Runes))
	for i, r := range m.Runes {
		keys[i] = scanner.Key{Rune: r, Alt: m.Alt && i == 0}
	}
	return keys
}

func events(from []scanner.Event) []tea.Msg {
	var to []tea.Msg
	for _, e := range from {
		switch e := e.(type) {
		case scanner.Scan:
			to = append(to, scanMsg{text: e.Text, torn: e.Torn})
		case scanner.Typed:
			if e.Key.Alt {
				to = append(to, keyMsg{name: scanner.Escape})
			}
			to = append(to, keyMsg{plain(e.Key.Rune), e.Key.Name})
		}
	}
	return to
}

// plain undoes what an input method does to the number pad: full-width digits
// and signs, and the Chinese full stop for the decimal point.
func plain(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '。':
		return '.'
	case r == '　':
		return ' '
	}
	return r
}
