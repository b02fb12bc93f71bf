package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"abacus/payment/sandbox"
)

var faultKinds = []string{
	"drop-request", "drop-answer", "reset", "http:503", "http-after:500", "garbage", "bad-signature",
	"wrong-amount", "wrong-order", "duplicate", "late-success",
}

// Whatever is asked in whatever order and with whatever faults: an order's
// money is taken at most once and never more goes back than came.
func TestMoneyIsConserved(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		k := newTill(t)
		channels, codes := k.channels(), map[string]string{}
		number := rapid.SampledFrom([]string{"T00001", "T00002", "T00003"})
		behaviour := rapid.SampledFrom([]string{"pay", "never", "password:3", "decline:risk"})
		for range rapid.IntRange(1, 15).Draw(r, "steps") {
			c := channels[rapid.IntRange(0, 1).Draw(r, "channel")]
			n := number.Draw(r, "order")
			key := c.name + n
			switch rapid.IntRange(0, 7).Draw(r, "step") {
			case 0, 1:
				if codes[key] == "" || rapid.Bool().Draw(r, "fresh code") {
					codes[key] = k.code(c.name, behaviour.Draw(r, "behaviour"))
				}
				c.charge(n, codes[key])
			case 2:
				c.query(n)
			case 3:
				c.reverse(n)
			case 4, 5:
				c.refund(n, rapid.SampledFrom([]string{"R1", "R2", "R3"}).Draw(r, "refund"))
			case 6:
				k.advance(time.Duration(rapid.IntRange(0, 5).Draw(r, "seconds")) * time.Second)
			case 7:
				k.fault(c.name, "any", rapid.SampledFrom(faultKinds).Draw(r, "fault"))
			}
		}
		k.box.ClearFaults()
		k.advance(time.Hour)
		checkBooks(r, k)
	})
}

func checkBooks(r *rapid.T, k *till) {
	entries, err := k.box.Books()
	if err != nil {
		r.Fatal(err)
	}
	for _, e := range entries {
		kept := e.Captured - e.Refunded - e.Reversed
		moves := 0
		for _, event := range e.History {
			if event.What == "paid" {
				moves++
			}
		}
		wrong := ""
		switch {
		case e.Captured != 0 && e.Captured != e.Amount, e.Captured != int64(moves)*e.Amount:
			wrong = "taken more than once or in part"
		case kept < 0:
			wrong = "more went back than came"
		case e.State == "paid" && kept == 0, e.State != "paid" && kept != 0:
			wrong = "the state does not fit the money"
		}
		if wrong != "" {
			r.Errorf("%s: %+v", wrong, e)
		}
	}
}

// Many tills at once, each with its own orders, one with the same order as
// all: for the race detector, and the same order is paid once.
func TestManyTillsAtOnce(t *testing.T) {
	k := newTill(t)
	same := k.code("wechat", "pay")
	handler, control := k.box.Handler(), k.box.Control()
	var requests []*http.Request
	for i := range 40 {
		body := k.codepayBody(fmt.Sprintf("T%05dabc", i%10), same, 100)
		r := k.wechatRequest("POST", "/v3/pay/transactions/codepay", toJSON(body))
		r.Header.Set("User-Agent", "x")
		requests = append(requests, r)
	}
	var all sync.WaitGroup
	for _, r := range requests {
		all.Go(func() {
			handler.ServeHTTP(httptest.NewRecorder(), r)
			control.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/books", nil))
			control.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/codes", strings.NewReader(`{"channel":"alipay"}`)))
			control.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/clock", strings.NewReader(`{"advance_ms":1}`)))
		})
	}
	all.Wait()
	entries, err := k.box.Books()
	if err != nil {
		t.Fatal(err)
	}
	var captured int64
	for _, e := range entries {
		captured += e.Captured
	}
	k.want("one code pays one order", captured, 100)
}

