package alipay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"abacus/payment"
	"abacus/payment/paymenttest"
	"abacus/payment/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// broken is a line on which every call fails without a word why.
type broken struct{}

func (broken) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	return nil, fmt.Errorf("sending %s: broken pipe", body) // quotes the pay code
}

// serve is Alipay on a real TLS socket.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	config := testConfig(server.Client().Transport)
	config.Gateway = server.URL + "/gateway.do"
	t.Cleanup(config.HTTP.CloseIdleConnections)
	return mustNew(t, config)
}

func TestOverTLS(t *testing.T) {
	connections := map[string]bool{}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		_, _ = io.WriteString(w, signed(paidNode("", "")).body("alipay.trade.pay"))
	})
	for range 3 {
		expectAnswer(t, c.Charge(background(), testCharge()), payment.Paid, payment.NoReason)
	}
	if len(connections) != 1 {
		t.Errorf("%d connections for three calls in a row", len(connections))
	}
}

func TestBadLines(t *testing.T) {
	good := signed(paidNode("", "")).body("alipay.trade.pay")
	for name, row := range map[string]struct {
		handler http.HandlerFunc
		reason  payment.Reason
	}{
		"cut short": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = io.WriteString(w, good[:40])
		}, payment.NoAnswer},
		"hung up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, payment.NoAnswer},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", wire.AnswerLimit+1))
		}, payment.BadAnswer},
		"sent elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				t.Error("followed a redirect")
			}
			http.Redirect(w, r, "/login", http.StatusTemporaryRedirect)
		}, payment.BadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, row.handler)
			expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, row.reason)
			expectAnswer(t, c.Reverse(background(), theOrder()), payment.Unknown, row.reason)
		})
	}
}

func TestNoConnection(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	config := testConfig(nil)
	config.Gateway, config.HTTP = server.URL, wire.NewClient(nil)
	server.Close() // nobody listens there now
	a := mustNew(t, config).Charge(background(), testCharge())
	expectAnswer(t, a, payment.Unknown, payment.NotSent)
}

// A certificate that has run out is no acquirer's: nothing is sent. Nothing but
// its last day is wrong with it.
func TestExpiredCertificate(t *testing.T) {
	for life, want := range map[time.Duration]payment.Answer{
		time.Hour:  {Outcome: payment.Paid},
		-time.Hour: {Outcome: payment.Unknown, Reason: payment.NotSent},
	} {
		reached := 0
		url, roots := paymenttest.ServeUntil(t, life, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			reached++
			_, _ = io.WriteString(w, signed(paidNode("", "")).body("alipay.trade.pay"))
		}))
		config := testConfig(nil)
		config.Gateway, config.HTTP = url+"/gateway.do", wire.NewClient(roots)
		t.Cleanup(config.HTTP.CloseIdleConnections)
		a := mustNew(t, config).Charge(background(), testCharge())
		expectAnswer(t, a, want.Outcome, want.Reason)
		if expired := life < 0; expired != (reached == 0) {
			t.Errorf("a certificate good for %s: reached %d times, %v", life, reached, a.Err)
		}
	}
}

// silent is a line on which nothing ever comes back.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		a := mustNew(t, testConfig(silent{})).Charge(background(), testCharge())
		expectAnswer(t, a, payment.Unknown, payment.NoAnswer)
		if waited := time.Since(start); waited != 10*time.Second || !errors.Is(a.Err, context.DeadlineExceeded) {
			t.Errorf("waited %s, error %v", waited, a.Err)
		}
	})
}

// A pay code is as good as money for a minute. Whatever an acquirer, a proxy
// or a library says back, no answer may carry it.
func TestNoAnswerHoldsThePayCode(t *testing.T) {
	echo := refused("40004", testCode)
	for name, transport := range map[string]http.RoundTripper{
		"broken line":    broken{},
		"echoed, signed": &script{answers: []answer{signed(echo)}},
		"echoed":         &script{answers: []answer{signed(echo).without()}},
		"as a reference": &script{answers: []answer{signed(paidNode("2026010122001400000000000001", testCode))}},
		"as the payer":   &script{answers: []answer{signed(paidNode("159****5620", testCode))}},
		"as the funding": &script{answers: []answer{signed(paidNode("PCREDIT", testCode))}},
		"as the total":   &script{answers: []answer{signed(paidNode("1.00", testCode))}},
		"not JSON":       &script{answers: []answer{{raw: testCode}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustNew(t, testConfig(transport)).Charge(background(), testCharge())
			if text := fmt.Sprintf("%+v %v %#v", a, a.Err, a.Err); strings.Contains(text, testCode) {
				t.Errorf("the pay code is in %s", text)
			}
		})
	}
}

func TestConfigNamesTheFault(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"gateway":                        func(c *Config) { c.Gateway = "http://openapi.example/gateway.do" },
		"app_id":                         func(c *Config) { c.AppID = "" },
		"app_key":                        func(c *Config) { c.AppKey = nil },
		"alipay_public_key is missing":   func(c *Config) { c.PublicKey = nil },
		"alipay_public_key is the appli": func(c *Config) { c.PublicKey = &vectors().key.PublicKey },
	} {
		config := testConfig(nil)
		change(&config)
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
	config := testConfig(nil)
	config.Timing.OrderCodeLife = time.Minute
	c := mustNew(t, config)
	want := defaultTiming
	want.OrderCodeLife = time.Minute
	if c.Timing() != want || c.Channel() != payment.Alipay {
		t.Errorf("timing %+v of %s", c.Timing(), c.Channel())
	}
}
