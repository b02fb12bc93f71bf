package iso8583

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// replacer is a Store that can be written anew.
type replacer interface{ Replace(lines [][]byte) error }

const (
	// refundable is how long a sale is kept that has been settled: after a year
	// no acquirer refunds it by its reference any more.
	refundable = 400 * 24 * time.Hour
	// worthIt is how many lines of no more use make it worth writing a record
	// anew; the same number as there are of use, too.
	worthIt = 500
	// lived is on how many days, the latest that it knows, something must have
	// been done before the record believes that this time has come.
	lived = 7
)

// Compact writes the record anew without what is of no more use at a time, if
// that is worth it. A clock that is wrong makes nothing old: the record goes by
// the days it has itself seen. After an error the old one goes on being used, or takes
// nothing any more: then no card is charged.
func (r *Record) Compact(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	store, able := r.store.(replacer)
	if !able || r.lines < worthIt {
		return nil
	}
	if seen := r.livedTo(); seen.Before(now) {
		now = seen
	}
	kept := make([]string, 0, len(r.order))
	for _, number := range r.order {
		if r.needed(r.slips[number], now) {
			kept = append(kept, number)
		}
	}
	if r.lines < worthIt+2*len(kept) {
		return nil
	}
	lines, err := r.linesOf(kept)
	if err == nil {
		err = store.Replace(lines)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the card terminal's record is not compacted: %w", err)
	}
	slips := make(map[string]Slip, len(kept))
	for _, number := range kept {
		slips[number] = r.slips[number]
	}
	r.slips, r.order, r.lines = slips, kept, len(lines)
	return nil
}

// livedTo is the time that has certainly come: a clock that is years ahead for a
// start, or for a day's sales, does not get there.
func (r *Record) livedTo() time.Time {
	const day = 24 * 60 * 60
	seen := map[int64]bool{}
	for _, s := range r.slips {
		seen[s.At.Unix()/day] = true
	}
	days := slices.Sorted(maps.Keys(seen))
	if len(days) < lived {
		return time.Time{}
	}
	return time.Unix(days[len(days)-lived]*day, 0)
}

// needed: whatever has no end, whatever a settlement counts or has to tell, and
// what may still be given back, with what has been of it.
func (r *Record) needed(s Slip, now time.Time) bool {
	of := s
	if sale, known := r.slips[s.Of]; known {
		of = sale
	}
	switch {
	case s.State == Pending || s.State == Undoing, s.Batch == r.batch:
		return true
	case r.closing != nil && !r.closing.Told && s.Batch == r.closing.Batch:
		return true
	}
	return s.State == Approved && now.Sub(of.At) < refundable
}

func (r *Record) linesOf(numbers []string) ([][]byte, error) {
	entries := []entry{{Trace: r.trace, Batch: r.batch, Closing: r.closing, Born: r.birth}}
	for _, number := range numbers {
		s := r.slips[number]
		entries = append(entries, entry{Slip: &s})
	}
	lines := make([][]byte, len(entries))
	for i, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		lines[i] = line
	}
	return lines, nil
}
