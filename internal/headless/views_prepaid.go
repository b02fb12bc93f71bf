package headless

import (
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

// prepaidOf is a prepaid card; its number is nowhere in it.
type prepaidOf struct {
	Prepaid  string         `json:"prepaid"` // identity, to be used where nobody has the number in hand
	Mask     string         `json:"mask"`
	Balance  minor          `json:"balance"`
	Currency money.Currency `json:"currency"`
	State    string         `json:"state"` // active, frozen, over
	Expires  string         `json:"expires,omitempty"`
	PIN      bool           `json:"pin"` // it has one
	Reason   string         `json:"reason,omitempty"`
	IssuedAt time.Time      `json:"issued_at,omitzero"`
	Moves    []moveOf       `json:"moves,omitempty"` // newest first
}

type moveOf struct {
	Entry  int64     `json:"entry"`
	What   string    `json:"what"`
	Amount minor     `json:"amount"`
	Left   minor     `json:"left"`
	Sale   string    `json:"sale,omitempty"`
	At     time.Time `json:"at"`
}

func prepaidView(c till.PrepaidCard) prepaidOf {
	state := "active"
	switch {
	case c.Frozen:
		state = "frozen"
	case c.Over:
		state = "over"
	}
	v := prepaidOf{
		Prepaid: c.ID, Mask: c.Mask, Balance: minor{c.Balance}, Currency: c.Balance.Currency(), State: state, Expires: c.Expires,
		PIN: c.PINSeal != "", Reason: c.Reason, IssuedAt: c.IssuedAt,
	}
	for _, m := range c.Moves {
		v.Moves = append(v.Moves, moveOf{m.Entry, m.What, minor{m.Amount}, minor{m.Left}, m.Sale, m.At})
	}
	return v
}

// prepaidTotalsOf is what a report says of prepaid cards.
type prepaidTotalsOf struct {
	Issued    int   `json:"issued"`
	ToppedUp  minor `json:"topped_up"`
	TakenBack minor `json:"taken_back"`
	Redeemed  minor `json:"redeemed"`
	Returned  minor `json:"returned"`
	Expired   minor `json:"expired"`
	Liability minor `json:"liability"`
	Turnover  minor `json:"turnover"`
}

// prepaidTotals is nil where the shop has no cards.
func prepaidTotals(r ledger.Report) *prepaidTotalsOf {
	p := r.Prepaid
	if p.IsZero() && r.Liability.IsZero() {
		return nil
	}
	return &prepaidTotalsOf{
		p.Issued, minor{p.ToppedUp}, minor{p.TakenBack}, minor{p.Redeemed}, minor{p.Returned}, minor{p.Expired}, minor{r.Liability}, minor{r.Turnover},
	}
}

// leftOn is what was on the prepaid card after it had paid.
func leftOn(p ledger.Payment) *minor {
	if p.Prepaid == "" {
		return nil
	}
	return &minor{p.PrepaidLeft}
}
