package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"abacus/internal/doctor"
	"abacus/internal/goods"
	"abacus/internal/lang"
	"abacus/internal/money"
	"abacus/internal/till"
	"abacus/internal/upload"
	"abacus/ledger"
	"abacus/payment"
)

var noon = at("2026-11-21T12:00:00.5+08:00")

func aSale() ledger.Sale {
	return ledger.Sale{
		ID: "20261121-0042", Reference: "R-7", State: ledger.SaleOpen, Day: "2026-11-21", Shift: "S000012",
		Operator: "1001", Currency: money.CNY, OpenedAt: noon,
		Lines: []ledger.Line{
			{No: 1, Code: "6901285991219", Name: "怡宝 555ml", NameEn: "C'estbon 555 ml", Unit: "瓶", Quantity: 2000, Price: money.Fen(200), Amount: money.Fen(400)},
			{No: 2, Name: "误扫", Quantity: 1000, Price: money.Fen(100), Amount: money.Fen(100), Removed: true},
			{No: 3, Name: "散装苹果", Quantity: 512, Price: money.Fen(998), Amount: money.Fen(511), Discount: money.Fen(11), Reason: "品相", Weighed: true},
		},
		Total: money.Fen(900), Paid: money.Fen(100), Refunded: money.Fen(0), Payments: []string{"20261121-0042-1"}, Open: "20261121-0042-2",
	}
}

func aPayment() ledger.Payment {
	return ledger.Payment{
		ID: "20261121-0042-1", Sale: "20261121-0042", Order: "T01a2b3c", Day: "2026-11-21", Shift: "S000012", Operator: "1001",
		Channel: "alipay", Amount: money.Fen(1136), CodeMask: "28…34", State: ledger.PaymentPaid,
		AcquirerReference: "2026112122001", Payer: "138****5678", Funding: "PCREDIT", Instalments: 3,
		StartedAt: noon, EndedAt: noon.Add(2 * time.Second), Attempt: json.RawMessage(`{"secret":"state"}`),
	}
}

func aReport(kind string) ledger.Report {
	shift := ledger.Shift{ID: "S000012", Number: 12, Operator: "1001", Day: "2026-11-21", OpenedAt: noon, Float: money.Fen(50000), From: 17}
	r := ledger.Report{
		Kind: kind, Store: "S1", Till: "01", Currency: money.CNY, Shift: shift, At: noon.Add(time.Hour), From: 17, To: 99,
		Sales: 2, Gross: money.Fen(2136), Refunds: money.Fen(100), Net: money.Fen(2036),
		Channels:  []ledger.Total{{Name: "alipay", Count: 1, Amount: money.Fen(1136)}, {Name: "cash", Count: 1, Amount: money.Fen(1000), RefundCount: 1, Refunds: money.Fen(100)}},
		Operators: []ledger.Total{{Name: "1001", Count: 2, Amount: money.Fen(2136)}},
		Cash:      ledger.CashCount{Float: money.Fen(50000), Sales: money.Fen(1000), Refunds: money.Fen(100), Expected: money.Fen(50900)},
		Doubtful:  1, DoubtSum: money.Fen(500), Drawer: 3, GrandTotal: money.Fen(9000000), Head: ledger.Head{Number: 99},
	}
	if kind == "Z" {
		r.Number, r.Shift.Z, r.Shift.To, r.Shift.ClosedAt, r.Shift.Counted = 7, 7, 99, noon.Add(time.Hour), money.Fen(50900)
		r.Cash.Counted = money.Fen(50900)
	}
	return r
}

