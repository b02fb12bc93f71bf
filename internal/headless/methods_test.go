package headless

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/ledger"
	"abacus/payment"
)

// TestEveryCommandHasAMethod reads the closed set where it is written down.
func TestEveryCommandHasAMethod(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../till/command.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "command" || f.Recv == nil {
			continue
		}
		if name := f.Recv.List[0].Type.(*ast.Ident).Name; name != "Keyed" { // the param "key"
			want = append(want, name)
		}
	}
	var got []string
	for _, m := range methods {
		got = append(got, reflect.TypeOf(m.build(&params{})).Name())
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) < 30 || !slices.Equal(got, want) {
		t.Errorf("methods reach %v\ncommands are %v", got, want)
	}
}

func TestRequestsBecomeCommands(t *testing.T) {
	const id = "20261121-0042"
	for _, c := range []struct {
		method, params string
		want           till.Command
	}{
		{"operator.login", `{"operator":"1001","pin":"246810"}`, till.Login{Operator: "1001", PIN: "246810"}},
		{"operator.logout", `{}`, till.Logout{}},
		{"shift.open", `{"float":0}`, till.ShiftOpen{Float: money.Fen(0)}},
		{"shift.open", `{"float":50000,"currency":"CNY"}`, till.ShiftOpen{Float: money.Fen(50000)}},
		{"shift.cash", `{"amount":-10000,"reason":"存银行"}`, till.ShiftCash{Amount: money.Fen(-10000), Reason: "存银行"}},
		{"shift.close", `{"counted":51136}`, till.ShiftClose{Counted: money.Fen(51136)}},
		{"sale.open", `{"reference":"R-7"}`, till.SaleOpen{Reference: "R-7"}},
		{"sale.open", `null`, till.SaleOpen{}},
		{"sale.get", `{"sale":"20261121-0042"}`, till.SaleGet{Sale: id}},
		{"sale.hold", `{}`, till.SaleHold{}},
		{"sale.recall", `{"sale":null}`, till.SaleRecall{}},
		{"sale.void", `{"sale":"20261121-0042","reason":"顾客不要了"}`, till.SaleVoid{Sale: id, Reason: "顾客不要了"}},
		{"sale.dismiss", `{}`, till.SaleDismiss{}},
		{"sale.list", `{"limit":5}`, till.SalesList{Limit: 5}},
		{"sale.add", `{"sale":"20261121-0042","amount":1136}`, till.SaleAdd{Sale: id, Amount: money.Fen(1136)}},
		{"sale.add", `{"code":"6901285991219","quantity":2}`, till.SaleAdd{Code: "6901285991219", Quantity: 2000}},
		{"sale.add", `{"name":"散装苹果","quantity":0.512}`, till.SaleAdd{Name: "散装苹果", Quantity: 512}},
		{"sale.quantity", `{"line":3,"quantity":2.5}`, till.SaleSetQuantity{Line: 3, Quantity: 2500}},
		{"sale.remove", `{"sale":"20261121-0042","line":1}`, till.SaleRemove{Sale: id, Line: 1}},
		{"sale.discount", `{"line":3,"amount":225,"reason":"第二件半价"}`, till.SaleDiscount{Line: 3, Amount: money.Fen(225), Reason: "第二件半价"}},
		{"sale.discount", `{"percent":10,"reason":"会员"}`, till.SaleDiscount{Percent: 10, Reason: "会员"}},
		{"sale.scan", `{"text":"\u001d6901285991219\r","pay":true}`, till.SaleScan{Text: "\x1d6901285991219\r", Pay: true}},
		{"sale.pay", `{"sale":"20261121-0042","method":"auto","code":"134567890123456789"}`, till.SalePay{Sale: id, Method: "auto", Code: "134567890123456789"}},
		{"sale.pay", `{"method":"cash","amount":1000,"tendered":5000}`, till.SalePay{Method: "cash", Amount: money.Fen(1000), Tendered: money.Fen(5000)}},
		{"sale.pay", `{"method":"alipay","present":true,"huabei":3,"currency":"CNY"}`, till.SalePay{Method: "alipay", Present: true, Huabei: 3}},
		{"sale.pay", `{"method":"prepaid","code":"9800123412341235","pin":"2580"}`, till.SalePay{Method: "prepaid", Code: "9800123412341235", PIN: "2580"}},
		{"sale.pay", `{"method":"card","pin":"123456"}`, till.SalePay{Method: "card", PIN: "123456"}},
		{"prepaid.issue", `{"number":"9800123412341235","pin":"2580"}`, till.PrepaidIssue{Number: "9800123412341235", PIN: "2580"}},
		{"prepaid.topup", `{"number":"9800123412341235","amount":10000}`, till.PrepaidTopUp{Number: "9800123412341235", Amount: money.Fen(10000)}},
		{"prepaid.get", `{"number":"9800123412341235"}`, till.PrepaidGet{Number: "9800123412341235"}},
		{"prepaid.list", `{"ending":"1235","limit":3}`, till.PrepaidList{Ending: "1235", Limit: 3}},
		{"prepaid.freeze", `{"number":"P1","reason":"挂失"}`, till.PrepaidFreeze{Number: "P1", Reason: "挂失"}},
		{"prepaid.thaw", `{"number":"P1","reason":"找到了"}`, till.PrepaidThaw{Number: "P1", Reason: "找到了"}},
		{"prepaid.extend", `{"number":"P1","expires":"2029-01-31","reason":"延期"}`, till.PrepaidExtend{Number: "P1", Expires: "2029-01-31", Reason: "延期"}},
		{"prepaid.expire", `{"number":"P1","reason":"到期"}`, till.PrepaidExpire{Number: "P1", Reason: "到期"}},
		{"prepaid.pin", `{"number":"P1","pin":"2580","reason":"忘了"}`, till.PrepaidPIN{Number: "P1", PIN: "2580", Reason: "忘了"}},
		{"payment.get", `{"payment":"p"}`, till.PaymentGet{Payment: "p"}},
		{"payment.wait", `{"payment":"p","timeout_ms":1500}`, till.PaymentWait{Payment: "p", Timeout: 1500 * time.Millisecond}},
		{"payment.wait", `{"payment":"p","timeout_ms":0}`, till.PaymentWait{Payment: "p"}},
		{"payment.wait", `{"payment":"p","timeout_ms":null}`, till.PaymentWait{Payment: "p", Timeout: time.Minute}},
		{"payment.wait", `{"payment":"p","timeout_ms":9223372036854775807}`, till.PaymentWait{Payment: "p", Timeout: 10 * time.Minute}},
		{"payment.query", `{"payment":"p"}`, till.PaymentQuery{Payment: "p"}},
		{"payment.cancel", `{"payment":"p"}`, till.PaymentCancel{Payment: "p"}},
		{"payment.switch", `{"payment":"p","channel":"alipay"}`, till.PaymentSwitch{Payment: "p", Channel: payment.Alipay}},
		{"payment.force", `{"payment":"p","reason":"顾客急"}`, till.PaymentForce{Payment: "p", Reason: "顾客急"}},
		{"payment.find", `{"number":"4200001234"}`, till.PaymentFind{Number: "4200001234"}},
		{"payment.doubles", `{"days":7}`, till.Doubles{Days: 7}},
		{"payment.list", `{"state":"checking","limit":10}`, till.PaymentList{State: ledger.PaymentChecking, Limit: 10}},
		{"refund.create", `{"payment":"p","amount":100,"reason":"坏了"}`, till.RefundCreate{Payment: "p", Amount: money.Fen(100), Reason: "坏了"}},
		{"refund.create", `{"sale":"20261121-0042","reason":"坏了"}`, till.RefundCreate{Sale: id, Reason: "坏了"}},
		{"refund.get", `{"refund":"r"}`, till.RefundGet{Refund: "r"}},
		{"refund.query", `{"refund":"r"}`, till.RefundQuery{Refund: "r"}},
		{"refund.list", `{"state":"refused","open":true,"limit":5}`, till.RefundList{State: ledger.RefundRefused, Open: true, Limit: 5}},
		{"refund.retry", `{"refund":"r"}`, till.RefundRetry{Refund: "r"}},
		{"refund.given", `{"refund":"r","reason":"现金"}`, till.RefundGiven{Refund: "r", Reason: "现金"}},
		{"receipt.print", `{"sale":"20261121-0042","reason":"补打"}`, till.ReceiptPrint{Sale: id, Reason: "补打"}},
		{"receipt.text", `{"sale":"20261121-0042","width":32}`, till.ReceiptText{Sale: id, Width: 32}},
		{"drawer.open", `{"reason":"换零钱"}`, till.DrawerOpen{Reason: "换零钱"}},
		{"till.doctor", `{}`, till.Examine{}},
		{"report.x", `{}`, till.ReportX{}},
		{"report.z", `{"number":7}`, till.ReportZ{Number: 7}},
		{"journal.sync", `{}`, till.JournalSync{}},
		{"journal.list", `{"after":100,"limit":2}`, till.JournalList{After: 100, Limit: 2}},
		{"goods.search", `{"text":"nfsq","limit":8}`, till.GoodsSearch{Text: "nfsq", Limit: 8}},
		{"card.settle", `{}`, till.CardSettle{}},
		{"card.balance", `{"text":";62=?"}`, till.CardBalance{Text: ";62=?"}},
		{"card.test", `{}`, till.CardTest{}},
		{"card.hold", `{"amount":100000,"reference":"302"}`, till.CardHold{Amount: money.Fen(100000), Reference: "302"}},
		{"card.complete", `{"hold":"H1","sale":"20261121-0042","amount":64000}`, till.CardComplete{Hold: "H1", Sale: id, Amount: money.Fen(64000)}},
		{"card.reopen", `{"hold":"H1","reason":"错"}`, till.CardReopen{Hold: "H1", Reason: "错"}},
		{"card.release", `{"hold":"H1","reason":"退房"}`, till.CardRelease{Hold: "H1", Reason: "退房"}},
		{"card.cancel", `{"hold":"H1"}`, till.CardCancel{Hold: "H1"}},
		{"card.query", `{"hold":"H1"}`, till.CardQuery{Hold: "H1"}},
		{"card.wait", `{"hold":"H1","timeout_ms":500}`, till.CardWait{Hold: "H1", Timeout: 500 * time.Millisecond}},
		{"card.holds", `{"all":true,"limit":3}`, till.CardHolds{All: true, Limit: 3}},
		{"card.decide", `{"hold":"H1","done":true,"trace":"000107","reference":"9","auth":"000749","date":"1121","reason":"核对"}`,
			till.CardDecide{Hold: "H1", Done: true, Slip: payment.Slip{Trace: "000107", Reference: "9", Auth: "000749", Date: "1121"}, Reason: "核对"}},
		{"payment.decide", `{"payment":"P1","done":false,"reason":"核对"}`, till.PaymentDecide{Payment: "P1", Reason: "核对"}},
		{"refund.decide", `{"refund":"R1","done":true,"trace":"000107","reason":"核对"}`,
			till.RefundDecide{Refund: "R1", Done: true, Slip: payment.Slip{Trace: "000107"}, Reason: "核对"}},
		{"sandbox.customer", `{"channel":"wechat","behaviour":"password:5"}`, till.CustomerPlays{Channel: payment.WeChat, Behaviour: "password:5"}},
		{"sandbox.customer", `{"order":"o1"}`, till.CustomerPlays{Order: "o1"}},
		{"sale.hold", `{"key":"k-1"}`, till.Keyed{Key: "k-1", Command: till.SaleHold{}}},
		{"sale.get", `{"sale":"s","key":"k-1"}`, till.SaleGet{Sale: "s"}},
	} {
		core := newFake(nil)
		answers := exchange(t, core, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, c.method, c.params))
		if got := core.asked(); len(got) != 1 || !reflect.DeepEqual(got[0], c.want) {
			t.Errorf("%s %s\ngot  %#v\nwant %#v\n%s", c.method, c.params, got, c.want, answers)
		}
	}
}

