package sandbox_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"time"

	"abacus/payment/sandbox"
)

func TestAlipayPayCodeIsPaidAndCancelled(t *testing.T) {
	k := newTill(t)
	number := k.number()
	answer := k.pay(number, k.code("alipay", "pay"), "11.36")
	k.want("code", answer["code"], "10000")
	k.want("amount", answer["total_amount"], "11.36")
	k.want("time", answer["gmt_payment"], "2026-01-05 12:00:00")
	k.want("funds", answer["fund_bill_list"], []any{object{"amount": "11.36", "fund_channel": "ALIPAYACCOUNT"}})
	k.holds(number, "paid", 1136, 0, 0)
	byReference := k.alipay("alipay.trade.query", object{"trade_no": answer["trade_no"]})
	k.want("by reference", byReference["out_trade_no"], number)
	for range 2 {
		answer = k.alipay("alipay.trade.cancel", object{"out_trade_no": number})
		k.want("action", answer["action"], "refund")
		k.want("retry", answer["retry_flag"], "N")
	}
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": number})
	k.want("queried", answer["trade_status"], "TRADE_CLOSED")
	k.holds(number, "reversed", 1136, 0, 1136)
}

func TestAlipayPasswordIsEntered(t *testing.T) {
	k := newTill(t)
	number := k.number()
	answer := k.pay(number, k.code("alipay", "password:8"), "1")
	k.want("code", answer["code"], "10003")
	k.want("no money yet", answer["fund_bill_list"], nil)
	k.advance(8*time.Second - 1)
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": number})
	k.want("before", answer["trade_status"], "WAIT_BUYER_PAY")
	k.advance(1)
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": number})
	k.want("after", answer["trade_status"], "TRADE_SUCCESS")
}

// raw sends a form and returns the answer's text.
func (k *till) raw(form url.Values) string {
	k.Helper()
	response, err := k.http.PostForm(k.base+"/gateway.do", form)
	if err != nil {
		k.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		k.Fatal(err)
	}
	return string(text)
}

func TestAlipayRequestsAreChecked(t *testing.T) {
	set := func(name, value string) func(url.Values) { return func(f url.Values) { f.Set(name, value) } }
	for name, c := range map[string]struct {
		before, after func(url.Values) // the signature
		subCode       string
	}{
		"no app":         {set("app_id", ""), nil, "isv.missing-app-id"},
		"other app":      {set("app_id", "2021000000000000"), nil, "isv.invalid-app-id"},
		"no method":      {set("method", ""), nil, "isv.missing-method"},
		"other method":   {set("method", "alipay.trade.give"), nil, "isv.invalid-method"},
		"no sign":        {nil, set("sign", ""), "isv.missing-signature"},
		"other sign":     {nil, set("sign", "AAAA"), "isv.invalid-signature"},
		"sign no base64": {nil, set("sign", "!"), "isv.invalid-signature"},
		"no sign type":   {set("sign_type", ""), nil, "isv.missing-signature-type"},
		"old sign type":  {set("sign_type", "RSA"), nil, "isv.invalid-signature-type"},
		"no timestamp":   {set("timestamp", ""), nil, "isv.missing-timestamp"},
		"no time":        {set("timestamp", "2026-01-05T12:00:00"), nil, "isv.invalid-timestamp"},
		"universal time": {set("timestamp", "2026-01-05 04:00:00"), nil, "isv.invalid-timestamp"},
		"old":            {set("timestamp", "2026-01-05 11:49:59"), nil, "isv.invalid-timestamp"},
		"version":        {set("version", "2.0"), nil, "isv.invalid-version"},
		"charset":        {set("charset", "gbk"), nil, "isv.invalid-charset"},
		"format":         {set("format", "XML"), nil, "isv.invalid-format"},
		"content":        {set("biz_content", "{"), nil, "isv.invalid-parameter"},
		"changed":        {nil, set("biz_content", "{}"), "isv.invalid-signature"},
		"added":          {nil, set("notify_url", "https://example.com"), "isv.invalid-signature"},
		"twice":          {nil, func(f url.Values) { f.Add("charset", "utf-8") }, "isv.invalid-parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t)
			number := k.number()
			form := k.alipayForm("alipay.trade.pay", payBiz(number, k.code("alipay", "pay"), "1.00"), c.before)
			if c.after != nil {
				c.after(form)
			}
			if text := k.raw(form); !strings.Contains(text, `"sub_code":"`+c.subCode+`"`) {
				t.Errorf("answer %s", text)
			}
			k.want("books", k.book(number).State, "")
		})
	}
}

