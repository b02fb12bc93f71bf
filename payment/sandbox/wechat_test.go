package sandbox_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment/sandbox"
)

func TestWeChatPayCodeIsPaidAndReversed(t *testing.T) {
	k := newTill(t)
	number := k.number()
	status, answer := k.codepay(number, k.code("wechat", "pay"), 1136)
	k.want("status", status, 200)
	k.want("state", answer["trade_state"], "SUCCESS")
	k.want("type", answer["trade_type"], "MICROPAY")
	k.want("total", answer["amount"].(object)["total"], 1136)
	k.want("time", answer["success_time"], "2026-01-05T12:00:00+08:00")
	k.holds(number, "paid", 1136, 0, 0)
	_, byReference := k.wechat("GET", "/v3/pay/transactions/id/"+answer["transaction_id"].(string)+"?mchid="+k.setup.WeChat.MchID, nil)
	k.want("by reference", byReference["out_trade_no"], number)
	for range 2 { // a reversal is acknowledged as often as it is asked for
		status, answer = k.wechatReverse(number)
		k.want("reverse", status, 200)
		k.want("reversed", answer["out_trade_no"], number)
	}
	_, answer = k.wechatQuery(number)
	k.want("queried", answer["trade_state"], "REVOKED")
	k.holds(number, "reversed", 1136, 0, 1136)
}

func TestWeChatPasswordIsEntered(t *testing.T) {
	k := newTill(t)
	number := k.number()
	status, answer := k.codepay(number, k.code("wechat", "password:8"), 100)
	k.want("status", status, 202)
	k.want("answer", answer, object{"trade_state": "USERPAYING"})
	k.advance(7999 * time.Millisecond)
	_, answer = k.wechatQuery(number)
	k.want("before", answer["trade_state"], "USERPAYING")
	k.advance(time.Millisecond)
	k.holds(number, "paid", 100, 0, 0)
	_, answer = k.wechatQuery(number)
	k.want("after", answer["trade_state"], "SUCCESS")
}

func TestWeChatRequestsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func(http.Header)
		status int
		code   string
	}{
		"no accept":         {func(h http.Header) { h.Del("Accept") }, 400, "PARAM_ERROR"},
		"no user agent":     {func(h http.Header) { h.Set("User-Agent", "") }, 400, "PARAM_ERROR"},
		"no authorization":  {func(h http.Header) { h.Del("Authorization") }, 401, "SIGN_ERROR"},
		"other scheme":      {swap("WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-SM2-WITH-SM3"), 401, "SIGN_ERROR"},
		"no nonce":          {swap("nonce_str=", "nonce="), 401, "SIGN_ERROR"},
		"other nonce":       {swap("NONCE", "NONCF"), 401, "SIGN_ERROR"},
		"other merchant":    {swap(`mchid="16`, `mchid="17`), 400, "MCH_NOT_EXISTS"},
		"other serial":      {swap(`serial_no="5A`, `serial_no="5B`), 401, "SIGN_ERROR"},
		"signature no text": {swap(`signature="`, `signature="!`), 401, "SIGN_ERROR"},
		"other timestamp":   {swap(`timestamp="1`, `timestamp="-1`), 401, "SIGN_ERROR"},
		"timestamp no time": {swap(`timestamp="1`, `timestamp="x`), 401, "SIGN_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t)
			k.edit = c.edit
			number := k.number()
			status, answer := k.codepay(number, k.code("wechat", "pay"), 100)
			k.want("status", status, c.status)
			k.want("code", answer["code"], c.code)
			k.want("books", k.book(number).State, "")
		})
	}
}

func swap(old, with string) func(http.Header) {
	return func(h http.Header) {
		h.Set("Authorization", strings.Replace(h.Get("Authorization"), old, with, 1))
	}
}

func TestWeChatTimestampSkew(t *testing.T) {
	for skew, status := range map[time.Duration]int{
		5 * time.Minute: 200, -5 * time.Minute: 200, 5*time.Minute + time.Second: 401, -5*time.Minute - time.Second: 401,
	} {
		k := newTill(t)
		number := k.number()
		k.codepay(number, k.code("wechat", "pay"), 100)
		at := k.now
		k.now = at.Add(skew)
		r := k.wechatRequest("GET", "/v3/pay/transactions/out-trade-no/"+number+"?mchid="+k.setup.WeChat.MchID, "")
		k.now = at
		response, err := k.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		k.want(skew.String(), response.StatusCode, status)
	}
}

