package scanner

import (
	"strings"
	"time"
)

// Lines cuts what a scanner of its own line sends (a serial port, a grabbed
// input device) into codes. Nobody types on such a line, so there is nothing to
// tell scans from: a code ends in CR, LF, Tab, ETX or NUL, in Suffix if there
// is one, or in a pause. A Lines is not safe for concurrent use.
type Lines struct {
	// Prefix and Suffix are what the scanner is set to send around each code.
	Prefix, Suffix string

	held []byte
	lost bool // of the code under way something is missing
}

// Pause is how long nothing must come until a code without a terminator counts
// as whole. It outlasts the slowest scanners' gap between two characters.
const Pause = 200 * time.Millisecond

// Feed takes bytes as they come and gives the codes that ended in them.
func (l *Lines) Feed(at time.Time, data []byte) []Scan {
	var scans []Scan
	for _, b := range data {
		if strings.IndexByte("\r\n\t\x03\x00", b) >= 0 {
			scans = l.end(scans, at)
			continue
		}
		if len(l.held) >= maxBurst {
			l.Lose()
		}
		l.held = append(l.held, b)
		if bare := strings.TrimRight(l.Suffix, "\r\n\t\x03"); bare != "" && strings.HasSuffix(string(l.held), bare) {
			l.held = l.held[:len(l.held)-len(bare)]
			scans = l.end(scans, at)
		}
	}
	return scans
}

// Quiet says that nothing has come for Pause.
func (l *Lines) Quiet(at time.Time) []Scan { return l.end(nil, at) }

// Waiting reports whether a code is under way, so that Quiet has to be called
// unless more comes.
func (l *Lines) Waiting() bool { return len(l.held) > 0 || l.lost }

// Lose says that bytes have been lost: what is left of the code up to its end
// is no code, though it may look like one.
func (l *Lines) Lose() { l.held, l.lost = l.held[:0], true }

func (l *Lines) end(scans []Scan, at time.Time) []Scan {
	text, torn := string(l.held), l.lost
	l.held, l.lost = l.held[:0], false
	if torn {
		return append(scans, Scan{At: at, Torn: true})
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, l.Prefix), "\x02")
	if text == "" {
		return scans // the line feed behind a return, the pause behind both
	}
	return append(scans, Scan{Text: text, At: at})
}