// The gateway takes parameters from the query and from the body, whatever the
// form of the body.
func TestAlipayMergesQueryAndBody(t *testing.T) {
	k := newTill(t)
	number := k.number()
	k.pay(number, k.code("alipay", "pay"), "1.00")
	form := k.alipayForm("alipay.trade.query", object{"out_trade_no": number}, nil)
	content := url.Values{"biz_content": form["biz_content"]}
	form.Del("biz_content")
	address := k.base + "/gateway.do?" + form.Encode()
	response, err := k.http.PostForm(address, content)
	if err != nil {
		t.Fatal(err)
	}
	k.wantPaid(response.Body)

	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("biz_content", content.Get("biz_content")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if response, err = k.http.Post(address, w.FormDataContentType(), &body); err != nil {
		t.Fatal(err)
	}
	k.wantPaid(response.Body)

	if response, err = k.http.Get(address + "&" + content.Encode()); err != nil {
		t.Fatal(err)
	}
	k.wantPaid(response.Body)

	if response, err = k.http.PostForm(address+"&biz_content=%7B%7D", content); err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	if !bytes.Contains(text, []byte("isv.invalid-parameter")) {
		t.Errorf("two contents: %s", text)
	}
}

func (k *till) wantPaid(body io.ReadCloser) {
	k.Helper()
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		k.Fatal(err)
	}
	answer, err := k.readAlipay("alipay.trade.query", text)
	if err != nil {
		k.Fatal(err)
	}
	k.want("status", answer["trade_status"], "TRADE_SUCCESS")
}

// Slashes are escaped, and the signature is over the escaped bytes.
func TestAlipaySlashesAreEscaped(t *testing.T) {
	k := newTill(t)
	text := k.raw(k.alipayForm("alipay.trade.precreate", object{
		"out_trade_no": k.number(), "subject": "x", "total_amount": "1.00",
	}, nil))
	if !strings.Contains(text, `"qr_code":"https:\/\/qr.alipay.com\/bax`) {
		t.Errorf("answer %s", text)
	}
	if _, err := k.readAlipay("alipay.trade.precreate", []byte(text)); err != nil {
		t.Error(err)
	}
	unescaped := strings.ReplaceAll(text[:strings.Index(text, `,"sign"`)], `\/`, "/") + text[strings.Index(text, `,"sign"`):]
	if _, err := k.readAlipay("alipay.trade.precreate", []byte(unescaped)); err == nil {
		t.Error("the signature ignores the escapes")
	}
}

func TestAlipayParameters(t *testing.T) {
	set := func(name string, v any) func(object) { return func(o object) { o[name] = v } }
	plan := func(num, percent string) func(object) {
		return set("extend_params", object{"hb_fq_num": num, "hb_fq_seller_percent": percent})
	}
	const bad = "ACQ.INVALID_PARAMETER"
	for name, c := range map[string]struct {
		edit func(object)
		word string
	}{
		"as is":            {func(object) {}, "10000"},
		"number":           {set("out_trade_no", "T-1"), bad},
		"no number":        {set("out_trade_no", ""), bad},
		"no subject":       {set("subject", ""), bad},
		"scene":            {set("scene", "security_code"), bad},
		"no code":          {set("auth_code", ""), bad},
		"nothing":          {set("total_amount", "0.00"), bad},
		"no amount":        {set("total_amount", ""), bad},
		"a number":         {set("total_amount", 1.25), "10000"},
		"three decimals":   {set("total_amount", "1.001"), "isv.invalid-parameter"},
		"less":             {set("total_amount", "-1"), "isv.invalid-parameter"},
		"grouped":          {set("total_amount", "1,000"), "isv.invalid-parameter"},
		"scientific":       {set("total_amount", "1e2"), "isv.invalid-parameter"},
		"too much":         {set("total_amount", "100000000.01"), bad},
		"timeout":          {set("timeout_express", "soon"), bad},
		"timeout zero":     {set("timeout_express", "0m"), bad},
		"timeout long":     {set("timeout_express", "16d"), bad},
		"timeout 15d":      {set("timeout_express", "15d"), "10000"},
		"expire":           {set("time_expire", "2026-01-05 12:05:00"), "10000"},
		"expired":          {set("time_expire", "2026-01-05 12:00:00"), bad},
		"expire no time":   {set("time_expire", "12:05"), bad},
		"plan":             {plan("3", "0"), "10000"},
		"plan of 5":        {plan("5", "0"), bad},
		"plan half":        {plan("6", ""), bad},
		"plan percent":     {plan("6", "50"), bad},
		"plan empty":       {plan("", ""), "10000"},
		"two channel sets": {func(o object) { o["enable_pay_channels"], o["disable_pay_channels"] = "pcredit", "balance" }, bad},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t)
			biz := payBiz(k.number(), k.code("alipay", "pay"), "1.00")
			c.edit(biz)
			k.want("answer", alipaySaid(k.alipay("alipay.trade.pay", biz)), c.word)
		})
	}
}

