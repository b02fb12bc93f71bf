package ledger

import (
	"context"
	"encoding/json"
	"time"

	"abacus/internal/money"
)

// HoldState is where a pre-authorisation stands.
type HoldState string

// The states of a hold.
const (
	HoldWaiting    HoldState = "waiting"    // being taken: the customer is at the terminal
	HoldChecking   HoldState = "checking"   // being taken, or given up again: not known
	HoldHeld       HoldState = "held"       // the bank keeps the money aside
	HoldDeclined   HoldState = "declined"   // nothing was kept aside
	HoldReversed   HoldState = "reversed"   // given up while it was being taken
	HoldCompleting HoldState = "completing" // a payment takes of it, and has not ended
	HoldCompleted  HoldState = "completed"  // a payment has taken of it; the rest is the customer's again
	HoldReleasing  HoldState = "releasing"  // to be given up: not known
	HoldAbnormal   HoldState = "abnormal"   // to be given up: a person must tell
	HoldReleased   HoldState = "released"   // given up
)

// Open reports whether money may be kept aside by it.
func (s HoldState) Open() bool {
	switch s {
	case HoldDeclined, HoldReversed, HoldCompleted, HoldReleased:
		return false
	}
	return true
}

// InDoubt reports whether it is not known what became of the last thing asked
// of the terminal about it. Of a completion its payment tells.
func (s HoldState) InDoubt() bool {
	switch s {
	case HoldWaiting, HoldChecking, HoldReleasing, HoldAbnormal:
		return true
	}
	return false
}

// Hold is the projection of one pre-authorisation's entries.
type Hold struct {
	ID                string          `json:"hold"` // "H20261121-57"
	Reference         string          `json:"reference,omitempty"`
	Day               string          `json:"day"`
	Shift             string          `json:"shift,omitempty"`
	Operator          string          `json:"operator,omitempty"`
	Channel           string          `json:"channel"`
	Amount            money.Amount    `json:"amount"`
	State             HoldState       `json:"state"`
	Reason            string          `json:"reason,omitempty"` // the terminal's
	Detail            string          `json:"detail,omitempty"`
	AcquirerReference string          `json:"acquirer_reference,omitempty"`
	Trace             string          `json:"trace,omitempty"`
	Auth              string          `json:"auth,omitempty"`
	Payer             string          `json:"payer,omitempty"`
	Funding           string          `json:"funding,omitempty"`
	Cause             string          `json:"cause,omitempty"` // why it was given up, or decided by a person
	Since             string          `json:"since,omitempty"`
	Payment           string          `json:"payment,omitempty"` // that takes of it, or has taken
	Taken             money.Amount    `json:"taken,omitzero"`
	Watch             bool            `json:"watch,omitempty"`
	StartedAt         time.Time       `json:"started_at"`
	EndedAt           time.Time       `json:"ended_at,omitzero"`
	Attempt           json.RawMessage `json:"attempt,omitempty"`
}

// HoldTotals are the pre-authorisations open at one moment. Their money is no
// turnover.
type HoldTotals struct {
	Open     int          `json:"open"`
	Amount   money.Amount `json:"amount"`
	Doubtful int          `json:"doubtful,omitempty"` // of which so many are in doubt
}

// IsZero reports whether none is open.
func (h HoldTotals) IsZero() bool { return h.Open == 0 }

// openHolds counts what is kept aside now, whichever shift it began in.
func (b *books) openHolds() (HoldTotals, error) {
	t := HoldTotals{Amount: b.zero()}
	cards, err := b.holds.lives()
	for _, c := range cards {
		if !c.doc.State.Open() {
			continue // only watched
		}
		t.Open++
		t.Amount = t.Amount.Add(c.doc.Amount)
		if c.doc.State.InDoubt() {
			t.Doubtful++
		}
	}
	return t, err
}

func holdsOf(b *books) *drawer[Hold] { return b.holds }

// Hold is one pre-authorisation; ErrNotFound if there is none.
func (l *Ledger) Hold(ctx context.Context, id string) (Hold, error) { return get(ctx, l, holdsOf, id) }

// OpenHolds are the pre-authorisations that are not over, and those that must
// be watched, oldest first.
func (l *Ledger) OpenHolds(ctx context.Context) ([]Hold, error) { return lives(ctx, l, holdsOf) }

// Holds are the newest pre-authorisations of any state.
func (l *Ledger) Holds(ctx context.Context, limit int) ([]Hold, error) {
	return newest[Hold](ctx, l, "SELECT entry, id, doc FROM holds", limit)
}

func (s *shelf) hold(id string) (*card[Hold], error) { return load[Hold](s, "holds", id) }

func (s *shelf) writeHolds(b *books) error {
	return put(s, b.holds, "INSERT INTO @holds (state, open, doc, id, entry) VALUES (?, ?, ?, ?, ?)",
		"UPDATE @holds SET state = ?, open = ?, doc = ? WHERE entry = ?",
		func(x *Hold) []any { return []any{string(x.State), b.holds.live(x)} }, nil)
}