func TestBadParamsNameTheField(t *testing.T) {
	for _, c := range []struct{ method, params, field string }{
		{"sale.add", `{"amuont":1136}`, "amuont"},
		{"sale.add", `{"Amount":1136}`, "Amount"},
		{"sale.add", `{"amount":11.36}`, "amount"},
		{"sale.add", `{"amount":"1136"}`, "amount"},
		{"sale.add", `{"amount":1e3}`, "amount"},
		{"sale.add", `{"amount":0}`, "amount"},
		{"sale.add", `{"amount":10000000000001}`, "amount"},
		{"sale.add", `{"amount":99999999999999999999}`, "amount"},
		{"sale.add", `{"amount":1136,"currency":"JPY"}`, "currency"},
		{"sale.add", `{"amount":1136,"currency":5}`, "currency"},
		{"sale.add", `{"code":"1","quantity":0}`, "quantity"},
		{"sale.add", `{"code":"1","quantity":-1.5}`, "quantity"},
		{"sale.add", `{"code":"1","quantity":0.5125}`, "quantity"},
		{"sale.add", `{"code":"1","quantity":1e-3}`, "quantity"},
		{"sale.add", `{"code":"1","quantity":"2"}`, "quantity"},
		{"sale.add", `{"code":"1","quantity":9223372036854775807}`, "quantity"},
		{"sale.add", `{"code":6901285991219}`, "code"},
		{"sale.add", `{"name":"\u001b[2J"}`, "name"},
		{"sale.pay", `{"method":"cash","amount":0}`, "amount"},
		{"sale.pay", `{"method":"wechat","present":1}`, "present"},
		{"sale.pay", `{"method":"alipay","huabei":13}`, "huabei"},
		{"sale.remove", `{"line":0}`, "line"},
		{"sale.discount", `{"percent":0.5,"reason":"x"}`, "percent"},
		{"sale.discount", `{"percent":101,"reason":"x"}`, "percent"},
		{"shift.open", `{}`, "float"},
		{"shift.close", `{"counted":null}`, "counted"},
		{"payment.wait", `{"payment":"p","timeout_ms":-1}`, "timeout_ms"},
		{"payment.get", `{"payment":"` + strings.Repeat("p", 64) + `p"}`, "payment"},
		{"refund.create", `{"payment":"p","amount":0}`, "amount"},
		{"payment.list", `{"state":"cheking"}`, "state"},
		{"refund.list", `{"state":"failed","open":true}`, "state"},
		{"till.hello", `{"x":1}`, "x"},
		{"till.watch", `{"x":1}`, "x"},
		{"sale.hold", `["20261121-0042"]`, "params"},
		{"sale.hold", `{"key":7}`, "key"},
	} {
		core := newFake(nil)
		r := parse(t, exchange(t, core, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, c.method, c.params))[0])
		if r.Error == nil || r.Error.Code != -32602 || r.Error.Data.Field != c.field || r.Error.Data.Code != "bad-params" {
			t.Errorf("%s %s: %+v, want the field %s", c.method, c.params, r.Error, c.field)
		} else if r.Error.Data.Say == "" || r.Error.Data.Hint == "" {
			t.Errorf("%s %s: no sentence: %+v", c.method, c.params, r.Error.Data)
		}
		if len(core.asked()) > 0 {
			t.Errorf("%s %s was done: %v", c.method, c.params, core.asked())
		}
	}
}

func TestQuantityIsExact(t *testing.T) {
	for text, want := range map[string]ledger.Quantity{
		"1": 1000, "0.512": 512, "0.001": 1, "2.5": 2500, "12.30": 12300, "9007199254740.993": 9007199254740993,
	} {
		p := &params{fields: map[string]json.RawMessage{"quantity": json.RawMessage(text)}}
		if got := p.quantity("quantity"); got != want || p.err != nil {
			t.Errorf("%s is %d (%v), want %d", text, got, p.err, want)
		}
	}
	for q, want := range map[quantity]string{1000: "1", 512: "0.512", 2500: "2.5", 10000: "10", 0: "0", -500: "-0.5", -1250: "-1.25"} {
		if got, _ := q.MarshalJSON(); string(got) != want {
			t.Errorf("%d is written %s, want %s", q, got, want)
		}
	}
}
