package sandbox_test

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// control calls the control API.
func (k *till) control(method, path, body string) (int, map[string]any, string) {
	k.Helper()
	w := httptest.NewRecorder()
	k.box.Control().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	var answer map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &answer)
	return w.Code, answer, w.Body.String()
}

func TestControlCodes(t *testing.T) {
	k := newTill(t)
	for channel, shape := range map[string]string{
		"wechat": `^1[0-4][0-9]{16}$`, "alipay": `^(2[5-9]|30)[0-9]{16}$`,
	} {
		seen := map[string]bool{}
		for range 100 {
			status, answer, text := k.control("POST", "/codes", `{"channel":"`+channel+`"}`)
			k.want("status", status, 200)
			code, _ := answer["code"].(string)
			if !regexp.MustCompile(shape).MatchString(code) || seen[code] {
				t.Fatalf("code in %s", text)
			}
			seen[code] = true
		}
	}
	_, answer, _ := k.control("POST", "/codes", `{"channel":"wechat","behaviour":"pay","balance":99,"funding":"cft"}`)
	_, declined := k.codepay(k.number(), answer["code"].(string), 100)
	k.want("balance", declined["code"], "NOT_ENOUGH")
}

func TestControlPlaysADay(t *testing.T) {
	k := newTill(t)
	number := k.number()
	_, native := k.native(number, 1136)
	status, answer, _ := k.control("POST", "/scan", `{"code":"`+native["code_url"].(string)+`","behaviour":"password:30"}`)
	k.want("scan", status, 200)
	k.want("state", answer["state"], "waiting")
	status, _, _ = k.control("POST", "/clock", `{"advance_ms":30000}`)
	k.want("clock", status, 200)
	w := httptest.NewRecorder()
	k.box.Control().ServeHTTP(w, httptest.NewRequest("GET", "/books", nil))
	var books []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &books); err != nil || len(books) != 1 {
		t.Fatalf("books %s: %v", w.Body, err)
	}
	for field, want := range map[string]any{
		"channel": "wechat", "order": number, "amount": 1136, "state": "paid", "captured": 1136, "refunded": 0,
		"reversed": 0, "attempts": 1, "currency": "CNY",
	} {
		k.want(field, books[0][field], want)
	}
	var story []string
	for _, e := range books[0]["history"].([]any) {
		story = append(story, e.(object)["what"].(string))
	}
	k.want("history", story, []string{"ordered", "password asked", "paid"})
	status, _, _ = k.control("POST", "/faults", `{"channel":"wechat","operation":"query","fault":"drop-answer","times":2,"probability":1,"seed":3}`)
	k.want("fault", status, 204)
	if _, err := k.channels()[0].query(number); err == nil {
		t.Error("no fault")
	}
	status, _, _ = k.control("DELETE", "/faults", "")
	k.want("cleared", status, 204)
	if _, err := k.channels()[0].query(number); err != nil {
		t.Error(err)
	}
}

func TestControlRefusesBadRequests(t *testing.T) {
	k := newTill(t)
	number := k.number()
	k.codepay(number, k.code("wechat", "never"), 100)
	for _, c := range []struct{ path, body string }{
		{"/codes", ``}, {"/codes", `[]`}, {"/codes", `{`}, {"/codes", `{}`}, {"/codes", `{"channel":"cash"}`},
		{"/codes", `{"channel":"wechat","balance":-1}`}, {"/codes", `{"channel":"wechat","balance":1e30}`},
		{"/codes", `{"channel":"wechat","behaviour":"explode"}`}, {"/codes", `{"channel":"wechat","behaviour":"password"}`},
		{"/codes", `{"channel":"wechat","behaviour":"password:-1"}`}, {"/codes", `{"channel":"wechat","behaviour":"password:86401"}`},
		{"/codes", `{"channel":"wechat","behaviour":"pay:1"}`}, {"/codes", `{"channel":"wechat","behavior":"pay"}`},
		{"/codes", `{"channel":"wechat","funding":"` + strings.Repeat("x", 33) + `"}`}, {"/codes", `{"channel":"wechat"} {}`},
		{"/codes", `{"channel":"` + strings.Repeat("x", 20000) + `"}`},
		{"/scan", `{}`}, {"/scan", `{"order":"NONE"}`}, {"/scan", `{"code":"NONE"}`}, {"/scan", `{"order":"a","code":"b"}`},
		{"/scan", `{"order":"` + number + `"}`}, {"/scan", `{"order":"x","behaviour":"explode"}`},
		{"/faults", `{}`}, {"/faults", `{"fault":"explode"}`}, {"/faults", `{"fault":"reset","times":0}`},
		{"/faults", `{"fault":"reset","probability":0}`}, {"/faults", `{"fault":"reset","seed":-1}`},
		{"/clock", `{"advance_ms":-1}`}, {"/clock", `{"advance_ms":1.5}`}, {"/clock", `{"advance_ms":9223372036854775807}`},
	} {
		status, answer, text := k.control("POST", c.path, c.body)
		if status != 400 || answer["error"] == "" || answer["error"] == nil {
			t.Errorf("%s %.60s: %d %s", c.path, c.body, status, text)
		}
		if len(text) > 400 {
			t.Errorf("%s %.60s: %d characters of complaint", c.path, c.body, len(text))
		}
	}
	for path, status := range map[string]int{"/nothing": 404, "/codes": 405} {
		got, _, _ := k.control("GET", path, "")
		k.want(path, got, status)
	}
}