// The sandbox's own clock does not make the till's requests look old.
func TestClockLeavesTimestampsAlone(t *testing.T) {
	k := newTill(t)
	number := k.number()
	k.codepay(number, k.code("wechat", "never"), 100)
	k.advance(48 * time.Hour)
	status, answer := k.wechatQuery(number)
	k.want("status", status, 200)
	k.want("state", answer["trade_state"], "USERPAYING")
	if err := k.box.Advance(-time.Second); err == nil {
		t.Error("the clock went back")
	}
}

func TestWeChatReplayIsRefused(t *testing.T) {
	k := newTill(t)
	number, code := k.number(), k.code("wechat", "pay")
	body := toJSON(k.codepayBody(number, code, 100))
	r := k.wechatRequest("POST", "/v3/pay/transactions/codepay", body)
	send := func() int {
		again := r.Clone(t.Context())
		again.Body, _ = r.GetBody()
		response, err := k.http.Do(again)
		if err != nil {
			return 0
		}
		response.Body.Close()
		return response.StatusCode
	}
	k.want("first", send(), 200)
	k.want("replayed", send(), 401)
	k.want("attempts", k.book(number).Attempts, 1)
	k.now = k.now.Add(11 * time.Minute) // long forgotten, and too old anyway
	k.wechatQuery(number)
	k.want("replayed late", send(), 401)
}

// A transport that never had an answer may send the same bytes again.
func TestWeChatRetryAfterLostAnswerIsNoReplay(t *testing.T) {
	for _, fault := range []string{"drop-request", "drop-answer", "reset"} {
		k := newTill(t)
		number := k.number()
		r := k.wechatRequest("POST", "/v3/pay/transactions/codepay", toJSON(k.codepayBody(number, k.code("wechat", "pay"), 100)))
		k.fault("wechat", "charge", fault)
		if _, err := k.http.Do(r); err == nil {
			t.Fatalf("%s: answered", fault)
		}
		again := r.Clone(t.Context())
		again.Body, _ = r.GetBody()
		response, err := k.http.Do(again)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		k.want(fault, response.StatusCode, 200)
		k.holds(number, "paid", 100, 0, 0)
	}
}

func TestWeChatParameters(t *testing.T) {
	set := func(path string, v any) func(object) {
		return func(o object) {
			names := strings.Split(path, ".")
			for _, n := range names[:len(names)-1] {
				o = o[n].(object)
			}
			if v == nil {
				delete(o, names[len(names)-1])
			} else {
				o[names[len(names)-1]] = v
			}
		}
	}
	for name, c := range map[string]struct {
		edit func(object)
		code string
	}{
		"short number":     {set("out_trade_no", "T1234"), "PARAM_ERROR"},
		"long number":      {set("out_trade_no", strings.Repeat("T", 33)), "PARAM_ERROR"},
		"number's letters": {set("out_trade_no", "T12345/7"), "PARAM_ERROR"},
		"no description":   {set("description", nil), "PARAM_ERROR"},
		"long description": {set("description", strings.Repeat("店", 128)), "PARAM_ERROR"},
		"long attach":      {set("attach", strings.Repeat("x", 129)), "PARAM_ERROR"},
		"nothing":          {set("amount.total", 0), "PARAM_ERROR"},
		"less":             {set("amount.total", -1), "PARAM_ERROR"},
		"fraction":         {set("amount.total", 1.5), "PARAM_ERROR"},
		"too much":         {set("amount.total", int64(money.Limit)+1), "PARAM_ERROR"},
		"as text":          {set("amount.total", "100"), "PARAM_ERROR"},
		"dollars":          {set("amount.currency", "USD"), "PARAM_ERROR"},
		"no code":          {set("payer.auth_code", nil), "PARAM_ERROR"},
		"no store":         {set("scene_info.store_info.out_id", nil), "PARAM_ERROR"},
		"no place's id":    {set("scene_info.store_info.id", "S001"), "PARAM_ERROR"},
		"store's letters":  {set("scene_info.store_info.out_id", "S_001"), "PARAM_ERROR"},
		"long store":       {set("scene_info.store_info.out_id", strings.Repeat("1", 257)), "PARAM_ERROR"},
		"other app":        {set("appid", "wx0"), "APPID_MCHID_NOT_MATCH"},
		"other merchant":   {set("mchid", "1"), "APPID_MCHID_NOT_MATCH"},
		"no merchant":      {set("mchid", nil), "PARAM_ERROR"},
		"expiry no time":   {set("time_expire", "tomorrow"), "PARAM_ERROR"},
		"expired":          {set("time_expire", "2026-01-05T12:00:00+08:00"), "PARAM_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t)
			body := k.codepayBody(k.number(), k.code("wechat", "pay"), 100)
			c.edit(body)
			status, answer := k.wechat("POST", "/v3/pay/transactions/codepay", body)
			k.want("status", status, 400)
			k.want("code", answer["code"], c.code)
			entries, _ := k.box.Books()
			k.want("orders", len(entries), 0)
		})
	}
}

