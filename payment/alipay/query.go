package alipay

import (
	"context"

	"abacus/payment"
	"abacus/payment/wire"
)

// Query asks for an order's state (alipay.trade.query). An order code that
// nobody has scanned is not known to Alipay yet: NotFound.
func (c *Client) Query(ctx context.Context, o payment.Order) payment.Answer {
	if err := wire.CheckOrder(o.Number); err != nil {
		return payment.Answer{Reason: payment.Configuration, Err: err}
	}
	r := c.call(ctx, "alipay.trade.query", fields{
		"out_trade_no":  o.Number,
		"query_options": []string{"fund_bill_list"},
	})
	return wire.CleanAnswer(queried(r, expected{o.Number, o.Amount}), "")
}

// queried reads the answer to a query. No error code settles an order: it only
// says that the question was not answered.
func queried(r reply, want expected) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case !r.ok():
		return r.unknown(r.verdict().reason)
	}
	outcome, reason := standing(r.TradeStatus)
	switch wrong := r.mismatch(want); {
	case wrong != "":
		return r.unknown(wrong)
	case outcome == payment.Paid && r.TotalAmount == "":
		return r.unknown(payment.WrongAmount)
	}
	return r.described(outcome, reason)
}

// standing is the meaning of a trade_status. WAIT_BUYER_PAY is a customer who
// has the order on the phone, also of an order code: its trade begins with the
// scan. A trade stays TRADE_SUCCESS after refunds of a part and is TRADE_CLOSED
// after a refund of the whole.
func standing(status string) (payment.Outcome, payment.Reason) {
	switch status {
	case "WAIT_BUYER_PAY":
		return payment.Waiting, payment.Password
	case "TRADE_SUCCESS", "TRADE_FINISHED":
		return payment.Paid, payment.NoReason
	case "TRADE_CLOSED":
		return payment.Reversed, payment.AlreadyClosed
	}
	return payment.Unknown, payment.BadAnswer
}
