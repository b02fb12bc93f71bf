package sandbox_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"abacus/payment/sandbox"
)

// channelCalls lets a test say the same to both channels. Each call returns
// the word that matters, or the error.
type channelCalls struct {
	name    string
	charge  func(number, code string) (string, error)
	query   func(number string) (string, error)
	reverse func(number string) (string, error)
	refund  func(number, refund string) (string, error)

	paid, fault, absent, undone string
	nothing                     string // to reverse
}

func (k *till) channels() []channelCalls {
	wechat := func(method, path string, body any) (string, error) {
		status, answer, err := k.tryWeChat(method, path, body)
		return said(status, answer), err
	}
	alipay := func(method string, biz any) (string, error) {
		answer, err := k.tryAlipay(method, biz)
		return alipaySaid(answer), err
	}
	const orders = "/v3/pay/transactions/out-trade-no/"
	who := object{"appid": k.setup.WeChat.AppID, "mchid": k.setup.WeChat.MchID}
	return []channelCalls{{
		name: "wechat",
		charge: func(number, code string) (string, error) {
			return wechat("POST", "/v3/pay/transactions/codepay", k.codepayBody(number, code, 100))
		},
		query: func(number string) (string, error) {
			return wechat("GET", orders+number+"?mchid="+k.setup.WeChat.MchID, nil)
		},
		reverse: func(number string) (string, error) { return wechat("POST", orders+number+"/reverse", who) },
		refund: func(number, refund string) (string, error) {
			return wechat("POST", "/v3/refund/domestic/refunds", object{"out_trade_no": number, "out_refund_no": refund,
				"amount": object{"refund": 40, "total": 100, "currency": "CNY"}})
		},
		paid: "SUCCESS", fault: "SYSTEM_ERROR", absent: "ORDER_NOT_EXIST", undone: "200",
		nothing: "ORDER_NOT_EXIST",
	}, {
		name: "alipay",
		charge: func(number, code string) (string, error) {
			return alipay("alipay.trade.pay", payBiz(number, code, "1.00"))
		},
		query: func(number string) (string, error) {
			return alipay("alipay.trade.query", object{"out_trade_no": number})
		},
		reverse: func(number string) (string, error) {
			return alipay("alipay.trade.cancel", object{"out_trade_no": number})
		},
		refund: func(number, refund string) (string, error) {
			return alipay("alipay.trade.refund", object{"out_trade_no": number, "out_request_no": refund, "refund_amount": "0.40"})
		},
		paid: "TRADE_SUCCESS", fault: "isp.unknow-error", absent: "ACQ.TRADE_NOT_EXIST", undone: "close",
		nothing: "10000",
	}}
}

func eachChannel(t *testing.T, run func(k *till, c channelCalls)) {
	t.Helper()
	for i, name := range []string{"wechat", "alipay"} {
		t.Run(name, func(t *testing.T) {
			k := newTill(t)
			k.T = t
			run(k, k.channels()[i])
		})
	}
}

// Each fault strikes a charge; a till that asks on learns the truth, and the
// money moved once or not at all.
func TestFaultsOfACharge(t *testing.T) {
	for fault, moved := range map[string]bool{
		"drop-request": false, "reset": false, "http:502": false, "http:200": false,
		"drop-answer": true, "http-after:500": true, "garbage": true, "bad-signature": true, "delay:0": true,
		"wrong-amount": true, "wrong-order": true, "duplicate": true,
	} {
		t.Run(fault, func(t *testing.T) {
			eachChannel(t, func(k *till, c channelCalls) {
				k.fault(c.name, "charge", fault)
				number := k.number()
				word, err := c.charge(number, k.code(c.name, "pay"))
				switch fault {
				case "wrong-amount", "wrong-order", "duplicate", "delay:0":
					k.want("error", err, nil)
				default:
					if err == nil {
						t.Errorf("answered %s", word)
					}
				}
				word, err = c.query(number)
				k.want("query fails", err, nil)
				if moved {
					k.want("query", word, c.paid)
					k.holds(number, "paid", 100, 0, 0)
				} else {
					k.want("query", word, c.absent)
					k.want("books", k.book(number).State, "")
				}
			})
		})
	}
}

