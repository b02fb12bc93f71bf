package wechat

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"abacus/payment"
)

// A pay code is as good as money for a minute. Whatever an acquirer, a proxy
// or a library says back, no answer may carry it.
func TestNoAnswerHoldsThePayCode(t *testing.T) {
	echo := `{"code":"PARAM_ERROR","message":"auth_code ` + testCode + ` is wrong","detail":{"value":"` + testCode + `"}}`
	spread := ok(paidBody("4200000925202601014997714292", testCode))
	transports := map[string]http.RoundTripper{
		"broken line":     broken{},
		"echoed, signed":  &script{answers: []answer{{status: 400, body: echo}}},
		"echoed by proxy": &script{answers: []answer{{status: 400, body: echo, unsigned: true}}},
		"server fault":    &script{answers: []answer{{status: 500, body: echo}}},
		"as a reference":  &script{answers: []answer{spread}},
		"as a state":      &script{answers: []answer{ok(paidBody("SUCCESS", testCode))}},
		"as the funding":  &script{answers: []answer{ok(paidBody("CMB_DEBIT", testCode))}},
		"as a payer":      &script{answers: []answer{ok(paidBody("ofyak5qR_1wYsC99CsWA6R9MJazA", testCode))}},
	}
	for name, transport := range transports {
		t.Run(name, func(t *testing.T) {
			a := mustNew(t, testConfig(transport)).Charge(background(), testCharge())
			if text := fmt.Sprintf("%+v %v %#v", a, a.Err, a.Err); strings.Contains(text, testCode) {
				t.Errorf("the pay code is in %s", text)
			}
		})
	}
	// Nor one of an earlier call, quoted at a later one.
	c, _ := testClient(t, answer{status: 400, body: echo})
	for _, a := range []payment.Answer{c.Query(background(), theOrder()), c.Reverse(background(), theOrder()), c.Close(background(), theOrder())} {
		if text := fmt.Sprintf("%+v %v", a, a.Err); strings.Contains(text, testCode) {
			t.Errorf("the pay code is in %s", text)
		}
	}
	if a := c.Refund(background(), testRefund()); strings.Contains(a.Detail, testCode) {
		t.Errorf("the pay code is in %s", a.Detail)
	}
}

// Nor may an answer drive the terminal it is shown on.
func TestNoAnswerHoldsControlCharacters(t *testing.T) {
	c, _ := testClient(t, answer{status: 400, body: "{\"code\":\"NOTENOUGH\",\"message\":\"\\u001b[2J\\nx\\u202e\"}"})
	a := c.Charge(background(), testCharge())
	if strings.ContainsAny(a.Detail, "\x1b\n\u202e") || !strings.Contains(a.Detail, "x") {
		t.Errorf("detail %q", a.Detail)
	}
}
