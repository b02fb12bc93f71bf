package sandbox_test

import (
	"testing"
	"time"
)

func TestAlipayPayCodeIsPaidAndCancelled(t *testing.T) {
	k := newTill(t)
	number := k.number()
	answer := k.pay(number, k.code("alipay", "pay"), "11.36")
	k.want("code", answer["code"], "10000")
	k.want("amount", answer["total_amount"], "11.36")
	k.holds(number, "paid", 1136, 0, 0)
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": number})
	k.want("queried", answer["trade_status"], "TRADE_SUCCESS")
	answer = k.alipay("alipay.trade.cancel", object{"out_trade_no": number})
	k.want("action", answer["action"], "refund")
	k.want("retry", answer["retry_flag"], "N")
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": number})
	k.want("queried", answer["trade_status"], "TRADE_CLOSED")
	k.holds(number, "reversed", 1136, 0, 1136)
}

func TestAlipayPasswordIsEntered(t *testing.T) {
	k := newTill(t)
	number := k.number()
	answer := k.pay(number, k.code("alipay", "password:8"), "1")
	k.want("code", answer["code"], "10003")
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": number})
	k.want("before", answer["trade_status"], "WAIT_BUYER_PAY")
	k.advance(8 * time.Second)
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": number})
	k.want("after", answer["trade_status"], "TRADE_SUCCESS")
}