func TestTamperedAnswers(t *testing.T) {
	k := newTill(t)
	number := k.number()
	k.fault("", "any", "wrong-amount")
	_, answer := k.codepay(number, k.code("wechat", "pay"), 100)
	k.want("amount", answer["amount"].(object)["total"], 101)
	k.want("order", answer["out_trade_no"], number)
	k.fault("", "any", "wrong-order")
	_, answer = k.wechatQuery(number)
	k.want("amount", answer["amount"].(object)["total"], 100)
	k.want("order", answer["out_trade_no"] != number, true)
	k.fault("", "any", "wrong-amount")
	answer = k.pay("A1", k.code("alipay", "pay"), "19.99")
	k.want("amount", answer["total_amount"], "20.00")
	k.want("fund", answer["fund_bill_list"].([]any)[0].(object)["amount"], "20.00")
	k.fault("", "any", "wrong-order")
	answer = k.alipay("alipay.trade.query", object{"out_trade_no": "A1"})
	k.want("order", answer["out_trade_no"], "A0")
	k.fault("", "any", "wrong-order") // an answer without a number stays as it is
	number = k.number()
	k.native(number, 100)
	k.fault("", "any", "wrong-amount")
	status, _ := k.wechatClose(number)
	k.want("close", status, 204)
}

func TestErrorsOfLostConnections(t *testing.T) {
	k := newTill(t)
	k.fault("", "query", "drop-answer")
	k.fault("", "query", "reset")
	get := func() error {
		_, err := k.http.Do(k.wechatRequest("GET", "/v3/pay/transactions/out-trade-no/T123456?mchid="+k.setup.WeChat.MchID, ""))
		return err
	}
	if err := get(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if err := get(); !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err)
	}
}

// A charge answered as a fault is denied once asked for, and its money moves
// all the same; before that, a reversal finds nothing to reverse.
func TestLateChargeIsFoundByAsking(t *testing.T) {
	eachChannel(t, func(k *till, c channelCalls) {
		k.fault(c.name, "charge", "late-success")
		number, code := k.number(), k.code(c.name, "pay")
		word, err := c.charge(number, code)
		k.want("charge", fmt.Sprint(word, err), c.fault+"<nil>")
		word, _ = c.charge(number, code)
		k.want("again", word, c.fault)
		k.advance(5 * time.Second)
		word, _ = c.query(number)
		k.want("first query", word, c.absent)
		word, _ = c.reverse(number)
		k.want("reverse", word, c.nothing)
		k.advance(2 * time.Second)
		word, _ = c.query(number)
		k.want("later", word, c.paid)
		k.holds(number, "paid", 100, 0, 0)
		_, err = c.reverse(number)
		k.want("reverse", err, nil)
		k.holds(number, "reversed", 100, 0, 100)
	})
}

func TestLateChargeMovesUnasked(t *testing.T) {
	eachChannel(t, func(k *till, c channelCalls) {
		k.fault(c.name, "charge", "late-success")
		number := k.number()
		c.charge(number, k.code(c.name, "never")) // whatever the customer does
		k.advance(30*time.Second - 1)
		k.holds(number, "waiting", 0, 0, 0)
		k.advance(1)
		k.holds(number, "paid", 100, 0, 0)
	})
}

// A refused charge whose money moves all the same: a refusal is the acquirer's
// word, and not always its last. A code that nobody shows brings none.
func TestLateChargeOfADecline(t *testing.T) {
	eachChannel(t, func(k *till, c channelCalls) {
		k.fault(c.name, "charge", "late-success")
		number := k.number()
		if got, _ := c.charge(number, k.code(c.name, "decline:balance")); !strings.Contains(got, "NOT_ENOUGH") {
			k.Errorf("answered %q", got)
		}
		k.advance(time.Minute)
		k.holds(number, "paid", 100, 0, 0)
		k.fault(c.name, "charge", "late-success")
		nobody := k.number()
		c.charge(nobody, k.code(c.name, "pay")[:10]+"00000000")
		k.advance(time.Minute)
		k.holds(nobody, "declined", 0, 0, 0)
	})
}

