package wechat

import (
	"strings"
	"testing"
	"time"

	"abacus/payment"
)

func presentCharge() payment.Charge {
	c := testCharge()
	c.Code, c.Expires = "", testNow.Add(2*time.Minute).In(time.FixedZone("CST", 8*3600))
	return c
}

func TestPresent(t *testing.T) {
	c, s := testClient(t, ok(`{"code_url":"weixin://wxpay/bizpayurl?pr=abc123"}`))
	a := c.Present(background(), presentCharge())
	expectAnswer(t, a, payment.Waiting, payment.NoReason)
	if a.OrderCode != "weixin://wxpay/bizpayurl?pr=abc123" {
		t.Errorf("order code %q", a.OrderCode)
	}
	for _, part := range []string{"/v3/pay/transactions/native", `"time_expire":"2026-01-01T00:02:00+08:00"`, `"notify_url":"https://till.invalid/wechat"`} {
		if !strings.Contains(s.seen[0], part) {
			t.Errorf("request %s lacks %s", s.seen[0], part)
		}
	}
}

func TestPresentRefusesWhatIsNoOrderCode(t *testing.T) {
	for _, code := range []string{"", "https://evil.example/", "weixin://a b", "weixin://\\u001b[2J", "weixin://" + strings.Repeat("x", 300)} {
		c, _ := testClient(t, ok(`{"code_url":"`+code+`"}`))
		expectAnswer(t, c.Present(background(), presentCharge()), payment.Unknown, payment.BadAnswer)
	}
}

func TestPresentReadsCodes(t *testing.T) {
	for code, want := range map[string]struct {
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"ORDERPAID":         {payment.Unknown, payment.AlreadyPaid},
		"OUT_TRADE_NO_USED": {payment.Unknown, payment.NumberUsed},
		"PARAM_ERROR":       {payment.Declined, payment.Configuration},
		"USERPAYING":        {payment.Unknown, payment.Password},
	} {
		c, _ := testClient(t, refusal(400, code))
		expectAnswer(t, c.Present(background(), presentCharge()), want.outcome, want.reason)
	}
}

func TestReverse(t *testing.T) {
	good := `{"mchid":"` + testMch + `","appid":"` + testApp + `","out_trade_no":"` + testOrder + `"}`
	for name, row := range map[string]struct {
		a       answer
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"done":             {ok(good), payment.Reversed, payment.NoReason},
		"without appid":    {ok(strings.Replace(good, `"appid":"`+testApp+`",`, "", 1)), payment.Reversed, payment.NoReason},
		"other order":      {ok(strings.Replace(good, testOrder, "T20260101000002", 1)), payment.Unknown, payment.WrongOrder},
		"other merchant":   {ok(strings.Replace(good, testMch, "999", 1)), payment.Unknown, payment.WrongOrder},
		"other app":        {ok(strings.Replace(good, testApp, "wx1", 1)), payment.Unknown, payment.WrongOrder},
		"a query's":        {ok(strings.Replace(good, "{", `{"trade_state":"USERPAYING",`, 1)), payment.Unknown, payment.BadAnswer},
		"a charge's":       {ok(strings.Replace(good, "{", `{"success_time":"2026-01-01T00:00:00+08:00",`, 1)), payment.Unknown, payment.BadAnswer},
		"a query's, ended": {ok(strings.Replace(good, "{", `{"trade_state":"REVOKED",`, 1)), payment.Reversed, payment.NoReason},
		"accepted, no end": {answer{status: 202, body: good}, payment.Unknown, payment.BadAnswer},
		"empty":            {answer{status: 204}, payment.Unknown, payment.BadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.a)
			expectAnswer(t, c.Reverse(background(), theOrder()), row.outcome, row.reason)
		})
	}
}

func TestReverseAgainstTheRules(t *testing.T) {
	for name, row := range map[string]struct {
		then    answer
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"paid":     {ok(paidBody("", "")), payment.Declined, payment.AlreadyPaid},
		"refunded": {ok(paidBody("SUCCESS", "REFUND")), payment.Declined, payment.AlreadyPaid},
		"unpaid":   {ok(paidBody("SUCCESS", "NOTPAY")), payment.Unknown, payment.BadAnswer},
		"silence":  {answer{status: 502, unsigned: true}, payment.Unknown, payment.BadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, refusal(400, "INVALID_REQUEST"), row.then)
			expectAnswer(t, c.Reverse(background(), theOrder()), row.outcome, row.reason)
		})
	}
}

func TestClose(t *testing.T) {
	done := answer{status: 204}
	for name, row := range map[string]struct {
		answers []answer
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"done":                 {[]answer{done}, payment.Reversed, payment.NoReason},
		"done, unsigned":       {[]answer{done.without()}, payment.Unknown, payment.BadSignature},
		"200 is not 204":       {[]answer{ok("{}")}, payment.Unknown, payment.BadAnswer},
		"unknown order":        {[]answer{refusal(404, "ORDER_NOT_EXIST")}, payment.Reversed, payment.NotFound},
		"closed before":        {[]answer{refusal(400, "ORDER_CLOSED")}, payment.Reversed, payment.AlreadyClosed},
		"customer was faster":  {[]answer{refusal(400, "ORDER_PAID"), ok(paidBody("", ""))}, payment.Paid, payment.NoReason},
		"faster, other amount": {[]answer{refusal(400, "ORDERPAID"), ok(paidBody(`"total":100`, `"total":1`))}, payment.Unknown, payment.AlreadyPaid},
		"faster, then silence": {[]answer{refusal(400, "ORDERPAID"), {status: 500}}, payment.Unknown, payment.AlreadyPaid},
		"faster, then undone":  {[]answer{refusal(400, "ORDERPAID"), ok(paidBody(`"SUCCESS"`, `"CLOSED"`))}, payment.Reversed, payment.AlreadyClosed},
		"a pay-code order":     {[]answer{refusal(400, "268449641")}, payment.Unknown, payment.BadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.answers...)
			expectAnswer(t, c.Close(background(), theOrder()), row.outcome, row.reason)
		})
	}
}
