package sandbox_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"abacus/payment/sandbox"
)

// sharedSetup is made once: keys take longer than all tests together.
var sharedSetup = sync.OnceValues(func() (*sandbox.Setup, error) {
	return sandbox.Prepare(context.Background(), "", sandbox.Options{})
})

// noon in Beijing, away from every day's edge.
var noon = time.Date(2026, 1, 5, 4, 0, 0, 0, time.UTC)

// till is a till's side written for these tests alone: nothing of it is
// shared with the sandbox or with the clients.
type till struct {
	*testing.T
	box   *sandbox.Sandbox
	setup *sandbox.Setup
	http  *http.Client
	base  string

	now    time.Time         // the till's clock
	edit   func(http.Header) // changes a WeChat request once signed
	last   http.Header       // of the last answer
	nonce  int
	orders int
}

func newTill(t *testing.T) *till {
	t.Helper()
	setup, err := sharedSetup()
	if err != nil {
		t.Fatal(err)
	}
	k := &till{T: t, setup: setup, base: "https://acquirer.invalid", now: noon}
	k.box = sandbox.New(setup, sandbox.Options{Now: func() time.Time { return k.now }})
	k.http = clientOf(k.box)
	return k
}

func clientOf(box *sandbox.Sandbox) *http.Client { return &http.Client{Transport: box.Transport()} }

func (k *till) number() string {
	k.orders++
	return fmt.Sprintf("T%05d", k.orders) + "abc"
}

func (k *till) sign(key *rsa.PrivateKey, text string) string {
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		k.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

func fits(key *rsa.PublicKey, text, signature string) bool {
	raw, err := base64.StdEncoding.DecodeString(signature)
	sum := sha256.Sum256([]byte(text))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) == nil
}

// wechatRequest is a signed request.
func (k *till) wechatRequest(method, path, body string) *http.Request {
	k.Helper()
	k.nonce++
	timestamp, nonce := strconv.FormatInt(k.now.Unix(), 10), fmt.Sprintf("NONCE%027d", k.nonce)
	signature := k.sign(k.setup.WeChat.MerchantKey, method+"\n"+path+"\n"+timestamp+"\n"+nonce+"\n"+body+"\n")
	r, err := http.NewRequest(method, k.base+path, strings.NewReader(body))
	if err != nil {
		k.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", fmt.Sprintf(
		`WECHATPAY2-SHA256-RSA2048 mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`,
		k.setup.WeChat.MchID, nonce, timestamp, k.setup.WeChat.MerchantSerial, signature))
	if k.edit != nil {
		k.edit(r.Header)
	}
	return r
}

// wechat sends a request and checks the answer's signature; 401 has none.
func (k *till) wechat(method, path string, body any) (status int, answer map[string]any) {
	k.Helper()
	status, answer, err := k.tryWeChat(method, path, body)
	if err != nil {
		k.Fatalf("%s %s: %v", method, path, err)
	}
	return status, answer
}

func (k *till) tryWeChat(method, path string, body any) (int, map[string]any, error) {
	k.Helper()
	text := ""
	if body != nil {
		text = toJSON(body)
	}
	response, err := k.http.Do(k.wechatRequest(method, path, text))
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, err
	}
	k.last = response.Header
	h := response.Header
	key := k.setup.WeChat.PlatformCert.PublicKey.(*rsa.PublicKey)
	if h.Get("Wechatpay-Serial") == k.setup.WeChat.PublicKeyID {
		key = k.setup.WeChat.PublicKey
	}
	signed := h.Get("Wechatpay-Timestamp") + "\n" + h.Get("Wechatpay-Nonce") + "\n" + string(raw) + "\n"
	if response.StatusCode == http.StatusUnauthorized {
		for name := range h {
			if strings.HasPrefix(name, "Wechatpay-") {
				return response.StatusCode, nil, fmt.Errorf("an answer to nobody known has %s", name)
			}
		}
	} else if !fits(key, signed, h.Get("Wechatpay-Signature")) {
		return response.StatusCode, nil, fmt.Errorf("answer %d with a bad signature: %.80q", response.StatusCode, raw)
	}
	if len(raw) == 0 {
		return response.StatusCode, nil, nil
	}
	var answer map[string]any
	if err := json.Unmarshal(raw, &answer); err != nil {
		return response.StatusCode, nil, fmt.Errorf("answer %q: %w", raw, err)
	}
	return response.StatusCode, answer, nil
}

type object = map[string]any

func toJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func (k *till) codepayBody(number, code string, fen int) object {
	return object{
		"appid": k.setup.WeChat.AppID, "mchid": k.setup.WeChat.MchID, "description": "晨光便利店",
		"out_trade_no": number, "amount": object{"total": fen, "currency": "CNY"},
		"payer": object{"auth_code": code}, "scene_info": object{"store_info": object{"out_id": "0001"}},
	}
}

func (k *till) codepay(number, code string, fen int) (int, object) {
	k.Helper()
	return k.wechat("POST", "/v3/pay/transactions/codepay", k.codepayBody(number, code, fen))
}

func (k *till) native(number string, fen int) (int, object) {
	k.Helper()
	body := k.codepayBody(number, "", fen)
	delete(body, "payer")
	body["notify_url"] = "https://example.com/notify"
	return k.wechat("POST", "/v3/pay/transactions/native", body)
}

