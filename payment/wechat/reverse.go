package wechat

import (
	"context"
	"encoding/json"
	"net/http"

	"abacus/payment"
	"abacus/payment/wire"
)

type reverseRequest struct {
	AppID string `json:"appid"`
	MchID string `json:"mchid"`
}

type closeRequest struct {
	MchID string `json:"mchid"`
}

// Reverse undoes a pay-code charge: WeChat closes the order or, if it was
// paid, returns the money; it does not say which
// (POST /v3/pay/transactions/out-trade-no/{out_trade_no}/reverse).
func (c *Client) Reverse(ctx context.Context, o payment.Order) payment.Answer {
	if err := wire.CheckOrder(o.Number); err != nil {
		return payment.Answer{Reason: payment.Configuration, Err: err}
	}
	r := c.post(ctx, c.orderPath(o.Number, "/reverse"), reverseRequest{c.config.AppID, c.config.MchID})
	a := wire.CleanAnswer(c.reversed(r, o.Number), "")
	if r.doubt == "" && bare(r.code) == "INVALIDREQUEST" {
		return c.irreversible(ctx, o, a)
	}
	return a
}

// irreversible settles INVALID_REQUEST, the answer to a reversal that the rules
// forbid: of an order code, of an order with refunds, or after seven days. If
// the order is paid, only a refund gives its money back.
func (c *Client) irreversible(ctx context.Context, o payment.Order, a payment.Answer) payment.Answer {
	if c.Query(ctx, o).Outcome == payment.Paid {
		a.Outcome, a.Reason = payment.Declined, payment.AlreadyPaid
	}
	return a
}

func (c *Client) reversed(r reply, number string) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case r.failed():
		return r.undoing()
	}
	// A reversal with another merchant's number is answered kindly and does
	// nothing, so both numbers must be ours.
	var t transaction
	if err := json.Unmarshal(r.body, &t); err != nil || r.status != http.StatusOK {
		return r.unknown(payment.BadAnswer)
	}
	// What says how the order stands is the answer to a charge or query of it that
	// came late: it acknowledges nothing.
	if t.State != "" && t.State != "REVOKED" || t.Success != "" {
		return r.unknown(payment.BadAnswer)
	}
	if t.OutTradeNo != number || t.MchID != c.config.MchID || c.anotherApp(t) {
		return r.unknown(payment.WrongOrder)
	}
	return payment.Answer{Outcome: payment.Reversed, Reference: t.ID, Detail: r.detail()}
}

// undoing reads an authenticated refusal to reverse or close. Whatever does
// not say that the order is dead leaves it to be tried again.
func (r reply) undoing() payment.Answer {
	a := payment.Answer{Detail: r.detail(), Reason: r.verdictOf().reason}
	switch bare(r.code) {
	case "ORDERNOTEXIST", "RESOURCENOTEXISTS", "ORDERCLOSED", "ORDERREVERSED":
		a.Outcome = payment.Reversed
	case "NOTENOUGH": // the merchant has not: nothing is taken from the customer here
		a.Reason = payment.MerchantFunds
	case "REVERSEEXPIRE": // after seven days only a refund is left
		a.Outcome, a.Reason = payment.Declined, payment.NotRefundable
	}
	return a
}

// Close ends an unpaid order code
// (POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close). If the
// customer was faster, the order is asked for and the answer is Paid.
func (c *Client) Close(ctx context.Context, o payment.Order) payment.Answer {
	if err := wire.CheckOrder(o.Number); err != nil {
		return payment.Answer{Reason: payment.Configuration, Err: err}
	}
	r := c.post(ctx, c.orderPath(o.Number, "/close"), closeRequest{c.config.MchID})
	a := wire.CleanAnswer(closed(r), "")
	if a.Reason != payment.AlreadyPaid {
		return a
	}
	if asked := c.Query(ctx, o); asked.Outcome == payment.Paid || asked.Outcome == payment.Reversed {
		return asked
	}
	return a
}

func closed(r reply) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case r.failed():
		return r.undoing()
	case r.status != http.StatusNoContent:
		return r.unknown(payment.BadAnswer)
	}
	return payment.Answer{Outcome: payment.Reversed}
}
