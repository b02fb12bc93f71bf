package headless

import (
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// heldOf is a pre-authorisation: money of a customer's that the bank keeps aside.
type heldOf struct {
	Hold              string           `json:"hold"`
	Reference         string           `json:"reference,omitempty"`
	Channel           string           `json:"channel"`
	Amount            minor            `json:"amount"`
	Currency          money.Currency   `json:"currency"`
	State             ledger.HoldState `json:"state"`
	Reason            string           `json:"reason"`
	Say               string           `json:"say"`
	Hint              string           `json:"hint"`
	AcquirerReference string           `json:"acquirer_reference"`
	Trace             string           `json:"trace,omitempty"`
	Auth              string           `json:"auth,omitempty"`
	Detail            string           `json:"detail,omitempty"`
	Payer             string           `json:"payer,omitempty"`
	Funding           string           `json:"funding,omitempty"`
	Cause             string           `json:"cause,omitempty"`   // why it was given up
	Payment           string           `json:"payment,omitempty"` // that takes of it, or has taken
	Taken             minor            `json:"taken,omitzero"`
	Days              int              `json:"days"`             // that it has stood
	Decide            bool             `json:"decide,omitempty"` // the terminal cannot tell: card.decide
	Asked             int              `json:"asked,omitempty"`
	AskedAt           time.Time        `json:"asked_at,omitzero"`
	NextAsk           time.Time        `json:"next_ask,omitzero"`
	Resumed           bool             `json:"resumed,omitempty"`
	Operator          string           `json:"operator,omitempty"`
	Shift             string           `json:"shift,omitempty"`
	Day               string           `json:"day,omitempty"`
	StartedAt         time.Time        `json:"started_at,omitzero"`
	EndedAt           time.Time        `json:"ended_at,omitzero"`
}

func (s *session) heldView(h till.Hold) heldOf {
	say, hint := s.texts.Hold(string(h.State), h.Reason)
	return heldOf{
		Hold: h.ID, Reference: h.Reference, Channel: h.Channel, Amount: minor{h.Amount}, Currency: h.Amount.Currency(), State: h.State,
		Reason: h.Reason, Say: say, Hint: hint, AcquirerReference: h.AcquirerReference, Trace: h.Trace, Auth: h.Auth, Detail: h.Detail,
		Payer: h.Payer, Funding: h.Funding, Cause: h.Cause, Payment: h.Payment, Taken: minor{h.Taken}, Days: h.Days, Decide: h.Decide,
		Asked: h.Asked, AskedAt: h.AskedAt, NextAsk: h.NextAsk, Resumed: h.Resumed,
		Operator: h.Operator, Shift: h.Shift, Day: h.Day, StartedAt: h.StartedAt, EndedAt: h.EndedAt,
	}
}

// heldTotals is what a report says of holds; their money is no turnover.
type heldTotals struct {
	Open     int   `json:"open"`
	Amount   minor `json:"amount"`
	Doubtful int   `json:"doubtful,omitempty"`
}

func heldTotalsView(r ledger.Report) *heldTotals {
	if r.Holds.IsZero() {
		return nil
	}
	return &heldTotals{r.Holds.Open, minor{r.Holds.Amount}, r.Holds.Doubtful}
}
