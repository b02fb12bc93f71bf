package alipay

import (
	"strings"
	"testing"

	"abacus/internal/money"
	"abacus/payment"
)

func refundNode(fee, change string) answer {
	return signed(`{"code":"10000","msg":"Success","out_trade_no":"` + testOrder + `","trade_no":"2026010122001400000000000001",` +
		`"refund_fee":"` + fee + `","fund_change":"` + change + `"}`)
}

func refundStateNode(old, new string) answer {
	return signed(swap(`{"code":"10000","msg":"Success","out_trade_no":"`+testOrder+`","out_request_no":"R20260101000002",`+
		`"refund_amount":"0.40","total_amount":"1.00","refund_status":"REFUND_SUCCESS","trade_no":"2026010122001400000000000001"}`, old, new))
}

func TestRefund(t *testing.T) {
	known, absent := refundStateNode("", ""), signed(`{"code":"10000","msg":"Success"}`)
	echoed, failed := refundStateNode(`"refund_status":"REFUND_SUCCESS",`, ""), refundStateNode("REFUND_SUCCESS", "REFUND_FAIL")
	numbered := signed(`{"code":"10000","msg":"Success","out_request_no":"R20260101000002"}`)
	for name, row := range map[string]struct {
		answers []answer
		outcome payment.RefundOutcome
		reason  payment.Reason
	}{
		"money moved":         {[]answer{refundNode("0.40", "Y")}, payment.RefundPaid, payment.RefundDone},
		"a repeat":            {[]answer{refundNode("0.40", "N")}, payment.RefundAccepted, payment.RefundWorking},
		"a second of several": {[]answer{refundNode("0.80", "Y")}, payment.RefundAccepted, payment.RefundWorking},
		"less than asked":     {[]answer{refundNode("0.39", "Y")}, payment.RefundUnknown, payment.WrongAmount},
		"more than the order": {[]answer{refundNode("1.01", "Y")}, payment.RefundUnknown, payment.WrongAmount},
		"no sum":              {[]answer{refundNode("", "Y")}, payment.RefundUnknown, payment.WrongAmount},
		"merchant too poor":   {[]answer{refusal("ACQ.SELLER_BALANCE_NOT_ENOUGH")}, payment.RefundRefused, payment.MerchantFunds},
		"over the total":      {[]answer{refusal("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"), absent}, payment.RefundRefused, payment.NotRefundable},
		"frozen":              {[]answer{refusal("ACQ.REASON_TRADE_BEEN_FREEZEN"), absent}, payment.RefundRefused, payment.NotRefundable},
		"finished":            {[]answer{refusal("ACQ.TRADE_HAS_FINISHED"), absent}, payment.RefundRefused, payment.NotRefundable},
		"over with others":    {[]answer{refusal("ACQ.REASON_TRADE_REFUND_FEE_ERR"), absent}, payment.RefundRefused, payment.NotRefundable},
		"wrong amount":        {[]answer{refusal("ACQ.REFUND_FEE_ERROR"), absent}, payment.RefundRefused, payment.NotRefundable},
		"not allowed":         {[]answer{refusal("ACQ.TRADE_NOT_ALLOW_REFUND"), absent}, payment.RefundRefused, payment.NotRefundable},
		"closed":              {[]answer{refusal("ACQ.TRADE_HAS_CLOSE"), absent}, payment.RefundRefused, payment.NotRefundable},
		"buyer barred":        {[]answer{refusal("ACQ.BUYER_ENABLE_STATUS_FORBID"), absent}, payment.RefundRefused, payment.NotRefundable},
		"coupon, not in part": {[]answer{refusal("ACQ.NOT_ALLOW_PARTIAL_REFUND"), absent}, payment.RefundRefused, payment.NotRefundable},
		"voucher bought":      {[]answer{refusal("ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND"), absent}, payment.RefundRefused, payment.NotRefundable},
		"buyer's state":       {[]answer{refusal("ACQ.BUYER_ERROR"), absent}, payment.RefundRefused, payment.NotRefundable},
		"buyer gone":          {[]answer{refusal("ACQ.BUYER_NOT_EXIST"), absent}, payment.RefundRefused, payment.NotRefundable},
		"account closed":      {[]answer{refusal("ACQ.CUSTOMER_VALIDATE_ERROR"), absent}, payment.RefundRefused, payment.NotRefundable},
		"state, other word":   {[]answer{refusal("ACQ.REASON_TRADE_STATUS_INVALID"), absent}, payment.RefundRefused, payment.NotRefundable},
		"over, yet done":      {[]answer{refusal("ACQ.REASON_TRADE_REFUND_FEE_ERR"), known}, payment.RefundPaid, payment.RefundDone},
		"closed, yet done":    {[]answer{refusal("ACQ.TRADE_HAS_CLOSE"), known}, payment.RefundPaid, payment.RefundDone},
		"closed, yet on file": {[]answer{refusal("ACQ.TRADE_HAS_CLOSE"), echoed}, payment.RefundUnknown, payment.NotFound},
		"closed, yet failed":  {[]answer{refusal("ACQ.TRADE_HAS_CLOSE"), failed}, payment.RefundUnknown, payment.NotFound},
		"closed, yet a trace": {[]answer{refusal("ACQ.TRADE_HAS_CLOSE"), numbered}, payment.RefundUnknown, payment.NotFound},
		"closed, silence":     {[]answer{refusal("ACQ.TRADE_HAS_CLOSE"), {status: 500}}, payment.RefundUnknown, payment.SystemBusy},
		"fee for now":         {[]answer{refusal("ACQ.REFUND_CHARGE_ERROR")}, payment.RefundUnknown, payment.BadAnswer},
		"state":               {[]answer{refusal("ACQ.TRADE_STATUS_ERROR"), absent}, payment.RefundRefused, payment.NotRefundable},
		"state, yet done":     {[]answer{refusal("ACQ.TRADE_STATUS_ERROR"), known}, payment.RefundPaid, payment.RefundDone},
		"state, then silence": {[]answer{refusal("ACQ.TRADE_STATUS_ERROR"), {status: 500}}, payment.RefundUnknown, payment.SystemBusy},
		"unknown order":       {[]answer{refusal("ACQ.TRADE_NOT_EXIST")}, payment.RefundUnknown, payment.NotFound},
		"other amount before": {[]answer{refusal("ACQ.DISCORDANT_REPEAT_REQUEST")}, payment.RefundUnknown, payment.NumberUsed},
		"system":              {[]answer{refusal("ACQ.SYSTEM_ERROR")}, payment.RefundUnknown, payment.SystemBusy},
		"busy":                {[]answer{code("20000", "")}, payment.RefundUnknown, payment.SystemBusy},
		"keys":                {[]answer{code("40002", "isv.invalid-signature")}, payment.RefundRefused, payment.Configuration},
		"new code":            {[]answer{refusal("ACQ.SOMETHING_NEW")}, payment.RefundUnknown, payment.BadAnswer},
		"unsigned":            {[]answer{refundNode("0.40", "Y").without()}, payment.RefundUnknown, payment.BadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.answers...)
			a := c.Refund(background(), testRefund())
			if a.Outcome != row.outcome || a.Reason != row.reason {
				t.Errorf("got %s/%s (%s), want %s/%s", a.Outcome, a.Reason, a.Detail, row.outcome, row.reason)
			}
		})
	}
	other := refundNode("0.40", "Y")
	other.node = strings.Replace(other.node, testOrder, "T2", 1)
	c, _ := testClient(t, other)
	if a := c.Refund(background(), testRefund()); a.Outcome != payment.RefundUnknown || a.Reason != payment.WrongOrder {
		t.Errorf("other order: %+v", a)
	}
}