// FuzzHandler: no bytes whatever bring the servers down, and none without a
// signature leaves a trace in the books.
func FuzzHandler(f *testing.F) {
	setup, err := sharedSetup()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("POST", "/v3/pay/transactions/codepay", "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"2\",timestamp=\"3\",serial_no=\"4\",signature=\"5\"", "application/json", []byte(`{"appid":"x"}`))
	f.Add("GET", "/v3/pay/transactions/out-trade-no/T1?mchid=1", "", "", []byte(nil))
	f.Add("POST", "/gateway.do?app_id="+setup.Alipay.AppID+"&method=alipay.trade.pay", "", "application/x-www-form-urlencoded", []byte("sign=AAAA&biz_content=%7B%7D"))
	f.Add("POST", "/gateway.do", "", "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"))
	f.Add("POST", "/gateway.do?%zz", "", "text/plain;;", []byte("%"))
	box := sandbox.New(setup, sandbox.Options{Now: func() time.Time { return noon }})
	handler := box.Handler()
	f.Fuzz(func(t *testing.T, method, target, authorization, contentType string, body []byte) {
		r, err := http.NewRequest(method, "http://127.0.0.1"+target, strings.NewReader(string(body)))
		if err != nil {
			return
		}
		r.Header.Set("User-Agent", "x")
		r.Header.Set("Accept", "*/*")
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Content-Type", contentType)
		handler.ServeHTTP(httptest.NewRecorder(), r)
		if entries, err := box.Books(); err != nil || len(entries) != 0 {
			t.Errorf("%d orders, %v", len(entries), err)
		}
	})
}

// FuzzSigned: a till that signs nonsense is answered and signed to.
func FuzzSigned(f *testing.F) {
	f.Add([]byte(`{"out_trade_no":"T1","total_amount":"1.00"}`), uint8(0))
	f.Add([]byte(`{"appid":1,"amount":{"total":1e9}}`), uint8(3))
	f.Add([]byte(`null`), uint8(9))
	f.Fuzz(func(t *testing.T, content []byte, which uint8) {
		k := newTill(t)
		paths := []string{"pay/transactions/codepay", "pay/transactions/native", "refund/domestic/refunds",
			"pay/transactions/out-trade-no/T123456/reverse", "pay/transactions/out-trade-no/T123456/close"}
		methods := []string{"pay", "precreate", "query", "cancel", "close", "refund", "fastpay.refund.query"}
		if int(which) < len(paths) {
			response, err := k.http.Do(k.wechatRequest("POST", "/v3/"+paths[which], string(content)))
			if err != nil || response.Header.Get("Wechatpay-Signature") == "" {
				t.Errorf("%v %v", response, err)
			}
			return
		}
		method := "alipay.trade." + methods[int(which)%len(methods)]
		form := k.alipayForm(method, rawJSON(content), nil)
		if _, err := k.readAlipay(method, []byte(k.raw(form))); err != nil {
			t.Error(err)
		}
	})
}

// rawJSON puts any bytes where JSON is expected.
type rawJSON []byte

func (r rawJSON) MarshalJSON() ([]byte, error) {
	if len(r) == 0 || !json.Valid(r) {
		return json.Marshal(string(r))
	}
	return r, nil
}

// FuzzControl: the control API answers anything.
func FuzzControl(f *testing.F) {
	setup, err := sharedSetup()
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range []string{"/codes", "/scan", "/faults", "/clock"} {
		f.Add(path, []byte(`{"channel":"wechat","behaviour":"password:3","fault":"delay:5","advance_ms":5,"order":"x"}`))
	}
	f.Add("/codes", []byte(`{"channel":"wechat","balance":99999999999999}`))
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		r, err := http.NewRequest("POST", "http://127.0.0.1"+path, strings.NewReader(string(body)))
		if err != nil {
			return
		}
		box := sandbox.New(setup, sandbox.Options{Now: func() time.Time { return noon }})
		w := httptest.NewRecorder()
		box.Control().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %q: %d %s", path, body, w.Code, w.Body)
		}
	})
}
