package scanner

import (
	"strings"
	"time"
)

// take handles one key.
func (w *Wedge) take(at time.Time, k Key) []Event {
	_, isChar := k.char()
	switch {
	case k.ends() && !k.Alt:
		return w.end(at, k)
	case !isChar && !(k.Name == Escape && w.escapes()):
		return append(w.settle(false), w.release(at, k)...)
	}
	var events []Event
	if k.Alt && len(w.held) > 0 {
		events = w.settle(false) // Escape ends whatever was going on
	}
	w.tail = time.Time{}
	if w.typing {
		return append(events, w.release(at, k)...)
	}
	w.held = append(w.held, stroke{k, at})
	if w.endsInSuffix() || len(w.held) >= maxBurst {
		events = append(events, w.settle(true)...)
	}
	return events
}

// end handles a key that may end a scan: Enter, line feed, Tab, ETX.
func (w *Wedge) end(at time.Time, k Key) []Event {
	if len(w.held) == 0 {
		ofScan := !w.tail.IsZero() && !at.After(w.tail)
		ofEnter := k.Name == LineFeed && !w.enter.IsZero() && at.Sub(w.enter) <= suffixGap
		if ofScan || ofEnter {
			return nil
		}
		return w.release(at, k)
	}
	events := w.settle(true)
	if _, scanned := lastOf(events).(Scan); scanned {
		w.tail = at.Add(suffixGap)
		return events
	}
	return append(events, w.release(at, k)...)
}

// settle judges what is held and empties it. ended: a terminator has come.
func (w *Wedge) settle(ended bool) []Event {
	held := w.held
	w.held = nil
	from := w.scanFrom(held)
	if from < 0 || !ended && w.rules.Suffix != "" {
		from = len(held)
	}
	var events []Event
	for _, s := range held[:from] {
		events = append(events, w.release(s.at, s.key)...)
	}
	if from == len(held) {
		return events
	}
	first, last := held[from], held[len(held)-1]
	if first.key.Alt && !w.escapes() {
		// The Escape was the cashier's: what followed in the same read was not.
		events = append(events, Typed{Key{Name: Escape}})
	}
	torn := !w.typed.IsZero() && first.at.Sub(w.typed) < w.quiet && !w.prefixed(held[from:])
	w.tail = last.at.Add(2 * w.quiet) // a late suffix must not confirm anything
	return append(events, Scan{Text: w.bare(held[from:]), At: last.at, Torn: torn})
}

// giveUp lets go of keys that have become too many and too slow for a scan.
// It lets go of all or none: the rest of a code without its head may pass for
// another code.
func (w *Wedge) giveUp() []Event {
	n := len(w.held)
	slow := n >= w.rules.MinLength && !w.fast(w.held)
	repeat := n >= 2*w.rules.MinLength && oneKey(w.held)
	if !slow && !repeat || w.scanFrom(w.held) >= 0 {
		return nil
	}
	var events []Event
	for _, s := range w.held {
		events = append(events, w.release(s.at, s.key)...)
	}
	w.held, w.typing = nil, true
	return events
}

// release passes a key on as typing.
func (w *Wedge) release(at time.Time, k Key) []Event {
	w.tail, w.enter = time.Time{}, time.Time{}
	if k.Name == Enter {
		w.enter = at
	}
	if k.Rune != 0 {
		w.typed = at
	}
	return []Event{Typed{k}}
}

// scanFrom is the index of the first stroke of the scan that the strokes end
// in, -1 when they are not one.
func (w *Wedge) scanFrom(strokes []stroke) int {
	if w.rules.Prefix != "" {
		// Only a few keys can have been typed within the holding time.
		for i := range strokes[:min(len(strokes), maxTypedBefore)] {
			if w.prefixed(strokes[i:]) && len(w.bare(strokes[i:])) >= minWithPrefix && w.fast(strokes[i:]) {
				return i
			}
		}
	}
	// A key held down repeats as fast as a slow scanner.
	if len(strokes) >= w.rules.MinLength && w.fast(strokes) && !oneKey(strokes) {
		return 0
	}
	return -1
}

const maxTypedBefore = 8

func (w *Wedge) fast(strokes []stroke) bool {
	took := strokes[len(strokes)-1].at.Sub(strokes[0].at)
	return took <= w.rules.InterKey*time.Duration(len(strokes)-1)
}

func oneKey(strokes []stroke) bool {
	for _, s := range strokes[1:] {
		if s.key != strokes[0].key {
			return false
		}
	}
	return true
}

// escapes reports whether the scanner's own prefix begins with Escape.
func (w *Wedge) escapes() bool { return strings.HasPrefix(w.rules.Prefix, "\x1b") }

// prefixed reports whether the strokes begin with the scanner's prefix.
func (w *Wedge) prefixed(strokes []stroke) bool {
	prefix := w.rules.Prefix
	return prefix != "" && strings.HasPrefix(w.text(strokes[:min(len(strokes), len(prefix))]), prefix)
}

// bare is the scanned text without the scanner's prefix and suffix.
func (w *Wedge) bare(strokes []stroke) string {
	text := strings.TrimPrefix(w.text(strokes), w.rules.Prefix)
	text = strings.TrimPrefix(text, "\x02")
	return strings.TrimSuffix(text, w.printedSuffix())
}

func (w *Wedge) text(strokes []stroke) string {
	var b strings.Builder
	for _, s := range strokes {
		if s.key.Alt && w.escapes() || s.key.Name == Escape {
			b.WriteByte('\x1b')
		}
		if c, ok := s.key.char(); ok {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// printedSuffix is the suffix up to the keys that end a scan anyway.
func (w *Wedge) printedSuffix() string { return strings.TrimRight(w.rules.Suffix, "\r\n\t\x03") }

// endsInSuffix reports whether a suffix that no key of its own follows is there.
func (w *Wedge) endsInSuffix() bool {
	suffix := w.printedSuffix()
	if suffix == "" || suffix != w.rules.Suffix {
		return false
	}
	tail := w.held[max(0, len(w.held)-len(suffix)):]
	return strings.HasSuffix(w.text(tail), suffix)
}

func lastOf(events []Event) Event {
	if len(events) == 0 {
		return nil
	}
	return events[len(events)-1]
}
