package wechat

import (
	"strings"
	"testing"

	"abacus/internal/money"
	"abacus/payment"
)

func refundBody(old, new string) string {
	body := `{"refund_id":"50300000002026010100000000001","out_refund_no":"R20260101000001",` +
		`"transaction_id":"4200000925202601014997714292","out_trade_no":"` + testOrder + `","channel":"ORIGINAL",` +
		`"status":"SUCCESS","amount":{"total":100,"refund":40,"currency":"CNY"}}`
	if old != "" && !strings.Contains(body, old) {
		panic("no such text: " + old)
	}
	return strings.ReplaceAll(body, old, new)
}

type refundRow struct {
	answers []answer
	outcome payment.RefundOutcome
	reason  payment.Reason
}

func refundRows() map[string]refundRow {
	changed := func(old, new string) []answer { return []answer{ok(refundBody(old, new))} }
	return map[string]refundRow{
		"done":           {changed("", ""), payment.RefundPaid, payment.RefundDone},
		"working":        {changed("SUCCESS", "PROCESSING"), payment.RefundAccepted, payment.RefundWorking},
		"closed":         {changed("SUCCESS", "CLOSED"), payment.RefundRefused, payment.RefundClosed},
		"abnormal":       {changed("SUCCESS", "ABNORMAL"), payment.RefundStuck, payment.RefundAbnormal},
		"new status":     {changed("SUCCESS", "DONE"), payment.RefundUnknown, payment.BadAnswer},
		"other refund":   {changed("R20260101000001", "R2"), payment.RefundUnknown, payment.WrongOrder},
		"other order":    {changed(testOrder, "T2"), payment.RefundUnknown, payment.WrongOrder},
		"other amount":   {changed(`"refund":40`, `"refund":41`), payment.RefundUnknown, payment.WrongAmount},
		"other total":    {changed(`"total":100`, `"total":101`), payment.RefundUnknown, payment.WrongAmount},
		"no amount":      {changed(`"refund":40,`, ``), payment.RefundUnknown, payment.WrongAmount},
		"other currency": {changed("CNY", "USD"), payment.RefundUnknown, payment.WrongAmount},
		"not even JSON":  {[]answer{ok("done")}, payment.RefundUnknown, payment.BadAnswer},
		"unknown order":  {[]answer{refusal(404, "RESOURCE_NOT_EXISTS")}, payment.RefundUnknown, payment.NotFound},
		"server fault":   {[]answer{refusal(500, "SYSTEM_ERROR")}, payment.RefundUnknown, payment.SystemBusy},
		"too often":      {[]answer{refusal(429, "FREQUENCY_LIMITED")}, payment.RefundUnknown, payment.SystemBusy},
		"new code":       {[]answer{refusal(400, "SOMETHING_NEW")}, payment.RefundUnknown, payment.BadAnswer},
		"unsigned":       {[]answer{refusal(403, "NOT_ENOUGH").without()}, payment.RefundUnknown, payment.BadSignature},
	}
}

