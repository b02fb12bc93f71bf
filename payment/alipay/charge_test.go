package alipay

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/payment"
)

func TestChargePaid(t *testing.T) {
	c, s := testClient(t, signed(paidNode("", "")))
	a := c.Charge(background(), testCharge())
	expectAnswer(t, a, payment.Paid, payment.NoReason)
	paidAt := time.Date(2025, 12, 31, 16, 0, 1, 0, time.UTC)
	if a.Reference != "2026010122001400000000000001" || a.Payer != "159****5620" || a.Funding != "PCREDIT" ||
		a.Instalments != 3 || !a.PaidAt.Equal(paidAt) || a.Err != nil {
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
		"other order":         {testOrder, "T20260101000003", payment.Unknown, payment.WrongOrder},
		"no order":            {`"out_trade_no":"` + testOrder + `",`, ``, payment.Unknown, payment.WrongOrder},
		"a fen less":          {`"total_amount":"1.00"`, `"total_amount":"0.99"`, payment.Unknown, payment.WrongAmount},
		"fen for yuan":        {`"total_amount":"1.00"`, `"total_amount":"100"`, payment.Unknown, payment.WrongAmount},
		"a third decimal":     {`"total_amount":"1.00"`, `"total_amount":"1.001"`, payment.Unknown, payment.WrongAmount},
		"no total":            {`"total_amount":"1.00",`, ``, payment.Unknown, payment.WrongAmount},
		"total as a float":    {`"total_amount":"1.00"`, `"total_amount":1.00`, payment.Unknown, payment.BadAnswer},
		"one decimal":         {`"total_amount":"1.00"`, `"total_amount":"1.0"`, payment.Paid, payment.NoReason},
		"other currency":      {`"total_amount"`, `"trans_currency":"USD","total_amount"`, payment.Unknown, payment.WrongAmount},
		"asked for password":  {`"10000"`, `"10003"`, payment.Waiting, payment.Password},
		"a query in disguise": {`"total_amount"`, `"trade_status":"WAIT_BUYER_PAY","total_amount"`, payment.Unknown, payment.BadAnswer},
		"odd funding":         {`[{"amount":"0.40","fund_channel":"PCREDIT"},{"amount":"0.60","fund_channel":"BANKCARD"}]`, `{"a":1}`, payment.Paid, payment.NoReason},
		"odd instalments":     {`"user_install_num":"3"`, `"user_install_num":3`, payment.Paid, payment.NoReason},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, signed(paidNode(row.old, row.new)))
			expectAnswer(t, c.Charge(background(), testCharge()), row.outcome, row.reason)
		})
	}
	waiting := strings.Replace(paidNode(testOrder, "T20260101000003"), "10000", "10003", 1)
	c, _ := testClient(t, signed(waiting))
	expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, payment.WrongOrder)
}

func TestQuery(t *testing.T) {
	for name, row := range map[string]struct {
		node    string
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"waiting":        {stateNode("WAIT_BUYER_PAY", "", ""), payment.Waiting, payment.Password},
		"paid":           {stateNode("TRADE_SUCCESS", "", ""), payment.Paid, payment.NoReason},
		"finished":       {stateNode("TRADE_FINISHED", "", ""), payment.Paid, payment.NoReason},
		"closed":         {stateNode("TRADE_CLOSED", "", ""), payment.Reversed, payment.AlreadyClosed},
		"new state":      {stateNode("TRADE_PENDING", "", ""), payment.Unknown, payment.BadAnswer},
		"no state":       {stateNode("", "", ""), payment.Unknown, payment.BadAnswer},
		"other order":    {stateNode("TRADE_CLOSED", testOrder, "T2"), payment.Unknown, payment.WrongOrder},
		"other amount":   {stateNode("TRADE_SUCCESS", "1.00", "1.01"), payment.Unknown, payment.WrongAmount},
		"no amount":      {stateNode("TRADE_SUCCESS", `"total_amount":"1.00",`, ""), payment.Unknown, payment.WrongAmount},
		"closed, no sum": {stateNode("TRADE_CLOSED", `"total_amount":"1.00",`, ""), payment.Reversed, payment.AlreadyClosed},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, signed(row.node))
			expectAnswer(t, c.Query(background(), theOrder()), row.outcome, row.reason)
		})
	}
	c, _ := testClient(t, signed(stateNode("TRADE_SUCCESS", "", "")))
	if a := c.Query(background(), theOrder()); a.Funding != "ALIPAYACCOUNT" || a.PaidAt.IsZero() {
		t.Errorf("a funding list in a string: %+v", a)
	}
}

