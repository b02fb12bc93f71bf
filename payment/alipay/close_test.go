package alipay

import (
	"strings"
	"testing"

	"abacus/payment"
)

func cancelNode(retry, action string) string {
	return `{"code":"10000","msg":"Success","out_trade_no":"` + testOrder + `","trade_no":"2026010122001400000000000001",` +
		`"retry_flag":"` + retry + `","action":"` + action + `"}`
}

// refusalTo is a refusal to cancel with the fields that say what was done.
func refusalTo(sub, retry, action string) answer {
	return signed(swap(refused("40004", sub), `"sub_code"`, `"retry_flag":"`+retry+`","action":"`+action+`","sub_code"`))
}

const closeNode = `{"code":"10000","msg":"Success","out_trade_no":"` + testOrder + `","trade_no":"2026010122001400000000000001"}`

func TestPresent(t *testing.T) {
	good := `{"code":"10000","msg":"Success","out_trade_no":"` + testOrder + `","qr_code":"https:\/\/qr.alipay.com\/bax03431"}`
	c, s := testClient(t, signed(good))
	ch := testCharge()
	ch.Code = ""
	a := c.Present(background(), ch)
	expectAnswer(t, a, payment.Waiting, payment.NoReason)
	if a.OrderCode != "https://qr.alipay.com/bax03431" || strings.Contains(s.seen[0].Get("biz_content"), "auth_code") {
		t.Errorf("code %q, sent %s", a.OrderCode, s.seen[0].Get("biz_content"))
	}
	for _, row := range []struct {
		old, new string
		reason   payment.Reason
	}{
		{testOrder, "T2", payment.WrongOrder},
		{`https:`, `http:`, payment.BadAnswer},
		{`bax03431`, strings.Repeat("x", 300), payment.BadAnswer},
		{`bax03431`, `\u001b[2J`, payment.BadAnswer},
		{`"qr_code"`, `"other"`, payment.BadAnswer},
	} {
		c, _ := testClient(t, signed(strings.Replace(good, row.old, row.new, 1)))
		expectAnswer(t, c.Present(background(), ch), payment.Unknown, row.reason)
	}
}

func TestReverse(t *testing.T) {
	for name, row := range map[string]struct {
		a       answer
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"closed":            {signed(cancelNode("N", "close")), payment.Reversed, payment.NoReason},
		"money went back":   {signed(cancelNode("N", "refund")), payment.Reversed, payment.PaidThenBack},
		"nothing was there": {signed(cancelNode("N", "")), payment.Reversed, payment.NotFound},
		"again, please":     {signed(cancelNode("Y", "close")), payment.Unknown, payment.SystemBusy},
		"no flag":           {signed(cancelNode("", "close")), payment.Unknown, payment.BadAnswer},
		"new action":        {signed(cancelNode("N", "hold")), payment.Unknown, payment.BadAnswer},
		"other order":       {signed(strings.Replace(cancelNode("N", "close"), testOrder, "T2", 1)), payment.Unknown, payment.WrongOrder},
		"unknown order":     {refusal("ACQ.TRADE_NOT_EXIST"), payment.Reversed, payment.NotFound},
		"closed before":     {refusal("ACQ.TRADE_HAS_CLOSE"), payment.Reversed, payment.AlreadyClosed},
		"too late":          {refusal("ACQ.TRADE_CANCEL_TIME_OUT"), payment.Declined, payment.NotRefundable},
		"not allowed":       {refusal("ACQ.CANCEL_NOT_ALLOWED"), payment.Declined, payment.NotRefundable},
		"a part is back":    {refusal("ACQ.REASON_TRADE_REFUND_FEE_ERR"), payment.Declined, payment.NotRefundable},
		"for good, it says": {refusalTo("ACQ.CANCEL_NOT_ALLOWED", "N", ""), payment.Declined, payment.NotRefundable},
		"again, it says":    {refusalTo("ACQ.CANCEL_NOT_ALLOWED", "Y", ""), payment.Unknown, payment.SystemBusy},
		"refused and done":  {refusalTo("ACQ.REASON_TRADE_REFUND_FEE_ERR", "N", "refund"), payment.Unknown, payment.BadAnswer},
		"finished":          {refusal("ACQ.TRADE_HAS_FINISHED"), payment.Declined, payment.NotRefundable},
		"too little money":  {refusal("ACQ.SELLER_BALANCE_NOT_ENOUGH"), payment.Unknown, payment.MerchantFunds},
		"system":            {refusal("ACQ.SYSTEM_ERROR"), payment.Unknown, payment.SystemBusy},
		"new code":          {refusal("ACQ.SOMETHING_NEW"), payment.Unknown, payment.BadAnswer},
		"unsigned":          {refusal("ACQ.TRADE_NOT_EXIST").without(), payment.Unknown, payment.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.a)
			expectAnswer(t, c.Reverse(background(), theOrder()), row.outcome, row.reason)
		})
	}
}

func TestClose(t *testing.T) {
	paid, dead := signed(stateNode("TRADE_SUCCESS", "", "")), signed(stateNode("TRADE_CLOSED", "", ""))
	for name, row := range map[string]struct {
		answers []answer
		outcome payment.Outcome
		reason  payment.Reason
		methods string
	}{
		"done":                {[]answer{signed(closeNode)}, payment.Reversed, payment.NoReason, "close"},
		"other order":         {[]answer{signed(strings.Replace(closeNode, testOrder, "T2", 1))}, payment.Unknown, payment.WrongOrder, "close"},
		"never scanned":       {[]answer{refusal("ACQ.TRADE_NOT_EXIST")}, payment.Unknown, payment.NotFound, "close"},
		"customer was faster": {[]answer{refusal("ACQ.TRADE_STATUS_ERROR"), paid}, payment.Paid, payment.NoReason, "close query"},
		"faster, other words": {[]answer{refusal("ACQ.REASON_TRADE_STATUS_INVALID"), paid}, payment.Paid, payment.NoReason, "close query"},
		"success named":       {[]answer{refusal("ACQ.TRADE_HAS_SUCCESS"), paid}, payment.Paid, payment.NoReason, "close query"},
		"died meanwhile":      {[]answer{refusal("ACQ.TRADE_STATUS_ERROR"), dead}, payment.Reversed, payment.AlreadyClosed, "close query"},
		"faster, silence":     {[]answer{refusal("ACQ.TRADE_STATUS_ERROR"), {status: 500}}, payment.Unknown, payment.AlreadyPaid, "close query"},
		"closed before":       {[]answer{refusal("ACQ.TRADE_HAS_CLOSE")}, payment.Reversed, payment.AlreadyClosed, "close"},
		"new code":            {[]answer{refusal("ACQ.SOMETHING_NEW")}, payment.Unknown, payment.BadAnswer, "close"},
		"unsigned":            {[]answer{signed(closeNode).without()}, payment.Unknown, payment.BadSignature, "close"},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := testClient(t, row.answers...)
			expectAnswer(t, c.Close(background(), theOrder()), row.outcome, row.reason)
			if s.methods() != row.methods {
				t.Errorf("called %s, want %s", s.methods(), row.methods)
			}
		})
	}
}
