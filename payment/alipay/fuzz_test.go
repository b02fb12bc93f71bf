package alipay

import (
	"context"
	"testing"

	"abacus/payment"
)

// calls are all that a till asks of Alipay, with whether the answer settled
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

// FuzzAnswer throws any bytes at one call, as a whole answer or as the signed
// part of one. Unproven, they must never settle anything; proven, what pays
// one order must not pay another.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []struct {
		status int
		text   string
	}{
		{200, paidNode("", "")}, {200, stateNode("TRADE_SUCCESS", "", "")}, {200, cancelNode("N", "refund")},
		{200, closeNode}, {200, refundNode("0.40", "Y").node}, {200, refundStateNode("", "").node},
		{200, refused("40004", "ACQ.PAYMENT_AUTH_CODE_INVALID")}, {200, "null"}, {200, `"AAAA"`},
		{200, `{"error_response":null}`}, {200, `{"alipay_trade_pay_response":{"code":"10000"},"sign":""}`},
		{200, `{"alipay_trade_pay_response":null,"sign":5,"alipay_cert_sn":7}`}, {502, "\xff\x00"},
	} {
		for call := range byte(7) {
			for how := range byte(4) {
				f.Add(call, how, seed.status, seed.text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, call, how byte, status int, text string) {
		if text == "" {
			text = " "
		}
		a := [...]answer{{raw: text}, {node: text, unsigned: true}, {node: text, forged: true}, {node: text}}[how%4]
		a.status = 200 + max(status-200, 0)%400
		proven := how%4 == 3
		c, _ := testClient(t, a)
		settled, paid := calls(c, theOrder())[call%7](background())
		if settled && !proven {
			t.Fatalf("call %d: unproven %q settled it", call%7, text)
		}
		if !paid {
			return
		}
		other := theOrder()
		other.Number = "T20260101999999"
		if _, paid := calls(c, other)[call%7](background()); paid {
			t.Fatalf("call %d: %q pays any order", call%7, text)
		}
	})
}

// FuzzFind: what is not proven finds nothing, and what is proven finds only
// what was asked for.
func FuzzFind(f *testing.F) {
	const reference = "2026010122001400000000000001"
	for how := range byte(4) {
		f.Add(how, 200, stateNode("TRADE_SUCCESS", "", ""))
		f.Add(how, 200, refused("40004", "ACQ.TRADE_NOT_EXIST"))
		f.Add(how, 200, `{"code":"10000","trade_no":"`+reference+`","out_trade_no":null}`)
	}
	f.Fuzz(func(t *testing.T, how byte, status int, text string) {
		if text == "" {
			text = " "
		}
		a := [...]answer{{raw: text}, {node: text, unsigned: true}, {node: text, forged: true}, {node: text}}[how%4]
		a.status = 200 + max(status-200, 0)%400
		c, _ := testClient(t, a)
		order, found, err := c.Find(background(), reference)
		if found && (how%4 != 3 || err != nil || order == "") {
			t.Fatalf("%d %q found %q, %v", a.status, text, order, err)
		}
	})
}
