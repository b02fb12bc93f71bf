package alipay

import (
	"context"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/wire"
)

// Refund gives money back (alipay.trade.refund). Alipay knows a refund by its
// number (out_request_no): the same one again moves nothing.
func (c *Client) Refund(ctx context.Context, f payment.Refund) payment.RefundAnswer {
	if err := wire.CheckRefund(f); err != nil {
		return payment.RefundAnswer{Outcome: payment.RefundRefused, Reason: payment.NotRefundable, Err: err}
	}
	request := fields{
		"out_trade_no":   f.Order,
		"out_request_no": f.Number,
		"refund_amount":  f.Amount.Decimal(),
	}
	request.set("refund_reason", wire.Truncate(f.Reason, 40))
	request.set("operator_id", wire.Truncate(f.Cashier, 28))
	request.set("store_id", c.config.StoreID)
	a := wire.CleanRefund(refunded(c.call(ctx, "alipay.trade.refund", request), f))
	if a.Outcome == payment.RefundRefused && a.Reason == payment.NotRefundable {
		return c.ruledOut(ctx, f, a)
	}
	return a
}

// ruledOut makes sure of a refusal by rule: a repeat of a refund that emptied
// the order meets the same rules. Only if Alipay does not know the number has
// it refused; an answer that names anything is no proof of that.
func (c *Client) ruledOut(ctx context.Context, f payment.Refund, a payment.RefundAnswer) payment.RefundAnswer {
	r := c.askRefund(ctx, f)
	asked := wire.CleanRefund(refundQueried(r, f))
	if asked.Outcome == payment.RefundUnknown && asked.Reason == payment.NotFound && r.namesNothing() {
		return a
	}
	return asked
}

// namesNothing reports whether an answer has no number, ours or Alipay's.
func (n node) namesNothing() bool {
	return n.OutTradeNo == "" && n.TradeNo == "" && n.OutRequestNo == ""
}

// QueryRefund asks what became of a refund
// (alipay.trade.fastpay.refund.query).
func (c *Client) QueryRefund(ctx context.Context, f payment.Refund) payment.RefundAnswer {
	if err := wire.CheckRefund(f); err != nil {
		return payment.RefundAnswer{Reason: payment.Configuration, Err: err}
	}
	return wire.CleanRefund(refundQueried(c.askRefund(ctx, f), f))
}

func (c *Client) askRefund(ctx context.Context, f payment.Refund) reply {
	return c.call(ctx, "alipay.trade.fastpay.refund.query", fields{
		"out_trade_no":   f.Order,
		"out_request_no": f.Number,
	})
}

func (r reply) refundUnknown(reason payment.Reason) payment.RefundAnswer {
	return payment.RefundAnswer{Reason: reason, Detail: r.detail(), Err: r.err}
}

// refunded reads the answer to a refund. It names the sum of all refunds of
// the order, not this one: certain is only a first refund that moved money;
// for the rest the query is exact.
func refunded(r reply, f payment.Refund) payment.RefundAnswer {
	switch {
	case r.doubt != "":
		return r.refundUnknown(r.doubt)
	case !r.ok():
		return r.unrefunded()
	case r.OutTradeNo != f.Order:
		return r.refundUnknown(payment.WrongOrder)
	}
	sum, err := money.Parse(r.RefundFee, money.CNY)
	if err != nil || sum.Less(f.Amount) || f.Total.Less(sum) {
		return r.refundUnknown(payment.WrongAmount)
	}
	a := payment.RefundAnswer{Detail: r.detail(), Reference: r.TradeNo}
	if r.FundChange == "Y" && sum.Equal(f.Amount) {
		a.Outcome, a.Reason = payment.RefundPaid, payment.RefundDone
	} else {
		a.Outcome, a.Reason = payment.RefundAccepted, payment.RefundWorking
	}
	return a
}

