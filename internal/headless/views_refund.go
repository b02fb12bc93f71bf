package headless

import (
	"context"
	"slices"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
)

type refundOf struct {
	Refund            string             `json:"refund"`
	Payment           string             `json:"payment"`
	Sale              string             `json:"sale"`
	Number            string             `json:"number"`
	Channel           string             `json:"channel"`
	Amount            minor              `json:"amount"`
	Currency          money.Currency     `json:"currency"`
	State             ledger.RefundState `json:"state"`
	Cause             string             `json:"cause"`  // the cashier's
	Reason            string             `json:"reason"` // the acquirer's
	Say               string             `json:"say"`
	Hint              string             `json:"hint"`
	AcquirerReference string             `json:"acquirer_reference"`
	Payer             string             `json:"payer,omitempty"`             // who paid what is given back, masked
	PaymentReference  string             `json:"payment_reference,omitempty"` // the acquirer's number of that payment
	Detail            string             `json:"detail,omitempty"`
	Operator          string             `json:"operator,omitempty"`
	Shift             string             `json:"shift,omitempty"`
	Day               string             `json:"day,omitempty"`
	StartedAt         time.Time          `json:"started_at,omitzero"`
	EndedAt           time.Time          `json:"ended_at,omitzero"`
	Asked             int                `json:"asked,omitempty"`
	AskedAt           time.Time          `json:"asked_at,omitzero"`
	NextAsk           time.Time          `json:"next_ask,omitzero"`
	Next              till.RefundNext    `json:"next,omitempty"`     // what happens next, while it is not over
	Then              string             `json:"next_say,omitempty"` // the same in words
	Reopens           string             `json:"reopens,omitempty"`  // the hold that stands again once this is done
	Decide            bool               `json:"decide,omitempty"`   // the terminal cannot tell: refund.decide
	Owing             bool               `json:"owing,omitempty"`    // refused money that came late: refund.retry or refund.given
	Left              minor              `json:"left,omitzero"`      // of that, what is still to go back: less than all where a part has gone since
	Instead           string             `json:"instead,omitempty"`  // the refund, or a manager's words, that ended it
}

// refundView is a refund as the journal has it, with what only the running till
// knows of it.
func (s *session) refundView(r till.Refund, decide bool) refundOf {
	say, hint := s.texts.Refund(till.RefundStanding(r.Refund), r.Reason)
	v := refundOf{
		Refund: r.ID, Payment: r.Payment, Sale: r.Sale, Number: r.Number, Channel: r.Channel, Amount: minor{r.Amount}, Currency: r.Amount.Currency(),
		State: r.State, Cause: r.Cause, Reason: r.Reason, Say: say, Hint: hint, AcquirerReference: r.AcquirerReference,
		Payer: r.Paid.Payer, PaymentReference: r.Paid.AcquirerReference, Detail: r.Detail, Operator: r.Operator, Shift: r.Shift, Day: r.Day,
		StartedAt: r.StartedAt, EndedAt: r.EndedAt, Asked: r.Asked, AskedAt: r.AskedAt, NextAsk: r.NextAsk, Next: r.Next,
		Reopens: r.Reopens, Decide: decide, Owing: r.Owing(), Left: minor{r.Left}, Instead: r.Instead,
	}
	if r.Next != "" {
		v.Then = s.texts.Next(string(r.Next), r.NextAsk.Format("15:04:05"))
	}
	return v
}

// refunds views refunds beside what the till is doing about them now.
func (s *session) refunds(ctx context.Context, list []ledger.Refund) ([]refundOf, error) {
	now, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	return each(list, func(r ledger.Refund) refundOf {
		i := slices.IndexFunc(now.Refunds, func(open till.Refund) bool { return open.ID == r.ID })
		if i >= 0 && r.Open() {
			shown := now.Refunds[i]
			shown.Refund = r
			return s.refundView(shown, slices.Contains(now.Decide, r.ID))
		}
		shown := till.Refund{Refund: r}
		if result, err := s.core.Do(ctx, till.PaymentGet{Payment: r.Payment}); err == nil {
			shown.Paid, _ = result.(ledger.Payment)
		}
		return s.refundView(shown, false)
	}), nil
}

func (s *session) refund(ctx context.Context, r ledger.Refund) (any, error) {
	one, err := s.refunds(ctx, []ledger.Refund{r})
	if err != nil {
		return nil, err
	}
	return one[0], nil
}