// alipaySaid is the word that matters in an answer.
func alipaySaid(answer object) string {
	for _, field := range []string{"sub_code", "trade_status", "action", "fund_change", "code"} {
		if word, ok := answer[field].(string); ok && word != "" {
			return word
		}
	}
	return ""
}

func (k *till) alipayCharged(behaviour string) (number, code string) {
	number, code = k.number(), k.code("alipay", behaviour)
	k.pay(number, code, "1.00")
	return number, code
}

func (k *till) alipayRefund(number, request, yuan string) object {
	k.Helper()
	return k.alipay("alipay.trade.refund", object{"out_trade_no": number, "out_request_no": request, "refund_amount": yuan})
}

var alipayEnds = map[string]func(k *till) (number, code string){
	"waiting":  func(k *till) (string, string) { return k.alipayCharged("never") },
	"paid":     func(k *till) (string, string) { return k.alipayCharged("pay") },
	"declined": func(k *till) (string, string) { return k.alipayCharged("decline:balance") },
	"cancelled": func(k *till) (string, string) {
		n, c := k.alipayCharged("never")
		k.alipay("alipay.trade.cancel", object{"out_trade_no": n})
		return n, c
	},
	"paid back": func(k *till) (string, string) {
		n, c := k.alipayCharged("pay")
		k.alipay("alipay.trade.cancel", object{"out_trade_no": n})
		return n, c
	},
	"closed": func(k *till) (string, string) {
		n, c := k.alipayCharged("never")
		k.alipay("alipay.trade.close", object{"out_trade_no": n})
		return n, c
	},
	"refunded part": func(k *till) (string, string) {
		n, c := k.alipayCharged("pay")
		k.alipayRefund(n, "R1", "0.40")
		return n, c
	},
	"refunded": func(k *till) (string, string) {
		n, c := k.alipayCharged("pay")
		k.alipayRefund(n, "R1", "1.00")
		return n, c
	},
	"expired": func(k *till) (string, string) {
		n, c := k.alipayCharged("never")
		k.advance(5 * time.Minute)
		return n, c
	},
	"unknown": func(k *till) (string, string) { return k.number(), k.code("alipay", "pay") },
}

// Every call meets a pay-code order in every state.
func TestAlipayStates(t *testing.T) {
	calls := []string{"again", "other amount", "other code", "query", "cancel", "close", "refund"}
	const (
		differs, success, over = "ACQ.CONTEXT_INCONSISTENT", "ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE"
		status, absent         = "ACQ.TRADE_STATUS_ERROR", "ACQ.TRADE_NOT_EXIST"
	)
	table := map[string][]string{
		"waiting":       {"10003", differs, differs, "WAIT_BUYER_PAY", "close", "10000", status},
		"paid":          {"10000", differs, success, "TRADE_SUCCESS", "refund", status, "Y"},
		"declined":      {"ACQ.BUYER_BALANCE_NOT_ENOUGH", differs, differs, "TRADE_CLOSED", "close", status, status},
		"cancelled":     {over, over, over, "TRADE_CLOSED", "close", status, over},
		"paid back":     {over, over, over, "TRADE_CLOSED", "refund", status, over},
		"closed":        {over, over, over, "TRADE_CLOSED", "close", status, over},
		"refunded part": {"10000", differs, success, "TRADE_SUCCESS", "ACQ.REASON_TRADE_REFUND_FEE_ERR", status, "Y"},
		"refunded":      {success, differs, success, "TRADE_CLOSED", "ACQ.REASON_TRADE_REFUND_FEE_ERR", status, over},
		"expired":       {over, over, over, "TRADE_CLOSED", "close", status, over},
		"unknown":       {"10000", "10000", "10000", absent, "10000", absent, absent},
	}
	for state, row := range table {
		for i, call := range calls {
			t.Run(state+"/"+call, func(t *testing.T) {
				k := newTill(t)
				number, code := alipayEnds[state](k)
				before := k.book(number)
				var answer object
				switch call {
				case "again":
					answer = k.pay(number, code, "1.00")
				case "other amount":
					answer = k.pay(number, code, "1.01")
				case "other code":
					answer = k.pay(number, k.code("alipay", "pay"), "1.00")
				case "refund":
					answer = k.alipayRefund(number, "R2", "0.60")
				default:
					answer = k.alipay("alipay.trade."+call, object{"out_trade_no": number})
				}
				k.want("answer", alipaySaid(answer), row[i])
				if e := k.book(number); before.State != "" && (e.Captured != before.Captured || e.Captured-e.Refunded-e.Reversed < 0) {
					t.Errorf("money moved twice: %+v, before %+v", e, before)
				}
			})
		}
	}
}