func TestResults(t *testing.T) {
	sale, paid := aSale(), aPayment()
	cash := ledger.Payment{
		ID: "20261121-0043-1", Sale: "20261121-0043", Order: "T01a2b3d", Channel: "cash", Amount: money.Fen(1000),
		Tendered: money.Fen(5000), Change: money.Fen(4000), State: ledger.PaymentPaid, StartedAt: noon, EndedAt: noon,
	}
	doubt := ledger.Payment{
		ID: "20261121-0044-1", Sale: "20261121-0044", Order: "T01a2b3e", Channel: "wechat", Amount: money.Fen(500),
		State: ledger.PaymentChecking, Reason: string(payment.NoAnswer), StartedAt: noon,
	}
	refund := ledger.Refund{
		ID: "20261121-0042-1-R1", Payment: paid.ID, Sale: paid.Sale, Number: "T01r1", Channel: "alipay", Amount: money.Fen(100),
		Cause: "坏了", State: ledger.RefundPending, Reason: string(payment.RefundWorking), StartedAt: noon,
	}
	entry := ledger.Entry{
		Number: 17, Kind: ledger.KindDrawerOpened, Time: noon, Monotonic: 5, Day: "2026-11-21", Till: "01", Operator: "1001",
		Payload: json.RawMessage(`{"cause":"换零钱"}`),
	}
	item := goods.Item{Code: "6901285991219", Name: "怡宝 555ml", NameEn: "C'estbon 555 ml", Initials: "yb555ml", Unit: "瓶", Price: money.Fen(200)}
	var out strings.Builder
	for _, c := range []struct {
		method string
		result till.Result
	}{
		{"till.hello", nil},
		{"operator.login", till.Operator{ID: "1001", Name: "王芳", Role: till.Manager}},
		{"operator.logout", nil},
		{"shift.open", aReport("X").Shift},
		{"shift.close", aReport("Z")},
		{"sale.get", sale},
		{"sale.list", []ledger.Sale{sale}},
		{"sale.list", []ledger.Sale(nil)},
		{"sale.scan", till.Scanned{Kind: till.ScanGoods, Line: 1, Sale: &sale}},
		{"sale.scan", till.Scanned{Kind: till.ScanPayCode, Channel: payment.Alipay, Mask: "28…34", Confirm: money.Fen(100000)}},
		{"sale.scan", till.Scanned{Kind: till.ScanPayCode, Channel: payment.Alipay, Payment: &paid}},
		{"sale.scan", till.Scanned{Kind: till.ScanUnreadable}},
		{"payment.get", paid},
		{"payment.get", cash},
		{"payment.get", doubt},
		{"payment.query", till.Asked{Payment: paid, Heard: true, Outcome: payment.Reversed, Detail: "TRADE_CLOSED"}},
		{"payment.query", till.Asked{Payment: doubt, Heard: true, Reason: payment.SystemBusy}},
		{"payment.query", till.Asked{Payment: cash, Nobody: true}},
		{"payment.list", []ledger.Payment{doubt, cash}},
		{"payment.doubles", []till.Double{{Payment: cash, Earlier: doubt, Why: till.DoublePayer}}},
		{"refund.get", refund},
		{"receipt.print", till.Printed{Job: "j1", Copy: 2}},
		{"receipt.text", "小票\n合计 11.36\n"},
		{"report.x", aReport("X")},
		{"report.z", aReport("Z")},
		{"journal.list", []ledger.Entry{entry}},
		{"goods.search", []goods.Item{item}},
		{"card.settle", ledger.CardsSettled{Batch: "000007", Agrees: true, Sales: money.Fen(1136), SaleCount: 1, Returns: money.Fen(0)}},
		{"journal.sync", till.Synced{Journal: &upload.Status{Left: 3, Cause: upload.Unreachable}, CardsOwed: true}},
		{"journal.sync", till.Synced{Cards: &ledger.CardsSettled{
			Batch: "000008", Sales: money.Fen(1136), SaleCount: 1, Returns: money.Fen(36), ReturnCount: 1, Uploaded: 2,
			Compared: true, BookSales: money.Fen(1136), BookSaleCount: 1, BookReturns: money.Fen(0), Unmatched: []string{"20261121_0042_01_ab_1_r1"},
		}}},
	} {
		core := newFake(func(context.Context, till.Command) (till.Result, error) { return c.result, nil })
		params := "{}"
		if c.method == "shift.open" {
			params = `{"float":0}`
		} else if c.method == "shift.close" {
			params = `{"counted":50900}`
		}
		answers := exchange(t, core, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, c.method, params))
		fmt.Fprintf(&out, "%s\n%s\n", c.method, indent(t, parse(t, answers[0])))
	}
	golden(t, "results.golden", out.String())
}

func indent(t *testing.T, r reply) string {
	t.Helper()
	if r.Error != nil {
		t.Fatalf("error %+v", r.Error)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, r.Result, "  ", "  "); err != nil {
		t.Fatal(err)
	}
	return "  " + b.String()
}

