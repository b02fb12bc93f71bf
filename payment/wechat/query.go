package wechat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"abacus/payment"
	"abacus/payment/wire"
)

// Query asks for an order's state
// (GET /v3/pay/transactions/out-trade-no/{out_trade_no}).
func (c *Client) Query(ctx context.Context, o payment.Order) payment.Answer {
	if err := wire.CheckOrder(o.Number); err != nil {
		return payment.Answer{Reason: payment.Configuration, Err: err}
	}
	r := c.get(ctx, c.orderPath(o.Number, "?mchid="+url.QueryEscape(c.config.MchID)))
	return wire.CleanAnswer(c.queried(r, expected{o.Number, o.Amount}), "")
}

func (c *Client) orderPath(number, rest string) string {
	return "/v3/pay/transactions/out-trade-no/" + url.PathEscape(number) + rest
}

// queried reads the answer to a query. No error code settles an order: it only
// says that the question was not answered.
func (c *Client) queried(r reply, want expected) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case r.failed():
		v := r.verdictOf()
		return r.unknown(v.reason)
	}
	return c.state(r, want)
}

// state reads an order's state out of an authenticated 2xx answer.
func (c *Client) state(r reply, want expected) payment.Answer {
	var t transaction
	if err := json.Unmarshal(r.body, &t); err != nil {
		r.message = "unreadable answer"
		return r.unknown(payment.BadAnswer)
	}
	if t.State == "" && bare(t.Code) == "USERPAYING" {
		t.State = "USERPAYING" // waiting told as an error, yet not as a failure
	}
	r.code, r.message = t.State, t.StateDesc
	outcome, reason := standing(t.State)
	wrong := c.mismatch(t, want)
	if outcome == payment.Waiting && t.OutTradeNo == "" {
		wrong = payment.NoReason // 202 with the state alone is how codepay waits
	}
	switch {
	case wrong != "":
		return r.unknown(wrong)
	case outcome == payment.Unknown:
		return r.unknown(payment.BadAnswer)
	case outcome == payment.Paid && (t.Amount.Total == nil || t.Amount.Currency == ""):
		return r.unknown(payment.WrongAmount)
	case outcome != payment.Waiting && r.status != http.StatusOK:
		return r.unknown(payment.BadAnswer) // "accepted" is not an end
	}
	a := payment.Answer{
		Outcome:   outcome,
		Reason:    reason,
		Detail:    r.detail(),
		Reference: t.ID,
		Payer:     wire.MaskID(t.Payer.OpenID),
		Funding:   t.BankType,
	}
	if at, err := time.Parse(time.RFC3339, t.Success); err == nil {
		a.PaidAt = at
	}
	return a
}

// standing is the meaning of a trade_state. REFUND is a paid order of which
// some has been given back since: our own refunds are counted elsewhere, and of
// others' nobody can be asked how much.
func standing(state string) (payment.Outcome, payment.Reason) {
	switch state {
	case "SUCCESS":
		return payment.Paid, payment.NoReason
	case "REFUND":
		return payment.Paid, payment.GivenBack
	case "USERPAYING":
		return payment.Waiting, payment.Password
	case "NOTPAY", "ACCEPT":
		return payment.Waiting, payment.NoReason
	case "PAYERROR":
		return payment.Declined, payment.Refused
	case "CLOSED", "REVOKED":
		return payment.Reversed, payment.AlreadyClosed
	}
	return payment.Unknown, payment.BadAnswer
}
