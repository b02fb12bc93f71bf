package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/wire"
)

// reply is an answer as it came, and how far it can be believed.
type reply struct {
	status    int
	body      []byte
	code      string // of an error answer, believed or not: for Detail
	message   string
	requestID string         // WeChat's support asks for it
	doubt     payment.Reason // why it proves nothing; empty: WeChat said it, just now
	err       error
}

// detail is what the acquirer's support would want to hear.
func (r reply) detail() string {
	var parts []string
	if r.status >= 300 {
		parts = append(parts, fmt.Sprint(r.status))
	}
	parts = append(parts, r.code, r.message)
	if r.requestID != "" {
		parts = append(parts, "request "+r.requestID)
	}
	return strings.Join(parts, " ")
}

// unknown is the answer that leaves the order in doubt.
func (r reply) unknown(reason payment.Reason) payment.Answer {
	return payment.Answer{Reason: reason, Detail: r.detail(), Err: r.err}
}

// get and post make one call; nothing is ever sent twice from here.
func (c *Client) get(ctx context.Context, path string) reply {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timing.CallTimeout)
	defer cancel()
	result, err := c.core.Get(ctx, c.base+path)
	return c.read(ctx, result, err)
}

func (c *Client) post(ctx context.Context, path string, request any) reply {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timing.CallTimeout)
	defer cancel()
	body, err := json.Marshal(request)
	if err != nil {
		return reply{doubt: payment.NotSent, err: err}
	}
	result, err := c.core.Post(ctx, c.base+path, body)
	return c.read(ctx, result, err)
}

// read sorts out what the library hands back. It verifies 2xx answers only and
// returns all others as errors nobody vouches for, so those are verified here.
func (c *Client) read(ctx context.Context, result *core.APIResult, err error) reply {
	if result == nil || result.Response == nil {
		reason, cause := wire.Failure(err)
		return reply{doubt: reason, err: cause}
	}
	resp := result.Response
	defer resp.Body.Close()
	r := reply{status: resp.StatusCode, requestID: resp.Header.Get(consts.RequestID)}
	var failure *core.APIError
	if errors.As(err, &failure) {
		// CheckResponse has read the body and put it back.
		r.code, r.message = failure.Code, failure.Message
		err = c.guard.Validate(ctx, resp)
	}
	if err != nil {
		r.doubt, r.err = distrust(err)
		if r.unknownSender(resp.Header) {
			r.doubt = r.refused()
		}
	} else if r.body, err = io.ReadAll(resp.Body); err != nil {
		r.doubt, r.err = wire.Failure(err)
	}
	switch {
	case r.status == http.StatusTooManyRequests || r.status >= 500:
		r.doubt = payment.SystemBusy // even if signed: it says nothing of the order
	case r.doubt == "" && r.status >= 300 && r.status < 400:
		r.doubt = payment.BadAnswer
	}
	return r
}

// unknownSender reports whether WeChat, by the look of it, could not make out who
// asked: keys that do not fit, or another clock. Its 401 then comes without a
// signature. So anybody's may, and it stays a doubt, with another reason.
func (r reply) unknownSender(h http.Header) bool {
	return r.status == http.StatusUnauthorized && r.code != "" && h.Get(consts.WechatPaySignature) == ""
}

// refused is why WeChat refuses what comes from us: for our time, or for our keys
// and settings. It names the header's timestamp where that is more than 5 minutes
// off.
func (r reply) refused() payment.Reason {
	if strings.Contains(strings.ToLower(r.message), "timestamp") {
		return payment.ClockSkew
	}
	return payment.Configuration
}

func distrust(err error) (payment.Reason, error) {
	switch {
	case errors.Is(err, errSkew):
		return payment.ClockSkew, errSkew
	case errors.Is(err, errSignature):
		return payment.BadSignature, err
	}
	return wire.Failure(err)
}

// expected is the order an answer must be about.
type expected struct {
	number string
	amount money.Amount
}

// transaction is what WeChat says of an order; absent fields are empty.
type transaction struct {
	AppID      string `json:"appid"`
	MchID      string `json:"mchid"`
	OutTradeNo string `json:"out_trade_no"`
	ID         string `json:"transaction_id"`
	State      string `json:"trade_state"`
	StateDesc  string `json:"trade_state_desc"`
	Code       string `json:"code"` // of an error object under a 2xx status
	BankType   string `json:"bank_type"`
	Success    string `json:"success_time"`
	Payer      struct {
		OpenID string `json:"openid"`
	} `json:"payer"`
	Amount struct {
		Total    *int64 `json:"total"` // fen
		Currency string `json:"currency"`
	} `json:"amount"`
}

// mismatch says why t cannot be the expected order's final word; empty if it
// can. Total and currency are compared only where t names them: an order that was
// never paid comes without its currency, or without both.
func (c *Client) mismatch(t transaction, want expected) payment.Reason {
	switch {
	case t.OutTradeNo != want.number, t.MchID != c.config.MchID, c.anotherApp(t):
		return payment.WrongOrder
	case t.Amount.Total == nil:
		return payment.NoReason
	case *t.Amount.Total != want.amount.Minor(), t.Amount.Currency != "" && t.Amount.Currency != string(want.amount.Currency()):
		return payment.WrongAmount
	}
	return payment.NoReason
}

// anotherApp reports whether t is another app's. It may leave its appid out: the
// page of codepay (https://pay.weixin.qq.com/doc/v3/merchant/4012382150) has the
// field as optional. The number is one of the merchant's own, whatever the app.
func (c *Client) anotherApp(t transaction) bool {
	return t.AppID != "" && t.AppID != c.config.AppID
}
