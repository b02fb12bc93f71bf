package payment

import "time"

// Op is a call to the acquirer.
type Op string

// The calls an attempt makes. Names are stored in the journal.
const (
	OpReady   Op = "ready"
	OpCharge  Op = "charge"
	OpPresent Op = "present"
	OpQuery   Op = "query"
	OpReverse Op = "reverse"
	OpClose   Op = "close"
)

// MovesMoney reports whether the call can change what the acquirer holds. Such
// a call leaves only after its intent is on disk.
func (o Op) MovesMoney() bool { return o != OpQuery && o != OpReady && o != "" }

// Attempt is one try to take a tender: plain data, stored with every step, so
// that a restart goes on where the last run was cut off. Only Step changes it.
type Attempt struct {
	Present  bool      `json:"present,omitempty"`
	Prepare  bool      `json:"prepare,omitempty"` // its provider is a Preparer
	Mark     string    `json:"mark,omitempty"`    // the last one an answer carried
	Phase    Phase     `json:"phase"`
	Outcome  Outcome   `json:"outcome,omitempty"` // certain in Ended and Watching only
	Reason   Reason    `json:"reason,omitempty"`
	SentAt   time.Time `json:"sent_at,omitzero"`
	Deadline time.Time `json:"deadline,omitzero"` // of the customer; then the last query and the undoing
	Flight   Op        `json:"-"`                 // the call that is out; one at a time
	Asked    int       `json:"asked,omitempty"`
	AskedAt  time.Time `json:"asked_at,omitzero"`
	NextAsk  time.Time `json:"next_ask,omitzero"`
	Undo     Undo      `json:"undo,omitzero"`
	Watches  int       `json:"watches,omitempty"` // queries made after the reversal or the refusal
	Timing   Timing    `json:"timing"`
}

// Undo is the state of giving an attempt up.
type Undo struct {
	Wanted  bool      `json:"wanted,omitempty"`
	Cause   Reason    `json:"cause,omitempty"`
	As      Outcome   `json:"as,omitempty"`    // how it ends once acknowledged: Reversed or Declined
	After   time.Time `json:"after,omitzero"`  // not before
	Asked   bool      `json:"asked,omitempty"` // the query that must directly precede the undoing is answered
	Tries   int       `json:"tries,omitempty"` // reversals or closes sent
	Refused bool      `json:"refused,omitempty"`
}

// Event is something that happened to an attempt; the types are below.
type Event interface{ at() time.Time }

type (
	// Begin starts the attempt: its intent is on disk, the call may leave.
	Begin struct{ At time.Time }
	// Answered is what a call brought, or its having brought nothing.
	Answered struct {
		At      time.Time
		Op      Op
		Outcome Outcome
		Reason  Reason
		Lives   bool // as in Answer
		Mark    string
	}
	// Tick is time having passed.
	Tick struct{ At time.Time }
	// AskNow is a person wanting to know now.
	AskNow struct{ At time.Time }
	// GiveUp is the cashier wanting out.
	GiveUp struct{ At time.Time }
	// Told is a person having read on the device's own slip what the device
	// cannot tell: Outcome is Paid or Declined.
	Told struct {
		At      time.Time
		Outcome Outcome
		Mark    string
	}
	// Resumed is the program having been restarted: what was out is lost.
	Resumed struct{ At time.Time }
)

func (e Begin) at() time.Time    { return e.At }
func (e Answered) at() time.Time { return e.At }
func (e Tick) at() time.Time     { return e.At }
func (e AskNow) at() time.Time   { return e.At }
func (e GiveUp) at() time.Time   { return e.At }
func (e Told) at() time.Time     { return e.At }
func (e Resumed) at() time.Time  { return e.At }

// Effect is what the driver has to do after a step: make Call now (its intent
// journaled first if it moves money), or, with Call empty, come back at Wake.
// The zero Effect is nothing at all.
type Effect struct {
	Call Op
	Wake time.Time
}

// watchFactors is when a reversed or refused order is asked about again, in multiples of
// Timing.Watch: an acquirer that answered "not found" or "closed" too early is
// found out, and the money goes back.
var watchFactors = [...]time.Duration{1, 6, 45}

// DefaultWatch is Timing.Watch where a scheme does not say.
const DefaultWatch = 20 * time.Second

// NewAttempt is an attempt that has not begun.
func NewAttempt(present bool, timing Timing) Attempt {
	return Attempt{Present: present, Phase: Sending, Timing: timing}
}

// NewPrepared is an attempt at a Preparer that has not begun.
func NewPrepared(timing Timing) Attempt {
	return Attempt{Prepare: true, Phase: Preparing, Timing: timing}
}

// Unsent reports that nothing that moves money has ever left for it.
func (a Attempt) Unsent() bool { return a.SentAt.IsZero() }

// State is the attempt's standing in the words of the journal's payment
// states: waiting, checking, paid, declined or reversed.
func (a Attempt) State() string {
	switch {
	case a.Phase == Shown:
		return "waiting"
	case a.over() && a.Outcome != Unknown:
		return a.Outcome.String()
	}
	return "checking"
}

// OnlyASlipTells reports whether the device has said that it cannot tell which
// of its transactions is this one, or how it ended. While it is being undone
// there the slip may change.
func (a Attempt) OnlyASlipTells() bool {
	return a.Prepare && !a.over() && !a.Flight.MovesMoney() && slipTells(a.Reason)
}

func slipTells(r Reason) bool { return r == Ambiguous || r == TerminalUnsure }

// Watched reports whether a reversed or refused attempt is still being asked about.
func (a Attempt) Watched() bool { return a.Phase == Watching }

// ReverseAt is when the till gives the attempt up by itself: zero when it will
// not, or already does.
func (a Attempt) ReverseAt() time.Time {
	switch {
	case a.over() || a.Undo.Tries > 0:
		return time.Time{}
	case a.Undo.Wanted:
		return a.Undo.After
	}
	if a.Prepare {
		return time.Time{}
	}
	return a.Deadline
}

func (a Attempt) over() bool { return a.Phase == Ended || a.Phase == Watching }
