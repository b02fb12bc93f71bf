package iso8583

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"abacus/internal/money"
)

// Kind is what a transaction is.
type Kind string

// The kinds. Names are kept on disk.
const (
	Sale   Kind = "sale"
	Void   Kind = "void"
	Refund Kind = "refund"
)

// State is where a transaction stands.
type State string

// The states. Names are kept on disk.
const (
	Pending  State = "pending"  // it may have left; in doubt until an answer is in the record
	Approved State = "approved" // the host, authenticated, said so
	Undoing  State = "undoing"  // approved, but unwanted: to be reversed
	Refused  State = "refused"  // no money by this transaction, for certain
	Reversed State = "reversed" // its reversal is acknowledged
)

// Slip is one transaction of this terminal. Of the card it knows the first six
// digits and the last four.
type Slip struct {
	Number   string       `json:"number"` // ours: the order's or the refund's
	Kind     Kind         `json:"kind"`
	State    State        `json:"state"`
	Batch    int          `json:"batch"`
	Trace    int          `json:"trace"`
	Amount   money.Amount `json:"amount"`
	At       time.Time    `json:"at"`
	Of       string       `json:"of,omitempty"` // void and refund: the order
	Entry    string       `json:"entry"`        // field 22
	Reserved string       `json:"reserved"`     // field 60, which the reversal repeats
	Cause    string       `json:"cause,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	Code     string       `json:"code,omitempty"` // the host's answer

	Mask      string `json:"mask,omitempty"`
	Mark      string `json:"mark,omitempty"`      // how it was read: S swiped, I inserted, C tapped, P a phone
	Reference string `json:"reference,omitempty"` // field 37
	Auth      string `json:"auth,omitempty"`      // field 38
	Date      string `json:"date,omitempty"`      // field 13, MMDD
	Time      string `json:"time,omitempty"`      // field 12
	Brand     string `json:"brand,omitempty"`     // field 63.1 of the answer
	Returned  bool   `json:"returned,omitempty"`  // reversed after having been approved
}

// open reports that the slip waits for a reversal before anything else goes
// out. A refund in doubt is repeated instead, under its own trace.
func (s Slip) open() bool {
	return s.State == Undoing || s.State == Pending && s.Kind != Refund
}

// Store keeps the record's lines. Append returns when the line is durable.
type Store interface {
	Load() ([][]byte, error)
	Append(line []byte) error
}

// Record is the terminal's own memory: its slips, its trace counter and its
// batch. Its methods may be called concurrently.
type Record struct {
	store Store

	mu      sync.Mutex
	slips   map[string]Slip
	order   []string // numbers, as first written
	trace   int
	batch   int
	closing *Closing // the last settlement; nil before the first
	birth   *Birth   // nil: the record knows everything
	lines   int      // in the store
}

// Closing is the settlement of a batch, as far as it has come.
type Closing struct {
	Batch    int       `json:"batch"`
	At       time.Time `json:"at"`                 // when it was wanted first
	Compared bool      `json:"compared,omitempty"` // the host has answered to the figures
	Agrees   bool      `json:"agrees,omitempty"`
	Uploaded int       `json:"uploaded,omitempty"`
	Done     bool      `json:"done,omitempty"` // the batch is closed at the host
	Told     bool      `json:"told,omitempty"` // whoever asked for it has it in a book
}

// entry is one line: a slip as it became, or counters, or a settlement.
type entry struct {
	Slip    *Slip    `json:"slip,omitempty"`
	Trace   int      `json:"trace,omitempty"`
	Batch   int      `json:"batch,omitempty"`
	Closing *Closing `json:"closing,omitempty"`
	Born    *Birth   `json:"born,omitempty"`
}

// OpenRecord reads what a store holds.
func OpenRecord(store Store) (*Record, error) {
	lines, err := store.Load()
	if err != nil {
		return nil, err
	}
	r := &Record{store: store, slips: map[string]Slip{}}
	for i, line := range lines {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("the card terminal's record is damaged at line %d: settle by the host's figures, then move the file away", i+1)
		}
		r.take(e)
		r.lines++
	}
	return r, nil
}

// firm: nobody acts on what the record says while a power cut could take it
// away again.
func (r *Record) firm() error {
	if store, able := r.store.(interface{ Firm() error }); able {
		if err := store.Firm(); err != nil {
			return fmt.Errorf("the card terminal's record: %w", err)
		}
	}
	return nil
}

func (r *Record) take(e entry) {
	if s := e.Slip; s != nil {
		if _, known := r.slips[s.Number]; !known {
			r.order = append(r.order, s.Number)
		}
		r.slips[s.Number] = *s
	}
	if e.Trace != 0 {
		r.trace = e.Trace
	}
	if e.Batch != 0 {
		r.batch = e.Batch
	}
	if e.Closing != nil {
		r.closing = e.Closing
	}
	if e.Born != nil {
		r.birth = e.Born
	}
}

func (r *Record) write(e entry) error {
	line, err := json.Marshal(e)
	if err == nil {
		err = r.store.Append(line)
	}
	if err != nil {
		return fmt.Errorf("the card terminal's record: %w", err)
	}
	r.take(e)
	r.lines++
	return nil
}

// Slip is a transaction by our number.
func (r *Record) Slip(number string) (Slip, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.slips[number]
	return s, ok
}

// Batch is the open batch's number; 0 before the first sign-in.
func (r *Record) Batch() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.batch
}

func (r *Record) setBatch(batch int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if batch == r.batch {
		return nil
	}
	return r.write(entry{Batch: batch})
}

// lastTrace is followed by 1. Source: field 11 runs from 000001 to 999999.
const lastTrace = 999_999

// nextTrace is the next number of a message; it is never given twice in a batch.
func (r *Record) nextTrace() (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.trace%lastTrace + 1
	return next, r.write(entry{Trace: next})
}

// begin puts a new transaction on disk, with its trace, before it leaves.
func (r *Record) begin(s Slip) (Slip, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, known := r.slips[s.Number]; known && old.State != Reversed {
		return old, errors.New("the card terminal's record has this number already")
	}
	s.Trace, s.Batch, s.State = r.trace%lastTrace+1, r.batch, Pending
	return s, r.write(entry{Slip: &s, Trace: s.Trace})
}

func (r *Record) save(s Slip) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.write(entry{Slip: &s})
}

// unsettled is the settlement that has not been told yet.
func (r *Record) unsettled() (Closing, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing == nil || r.closing.Told {
		return Closing{}, false
	}
	return *r.closing, true
}

// settled reports that a batch has been settled and told: the next sign-in
// brings the next one.
func (r *Record) settled(batch int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closing != nil && r.closing.Told && r.closing.Batch == batch
}

func (r *Record) saveClosing(c Closing) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.write(entry{Closing: &c})
}

// open are the slips that wait for their reversal, oldest first.
func (r *Record) open() []Slip { return r.where(Slip.open) }

// where are all slips that fit, in the order they were made.
func (r *Record) where(fits func(Slip) bool) []Slip {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Slip
	for _, number := range r.order {
		if s := r.slips[number]; fits(s) {
			out = append(out, s)
		}
	}
	return out
}

// full reports that the open batch has so many sales, or so many that went
// back, that its settlement could count no more.
func (r *Record) full(most int) bool {
	batch := r.Batch()
	sums := sumsOf(r.where(func(s Slip) bool { return s.Batch == batch && s.State != Refused && s.State != Reversed }))
	return sums.debits >= most || sums.credits >= most
}

// returnedOf is what has gone back, or may have, of an order.
func (r *Record) returnedOf(order, except string) money.Amount {
	sum := money.Fen(0)
	for _, s := range r.where(func(s Slip) bool { return s.Of == order && s.Number != except }) {
		if s.State == Approved || s.State == Pending {
			sum = sum.Add(s.Amount)
		}
	}
	return sum
}

// byReference finds an order by the host's number, the newest first.
func (r *Record) byReference(reference string) (Slip, bool) {
	found := r.where(func(s Slip) bool { return s.Kind == Sale && s.Reference == reference })
	if len(found) == 0 {
		return Slip{}, false
	}
	return slices.MaxFunc(found, func(a, b Slip) int { return a.At.Compare(b.At) }), true
}