// The gateway signs nothing for an application it cannot sign for. That says
// what to put right, and decides nothing.
func TestUnsignedRefusalsOfTheGateway(t *testing.T) {
	forged := code("40002", "isv.invalid-app-id")
	forged.forged = true
	for name, row := range map[string]struct {
		a      answer
		reason payment.Reason
	}{
		"unknown app":   {code("40002", "isv.invalid-app-id").without(), payment.Configuration},
		"no public key": {code("40003", "isv.missing-signature-config").without(), payment.Configuration},
		"no app":        {code("40001", "isv.missing-app-id").without(), payment.Configuration},
		"token":         {code("20001", "aop.invalid-auth-token").without(), payment.Configuration},
		"not permitted": {code("40006", "isv.insufficient-isv-permissions").without(), payment.Configuration},
		"other time":    {code("40002", "isv.invalid-timestamp").without(), payment.ClockSkew},
		"no method":     {answer{name: "error_response", node: refused("40001", "isv.missing-method"), unsigned: true}, payment.Configuration},
		"of business":   {refusal("ACQ.INVALID_PARAMETER").without(), payment.BadSignature},
		"busy":          {code("20000", "isp.unknow-error").without(), payment.BadSignature},
		"forged":        {forged, payment.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.a)
			for op, a := range map[string]payment.Answer{
				"charge":  c.Charge(background(), testCharge()),
				"present": c.Present(background(), testCharge()),
				"query":   c.Query(background(), theOrder()),
				"reverse": c.Reverse(background(), theOrder()),
				"close":   c.Close(background(), theOrder()),
			} {
				if a.Outcome != payment.Unknown || a.Reason != row.reason {
					t.Errorf("%s: got %s/%s, want %s/%s", op, a.Outcome, a.Reason, payment.Unknown, row.reason)
				}
			}
			for op, a := range map[string]payment.RefundAnswer{
				"refund":       c.Refund(background(), testRefund()),
				"refund query": c.QueryRefund(background(), testRefund()),
			} {
				if a.Outcome != payment.RefundUnknown || a.Reason != row.reason {
					t.Errorf("%s: got %s/%s, want %s/%s", op, a.Outcome, a.Reason, payment.RefundUnknown, row.reason)
				}
			}
			if _, found, err := c.Find(background(), "2026010122001400000000000001"); found || err == nil {
				t.Errorf("find: %v, %v", found, err)
			}
		})
	}
}

// What is no proof of anything leaves every call in doubt.
func TestUnprovenAnswers(t *testing.T) {
	good := signed(paidNode("", ""))
	forged, swapped, renamed := good, good, good
	forged.forged, swapped.signedAs, renamed.name = true, paidNode("1.00", "9.00"), "alipay_other_response"
	for name, row := range map[string]struct {
		a      answer
		reason payment.Reason
	}{
		"unsigned":           {good.without(), payment.BadSignature},
		"unsigned null":      {signed("null").without(), payment.BadSignature},
		"unsigned list":      {signed("[]").without(), payment.BadAnswer},
		"forged":             {forged, payment.BadSignature},
		"other bytes":        {swapped, payment.BadSignature},
		"other method":       {renamed, payment.BadAnswer},
		"error_response":     {answer{name: "error_response", node: paidNode("", "")}, payment.BadSignature},
		"null error":         {answer{name: "error_response", node: "null"}, payment.BadSignature},
		"signature no text":  {answer{raw: `{"alipay_trade_pay_response":{"code":"10000"},"sign":12}`}, payment.BadSignature},
		"not base64":         {answer{raw: `{"alipay_trade_pay_response":{"code":"10000"},"sign":"%%%%"}`}, payment.BadSignature},
		"unknown cert":       {answer{raw: `{"alipay_trade_pay_response":{"code":"10000"},"sign":"AAAA","alipay_cert_sn":"abc"}`}, payment.BadSignature},
		"encrypted":          {answer{raw: `{"alipay_trade_pay_response":"AAAA","sign":"AAAA"}`}, payment.BadAnswer},
		"captive portal":     {answer{raw: "<html>Wi-Fi</html>"}, payment.BadAnswer},
		"cut":                {answer{raw: `{"alipay_trade_pay_response":{"code":"100`}, payment.BadAnswer},
		"empty object":       {answer{raw: "{}"}, payment.BadAnswer},
		"signed no object":   {signed(`"x"`), payment.BadSignature},
		"server fault":       {answer{status: 502, raw: "oops"}, payment.SystemBusy},
		"too often":          {answer{status: 429, raw: "slow down"}, payment.SystemBusy},
		"redirect":           {answer{status: 302, raw: "moved"}, payment.BadAnswer},
		"signed under a 404": {answer{status: 404, node: paidNode("", "")}, payment.BadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.a)
			a := c.Charge(background(), testCharge())
			expectAnswer(t, a, payment.Unknown, row.reason)
			for op, a := range map[string]payment.Answer{
				"query":   c.Query(background(), theOrder()),
				"reverse": c.Reverse(background(), theOrder()),
				"close":   c.Close(background(), theOrder()),
				"present": c.Present(background(), testCharge()),
			} {
				if a.Outcome != payment.Unknown {
					t.Errorf("%s: got %s/%s", op, a.Outcome, a.Reason)
				}
			}
			if r := c.Refund(background(), testRefund()); r.Outcome != payment.RefundUnknown {
				t.Errorf("refund: got %s/%s", r.Outcome, r.Reason)
			}
		})
	}
}