func (k *till) wechatQuery(number string) (int, object) {
	k.Helper()
	return k.wechat("GET", "/v3/pay/transactions/out-trade-no/"+number+"?mchid="+k.setup.WeChat.MchID, nil)
}

func (k *till) wechatReverse(number string) (int, object) {
	k.Helper()
	return k.wechat("POST", "/v3/pay/transactions/out-trade-no/"+number+"/reverse",
		object{"appid": k.setup.WeChat.AppID, "mchid": k.setup.WeChat.MchID})
}

func (k *till) wechatClose(number string) (int, object) {
	k.Helper()
	return k.wechat("POST", "/v3/pay/transactions/out-trade-no/"+number+"/close", object{"mchid": k.setup.WeChat.MchID})
}

func (k *till) wechatRefund(number, refund string, fen, total int) (int, object) {
	k.Helper()
	return k.wechat("POST", "/v3/refund/domestic/refunds", object{
		"out_trade_no": number, "out_refund_no": refund, "reason": "退货",
		"amount": object{"refund": fen, "total": total, "currency": "CNY"},
	})
}

// alipayForm is the signed parameters of a call.
func (k *till) alipayForm(method string, biz any, edit func(url.Values)) url.Values {
	k.Helper()
	form := url.Values{
		"app_id": {k.setup.Alipay.AppID}, "method": {method}, "format": {"JSON"}, "charset": {"utf-8"},
		"sign_type": {"RSA2"}, "version": {"1.0"}, "biz_content": {toJSON(biz)},
		"timestamp": {k.now.In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05")},
	}
	if edit != nil {
		edit(form)
	}
	var names []string
	for name := range form {
		if form.Get(name) != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var text bytes.Buffer
	for i, name := range names {
		if i > 0 {
			text.WriteByte('&')
		}
		text.WriteString(name + "=" + form.Get(name))
	}
	form.Set("sign", k.sign(k.setup.Alipay.AppKey, text.String()))
	return form
}

// alipay calls the gateway and checks the answer's signature over its exact
// bytes.
func (k *till) alipay(method string, biz any) object {
	k.Helper()
	node, err := k.tryAlipay(method, biz)
	if err != nil {
		k.Fatalf("%s: %v", method, err)
	}
	return node
}

func (k *till) tryAlipay(method string, biz any) (object, error) {
	k.Helper()
	response, err := k.http.PostForm(k.base+"/gateway.do", k.alipayForm(method, biz, nil))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return k.readAlipay(method, raw)
}

func (k *till) readAlipay(method string, raw []byte) (object, error) {
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(raw, &envelope); err != nil {
		return nil, fmt.Errorf("answer %.80q: %w", raw, err)
	}
	text := envelope[strings.ReplaceAll(method, ".", "_")+"_response"]
	var signature string
	if err := json.Unmarshal(envelope["sign"], &signature); err != nil {
		return nil, fmt.Errorf("answer without signature: %.120q", raw)
	}
	if !fits(k.setup.Alipay.AlipayPublicKey, string(text), signature) {
		return nil, fmt.Errorf("answer with a bad signature: %.80q", raw)
	}
	var node object
	return node, json.Unmarshal(text, &node)
}

func payBiz(number, code, yuan string) object {
	return object{
		"out_trade_no": number, "scene": "bar_code", "auth_code": code, "subject": "晨光便利店",
		"total_amount": yuan, "store_id": "0001", "timeout_express": "5m",
	}
}

func (k *till) pay(number, code, yuan string) object {
	k.Helper()
	return k.alipay("alipay.trade.pay", payBiz(number, code, yuan))
}

func (k *till) code(channel, behaviour string) string {
	k.Helper()
	code, err := k.box.NewCode(channel, sandbox.Customer{Behaviour: behaviour})
	if err != nil {
		k.Fatal(err)
	}
	return code
}

func (k *till) advance(d time.Duration) {
	k.Helper()
	if err := k.box.Advance(d); err != nil {
		k.Fatal(err)
	}
}

func (k *till) fault(channel, operation, fault string) {
	k.Helper()
	if err := k.box.AddFault(sandbox.Fault{Channel: channel, Operation: operation, Fault: fault}); err != nil {
		k.Fatal(err)
	}
}

// book is the books' entry of an order, zero when there is none.
func (k *till) book(number string) sandbox.Entry {
	k.Helper()
	entries, err := k.box.Books()
	if err != nil {
		k.Fatal(err)
	}
	for _, e := range entries {
		if e.Order == number {
			return e
		}
	}
	return sandbox.Entry{}
}

// holds checks an order's state and money in the books.
func (k *till) holds(number, state string, captured, refunded, reversed int64) {
	k.Helper()
	e := k.book(number)
	if e.State != state || e.Captured != captured || e.Refunded != refunded || e.Reversed != reversed {
		k.Errorf("books of %s: %s captured %d refunded %d reversed %d, want %s %d %d %d",
			number, e.State, e.Captured, e.Refunded, e.Reversed, state, captured, refunded, reversed)
	}
}

func (k *till) want(what string, got, want any) {
	k.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		k.Errorf("%s: %v, want %v", what, got, want)
	}
}
