package wechat

import (
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

func TestChargePaid(t *testing.T) {
	c, s := testClient(t, ok(paidBody("", "")))
	a := c.Charge(background(), testCharge())
	expectAnswer(t, a, payment.Paid, payment.NoReason)
	if a.Reference != "4200000925202601014997714292" || a.Payer != "ofy…azA" ||
		a.Funding != "CMB_DEBIT" || !a.PaidAt.Equal(testNow.Add(time.Second)) || a.Err != nil {
		t.Errorf("answer: %+v", a)
	}
	if len(s.seen) != 1 {
		t.Errorf("%d calls for one charge", len(s.seen))
	}
}

// Each row is one word of a good answer replaced by another.
func TestChargeMatchesTheAnswer(t *testing.T) {
	for name, row := range map[string]struct {
		old, new string
		outcome  payment.Outcome
		reason   payment.Reason
	}{
		"other order":          {testOrder, "T20260101000002", payment.Unknown, payment.WrongOrder},
		"no merchant":          {`"mchid":"` + testMch + `",`, ``, payment.Unknown, payment.WrongOrder},
		"no order":             {`"out_trade_no":"` + testOrder + `",`, ``, payment.Unknown, payment.WrongOrder},
		"other merchant":       {testMch, "1230000110", payment.Unknown, payment.WrongOrder},
		"other app":            {testApp, "wx0000000000000000", payment.Unknown, payment.WrongOrder},
		"no app":               {`"appid":"` + testApp + `",`, ``, payment.Paid, payment.NoReason}, // it may be left out
		"a fen less":           {`"total":100`, `"total":99`, payment.Unknown, payment.WrongAmount},
		"a hundred times":      {`"total":100`, `"total":10000`, payment.Unknown, payment.WrongAmount},
		"no total":             {`"total":100,`, ``, payment.Unknown, payment.WrongAmount},
		"other currency":       {`"currency":"CNY",`, `"currency":"HKD",`, payment.Unknown, payment.WrongAmount},
		"no currency":          {`"currency":"CNY",`, ``, payment.Unknown, payment.WrongAmount},
		"total as a text":      {`"total":100`, `"total":"100"`, payment.Unknown, payment.BadAnswer},
		"total as a fraction":  {`"total":100`, `"total":100.5`, payment.Unknown, payment.BadAnswer},
		"no state":             {`"trade_state":"SUCCESS",`, ``, payment.Unknown, payment.BadAnswer},
		"new state":            {`"SUCCESS"`, `"SETTLED"`, payment.Unknown, payment.BadAnswer},
		"state in lower case":  {`"SUCCESS"`, `"success"`, payment.Unknown, payment.BadAnswer},
		"asked for a password": {`"SUCCESS"`, `"USERPAYING"`, payment.Waiting, payment.Password},
		"not paid yet":         {`"SUCCESS"`, `"NOTPAY"`, payment.Waiting, payment.NoReason},
		"accepted":             {`"SUCCESS"`, `"ACCEPT"`, payment.Waiting, payment.NoReason},
		"reversed":             {`"SUCCESS"`, `"REVOKED"`, payment.Reversed, payment.AlreadyClosed},
		"closed":               {`"SUCCESS"`, `"CLOSED"`, payment.Reversed, payment.AlreadyClosed},
		"refunded since":       {`"SUCCESS"`, `"REFUND"`, payment.Paid, payment.GivenBack},
		"failed":               {`"SUCCESS"`, `"PAYERROR"`, payment.Declined, payment.Refused},
		"success, odd time":    {`2026-01-01T00:00:01+08:00`, `soon`, payment.Paid, payment.NoReason},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, ok(paidBody(row.old, row.new)))
			charged := c.Charge(background(), testCharge())
			expectAnswer(t, charged, row.outcome, row.reason)
			if charged.Lives != (name == "failed") {
				t.Errorf("an order that could still be paid: %v", charged.Lives)
			}
			expectAnswer(t, c.Query(background(), theOrder()), row.outcome, row.reason)
		})
	}
}