func TestQueryRefund(t *testing.T) {
	for name, row := range map[string]struct {
		a       answer
		outcome payment.RefundOutcome
		reason  payment.Reason
	}{
		"done":         {refundStateNode("", ""), payment.RefundPaid, payment.RefundDone},
		"working":      {refundStateNode("REFUND_SUCCESS", "REFUND_PROCESSING"), payment.RefundAccepted, payment.RefundWorking},
		"new status":   {refundStateNode("REFUND_SUCCESS", "REFUND_ODD"), payment.RefundUnknown, payment.BadAnswer},
		"empty status": {refundStateNode("REFUND_SUCCESS", ""), payment.RefundUnknown, payment.NotFound},
		"no status":    {refundStateNode(`"refund_status":"REFUND_SUCCESS",`, ""), payment.RefundUnknown, payment.NotFound},
		"failed":       {refundStateNode("REFUND_SUCCESS", "REFUND_FAIL"), payment.RefundUnknown, payment.NotFound},
		"other refund": {refundStateNode("R20260101000002", "R2"), payment.RefundUnknown, payment.WrongOrder},
		"other order":  {refundStateNode(testOrder, "T2"), payment.RefundUnknown, payment.WrongOrder},
		"other amount": {refundStateNode("0.40", "0.41"), payment.RefundUnknown, payment.WrongAmount},
		"other total":  {refundStateNode("1.00", "2.00"), payment.RefundUnknown, payment.WrongAmount},
		"no such":      {signed(`{"code":"10000","msg":"Success"}`), payment.RefundUnknown, payment.NotFound},
		"no trade":     {refusal("ACQ.TRADE_NOT_EXIST"), payment.RefundUnknown, payment.NotFound},
		"never final":  {code("40006", ""), payment.RefundUnknown, payment.Configuration},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.a)
			a := c.QueryRefund(background(), testRefund())
			if a.Outcome != row.outcome || a.Reason != row.reason {
				t.Errorf("got %s/%s (%s), want %s/%s", a.Outcome, a.Reason, a.Detail, row.outcome, row.reason)
			}
		})
	}
}