func TestLateQueryReverseAndClose(t *testing.T) {
	eachChannel(t, func(k *till, c channelCalls) {
		number := k.number()
		c.charge(number, k.code(c.name, "never"))
		k.fault(c.name, "query", "late-success")
		word, _ := c.query(number)
		k.want("query", word, c.absent)
		k.holds(number, "waiting", 0, 0, 0)
		k.advance(2 * time.Second)
		k.holds(number, "paid", 100, 0, 0)
		k.fault(c.name, "query", "late-success") // a paid order is denied once
		word, _ = c.query(number)
		k.want("query", word, c.absent)
		word, _ = c.query(number)
		k.want("query", word, c.paid)

		number = k.number()
		c.charge(number, k.code(c.name, "never"))
		k.fault(c.name, "reverse", "late-success")
		word, _ = c.reverse(number)
		k.want("reverse", word, c.undone)
		k.holds(number, "waiting", 0, 0, 0)
		k.advance(2 * time.Second)
		word, _ = c.query(number)
		k.want("asked again", word, c.paid)
		k.holds(number, "paid", 100, 0, 0)
		c.reverse(number)
		k.holds(number, "reversed", 100, 0, 100)
	})
	k := newTill(t)
	number := k.number()
	k.native(number, 100)
	k.fault("wechat", "close", "late-success")
	status, _ := k.wechatClose(number)
	k.want("close", status, 204)
	k.advance(2 * time.Second)
	k.holds(number, "paid", 100, 0, 0)
}

func TestLateAndDoubleRefund(t *testing.T) {
	eachChannel(t, func(k *till, c channelCalls) {
		number := k.number()
		c.charge(number, k.code(c.name, "pay"))
		k.fault(c.name, "refund", "late-success")
		word, err := c.refund(number, "R1")
		k.want("refund", fmt.Sprint(word, err), c.fault+"<nil>")
		k.holds(number, "paid", 100, 40, 0)
		c.refund(number, "R1")
		k.fault(c.name, "refund", "duplicate")
		c.refund(number, "R2")
		k.holds(number, "paid", 100, 80, 0)
	})
}

// A refund refused for want of the merchant's money moves nothing; under a new
// number it is done. Asked for again, it is not known.
func TestRefundRefusedForFunds(t *testing.T) {
	eachChannel(t, func(k *till, c channelCalls) {
		number := k.number()
		c.charge(number, k.code(c.name, "pay"))
		k.fault(c.name, "refund", "merchant-funds")
		word, err := c.refund(number, "R1")
		want := map[string]string{"wechat": "NOT_ENOUGH", "alipay": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}[c.name]
		k.want("refund", fmt.Sprint(word, err), want+"<nil>")
		k.holds(number, "paid", 100, 0, 0)
		c.refund(number, "R2")
		k.holds(number, "paid", 100, 40, 0)
	})
}

// A trade that takes neither refunds nor reversals says so each in its word.
func TestAlipayNotAllowed(t *testing.T) {
	k := newTill(t)
	number := k.paidAlipay()
	k.fault("alipay", "refund", "not-allowed")
	k.want("refund", alipaySaid(k.alipayRefund(number, "R1", "0.40")), "ACQ.TRADE_NOT_ALLOW_REFUND")
	k.fault("alipay", "reverse", "not-allowed")
	k.want("cancel", alipaySaid(k.alipay("alipay.trade.cancel", object{"out_trade_no": number})), "ACQ.CANCEL_NOT_ALLOWED")
	k.holds(number, "paid", 100, 0, 0)
}

// A refund that is stuck counts as gone from the shop, and ends once somebody
// has settled it.
func TestAbnormalRefund(t *testing.T) {
	k := newTill(t)
	c := k.channels()[0]
	number := k.number()
	c.charge(number, k.code("wechat", "pay"))
	k.fault("wechat", "refund", "abnormal:60")
	status := func(want string) {
		t.Helper()
		word, err := c.refund(number, "R1") // the same number again says how it stands
		k.want("refund", fmt.Sprint(word, err), want+"<nil>")
		k.holds(number, "paid", 100, 40, 0)
	}
	status("ABNORMAL")
	k.advance(time.Minute)
	status("ABNORMAL")
	k.advance(time.Second)
	status("SUCCESS")
}

