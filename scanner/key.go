package scanner

import (
	"fmt"
	"time"
)

// Key is one keystroke: a character (Rune), or a key without one (Name).
type Key struct {
	Rune rune
	Name string // for instance "enter" or "f2", empty when Rune is set
	Alt  bool   // Escape came in the same read, right before it
}

// Names the decoder knows; any other name is passed on as it is. They are
// spelt as Bubble Tea spells them, so that the screen need not translate.
const (
	Enter    = "enter"
	LineFeed = "ctrl+j"
	Tab      = "tab"
	Escape   = "esc"
	STX      = "ctrl+b" // some scanners' prefix
	ETX      = "ctrl+c" // some scanners' suffix, and what a person sends with Ctrl+C
	GS       = "ctrl+]" // the separator inside GS1 codes
)

// char is the character a scanner meant by the key. Letters beyond ASCII come
// from a person's input method, not from a keyboard wedge; the full-width
// forms are the exception, because an input method in full-width mode turns a
// scan into them, and such a scan must not end up in an amount field.
func (k Key) char() (rune, bool) {
	switch k.Name {
	case "":
		fullWidth := k.Rune >= '！' && k.Rune <= '～'
		return k.Rune, k.Rune >= ' ' && k.Rune <= '~' || fullWidth
	case STX:
		return '\x02', true
	case GS:
		return '\x1d', true
	}
	return 0, false
}

// ends reports whether a scanner may put the key behind a code.
func (k Key) ends() bool {
	return k.Name == Enter || k.Name == LineFeed || k.Name == Tab || k.Name == ETX
}

// Event is what a Wedge makes of keystrokes: Typed or Scan.
type Event interface{ event() }

// Typed is a keystroke of a person. All of them come, once and in order.
type Typed struct{ Key Key }

// Scan is a code read by a scanner, without the scanner's prefix and suffix.
type Scan struct {
	Text string    `json:"-"` // may be a customer's pay code: never log it
	At   time.Time // when its last character came
	// Torn: keystrokes came so shortly before that the code's head may be among
	// them. It is to be scanned again, not to be acted on.
	Torn bool
}

func (Typed) event() {}
func (Scan) event()  {}

// String names the scan without its text, which may be a pay code.
func (s Scan) String() string { return fmt.Sprintf("scan of %d bytes", len(s.Text)) }

// GoString is String, for %#v.
func (s Scan) GoString() string { return s.String() }
