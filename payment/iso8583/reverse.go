package iso8583

import (
	"context"
	"fmt"

	"abacus/payment"
)

// Reverse implements payment.Provider. An order that is not in the record has
// never left this terminal, unless the record is not the one that would know.
func (c *Client) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	release, err := c.take(ctx)
	if err != nil {
		return payment.Answer{Reason: payment.NotSent, Err: err}
	}
	defer release()
	s, known := c.cfg.Record.Slip(o.Number)
	switch {
	case !known && c.cfg.Record.absent(o.Number) == payment.RecordLost:
		// Nothing would leave for it, ever: it is not to be tried for ever either. The
		// query goes on saying that nobody knows.
		return refused(payment.RecordLost, fmt.Errorf("iso8583: no record tells whether %s has left", o.Number))
	case !known:
		return payment.Answer{Outcome: payment.Reversed, Reason: payment.NotFound}
	case !s.Amount.Equal(o.Amount):
		return payment.Answer{Reason: payment.WrongAmount}
	case s.State == Reversed || s.State == Refused:
		return payment.Answer{Outcome: payment.Reversed, Detail: detail(s)}
	}
	if f := c.ready(ctx, s.Number); f != nil {
		return payment.Answer{Reason: f.reason, Err: f}
	}
	if s.State == Approved {
		if s.Batch != c.cfg.Record.Batch() || c.cfg.Record.returnedOf(s.Number, "").Positive() {
			return refused(payment.NotRefundable, fmt.Errorf("iso8583: %s is in a settled batch, or has gone back: refund it", s.Number))
		}
		s.State, s.Cause = Undoing, causeUnwanted
		if err := c.cfg.Record.save(s); err != nil {
			return payment.Answer{Reason: payment.NotSent, Err: err}
		}
	}
	s, f := c.reverse(ctx, s)
	if f != nil {
		return payment.Answer{Reason: f.reason, Detail: detail(s), Err: f}
	}
	return answerOf(s)
}

// reverse sends the reversal of a slip once. It repeats trace and fields of its
// original; the card's number is not kept, so the host finds the original by
// terminal, batch and trace.
func (c *Client) reverse(ctx context.Context, s Slip) (Slip, *failure) {
	processing := "000000"
	if s.Kind == Void {
		processing = "200000"
	}
	cause := s.Cause
	if cause == "" {
		cause = causeNoAnswer
	}
	m := NewMessage("0400").Set(fieldProcessing, processing).Set(fieldAmount, fen(s.Amount)).Set(fieldTrace, sixDigits(s.Trace)).
		Set(fieldEntry, s.Entry).Set(fieldCondition, "00").Set(fieldAuth, s.Auth).Set(fieldResponse, cause).
		Set(fieldCurrency, "156").Set(fieldReserved, s.Reserved).Set(fieldOriginal, original(s)).Set(fieldText, c.operator(s.Number))
	a, f := c.exchange(ctx, m, true)
	if f != nil {
		return s, f
	}
	if code := a.Text(fieldResponse); !closesReversal(code) {
		if judge(code).signIn {
			c.signedIn = false
		}
		return s, fails(payment.SystemBusy, fmt.Errorf("iso8583: the host answers the reversal with code %s", code))
	}
	s.Returned = s.State == Undoing
	s.State = Reversed
	if err := c.cfg.Record.save(s); err != nil {
		return s, fails(payment.NoAnswer, err)
	}
	return s, nil
}

// original is field 61: batch, trace and date of the transaction meant.
func original(s Slip) string {
	date := s.Date
	if date == "" {
		date = s.At.In(beijing).Format("0102")
	}
	return sixDigits(s.Batch) + sixDigits(s.Trace) + date
}
