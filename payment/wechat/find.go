package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"abacus/payment"
)

// Find asks by WeChat's own number, 交易单号 on the customer's bill
// (GET /v3/pay/transactions/id/{transaction_id}). It implements payment.Finder.
func (c *Client) Find(ctx context.Context, reference string) (order string, found bool, err error) {
	r := c.get(ctx, "/v3/pay/transactions/id/"+url.PathEscape(reference)+"?mchid="+url.QueryEscape(c.config.MchID))
	switch {
	case r.doubt != "":
		return "", false, errors.Join(fmt.Errorf("wechat: no proven answer: %s", r.doubt), r.err)
	case r.failed():
		if v := r.verdictOf(); v.reason == payment.NotFound || v.reason == payment.Configuration && bare(r.code) == "PARAMERROR" {
			return "", false, nil // also a number WeChat finds malformed
		}
		return "", false, fmt.Errorf("wechat: %s", r.detail()) // refused for our keys or rights, it has told nothing
	}
	var t transaction
	if err := json.Unmarshal(r.body, &t); err != nil {
		return "", false, fmt.Errorf("wechat: unreadable answer: %w", err)
	}
	mine := t.ID == reference && t.MchID == c.config.MchID && t.AppID == c.config.AppID && t.OutTradeNo != ""
	return t.OutTradeNo, mine, nil
}
