package alipay

import (
	"context"
	"crypto/aes"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	library "github.com/smartwalle/alipay/v3"

	"abacus/internal/money"
	"abacus/payment"
	"abacus/payment/wire"
)

// node is the signed part of an answer, of any method; absent fields are
// empty. Amounts are in yuan.
type node struct {
	Code    string `json:"code"`
	Msg     string `json:"msg"`
	SubCode string `json:"sub_code"`
	SubMsg  string `json:"sub_msg"`

	OutTradeNo    string `json:"out_trade_no"`
	TradeNo       string `json:"trade_no"`
	TradeStatus   string `json:"trade_status"`
	TotalAmount   string `json:"total_amount"`
	TransCurrency string `json:"trans_currency"`
	BuyerLogonID  string `json:"buyer_logon_id"`
	GmtPayment    string `json:"gmt_payment"`   // of a charge
	SendPayDate   string `json:"send_pay_date"` // of a query
	QRCode        string `json:"qr_code"`

	RetryFlag string `json:"retry_flag"`
	Action    string `json:"action"`

	OutRequestNo string `json:"out_request_no"`
	RefundFee    string `json:"refund_fee"` // all refunds of the order so far
	RefundAmount string `json:"refund_amount"`
	RefundStatus string `json:"refund_status"`
	FundChange   string `json:"fund_change"`

	// What only decorates the receipt is read leniently, see funding.go.
	FundBillList json.RawMessage `json:"fund_bill_list"`
	HBFQPayInfo  json.RawMessage `json:"hb_fq_pay_info"`
}

// ok is the one code of success. The library's IsSuccess also says yes to
// 10003, an order that nobody has paid yet.
func (n node) ok() bool { return n.Code == "10000" }

// reply is an answer as it came, and how far it can be believed.
type reply struct {
	node
	doubt payment.Reason // why it proves nothing; empty: Alipay said it
	err   error
}

// detail is what the acquirer's support would want to hear.
func (r reply) detail() string {
	return strings.Join([]string{r.Code, r.SubCode, r.Msg, r.SubMsg, r.TradeStatus}, " ")
}

func (r reply) unknown(reason payment.Reason) payment.Answer {
	return payment.Answer{Reason: reason, Detail: r.detail(), Err: r.err}
}

// fields is the biz_content of a request. It stands in for the library's typed
// requests: its refund lacks operator, store and terminal, its extend_params
// always sends instalments, if empty ones, and its trade sends an empty
// buyer_id and product_code.
type fields map[string]any

// set adds a field unless it is empty.
func (f fields) set(key, value string) {
	if value != "" {
		f[key] = value
	}
}

// call makes one call; nothing is ever sent twice from here.
func (c *Client) call(ctx context.Context, method string, f fields) reply {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timing.CallTimeout)
	defer cancel()
	payload := library.NewPayload(method)
	for key, value := range f {
		payload.AddBizField(key, value)
	}
	// Asked for the raw node, the library hands it over only if its signature
	// holds over exactly these bytes.
	var signed json.RawMessage
	if err := c.lib.Request(ctx, payload, &signed); err != nil {
		return distrust(err)
	}
	var r reply
	if err := json.Unmarshal(signed, &r.node); err != nil {
		return reply{doubt: payment.BadAnswer, err: err}
	}
	return r
}

// distrust sorts out the library's errors: all of them leave the order in
// doubt.
func distrust(err error) reply {
	var (
		unsigned *library.Error
		status   statusError
		base64ed base64.CorruptInputError
		syntax   *json.SyntaxError
		kind     *json.UnmarshalTypeError
		noKey    aes.KeySizeError // an encrypted answer to a plain question
	)
	switch {
	case errors.As(err, &unsigned):
		// An answer without signature, or an error_response, whose signature
		// is not looked at. The library returns it as if Alipay had said it;
		// for "null" it returns a nil pointer.
		r := reply{doubt: payment.BadSignature, err: errUnsigned}
		if unsigned != nil {
			r.node = node{Code: string(unsigned.Code), Msg: unsigned.Msg, SubCode: unsigned.SubCode, SubMsg: unsigned.SubMsg}
		}
		// The gateway has no key to sign with for an application that it does not
		// know, or whose settings it refuses: 40002 isv.invalid-app-id and 40003
		// isv.missing-signature-config come like this. It is a hint, no proof.
		if gatewayCodes[r.Code].reason == payment.Configuration {
			r.doubt = r.verdict().reason
		}
		return r
	case errors.Is(err, rsa.ErrVerification), errors.As(err, &base64ed),
		errors.Is(err, library.ErrAliPublicKeyNotFound):
		return reply{doubt: payment.BadSignature, err: errSignature}
	case errors.As(err, &status):
		return reply{doubt: status.reason(), err: status}
	case errors.As(err, &syntax), errors.As(err, &kind), errors.As(err, &noKey),
		errors.Is(err, library.ErrBadResponse):
		return reply{doubt: payment.BadAnswer, err: errUnreadable}
	}
	reason, cause := wire.Failure(err)
	return reply{doubt: reason, err: cause}
}

var (
	errUnsigned   = errors.New("the answer is not signed")
	errSignature  = errors.New("the answer's signature does not hold")
	errUnreadable = errors.New("the answer cannot be read")
)

// okOnly makes an error of every HTTP status but 200, at which the library
// never looks.
type okOnly struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (o okOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := o.base.RoundTrip(r)
	if err != nil || resp.StatusCode == http.StatusOK {
		return resp, err
	}
	_ = resp.Body.Close() // of no interest: nothing in it is signed
	return nil, statusError(resp.StatusCode)
}

type statusError int

// Error implements error.
func (s statusError) Error() string { return fmt.Sprintf("HTTP status %d", int(s)) }

func (s statusError) reason() payment.Reason {
	if s >= 500 || s == http.StatusTooManyRequests {
		return payment.SystemBusy
	}
	return payment.BadAnswer
}

// expected is the order an answer must be about. The merchant needs no
// comparison: answers name none, but are signed with a key that belongs to one
// application.
type expected struct {
	number string
	amount money.Amount
}

// mismatch says why n cannot be about the order; empty if it can. An amount
// that is absent matches.
func (n node) mismatch(want expected) payment.Reason {
	if n.OutTradeNo != want.number {
		return payment.WrongOrder
	}
	if n.TransCurrency != "" && n.TransCurrency != string(want.amount.Currency()) {
		return payment.WrongAmount
	}
	if n.TotalAmount == "" {
		return payment.NoReason
	}
	if total, err := money.Parse(n.TotalAmount, money.CNY); err != nil || !total.Equal(want.amount) {
		return payment.WrongAmount
	}
	return payment.NoReason
}