// Either number of the store will do, and so do both.
func TestWeChatStoreByEitherNumber(t *testing.T) {
	k := newTill(t)
	for _, store := range []object{{"id": "1234567"}, {"out_id": "S001"}, {"id": "1234567", "out_id": "S001"}} {
		body := k.codepayBody(k.number(), k.code("wechat", "pay"), 100)
		body["scene_info"] = object{"store_info": store}
		status, answer := k.wechat("POST", "/v3/pay/transactions/codepay", body)
		k.want(fmt.Sprint(store), said(status, answer), "SUCCESS")
	}
}

func TestWeChatPayCodes(t *testing.T) {
	k := newTill(t)
	first, second := k.number(), k.number()
	code := k.code("wechat", "never")
	status, _ := k.codepay(first, code, 100)
	k.want("first", status, 202)
	_, answer := k.codepay(second, code, 100)
	k.want("one unfinished order a code", answer["code"], "AUTH_CODE_INVALID")
	_, answer = k.codepay(k.number(), "130000000000000000", 100)
	k.want("unknown", answer["code"], "AUTH_CODE_INVALID")
	_, answer = k.codepay(k.number(), k.code("alipay", "pay"), 100)
	k.want("other channel", answer["code"], "AUTH_CODE_INVALID")
	old := k.code("wechat", "pay")
	k.advance(time.Minute)
	_, answer = k.codepay(k.number(), old, 100)
	k.want("expired", answer["code"], "AUTH_CODE_EXPIRE")
	k.advance(2 * time.Hour)
	k.code("wechat", "pay") // old codes are forgotten when new ones are made
	_, answer = k.codepay(k.number(), old, 100)
	k.want("forgotten", answer["code"], "AUTH_CODE_INVALID")
	k.wechatReverse(first)
	_, answer = k.codepay(k.number(), code, 100)
	k.want("spent", answer["code"], "AUTH_CODE_INVALID")
}

// wechatEnds are the ways to bring an order into each state.
var wechatEnds = map[string]func(k *till) (number, code string){
	"waiting":  func(k *till) (string, string) { return k.charged("never") },
	"paid":     func(k *till) (string, string) { return k.charged("pay") },
	"declined": func(k *till) (string, string) { return k.charged("decline:balance") },
	"reversed": func(k *till) (string, string) {
		n, c := k.charged("never")
		k.wechatReverse(n)
		return n, c
	},
	"refunded part": func(k *till) (string, string) {
		n, c := k.charged("pay")
		k.wechatRefund(n, "R1"+n, 40, 100)
		return n, c
	},
	"refunded": func(k *till) (string, string) {
		n, c := k.charged("pay")
		k.wechatRefund(n, "R1"+n, 100, 100)
		return n, c
	},
	"expired": func(k *till) (string, string) {
		n, c := k.charged("never")
		k.advance(7 * 24 * time.Hour)
		return n, c
	},
	"unknown": func(k *till) (string, string) { return k.number(), k.code("wechat", "pay") },
}

func (k *till) charged(behaviour string) (number, code string) {
	number, code = k.number(), k.code("wechat", behaviour)
	k.codepay(number, code, 100)
	return number, code
}

