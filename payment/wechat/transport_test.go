package wechat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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

func mustNew(t testing.TB, c Config) *Client {
	t.Helper()
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// broken is a line on which every call fails without a word why.
type broken struct{}

func (broken) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	return nil, fmt.Errorf("sending %s: broken pipe", body) // quotes the pay code
}

// serve is WeChat on a real TLS socket.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	config := testConfig(server.Client().Transport)
	config.Base = server.URL
	t.Cleanup(config.HTTP.CloseIdleConnections)
	return mustNew(t, config)
}

func (a answer) write(w http.ResponseWriter) {
	resp := a.response()
	for key := range resp.Header {
		w.Header().Set(key, resp.Header.Get(key))
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func TestOverTLS(t *testing.T) {
	var connections = map[string]bool{}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		if !strings.HasPrefix(r.Header.Get("Authorization"), `WECHATPAY2-SHA256-RSA2048 mchid="`+testMch) ||
			r.Header.Get("Wechatpay-Serial") != testKeyID || r.Header.Get("User-Agent") == "" {
			t.Errorf("headers %v", r.Header)
		}
		ok(paidBody("", "")).write(w)
	})
	for range 3 {
		expectAnswer(t, c.Charge(background(), testCharge()), payment.Paid, payment.NoReason)
	}
	if len(connections) != 1 {
		t.Errorf("%d connections for three calls in a row", len(connections))
	}
}

func TestBadLines(t *testing.T) {
	for name, row := range map[string]struct {
		handler http.HandlerFunc
		reason  payment.Reason
	}{
		"cut short": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "500")
			ok(paidBody("", "")[:40]).write(w)
		}, payment.NoAnswer},
		"hung up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, payment.NoAnswer},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			ok(strings.Repeat(" ", wire.AnswerLimit+1)).write(w)
		}, payment.BadAnswer},
		"endless refusal": {func(w http.ResponseWriter, r *http.Request) {
			answer{status: 400, body: strings.Repeat(" ", wire.AnswerLimit+1)}.write(w)
		}, payment.BadAnswer},
		"sent elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				t.Error("followed a redirect")
			}
			http.Redirect(w, r, "/login", http.StatusTemporaryRedirect)
		}, payment.BadSignature},
		"captive portal": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "<html>Welcome to Wi-Fi</html>")
		}, payment.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, row.handler)
			expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, row.reason)
			expectAnswer(t, c.Reverse(background(), theOrder()), payment.Unknown, row.reason)
		})
	}
}

func TestNoConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := testConfig(nil)
	config.Base, config.HTTP = "https://"+listener.Addr().String(), wire.NewClient(nil)
	_ = listener.Close() // nobody listens there now
	a := mustNew(t, config).Charge(background(), testCharge())
	expectAnswer(t, a, payment.Unknown, payment.NotSent)
}

// A stranger's certificate ends the connection before anything is sent.
func TestStrangersCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the charge reached a stranger")
	}))
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	defer server.Close()
	config := testConfig(nil)
	config.Base, config.HTTP = server.URL, wire.NewClient(nil)
	defer config.HTTP.CloseIdleConnections()
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
			ok(paidBody("", "")).write(w)
		}))
		config := testConfig(nil)
		config.Base, config.HTTP = url, wire.NewClient(roots)
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
		config := testConfig(silent{})
		config.Timing.CallTimeout = 7 * time.Second
		c, start := mustNew(t, config), time.Now()
		a := c.Charge(background(), testCharge())
		expectAnswer(t, a, payment.Unknown, payment.NoAnswer)
		if waited := time.Since(start); waited != 7*time.Second || !errors.Is(a.Err, context.DeadlineExceeded) {
			t.Errorf("waited %s, error %v", waited, a.Err)
		}
		ctx, cancel := context.WithTimeout(background(), time.Second)
		defer cancel()
		c.Query(ctx, theOrder())
		if waited := time.Since(start); waited != 8*time.Second {
			t.Errorf("the caller's context was not obeyed: %s", waited)
		}
	})
}
