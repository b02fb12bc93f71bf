package wechat

import (
	"testing"

	"abacus/payment"
)

// FuzzAnswer throws any bytes under any status at every call. Unsigned, they
// must never settle anything; signed, a payment must be of this very order and
// amount.
func FuzzAnswer(f *testing.F) {
	f.Add(200, paidBody("", ""))
	f.Add(202, `{"trade_state":"USERPAYING"}`)
	f.Add(204, "")
	f.Add(400, errorBody("AUTH_CODE_INVALID"))
	f.Add(404, errorBody("ORDER_NOT_EXIST"))
	f.Add(200, refundBody("", ""))
	f.Add(200, `{"code_url":"weixin://wxpay/bizpayurl?pr=a"}`)
	f.Add(200, `{"mchid":"`+testMch+`","out_trade_no":"`+testOrder+`"}`)
	f.Add(302, "")
	f.Add(500, "\xff\x00")
	f.Add(200, `{"amount":{"total":1e2,"currency":"CNY"}}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 100 || status > 599 {
			status = 200
		}
		for _, unsigned := range []bool{true, false} {
			c, _ := testClient(t, answer{status: status, body: body, unsigned: unsigned})
			other := theOrder()
			other.Number = "T20260101999999"
			for _, a := range []payment.Answer{
				c.Charge(background(), testCharge()), c.Present(background(), testCharge()),
				c.Query(background(), theOrder()), c.Reverse(background(), theOrder()), c.Close(background(), theOrder()),
			} {
				if unsigned && a.Outcome != payment.Unknown {
					t.Fatalf("unsigned %d %q settled it: %+v", status, body, a)
				}
				if a.Outcome == payment.Paid && c.Query(background(), other).Outcome == payment.Paid {
					t.Fatalf("%q pays any order", body)
				}
			}
			r := c.Refund(background(), testRefund())
			q := c.QueryRefund(background(), testRefund())
			if unsigned && (r.Outcome != payment.RefundUnknown || q.Outcome != payment.RefundUnknown) {
				t.Fatalf("unsigned %d %q settled a refund: %+v %+v", status, body, r, q)
			}
		}
	})
}