// Every call meets a pay-code order in every state.
func TestWeChatStates(t *testing.T) {
	calls := []string{"again", "other amount", "other code", "query", "reverse", "close", "refund"}
	table := map[string][]string{
		"waiting":       {"202", "OUT_TRADE_NO_USED", "AUTH_CODE_INVALID", "USERPAYING", "200", "INVALID_REQUEST", "INVALID_REQUEST"},
		"paid":          {"SUCCESS", "OUT_TRADE_NO_USED", "ORDER_PAID", "SUCCESS", "200", "INVALID_REQUEST", "PROCESSING"},
		"declined":      {"NOT_ENOUGH", "OUT_TRADE_NO_USED", "AUTH_CODE_INVALID", "PAYERROR", "200", "INVALID_REQUEST", "INVALID_REQUEST"},
		"reversed":      {"ORDER_REVERSED", "ORDER_REVERSED", "ORDER_REVERSED", "REVOKED", "200", "INVALID_REQUEST", "ORDER_REVERSED"},
		"refunded part": {"REFUND", "OUT_TRADE_NO_USED", "ORDER_PAID", "REFUND", "INVALID_REQUEST", "INVALID_REQUEST", "PROCESSING"},
		"refunded":      {"ORDER_PAID", "OUT_TRADE_NO_USED", "ORDER_PAID", "REFUND", "INVALID_REQUEST", "INVALID_REQUEST", "INVALID_REQUEST"},
		"expired":       {"ORDER_CLOSED", "ORDER_CLOSED", "ORDER_CLOSED", "CLOSED", "200", "INVALID_REQUEST", "ORDER_CLOSED"},
		"unknown":       {"SUCCESS", "SUCCESS", "SUCCESS", "ORDER_NOT_EXIST", "ORDER_NOT_EXIST", "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"},
	}
	for state, row := range table {
		for i, call := range calls {
			t.Run(state+"/"+call, func(t *testing.T) {
				k := newTill(t)
				number, code := wechatEnds[state](k)
				before := k.book(number)
				var status int
				var answer object
				switch call {
				case "again":
					status, answer = k.codepay(number, code, 100)
				case "other amount":
					status, answer = k.codepay(number, code, 101)
				case "other code":
					status, answer = k.codepay(number, k.code("wechat", "pay"), 100)
				case "query":
					status, answer = k.wechatQuery(number)
				case "reverse":
					status, answer = k.wechatReverse(number)
				case "close":
					status, answer = k.wechatClose(number)
				case "refund":
					status, answer = k.wechatRefund(number, "R2"+number, 60, 100)
				}
				k.want("answer", said(status, answer), row[i])
				if e := k.book(number); before.State != "" && (e.Captured != before.Captured || e.Captured-e.Refunded-e.Reversed < 0) {
					t.Errorf("money moved twice: %+v, before %+v", e, before)
				}
			})
		}
	}
}

// said is the word that matters in an answer.
func said(status int, answer object) string {
	for _, field := range []string{"code", "status", "trade_state"} {
		if word, ok := answer[field].(string); ok && status != 202 {
			return word
		}
	}
	return fmt.Sprint(status)
}

func TestWeChatDeclines(t *testing.T) {
	for code, status := range map[string]int{
		"NOT_ENOUGH": 403, "RULE_LIMIT": 403, "TRADE_ERROR": 403, "AUTH_CODE_INVALID": 400, "BANK_ERROR": 500, "WHATEVER_NEW": 400,
	} {
		k := newTill(t)
		number := k.number()
		got, answer := k.codepay(number, k.code("wechat", "decline:"+code), 100)
		k.want(code, got, status)
		k.want(code, answer["code"], code)
		k.holds(number, "declined", 0, 0, 0)
		k.wechatReverse(number)
		k.holds(number, "reversed", 0, 0, 0)
	}
}

func TestBalanceIsChecked(t *testing.T) {
	k := newTill(t)
	code, err := k.box.NewCode("wechat", sandbox.Customer{Balance: money.Fen(99)})
	if err != nil {
		t.Fatal(err)
	}
	_, answer := k.codepay(k.number(), code, 100)
	k.want("code", answer["code"], "NOT_ENOUGH")
}

