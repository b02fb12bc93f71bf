package iso8583

import (
	"fmt"
	"slices"
	"time"

	"abacus/payment"
)

// Birth is the beginning of a record, or the moment when it was found that there
// must have been more of it. It is no clock that tells what is older: at that
// moment the book had these without an end, and the record knew none of them.
type Birth struct {
	At      time.Time `json:"at"`
	Doubted []string  `json:"doubted,omitempty"` // orders and refunds of which nothing here can tell
	Missing []string  `json:"missing,omitempty"` // orders that the book has as paid
}

// Fresh reports that nothing has ever been written into the record.
func (r *Record) Fresh() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines == 0
}

// Knows reports a number that is in the record, or is known to have been before.
func (r *Record) Knows(number string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.slips[number]
	return known || r.birth != nil && (slices.Contains(r.birth.Doubted, number) || slices.Contains(r.birth.Missing, number))
}

// Doubts reports a number that waits for its reversal.
func (r *Record) Doubts(number string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.slips[number].open()
}

// Gave reports whether an answer's detail is one about a slip: a record had it.
func (r *Record) Gave(text string) bool {
	var batch, trace int
	n, _ := fmt.Sscanf(text, place, &batch, &trace)
	return n == 2
}

// place is where a slip stands, as the detail of an answer begins.
const place = "batch %06d trace %06d"

// Born notes a record's beginning. What was doubted before stays doubted. One that
// has lost something goes on with other traces: the reversal of a sale that never
// arrived would undo the transaction that has its trace.
func (r *Record) Born(b Birth) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, number := range b.Missing {
		if s := r.slips[number]; s.open() { // an older copy: the book has its end, and it is not to be undone
			s.State, s.Reason, s.Cause = Approved, "", ""
			if err := r.write(entry{Slip: &s}); err != nil {
				return err
			}
		}
	}
	e := entry{Born: &b}
	if len(b.Doubted)+len(b.Missing) > 0 {
		// What was lost lies right behind; two losses lie apart as their times do.
		e.Trace = (r.trace+100_000+int(max(b.At.Unix(), 0)%800_000))%lastTrace + 1
	}
	if r.birth != nil {
		b.Doubted = append(slices.Clone(r.birth.Doubted), b.Doubted...)
		b.Missing = append(slices.Clone(r.birth.Missing), b.Missing...)
	}
	return r.write(e)
}

// Birth is the record's beginning, if it is known.
func (r *Record) Birth() (Birth, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.birth == nil {
		return Birth{}, false
	}
	return *r.birth, true
}

// absent is why a number is not in the record: it has never left this terminal,
// or a record that is lost may have had it.
func (r *Record) absent(number string) payment.Reason {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.birth != nil && slices.Contains(r.birth.Doubted, number) {
		return payment.RecordLost
	}
	return payment.NotFound
}