func TestAlipayOrderCode(t *testing.T) {
	k := newTill(t)
	number := k.number()
	biz := object{"out_trade_no": number, "subject": "x", "total_amount": "2.50", "timeout_express": "2m"}
	answer := k.alipay("alipay.trade.precreate", biz)
	code := answer["qr_code"].(string)
	k.want("not scanned", alipaySaid(k.alipay("alipay.trade.query", object{"out_trade_no": number})), "ACQ.TRADE_NOT_EXIST")
	if _, err := k.box.Scan(code, sandbox.Customer{}); err != nil {
		t.Error(err)
	}
	k.holds(number, "paid", 250, 0, 0)
	k.want("close of paid", alipaySaid(k.alipay("alipay.trade.close", object{"out_trade_no": number})), "ACQ.TRADE_STATUS_ERROR")
	k.want("cancel", alipaySaid(k.alipay("alipay.trade.cancel", object{"out_trade_no": number})), "refund")
}

// An order code dies by its own time, at the latest after two hours; its trade's
// time begins with the scan.
func TestAlipayOrderCodeLeftAlone(t *testing.T) {
	k := newTill(t)
	for _, c := range []struct {
		qr   any
		wait time.Duration
		dead bool
	}{
		{nil, 119 * time.Minute, false}, {nil, 2 * time.Hour, true}, {"1d", 2 * time.Hour, true},
		{"2m", 119 * time.Second, false}, {"2m", 2 * time.Minute, true},
	} {
		number := k.number()
		biz := object{"out_trade_no": number, "subject": "x", "total_amount": "2.50", "timeout_express": "2m"}
		if c.qr != nil {
			biz["qr_code_timeout_express"] = c.qr
		}
		code := k.alipay("alipay.trade.precreate", biz)["qr_code"].(string)
		k.advance(c.wait)
		if _, err := k.box.Scan(code, sandbox.Customer{Behaviour: "never"}); (err != nil) != c.dead {
			t.Errorf("%v after %s: %v", c.qr, c.wait, err)
		}
		k.want("dead code", alipaySaid(k.alipay("alipay.trade.query", object{"out_trade_no": number})), map[bool]string{true: "ACQ.TRADE_NOT_EXIST", false: "WAIT_BUYER_PAY"}[c.dead])
		k.advance(119 * time.Second)
		if !c.dead {
			k.want("scanned", alipaySaid(k.alipay("alipay.trade.query", object{"out_trade_no": number})), "WAIT_BUYER_PAY")
			k.advance(time.Second)
			k.want("left", alipaySaid(k.alipay("alipay.trade.query", object{"out_trade_no": number})), "TRADE_CLOSED")
		}
	}
	bad := object{"out_trade_no": k.number(), "subject": "x", "total_amount": "2.50", "qr_code_timeout_express": "soon"}
	k.want("no time", alipaySaid(k.alipay("alipay.trade.precreate", bad)), "ACQ.INVALID_PARAMETER")
}

