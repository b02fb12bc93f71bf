package wechat

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"abacus/payment"
	"abacus/payment/wire"
)

type refundRequest struct {
	OutTradeNo  string       `json:"out_trade_no"`
	OutRefundNo string       `json:"out_refund_no"`
	Reason      string       `json:"reason,omitempty"`
	Amount      refundAmount `json:"amount"`
}

type refundAmount struct {
	Refund   int64  `json:"refund"` // fen
	Total    int64  `json:"total"`  // fen
	Currency string `json:"currency"`
}

type refundState struct {
	RefundID    string `json:"refund_id"`
	OutRefundNo string `json:"out_refund_no"`
	OutTradeNo  string `json:"out_trade_no"`
	Status      string `json:"status"`
	Amount      struct {
		Refund   *int64 `json:"refund"` // fen
		Total    *int64 `json:"total"`  // fen
		Currency string `json:"currency"`
	} `json:"amount"`
}

// Refund gives money back (POST /v3/refund/domestic/refunds). WeChat knows a
// refund by its number: the same one again moves nothing.
func (c *Client) Refund(ctx context.Context, f payment.Refund) payment.RefundAnswer {
	if err := wire.CheckRefund(f); err != nil {
		return payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: payment.NotRefundable, Err: err}
	}
	r := c.post(ctx, "/v3/refund/domestic/refunds", refundRequest{
		OutTradeNo:  f.Order,
		OutRefundNo: f.Number,
		Reason:      wire.Truncate(f.Reason, 40),
		Amount: refundAmount{
			Refund:   f.Amount.Minor(),
			Total:    f.Total.Minor(),
			Currency: string(f.Amount.Currency()),
		},
	})
	a := wire.CleanRefund(refunded(r, f))
	if code := bare(r.code); r.doubt == "" && (code == "INVALIDREQUEST" || code == "USERACCOUNTABNORMAL") {
		return c.ruledOut(ctx, f, a)
	}
	return a
}

// ruledOut settles INVALID_REQUEST, which WeChat answers both to a refund that
// its rules forbid and to one it is busy with, and USER_ACCOUNT_ABNORMAL, after
// which there is no refund and the shop gives the money back by itself: if WeChat
// does not know the number either, it has refused.
func (c *Client) ruledOut(ctx context.Context, f payment.Refund, a payment.RefundAnswer) payment.RefundAnswer {
	asked := c.QueryRefund(ctx, f)
	if asked.Outcome == payment.RefundUnknown && asked.Reason == payment.NotFound {
		a.Outcome, a.Reason = payment.RefundRefused, payment.NotRefundable
		return a
	}
	return asked
}

// QueryRefund asks what became of a refund
// (GET /v3/refund/domestic/refunds/{out_refund_no}).
func (c *Client) QueryRefund(ctx context.Context, f payment.Refund) payment.RefundAnswer {
	if err := wire.CheckRefund(f); err != nil {
		return payment.RefundAnswer{Reason: payment.Configuration, Err: err}
	}
	r := c.get(ctx, "/v3/refund/domestic/refunds/"+url.PathEscape(f.Number))
	a := refunded(r, f)
	if r.failed() && r.doubt == "" {
		a.Outcome = payment.RefundUnknown // a question refused says nothing of the money
	}
	return wire.CleanRefund(a)
}

func (r reply) refundUnknown(reason payment.Reason) payment.RefundAnswer {
	return payment.RefundAnswer{Reason: reason, Detail: r.detail(), Err: r.err}
}

func refunded(r reply, f payment.Refund) payment.RefundAnswer {
	switch {
	case r.doubt != "":
		return r.refundUnknown(r.doubt)
	case r.failed():
		return r.refundFailed()
	}
	var s refundState
	if err := json.Unmarshal(r.body, &s); err != nil || r.status != http.StatusOK {
		return r.refundUnknown(payment.BadAnswer)
	}
	r.code = s.Status
	switch {
	case s.OutRefundNo != f.Number, s.OutTradeNo != f.Order:
		return r.refundUnknown(payment.WrongOrder)
	case s.Amount.Refund == nil, s.Amount.Total == nil, *s.Amount.Refund != f.Amount.Minor(),
		*s.Amount.Total != f.Total.Minor(), s.Amount.Currency != string(f.Amount.Currency()):
		return r.refundUnknown(payment.WrongAmount)
	}
	outcome, reason := refundStanding(s.Status)
	return payment.RefundAnswer{Outcome: outcome, Reason: reason, Detail: r.detail(), Reference: s.RefundID}
}

func refundStanding(status string) (payment.RefundOutcome, payment.Reason) {
	switch status {
	case "SUCCESS":
		return payment.RefundPaid, payment.RefundDone
	case "PROCESSING":
		return payment.RefundAccepted, payment.RefundWorking
	case "CLOSED":
		return payment.RefundRefused, payment.RefundClosed
	case "ABNORMAL":
		return payment.RefundStuck, payment.RefundAbnormal
	}
	return payment.RefundUnknown, payment.BadAnswer
}

// refundFailed reads an authenticated refusal to refund. Not to know the order
// is no refusal: it was paid, so WeChat will.
func (r reply) refundFailed() payment.RefundAnswer {
	a := payment.RefundAnswer{Detail: r.detail()}
	v := r.verdictOf()
	switch code := bare(r.code); {
	case code == "NOTENOUGH":
		a.Outcome, a.Reason = payment.RefundRefused, payment.MerchantFunds
	case code == "TRADEOVERDUE":
		a.Outcome, a.Reason = payment.RefundRefused, payment.NotRefundable
	case v.reason == payment.Configuration, v.reason == payment.ClockSkew:
		a.Outcome, a.Reason = payment.RefundRefused, v.reason
	case v.outcome == payment.Unknown:
		a.Reason = v.reason
	}
	a.Reason = cmp.Or(a.Reason, payment.BadAnswer)
	return a
}
