package pinpad

import (
	"fmt"
	"strconv"
	"strings"
)

// mark is what the till keeps with an order so that the terminal can be asked
// about it: where the terminal stood before the charge and, once known, which
// transaction it is.
type mark struct {
	state markState
	since int    // last trace before the charge; 0: there was none
	batch string // that was open then; empty: the terminal does not tell

	trace     int // of the transaction
	reference string
	date      string // MMDD
	auth      string // authorisation, of a hold or its completion
}

type markState string

const (
	open   markState = "open" // what came after since is yet to be found out
	none   markState = "none" // nothing came of it, for certain
	odd    markState = "odd"  // as open; but trace was told as done, of another amount
	done   markState = "done" // trace is its transaction
	undone markState = "void" // and was voided
)

// String is the mark as text: state, then numbers.
func (m mark) String() string {
	s := fmt.Sprintf("%s:%06d", m.state, m.since)
	if m.batch != "" {
		s += "@" + m.batch
	}
	if m.trace == 0 {
		return s
	}
	s += fmt.Sprintf(":%06d:%s:%s", m.trace, m.reference, m.date)
	if m.auth != "" {
		s += ":" + m.auth
	}
	return s
}

// readMark reads what String writes.
func readMark(text string) (mark, bool) {
	parts := strings.SplitN(text, ":", 6)
	if n := len(parts); n != 2 && n != 5 && n != 6 {
		return mark{}, false
	}
	stood, batch, told := strings.Cut(parts[1], "@")
	m := mark{state: markState(parts[0]), batch: batch}
	since, err := strconv.Atoi(stood)
	if err != nil || !isTrace(since) || told && batchOf(Record{Batch: batch}) == "" {
		return mark{}, false
	}
	m.since = since
	if len(parts) >= 5 {
		if m.trace, err = strconv.Atoi(parts[2]); err != nil || !isTrace(m.trace) || m.trace == 0 {
			return mark{}, false
		}
		m.reference, m.date = parts[3], parts[4]
		m.auth = strings.Join(parts[5:], "")
	}
	switch m.state {
	case open, none:
		return m, len(parts) == 2
	case odd, done, undone:
		return m, len(parts) >= 5
	}
	return mark{}, false
}

// batchOf is the open batch as an answer tells it; empty: it does not.
func batchOf(r Record) string {
	if number, err := strconv.Atoi(r.Batch); err != nil || number <= 0 {
		return ""
	}
	return r.Batch
}

// settledBy reports whether an answer shows that the mark's batch is no longer
// the open one.
func (m mark) settledBy(r Record) bool {
	now := batchOf(r)
	return m.batch != "" && now != "" && m.batch != now
}

// blind reports that the terminal told nothing behind which one could look.
func (m mark) blind() bool { return m.since == 0 && m.batch == "" }

func isTrace(n int) bool { return n >= 0 && n <= lastTrace }

// lastTrace is followed by 1.
const lastTrace = 999999

// ahead is how many transactions lie between two traces. A terminal that seems
// to have gone back is another one, or was set up anew: ok is false.
func ahead(from, to int) (n int, ok bool) {
	n = to - from
	if n < 0 {
		n += lastTrace
	}
	return n, n < lastTrace/2
}

// after is the trace n steps on.
func after(trace, n int) int { return (trace+n-1)%lastTrace + 1 }