func TestWeChatOrderCode(t *testing.T) {
	k := newTill(t)
	number := k.number()
	_, answer := k.native(number, 250)
	first := answer["code_url"].(string)
	if !strings.HasPrefix(first, "weixin://wxpay/bizpayurl?pr=") {
		t.Errorf("code %q", first)
	}
	_, answer = k.wechatQuery(number)
	k.want("state", answer["trade_state"], "NOTPAY")
	k.want("amount of unpaid", fmt.Sprint(answer["amount"]), "map[payer_currency:CNY total:250]")
	_, answer = k.native(number, 250)
	second := answer["code_url"].(string)
	if _, err := k.box.Scan(first, sandbox.Customer{}); err == nil {
		t.Error("the old code still works")
	}
	result, err := k.box.Scan(second, sandbox.Customer{Behaviour: "decline:balance"})
	k.want("refused", fmt.Sprint(result, err), "{wechat "+number+" waiting NOT_ENOUGH} <nil>")
	result, err = k.box.Scan(second, sandbox.Customer{Behaviour: "password:5"})
	k.want("asked", fmt.Sprint(result, err), "{wechat "+number+" waiting } <nil>")
	_, answer = k.wechatQuery(number)
	k.want("state", answer["trade_state"], "USERPAYING")
	if _, err := k.box.Scan(number, sandbox.Customer{}); err == nil {
		t.Error("two customers pay at once")
	}
	status, answer := k.wechatReverse(number)
	k.want("reverse", said(status, answer), "INVALID_REQUEST")
	k.advance(5 * time.Second)
	status, answer = k.wechatClose(number)
	k.want("close of paid", said(status, answer), "ORDER_PAID")
	status, answer = k.native(number, 250)
	k.want("order again", said(status, answer), "ORDER_PAID")
	k.holds(number, "paid", 250, 0, 0)
	_, answer = k.wechatQuery(number)
	k.want("type", answer["trade_type"], "NATIVE")
	k.want("amount of paid", fmt.Sprint(answer["amount"]), "map[currency:CNY payer_currency:CNY payer_total:250 total:250]")
}

func TestWeChatCloseIsFinal(t *testing.T) {
	k := newTill(t)
	number := k.number()
	_, answer := k.native(number, 250)
	for range 2 {
		status, body := k.wechatClose(number)
		k.want("close", status, 204)
		k.want("body", body, object(nil))
	}
	if _, err := k.box.Scan(answer["code_url"].(string), sandbox.Customer{}); err == nil {
		t.Error("a closed order was paid")
	}
	status, answer := k.native(number, 250)
	k.want("again", said(status, answer), "ORDER_CLOSED")
	status, answer = k.wechatClose("NEVERSEEN")
	k.want("unknown", said(status, answer), "ORDER_NOT_EXIST")
	k.holds(number, "closed", 0, 0, 0)
}

func TestWeChatOrderCodeExpires(t *testing.T) {
	k := newTill(t)
	number := k.number()
	body := k.codepayBody(number, "", 100)
	delete(body, "payer")
	body["notify_url"] = "https://example.com/"
	body["time_expire"] = "2026-01-05T12:02:00+08:00"
	k.advance(time.Hour) // a time by the till's clock is taken as that
	_, answer := k.wechat("POST", "/v3/pay/transactions/native", body)
	k.advance(2*time.Minute - time.Second)
	_, state := k.wechatQuery(number)
	k.want("before", state["trade_state"], "NOTPAY")
	k.advance(time.Second)
	_, state = k.wechatQuery(number)
	k.want("after", state["trade_state"], "CLOSED")
	if _, err := k.box.Scan(answer["code_url"].(string), sandbox.Customer{}); err == nil {
		t.Error("an expired order was paid")
	}
	number = k.number()
	_, answer = k.native(number, 100)
	k.advance(2 * time.Hour)
	if _, err := k.box.Scan(answer["code_url"].(string), sandbox.Customer{}); err == nil {
		t.Error("an expired code was paid")
	}
}

func TestWeChatRefunds(t *testing.T) {
	k := newTill(t)
	number, _ := k.charged("pay")
	status, answer := k.wechatRefund(number, "R1", 30, 100)
	k.want("refund", said(status, answer), "PROCESSING")
	k.want("amount", answer["amount"].(object)["refund"], 30)
	status, again := k.wechatRefund(number, "R1", 30, 100)
	k.want("again", said(status, again), "PROCESSING")
	k.want("same", again["refund_id"], answer["refund_id"])
	k.holds(number, "paid", 100, 30, 0)
	k.advance(time.Second)
	status, answer = k.wechat("GET", "/v3/refund/domestic/refunds/R1", nil)
	k.want("query", said(status, answer), "SUCCESS")
	other, _ := k.charged("pay")
	for name, c := range map[string]struct {
		number, refund string
		fen, total     int
		code           string
	}{
		"other amount":    {number, "R1", 31, 100, "INVALID_REQUEST"},
		"other order":     {other, "R1", 30, 100, "INVALID_REQUEST"},
		"more than is":    {number, "R2", 71, 100, "INVALID_REQUEST"},
		"other total":     {number, "R2", 10, 99, "INVALID_REQUEST"},
		"nothing":         {number, "R2", 0, 100, "PARAM_ERROR"},
		"number's length": {number, strings.Repeat("R", 65), 10, 100, "PARAM_ERROR"},
		"no number":       {number, "", 10, 100, "PARAM_ERROR"},
		"unknown order":   {"NEVERSEEN", "R2", 10, 100, "RESOURCE_NOT_EXISTS"},
	} {
		status, answer = k.wechatRefund(c.number, c.refund, c.fen, c.total)
		k.want(name, said(status, answer), c.code)
	}
	k.holds(number, "paid", 100, 30, 0)
	k.wechatRefund(number, "R3", 70, 100)
	k.holds(number, "refunded", 100, 100, 0)
	status, answer = k.wechat("GET", "/v3/refund/domestic/refunds/NONE", nil)
	k.want("unknown", said(status, answer), "RESOURCE_NOT_EXISTS")
}