// refundCodes are the sub_codes with which Alipay refuses a refund for good
// (https://opendocs.alipay.com/open/4b7cc5db_alipay.trade.refund).
var refundCodes = map[string]payment.Reason{
	"SELLER_BALANCE_NOT_ENOUGH": payment.MerchantFunds,

	"REFUND_AMT_NOT_EQUAL_TOTAL":  payment.NotRefundable,
	"REASON_TRADE_REFUND_FEE_ERR": payment.NotRefundable, // too much together with what went back before
	"REFUND_FEE_ERROR":            payment.NotRefundable,

	"TRADE_NOT_ALLOW_REFUND":                payment.NotRefundable,
	"NOT_ALLOW_PARTIAL_REFUND":              payment.NotRefundable, // a coupon: the whole, or none
	"ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND": payment.NotRefundable,
	"REASON_TRADE_BEEN_FREEZEN":             payment.NotRefundable,
	"REASON_TRADE_STATUS_INVALID":           payment.NotRefundable,
	"TRADE_STATUS_ERROR":                    payment.NotRefundable,
	"TRADE_HAS_CLOSE":                       payment.NotRefundable, // never paid, or all of it went back
	"TRADE_HAS_FINISHED":                    payment.NotRefundable,

	"BUYER_ENABLE_STATUS_FORBID": payment.NotRefundable, // of a charge it is the payer's risk
	"BUYER_ERROR":                payment.NotRefundable,
	"BUYER_NOT_EXIST":            payment.NotRefundable,
	"CUSTOMER_VALIDATE_ERROR":    payment.NotRefundable,
}

// unrefunded reads an authenticated refusal to refund. Not to know the order
// is no refusal: it was paid, so Alipay will.
func (r reply) unrefunded() payment.RefundAnswer {
	a := payment.RefundAnswer{Detail: r.detail()}
	v := r.verdict()
	reason, final := refundCodes[bare(r.SubCode)]
	switch {
	case r.Code == "40004" && final:
		a.Outcome, a.Reason = payment.RefundRefused, reason
	case v.reason == payment.Configuration, v.reason == payment.ClockSkew:
		a.Outcome, a.Reason = payment.RefundRefused, v.reason
	case r.Code == "40004" && bare(r.SubCode) == "DISCORDANT_REPEAT_REQUEST":
		a.Reason = payment.NumberUsed
	default:
		a.Reason = v.reason
	}
	return a
}

// refundQueried reads the answer to a refund's query. Without refund_status the
// refund has not been received, or has failed, and its number is to be sent
// again (https://opendocs.alipay.com/open/8c776df6_alipay.trade.fastpay.refund.query).
// That moves nothing twice, also where it was done: an older page, and answers
// of its time, have number and amount and no status for just that
// (https://docs.open.alipay.com/api_1/alipay.trade.fastpay.refund.query).
func refundQueried(r reply, f payment.Refund) payment.RefundAnswer {
	switch {
	case r.doubt != "":
		return r.refundUnknown(r.doubt)
	case !r.ok():
		return r.refundUnknown(r.verdict().reason)
	case r.RefundStatus == "" && r.RefundAmount == "":
		return r.refundUnknown(payment.NotFound)
	case r.OutTradeNo != f.Order, r.OutRequestNo != f.Number:
		return r.refundUnknown(payment.WrongOrder)
	}
	amount, err := money.Parse(r.RefundAmount, money.CNY)
	total, totalErr := money.Parse(r.TotalAmount, money.CNY)
	if err != nil || totalErr != nil || !amount.Equal(f.Amount) || !total.Equal(f.Total) {
		return r.refundUnknown(payment.WrongAmount)
	}
	a := payment.RefundAnswer{Detail: r.detail(), Reference: r.TradeNo}
	switch r.RefundStatus {
	case "REFUND_SUCCESS":
		a.Outcome, a.Reason = payment.RefundPaid, payment.RefundDone
	case "REFUND_PROCESSING":
		a.Outcome, a.Reason = payment.RefundAccepted, payment.RefundWorking
	case "", "REFUND_FAIL": // the second in Alipay's SDKs only
		a.Reason = payment.NotFound
	default:
		a.Reason = payment.BadAnswer
	}
	return a
}