// A trade begins with the customer's scan: before it there is nothing to query
// or close, and only a cancellation makes the order code die.
func TestAlipayOrderCodeBeforeItsScan(t *testing.T) {
	k := newTill(t)
	call := func(method, number string) any {
		return alipaySaid(k.alipay("alipay.trade."+method, object{"out_trade_no": number, "refund_amount": "2.50"}))
	}
	show := func() (number, code string) {
		number = k.number()
		answer := k.alipay("alipay.trade.precreate", object{"out_trade_no": number, "subject": "x", "total_amount": "2.50"})
		return number, answer["qr_code"].(string)
	}
	number, code := show()
	for _, method := range []string{"query", "close", "refund", "fastpay.refund.query"} {
		k.want(method, call(method, number), "ACQ.TRADE_NOT_EXIST")
	}
	for range 2 {
		answer := k.alipay("alipay.trade.cancel", object{"out_trade_no": number})
		k.want("cancel", answer["code"], "10000")
		k.want("retry", answer["retry_flag"], "N")
		k.want("action", answer["action"], nil)
		k.want("its own number", answer["trade_no"], nil)
	}
	if _, err := k.box.Scan(code, sandbox.Customer{}); err == nil {
		t.Error("a cancelled code was paid")
	}
	again := k.alipay("alipay.trade.precreate", object{"out_trade_no": number, "subject": "x", "total_amount": "2.50"})
	k.want("number spent", alipaySaid(again), "ACQ.TRADE_HAS_CLOSE")
	k.holds(number, "reversed", 0, 0, 0)

	for _, behaviour := range []string{"never", "password:5", "decline:balance"} {
		number, code = show()
		if _, err := k.box.Scan(code, sandbox.Customer{Behaviour: behaviour}); err != nil {
			t.Error(err)
		}
		k.want(behaviour, call("query", number), "WAIT_BUYER_PAY")
		k.want("cancel "+behaviour, call("cancel", number), "close")
		k.want("cancelled", call("query", number), "TRADE_CLOSED")
	}
}

// A cancellation of what Alipay does not know is done, with nothing to do it to;
// it spends no number, so that a charge which comes later is taken.
func TestAlipayCancelsWhatItDoesNotKnow(t *testing.T) {
	k := newTill(t)
	number := k.number()
	for range 2 {
		answer := k.alipay("alipay.trade.cancel", object{"out_trade_no": number})
		want := object{"code": "10000", "msg": "Success", "out_trade_no": number, "retry_flag": "N"}
		if !maps.Equal(answer, want) {
			t.Errorf("%v, want %v", answer, want)
		}
	}
	k.want("query", alipaySaid(k.alipay("alipay.trade.query", object{"out_trade_no": number})), "ACQ.TRADE_NOT_EXIST")
	k.want("charge", k.pay(number, k.code("alipay", "pay"), "1.00")["code"], "10000")
	k.holds(number, "paid", 100, 0, 0)
	for _, biz := range []object{{}, {"trade_no": "2026010122001400000000000001"}, {"trade_no": "2026010122001400000000000001", "out_trade_no": number}} {
		k.want(fmt.Sprint(biz), alipaySaid(k.alipay("alipay.trade.cancel", biz)), "ACQ.TRADE_NOT_EXIST")
	}
}

// Scanned at the very moment of the close, which answers that there is
// nothing: the money moves, unless the cancellation is faster.
func TestAlipayScanDuringClose(t *testing.T) {
	for name, c := range map[string]struct {
		cancel   bool
		captured int64
	}{"left alone": {false, 250}, "cancelled": {true, 0}} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t)
			number := k.number()
			k.alipay("alipay.trade.precreate", object{"out_trade_no": number, "subject": "x", "total_amount": "2.50"})
			k.fault("alipay", "close", "late-success")
			k.want("close", alipaySaid(k.alipay("alipay.trade.close", object{"out_trade_no": number})), "ACQ.TRADE_NOT_EXIST")
			if c.cancel {
				k.alipay("alipay.trade.cancel", object{"out_trade_no": number})
			}
			k.advance(5 * time.Second)
			k.want("captured", k.book(number).Captured, c.captured)
		})
	}
}