func aSnapshot() *till.Snapshot {
	sale, paid := aSale(), aPayment()
	open := paid
	open.ID, open.State, open.Present, open.Channel, open.Funding, open.EndedAt = "20261121-0042-2", ledger.PaymentWaiting, true, "wechat", "", time.Time{}
	shift := aReport("X").Shift
	return &till.Snapshot{
		Version: 41, Identity: identity, Ready: true,
		Trouble:  &till.Fault{Code: till.FaultDiskFull},
		Operator: &till.Operator{ID: "1001", Name: "王芳", Role: till.Cashier},
		SignIn:   []till.SignIn{{Operator: till.Operator{ID: "1001", Name: "王芳", Role: till.Manager}, PIN: "246810"}},
		Shift:    &shift,
		Today:    till.Day{Date: "2026-11-21", Sales: 2, Gross: money.Fen(2136), ByChannel: aReport("X").Channels},
		Sale:     &sale,
		Attempt: &till.Attempt{
			Payment: open, Phase: payment.Shown, OrderCode: "weixin://wxpay/bizpayurl?pr=x", ShownUntil: noon.Add(2 * time.Minute),
			Asked: 3, AskedAt: noon.Add(9 * time.Second), NextAsk: noon.Add(12 * time.Second),
		},
		Held: []ledger.Sale{}, Doubt: []till.Attempt{{Payment: open, Phase: payment.Shown}},
		Methods: []till.Method{{Channel: payment.WeChat, Charge: true, Present: true}, {Channel: payment.Cash, Charge: true}},
		Links:   []till.Link{{Name: "network", State: till.LinkUp, Since: noon}, {Name: "card", State: till.LinkOff}},
		Devices: []till.Device{
			{Kind: till.DeviceScanner, Name: "counter", Line: "serial", State: till.LinkUp, Since: noon},
			{Kind: till.DeviceScanner, Name: "store", Line: "evdev", State: till.LinkDown, Trouble: "gone", Since: noon},
		},
		LoneScan: &till.LoneScan{At: noon, Device: "counter", Scanned: till.Scanned{Kind: till.ScanPayCode, Channel: payment.WeChat, Mask: "13…34"},
			Fault: &till.Fault{Code: till.FaultSaleEmpty}},
		Space:  &till.Space{Free: 60 << 20, Level: doctor.Full, Limits: doctor.Limits{Warn: 512 << 20, Stop: 64 << 20}},
		Unsent: 2, Printing: "queued",
		Notices: []till.Notice{{At: noon, Code: till.NoticeSettled, Args: []any{paid.ID, "paid"}, Payment: paid.ID},
			{At: noon, Code: till.NoticeSpaceFull, Args: []any{doctor.Bytes(60 << 20), doctor.Bytes(72 << 20)}}},
	}
}

func TestSnapshot(t *testing.T) {
	core := newFake(nil)
	core.snapshot = aSnapshot()
	golden(t, "snapshot.golden", indent(t, parse(t, exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":"till.snapshot"}`)[0]))+"\n")
}

// TestNoSecretLeaves: PINs outside the sandbox, pay codes and the attempt's
// inner state have no field to leave by.
func TestNoSecretLeaves(t *testing.T) {
	core := newFake(func(context.Context, till.Command) (till.Result, error) { return aPayment(), nil })
	core.snapshot = aSnapshot()
	core.snapshot.Identity.Sandbox = false
	answers := strings.Join(exchange(t, core,
		`{"jsonrpc":"2.0","id":1,"method":"till.snapshot"}`,
		`{"jsonrpc":"2.0","id":2,"method":"sale.pay","params":{"method":"auto","code":"281234567890123434"}}`,
		`{"jsonrpc":"2.0","id":3,"method":"sale.pay","params":{"method":"auto","code":281234567890123434}}`,
		`{"jsonrpc":"2.0","id":4,"method":"operator.login","params":{"operator":"1001","pin":246810}}`,
	), "\n")
	for _, secret := range []string{"246810", "281234567890123434", "secret"} {
		if strings.Contains(answers, secret) {
			t.Errorf("%s left the till:\n%s", secret, answers)
		}
	}
}

// An amount that overflowed is an error, never a wrong number.
func TestInvalidAmountIsAnError(t *testing.T) {
	sale := aSale()
	sale.Total = money.Fen(money.Limit).Add(money.Fen(1))
	core := newFake(func(context.Context, till.Command) (till.Result, error) { return sale, nil })
	if r := parse(t, exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":"sale.get"}`)[0]); r.Error == nil || r.Error.Data.Code != "internal" {
		t.Errorf("answered %s", r.Result)
	}
}

// Above the threshold a device's scan charges nothing, and whoever reads the
// snapshot is told, with a way out that needs no code.
func TestALoneScanThatMustBeConfirmed(t *testing.T) {
	for tag, says := range map[lang.Tag]string{lang.Chinese: "没有收款", lang.English: "Nothing was charged"} {
		s := &session{texts: lang.Must(tag)}
		l := &till.LoneScan{At: noon, Device: "counter", Scanned: till.Scanned{Kind: till.ScanPayCode, Channel: payment.WeChat, Mask: "13…34", Confirm: money.Fen(150000)}}
		v := s.loneScanView(l)
		if v.Payment != "" || v.Confirm.Minor() != 150000 || !strings.Contains(v.Say, says) || !strings.Contains(v.Hint, "confirm_above") {
			t.Errorf("%s: %+v", tag, v)
		}
	}
}

// What waits for its turn is asked at no time that anybody knows.
func TestAPaymentThatWaitsForItsTurn(t *testing.T) {
	core := newFake(nil)
	core.show(func(v *till.Snapshot) {
		p := aPayment()
		p.State = ledger.PaymentChecking
		v.Doubt = []till.Attempt{{Payment: p, Turn: true}}
	})
	got := exchange(t, core, `{"jsonrpc":"2.0","id":1,"method":"till.snapshot"}`)[0]
	if !strings.Contains(got, `"next":"queued","next_say":"正在排队`) || strings.Contains(got, `"next_ask"`) {
		t.Error(got)
	}
}
