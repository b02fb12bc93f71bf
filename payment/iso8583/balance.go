package iso8583

import (
	"context"
	"errors"
	"strconv"

	"abacus/internal/money"
	"abacus/payment"
)

// Balance implements payment.BalanceAsker. It moves no money, so nothing is
// reversed when its answer does not come.
func (c *Client) Balance(ctx context.Context, swiped *payment.Swipe) payment.Balance {
	defer swiped.Wipe()
	release, err := c.take(ctx)
	if err != nil {
		return payment.Balance{Reason: payment.NotSent, Err: err}
	}
	defer release()
	if f := c.ready(ctx, ""); f != nil {
		return payment.Balance{Reason: f.reason, Err: f}
	}
	data, why, err := c.cardFor(ctx, swiped, ChipPayment{Amount: money.Fen(0), At: c.cfg.Now(), Asking: true})
	if err != nil {
		return payment.Balance{Reason: why, Err: err}
	}
	defer data.wipe()
	trace, err := c.cfg.Record.nextTrace()
	if err != nil {
		return payment.Balance{Reason: payment.Configuration, Err: err}
	}
	m := NewMessage("0200").Set(fieldProcessing, "310000").Set(fieldTrace, sixDigits(trace)).Set(fieldEntry, data.entry()).
		Set(fieldCondition, "00").Set(fieldCurrency, "156").
		Set(fieldReserved, "01"+sixDigits(c.cfg.Record.Batch())+"000"+data.capability()).Set(fieldText, c.operator(""))
	data.into(m)
	out := payment.Balance{Payer: data.mask()}
	a, f := c.exchange(ctx, m, true)
	if f != nil {
		out.Reason, out.Err = f.reason, f
		return out
	}
	v := judge(a.Text(fieldResponse))
	if v.signIn {
		c.signedIn = false
	}
	if out.Detail = "code " + a.Text(fieldResponse); v.outcome != payment.Paid {
		out.Reason = v.reason
		return out
	}
	if out.Amount, err = readBalance(a.Text(fieldBalance)); err != nil {
		out.Reason, out.Err = payment.BadAnswer, err
		return out
	}
	out.Known = true
	return out
}

// readBalance reads field 54: account 2, kind 2, currency 3, sign C or D, and
// twelve digits of fen.
func readBalance(text string) (money.Amount, error) {
	bad := errors.New("iso8583: the balance is unreadable")
	if len(text) != 20 || text[4:7] != "156" || text[7] != 'C' && text[7] != 'D' {
		return money.Amount{}, bad
	}
	n, err := strconv.ParseUint(text[8:], 10, 62)
	if err != nil {
		return money.Amount{}, bad
	}
	if text[7] == 'D' {
		return money.Fen(-int64(n)), nil
	}
	return money.Fen(int64(n)), nil
}
