package wechat

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"abacus/payment"
	"abacus/payment/wire"
)

type amountField struct {
	Total    int64  `json:"total"` // fen
	Currency string `json:"currency"`
}

type sceneField struct {
	DeviceID  string      `json:"device_id,omitempty"`
	DeviceIP  string      `json:"device_ip,omitempty"`
	ClientIP  string      `json:"payer_client_ip,omitempty"`
	StoreInfo *storeField `json:"store_info,omitempty"`
}

// storeField names the store by the merchant's own number (商户系统的门店编码),
// which is of letters and digits. Its other field, id, is WeChat's number of the
// place (微信支付线下场所ID), of digits only; one of the two must be there. The
// official text is copied in WxJava (github.com/binarywang/WxJava,
// WxPayCodepayRequest.java).
type storeField struct {
	OutID string `json:"out_id"`
}

type payerField struct {
	AuthCode string `json:"auth_code"`
}

type chargeRequest struct {
	AppID       string      `json:"appid"`
	MchID       string      `json:"mchid"`
	Description string      `json:"description"`
	OutTradeNo  string      `json:"out_trade_no"`
	TimeExpire  string      `json:"time_expire,omitempty"`
	NotifyURL   string      `json:"notify_url,omitempty"`
	Payer       *payerField `json:"payer,omitempty"`
	Amount      amountField `json:"amount"`
	Scene       *sceneField `json:"scene_info,omitempty"`
}

func (c *Client) chargeRequest(ch payment.Charge) chargeRequest {
	return chargeRequest{
		AppID:       c.config.AppID,
		MchID:       c.config.MchID,
		Description: wire.Truncate(cmp.Or(ch.Subject, ch.Store, ch.Order), 40),
		OutTradeNo:  ch.Order,
		Amount:      amountField{ch.Amount.Minor(), string(ch.Amount.Currency())},
	}
}

// Charge takes money with the customer's pay code
// (POST /v3/pay/transactions/codepay).
func (c *Client) Charge(ctx context.Context, ch payment.Charge) payment.Answer {
	if err := wire.CheckCharge(ch, false); err != nil {
		return wire.Unsent(err)
	}
	request := c.chargeRequest(ch)
	request.Payer = &payerField{ch.Code}
	// Without a store the interface answers SYSTEM_ERROR and nothing else.
	store := wire.Truncate(cmp.Or(lettersDigits(c.config.StoreID), lettersDigits(ch.Store), c.config.MchID), 32)
	request.Scene = &sceneField{
		DeviceID:  wire.Truncate(ch.Till, 32),
		DeviceIP:  c.config.DeviceIP,
		StoreInfo: &storeField{store},
	}
	r := c.post(ctx, "/v3/pay/transactions/codepay", request)
	return wire.CleanAnswer(c.charged(r, expected{ch.Order, ch.Amount}), ch.Code)
}

// lettersDigits is a text without anything else, as WeChat wants a store's number.
func lettersDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, text)
}

// charged reads the answer to a charge.
func (c *Client) charged(r reply, want expected) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case r.failed():
		v := r.verdictOf()
		return payment.Answer{Outcome: v.outcome, Reason: v.reason, Lives: v.lives, Detail: r.detail()}
	}
	a := c.state(r, want)
	a.Lives = a.Outcome == payment.Declined
	return a
}

// Present registers an order for the customer to scan
// (POST /v3/pay/transactions/native).
func (c *Client) Present(ctx context.Context, ch payment.Charge) payment.Answer {
	if err := wire.CheckCharge(ch, true); err != nil {
		return wire.Unsent(err)
	}
	request := c.chargeRequest(ch)
	request.NotifyURL = cmp.Or(c.config.NotifyURL, unreachableNotify)
	if !ch.Expires.IsZero() {
		request.TimeExpire = ch.Expires.Format(time.RFC3339)
	}
	if ip := c.config.DeviceIP; ip != "" {
		request.Scene = &sceneField{ClientIP: ip}
	}
	return wire.CleanAnswer(presented(c.post(ctx, "/v3/pay/transactions/native", request)), "")
}

// presented reads the answer to a registration. It names no order: only the
// connection ties the code to the request, and the query to the money.
func presented(r reply) payment.Answer {
	switch {
	case r.doubt != "":
		return r.unknown(r.doubt)
	case r.failed():
		v := r.verdictOf()
		switch {
		case v.outcome == payment.Waiting:
			v.outcome = payment.Unknown // no code to show
		case bare(r.code) == "PARAMERROR":
			v.outcome = payment.Declined // in doubt for a charge only: here nobody has a code to pay
		}
		return payment.Answer{Outcome: v.outcome, Reason: v.reason, Detail: r.detail()}
	}
	var answer struct {
		CodeURL string `json:"code_url"`
	}
	err := json.Unmarshal(r.body, &answer)
	if err != nil || r.status != http.StatusOK || !orderCode(answer.CodeURL) {
		return r.unknown(payment.BadAnswer)
	}
	return payment.Answer{Outcome: payment.Waiting, OrderCode: answer.CodeURL}
}

// orderCode reports whether a text can be a WeChat order code: short enough to
// be drawn, printable, and not a link to somewhere else.
func orderCode(text string) bool {
	if !strings.HasPrefix(text, "weixin://") || len(text) > 256 {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}