// WeChat names an unpaid order's total and not its currency, as in this answer of
// the real one to a query.
func TestUnpaidOrderWithoutCurrency(t *testing.T) {
	captured := `{"amount":{"payer_currency":"CNY","total":100},"appid":"` + testApp + `","mchid":"` + testMch + `",` +
		`"out_trade_no":"` + testOrder + `","promotion_detail":[],"scene_info":{"device_id":""},"trade_state":"NOTPAY","trade_state_desc":"订单未支付"}`
	for name, row := range map[string]struct {
		old, new string
		outcome  payment.Outcome
		reason   payment.Reason
	}{
		"as it came":     {"", "", payment.Waiting, payment.NoReason},
		"closed":         {"NOTPAY", "CLOSED", payment.Reversed, payment.AlreadyClosed},
		"failed":         {"NOTPAY", "PAYERROR", payment.Declined, payment.Refused},
		"paid":           {"NOTPAY", "SUCCESS", payment.Unknown, payment.WrongAmount},
		"refunded since": {"NOTPAY", "REFUND", payment.Unknown, payment.WrongAmount},
		"other total":    {`"total":100`, `"total":99`, payment.Unknown, payment.WrongAmount},
		"other currency": {`"total":100`, `"total":100,"currency":"HKD"`, payment.Unknown, payment.WrongAmount},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, ok(strings.Replace(captured, row.old, row.new, 1)))
			expectAnswer(t, c.Query(background(), theOrder()), row.outcome, row.reason)
		})
	}
}

// USERPAYING comes in three shapes.
func TestPasswordInEveryShape(t *testing.T) {
	for name, a := range map[string]answer{
		"202 without an order":   {status: 202, body: `{"trade_state":"USERPAYING"}`},
		"200 with the state":     ok(paidBody(`"SUCCESS"`, `"USERPAYING"`)),
		"200 with no more":       ok(`{"trade_state":"USERPAYING"}`),
		"an error object":        refusal(400, "USERPAYING"),
		"the same under a 202":   refusal(202, "USERPAYING"),
		"202 with another state": {status: 202, body: paidBody(`"SUCCESS"`, `"NOTPAY"`)},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, a)
			if got := c.Charge(background(), testCharge()); got.Outcome != payment.Waiting {
				t.Errorf("got %s/%s", got.Outcome, got.Reason)
			}
		})
	}
	c, _ := testClient(t, answer{status: 202, body: paidBody("", "")})
	expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, payment.BadAnswer)
}

// What is no proof of anything leaves every call in doubt.
func TestUnprovenAnswers(t *testing.T) {
	good := ok(paidBody("", ""))
	forged, probe, swapped := good, good, good
	forged.forged, probe.probe, swapped.signedAs = true, true, paidBody(`"SUCCESS"`, `"NOTPAY"`)
	for name, row := range map[string]struct {
		a      answer
		reason payment.Reason
	}{
		"unsigned":         {good.without(), payment.BadSignature},
		"forged":           {forged, payment.BadSignature},
		"probe":            {probe, payment.BadSignature},
		"other body":       {swapped, payment.BadSignature},
		"stale":            {good.at(-5*time.Minute - time.Second), payment.ClockSkew},
		"from the future":  {good.at(5*time.Minute + time.Second), payment.ClockSkew},
		"captive portal":   {answer{status: 200, body: "<html>Wi-Fi</html>", unsigned: true}, payment.BadSignature},
		"garbage":          {ok("\x00\xff{"), payment.BadAnswer},
		"empty":            {ok(""), payment.BadAnswer},
		"cut":              {ok(paidBody("", "")[:90]), payment.BadAnswer},
		"a list":           {ok("[]"), payment.BadAnswer},
		"null":             {ok("null"), payment.BadAnswer},
		"redirect":         {answer{status: 302, body: "", unsigned: true}, payment.BadSignature},
		"signed redirect":  {answer{status: 307, body: "{}"}, payment.BadAnswer},
		"server fault":     {answer{status: 500, body: "oops", unsigned: true}, payment.SystemBusy},
		"signed, no code":  {answer{status: 400, body: "{}"}, payment.BadAnswer},
		"signed, not JSON": {answer{status: 400, body: "bad request"}, payment.BadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.a)
			for op, a := range map[string]payment.Answer{
				"charge":  c.Charge(background(), testCharge()),
				"query":   c.Query(background(), theOrder()),
				"reverse": c.Reverse(background(), theOrder()),
				"close":   c.Close(background(), theOrder()),
				"present": c.Present(background(), testCharge()),
			} {
				wrongKind := name == "null" && a.Reason == payment.WrongOrder // null reads as an answer about nothing
				if a.Outcome != payment.Unknown || a.Reason != row.reason && !wrongKind {
					t.Errorf("%s: got %s/%s, want unknown/%s", op, a.Outcome, a.Reason, row.reason)
				}
			}
			if r := c.Refund(background(), testRefund()); r.Outcome != payment.RefundUnknown {
				t.Errorf("refund: got %s/%s", r.Outcome, r.Reason)
			}
		})
	}
	c, _ := testClient(t, good.at(5*time.Minute))
	expectAnswer(t, c.Charge(background(), testCharge()), payment.Paid, payment.NoReason)
}

