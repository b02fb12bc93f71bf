package wechat

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"abacus/internal/money"
	"abacus/payment"
)

const (
	testApp   = "wxd678efh567hg6787"
	testMch   = "1230000109"
	testKeyID = "PUB_KEY_ID_0112300001092026010100000000000001"
	testCode  = "130061098828009406"
	testOrder = "T20260101000001"
)

// testNow is the time of the vectors' derived answers.
var testNow = time.Unix(1767196800, 0)

// platform is WeChat's side of the keys, made once per run.
type platform struct {
	certKey, publicKey, stranger *rsa.PrivateKey
	cert                         *x509.Certificate
	serial                       string
}

var keys = sync.OnceValue(func() platform {
	make := func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	}
	p := platform{certKey: make(), publicKey: make(), stranger: make(), serial: "4B0000000000000000000000000000000000ABCD"}
	p.cert = certified(p.certKey, p.serial)
	return p
})

// certified is a platform certificate of that serial number.
func certified(key *rsa.PrivateKey, serial string) *x509.Certificate {
	number, _ := new(big.Int).SetString(serial, 16)
	template := &x509.Certificate{SerialNumber: number, NotBefore: testNow, NotAfter: testNow.AddDate(5, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return cert
}

// answer is what the fake sends: signed by the platform certificate, now,
// unless told otherwise.
type answer struct {
	status   int
	body     string
	unsigned bool
	forged   bool // signed by a stranger in the platform's name
	probe    bool
	byKeyID  bool
	after    time.Duration // the answer's time from ours
	signedAs string        // the body that was signed, if another
	serial   string        // of the platform certificate as the answer names it, if another
}

func ok(body string) answer                  { return answer{status: 200, body: body} }
func refusal(status int, c string) answer    { return answer{status: status, body: errorBody(c)} }
func errorBody(code string) string           { return `{"code":"` + code + `","message":"words"}` }
func (a answer) without() answer             { a.unsigned = true; return a }
func (a answer) at(d time.Duration) answer   { a.after = d; return a }
func (a answer) response() *http.Response    { return a.make(testNow) }
func stampOf(t time.Time) string             { return strconv.FormatInt(t.Unix(), 10) }
func headerOf(key, value string) http.Header { return http.Header{key: []string{value}} }

func (a answer) make(now time.Time) *http.Response {
	resp := &http.Response{
		StatusCode: a.status,
		Header:     headerOf(consts.RequestID, "08F6A1B2"),
		Body:       io.NopCloser(strings.NewReader(a.body)),
	}
	if a.unsigned {
		return resp
	}
	key, serial := keys().certKey, cmp.Or(a.serial, keys().serial)
	if a.byKeyID {
		key, serial = keys().publicKey, testKeyID
	}
	if a.forged {
		key = keys().stranger
	}
	stamp, body := stampOf(now.Add(a.after)), a.body
	if a.signedAs != "" {
		body = a.signedAs
	}
	signature := sign(key, stamp+"\nNONCE\n"+body+"\n")
	if a.probe {
		signature = probePrefix + signature
	}
	resp.Header.Set(consts.WechatPayTimestamp, stamp)
	resp.Header.Set(consts.WechatPayNonce, "NONCE")
	resp.Header.Set(consts.WechatPaySerial, serial)
	resp.Header.Set(consts.WechatPaySignature, signature)
	return resp
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
	seen    []string // "METHOD path body"
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	s.seen = append(s.seen, r.Method+" "+r.URL.RequestURI()+" "+string(body))
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return a.response(), nil
}

func testConfig(transport http.RoundTripper) Config {
	return Config{
		Base: "https://wechat.test", AppID: testApp, MchID: testMch,
		MerchantSerial: "477ED0046A54F0360A72A63A8F2816312AAEAB53", MerchantKey: vectors().key,
		PlatformCert: keys().cert, PublicKeyID: testKeyID, PublicKey: &keys().publicKey.PublicKey,
		HTTP: &http.Client{Transport: transport},
		Now:  func() time.Time { return testNow },
	}
}

func testClient(t testing.TB, answers ...answer) (*Client, *script) {
	t.Helper()
	s := &script{answers: answers}
	c, err := New(testConfig(s))
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func testCharge() payment.Charge {
	return payment.Charge{
		Order: testOrder, Amount: money.Fen(100), Code: testCode, Subject: "晨光便利店-收银台1",
		Store: "S001", Till: "TILL-01", Cashier: "C01",
	}
}

func testRefund() payment.Refund {
	return payment.Refund{
		Number: "R20260101000001", Order: testOrder, Amount: money.Fen(40), Total: money.Fen(100), Reason: "退货",
	}
}

func theOrder() payment.Order { return payment.Order{Number: testOrder, Amount: money.Fen(100)} }

// paidBody is a whole successful answer, with one text replaced.
func paidBody(old, new string) string {
	body := `{"appid":"` + testApp + `","mchid":"` + testMch + `","out_trade_no":"` + testOrder + `",` +
		`"transaction_id":"4200000925202601014997714292","trade_type":"MICROPAY","trade_state":"SUCCESS",` +
		`"trade_state_desc":"支付成功","bank_type":"CMB_DEBIT","success_time":"2026-01-01T00:00:01+08:00",` +
		`"payer":{"openid":"ofyak5qR_1wYsC99CsWA6R9MJazA"},` +
		`"amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}}`
	if old != "" && !strings.Contains(body, old) {
		panic("no such text: " + old)
	}
	return strings.ReplaceAll(body, old, new)
}

func expectAnswer(t *testing.T, got payment.Answer, outcome payment.Outcome, reason payment.Reason) {
	t.Helper()
	if got.Outcome != outcome || got.Reason != reason {
		t.Errorf("got %s/%s (%s, %v), want %s/%s", got.Outcome, got.Reason, got.Detail, got.Err, outcome, reason)
	}
}

func background() context.Context { return context.Background() }
