package alipay

import (
	"context"
	"errors"
	"fmt"

	"abacus/payment"
)

// Find asks by Alipay's own number, 订单号 on the customer's bill
// (alipay.trade.query by trade_no). It implements payment.Finder.
func (c *Client) Find(ctx context.Context, reference string) (order string, found bool, err error) {
	r := c.call(ctx, "alipay.trade.query", fields{"trade_no": reference})
	switch {
	case r.doubt != "":
		return "", false, errors.Join(fmt.Errorf("alipay: no proven answer: %s", r.doubt), r.err)
	case !r.ok():
		if v := r.verdict(); v.reason == payment.NotFound || r.Code == "40004" && bare(r.SubCode) == "INVALID_PARAMETER" {
			return "", false, nil // also a number Alipay finds malformed
		}
		return "", false, fmt.Errorf("alipay: %s", r.detail()) // refused for our keys or rights, it has told nothing
	}
	return r.OutTradeNo, r.TradeNo == reference && r.OutTradeNo != "", nil
}