// The four ways in which a well-known payment middle layer loses money.
func TestTrapsOfAMiddleLayer(t *testing.T) {
	t.Run("a wait that ends is cancelled, not left open", func(t *testing.T) {
		c, _ := testClient(t)
		if timing := c.Timing(); timing.Deadline == 0 || timing.NoReverseUntil != 0 {
			t.Errorf("timing %+v", timing)
		}
	})
	t.Run("an error without a code is in doubt", func(t *testing.T) {
		a := mustNew(t, testConfig(broken{})).Charge(background(), testCharge())
		expectAnswer(t, a, payment.Unknown, payment.NoAnswer)
	})
	t.Run("20000 is in doubt", func(t *testing.T) {
		c, _ := testClient(t, code("20000", ""))
		expectAnswer(t, c.Charge(background(), testCharge()), payment.Unknown, payment.SystemBusy)
	})
	t.Run("closed means that Alipay closed it", func(t *testing.T) {
		c, s := testClient(t, code("20000", ""))
		if a := c.Close(background(), theOrder()); a.Outcome != payment.Unknown || s.methods() != "close" {
			t.Errorf("got %s after %s", a.Outcome, s.methods())
		}
	})
}

func TestHuabei(t *testing.T) {
	for name, row := range map[string]struct {
		huabei payment.Huabei
		want   string
	}{
		"allowed":         {payment.Huabei{}, `null null`},
		"forbidden":       {payment.Huabei{Forbid: true}, `"pcredit,pcreditpayInstallment" null`},
		"forbidden wins":  {payment.Huabei{Forbid: true, Instalments: 3}, `"pcredit,pcreditpayInstallment" null`},
		"buyer pays fee":  {payment.Huabei{Instalments: 6}, `null {"hb_fq_num":"6","hb_fq_seller_percent":"0"}`},
		"seller pays fee": {payment.Huabei{Instalments: 12, SellerPays: true}, `null {"hb_fq_num":"12","hb_fq_seller_percent":"100"}`},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := testClient(t, signed(paidNode("", "")))
			ch := testCharge()
			ch.Huabei = row.huabei
			c.Charge(background(), ch)
			c.Present(background(), ch)
			for _, seen := range s.seen {
				var biz map[string]any
				if err := json.Unmarshal([]byte(seen.Get("biz_content")), &biz); err != nil {
					t.Fatal(err)
				}
				if got := asText(biz["disable_pay_channels"]) + " " + asText(biz["extend_params"]); got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
			}
		})
	}
	c, s := testClient(t, signed(paidNode("", "")))
	ch := testCharge()
	ch.Huabei.Instalments = 5
	if a := c.Charge(background(), ch); a.Outcome != payment.Declined || a.Reason != payment.Configuration || len(s.seen) != 0 {
		t.Errorf("five instalments: %+v", a)
	}
}

func TestChargeRefusedBeforeItIsSent(t *testing.T) {
	for name, change := range map[string]func(*payment.Charge){
		"nothing":        func(c *payment.Charge) { c.Amount = money.Fen(0) },
		"other currency": func(c *payment.Charge) { c.Amount = money.New(100, "JPY") },
		"odd number":     func(c *payment.Charge) { c.Order = "T2026-01-01" },
		"no code":        func(c *payment.Charge) { c.Code = "" },
	} {
		t.Run(name, func(t *testing.T) {
			c, s := testClient(t, signed(paidNode("", "")))
			ch := testCharge()
			change(&ch)
			if a := c.Charge(background(), ch); a.Outcome != payment.Declined || len(s.seen) != 0 || a.Err == nil {
				t.Errorf("got %+v after %d calls", a, len(s.seen))
			}
		})
	}
}

func TestSubjectLeavesOutWhatAlipayRefuses(t *testing.T) {
	c, s := testClient(t, signed(paidNode("", "")))
	ch := testCharge()
	ch.Subject = "1/2=3&" + strings.Repeat("长", 60)
	c.Charge(background(), ch)
	biz := s.seen[0].Get("biz_content")
	if want := `"subject":"1 2 3 ` + strings.Repeat("长", 34) + `"`; !strings.Contains(biz, want) {
		t.Errorf("content %s lacks %s", biz, want)
	}
}

// A machine whose clock is wrong must not leave an order open for hours.
func TestOrderDiesByAlipaysClock(t *testing.T) {
	for life, want := range map[time.Duration]string{
		0: "2m", time.Second: "1m", time.Minute: "1m", 150 * time.Second: "3m", time.Hour: "60m",
	} {
		c, s := testClient(t, signed(paidNode("", "")))
		ch := testCharge()
		ch.Life, ch.Expires = life, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
		c.Charge(background(), ch)
		biz := s.seen[0].Get("biz_content")
		if !strings.Contains(biz, `"timeout_express":"`+want+`"`) || strings.Contains(biz, "time_expire") {
			t.Errorf("an order that may live %v: %s", life, biz)
		}
	}
}