// The four ways in which a well-known payment middle layer loses money: a
// silent line and a system error taken for a refusal, an order left open after
// the last query, and one closed in the books without asking.
func TestTrapsOfAMiddleLayer(t *testing.T) {
	t.Run("a wait that ends is reversed, not left open", func(t *testing.T) {
		timing := mustNew(t, testConfig(nil)).Timing()
		if timing.Deadline == 0 || timing.NoReverseUntil != 15*time.Second || timing.Deadline < timing.NoReverseUntil {
			t.Errorf("timing %+v", timing)
		}
	})
	t.Run("an error without a code is in doubt", func(t *testing.T) {
		c := mustNew(t, testConfig(broken{}))
		a := c.Charge(background(), testCharge())
		expectAnswer(t, a, payment.Unknown, payment.NoAnswer)
	})
	t.Run("only the table's codes are refusals", func(t *testing.T) {
		c, _ := testClient(t, refusal(400, "SERVICE_NOT_AVAILABLE_TODAY"))
		expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, payment.BadAnswer)
	})
	t.Run("closed means that WeChat closed it", func(t *testing.T) {
		c, s := testClient(t, answer{status: 500, unsigned: true})
		if a := c.Close(background(), theOrder()); a.Outcome != payment.Unknown || len(s.seen) != 1 {
			t.Errorf("got %s after %d calls", a.Outcome, len(s.seen))
		}
	})
}

// The shop's own number is out_id, of letters and digits; id is WeChat's.
func TestStoreIsNamedByTheShopsNumber(t *testing.T) {
	for name, row := range map[string]struct{ configured, charged, want string }{
		"configured":     {"0001", "S001", "0001"},
		"the charge's":   {"", "S001", "S001"},
		"other signs":    {"sh_gu-lou.01", "", "shgulou01"},
		"other letters":  {"鼓楼店2", "", "2"},
		"none of its":    {"鼓楼店", "S001", "S001"},
		"none at all":    {"-_-", "鼓楼", testMch},
		"nothing":        {"", "", testMch},
		"long":           {strings.Repeat("a1", 20), "", strings.Repeat("a1", 16)},
		"digits of wide": {"１２", "", testMch},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: []answer{ok(paidBody("", ""))}}
			config := testConfig(s)
			config.StoreID = row.configured
			charge := testCharge()
			charge.Store = row.charged
			mustNew(t, config).Charge(background(), charge)
			if want := `"store_info":{"out_id":"` + row.want + `"}`; !strings.Contains(s.seen[0], want) {
				t.Errorf("request %s lacks %s", s.seen[0], want)
			}
		})
	}
}

func TestChargeRefusedBeforeItIsSent(t *testing.T) {
	change := func(f func(*payment.Charge)) payment.Charge { c := testCharge(); f(&c); return c }
	for name, row := range map[string]struct {
		charge payment.Charge
		reason payment.Reason
	}{
		"nothing":        {change(func(c *payment.Charge) { c.Amount = money.Fen(0) }), payment.Configuration},
		"less":           {change(func(c *payment.Charge) { c.Amount = money.Fen(-1) }), payment.Configuration},
		"too much":       {change(func(c *payment.Charge) { c.Amount = money.Fen(money.Limit + 1) }), payment.Configuration},
		"other currency": {change(func(c *payment.Charge) { c.Amount = money.New(100, "JPY") }), payment.Configuration},
		"no number":      {change(func(c *payment.Charge) { c.Order = "" }), payment.Configuration},
		"long number":    {change(func(c *payment.Charge) { c.Order = strings.Repeat("1", 33) }), payment.Configuration},
		"odd number":     {change(func(c *payment.Charge) { c.Order = "T2026/../1" }), payment.Configuration},
		"no code":        {change(func(c *payment.Charge) { c.Code = "" }), payment.CodeInvalid},
		"a link":         {change(func(c *payment.Charge) { c.Code = "https://qr.alipay.com/x" }), payment.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := testClient(t, ok(paidBody("", "")))
			a := c.Charge(background(), row.charge)
			expectAnswer(t, a, payment.Declined, row.reason)
			if len(s.seen) != 0 || a.Err == nil {
				t.Errorf("%d calls, error %v", len(s.seen), a.Err)
			}
		})
	}
}
