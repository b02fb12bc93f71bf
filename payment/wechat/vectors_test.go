package wechat

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
)

// vectorFile is testdata/wechat_v3.json: public test vectors of wechatpay-go
// v0.2.21 (utils/sign_test.go, core/notify/notify_test.go) and of
// github.com/gunsluo/wechatpay-go, both Apache-2.0, and some derived from them
// with the same published testing key. The file names the source of each.
type vectorFile struct {
	TestingKey  string `json:"testing_key_pem"`
	TestingCert string `json:"testing_cert_pem"`
	RSASign     []struct{ Message, Signature string }
	Requests    []struct {
		Origin, Method, Body, Signature string
		Path                            string `json:"url_path"`
		Sign                            string `json:"string_to_sign"`
	}
	Responses []struct {
		Status                            int
		Timestamp, Nonce, Body, Signature string
	}
	Notify []struct {
		Origin, Body string
		Headers      map[string]string
		VerifyWith   string `json:"verify_with"`
		CertPEM      string `json:"verify_with_cert_pem"`
	}
}

type vectorSet struct {
	vectorFile
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

var vectors = sync.OnceValue(func() vectorSet {
	text, err := os.ReadFile("testdata/wechat_v3.json")
	if err != nil {
		panic(err)
	}
	var v vectorSet
	if err := json.Unmarshal(text, &v.vectorFile); err != nil {
		panic(err)
	}
	// The published key is labelled TESTING KEY for the sake of secret scanners.
	block, _ := pem.Decode([]byte(strings.ReplaceAll(v.TestingKey, "TESTING KEY", "PRIVATE KEY")))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	v.key, v.cert = key.(*rsa.PrivateKey), certificate(v.TestingCert)
	return v
})

func certificate(text string) *x509.Certificate {
	block, _ := pem.Decode([]byte(text))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		panic(err)
	}
	return cert
}

func validatorFor(cert *x509.Certificate, serial, stamp string) validator {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		panic(err)
	}
	return validator{
		verifier: verifiers.NewSHA256WithRSAVerifier(core.NewCertificateMap(map[string]*x509.Certificate{serial: cert})),
		now:      func() time.Time { return time.Unix(seconds, 0) },
	}
}

func TestSigningAgreesWithPublicVectors(t *testing.T) {
	c, _ := testClient(t)
	check := func(message, want string) {
		t.Helper()
		got, err := c.core.Sign(background(), message)
		if err != nil || got.Signature != want {
			t.Errorf("signature of %.40q: got %.20s, %v", message, got.Signature, err)
		}
	}
	for _, v := range vectors().RSASign {
		check(v.Message, v.Signature)
	}
	signed := 0
	for _, v := range vectors().Requests {
		if v.Origin == "derived" { // the others are signed with a key nobody has
			check(v.Sign, v.Signature)
			signed++
		}
	}
	if signed == 0 {
		t.Error("no request was checked")
	}
}

// The vector's charge was derived with the shop's number as store_info.id, which
// is WeChat's own number of a place. It stays as it is, for its signature; this
// one field is renamed before it is compared with what the client sends.
func TestChargeAndQueryAreTheVectorsRequests(t *testing.T) {
	config := testConfig(nil)
	config.DeviceIP = "127.0.0.1"
	s := &script{answers: []answer{ok(`{}`)}}
	config.HTTP.Transport = s
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	c.Charge(background(), testCharge())
	c.Query(background(), theOrder())
	var want []string
	for _, v := range vectors().Requests {
		if v.Origin == "derived" {
			body := strings.Replace(v.Body, `"store_info":{"id":`, `"store_info":{"out_id":`, 1)
			want = append(want, v.Method+" "+v.Path+" "+body)
		}
	}
	if len(want) != len(s.seen) {
		t.Fatalf("%d requests, want %d", len(s.seen), len(want))
	}
	for i := range want {
		if s.seen[i] != want[i] {
			t.Errorf("request\n got %s\nwant %s", s.seen[i], want[i])
		}
	}
}

func TestVerifyingAgreesWithPublicVectors(t *testing.T) {
	headers := func(stamp, nonce, serial, signature string) http.Header {
		h := http.Header{}
		h.Set(consts.WechatPayTimestamp, stamp)
		h.Set(consts.WechatPayNonce, nonce)
		h.Set(consts.WechatPaySerial, serial)
		h.Set(consts.WechatPaySignature, signature)
		return h
	}
	const serial = "D7CE59D1F522D701"
	for _, r := range vectors().Responses {
		v := validatorFor(vectors().cert, serial, r.Timestamp)
		if err := v.check(background(), headers(r.Timestamp, r.Nonce, serial, r.Signature), []byte(r.Body)); err != nil {
			t.Errorf("status %d: %v", r.Status, err)
		}
	}
	for _, n := range vectors().Notify {
		cert, own := vectors().cert, n.Headers[consts.WechatPaySerial]
		if n.CertPEM != "" {
			cert, own = certificate(n.CertPEM), "477ED0046A54F0360A72A63A8F2816312AAEAB53"
		}
		stamp := n.Headers[consts.WechatPayTimestamp]
		h := headers(stamp, n.Headers[consts.WechatPayNonce], own, n.Headers[consts.WechatPaySignature])
		if err := validatorFor(cert, own, stamp).check(background(), h, []byte(n.Body)); err != nil {
			t.Errorf("notification of %s: %v", n.Origin, err)
		}
		if err := validatorFor(cert, own, stamp).check(background(), h, []byte(n.Body+" ")); err == nil {
			t.Errorf("notification of %s: holds with a blank more", n.Origin)
		}
	}
}
