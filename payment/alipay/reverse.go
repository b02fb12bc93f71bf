package alipay

import (
	"context"

	"abacus/payment"
	"abacus/payment/wire"
)

// Reverse undoes an order whose end is unknown or unwanted
// (alipay.trade.cancel): Alipay closes it or returns the money, and says which.
func (c *Client) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	if err := wire.CheckOrder(o.Number); err != nil {
		return payment.Answer{Reason: payment.Configuration, Err: err}
	}
	r := c.call(ctx, "alipay.trade.cancel", fields{"out_trade_no": o.Number})
	return wire.CleanAnswer(cancelled(r, o.Number), "")
}

// cancelled reads the answer to a cancellation. Alipay answers success even
// where nothing was done yet, so each word of it counts.
func cancelled(r reply, number string) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case !r.ok():
		return r.uncancelled()
	case r.OutTradeNo != number:
		return r.unknown(payment.WrongOrder)
	case r.RetryFlag == "Y":
		return r.unknown(payment.SystemBusy)
	case r.RetryFlag != "N":
		return r.unknown(payment.BadAnswer)
	}
	a := payment.Answer{Outcome: payment.Reversed, Detail: r.detail(), Reference: r.TradeNo}
	switch r.Action {
	case "close":
	case "refund":
		a.Reason = payment.PaidThenBack
	case "":
		a.Reason = payment.NotFound // there was no trade yet to do anything to
	default:
		return r.unknown(payment.BadAnswer)
	}
	return a
}

// uncancelled reads an authenticated refusal to cancel. Whatever does not say
// that the order is dead leaves it to be tried again.
func (r reply) uncancelled() payment.Answer {
	a := payment.Answer{Detail: r.detail(), Reason: r.verdict().reason}
	if r.Code != "40004" {
		return a
	}
	switch bare(r.SubCode) {
	case "TRADE_NOT_EXIST", "TRADE_HAS_CLOSE":
		a.Outcome = payment.Reversed
	case "TRADE_HAS_FINISHED", "TRADE_CANCEL_TIME_OUT": // only a refund is left, if that
		a.Outcome, a.Reason = payment.Declined, payment.NotRefundable
	case "CANCEL_NOT_ALLOWED", "REASON_TRADE_REFUND_FEE_ERR": // the second: a part has gone back, by other hands
		switch {
		case r.RetryFlag == "Y":
			a.Reason = payment.SystemBusy
		case r.Action == "":
			a.Outcome, a.Reason = payment.Declined, payment.NotRefundable
		} // else refused and done at once: no answer
	case "SELLER_BALANCE_NOT_ENOUGH":
		a.Reason = payment.MerchantFunds
	}
	return a
}

// Close ends an unpaid order code (alipay.trade.close). A code that nobody has
// scanned is no trade yet and cannot be closed: NotFound, and only Reverse makes
// it die. If the customer was faster, the order is asked for and the answer is
// Paid.
func (c *Client) Close(ctx context.Context, o payment.Order) payment.Answer {
	if err := wire.CheckOrder(o.Number); err != nil {
		return payment.Answer{Reason: payment.Configuration, Err: err}
	}
	r := c.call(ctx, "alipay.trade.close", fields{"out_trade_no": o.Number})
	a := wire.CleanAnswer(closed(r, o.Number), "")
	if a.Reason != payment.AlreadyPaid {
		return a
	}
	if asked := c.Query(ctx, o); asked.Outcome == payment.Paid || asked.Outcome == payment.Reversed {
		return asked
	}
	return a
}

// closed reads the answer to a close: its reason AlreadyPaid tells that there
// is more to ask.
func closed(r reply, number string) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case r.ok() && r.OutTradeNo != number:
		return r.unknown(payment.WrongOrder)
	case r.ok():
		return payment.Answer{Outcome: payment.Reversed, Detail: r.detail(), Reference: r.TradeNo}
	}
	a := r.unknown(r.verdict().reason)
	if r.Code != "40004" {
		return a
	}
	switch bare(r.SubCode) {
	case "TRADE_HAS_CLOSE":
		a.Outcome = payment.Reversed
	case "TRADE_STATUS_ERROR", "REASON_TRADE_STATUS_INVALID", "REASON_ILLEGAL_STATUS", "TRADE_HAS_FINISHED":
		a.Reason = payment.AlreadyPaid // or closed: the query tells
	}
	return a
}
