package scanner

import (
	"fmt"
	"strings"
	"time"
)

// Rules tell a scanner's bursts from a person's typing. Zero values are the
// defaults.
type Rules struct {
	// InterKey is the longest average time per character of a scan, from 5 to
	// 150 ms; 0 is 30 ms. Bluetooth scanners need up to 150 ms.
	InterKey time.Duration
	// MinLength is the fewest characters of a scan, from 3 to 64; 0 is 6. A
	// code that begins with Prefix needs only 3 behind it.
	MinLength int
	// Prefix is put before every code by the scanner, if set up so. It may
	// hold control characters (STX is "\x02").
	Prefix string
	// Suffix is put behind every code. Empty: Enter, line feed, Tab and ETX
	// all end a code, and so do 100 ms without a key. Otherwise a burst that
	// ends without Suffix counts as typing.
	Suffix string
}

const (
	defaultInterKey  = 30 * time.Millisecond
	maxInterKey      = 150 * time.Millisecond
	minInterKey      = 5 * time.Millisecond
	defaultMinLength = 6
	minWithPrefix    = 3
	maxMinLength     = 64
	maxBurst         = 4096 // the longest QR code holds 4296 letters; nothing at a counter comes near

	holdMargin   = 5 * time.Millisecond   // beyond InterKey: 35 ms by default
	defaultQuiet = 100 * time.Millisecond // ends a code that has no suffix
	suffixGap    = 50 * time.Millisecond  // between CR and LF of one suffix
)

// Validate reports the first rule out of its range, in one sentence.
func (r Rules) Validate() error {
	switch {
	case r.InterKey != 0 && (r.InterKey < minInterKey || r.InterKey > maxInterKey):
		return fmt.Errorf("scanner inter-key time %v: use %v to %v", r.InterKey, minInterKey, maxInterKey)
	case r.MinLength != 0 && (r.MinLength < minWithPrefix || r.MinLength > maxMinLength):
		return fmt.Errorf("scanner minimum length %d: use %d to %d", r.MinLength, minWithPrefix, maxMinLength)
	case len(r.Prefix) > 16 || len(r.Suffix) > 16:
		return fmt.Errorf("scanner prefix or suffix longer than 16 characters: shorten it")
	}
	return nil
}

// Wedge tells scans from typing in one stream of keystrokes. It judges by the
// average over a whole burst, never by one gap or by how keys were bundled
// into messages, because a busy program sees both distorted.
//
// Characters are held back until it is clear what they are, normally 35 ms. A
// screen shows Held in the field at once, so that typing feels immediate, but
// acts only on events. A Wedge is not safe for concurrent use.
type Wedge struct {
	rules  Rules
	hold   time.Duration
	quiet  time.Duration
	held   []stroke
	last   time.Time // of the last key that came
	typed  time.Time // of the last character let go as typing
	typing bool      // in the middle of a run already judged as typing
	tail   time.Time // until then a terminator belongs to the scan before
	enter  time.Time // of the last typed Enter
}

type stroke struct {
	key Key
	at  time.Time
}

// NewWedge makes a decoder. Rules out of range are drawn to the nearest
// sensible value; check them with Validate where they are configured.
func NewWedge(rules Rules) *Wedge {
	if rules.InterKey == 0 {
		rules.InterKey = defaultInterKey
	}
	if rules.MinLength == 0 {
		rules.MinLength = defaultMinLength
	}
	rules.InterKey = min(max(rules.InterKey, minInterKey), maxInterKey)
	rules.MinLength = min(max(rules.MinLength, minWithPrefix), maxMinLength)
	return &Wedge{
		rules: rules,
		hold:  rules.InterKey + holdMargin,
		quiet: max(defaultQuiet, 2*rules.InterKey),
	}
}

// Feed takes the keys that came in one message, all at that time, and returns
// what has become clear by them.
func (w *Wedge) Feed(at time.Time, keys ...Key) []Event {
	if at.Before(w.last) {
		at = w.last // a clock set back must not make a burst out of typing
	}
	var events []Event
	// Only a long pause ends a burst here. A shorter one without a Tick in
	// between means that the program itself was late, not the scanner.
	if len(w.held) > 0 && at.Sub(w.last) > w.quiet {
		events = w.settle(false)
	}
	if at.Sub(w.last) > w.hold {
		w.typing = false
	}
	for _, k := range keys {
		events = append(events, w.take(at, k)...)
	}
	w.last = at
	return append(events, w.giveUp()...)
}

// Due is when Tick has to be called unless Feed is called before; false when
// nothing is held back.
func (w *Wedge) Due() (time.Time, bool) {
	if len(w.held) == 0 {
		return time.Time{}, false
	}
	if w.scanFrom(w.held) >= 0 {
		return w.last.Add(w.quiet), true
	}
	return w.last.Add(w.hold), true
}

// Tick says that the time has come to at. It may be called at any time.
func (w *Wedge) Tick(at time.Time) []Event {
	due, ok := w.Due()
	if !ok || at.Before(due) {
		return nil
	}
	return w.settle(false)
}

// Held is what has come and is not judged yet, to be shown in the field but
// not to be acted on.
func (w *Wedge) Held() string {
	var b strings.Builder
	for _, s := range w.held {
		if s.key.Name == "" {
			b.WriteRune(s.key.Rune)
		}
	}
	return b.String()
}