func TestWeChatRefundLimits(t *testing.T) {
	k := newTill(t)
	number, _ := k.charged("pay")
	for i := range 50 {
		status, _ := k.wechatRefund(number, fmt.Sprintf("R%d", i), 1, 100)
		k.want("refund", status, 200)
	}
	status, answer := k.wechatRefund(number, "R50", 1, 100)
	k.want("the 51st", said(status, answer), "INVALID_REQUEST")
	k.holds(number, "paid", 100, 50, 0)
	late, _ := k.charged("pay")
	k.advance(365*24*time.Hour + time.Second)
	status, answer = k.wechatRefund(late, "L1", 1, 100)
	k.want("after a year", said(status, answer), "INVALID_REQUEST")
}

func TestWeChatReverseWindow(t *testing.T) {
	k := newTill(t)
	number, _ := k.charged("pay")
	k.advance(7*24*time.Hour + time.Second)
	status, answer := k.wechatReverse(number)
	k.want("after a week", said(status, answer), "INVALID_REQUEST")
	k.holds(number, "paid", 100, 0, 0)
}

func TestWeChatPublicKeyMode(t *testing.T) {
	k := newTill(t)
	k.edit = func(h http.Header) { h.Set("Wechatpay-Serial", k.setup.WeChat.PublicKeyID) }
	status, _ := k.codepay(k.number(), k.code("wechat", "pay"), 100)
	k.want("status", status, 200)
	k.want("serial", k.last.Get("Wechatpay-Serial"), k.setup.WeChat.PublicKeyID)
	k.edit = nil
	k.codepay(k.number(), k.code("wechat", "pay"), 100)
	k.want("serial", k.last.Get("Wechatpay-Serial"), k.setup.WeChat.PlatformSerial)
}

func TestWeChatCertificates(t *testing.T) {
	k := newTill(t)
	k.fault("", "any", "drop-answer") // no operation of a payment: spared
	_, answer := k.wechat("GET", "/v3/certificates", nil)
	entry := answer["data"].([]any)[0].(object)
	k.want("serial", entry["serial_no"], k.setup.WeChat.PlatformSerial)
	sealed := entry["encrypt_certificate"].(object)
	block, err := aes.NewCipher([]byte(k.setup.WeChat.APIv3Key))
	if err != nil {
		t.Fatal(err)
	}
	gcm, _ := cipher.NewGCM(block)
	raw, _ := base64.StdEncoding.DecodeString(sealed["ciphertext"].(string))
	plain, err := gcm.Open(nil, []byte(sealed["nonce"].(string)), raw, []byte(sealed["associated_data"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	certificate, _ := pem.Decode(plain)
	k.want("certificate", string(certificate.Bytes), string(k.setup.WeChat.PlatformCert.Raw))
}

func TestWeChatUnknownPaths(t *testing.T) {
	k := newTill(t)
	for _, c := range []struct{ method, path string }{
		{"GET", "/v3/pay/transactions/codepay"}, {"POST", "/v3/nothing"}, {"DELETE", "/v3/refund/domestic/refunds"},
		{"POST", "/v3/pay/transactions/out-trade-no/T123456/explode"}, {"GET", "/v3/pay/transactions/out-trade-no/T123456/close"},
	} {
		status, answer := k.wechat(c.method, c.path, nil)
		k.want(c.path, said(status, answer), "RESOURCE_NOT_EXISTS")
	}
}
