package alipay

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"abacus/internal/money"
	"abacus/payment"
)

const (
	testApp   = "2021000000000001"
	testCode  = "281234567890123456"
	testOrder = "T20260101000002"
)

// gateway is Alipay's side of the keys, made once per run.
type gateway struct{ alipay, stranger *rsa.PrivateKey }

var keys = sync.OnceValue(func() gateway {
	make := func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	}
	return gateway{make(), make()}
})

// answer is what the fake sends: node, signed, under the asked method's name,
// unless told otherwise.
type answer struct {
	status   int    // 0 is 200
	node     string // of "<method>_response"
	raw      string // the whole body, instead
	name     string // of the node, if another
	unsigned bool
	forged   bool
	signedAs string // the bytes that were signed, if others
}

func signed(text string) answer  { return answer{node: text} }
func (a answer) without() answer { a.unsigned = true; return a }
func refusal(sub string) answer  { return signed(refused("40004", sub)) }
func code(c, sub string) answer  { return signed(refused(c, sub)) }
func refused(c, sub string) string {
	return `{"code":"` + c + `","msg":"Business Failed","sub_code":"` + sub + `","sub_msg":"words"}`
}

func (a answer) body(method string) string {
	if a.raw != "" {
		return a.raw
	}
	name := a.name
	if name == "" {
		name = strings.ReplaceAll(method, ".", "_") + "_response"
	}
	if a.unsigned {
		return `{"` + name + `":` + a.node + `}`
	}
	key, text := keys().alipay, a.node
	if a.forged {
		key = keys().stranger
	}
	if a.signedAs != "" {
		text = a.signedAs
	}
	return `{"` + name + `":` + a.node + `,"sign":"` + sign(key, text) + `"}`
}

func sign(key *rsa.PrivateKey, message string) string {
	sum := sha256.Sum256([]byte(message))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// script answers calls in turn; the last answer stays.
type script struct {
	mu      sync.Mutex
	answers []answer
	seen    []url.Values
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	s.seen = append(s.seen, r.PostForm)
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(a.body(r.PostForm.Get("method")))),
	}, nil
}

func (s *script) methods() string {
	var all []string
	for _, v := range s.seen {
		all = append(all, strings.TrimPrefix(v.Get("method"), "alipay.trade."))
	}
	return strings.Join(all, " ")
}

func testConfig(transport http.RoundTripper) Config {
	return Config{
		Gateway: "https://alipay.test/gateway.do", AppID: testApp, AppKey: vectors().key,
		PublicKey: &keys().alipay.PublicKey, HTTP: &http.Client{Transport: transport},
	}
}

func mustNew(t testing.TB, c Config) *Client {
	t.Helper()
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func testClient(t testing.TB, answers ...answer) (*Client, *script) {
	t.Helper()
	s := &script{answers: answers}
	return mustNew(t, testConfig(s)), s
}

func testCharge() payment.Charge {
	return payment.Charge{
		Order: testOrder, Amount: money.Fen(100), Code: testCode, Subject: "晨光便利店-收银台1",
		Store: "S001", Till: "TILL-01", Cashier: "C01",
	}
}

func testRefund() payment.Refund {
	return payment.Refund{
		Number: "R20260101000002", Order: testOrder, Amount: money.Fen(40), Total: money.Fen(100),
		Reason: "退货", Cashier: "C01",
	}
}

func theOrder() payment.Order { return payment.Order{Number: testOrder, Amount: money.Fen(100)} }

// paidNode is a whole successful answer to a charge, with one text replaced.
func paidNode(old, new string) string {
	text := `{"code":"10000","msg":"Success","buyer_logon_id":"159****5620","buyer_pay_amount":"1.00",` +
		`"fund_bill_list":[{"amount":"0.40","fund_channel":"PCREDIT"},{"amount":"0.60","fund_channel":"BANKCARD"}],` +
		`"hb_fq_pay_info":{"user_install_num":"3"},"gmt_payment":"2026-01-01 00:00:01","out_trade_no":"` + testOrder + `",` +
		`"receipt_amount":"1.00","total_amount":"1.00","trade_no":"2026010122001400000000000001","store_name":"a\/b"}`
	return swap(text, old, new)
}

// stateNode is a whole answer to a query.
func stateNode(state, old, new string) string {
	text := `{"code":"10000","msg":"Success","buyer_logon_id":"159****5620","fund_bill_list":` +
		`"[{\"amount\":\"1.00\",\"fund_channel\":\"ALIPAYACCOUNT\"}]","out_trade_no":"` + testOrder + `",` +
		`"send_pay_date":"2026-01-01 00:00:01","total_amount":"1.00","trade_no":"2026010122001400000000000001",` +
		`"trade_status":"` + state + `"}`
	return swap(text, old, new)
}

func swap(text, old, new string) string {
	if old != "" && !strings.Contains(text, old) {
		panic("no such text: " + old)
	}
	return strings.ReplaceAll(text, old, new)
}

func expectAnswer(t *testing.T, got payment.Answer, outcome payment.Outcome, reason payment.Reason) {
	t.Helper()
	if got.Outcome != outcome || got.Reason != reason {
		t.Errorf("got %s/%s (%s, %v), want %s/%s", got.Outcome, got.Reason, got.Detail, got.Err, outcome, reason)
	}
}

func background() context.Context { return context.Background() }
