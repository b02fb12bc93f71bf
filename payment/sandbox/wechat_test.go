package sandbox_test

import (
	"testing"
	"time"
)

func TestWeChatPayCodeIsPaidAndReversed(t *testing.T) {
	k := newTill(t)
	number := k.number()
	status, answer := k.codepay(number, k.code("wechat", "pay"), 1136)
	k.want("status", status, 200)
	k.want("state", answer["trade_state"], "SUCCESS")
	k.want("total", answer["amount"].(object)["total"], 1136)
	k.holds(number, "paid", 1136, 0, 0)
	_, answer = k.wechatQuery(number)
	k.want("queried", answer["trade_state"], "SUCCESS")
	status, _ = k.wechatReverse(number)
	k.want("reverse", status, 200)
	_, answer = k.wechatQuery(number)
	k.want("queried", answer["trade_state"], "REVOKED")
	k.holds(number, "reversed", 1136, 0, 1136)
}

func TestWeChatPasswordIsEntered(t *testing.T) {
	k := newTill(t)
	number := k.number()
	status, answer := k.codepay(number, k.code("wechat", "password:8"), 100)
	k.want("status", status, 202)
	k.want("answer", answer, object{"trade_state": "USERPAYING"})
	_, answer = k.wechatQuery(number)
	k.want("before", answer["trade_state"], "USERPAYING")
	k.advance(8 * time.Second)
	_, answer = k.wechatQuery(number)
	k.want("after", answer["trade_state"], "SUCCESS")
}
