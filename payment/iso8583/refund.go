package iso8583

import (
	"context"
	"errors"
	"fmt"

	"abacus/payment"
)

// Refund implements payment.Refunder. The whole of a payment of today and of the
// open batch is voided; a part, one of a settled batch, or one of a day before in
// a batch left open, is refunded. A refund whose answer did not come is repeated
// under its own trace, a void is reversed and made anew.
func (c *Client) Refund(ctx context.Context, r payment.Refund) payment.RefundAnswer {
	release, err := c.take(ctx)
	if err != nil {
		return payment.RefundAnswer{Reason: payment.NotSent, Err: err}
	}
	defer release()
	s, known := c.cfg.Record.Slip(r.Number)
	switch {
	case known && !s.Amount.Equal(r.Amount):
		return payment.RefundAnswer{Reason: payment.NumberUsed}
	case known && (s.State == Approved || s.State == Refused):
		return refundAnswer(s)
	case !known && c.cfg.Record.absent(r.Number) == payment.RecordLost:
		return payment.RefundAnswer{Reason: payment.RecordLost} // it may have gone back before
	}
	sale, ok := c.cfg.Record.Slip(r.Order)
	if !ok {
		return payment.RefundAnswer{Outcome: payment.RefundStuck, Reason: payment.NotFound, Err: errors.New("iso8583: this terminal has no record of the sale")}
	}
	if sale.State != Approved || sale.Amount.Less(c.cfg.Record.returnedOf(r.Order, r.Number).Add(r.Amount)) || !r.Amount.Positive() {
		return payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: payment.NotRefundable}
	}
	if f := c.readyForMore(ctx); f != nil {
		return payment.RefundAnswer{Reason: f.reason, Err: f}
	}
	s, repeat, err := c.returning(r, sale)
	if err != nil {
		return payment.RefundAnswer{Reason: payment.NotSent, Err: err}
	}
	return c.sendBack(ctx, s, sale, repeat)
}

// returning is the slip of a refund: the one in the record that waits for its
// answer, to be repeated, or a new one.
func (c *Client) returning(r payment.Refund, sale Slip) (s Slip, repeat bool, err error) {
	if s, known := c.cfg.Record.Slip(r.Number); known && s.State == Pending {
		return s, true, nil // a refund in doubt; a void has just been reversed
	}
	batch := c.cfg.Record.Batch()
	s = Slip{Number: r.Number, Kind: Refund, Amount: r.Amount, At: c.cfg.Now(), Of: r.Order, Mask: sale.Mask, Entry: "012"}
	code := "25"
	if r.Amount.Equal(sale.Amount) && sale.Batch == batch && sale.Date == s.At.In(beijing).Format("0102") {
		s.Kind, code = Void, "23"
	}
	s.Reserved = code + sixDigits(batch) + "000500"
	s, err = c.cfg.Record.begin(s)
	return s, false, err
}

func (c *Client) sendBack(ctx context.Context, s, sale Slip, repeat bool) payment.RefundAnswer {
	mti := "0220"
	if s.Kind == Void {
		mti = "0200"
	}
	m := NewMessage(mti).Set(fieldProcessing, "200000").Set(fieldAmount, fen(s.Amount)).Set(fieldTrace, sixDigits(s.Trace)).
		Set(fieldEntry, s.Entry).Set(fieldCondition, "00").Set(fieldReference, sale.Reference).Set(fieldAuth, sale.Auth).
		Set(fieldCurrency, "156").Set(fieldReserved, s.Reserved).Set(fieldOriginal, original(sale)).Set(fieldText, c.operator(s.Number))
	a, f := c.exchange(ctx, m, true)
	if f != nil && f.unsent || f == nil && judge(a.Text(fieldResponse)).signIn {
		// Signed in to a later batch, and still not known in its own: it was never done.
		over := f == nil && a.Text(fieldResponse) == batchOver && s.Batch != c.cfg.Record.Batch()
		return c.notDone(s, f, repeat && !over)
	}
	_ = c.settleSlip(s, a, f)
	s, _ = c.cfg.Record.Slip(s.Number)
	answer := refundAnswer(s)
	if f != nil {
		answer.Err = f
	}
	return answer
}

// notDone: it never left, or the host wants a sign-in first. The next try is a
// new transaction; but what became of an earlier sending of a repeat is as
// unknown as before, and under a new trace the money would go back twice.
func (c *Client) notDone(s Slip, f *failure, repeat bool) payment.RefundAnswer {
	answer := payment.RefundAnswer{Reason: payment.SystemBusy}
	c.signedIn = c.signedIn && f != nil
	if f != nil {
		answer.Reason, answer.Err = f.reason, f
	}
	if repeat {
		answer.Detail = detail(s)
		return answer
	}
	s.State, s.Reason = Reversed, string(answer.Reason)
	if err := c.cfg.Record.save(s); err != nil {
		answer.Err = err
	}
	return answer
}

// refundAnswer says what the record knows of a refund.
func refundAnswer(s Slip) payment.RefundAnswer {
	a := payment.RefundAnswer{Reason: payment.Reason(s.Reason), Detail: detail(s), Reference: s.Reference}
	switch s.State {
	case Approved:
		a.Outcome, a.Reason = payment.RefundPaid, ""
	case Refused:
		a.Outcome = payment.RefundRefused
	}
	return a
}

// QueryRefund implements payment.Refunder, from the terminal's own record. What
// is in doubt is "not found": the caller then repeats it under its number.
func (c *Client) QueryRefund(_ context.Context, r payment.Refund) payment.RefundAnswer {
	if err := c.cfg.Record.firm(); err != nil {
		return payment.RefundAnswer{Reason: payment.NotSent, Err: err}
	}
	s, known := c.cfg.Record.Slip(r.Number)
	switch {
	case !known:
		return payment.RefundAnswer{Reason: c.cfg.Record.absent(r.Number)}
	case !s.Amount.Equal(r.Amount):
		return payment.RefundAnswer{Reason: payment.WrongAmount, Err: fmt.Errorf("iso8583: %s was of another amount", r.Number)}
	case s.State == Approved || s.State == Refused:
		return refundAnswer(s)
	}
	return payment.RefundAnswer{Reason: payment.NotFound, Detail: detail(s)}
}