func TestRefund(t *testing.T) {
	rows := refundRows()
	rows["merchant has too little"] = refundRow{[]answer{refusal(403, "NOT_ENOUGH")}, payment.RefundRefused, payment.MerchantFunds}
	rows["payer's account is gone"] = refundRow{
		[]answer{refusal(403, "USER_ACCOUNT_ABNORMAL"), refusal(404, "RESOURCE_NOT_EXISTS")}, payment.RefundRefused, payment.NotRefundable}
	rows["payer's account is gone, unsigned"] = refundRow{[]answer{refusal(403, "USER_ACCOUNT_ABNORMAL").without()}, payment.RefundUnknown, payment.BadSignature}
	rows["payer's account is gone since"] = refundRow{
		[]answer{refusal(403, "USER_ACCOUNT_ABNORMAL"), ok(refundBody("SUCCESS", "ABNORMAL"))}, payment.RefundStuck, payment.RefundAbnormal}
	rows["payer's account is gone, then silence"] = refundRow{
		[]answer{refusal(403, "USER_ACCOUNT_ABNORMAL"), {status: 502, unsigned: true}}, payment.RefundUnknown, payment.SystemBusy}
	rows["too late"] = refundRow{[]answer{refusal(400, "TRADE_OVERDUE")}, payment.RefundRefused, payment.NotRefundable}
	rows["no right to"] = refundRow{[]answer{refusal(403, "NO_AUTH")}, payment.RefundRefused, payment.Configuration}
	rows["wrong field"] = refundRow{[]answer{refusal(400, "PARAM_ERROR")}, payment.RefundRefused, payment.Configuration}
	rows["forbidden by rule"] = refundRow{
		[]answer{refusal(400, "INVALID_REQUEST"), refusal(404, "RESOURCE_NOT_EXISTS")}, payment.RefundRefused, payment.NotRefundable}
	rows["busy with the same"] = refundRow{
		[]answer{refusal(400, "INVALID_REQUEST"), ok(refundBody("SUCCESS", "PROCESSING"))}, payment.RefundAccepted, payment.RefundWorking}
	rows["forbidden, then silence"] = refundRow{
		[]answer{refusal(400, "INVALID_REQUEST"), {status: 502, unsigned: true}}, payment.RefundUnknown, payment.SystemBusy}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			c, _ := testClient(t, row.answers...)
			a := c.Refund(background(), testRefund())
			if a.Outcome != row.outcome || a.Reason != row.reason {
				t.Errorf("got %s/%s (%s), want %s/%s", a.Outcome, a.Reason, a.Detail, row.outcome, row.reason)
			}
		})
	}
}

func TestQueryRefund(t *testing.T) {
	rows := refundRows()
	rows["no code refuses"] = refundRow{[]answer{refusal(403, "NOT_ENOUGH")}, payment.RefundUnknown, payment.MerchantFunds}
	rows["no right to"] = refundRow{[]answer{refusal(403, "NO_AUTH")}, payment.RefundUnknown, payment.Configuration}
	rows["nor does an account that is gone"] = refundRow{[]answer{refusal(403, "USER_ACCOUNT_ABNORMAL")}, payment.RefundUnknown, payment.BadAnswer}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			c, s := testClient(t, row.answers...)
			a := c.QueryRefund(background(), testRefund())
			if a.Outcome != row.outcome || a.Reason != row.reason {
				t.Errorf("got %s/%s (%s), want %s/%s", a.Outcome, a.Reason, a.Detail, row.outcome, row.reason)
			}
			if want := "GET /v3/refund/domestic/refunds/R20260101000001 "; s.seen[0] != want {
				t.Errorf("asked %q", s.seen[0])
			}
		})
	}
}

func TestRefundIsTheSameRequestEachTime(t *testing.T) {
	c, s := testClient(t, ok(refundBody("", "")))
	c.Refund(background(), testRefund())
	c.Refund(background(), testRefund())
	want := `POST /v3/refund/domestic/refunds {"out_trade_no":"` + testOrder + `","out_refund_no":"R20260101000001",` +
		`"reason":"退货","amount":{"refund":40,"total":100,"currency":"CNY"}}`
	if s.seen[0] != want || s.seen[1] != want {
		t.Errorf("sent\n %s\n %s\nwant\n %s", s.seen[0], s.seen[1], want)
	}
}

func TestRefundRefusedBeforeItIsSent(t *testing.T) {
	for name, change := range map[string]func(*payment.Refund){
		"nothing":     func(r *payment.Refund) { r.Amount = money.Fen(0) },
		"too much":    func(r *payment.Refund) { r.Amount = money.Fen(101) },
		"no number":   func(r *payment.Refund) { r.Number = "" },
		"odd number":  func(r *payment.Refund) { r.Number = "R/1" },
		"no order":    func(r *payment.Refund) { r.Order = "" },
		"other money": func(r *payment.Refund) { r.Amount = money.New(1, "JPY") },
	} {
		t.Run(name, func(t *testing.T) {
			c, s := testClient(t, ok(refundBody("", "")))
			r := testRefund()
			change(&r)
			if a := c.Refund(background(), r); a.Outcome != payment.RefundRefused || len(s.seen) != 0 || a.Err == nil {
				t.Errorf("got %+v after %d calls", a, len(s.seen))
			}
			if a := c.QueryRefund(background(), r); a.Outcome != payment.RefundUnknown || len(s.seen) != 0 {
				t.Errorf("query: got %+v after %d calls", a, len(s.seen))
			}
		})
	}
}