func TestFaultPlan(t *testing.T) {
	k := newTill(t)
	add := func(f sandbox.Fault) {
		t.Helper()
		if err := k.box.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	ask := func() (struck int) {
		for range 20 {
			if _, err := k.channels()[0].query("T123456"); err != nil {
				struck++
			}
		}
		return struck
	}
	add(sandbox.Fault{Channel: "alipay", Fault: "reset"})
	add(sandbox.Fault{Operation: "charge", Fault: "reset"})
	k.want("others' faults", ask(), 0)
	add(sandbox.Fault{Channel: "wechat", Operation: "query", Fault: "reset", Times: 3})
	k.want("three times", ask(), 3)
	add(sandbox.Fault{Operation: "query", Fault: "reset"})
	k.want("once", ask(), 1)
	add(sandbox.Fault{Operation: "query", Fault: "reset", Probability: 1})
	k.want("always", ask(), 20)
	k.box.ClearFaults()
	k.want("cleared", ask(), 0)
	add(sandbox.Fault{Operation: "query", Fault: "reset", Probability: 0.5, Seed: 7})
	first := ask()
	k.box.ClearFaults()
	add(sandbox.Fault{Operation: "query", Fault: "reset", Probability: 0.5, Seed: 7})
	k.want("same seed", ask(), first)
	if first == 0 || first == 20 {
		t.Errorf("half of twenty struck %d times", first)
	}
	k.box.ClearFaults()
	add(sandbox.Fault{Operation: "query", Fault: "reset", Probability: 1, Times: 2})
	k.want("twice", ask(), 2)
}

// Requests that prove nothing use no fault up.
func TestJunkUsesNoFault(t *testing.T) {
	k := newTill(t)
	k.fault("", "any", "drop-request")
	k.edit = func(h http.Header) { h.Del("Authorization") }
	status, _ := k.wechatQuery("T123456")
	k.want("unsigned", status, 401)
	k.edit = nil
	if _, err := k.channels()[0].query("T123456"); err == nil {
		t.Error("the fault is gone")
	}
}

func TestBadFaults(t *testing.T) {
	k := newTill(t)
	for _, f := range []sandbox.Fault{
		{}, {Fault: "explode"}, {Fault: "reset:1"}, {Fault: "delay"}, {Fault: "delay:-1"}, {Fault: "delay:600001"}, {Fault: "delay:x"},
		{Fault: "http:99"}, {Fault: "http:600"}, {Fault: "http"}, {Fault: "reset", Channel: "cash"}, {Fault: "late-success", Channel: "card"}, {Fault: "late-success", Channel: "card", Operation: "reverse"},
		{Fault: "reset", Operation: "explode"}, {Fault: "reset", Times: -1}, {Fault: "reset", Probability: 1.1},
		{Fault: "reset", Probability: -0.1}, {Fault: "late-success", Operation: "present"},
		{Fault: "merchant-funds"}, {Fault: "merchant-funds", Operation: "charge"}, {Fault: "merchant-funds", Channel: "card", Operation: "refund"},
		{Fault: "not-allowed", Operation: "refund"}, {Fault: "not-allowed", Channel: "wechat", Operation: "refund"}, {Fault: "not-allowed", Channel: "alipay"},
		{Fault: "merchant-funds:1", Operation: "refund"}, {Fault: "abnormal:60", Operation: "refund"}, {Fault: "abnormal:60", Channel: "alipay", Operation: "refund"},
		{Fault: "abnormal", Channel: "wechat", Operation: "refund"}, {Fault: "abnormal:86401", Channel: "wechat", Operation: "refund"},
	} {
		if err := k.box.AddFault(f); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
}

// The whole sandbox runs inside a bubble: a delay passes without waiting, and
// a till that gives up in the meantime has still paid.
func TestDelayInABubble(t *testing.T) {
	setup, err := sharedSetup()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		k := &till{T: t, setup: setup, base: "https://acquirer.invalid"}
		k.box = sandbox.New(setup, sandbox.Options{})
		k.http = &http.Client{Transport: k.box.Transport(), Timeout: 10 * time.Second}
		charge := func(fault string) (string, time.Duration, error) {
			k.now = time.Now()
			k.fault("alipay", "charge", fault)
			number, start := k.number(), time.Now()
			_, err := k.channels()[1].charge(number, k.code("alipay", "pay"))
			return number, time.Since(start), err
		}
		number, took, err := charge("delay:9000")
		k.want("answered", fmt.Sprint(took, err), "9s <nil>")
		k.holds(number, "paid", 100, 0, 0)
		number, took, err = charge("delay:11000")
		if err == nil || took != 10*time.Second {
			t.Errorf("given up after %s: %v", took, err)
		}
		k.holds(number, "paid", 100, 0, 0)
	})
}

// A handler served by others than Start and Transport drops connections by
// net/http's own panic.
func TestHandlerAlone(t *testing.T) {
	k := newTill(t)
	k.fault("", "query", "reset")
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("panic %v", p)
		}
	}()
	r := k.wechatRequest("GET", "/v3/pay/transactions/out-trade-no/T123456?mchid="+k.setup.WeChat.MchID, "")
	r.Header.Set("User-Agent", "x")
	k.box.Handler().ServeHTTP(httptest.NewRecorder(), r)
}
