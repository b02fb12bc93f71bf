package wechat

import (
	"context"
	"testing"

	"abacus/payment"
)

// calls are all that a till asks of WeChat, with whether the answer settled
// anything.
func calls(c *Client, o payment.Order) []func(context.Context) (settled, paid bool) {
	plain := func(call func(context.Context) payment.Answer) func(context.Context) (bool, bool) {
		return func(ctx context.Context) (bool, bool) {
			a := call(ctx)
			return a.Outcome != payment.Unknown, a.Outcome == payment.Paid
		}
	}
	refund := func(call func(context.Context, payment.Refund) payment.RefundAnswer) func(context.Context) (bool, bool) {
		return func(ctx context.Context) (bool, bool) {
			r := testRefund()
			r.Order = o.Number
			a := call(ctx, r)
			return a.Outcome != payment.RefundUnknown, a.Outcome == payment.RefundPaid
		}
	}
	charge := testCharge()
	charge.Order = o.Number
	return []func(context.Context) (bool, bool){
		plain(func(ctx context.Context) payment.Answer { return c.Charge(ctx, charge) }),
		plain(func(ctx context.Context) payment.Answer { return c.Present(ctx, charge) }),
		plain(func(ctx context.Context) payment.Answer { return c.Query(ctx, o) }),
		plain(func(ctx context.Context) payment.Answer { return c.Reverse(ctx, o) }),
		plain(func(ctx context.Context) payment.Answer { return c.Close(ctx, o) }),
		refund(c.Refund),
		refund(c.QueryRefund),
	}
}

// FuzzAnswer throws any bytes under any status at one call. Unproven, they
// must never settle anything; proven, what pays one order must not pay another.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []struct {
		status int
		body   string
	}{
		{200, paidBody("", "")}, {202, `{"trade_state":"USERPAYING"}`}, {204, ""}, {302, ""},
		{400, errorBody("AUTH_CODE_INVALID")}, {404, errorBody("ORDER_NOT_EXIST")}, {200, refundBody("", "")},
		{200, `{"code_url":"weixin://wxpay/bizpayurl?pr=a"}`}, {500, "\xff\x00"},
		{200, `{"mchid":"` + testMch + `","out_trade_no":"` + testOrder + `"}`},
		{200, `{"amount":{"total":1e2,"currency":"CNY"}}`},
	} {
		for call := range byte(7) {
			for how := range byte(3) {
				f.Add(call, how, seed.status, seed.body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, call, how byte, status int, body string) {
		a := [...]answer{{unsigned: true}, {forged: true}, {}}[how%3]
		a.status, a.body = 200+max(status-200, 0)%400, body
		proven := how%3 == 2
		c, _ := testClient(t, a)
		settled, paid := calls(c, theOrder())[call%7](background())
		if settled && !proven {
			t.Fatalf("call %d: unproven %d %q settled it", call%7, a.status, body)
		}
		if !paid {
			return
		}
		other := theOrder()
		other.Number = "T20260101999999"
		if _, paid := calls(c, other)[call%7](background()); paid {
			t.Fatalf("call %d: %q pays any order", call%7, body)
		}
	})
}

// FuzzFind: what is not proven finds nothing, and what is proven finds only
// what was asked for.
func FuzzFind(f *testing.F) {
	const reference = "4200000000202601010000000001"
	for how := range byte(3) {
		f.Add(how, 200, paidBody(`4200000925202601014997714292`, reference))
		f.Add(how, 404, errorBody("ORDER_NOT_EXIST"))
		f.Add(how, 200, `{"transaction_id":"`+reference+`","out_trade_no":5}`)
	}
	f.Fuzz(func(t *testing.T, how byte, status int, body string) {
		a := [...]answer{{unsigned: true}, {forged: true}, {}}[how%3]
		a.status, a.body = 200+max(status-200, 0)%400, body
		c, _ := testClient(t, a)
		order, found, err := c.Find(background(), reference)
		if found && (how%3 != 2 || err != nil || order == "") {
			t.Fatalf("%d %q found %q, %v", a.status, body, order, err)
		}
	})
}