func TestAlipayRefunds(t *testing.T) {
	k := newTill(t)
	number, _ := k.alipayCharged("pay")
	refundQuery := func(request string) object {
		return k.alipay("alipay.trade.fastpay.refund.query", object{"out_trade_no": number, "out_request_no": request})
	}
	k.want("not yet", refundQuery("R1")["refund_status"], nil)
	answer := k.alipayRefund(number, "R1", "0.30")
	k.want("change", answer["fund_change"], "Y")
	k.want("sum", answer["refund_fee"], "0.30")
	answer = k.alipayRefund(number, "R1", "0.30")
	k.want("again", answer["fund_change"], "N")
	k.want("done", refundQuery("R1")["refund_status"], "REFUND_SUCCESS")
	k.want("amount", refundQuery("R1")["refund_amount"], "0.30")
	k.want("other amount", alipaySaid(k.alipayRefund(number, "R1", "0.31")), "ACQ.DISCORDANT_REPEAT_REQUEST")
	k.want("too much", alipaySaid(k.alipayRefund(number, "R2", "1.01")), "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
	k.want("too much in all", alipaySaid(k.alipayRefund(number, "R2", "0.71")), "ACQ.REASON_TRADE_REFUND_FEE_ERR")
	k.want("no number", alipaySaid(k.alipayRefund(number, "", "0.10")), "ACQ.INVALID_PARAMETER")
	k.want("nothing", alipaySaid(k.alipayRefund(number, "R2", "0")), "ACQ.INVALID_PARAMETER")
	answer = k.alipayRefund(number, "R2", "0.70")
	k.want("sum", answer["refund_fee"], "1.00")
	k.holds(number, "refunded", 100, 100, 0)

	whole, _ := k.alipayCharged("pay")
	answer = k.alipayRefund(whole, "", "1.00") // the whole goes without a number
	k.want("whole", answer["fund_change"], "Y")
	k.want("whole again", k.alipayRefund(whole, "", "1.00")["fund_change"], "N")
	k.want("request number of another order", k.alipayRefund(k.paidAlipay(), "R1", "0.10")["fund_change"], "Y")
}

func (k *till) paidAlipay() string {
	number, _ := k.alipayCharged("pay")
	return number
}

// Cancelling ends a quarter of an hour after the Beijing day.
func TestAlipayCancelWindow(t *testing.T) {
	for after, word := range map[time.Duration]string{
		12*time.Hour + 15*time.Minute:               "refund",
		12*time.Hour + 15*time.Minute + time.Second: "ACQ.TRADE_HAS_FINISHED",
	} {
		k := newTill(t)
		number := k.paidAlipay()
		k.advance(after)
		k.want(after.String(), alipaySaid(k.alipay("alipay.trade.cancel", object{"out_trade_no": number})), word)
	}
}

func TestHuabei(t *testing.T) {
	for name, c := range map[string]struct {
		funding, enable, disable, plan string
		word                           string
		instalments                    any
	}{
		"instalments":        {"PCREDIT", "", "", "6", "10000", "6"},
		"at once":            {"PCREDIT", "", "", "", "10000", nil},
		"other money":        {"BALANCE", "", "", "6", "10000", nil},
		"forbidden":          {"PCREDIT", "", "creditCard,pcredit", "", "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", nil},
		"forbidden, balance": {"BALANCE", "", "pcredit", "", "10000", nil},
		"not enabled":        {"PCREDIT", "balance,moneyFund", "", "", "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", nil},
		"enabled":            {"PCREDIT", "balance,pcredit", "", "12", "10000", "12"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t)
			code, err := k.box.NewCode("alipay", sandbox.Customer{Funding: c.funding})
			if err != nil {
				t.Fatal(err)
			}
			biz := payBiz(k.number(), code, "100.00")
			biz["enable_pay_channels"], biz["disable_pay_channels"] = c.enable, c.disable
			if c.plan != "" {
				biz["extend_params"] = object{"hb_fq_num": c.plan, "hb_fq_seller_percent": "0"}
			}
			answer := k.alipay("alipay.trade.pay", biz)
			k.want("answer", alipaySaid(answer), c.word)
			if c.word != "10000" {
				return
			}
			asked := k.alipay("alipay.trade.query", object{"out_trade_no": biz["out_trade_no"], "query_options": []string{"fund_bill_list"}})
			for _, node := range []object{answer, asked} {
				fund := node["fund_bill_list"].([]any)[0].(object)["fund_channel"]
				k.want("fund", fund == "PCREDIT", c.funding == "PCREDIT")
				info, _ := node["hb_fq_pay_info"].(object)
				k.want("instalments", info["user_install_num"], c.instalments)
			}
		})
	}
}

// A password entered after the order's time comes too late, however late
// anybody looks.
func TestAlipayPasswordAfterExpiry(t *testing.T) {
	k := newTill(t)
	number, _ := k.alipayCharged("password:301")
	k.advance(time.Hour)
	k.holds(number, "closed", 0, 0, 0)
}