// An answer about another refund says nothing of this one, with or without a
// status: it must not make the till send it again.
func TestQueryRefundWithoutStatusIsHeldAgainstTheRefund(t *testing.T) {
	const status = `"refund_status":"REFUND_SUCCESS",`
	for _, row := range []struct {
		old, new string
		reason   payment.Reason
	}{
		{"R20260101000002", "R2", payment.WrongOrder},
		{testOrder, "T2", payment.WrongOrder},
		{"0.40", "0.41", payment.WrongAmount},
		{"1.00", "2.00", payment.WrongAmount},
	} {
		a := refundStateNode(row.old, row.new)
		a.node = swap(a.node, status, "")
		c, _ := testClient(t, a)
		if a := c.QueryRefund(background(), testRefund()); a.Outcome != payment.RefundUnknown || a.Reason != row.reason {
			t.Errorf("%s for %s: %s/%s, want %s", row.new, row.old, a.Outcome, a.Reason, row.reason)
		}
	}
}

func TestRefundIsTheSameRequestEachTime(t *testing.T) {
	c, s := testClient(t, refundNode("0.40", "Y"))
	c.Refund(background(), testRefund())
	c.Refund(background(), testRefund())
	want := `{"operator_id":"C01","out_request_no":"R20260101000002","out_trade_no":"` + testOrder + `",` +
		`"refund_amount":"0.40","refund_reason":"退货"}`
	for _, seen := range s.seen {
		if got := seen.Get("biz_content"); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
	tooMuch := testRefund()
	tooMuch.Amount = money.Fen(101)
	if a := c.Refund(background(), tooMuch); a.Outcome != payment.RefundRefused || len(s.seen) != 2 {
		t.Errorf("more than the order took: %+v", a)
	}
}
